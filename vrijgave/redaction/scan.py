"""Detection and tracking over consecutive pictures: what is known so far, one picture at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vrijgave.domain.tracks import ModelInfo, Track
from vrijgave.media import Frame
from vrijgave.redaction.cuts import CutFinder
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.looks import Album
from vrijgave.redaction.motion import FlowMotion
from vrijgave.redaction.sight import Sight
from vrijgave.redaction.tracking import Tracker, TrackingSettings
from vrijgave.redaction.watch import WATCH_PARAMETERS, Watch, detections

STEADY = 0.015  # share of its width by which a picture may move from one frame to the next at the usual pace
UNSTEADY_HURRY = 1.5
LARGEST_HURRY = 4.0
RATE = "frame_rate"
"""Parameter of an analysis: frames a second, as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFindings:
    """What was found in the frames that one segment looks at; frame numbers are those of the footage."""

    tracks: tuple[Track, ...]
    cuts: tuple[int, ...]
    unreadable: tuple[int, ...]
    models: tuple[ModelInfo, ...]
    parameters: Mapping[str, float | int | str]


class Scan:
    """Give it the frames in order; ``findings`` ends it."""

    def __init__(
        self, detectors: Sequence[Detector], settings: TrackingSettings, width: int, height: int, last: int
    ) -> None:
        """``last`` is the number of the last frame: all detectors look at it, so that nothing ends in a guess."""
        self._detectors = detectors
        self._watches = [Watch(detector, settings.rate) for detector in detectors]
        self._settings = settings
        self._size = (width, height)
        self._tracker = Tracker(settings, width, height)
        self._album = Album()
        self._motion = FlowMotion(settings.frames(settings.longest_reach) + 1)
        self._cut_finder = CutFinder()
        self._cuts: list[int] = []
        self._unreadable: list[int] = []
        self._last = last

    def take(self, frame: Frame) -> None:
        """The next frame."""
        if frame.picture is None:
            self._unreadable.append(frame.index)
            self._motion.repeat(frame.index)
            self._tracker.step(frame.index, {}, self._motion)
            return
        sight = Sight(frame.picture)
        if self._cut_finder.is_cut(sight):
            self._cut(frame.index)
        self._motion.add(frame.index, sight.grey, sight.grey_scale)
        found = detections(self._watches, frame.index, sight, self._hurry(frame.index))
        self._album.add(frame.index, sight, found)
        self._tracker.step(frame.index, found, self._motion)

    def look_anew(self) -> None:
        """From the next frame on the detectors look as if it were the first; tracks go on."""
        for watch in self._watches:
            watch.forget()

    def _hurry(self, frame: int) -> float:
        """How many times as often as in a steady picture is looked: more comes into one that moves fast, and less of
        what is known can be followed."""
        if frame == self._last:
            return math.inf
        if self._motion.unsteady:
            return UNSTEADY_HURRY
        picture = np.array([[0, 0, *self._size]], np.float32)
        shift = (self._motion.camera(picture) - picture).reshape(2, 2).mean(axis=0)
        return float(np.clip(np.linalg.norm(shift) / self._size[0] / STEADY, 1, LARGEST_HURRY))

    def findings(self) -> SegmentFindings:
        """All that was found."""
        return SegmentFindings(
            tracks=self._tracker.finish(self._album),
            cuts=tuple(self._cuts),
            unreadable=tuple(self._unreadable),
            models=tuple(detector.info for detector in self._detectors),
            parameters={RATE: self._settings.rate} | WATCH_PARAMETERS | self._settings.parameters(),
        )

    def _cut(self, frame: int) -> None:
        """Nothing before ``frame`` holds from there on."""
        self._cuts.append(frame)
        self._tracker.cut()
        self._motion.forget()
        self.look_anew()
