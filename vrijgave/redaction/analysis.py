"""The first pass over footage: everything that may have to be covered, in one streaming decode."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from vrijgave.domain.media import VideoInfo
from vrijgave.domain.tracks import Analysis
from vrijgave.media import DEFAULT_LIMITS, Limits, Progress, open_reader, sha256_file
from vrijgave.redaction.detectors.base import Detector, at_work
from vrijgave.redaction.scan import RATE, Scan
from vrijgave.redaction.tracking import TrackingSettings

__all__ = ["RATE", "analyse", "frame_rate"]


def analyse(
    path: Path, detectors: Sequence[Detector], limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> Analysis:
    """Detect and track in every frame of ``path``; memory does not grow with its length.

    ``progress`` hears (frames done, frames in all). Raises ``UnreadableMedia``.
    """
    with open_reader(path, limits) as reader, at_work(detectors):
        digest = sha256_file(path)
        video = reader.info.video
        scan = Scan(
            detectors, TrackingSettings(rate=frame_rate(video)), video.width, video.height, video.frame_count - 1
        )
        for frame in reader.frames():
            scan.take(frame)
            if progress is not None:
                progress(frame.index + 1, video.frame_count)
    found = scan.findings()
    return Analysis(
        source_sha256=digest,
        width=video.width,
        height=video.height,
        frame_count=video.frame_count,
        tracks=found.tracks,
        cuts=found.cuts,
        unreadable=found.unreadable,
        models=found.models,
        parameters=found.parameters,
    )


def frame_rate(video: VideoInfo) -> float:
    """Frames a second, from the file's word or else from its length; never below 1."""
    rate = video.average_rate or (Fraction(video.frame_count) / video.duration if video.duration else Fraction(25))
    return max(1.0, float(rate))
