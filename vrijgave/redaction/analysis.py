"""The first pass over footage: everything that may have to be covered, in streaming decodes of its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Self

from vrijgave.domain.media import VideoInfo
from vrijgave.domain.tracks import Analysis
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Limits, Progress, Reader, open_reader, sha256_file
from vrijgave.redaction.detectors.base import Detector, at_work
from vrijgave.redaction.scan import RATE, Scan, SegmentFindings
from vrijgave.redaction.seams import joined_tracks
from vrijgave.redaction.segments import SEGMENT_SECONDS, Segment, plan_segments
from vrijgave.redaction.tracking import TrackingSettings
from vrijgave.redaction.workers import Done, InTurn, Workers, overall

__all__ = ["RATE", "ScanJob", "analyse", "frame_rate", "joined", "segments_of"]

SEGMENT_LENGTH = "segment_seconds"
"""Parameter of an analysis: about how long the segments are in which it was made."""


@dataclass(frozen=True, slots=True)
class ScanJob:
    """Detects and tracks in one segment of the footage at ``source``; can go to another process."""

    source: Path
    limits: Limits

    def __call__(self, segment: Segment, detectors: Sequence[Detector], done: Done) -> SegmentFindings:
        """Raises ``UnreadableMedia``."""
        with open_reader(self.source, self.limits, first=segment.start, stop=segment.end) as reader:
            return _scanned(reader, segment, detectors, done)

    def elsewhere(self, source: Path, folder: Path) -> Self:
        """See ``Job``."""
        return replace(self, source=source)


def analyse(
    path: Path,
    detectors: Sequence[Detector],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    workers: Workers | None = None,
    segment_seconds: float = SEGMENT_SECONDS,
) -> Analysis:
    """Detect and track in every frame of ``path``; memory does not grow with its length.

    ``workers`` carry out the segments; a single one, and all without workers, this process does with ``detectors``:
    the result is the same.
    ``progress`` hears (frames done, frames in all). Raises ``UnreadableMedia``, and ``RetryLater`` when a worker is
    lost.
    """
    with open_reader(path, limits) as reader:
        digest = sha256_file(path)
        video = reader.info.video
        segments = plan_segments(video.frame_count, frame_rate(video), segment_seconds)
        done = overall(progress, video.frame_count, sum(segment.seen for segment in segments))
        if len(segments) == 1:  # the file is open already
            findings = [_scanned(reader, segments[0], detectors, done)]
            return joined(digest, video, segments, findings, segment_seconds)
    findings = (workers or InTurn(detectors)).map(ScanJob(path, limits), segments, done)
    return joined(digest, video, segments, findings, segment_seconds)


def joined(
    source_sha256: str,
    video: VideoInfo,
    segments: Sequence[Segment],
    findings: Sequence[SegmentFindings],
    segment_seconds: float,
) -> Analysis:
    """The analysis of the whole footage from what was found in each of ``segments``, in their order.

    Raises ``ActionRequired`` when they were not looked at with the same detectors.
    """
    if any(part.models != findings[0].models for part in findings):
        raise ActionRequired(
            "administrator",
            _("The workers do not run the same models in the same way; give all machines the same settings."),
        )
    cuts = [
        cut
        for segment, part in zip(segments, findings, strict=True)
        for cut in part.cuts
        if segment.first <= cut < segment.stop
    ]
    return Analysis(
        source_sha256=source_sha256,
        width=video.width,
        height=video.height,
        frame_count=video.frame_count,
        tracks=joined_tracks([part.tracks for part in findings]),
        cuts=tuple(cuts),
        unreadable=tuple(sorted({frame for part in findings for frame in part.unreadable})),
        models=findings[0].models,
        parameters=dict(findings[0].parameters) | {SEGMENT_LENGTH: segment_seconds},
    )


def segments_of(analysis: Analysis) -> tuple[Segment, ...]:
    """The segments in which ``analysis`` was made and is covered."""
    rate = float(analysis.parameters.get(RATE, 25.0))
    seconds = float(analysis.parameters.get(SEGMENT_LENGTH, SEGMENT_SECONDS))
    return plan_segments(analysis.frame_count, rate, seconds)


def _scanned(reader: Reader, segment: Segment, detectors: Sequence[Detector], done: Done) -> SegmentFindings:
    video = reader.info.video
    scan = Scan(detectors, TrackingSettings(rate=frame_rate(video)), video.width, video.height, segment.end - 1)
    with at_work(detectors):
        for frame in reader.frames():
            if frame.index == segment.shared:
                scan.look_anew()
            scan.take(frame)
            done(frame.index + 1 - segment.start)
    return scan.findings()


def frame_rate(video: VideoInfo) -> float:
    """Frames a second, from the file's word or else from its length; never below 1."""
    rate = video.average_rate or (Fraction(video.frame_count) / video.duration if video.duration else Fraction(25))
    return max(1.0, float(rate))
