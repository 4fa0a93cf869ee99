"""What this machine works on footage with, as the settings say; needs neither database nor platforms."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from vrijgave.media import Limits
from vrijgave.redaction.detectors import Detector, Inference, default_detectors, described
from vrijgave.redaction.detectors.engines import usable_cores
from vrijgave.redaction.processes import open_processes
from vrijgave.redaction.workers import Workers
from vrijgave.settings import Settings


def limits(settings: Settings) -> Limits:
    """What a decoding child may use."""
    return Limits(
        memory_mb=settings.decode_memory_mb,
        seconds_per_minute=settings.decode_seconds_per_minute,
        max_pixels=settings.max_pixels,
        max_duration=settings.max_duration,
    )


def detectors(settings: Settings) -> Sequence[Detector]:
    """What looks at footage. Raises ``ActionRequired`` when a detector or the engine of the settings is not there."""
    return default_detectors(_inference(settings, settings.inference_threads), settings.detectors)


def described_detector(settings: Settings, description: Path) -> Detector:
    """The one that a description file adds. Raises ``ActionRequired`` when it cannot be used."""
    return described([description], _inference(settings, settings.inference_threads))[0]


def workers(settings: Settings, count: int) -> AbstractContextManager[Workers | None]:
    """``count`` processes for the segments of long footage, which share the cores; None where this process does all."""
    if count == 1:
        return nullcontext()
    threads = settings.inference_threads or max(1, usable_cores() // count)
    return open_processes(count, partial(default_detectors, _inference(settings, threads), settings.detectors))


def _inference(settings: Settings, threads: int | None) -> Inference:
    return Inference(engine=settings.inference, precision=settings.inference_precision, threads=threads)
