"""The first pass over footage: everything that may have to be covered, in one streaming decode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from vrijgave.domain.media import VideoInfo
from vrijgave.domain.tracks import Analysis, Detections, Image, SubjectKind
from vrijgave.media import DEFAULT_LIMITS, Frame, Limits, Progress, open_reader, sha256_file
from vrijgave.redaction.cuts import CutFinder
from vrijgave.redaction.detectors.base import Detector, at_work, non_maximum_suppression
from vrijgave.redaction.motion import FlowMotion
from vrijgave.redaction.tracking import Tracker, TrackingSettings
from vrijgave.redaction.watch import WATCH_PARAMETERS, Watch

SAME = 0.3  # overlap (IoU) above which two detectors mean the same subject
RATE = "frame_rate"
"""Parameter of an analysis: frames a second, as a number."""


def analyse(
    path: Path, detectors: Sequence[Detector], limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> Analysis:
    """Detect and track in every frame of ``path``; memory does not grow with its length.

    ``progress`` hears (frames done, frames in all). Raises ``UnreadableMedia``.
    """
    with open_reader(path, limits) as reader, at_work(detectors):
        digest = sha256_file(path)
        video = reader.info.video
        scan = _Scan(detectors, TrackingSettings(rate=frame_rate(video)), video.width, video.height)
        for frame in reader.frames():
            scan.take(frame)
            if progress is not None:
                progress(frame.index + 1, video.frame_count)
    return scan.result(digest)


def frame_rate(video: VideoInfo) -> float:
    """Frames a second, from the file's word or else from its length; never below 1."""
    rate = video.average_rate or (Fraction(video.frame_count) / video.duration if video.duration else Fraction(25))
    return max(1.0, float(rate))


class _Scan:
    """What is known so far of one source."""

    def __init__(self, detectors: Sequence[Detector], settings: TrackingSettings, width: int, height: int) -> None:
        self._detectors = detectors
        self._watches = [Watch(detector, settings.rate) for detector in detectors]
        self._settings = settings
        self._size = (width, height)
        self._tracker = Tracker(settings, width, height)
        self._motion = FlowMotion(settings.frames(settings.longest_reach) + 1)
        self._cut_finder = CutFinder()
        self._cuts: list[int] = []
        self._unreadable: list[int] = []
        self._count = 0

    def take(self, frame: Frame) -> None:
        """The next frame."""
        self._count = frame.index + 1
        if frame.image is None:
            self._unreadable.append(frame.index)
            self._motion.repeat(frame.index)
            self._tracker.step(frame.index, {}, self._motion)
            return
        if self._cut_finder.is_cut(frame.image):
            self._cuts.append(frame.index)
            self._tracker.cut()
            self._motion.forget()
        self._motion.add(frame.index, frame.image)
        self._tracker.step(frame.index, detections(self._watches, frame.index, frame.image), self._motion)

    def result(self, source_sha256: str) -> Analysis:
        """All that was found."""
        return Analysis(
            source_sha256=source_sha256,
            width=self._size[0],
            height=self._size[1],
            frame_count=self._count,
            tracks=self._tracker.finish(),
            cuts=tuple(self._cuts),
            unreadable=tuple(self._unreadable),
            models=tuple(detector.info for detector in self._detectors),
            parameters={RATE: self._settings.rate} | WATCH_PARAMETERS | self._settings.parameters(),
        )


def detections(watches: Iterable[Watch], frame: int, image: Image) -> Mapping[SubjectKind, Detections]:
    """What is to be seen in ``frame`` by those that look at it; a kind that none of them looks for is not in the
    answer."""
    seen: dict[SubjectKind, list[Detections]] = {}
    for watch in watches:
        if watch.cadence.includes(frame):
            seen.setdefault(watch.kind, []).append(watch.look(frame, image))
    return {kind: _union(parts) for kind, parts in seen.items()}


def _union(parts: Sequence[Detections]) -> Detections:
    if len(parts) == 1:
        return parts[0]
    xyxy = np.concatenate([part.xyxy for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    kept = non_maximum_suppression(xyxy, scores, SAME)
    return Detections(xyxy[kept], scores[kept])
