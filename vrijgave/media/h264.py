"""Which packets of H.264 begin a picture (ITU-T H.264, 7.3.2 and 7.3.3). In the child."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from vrijgave.media.bits import Bits

SLICE, IDR_SLICE, SEQUENCE, PICTURE = 1, 5, 7, 8
REMARKS = frozenset(range(6, 13))
"""Kinds of units that hold no part of a picture: headers, delimiters, fillers."""
KIND = 31
"""The bits of a unit's first byte that tell its kind."""
MOST = 1024
"""So many bytes of a unit are enough for all that is read of it."""
HIGH_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
YUV444 = 3
AVCC, AVCC_HEAD = 1, 6
START = b"\0\0\1"
BROKEN = b"\0"
"""Stands for a unit that is longer than its packet."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What has to be known of a sequence to read its slices."""

    frame_number_bits: int
    separate_colours: bool
    frames_only: bool


@dataclass(frozen=True, slots=True)
class _Coded:
    """A coded frame, or one field of it: ``bottom`` or not; None for a frame."""

    frame_number: int
    bottom: bool | None

    def completes(self, before: _Coded | None) -> bool:
        """Whether ``before`` was the other field of the same frame."""
        return self.bottom is not None and before == _Coded(self.frame_number, not self.bottom)


class _Part(Enum):
    """What a unit is to the packet that it lies in."""

    REMARK = auto()
    BEGINNING = auto()
    SECOND_FIELD = auto()
    UNKNOWN = auto()
    """No first slice, or one that cannot be read."""


class H264Packets:
    """Looks at the packets of one stream in decoding order."""

    def __init__(self, extradata: bytes | None) -> None:
        self._sequences: dict[int, _Sequence] = {}
        self._pictures: dict[int, int] = {}
        self._open: _Coded | None = None
        """The field whose other half has not come yet."""
        self._length_bytes = 0
        data = extradata or b""
        if data[:1] == bytes([AVCC]) and len(data) > AVCC_HEAD:
            self._length_bytes = (data[4] & 3) + 1
        for unit in _units_of_avcc(data) if self._length_bytes else _units(data, 0):
            self._learn(unit)
        self._frames_only = bool(self._sequences) and all(known.frames_only for known in self._sequences.values())

    def begin_picture(self, packet: bytes) -> bool:
        """False where ``packet`` holds nothing but remarks, or the second field of what the packet before began.

        True in any doubt: what is counted and never comes is covered.
        """
        if self._frames_only:
            return not self.are_remarks(packet)
        parts = {self._part(unit) for unit in _units(packet, self._length_bytes)}
        return _Part.BEGINNING in parts or not (_Part.SECOND_FIELD in parts or parts == {_Part.REMARK})

    def are_remarks(self, packet: bytes) -> bool:
        """Whether nothing in ``packet`` is part of a picture."""
        empty = True
        for unit in _units(packet, self._length_bytes):
            if unit[0] & KIND not in REMARKS:
                return False
            empty = False
        return not empty

    def _part(self, unit: bytes) -> _Part:
        if unit[0] & KIND in REMARKS:
            self._learn(unit)
            return _Part.REMARK
        coded = self._coded(unit)
        if coded is None:
            return _Part.UNKNOWN
        completes = coded.completes(self._open)
        self._open = None if completes else coded
        return _Part.SECOND_FIELD if completes else _Part.BEGINNING

    def _coded(self, unit: bytes) -> _Coded | None:
        """What the slice ``unit`` is part of; None unless it is the first slice, and one that can be read."""
        if unit[0] & KIND not in (SLICE, IDR_SLICE):
            return None
        bits = _plain(unit)
        try:
            first_block, _kind, picture = bits.number(), bits.number(), bits.number()
            sequence = self._sequences[self._pictures[picture]]
            bits.take(2 if sequence.separate_colours else 0)
            frame_number = bits.take(sequence.frame_number_bits)
            is_field = not sequence.frames_only and bits.flag()
            bottom = bits.flag() if is_field else None
        except (EOFError, KeyError):
            return None
        return None if first_block else _Coded(frame_number, bottom)

    def _learn(self, unit: bytes) -> None:
        """Remember what a sequence or picture header says."""
        bits = _plain(unit)
        try:
            if unit[0] & KIND == SEQUENCE:
                profile, _levels, number = bits.take(8), bits.take(16), bits.number()
                self._sequences[number] = _sequence(bits, profile)
            elif unit[0] & KIND == PICTURE:
                number = bits.number()
                self._pictures[number] = bits.number()
        except EOFError:
            return


def _plain(unit: bytes) -> Bits:
    """The bits behind the first byte, without those that keep start codes out of the data."""
    return Bits(unit[1:].replace(b"\0\0\3", b"\0\0"))


def _sequence(bits: Bits, profile: int) -> _Sequence:
    """The rest of a sequence header, behind its number."""
    separate = _skip_high(bits) if profile in HIGH_PROFILES else False
    frame_number_bits = bits.number() + 4
    _skip_order(bits)
    bits.number()  # reference frames
    bits.flag()  # gaps allowed
    bits.number()  # width
    bits.number()  # height
    return _Sequence(frame_number_bits, separate, bits.flag())


def _skip_high(bits: Bits) -> bool:
    """What the high profiles add; whether colours are coded separately."""
    colours = bits.number()
    separate = colours == YUV444 and bits.flag()
    bits.number()  # depth of luma
    bits.number()  # depth of chroma
    bits.flag()  # lossless
    if bits.flag():
        for index in range(12 if colours == YUV444 else 8):
            if bits.flag():
                _skip_scaling(bits, 16 if index < 6 else 64)
    return separate


def _skip_scaling(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: Bits) -> None:
    """How the order of the pictures is told."""
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.flag()
        for _ in range(2):
            bits.signed()
        for _ in range(bits.number()):
            bits.signed()


def _units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """The beginnings of the units in ``data``: behind start codes, or behind their lengths."""
    place = 0
    if not length_bytes:
        while (start := data.find(START, place)) >= 0:
            place = start + len(START)
            if unit := data[place : place + MOST]:
                yield unit
        return
    while place + length_bytes < len(data):
        size = int.from_bytes(data[place : place + length_bytes], "big")
        place += length_bytes
        if size:
            yield data[place : place + min(size, MOST)] if place + size <= len(data) else BROKEN
        place += size


def _units_of_avcc(data: bytes) -> Iterator[bytes]:
    """The sequence and picture headers in the record that MP4 and Matroska keep beside the stream."""
    place = AVCC_HEAD - 1
    for mask in (31, 255):
        count = data[place] & mask if place < len(data) else 0
        place += 1
        for _ in range(count):
            size = int.from_bytes(data[place : place + 2], "big")
            if unit := data[place + 2 : place + 2 + size]:
                yield unit
            place += 2 + size
