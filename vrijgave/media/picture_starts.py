"""Telling which packets begin a picture that is shown, from their headers alone. In the child.

Most do. But camcorders (AVCHD) and broadcasters may code the two fields of an H.264 picture in a packet each; recorders
put remarks into packets of their own; VP8 has pictures that are only there for others to build on; and MPEG-4 says with
an empty picture that the one before stays.
"""

from __future__ import annotations

import re
from typing import Protocol

from vrijgave.media.bits import Bits
from vrijgave.media.h264 import H264Packets

VP8_SHOWN = 16
"""The bit of a packet's first byte that tells that its picture is shown (RFC 6386, 9.1)."""
PICTURE, LAYER = b"\0\0\1\xb6", re.compile(rb"\x00\x00\x01[\x20-\x2f]")
PACKED = re.compile(rb"DivX\d+(?:b|Build)\d+p")
"""DivX may put two pictures into one packet and an empty one behind it, so that there is a packet for each picture."""
MOST = 1024
EXTENDED_ASPECT, LIMITS_BITS = 15, 79


class PacketHeaders(Protocol):
    """Looks at the packets of one stream in decoding order."""

    def begin_picture(self, packet: bytes) -> bool:
        """Whether a picture that is shown begins in ``packet``; True in any doubt."""

    def are_remarks(self, packet: bytes) -> bool:
        """Whether nothing in ``packet`` is part of a picture, so that a decoder need not see it."""


def packet_headers(codec: str, extradata: bytes | None) -> PacketHeaders:
    """What looks at the packets of a stream of ``codec``, a name of libav."""
    match codec:
        case "h264":
            return H264Packets(extradata)
        case "mpeg4":
            return _Mpeg4Packets(extradata)
        case "vp8":
            return _Vp8Packets()
        case _:
            return _AnyPackets()


class _AnyPackets:
    def begin_picture(self, packet: bytes) -> bool:
        return True

    def are_remarks(self, packet: bytes) -> bool:
        return False


class _Vp8Packets(_AnyPackets):
    def begin_picture(self, packet: bytes) -> bool:
        return bool(packet[0] & VP8_SHOWN)


class _Mpeg4Packets(_AnyPackets):
    def __init__(self, extradata: bytes | None) -> None:
        self._clock_bits: int | None = None
        self._packed = False
        self._learn(extradata or b"")

    def begin_picture(self, packet: bytes) -> bool:
        """False for a picture that is not coded (ISO/IEC 14496-2, 6.2.5)."""
        start = packet.find(PICTURE)
        self._learn(packet[: max(start, 0)])
        if start < 0 or self._packed or self._clock_bits is None:
            return True
        bits = Bits(packet[start + len(PICTURE) : start + MOST])
        try:
            bits.take(2)  # kind of picture
            while bits.flag():  # whole seconds
                pass
            bits.take(self._clock_bits + 2)  # the moment, between two ones
            return bits.flag()
        except EOFError:
            return True

    def _learn(self, headers: bytes) -> None:
        self._packed = self._packed or PACKED.search(headers) is not None
        found = LAYER.search(headers)
        if found is not None:
            self._clock_bits = _clock_bits(headers[found.end() : found.end() + MOST]) or self._clock_bits


def _clock_bits(layer: bytes) -> int | None:
    """Bits that a moment within a second takes, from a layer's header (ISO/IEC 14496-2, 6.2.3)."""
    bits = Bits(layer)
    try:
        bits.take(9)  # random access, kind of object
        if bits.flag():
            bits.take(7)  # version, priority
        if bits.take(4) == EXTENDED_ASPECT:
            bits.take(16)
        if bits.flag():
            bits.take(3)  # colours, low delay
            if bits.flag():
                bits.take(LIMITS_BITS)
        bits.take(3)  # shape, a one
        return max(1, (bits.take(16) - 1).bit_length())
    except EOFError:
        return None
