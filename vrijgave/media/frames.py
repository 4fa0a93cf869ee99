"""The two things that come out of a file in the order of the file: pictures and stretches of sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from vrijgave.domain.media import Colours
from vrijgave.domain.tracks import Image
from vrijgave.media.colours import MATRICES, PIXELS, QUALITY, Plane, planes_of, sample, to_planes

Progress = Callable[[int, int | None], None]
"""Told how much is done, and of how much in all where that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright 8-bit 4:2:0 picture of limited range.

    ``y`` is uint8 ``(H, W)``; ``u`` (Cb) and ``v`` (Cr) are ``(ceil(H / 2), ceil(W / 2))``: one sample for each two by
    two pixels. All three can be written to, and stay of one picture whatever is read after it.
    """

    y: Plane
    u: Plane
    v: Plane
    colours: Colours

    def __post_init__(self) -> None:
        halved = tuple(-(-side // 2) for side in self.y.shape)
        if self.u.shape != halved or self.v.shape != halved:
            raise ValueError(f"planes {self.y.shape}, {self.u.shape} and {self.v.shape} are not 4:2:0")

    @classmethod
    def over(cls, data: NDArray[np.uint8], width: int, height: int, colours: Colours) -> Picture:
        """A view on ``data`` ``(byte_count(width, height),)``: Y, Cb and Cr one after another, row by row."""
        rows, columns = -(-height // 2), -(-width // 2)
        y, u, v = np.split(data, [width * height, width * height + rows * columns])
        return cls(y.reshape(height, width), u.reshape(rows, columns), v.reshape(rows, columns), colours)

    @classmethod
    def filled(cls, width: int, height: int, colours: Colours, bgr: tuple[int, int, int]) -> Picture:
        """A picture of one colour."""
        picture = cls.over(np.empty(byte_count(width, height), np.uint8), width, height, colours)
        for plane, value in zip(picture.planes, sample(bgr, colours), strict=True):
            plane[:] = value
        return picture

    @classmethod
    def of_bgr(cls, image: Image, colours: Colours) -> Picture:
        """``image`` ``(H, W, 3)`` in ``colours``; colour is averaged over two by two pixels."""
        height, width = image.shape[:2]
        even = (
            np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if height % 2 or width % 2 else image
        )
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(even), format="bgr24")
        y, u, v = planes_of(to_planes(frame, frame.width, frame.height, colours))
        return cls(y[:height, :width], u, v, colours)

    @property
    def planes(self) -> tuple[Plane, Plane, Plane]:
        """``y``, ``u`` and ``v``."""
        return self.y, self.u, self.v

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.y.shape[0])

    def bgr(self) -> Image:
        """The picture as BGR ``(H, W, 3)``, which belongs to the caller."""
        bgr = VideoReformatter().reformat(
            self.to_frame(self.width, self.height),
            format="bgr24",
            src_colorspace=MATRICES[self.colours.matrix].space,
            src_color_range=ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=QUALITY,
            threads=1,
        )
        plane = bgr.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(self.height, plane.line_size)
        return np.ascontiguousarray(rows[:, : self.width * 3]).reshape(self.height, self.width, 3)

    def to_frame(self, width: int, height: int) -> VideoFrame:
        """A copy for libav, of this size or one row or column larger: a repetition of the last."""
        frame = VideoFrame(width, height, PIXELS)
        for target, plane in zip(planes_of(frame), self.planes, strict=True):
            rows, columns = plane.shape
            target[:rows, :columns] = plane
            target[:rows, columns:] = plane[:, -1:]
            target[rows:] = target[rows - 1]
        return frame


def byte_count(width: int, height: int) -> int:
    """Bytes of a picture of this size."""
    return width * height + 2 * -(-width // 2) * -(-height // 2)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, upright. ``index`` counts from 0 in presentation order.

    ``pts`` is in the time base of the video and strictly increases. ``picture`` belongs to the caller; None means that
    this picture of the file could not be decoded: cover it, never leave it out.
    """

    index: int
    pts: int
    picture: Picture | None

    @property
    def image(self) -> Image | None:
        """The picture as BGR ``(H, W, 3)``, made anew at each call."""
        return None if self.picture is None else self.picture.bgr()


@dataclass(frozen=True, slots=True, eq=False)
class SoundChunk:
    """A stretch of the first sound stream, at that stream's own sample rate.

    ``start`` is in seconds with the same zero as the pictures' timestamps. ``samples`` is ``(channels, n)`` with one
    or two channels; sound with more channels has been mixed down to two.
    """

    start: Fraction
    samples: NDArray[np.float32]
