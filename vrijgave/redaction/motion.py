"""How picture content moves from one frame to the next, forward and backward: sparse optical flow inside boxes, and the
movement of the picture as a whole, which a panning or shaking camera makes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray
from vrijgave.redaction.sight import Grey

POINTS = 5  # points a side of the grid inside a box
WINDOW = (16, 12)
"""Pixels around a point that are looked for in the other picture. Vector units take eight of a row at once, so that 16
columns take half the time of 15; of 12 rows they follow as well as of 16."""
LEVELS = 3
LEAST_VIEW = 30  # pixels of a side of the surroundings in which a box can be followed
CORE = 0.8  # share of the box in which points lie: the rim belongs to the background
AGREEMENT = 0.35  # share of the points that must come back to where they started
CAMERA_WIDTH = 480
"""The movement of the whole picture is measured at this width at most ..."""
CAMERA_POINTS = (16, 9)  # ... at so many points
CAMERA_AGREEMENT = 0.4  # share of them that must move alike
CAMERA_MISS = 2.0  # pixels of that width
Affine = NDArray[np.float64]
"""``(2, 3)``: where a pixel of one frame lies in another."""


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Boxes after one step: ``xyxy`` ``(N, 4)`` and ``sure`` bool ``(N,)``; a box that is not sure stayed in place."""

    xyxy: BoxArray
    sure: NDArray[np.bool_]


class Motion(Protocol):
    """Follows boxes over neighbouring frames."""

    def camera(self, xyxy: BoxArray) -> BoxArray:
        """Boxes of the frame before in the current frame, if they stood still and only the camera moved."""

    def forward(self, xyxy: BoxArray) -> Moved:
        """Boxes of the frame before, in the current frame."""

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """Boxes of ``frame``, in the frame before it; None where that picture is no longer at hand."""


class FlowMotion:
    """Optical flow over the last ``memory`` pictures; ``add`` each picture in order."""

    def __init__(self, memory: int) -> None:
        self._pictures: deque[tuple[int, Grey, float]] = deque(maxlen=memory)
        self._cameras: deque[Affine | None] = deque(maxlen=memory)
        """How the picture moved as a whole to get to each of them; None where that is not clear."""

    def add(self, frame: int, grey: Grey, scale: float = 1.0) -> None:
        """Take in the next picture: its brightness, ``scale`` times as large as the frame."""
        self._cameras.append(_camera(self._pictures[-1][1], grey, scale) if self._pictures else None)
        self._pictures.append((frame, grey, scale))

    def repeat(self, frame: int) -> None:
        """A frame without a picture: as if nothing moved."""
        if self._pictures:
            _before, grey, scale = self._pictures[-1]
            self._pictures.append((frame, grey, scale))
            self._cameras.append(None)

    def forget(self) -> None:
        """A cut: nothing before the next picture belongs to it."""
        self._pictures.clear()
        self._cameras.clear()

    def camera(self, xyxy: BoxArray) -> BoxArray:
        """Boxes of the frame before in the current frame, if they stood still and only the camera moved."""
        moved = self._cameras[-1] if self._cameras else None
        return xyxy.copy() if moved is None else _carried(xyxy, moved)

    @property
    def unsteady(self) -> bool:
        """True where the last step has no one movement of the picture as a whole."""
        return len(self._cameras) > 1 and self._cameras[-1] is None

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
        moved, camera = _moved_near(now[1], before[1], xyxy, now[2]), self._cameras[position]
        if camera is not None and not moved.sure.all():
            back = np.asarray(cv2.invertAffineTransform(camera), np.float64)
            moved.xyxy[~moved.sure] = _carried(xyxy[~moved.sure], back)
        return moved


def _camera(before: Grey, now: Grey, scale: float) -> Affine | None:
    """The movement of the picture as a whole, in pixels of the frame; None where the points do not agree."""
    small = min(1.0, CAMERA_WIDTH / before.shape[1])
    if small < 1:
        before, now = (
            np.asarray(cv2.resize(picture, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), np.uint8)
            for picture in (before, now)
        )
    height, width = before.shape
    across, down = (np.linspace(0.04, 0.96, count) for count in CAMERA_POINTS)
    x, y = np.meshgrid(across * width, down * height)
    start = np.stack([x, y], axis=2).reshape(-1, 2).astype(np.float32)
    end, good = _flow(before, now, start)
    if good.sum() < CAMERA_AGREEMENT * len(start):
        return None
    moved, inliers = cv2.estimateAffinePartial2D(start[good], end[good], ransacReprojThreshold=CAMERA_MISS)
    if moved is None or inliers.sum() < CAMERA_AGREEMENT * len(start):
        return None
    affine = np.asarray(moved, np.float64)
    affine[:, 2] /= small * scale
    return affine


def _carried(xyxy: BoxArray, affine: Affine) -> BoxArray:
    """Boxes moved and scaled by ``affine``; a turn moves their centres but does not turn them."""
    centre, half = (xyxy[:, :2] + xyxy[:, 2:]) / 2, (xyxy[:, 2:] - xyxy[:, :2]) / 2
    centre = centre @ affine[:, :2].T + affine[:, 2]
    half = half * float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _moved_near(source: Grey, target: Grey, xyxy: BoxArray, scale: float) -> Moved:
    """As ``_moved`` for few boxes: looks at the surroundings of each box alone."""
    results = [_moved_one(source, target, box, scale) for box in xyxy]
    return Moved(
        np.concatenate([moved.xyxy for moved in results]).reshape(-1, 4),
        np.concatenate([moved.sure for moved in results]),
    )


def _moved_one(source: Grey, target: Grey, box: BoxArray, scale: float) -> Moved:
    x0, y0, x1, y1 = (float(v) * scale for v in box)
    margin = max(32.0, 0.75 * max(x1 - x0, y1 - y0))
    left, top = max(0, int(x0 - margin)), max(0, int(y0 - margin))
    right, bottom = int(x1 + margin) + 1, int(y1 + margin) + 1
    near, there = source[top:bottom, left:right], target[top:bottom, left:right]
    if min(near.shape) < LEAST_VIEW:
        return Moved(box[None], np.zeros(1, np.bool_))
    offset = np.array([left, top, left, top], np.float32) / scale
    moved = _moved(near, there, (box - offset)[None], scale)
    return Moved((moved.xyxy + offset).astype(np.float32), moved.sure)


def _moved(source: Grey, target: Grey, xyxy: BoxArray, scale: float) -> Moved:
    """Boxes of ``source`` in ``target``; both grey, ``scale`` times as large as the frame the boxes are in."""
    if len(xyxy) == 0:
        return Moved(xyxy, np.zeros(0, np.bool_))
    start = _grid(xyxy * np.float32(scale))
    there, found = _flow(source, target, start.reshape(-1, 2))
    back, returned = _flow(target, source, there)
    end = there.reshape(start.shape)
    miss = np.linalg.norm(back.reshape(start.shape) - start, axis=2)
    size = np.minimum(xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]) * scale
    good = (found & returned).reshape(miss.shape)
    good &= miss < np.maximum(0.7, size / 25)[:, None]
    sure = good.mean(axis=1) >= AGREEMENT
    boxes = xyxy.copy()
    boxes[sure] = _shifted(xyxy[sure], start[sure] / scale, end[sure] / scale, good[sure])
    return Moved(boxes, sure)


def _flow(source: Grey, target: Grey, points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where ``points`` ``(N, 2)`` of ``source`` are in ``target``, and which of them were found."""
    end, found, _error = cv2.calcOpticalFlowPyrLK(source, target, points, None, winSize=WINDOW, maxLevel=LEVELS)  # type: ignore[call-overload]
    return np.asarray(end, np.float32), found[:, 0] == 1


def _grid(xyxy: BoxArray) -> NDArray[np.float32]:
    """Points ``(N, POINTS², 2)`` spread over the core of each box."""
    share = np.linspace(0.5 - CORE / 2, 0.5 + CORE / 2, POINTS, dtype=np.float32)
    column, row = (axis.reshape(1, -1) for axis in np.meshgrid(share, share))
    x = xyxy[:, 0:1] + column * (xyxy[:, 2:3] - xyxy[:, 0:1])
    y = xyxy[:, 1:2] + row * (xyxy[:, 3:4] - xyxy[:, 1:2])
    return np.ascontiguousarray(np.stack([x, y], axis=2), np.float32)


def _shifted(xyxy: BoxArray, start: NDArray[np.float32], end: NDArray[np.float32], good: NDArray[np.bool_]) -> BoxArray:
    """Boxes ``(N, 4)`` moved by the median shift and scaled by the median change of the spread of their points
    ``(N, P, 2)``; only those that are ``good`` ``(N, P)`` count."""
    shift = _medians(end - start, good)
    before, after = (
        np.linalg.norm(points - _medians(points, good)[:, None], axis=2)[..., None] for points in (start, end)
    )
    usable = good & (before[..., 0] > 1)
    growth = _medians(after / np.maximum(before, 1e-6), usable)
    growth = np.clip(np.where(usable.any(axis=1)[:, None], growth, 1), 0.95, 1.05)
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2 + shift
    half = (xyxy[:, 2:] - xyxy[:, :2]) / 2 * growth
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _medians(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Median ``(N, D)`` of those of ``values`` ``(N, P, D)`` that are ``chosen`` ``(N, P)``; anything where none is."""
    ordered = np.sort(np.where(chosen[..., None], values, np.inf), axis=1)
    count = np.maximum(chosen.sum(axis=1), 1)[:, None, None]
    low, high = (np.take_along_axis(ordered, place, axis=1)[:, 0] for place in ((count - 1) // 2, count // 2))
    return np.asarray((low + high) / 2, np.float32)


class StillMotion:
    """Without pictures: nothing is known to move. Pretends to have the pictures since the last cut."""

    def __init__(self) -> None:
        self._first = 0

    def forget(self, frame: int) -> None:
        """A cut: ``frame`` is the first that counts."""
        self._first = frame

    def camera(self, xyxy: BoxArray) -> BoxArray:
        """The boxes in place."""
        return xyxy.copy()

    def forward(self, xyxy: BoxArray) -> Moved:
        """The boxes in place, none of them sure."""
        return Moved(xyxy.copy(), np.zeros(len(xyxy), np.bool_))

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """The boxes in place; None before the first frame that counts."""
        return self.forward(xyxy) if frame > self._first else None
