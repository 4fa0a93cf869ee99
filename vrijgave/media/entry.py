"""Where decoding may begin within a file and give the same pictures as from its beginning. In the child."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from vrijgave.media.source import is_out_of_memory
from vrijgave.media.timeline import Timeline

START_CODE = b"\0\0\1"
JPEG_TABLES = (b"\xff\xdb", b"\xff\xc4")
"""Quantisation and Huffman tables."""


class Doubt(Exception):
    """What was read from an entry may not be what a reading from the beginning gives."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A packet that needs none before it but the first of all.

    ``place``: of its picture. ``number``: how many packets of the stream lie before it. ``stamp`` and ``dts`` are in
    the time base of the stream, ``position`` is in bytes.
    """

    place: int
    number: int
    stamp: int
    dts: int
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """The entries of a stream in ascending order, and the timestamp of each of its packets in decoding order."""

    entries: tuple[Entry, ...] = ()
    stamps: array[int] = field(default_factory=lambda: array("q"))

    def before(self, place: int, timeline: Timeline) -> Entry | None:
        """The last one from which the picture at ``place`` can be reached; None: from the beginning only."""
        last = bisect_right(self.entries, place, key=lambda entry: entry.place) - 1
        if last < 1 or timeline.decoding_order:
            return None
        entry = self.entries[last]
        return entry if timeline.stamps[entry.place] == entry.stamp else None


class EntryFinder:
    """Looks at the packets of a picture stream in decoding order.

    An entry is an independent picture before which, in decoding order, lie exactly the pictures that are shown before
    it. There are none in a stream with packets without a time or with a clock that goes back, nor in one whose first
    picture is no entry: it tells a decoder about the stream.
    """

    def __init__(self, codec: str, extradata: bytes | None) -> None:
        self._independence = Independence(codec, extradata or b"")
        self._entries: list[Entry] = []
        self._stamps: array[int] = array("q")
        self._places = 0
        self._latest: float = -math.inf
        self._last_dts: float = -math.inf
        self._usable = True

    def add(self, packet: Packet[Stream], *, begins: bool) -> None:
        """The next packet; ``begins``: a picture that is counted."""
        independent = self._independence.of(packet)
        pts, dts = packet.pts, packet.dts
        if pts is None or (dts is not None and dts < self._last_dts):
            self._usable = False
            return
        while self._entries and self._entries[-1].stamp > pts:
            self._entries.pop()  # this picture is shown before it, and may need pictures before it
        if begins and independent and packet.pos is not None and packet.pos >= 0 and pts > self._latest:
            seek = pts if dts is None else dts
            self._entries.append(Entry(self._places, len(self._stamps), pts, seek, packet.pos))
        self._places += begins
        self._stamps.append(pts)
        self._latest = max(self._latest, pts)
        self._last_dts = self._last_dts if dts is None else dts

    def found(self) -> Entries:
        """All that was found."""
        usable = self._usable and self._entries and self._entries[0].place == 0
        return Entries(tuple(self._entries), self._stamps) if usable else Entries()


class Independence:
    """Which packets need no other: IDR pictures of H.264 and HEVC, JPEGs with their tables. No others are known.

    Parameter sets may be repeated; from where they change on, no packet is independent.
    """

    def __init__(self, codec: str, extradata: bytes) -> None:
        self._codec = codec
        self._prefix = _prefix_length(codec, extradata)
        self._sets: list[bytes] | None = None
        self._changed = False

    def of(self, packet: Packet[Stream]) -> bool:
        """Whether ``packet`` is independent; wants every packet in decoding order."""
        self._changed |= packet.has_sidedata("new_extradata")
        data = bytes(packet)
        match self._codec:
            case "mjpeg":
                return all(table in data for table in JPEG_TABLES)
            case "h264":
                units = [(unit[0] & 31, unit) for unit in _units(data, self._prefix)]
                return self._is_idr(units, pictures=range(1, 6), idr={5}, sets={7, 8})
            case "hevc":
                units = [(unit[0] >> 1 & 63, unit) for unit in _units(data, self._prefix)]
                return self._is_idr(units, pictures=range(32), idr={19, 20}, sets={32, 33, 34})
        return False

    def _is_idr(self, units: list[tuple[int, bytes]], *, pictures: range, idr: set[int], sets: set[int]) -> bool:
        """``units``: (type, content) of a packet; the rest are types (H.264 table 7-1, H.265 table 7-1)."""
        told = [unit for kind, unit in units if kind in sets]
        if self._sets is None:
            self._sets = told
        self._changed |= bool(told) and told != self._sets
        return not self._changed and next((kind for kind, _ in units if kind in pictures), None) in idr


def _prefix_length(codec: str, extradata: bytes) -> int:
    """Bytes of the length before each unit (ISO/IEC 14496-15); 0: start codes."""
    if extradata[:1] != b"\1":
        return 0
    place = {"h264": 4, "hevc": 21}.get(codec, len(extradata))
    return (extradata[place] & 3) + 1 if place < len(extradata) else 0


def _units(data: bytes, prefix: int) -> Iterator[bytes]:
    """The units of a packet, none of them empty."""
    if not prefix:
        yield from filter(None, (unit.rstrip(b"\0") for unit in data.split(START_CODE)[1:]))
        return
    place = 0
    while place < len(data):
        length = int.from_bytes(data[place : place + prefix], "big")
        if unit := data[place + prefix : place + prefix + length]:
            yield unit
        place += prefix + length


def packets_from(
    container: InputContainer, video: VideoStream, entries: Entries, entry: Entry
) -> Iterator[Packet[VideoStream]]:
    """Those up to the first picture, then those from ``entry`` on; ``Doubt`` where they are not those of the scan."""
    try:
        yield from islice(_filled(container, video), entries.entries[0].number + 1)
        container.seek(entry.dts, stream=video)
        yield from _scanned(_after_seek(container, video, entry), entries, entry)
    except av.FFmpegError as error:
        if is_out_of_memory(error):
            raise
        raise Doubt from error


def _after_seek(container: InputContainer, video: VideoStream, entry: Entry) -> Iterator[Packet[VideoStream]]:
    """Packets from ``entry`` on; a container may have moved to one before it."""
    reached = False
    for packet in _filled(container, video):
        reached = reached or (packet.pos, packet.pts) == (entry.position, entry.stamp)
        if reached:
            yield packet
        elif packet.dts is not None and packet.dts > entry.dts:
            break
    if not reached:
        raise Doubt


def _scanned(packets: Iterator[Packet[VideoStream]], entries: Entries, entry: Entry) -> Iterator[Packet[VideoStream]]:
    """``packets``, each at the time at which the scan saw it."""
    for packet, stamp in zip(packets, entries.stamps[entry.number :], strict=False):
        if packet.pts != stamp:
            raise Doubt
        yield packet


def _filled(container: InputContainer, video: VideoStream) -> Iterator[Packet[VideoStream]]:
    return (packet for packet in container.demux(video) if packet.size)
