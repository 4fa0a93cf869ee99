"""What counts in a sample: areas that are left out of the question, as upright boxes, and plates that can be seen."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import geometry
from training.plates.geometry import Points

CELL = 8  # pixels: turned areas become boxes of whole cells of this size
_SMALL = 40.0  # pixels: areas up to this extent become the one box around them
_AROUND = 1.3  # a plate counts with this much around it, inside areas that do not
_FAINT = 9.0  # grey levels: the least spread of light and colour that makes a plate

Boxes = NDArray[np.float32]


def ignored(areas: list[Points], counted: list[Points], size: tuple[int, int]) -> Boxes:
    """Polygons that do not count as (M, 4) xyxy within `size`, without the plates that do.

    An upright box around a large turned area would swallow what lies beside it, so such areas become runs of cells.
    """
    boxes: list[tuple[float, float, float, float]] = []
    cells = np.zeros((-(-size[1] // CELL), -(-size[0] // CELL)), np.uint8)
    for area in areas:
        x0, y0, x1, y1 = geometry.bounds(area)
        if max(x1 - x0, y1 - y0) > _SMALL:
            _fill(cells, area, 1)
        elif x1 > 0 and y1 > 0 and x0 < size[0] and y0 < size[1]:
            boxes.append((max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1)))
    if cells.any():
        for quad in counted:
            grown = quad.mean(axis=0) + (quad - quad.mean(axis=0)) * _AROUND
            _fill(cells, grown, 0)
        boxes += [(x0, y0, min(x1, size[0]), min(y1, size[1])) for x0, y0, x1, y1 in _runs(cells)]
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def _fill(cells: NDArray[np.uint8], polygon: Points, value: int) -> None:
    # Four bits of fraction; OpenCV counts from the middle of a cell.
    cv2.fillPoly(cells, [np.round((polygon / CELL - 0.5) * 16).astype(np.int32)], value, cv2.LINE_8, 4)


def _runs(cells: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Set cells as few boxes, in pixels: runs of a row, grown downwards while the next row has the same run."""
    done: list[tuple[int, int, int, int]] = []
    open_runs: dict[tuple[int, int], int] = {}
    # An empty row after the last one closes what is still open.
    steps = np.diff(np.pad(cells.astype(np.int8), ((0, 1), (1, 1))), axis=1)
    for row, step in enumerate(steps):
        change = np.flatnonzero(step)
        runs = {(int(a), int(b)) for a, b in zip(change[::2], change[1::2], strict=True)}
        for run in [run for run in open_runs if run not in runs]:
            done.append((run[0] * CELL, open_runs.pop(run) * CELL, run[1] * CELL, row * CELL))
        for run in runs - open_runs.keys():
            open_runs[run] = row
    return done


def is_visible(image: NDArray[np.uint8], quad: Points, noise: float) -> bool:
    """Whether a plate differs from what is around it, or its characters from it, by more than noise (grey levels)."""
    height, width = image.shape[:2]
    margin = 2 + 0.4 * geometry.across(quad)
    x0, y0, x1, y1 = geometry.bounds(quad)
    left, top = max(0, int(x0 - margin)), max(0, int(y0 - margin))
    part = image[top : min(height, int(y1 + margin) + 1), left : min(width, int(x1 + margin) + 1)]
    within = np.zeros(part.shape[:2], np.uint8)
    cv2.fillConvexPoly(within, np.round(quad - (left, top) - 0.5).astype(np.int32), 1)
    if not within.any():
        return False
    soft = cv2.blur(part, (3, 3))
    mean, spread = cv2.meanStdDev(soft, mask=within)
    outer, _ = cv2.meanStdDev(soft, mask=1 - within)
    # Means of nine pixels keep a third of the noise, in each of three channels.
    return float(np.sqrt(((mean - outer) ** 2).sum() + (spread**2).sum())) > _FAINT + 0.8 * noise
