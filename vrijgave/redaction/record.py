"""What a cover pass saw of its source, so that the proof of its output need not decode the source again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.media import MediaInfo
from vrijgave.media import Frame

MARK_CELLS = 900  # a frame, at most: 26 MiB for 20 minutes at 25 frames a second
MARK_SIDE = 8  # pixels of a cell, at least: in less, what encoding does to an edge looks like another picture
Mark = NDArray[np.uint8]
"""Mean luma of each cell of a picture, ``(rows, columns)``: enough to tell a picture from the one after it."""


@dataclass(frozen=True, slots=True, eq=False)
class CoverRecord:
    """The source as the cover pass read it. Stays in memory: the marks hold what was covered, too.

    ``pts`` int64 ``(N,)`` in the time base of the source, ``marks`` uint8 ``(N, rows, columns)``, a ``Mark`` a frame;
    ``whole`` are the frames, ascending, that were covered from edge to edge.
    """

    source: MediaInfo
    pts: NDArray[np.int64]
    marks: NDArray[np.uint8]
    whole: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.pts)


def joined(records: Iterable[CoverRecord]) -> CoverRecord:
    """The records of consecutive parts of one source, in their order, as that of one pass."""
    parts = list(records)
    starts = np.cumsum([0, *(len(part) for part in parts)])
    return CoverRecord(
        parts[0].source,
        np.concatenate([part.pts for part in parts]),
        np.concatenate([part.marks for part in parts]),
        tuple(int(start) + frame for start, part in zip(starts, parts, strict=False) for frame in part.whole),
    )


class Recorder:
    """Makes a ``CoverRecord`` frame by frame."""

    def __init__(self, source: MediaInfo) -> None:
        self._source = source
        self._shape = cells(source.video.height, source.video.width)[1:]
        self._pts: list[int] = []
        self._marks = bytearray()
        self._whole: list[int] = []

    def add(self, frame: Frame, *, whole: bool) -> None:
        """The next frame, before anything is painted over it."""
        if whole:
            self._whole.append(len(self._pts))
        self._pts.append(frame.pts)
        self._marks += bytes(math.prod(self._shape)) if frame.picture is None else mark(frame.picture.y).tobytes()

    def result(self) -> CoverRecord:
        """All frames so far."""
        marks = np.frombuffer(self._marks, np.uint8).reshape(len(self._pts), *self._shape)
        return CoverRecord(self._source, np.array(self._pts, np.int64), marks, tuple(self._whole))


def mark(luma: NDArray[np.uint8]) -> Mark:
    """The mark of a luma plane ``(H, W)``."""
    side, rows, columns = cells(*luma.shape)
    smaller = luma[: rows * side, : columns * side]
    for share in (2, 4, side):  # means of two by two pixels are made many times as fast as others
        size = (columns * side // share, rows * side // share)
        smaller = np.asarray(cv2.resize(smaller, size, interpolation=cv2.INTER_AREA), np.uint8)
    return smaller


def cells(height: int, width: int) -> tuple[int, int, int]:
    """Side of a cell in pixels, and the rows and columns of whole cells in a picture of that size.

    A multiple of four pixels, for which averaging is several times faster.
    """
    side = max(MARK_SIDE, 4 * math.ceil(math.sqrt(width * height / MARK_CELLS) / 4))
    return side, max(1, height // side), max(1, width // side)
