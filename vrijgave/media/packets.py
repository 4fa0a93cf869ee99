"""The encoded pictures of a video that we wrote ourselves, without decoding them: to compare files packet by packet."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path

import av

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, eq=False)
class EncodedPictures:
    """In decoding order: ``pts`` in ``time_base`` and, ``DIGEST_BYTES`` each, the ``digests`` of the pictures' packets.

    ``settings`` is what a decoder is told before the first of them.
    """

    settings: bytes
    time_base: Fraction
    pts: array[int]
    digests: bytes


def encoded_pictures(path: Path) -> EncodedPictures:
    """Read a video of ``open_writer`` or ``join_parts``; never footage."""
    pts, digests = array("q"), bytearray()
    with av.open(f"file:{path.absolute()}") as container:
        video = container.streams.video[0]
        for packet in container.demux(video):
            if packet.size and packet.pts is not None:
                pts.append(packet.pts)
                digests += blake2b(bytes(packet), digest_size=DIGEST_BYTES).digest()
        settings = video.codec_context.extradata or b""
        return EncodedPictures(settings, video.time_base or Fraction(1), pts, bytes(digests))
