"""Long footage in segments over processes of this machine, against one process: seconds, and that it is the same."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.clock import peak_memory, timed
from benchmarks.common import Clip, columns, heading, note, number, row
from benchmarks.generated import fixed_camera
from vrijgave.machine import workers
from vrijgave.redaction.detectors import Detector
from vrijgave.services.redact import RedactOutcome, redact_file
from vrijgave.settings import Settings

SECONDS = 80
SEGMENT = 20.0
"""Seconds; shorter than the default, so that there is something to share out without long footage."""


def redact(clip: Clip, output: Path, detectors: Sequence[Detector], count: int) -> RedactOutcome:
    """With ``count`` processes, their start included."""
    with workers(Settings(), count) as those:
        return redact_file(
            clip.video, output, overwrite=True, detectors=detectors, workers=those, segment_seconds=SEGMENT
        )


def print_segments(count: int, detectors: Sequence[Detector]) -> None:
    """A row for one process and one for ``count``."""
    heading(f"{SECONDS} s of 1080p in segments of {SEGMENT:g} s")
    columns("processes", "frames", "seconds", "frames/s", "peak memory MiB", "SHA-256 of the output")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        note("Making footage for the segments")
        clip = fixed_camera(folder, detectors, SECONDS)
        for processes in (1, count):
            note(f"Segments: {processes} processes")
            with peak_memory() as peak:
                seconds, made = timed(partial(redact, clip, folder / "output.mp4", detectors, processes))
            frames = made.analysis.frame_count
            row(processes, frames, number(seconds), number(frames / seconds), number(peak.mib, 0), made.output_sha256)
