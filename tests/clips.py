"""Small clips made with PyAV, for tests: every picture carries its own number, sound is a burst at a known moment."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

BITS = 10
RATE = 48000
CHANNELS = {"mono": 1, "stereo": 2, "5.1": 6}


def numbered(number: int, width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    """A picture with ``number`` as black and white columns in its upper half, grey below."""
    picture = np.full((height, width, 3), 90, np.uint8)
    edges = np.linspace(0, width, BITS + 1).astype(int)
    for bit in range(BITS):
        picture[: height // 2, edges[bit] : edges[bit + 1]] = 235 if number >> bit & 1 else 20
    return picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """The number that ``numbered`` drew."""
    height, width = picture.shape[:2]
    edges = np.linspace(0, width, BITS + 1).astype(int)
    middles = (edges[:-1] + edges[1:]) // 2
    row = picture[height // 8 : height // 4, :, 1].mean(axis=0)
    return sum(1 << bit for bit, column in enumerate(middles) if row[column] > 128)


@dataclass(frozen=True)
class Sound:
    """A tone of ``length`` seconds that begins ``burst_at`` seconds after ``start``, where the stream starts."""

    start: Fraction = Fraction(0)
    length: Fraction = Fraction(2)
    burst_at: Fraction = Fraction(1)
    codec: str = "aac"
    rate: int = RATE
    layout: str = "stereo"
    holes: tuple[tuple[Fraction, Fraction], ...] = ()
    """(from, to) in seconds of the file's clock where no samples are."""

    def samples(self) -> NDArray[np.float32]:
        """(channels, n)."""
        times = np.arange(int(self.length * self.rate)) / self.rate
        tone = np.where(times >= float(self.burst_at), 0.5 * np.sin(2 * np.pi * 997 * times), 0)
        return np.repeat(tone[None].astype(np.float32), CHANNELS[self.layout], axis=0)


@dataclass(frozen=True)
class Clip:
    """How to make a clip. ``pts`` are the pictures' timestamps in ``time_base``."""

    pts: Sequence[int] = tuple(range(25))
    time_base: Fraction = Fraction(1, 25)
    rate: Fraction = Fraction(25)
    size: tuple[int, int] = (160, 96)
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "bf": "2", "g": "12"})
    container_options: dict[str, str] = field(default_factory=dict)
    sound: Sound | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def write(self, path: Path, pictures: Iterable[NDArray[np.uint8]] | None = None) -> Path:
        """Write the clip; the container follows the name of ``path``."""
        with av.open(str(path), "w", container_options=self.container_options) as container:
            container.metadata.update(self.metadata)
            video = container.add_stream(self.codec, rate=self.rate, options=self.options)
            video.width, video.height = self.size
            video.pix_fmt = self.pixel_format
            video.codec_context.time_base = self.time_base
            audio = None
            if self.sound is not None:
                audio = container.add_stream(self.sound.codec, rate=self.sound.rate)
                audio.codec_context.layout = self.sound.layout
            packets = [*self._pictures(video, pictures), *self._sounds(audio)]
            packets.sort(key=lambda packet: (packet.dts if packet.dts is not None else packet.pts) * packet.time_base)
            container.start_encoding()
            container.mux(packets)
        return path

    def _pictures(self, video, pictures):
        source = pictures if pictures is not None else (numbered(i, *self.size) for i in range(len(self.pts)))
        for picture, pts in zip(source, self.pts, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=self.pixel_format)
            frame.pts, frame.time_base = pts, self.time_base
            yield from video.encode(frame)
        yield from video.encode(None)

    def _sounds(self, audio):
        if audio is None:
            return
        sound, samples = self.sound, self.sound.samples()
        first = int(sound.start * sound.rate)
        for position in range(0, samples.shape[1], 1024):
            moment = Fraction(first + position, sound.rate)
            if any(begin <= moment < end for begin, end in sound.holes):
                continue
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[:, position : position + 1024]), format="fltp", layout=sound.layout
            )
            frame.sample_rate, frame.pts, frame.time_base = sound.rate, first + position, Fraction(1, sound.rate)
            yield from audio.encode(frame)
        yield from audio.encode(None)


def stamps(path: Path) -> list[Fraction]:
    """When each picture of ``path`` is shown, as any other program sees it (seconds)."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def onset(path: Path, level: float = 0.05) -> float:
    """The moment (seconds) at which the sound of ``path`` first gets loud, as any other program hears it."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > level)
            if loud.size:
                return float(frame.pts * frame.time_base) + loud[0] / frame.sample_rate
    raise AssertionError("no sound")


def rotate(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Write a display matrix into the video track's header of an MP4 (x' = a x + c y, y' = b x + d y)."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd") + 4
    matrix = header + (52 if data[header] else 40)
    for slot, value in zip((0, 1, 3, 4), (a, b, c, d), strict=True):
        data[matrix + 4 * slot : matrix + 4 * slot + 4] = (value << 16).to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    return path


def unlike_any_other(path: Path, size: int = 64) -> Path:
    """The same video with other bytes: a box that players skip, with ``size`` random ones."""
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", size + 8, b"free") + os.urandom(size))
    return path
