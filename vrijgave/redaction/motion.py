"""How picture content moves from one frame to the next: sparse optical flow inside boxes, forward and backward."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Image

GREY_WIDTH = 960
"""Pictures are compared at this width at most."""
POINTS = 5  # points a side of the grid inside a box
WINDOW = (15, 15)
LEVELS = 3
CORE = 0.8  # share of the box in which points lie: the rim belongs to the background
AGREEMENT = 0.35  # share of the points that must come back to where they started


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Boxes after one step: ``xyxy`` ``(N, 4)`` and ``sure`` bool ``(N,)``; a box that is not sure stayed in place."""

    xyxy: BoxArray
    sure: NDArray[np.bool_]


class Motion(Protocol):
    """Follows boxes over neighbouring frames."""

    def forward(self, xyxy: BoxArray) -> Moved:
        """Boxes of the frame before, in the current frame."""

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """Boxes of ``frame``, in the frame before it; None where that picture is no longer at hand."""


class FlowMotion:
    """Optical flow over the last ``memory`` pictures; ``add`` each picture in order."""

    def __init__(self, memory: int) -> None:
        self._pictures: deque[tuple[int, Image, float]] = deque(maxlen=memory)

    def add(self, frame: int, image: Image) -> None:
        """Take in the next picture, BGR."""
        scale = min(1.0, GREY_WIDTH / image.shape[1])
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale < 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._pictures.append((frame, np.asarray(grey, np.uint8), scale))

    def repeat(self, frame: int) -> None:
        """A frame without a picture: as if nothing moved."""
        if self._pictures:
            _before, grey, scale = self._pictures[-1]
            self._pictures.append((frame, grey, scale))

    def forget(self) -> None:
        """A cut: nothing before the next picture belongs to it."""
        self._pictures.clear()

    def forward(self, xyxy: BoxArray) -> Moved:
        """Boxes of the frame before, in the current frame."""
        if len(self._pictures) < 2:
            return Moved(xyxy, np.zeros(len(xyxy), np.bool_))
        return _moved(self._pictures[-2][1], self._pictures[-1][1], xyxy, self._pictures[-1][2])

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """Boxes of ``frame``, in the frame before it; None where that picture is no longer at hand."""
        if not self._pictures:
            return None
        position = frame - self._pictures[0][0]
        if not 0 < position < len(self._pictures):
            return None
        now, before = self._pictures[position], self._pictures[position - 1]
        return _moved_near(now[1], before[1], xyxy, now[2])


def _moved_near(source: Image, target: Image, xyxy: BoxArray, scale: float) -> Moved:
    """As ``_moved`` for few boxes: looks at the surroundings of each box alone."""
    results = [_moved_one(source, target, box, scale) for box in xyxy]
    return Moved(
        np.concatenate([moved.xyxy for moved in results]).reshape(-1, 4),
        np.concatenate([moved.sure for moved in results]),
    )


def _moved_one(source: Image, target: Image, box: BoxArray, scale: float) -> Moved:
    x0, y0, x1, y1 = (float(v) * scale for v in box)
    margin = max(32.0, 0.75 * max(x1 - x0, y1 - y0))
    left, top = max(0, int(x0 - margin)), max(0, int(y0 - margin))
    right, bottom = int(x1 + margin) + 1, int(y1 + margin) + 1
    near, there = source[top:bottom, left:right], target[top:bottom, left:right]
    if min(near.shape) < WINDOW[0] * 2:
        return Moved(box[None], np.zeros(1, np.bool_))
    offset = np.array([left, top, left, top], np.float32) / scale
    moved = _moved(near, there, (box - offset)[None], scale)
    return Moved((moved.xyxy + offset).astype(np.float32), moved.sure)


def _moved(source: Image, target: Image, xyxy: BoxArray, scale: float) -> Moved:
    """Boxes of ``source`` in ``target``; both grey, ``scale`` times as large as the frame the boxes are in."""
    if len(xyxy) == 0:
        return Moved(xyxy, np.zeros(0, np.bool_))
    start = _grid(xyxy * np.float32(scale))
    flat = start.reshape(-1, 1, 2)
    there, found, _error = cv2.calcOpticalFlowPyrLK(source, target, flat, None, winSize=WINDOW, maxLevel=LEVELS)  # type: ignore[call-overload]
    back, returned, _error = cv2.calcOpticalFlowPyrLK(target, source, there, None, winSize=WINDOW, maxLevel=LEVELS)  # type: ignore[call-overload]
    end = there.reshape(start.shape)
    miss = np.linalg.norm(back.reshape(start.shape) - start, axis=2)
    size = np.minimum(xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]) * scale
    good = (found.reshape(miss.shape) == 1) & (returned.reshape(miss.shape) == 1)
    good &= miss < np.maximum(0.7, size / 25)[:, None]
    boxes, sure = xyxy.copy(), np.zeros(len(xyxy), np.bool_)
    for i in np.nonzero(good.mean(axis=1) >= AGREEMENT)[0]:
        boxes[i] = _shifted(xyxy[i], start[i][good[i]] / scale, end[i][good[i]] / scale)
        sure[i] = True
    return Moved(boxes, sure)


def _grid(xyxy: BoxArray) -> NDArray[np.float32]:
    """Points ``(N, POINTS², 2)`` spread over the core of each box."""
    share = np.linspace(0.5 - CORE / 2, 0.5 + CORE / 2, POINTS, dtype=np.float32)
    column, row = (axis.reshape(1, -1) for axis in np.meshgrid(share, share))
    x = xyxy[:, 0:1] + column * (xyxy[:, 2:3] - xyxy[:, 0:1])
    y = xyxy[:, 1:2] + row * (xyxy[:, 3:4] - xyxy[:, 1:2])
    return np.ascontiguousarray(np.stack([x, y], axis=2), np.float32)


def _shifted(box: BoxArray, start: NDArray[np.float32], end: NDArray[np.float32]) -> BoxArray:
    """``box`` moved by the median shift and scaled by the median change of the points' spread."""
    shift = np.median(end - start, axis=0)
    spread_before = np.linalg.norm(start - np.median(start, axis=0), axis=1)
    spread_after = np.linalg.norm(end - np.median(end, axis=0), axis=1)
    usable = spread_before > 1
    growth = float(np.median(spread_after[usable] / spread_before[usable])) if usable.any() else 1.0
    growth = min(max(growth, 0.95), 1.05)
    centre = (box[:2] + box[2:]) / 2 + shift
    half = (box[2:] - box[:2]) / 2 * growth
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


class StillMotion:
    """Without pictures: nothing is known to move. Pretends to have the pictures since the last cut."""

    def __init__(self) -> None:
        self._first = 0

    def forget(self, frame: int) -> None:
        """A cut: ``frame`` is the first that counts."""
        self._first = frame

    def forward(self, xyxy: BoxArray) -> Moved:
        """The boxes in place, none of them sure."""
        return Moved(xyxy.copy(), np.zeros(len(xyxy), np.bool_))

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """The boxes in place; None before the first frame that counts."""
        return self.forward(xyxy) if frame > self._first else None
