"""Whether the thing in a box suddenly changed: a coarse thumbnail of every detection.

It tells one picture from the next, not one person from the others: 36 colours say nothing to a face recogniser.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, FrameArray, Image, Looks, SubjectKind
from vrijgave.redaction.sight import Sight

CELLS = 6  # thumbnail cells a side
BEFORE_AND_AFTER = 3  # detections on both sides of a step whose mean is compared: single boxes jitter
COLOUR = 1.5  # weight of the two colour channels beside lightness, which shadows change
LIGHTNESS = 0.5
LEAST_CHANGE = 14.0  # change that the same subject may show ...
RATIO = 3.5  # ... or this many times what is usual for its track elsewhere ...
LEAST_ELSEWHERE = 6  # ... where so many steps say what is usual ...
LARGEST_CHANGE = 30.0  # ... but never more
Values = NDArray[np.float32]


class Album:
    """The looks of all detections of one source; give it the detections of every picture."""

    def __init__(self) -> None:
        self._pages: dict[tuple[int, SubjectKind], tuple[BoxArray, Looks]] = {}
        self._looked: dict[SubjectKind, list[int]] = {}

    def add(self, frame: int, sight: Sight, found: Mapping[SubjectKind, Detections]) -> None:
        """Keep how each detection of ``frame`` looks."""
        for kind, detections in found.items():
            self._looked.setdefault(kind, []).append(frame)
            if len(detections):
                self._pages[frame, kind] = detections.xyxy, _looks(sight.image, detections.xyxy)

    def missed(self, kind: SubjectKind, frames: FrameArray, detected: NDArray[np.bool_]) -> FrameArray:
        """The ``frames`` in which a detector looked and did not find the track."""
        return np.intersect1d(frames[~detected], np.array(self._looked.get(kind, []), np.int64)).astype(np.int64)

    def looks(self, kind: SubjectKind, frames: FrameArray, xyxy: BoxArray, detected: NDArray[np.bool_]) -> Looks | None:
        """Looks ``(N, ...)`` of a track with the boxes ``xyxy`` as detected; None where one of them was not added."""
        result = np.zeros((len(frames), CELLS, CELLS, 3), np.uint8)
        for i in np.nonzero(detected)[0]:
            boxes, looks = self._pages.get((int(frames[i]), kind), (np.zeros((0, 4), np.float32), result))
            same = np.nonzero((boxes == xyxy[i]).all(axis=1))[0]
            if len(same) == 0:
                return None
            result[i] = looks[same[0]]
        return result


def _looks(image: Image, xyxy: BoxArray) -> Looks:
    """Mean colours (CIE L*a*b*, 8 bits) of ``CELLS`` × ``CELLS`` parts of each box."""
    height, width = image.shape[:2]
    low = np.clip(xyxy[:, :2], 0, (width - 1, height - 1)).astype(int)
    high = np.maximum(low + 1, np.ceil(xyxy[:, 2:]).astype(int))
    means = [
        cv2.resize(image[top:bottom, left:right], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        for (left, top), (right, bottom) in zip(low.tolist(), high.tolist(), strict=True)
    ]
    colours = cv2.cvtColor(np.concatenate(means), cv2.COLOR_BGR2LAB)
    return np.asarray(colours, np.uint8).reshape(-1, CELLS, CELLS, 3)


def changed(looks: Looks) -> NDArray[np.bool_]:
    """``(N,)`` for consecutive detections: True where the subject looks altogether different from just before."""
    values = looks.astype(np.float32)
    change = np.array([_change(values, i) for i in range(1, len(values))], np.float32)
    result = np.zeros(len(values), np.bool_)
    for i, value in enumerate(change):
        result[i + 1] = value > _limit(change, i)
    return result


def _limit(change: Values, step: int) -> float:
    """What counts as a new look at ``step``; the means of the steps beside hold that change as well."""
    elsewhere = np.concatenate([change[: max(0, step - BEFORE_AND_AFTER + 1)], change[step + BEFORE_AND_AFTER :]])
    usual = float(np.median(elsewhere)) if len(elsewhere) >= LEAST_ELSEWHERE else 0.0
    return min(max(LEAST_CHANGE, RATIO * usual), LARGEST_CHANGE)


def _change(values: Values, i: int) -> float:
    before, after = values[max(0, i - BEFORE_AND_AFTER) : i], values[i : i + BEFORE_AND_AFTER]
    difference = before.mean(axis=0) - after.mean(axis=0)
    lightness = difference[..., 0] - difference[..., 0].mean()
    return float(LIGHTNESS * _rms(lightness) + COLOUR * _rms(difference[..., 1:]))


def _rms(values: Values) -> float:
    return float(np.sqrt(np.square(values).mean()))
