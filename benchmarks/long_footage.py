"""Peak memory and speed on footage of many minutes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from benchmarks.clock import peak_memory, timed
from benchmarks.common import columns, heading, note, number, row
from vrijgave.media import OutputFormat, open_reader, open_writer
from vrijgave.redaction.detectors import Detector
from vrijgave.services.redact import redact_file


def make_long(path: Path, minutes: int, rate: int) -> None:
    """Generated 1080p footage with a few things that move, ``rate`` frames a second."""
    form = OutputFormat(width=1920, height=1080, time_base=Fraction(1, rate), preset="ultrafast")
    noise = np.random.default_rng(1).integers(90, 160, (135, 240, 3), np.uint8)
    scene = cv2.resize(noise, (1920, 1080), interpolation=cv2.INTER_CUBIC)
    with open_writer(path, form) as writer:
        for index in range(minutes * 60 * rate):
            image = scene.copy()
            for thing in range(3):
                x, y = (index * (3 + thing)) % 1800, 200 + 250 * thing
                cv2.circle(image, (x, y), 40, (180, 190, 220), cv2.FILLED)
            writer.frame(np.asarray(image, np.uint8), index)


def print_long(work: Callable[[Path, Path], int], minutes: int, rate: int) -> None:
    """Peak memory and speed of ``work`` (source, output -> frames)."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "long.mp4"
        note(f"Making {minutes} minutes of footage")
        make_long(source, minutes, rate)
        note("Measuring")
        with peak_memory() as peak:
            seconds, frames = timed(lambda: work(source, Path(name) / "output.mp4"))
    heading("Long footage")
    columns("footage", "frames", "seconds", "frames/s", "peak memory MiB")
    what = f"{minutes} min 1080p at {rate} frames/s"
    row(what, frames, number(seconds, 0), number(frames / seconds), number(peak.mib, 0))


def redacted(detectors: Sequence[Detector]) -> Callable[[Path, Path], int]:
    """Everything: analysis, cover, second look."""
    return lambda source, output: redact_file(source, output, detectors=detectors).analysis.frame_count


def copied(source: Path, output: Path) -> int:
    """Decoding in the child and encoding, nothing between."""
    frames = 0
    with open_reader(source) as reader, open_writer(output, OutputFormat.like(reader.info)) as writer:
        for frame in reader.frames():
            if frame.picture is not None:
                writer.picture(frame.picture, frame.pts)
                frames += 1
    return frames
