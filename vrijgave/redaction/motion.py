"""How picture content moves from one frame to the next, forward and backward: sparse optical flow inside boxes, and the
movement of the picture as a whole, which a panning or shaking camera makes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
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
ACROSS = np.linspace(0.5 - CORE / 2, 0.5 + CORE / 2, POINTS, dtype=np.float32)
SHARES = np.stack(np.meshgrid(ACROSS, ACROSS), axis=2).reshape(1, POINTS * POINTS, 2)
"""Where the points lie in a box, as shares of its size."""
Points = NDArray[np.float32]
"""Places in a picture, ``(..., 2)``."""
Affine = NDArray[np.float64]
"""``(2, 3)``: where a pixel of one frame lies in another."""


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """Boxes after one step: ``xyxy`` ``(N, 4)`` and ``sure`` bool ``(N,)``; a box that is not sure stayed in place."""

    xyxy: BoxArray
    sure: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """Brightness of one frame, ``scale`` times as large as the frame, and once more as small as the camera needs it."""

    frame: int
    grey: Grey
    small: Grey
    scale: float


class Motion(Protocol):
    """Follows boxes over neighbouring frames."""

    def camera(self, xyxy: BoxArray) -> BoxArray:
        """Boxes of the frame before in the current frame, if they stood still and only the camera moved."""

    def forward(self, xyxy: BoxArray) -> Moved:
        """Boxes of the frame before, in the current frame."""

    def camera_backward(self, frame: int, xyxy: BoxArray) -> BoxArray:
        """Boxes of ``frame`` in the frame before it, which is at hand, if only the camera moved."""

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """Boxes of ``frame``, in the frame before it; None where that picture is no longer at hand."""


class FlowMotion:
    """Optical flow over the last ``memory`` pictures; ``add`` each picture in order."""

    def __init__(self, memory: int) -> None:
        self._pictures: deque[_Picture] = deque(maxlen=memory)
        self._cameras: deque[Affine | None] = deque(maxlen=memory)
        """How the picture moved as a whole to get to each of them; None where that is not clear."""

    def add(self, frame: int, grey: Grey, scale: float = 1.0) -> None:
        """Take in the next picture: its brightness, ``scale`` times as large as the frame."""
        picture = _Picture(frame, grey, _small(grey), scale)
        self._cameras.append(_camera(self._pictures[-1], picture) if self._pictures else None)
        self._pictures.append(picture)

    def repeat(self, frame: int) -> None:
        """A frame without a picture: as if nothing moved."""
        if self._pictures:
            self._pictures.append(replace(self._pictures[-1], frame=frame))
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
        before, now = self._pictures[-2], self._pictures[-1]
        return _moved(before.grey, now.grey, xyxy, now.scale)

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """Boxes of ``frame``, in the frame before it; None where that picture is no longer at hand."""
        if not self._pictures:
            return None
        position = frame - self._pictures[0].frame
        if not 0 < position < len(self._pictures):
            return None
        now, before = self._pictures[position], self._pictures[position - 1]
        return _moved_near(now.grey, before.grey, xyxy, now.scale)

    def camera_backward(self, frame: int, xyxy: BoxArray) -> BoxArray:
        """Boxes of ``frame`` in the frame before it, which is at hand, if only the camera moved."""
        moved = self._cameras[frame - self._pictures[0].frame]
        if moved is None:
            return xyxy.copy()
        return _carried(xyxy, np.asarray(cv2.invertAffineTransform(moved), np.float64))


def _small(grey: Grey) -> Grey:
    """``grey``, at most ``CAMERA_WIDTH`` wide."""
    shrink = CAMERA_WIDTH / grey.shape[1]
    if shrink >= 1:
        return grey
    return np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)


def _camera(before: _Picture, now: _Picture) -> Affine | None:
    """The movement of the picture as a whole, in pixels of the frame; None where the points do not agree."""
    height, width = before.small.shape
    across, down = (np.linspace(0.04, 0.96, count) for count in CAMERA_POINTS)
    x, y = np.meshgrid(across * width, down * height)
    start = np.stack([x, y], axis=2).reshape(-1, 2).astype(np.float32)
    end, good = _flow(before.small, now.small, start)
    if good.sum() < CAMERA_AGREEMENT * len(start):
        return None
    moved, inliers = cv2.estimateAffinePartial2D(start[good], end[good], ransacReprojThreshold=CAMERA_MISS)
    if moved is None or inliers.sum() < CAMERA_AGREEMENT * len(start):
        return None
    affine = np.asarray(moved, np.float64)
    affine[:, 2] *= now.grey.shape[1] / width / now.scale
    return affine


def _carried(xyxy: BoxArray, affine: Affine) -> BoxArray:
    """Boxes moved and scaled by ``affine``; a turn moves their centres but does not turn them."""
    centre, half = (xyxy[:, :2] + xyxy[:, 2:]) / 2, (xyxy[:, 2:] - xyxy[:, :2]) / 2
    centre = centre @ affine[:, :2].T + affine[:, 2]
    half = half * float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _moved(source: Grey, target: Grey, xyxy: BoxArray, scale: float) -> Moved:
    """Boxes of ``source`` in ``target``; both grey, ``scale`` times as large as the frame the boxes are in."""
    start = _grid(xyxy * np.float32(scale))
    end, miss = _there_and_back(source, target, start.reshape(-1, 2))
    return _judged(xyxy, start, end.reshape(start.shape), miss.reshape(start.shape[:2]), scale)


def _moved_near(source: Grey, target: Grey, xyxy: BoxArray, scale: float) -> Moved:
    """As ``_moved`` for few boxes: looks at the surroundings of each box alone."""
    boxes = xyxy * np.float32(scale)
    start = _grid(boxes)
    end, miss = start.copy(), np.full(start.shape[:2], np.inf, np.float32)
    for i, box in enumerate(boxes.tolist()):
        x0, y0, x1, y1 = box
        margin = max(32.0, 0.75 * max(x1 - x0, y1 - y0))
        left, top = max(0, int(x0 - margin)), max(0, int(y0 - margin))
        near = slice(top, int(y1 + margin) + 1), slice(left, int(x1 + margin) + 1)
        if min(source[near].shape) >= LEAST_VIEW:
            corner = np.array([left, top], np.float32)
            end[i], miss[i] = _there_and_back(source[near], target[near], start[i] - corner)
            end[i] += corner
    return _judged(xyxy, start, end, miss, scale)


def _there_and_back(source: Grey, target: Grey, points: Points) -> tuple[Points, NDArray[np.float32]]:
    """Where ``points`` ``(N, 2)`` of ``source`` are in ``target``, and how far from where it was each lies once it is
    followed back: infinity where it is lost."""
    there, found = _flow(source, target, points)
    back, returned = _flow(target, source, there)
    return there, np.where(found & returned, np.linalg.norm(back - points, axis=1), np.inf).astype(np.float32)


def _flow(source: Grey, target: Grey, points: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Where ``points`` ``(N, 2)`` of ``source`` are in ``target``, and which of them were found."""
    if len(points) == 0:
        return points, np.zeros(0, np.bool_)
    end, found, _error = cv2.calcOpticalFlowPyrLK(source, target, points, None, winSize=WINDOW, maxLevel=LEVELS)  # type: ignore[call-overload]
    return np.asarray(end, np.float32), found[:, 0] == 1


def _grid(xyxy: BoxArray) -> Points:
    """Points ``(N, POINTS², 2)`` spread over the core of each box."""
    return np.asarray(xyxy[:, None, :2] + SHARES * (xyxy[:, None, 2:] - xyxy[:, None, :2]), np.float32)


def _judged(xyxy: BoxArray, start: Points, end: Points, miss: NDArray[np.float32], scale: float) -> Moved:
    """Boxes whose points ``(N, P, 2)`` went from ``start`` to ``end`` and by ``miss`` ``(N, P)`` not back to it."""
    size = np.minimum(xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]) * scale
    good = miss < np.maximum(0.7, size / 25)[:, None]
    sure = np.count_nonzero(good, axis=1) >= AGREEMENT * good.shape[1]
    boxes = xyxy.copy()
    boxes[sure] = _shifted(xyxy[sure], start[sure] / scale, end[sure] / scale, good[sure])
    return Moved(boxes, sure)


def _shifted(xyxy: BoxArray, start: Points, end: Points, good: NDArray[np.bool_]) -> BoxArray:
    """Boxes ``(N, 4)`` moved by the median shift and scaled by the median change of the spread of their points
    ``(N, P, 2)``; only those that are ``good`` ``(N, P)`` count."""
    middles = _medians(np.concatenate([end - start, start, end], axis=2), good)
    before = np.linalg.norm(start - middles[:, None, 2:4], axis=2)
    after = np.linalg.norm(end - middles[:, None, 4:6], axis=2)
    usable = good & (before > 1)
    growth = _medians((after / np.maximum(before, 1e-6))[..., None], usable)
    growth = np.clip(np.where(usable.any(axis=1)[:, None], growth, 1), 0.95, 1.05)
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2 + middles[:, :2]
    half = (xyxy[:, 2:] - xyxy[:, :2]) / 2 * growth
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _medians(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Median ``(N, D)`` of those of ``values`` ``(N, P, D)`` that are ``chosen`` ``(N, P)``; anything where none is."""
    ordered = np.sort(np.where(chosen[..., None], values, np.inf), axis=1)
    count = np.maximum(np.count_nonzero(chosen, axis=1), 1)
    each = np.arange(len(values))
    return np.asarray((ordered[each, (count - 1) // 2] + ordered[each, count // 2]) / 2, np.float32)


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

    def camera_backward(self, frame: int, xyxy: BoxArray) -> BoxArray:
        """The boxes in place."""
        return xyxy.copy()

    def forward(self, xyxy: BoxArray) -> Moved:
        """The boxes in place, none of them sure."""
        return Moved(xyxy.copy(), np.zeros(len(xyxy), np.bool_))

    def backward(self, frame: int, xyxy: BoxArray) -> Moved | None:
        """The boxes in place; None before the first frame that counts."""
        return self.forward(xyxy) if frame > self._first else None
