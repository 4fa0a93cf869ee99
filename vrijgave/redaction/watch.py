"""Looking at footage through a detector without looking twice at what stands still.

A part of the picture that looks as it did when it was last looked at holds what it held then: a detector would only
say the same again. That is judged against the picture that was looked at, not against the frame before, so that
whatever comes up slowly is seen too; and the whole picture is looked at again after a while in any case. Text is always
read in the whole picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, Image, SubjectKind
from vrijgave.redaction.detectors.base import Cadence, Detector, Region
from vrijgave.redaction.geometry import intersections

CELL = 4  # pixels of one side of what is compared: less than the smallest face; more where pictures are larger ...
MOST_CELLS = 480  # ... so that a row has this many
CHANGED = 6  # grey levels by which a cell may differ and still be the same: what noise and the encoder do
NEAR = 8  # pixels around a change that are looked at anew too
CONTEXT = 32  # pixels around those that the network needs to see, at least ...
CONTEXT_SHARE = 0.25  # ... or this share of the longer side: large subjects need more
WORTHWHILE = 0.45  # share of the picture above which parts cost as much as the whole: small pictures are slower a pixel
WHOLE_AFTER_SECONDS = 2.0
WATCH_PARAMETERS = {"same_within_levels": CHANGED, "whole_after_seconds": WHOLE_AFTER_SECONDS}
"""For the record of a run."""
Cells = NDArray[np.uint8]


class Watch:
    """One detector on one piece of footage; give it the pictures in order."""

    def __init__(self, detector: Detector, rate: float) -> None:
        self._detector = detector
        # A text detector reads other lines into a part of a picture than into the whole.
        self._longest = 0 if detector.kind is SubjectKind.PLATE else round(WHOLE_AFTER_SECONDS * rate)
        self._seen: Cells | None = None
        """Each cell as it was when it was last looked at."""
        self._known = Detections.empty()
        self._whole = 0

    @property
    def kind(self) -> SubjectKind:
        """What it finds."""
        return self._detector.kind

    @property
    def cadence(self) -> Cadence:
        """The frames it wants to see."""
        return self._detector.cadence

    def look(self, frame: int, image: Image) -> Detections:
        """What is to be seen in ``frame``: found anew where the picture changed, as before elsewhere."""
        cells = _cells(image)
        if self._seen is None or frame - self._whole >= self._longest:
            return self._look_at_all(frame, image, cells)
        height, width = image.shape[:2]
        cores = _changes(cells, self._seen, width, height)
        cores = _apart([_with_known(core, self._known.xyxy) for core in cores], self._known.xyxy, width, height)
        views = [_with_context(core, width, height) for core in cores]
        if sum(_area(part) for part in views) > WORTHWHILE * width * height:
            return self._look_at_all(frame, image, cells)
        for core, part in zip(cores, views, strict=True):
            self._renew(core, self._detector.detect(image, part))
            _remember(self._seen, core, cells, width, height)
        return self._known

    def _look_at_all(self, frame: int, image: Image, cells: Cells) -> Detections:
        self._seen, self._whole = cells, frame
        self._known = self._detector.detect(image)
        return self._known

    def _renew(self, core: Region, found: Detections) -> None:
        """Put ``found`` in the place of what was known in ``core``."""
        before, now = ~_centred(self._known.xyxy, core), _centred(found.xyxy, core)
        xyxy = np.concatenate([self._known.xyxy[before], found.xyxy[now]])
        self._known = Detections(xyxy, np.concatenate([self._known.scores[before], found.scores[now]]))


def _cells(image: Image) -> Cells:
    """Mean grey of each cell, uint8 ``(rows, columns)``."""
    height, width = image.shape[:2]
    side = max(CELL, round(width / MOST_CELLS))
    size = (max(1, width // side), max(1, height // side))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)


def _changes(cells: Cells, seen: Cells, width: int, height: int) -> list[Region]:
    """Regions of the picture (``width`` × ``height``) in which cells changed, with what is near them."""
    changed = (cv2.absdiff(cells, seen) > CHANGED).astype(np.uint8)
    rows, columns = cells.shape
    reach = 2 * -(-NEAR * columns // width) + 1
    spread = cv2.dilate(changed, np.ones((reach, reach), np.uint8))
    _count, _labels, found, _centres = cv2.connectedComponentsWithStats(spread)
    return [
        (
            int(x) * width // columns,
            int(y) * height // rows,
            -(-int(x + w) * width // columns),
            -(-int(y + h) * height // rows),
        )
        for x, y, w, h, _size in found[1:]
    ]


def _with_known(core: Region, known: BoxArray) -> Region:
    """``core``, widened to whole known subjects where it touches them."""
    touched = known[intersections(known, np.array([core], np.float32))[:, 0] > 0]
    if len(touched) == 0:
        return core
    low, high = np.floor(touched[:, :2].min(axis=0)), np.ceil(touched[:, 2:].max(axis=0))
    return _around(core, (int(low[0]), int(low[1]), int(high[0]), int(high[1])))


def _with_context(core: Region, width: int, height: int) -> Region:
    """``core`` with what the network needs to see around it, within the picture."""
    x0, y0, x1, y1 = core
    margin = max(CONTEXT, round(CONTEXT_SHARE * max(x1 - x0, y1 - y0)))
    return max(0, x0 - margin), max(0, y0 - margin), min(width, x1 + margin), min(height, y1 + margin)


def _apart(cores: list[Region], known: BoxArray, width: int, height: int) -> list[Region]:
    """The regions, those made one that touch or are as cheap to look at together."""
    apart: list[Region] = []
    waiting = list(cores)
    while waiting:
        core = waiting.pop()
        near = next((other for other in apart if _belong_together(core, other, width, height)), None)
        if near is None:
            apart.append(core)
        else:
            apart.remove(near)
            waiting.append(_with_known(_around(core, near), known))
    return apart


def _belong_together(a: Region, b: Region, width: int, height: int) -> bool:
    if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
        return True
    together = _with_context(_around(a, b), width, height)
    return _area(together) <= _area(_with_context(a, width, height)) + _area(_with_context(b, width, height))


def _around(a: Region, b: Region) -> Region:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _area(region: Region) -> int:
    return (region[2] - region[0]) * (region[3] - region[1])


def _centred(xyxy: BoxArray, region: Region) -> NDArray[np.bool_]:
    """Which boxes have their centre in ``region``."""
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    return np.asarray(((centre >= region[:2]) & (centre < region[2:])).all(axis=1), np.bool_)


def _remember(seen: Cells, core: Region, cells: Cells, width: int, height: int) -> None:
    """The cells that lie whole in ``core`` have now been looked at."""
    rows, columns = cells.shape
    left, top = -(-core[0] * columns // width), -(-core[1] * rows // height)
    right, bottom = core[2] * columns // width, core[3] * rows // height
    seen[top:bottom, left:right] = cells[top:bottom, left:right]
