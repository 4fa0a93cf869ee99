"""Seconds at 1080p: ours, a plain transcode and deface in turn on the same clip, and what memory ours takes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clock import peak_memory, plain_seconds, timed
from benchmarks.common import CAMERA_TOOL, Clip, columns, heading, note, number, row
from benchmarks.generated import FULL_HD, fixed_camera, moving_camera
from benchmarks.rival import Rival, RivalFailed
from vrijgave.domain.tracks import Plan
from vrijgave.errors import VrijgaveError
from vrijgave.media import probe
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.cover import cover
from vrijgave.redaction.detectors import Detector
from vrijgave.redaction.verify import verify
from vrijgave.services.redact import redact_file

REPEATS = 3
SECONDS = 8
"""Of each clip that is made."""


@dataclass(slots=True)
class Best:
    """Least seconds of each so far."""

    ours: float = float("inf")
    plain: float = float("inf")
    rival: float = float("inf")
    mib: float = 0.0
    frames: int = 0


@dataclass(frozen=True, slots=True)
class Stages:
    """Seconds of the three passes over the footage."""

    analysis: float
    cover: float
    proof: float


def full_hd(selected: Sequence[Clip]) -> list[Clip]:
    """Those of 1920×1080."""
    return [c for c in selected if (probe(c.video).video.width, probe(c.video).video.height) == FULL_HD]


def made(folder: Path, detectors: Sequence[Detector]) -> list[Clip]:
    """The 1080p clips made for this run; the one by the virtual camera only where that tool is."""
    note("Making 1080p clips")
    clips = [fixed_camera(folder, detectors, SECONDS)]
    if CAMERA_TOOL.is_file():
        clips.append(moving_camera(folder, detectors, SECONDS))
    else:
        note(f"There is no virtual camera at {CAMERA_TOOL}; set VRIJGAVE_CAMERA_TOOL.")
    return clips


def race(clip: Clip, folder: Path, detectors: Sequence[Detector], rival: Rival | None, repeats: int) -> Best:
    """The three in turn, ``repeats`` times, the least of each: what else the machine does only adds."""
    best, output = Best(), folder / "output.mp4"
    for turn in range(repeats):
        note(f"Speed: {clip.name} ({turn + 1} of {repeats})")
        with peak_memory() as peak:
            seconds, outcome = timed(lambda: redact_file(clip.video, output, overwrite=True, detectors=detectors))
        best.ours = min(best.ours, seconds)
        best.mib, best.frames = max(best.mib, peak.mib), outcome.analysis.frame_count
        best.plain = min(best.plain, plain_seconds(clip.video, folder))
        if rival is not None:
            try:
                best.rival = min(best.rival, rival.seconds(clip.video, output))
            except RivalFailed as error:
                note(f"deface on {clip.name}: {error}")
    return best


def stages(clip: Clip, folder: Path, detectors: Sequence[Detector]) -> Stages:
    """The passes by themselves, as ``redact_file`` calls them."""
    output = folder / "output.mp4"
    analysis, found = timed(lambda: analyse(clip.video, detectors))
    plan = Plan(source_sha256=found.source_sha256)
    covered, record = timed(lambda: cover(clip.video, found, plan, output))
    proof, _hits = timed(lambda: verify(clip.video, output, found, plan, record, detectors))
    return Stages(analysis, covered, proof)


def print_speed(selected: Sequence[Clip], detectors: Sequence[Detector], rival: Rival | None, repeats: int) -> None:
    """A row for each 1080p clip: those of ``selected``, and two made here."""
    heading(f"Speed at 1080p ({datetime.now(UTC):%Y-%m-%d}, least of {repeats})")
    columns("clip", "frames", "seconds", "frames/s", "÷ transcode", "deface seconds", "deface ÷ transcode",
            "times as fast as deface", "peak memory MiB", "analysis s", "cover s", "proof s")  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        totals = Best(0, 0, 0)
        for clip in [*full_hd(selected), *made(folder, detectors)]:
            try:
                best = race(clip, folder, detectors, rival, repeats)
                each = stages(clip, folder, detectors)
            except VrijgaveError as error:
                note(f"Speed: {clip.name} left out. {error}")
                continue
            _print(clip.name, best, each)
            totals = Best(
                totals.ours + best.ours,
                totals.plain + best.plain,
                totals.rival + best.rival,
                max(totals.mib, best.mib),
                totals.frames + best.frames,
            )
        if totals.frames:
            _print("all", totals, None)


def _print(name: str, best: Best, each: Stages | None) -> None:
    rival = None if best.rival == float("inf") else best.rival
    row(
        name,
        best.frames,
        number(best.ours, 2),
        number(best.frames / best.ours),
        number(best.ours / best.plain, 2),
        number(rival, 2),
        number(rival and rival / best.plain, 2),
        number(rival and rival / best.ours, 2),
        number(best.mib, 0),
        *(map(number, (each.analysis, each.cover, each.proof)) if each else [None] * 3),
    )
