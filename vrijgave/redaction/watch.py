"""Looking at footage through a detector without looking twice at what stands still.

A part of the picture that looks as it did when it was last looked at holds what it held then: a detector would only
say the same again. That is judged against the picture that was looked at, not against the frame before, so that
whatever comes up slowly is seen too; and the whole picture is looked at again after a while in any case. A detector
that reads other things into a part than into the whole always gets the whole picture.

How soon what changed is looked at goes by what it costs: all of a picture as often as the detector's pace says, a small
part of it correspondingly sooner. Where the picture as a whole moves fast, more comes into it and less of what is known
can be followed, so that it is looked at more often too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, SubjectKind
from vrijgave.redaction.detectors.base import Detector, Region, united
from vrijgave.redaction.geometry import intersections
from vrijgave.redaction.sight import Grey, Sight

CHANGED = 5  # grey levels by which a cell may differ and still be the same: what noise and the encoder do
NEAR = 8  # pixels around a change that are looked at anew too
CONTEXT = 32  # pixels around those that the network needs to see, at least ...
CONTEXT_SHARE = 0.25  # ... or this share of the longer side: large subjects need more
WORTHWHILE = 0.45  # share of the picture above which parts cost as much as the whole: small pictures are slower a pixel
WHOLE_AFTER_SECONDS = 2.0
SOONEST_SECONDS = 0.08
SLOW_RATE = 12.0
"""Frames a second below which the time between looks is halved: what moves goes too far from one frame to the next for
its flow to be followed."""
SAME = 0.3  # overlap (IoU) above which two detectors mean the same subject
WATCH_PARAMETERS = {
    "same_within_levels": CHANGED,
    "whole_after_seconds": WHOLE_AFTER_SECONDS,
    "soonest_seconds": SOONEST_SECONDS,
    "slow_rate": SLOW_RATE,
}
"""For the record of a run."""


@dataclass(frozen=True, slots=True)
class _Due:
    """Parts of the picture that changed since they were looked at; ``cores`` without and ``views`` with context."""

    cores: tuple[Region, ...]
    views: tuple[Region, ...]
    share: float
    """Of the picture, that would have to be looked at; 1 where parts are not worth while."""


class Watch:
    """One detector on one piece of footage; give it the pictures in order."""

    def __init__(self, detector: Detector, rate: float) -> None:
        self._detector = detector
        self._rate = rate
        self._seen: Grey | None = None
        """Each cell as it was when it was last looked at."""
        self._known = Detections.empty()
        self._whole = 0
        self._last: int | None = None

    @property
    def kind(self) -> SubjectKind:
        """What it finds."""
        return self._detector.kind

    def forget(self) -> None:
        """A cut: nothing that is known holds for the next picture, which is looked at for itself."""
        self._seen, self._last = None, None

    def look(self, frame: int, sight: Sight, hurry: float = 1.0) -> Detections | None:
        """What is to be seen in ``frame``: found anew where the picture changed, as before elsewhere; None where it is
        too soon for another look.

        ``hurry`` divides the time between two looks; 1 for a picture that does not move as a whole.
        """
        if self._last is None:
            # Detectors that take turns begin one after the other.
            self._last = frame - round(self._frames(1) * (1 - self._detector.pace.phase))
        if self._seen is None:
            return self._look_at_all(frame, sight) if self._is_time(frame, 1, hurry) else None
        if frame - self._whole >= self._rate * WHOLE_AFTER_SECONDS:
            return self._look_at_all(frame, sight)
        if not self._is_time(frame, 0, hurry):
            return None
        due = self._due(sight, self._seen)
        if not self._is_time(frame, due.share, hurry):
            return None
        if due.share >= 1:
            return self._look_at_all(frame, sight)
        for core, part in zip(due.cores, due.views, strict=True):
            self._renew(core, self._detector.detect(sight.image, part))
            _remember(self._seen, core, sight)
        self._last = frame
        return self._known

    def _is_time(self, frame: int, share: float, hurry: float) -> bool:
        return self._last is not None and frame - self._last >= self._frames(share) / hurry

    def _frames(self, share: float) -> int:
        """Frames from one look to the next where ``share`` of the picture has to be looked at."""
        seconds = self._detector.pace.seconds
        frames = max(min(SOONEST_SECONDS, seconds), seconds * share) * self._rate
        return max(1, round(frames / 2 if self._rate < SLOW_RATE else frames))

    def _due(self, sight: Sight, seen: Grey) -> _Due:
        width, height = sight.size
        changed = cv2.absdiff(sight.cells, seen) > CHANGED
        share = float(changed.mean())
        if share > WORTHWHILE or (share > 0 and not self._detector.parts):
            return _Due((), (), 1)
        cores = _changes(changed, width, height)
        cores = _apart([_with_known(core, self._known.xyxy) for core in cores], self._known.xyxy, width, height)
        views = [_with_context(core, width, height) for core in cores]
        share = sum(_area(part) for part in views) / (width * height)
        return _Due(tuple(cores), tuple(views), share / WORTHWHILE if share <= WORTHWHILE else 1)

    def _look_at_all(self, frame: int, sight: Sight) -> Detections:
        self._seen, self._whole, self._last = sight.cells.copy(), frame, frame
        self._known = self._detector.detect(sight.image)
        return self._known

    def _renew(self, core: Region, found: Detections) -> None:
        """Put ``found`` in the place of what was known in ``core``."""
        before, now = ~_centred(self._known.xyxy, core), _centred(found.xyxy, core)
        xyxy = np.concatenate([self._known.xyxy[before], found.xyxy[now]])
        self._known = Detections(xyxy, np.concatenate([self._known.scores[before], found.scores[now]]))


def detections(
    watches: Iterable[Watch], frame: int, sight: Sight, hurry: float = 1.0
) -> Mapping[SubjectKind, Detections]:
    """What is to be seen in ``frame`` by those whose turn it is; a kind that none of them looks for is not in the
    answer."""
    seen: dict[SubjectKind, list[Detections]] = {}
    for watch in watches:
        found = watch.look(frame, sight, hurry)
        if found is not None:
            seen.setdefault(watch.kind, []).append(found)
    return {kind: united(parts, SAME) for kind, parts in seen.items()}


def seen_by_all(detectors: Iterable[Detector], sight: Sight) -> Mapping[SubjectKind, Detections]:
    """What the detectors see in one picture by itself."""
    seen: dict[SubjectKind, list[Detections]] = {}
    for detector in detectors:
        seen.setdefault(detector.kind, []).append(detector.detect(sight.image))
    return {kind: united(parts, SAME) for kind, parts in seen.items()}


def _changes(changed: NDArray[np.bool_], width: int, height: int) -> list[Region]:
    """Regions of the picture (``width`` × ``height``) in which cells changed, with what is near them."""
    rows, columns = changed.shape
    reach = 2 * -(-NEAR * columns // width) + 1
    spread = cv2.dilate(changed.astype(np.uint8), np.ones((reach, reach), np.uint8))
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


def _remember(seen: Grey, core: Region, sight: Sight) -> None:
    """The cells that lie whole in ``core`` have now been looked at."""
    (width, height), cells = sight.size, sight.cells
    rows, columns = cells.shape
    left, top = -(-core[0] * columns // width), -(-core[1] * rows // height)
    right, bottom = core[2] * columns // width, core[3] * rows // height
    seen[top:bottom, left:right] = cells[top:bottom, left:right]
