"""What a file holds and when, listed with PyAV alone: nothing of the product has a part in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from clips import number_of

LOUD = 0.05
RED = 60
"""Levels by which the marker's red lies above its green and blue, less what coding takes away."""


@dataclass(frozen=True)
class Heard:
    """First and last moment of a sound stream, and when it first gets loud, in seconds of the file's clock."""

    start: Fraction
    end: Fraction
    onset: float | None
    rate: int


@dataclass(frozen=True)
class Listing:
    """A file as a player shows it."""

    streams: tuple[str, ...]
    times: tuple[Fraction, ...]
    numbers: tuple[int, ...]
    greys: tuple[float, ...]
    """Spread (standard deviation) of the levels of each picture: next to nothing where all is covered."""
    reds: tuple[int, ...]
    """Pixels of the marker that show, in each picture."""
    end: Fraction
    size: tuple[int, int]
    shape: Fraction
    heard: Heard | None


def listed(path: Path) -> Listing:
    """All of a video that decodes without errors."""
    with av.open(str(path)) as container:
        streams = tuple(stream.type for stream in container.streams)
        video = container.streams.video[0]
        pictures = [
            (frame.pts * frame.time_base, frame.to_ndarray(format="bgr24")) for frame in container.decode(video)
        ]
        size, shape = (video.width, video.height), video.sample_aspect_ratio or Fraction(1)
    return Listing(
        streams=streams,
        times=tuple(time for time, _ in pictures),
        numbers=tuple(number_of(picture) for _, picture in pictures),
        greys=tuple(float(picture.std()) for _, picture in pictures),
        reds=tuple(len(red_pixels(picture)) for _, picture in pictures),
        end=_end(path),
        size=size,
        shape=shape,
        heard=heard(path),
    )


def red_pixels(picture: np.ndarray) -> np.ndarray:
    """(y, x) of each pixel of the marker in a BGR picture."""
    levels = picture.astype(int)
    return np.argwhere(levels[..., 2] - levels[..., :2].max(axis=2) > RED)


def start(path: Path) -> Fraction:
    """When the first picture of a file is due, by its packets."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size and p.pts is not None and not p.is_discard]
        return min(packet.pts for packet in packets) * packets[0].time_base


def heard(path: Path) -> Heard | None:
    """The first sound stream, as decoded."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        first, last, onset = None, Fraction(0), None
        for frame in container.decode(audio=0):
            begin = frame.pts * frame.time_base
            first = begin if first is None else first
            last = max(last, begin + Fraction(frame.samples, frame.sample_rate))
            samples = frame.to_ndarray()
            level = np.abs(samples.astype(np.float64)) / (
                1 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max
            )
            channels = 1 if frame.format.is_planar else frame.layout.nb_channels
            loud = np.flatnonzero(level.max(axis=0) > LOUD)
            if onset is None and loud.size:
                onset = float(begin) + loud[0] / channels / frame.sample_rate
        assert first is not None
        return Heard(first, last, onset, frame.sample_rate)


def _end(path: Path) -> Fraction:
    """When the last picture of an MP4 ends, by the edit list of its video track (ISO/IEC 14496-12, 8.6.6)."""
    boxes = dict(_boxes(path.read_bytes(), b""))
    ticks = int.from_bytes(boxes[b"moov/mvhd"][12:16], "big")
    edits = boxes[b"moov/trak/edts/elst"]
    assert edits[0] == 0
    lengths = (int.from_bytes(edits[at : at + 4], "big") for at in range(8, len(edits), 12))
    return Fraction(sum(lengths), ticks)


def _boxes(data: bytes, parent: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(path, content) of the boxes in ``data``, those of the first track alone."""
    at = 0
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content = data[at + 8 : at + size]
        if name in (b"moov", b"trak", b"edts"):
            yield from _boxes(content, parent + name + b"/")
        else:
            yield parent + name, content
        if name == b"trak":
            return
        at += size
