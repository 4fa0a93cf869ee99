"""From what a detector saw to what has to be covered: heads instead of faces, room for speed and doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, SubjectKind
from vrijgave.redaction.geometry import clipped

MARGINS: dict[SubjectKind, tuple[float, float, float, float]] = {
    SubjectKind.FACE: (0.22, 0.30, 0.22, 0.15),
    SubjectKind.PLATE: (0.06, 0.06, 0.06, 0.06),
}
"""Left, top, right, bottom in box widths and heights: a face's box ends at the forehead, a head does not."""
LEAST_MARGIN = 2.0  # pixels
WINDOW = 2  # frames on both sides whose larger size counts
LARGEST_STEP = 1.3  # that size counts up to this ratio
NEAR_EDGE = 0.3  # box sizes from the edge of the picture, and the way of one frame, within which a box reaches to it
SPEED = 0.35  # share of the movement of one frame added on all sides
DOUBT = 0.012  # growth for each frame since the nearest detection ...
LARGEST_DOUBT = 0.25  # ... up to this


@dataclass(frozen=True, slots=True)
class Grown:
    """Growth inside a picture of ``width`` × ``height`` pixels."""

    width: int
    height: int

    def boxes(self, kind: SubjectKind, xyxy: BoxArray, detected: NDArray[np.bool_]) -> BoxArray:
        """Boxes ``(N, 4)`` of one track in consecutive frames, grown and cut to the picture."""
        size = _steady_size(xyxy[:, 2:] - xyxy[:, :2])
        centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2
        moved = np.abs(np.gradient(centre, axis=0)) if len(xyxy) > 1 else np.zeros_like(centre)
        doubt = np.minimum(DOUBT * _frames_to_detection(detected), LARGEST_DOUBT)[:, None]
        left, top, right, bottom = MARGINS[kind]
        spare = np.minimum(moved * SPEED, size / 2) + size * doubt
        before = np.maximum(size * np.array([left, top]), LEAST_MARGIN) + spare
        after = np.maximum(size * np.array([right, bottom]), LEAST_MARGIN) + spare
        grown = np.concatenate([centre - size / 2 - before, centre + size / 2 + after], axis=1)
        return clipped(self._to_edge(grown, size * NEAR_EDGE + moved), self.width, self.height)

    def _to_edge(self, grown: BoxArray, near: NDArray[np.float32]) -> BoxArray:
        """Boxes ``near`` the picture's edge, in pixels, reach it: a subject that enters or leaves is cut by it."""
        low = np.where(grown[:, :2] < near, 0, grown[:, :2])
        limit = np.array([self.width, self.height])
        high = np.where(grown[:, 2:] > limit - near, limit, grown[:, 2:])
        return np.concatenate([low, high], axis=1).astype(np.float32)


def _steady_size(size: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest size ``(N, 2)`` in the frames around each, so that one small box leaves no rim."""
    padded = np.pad(size, ((WINDOW, WINDOW), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * WINDOW + 1, axis=0)
    return np.asarray(np.minimum(windows.max(axis=2), size * LARGEST_STEP), np.float32)


def _frames_to_detection(detected: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Distance of each frame to the nearest one with a detection."""
    hits = np.nonzero(detected)[0]
    frames = np.arange(len(detected))
    if len(hits) == 0:
        return frames
    position = np.searchsorted(hits, frames)
    after = hits[np.minimum(position, len(hits) - 1)]
    before = hits[np.maximum(position - 1, 0)]
    return np.asarray(np.minimum(np.abs(after - frames), np.abs(frames - before)), np.int64)
