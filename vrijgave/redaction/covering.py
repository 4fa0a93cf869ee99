"""Covering and proving, segment by segment, and the one file that comes of it.

Each segment is covered, encoded and looked at again by whoever works on it. The parts are then put together packet by
packet, and the file that goes out is held against them: it shows what was proven and nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.media import DEFAULT_LIMITS, Limits, Progress, probe
from vrijgave.media.joining import join_parts
from vrijgave.redaction.analysis import segments_of
from vrijgave.redaction.cover import cover
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.plan import Coverage, coverage
from vrijgave.redaction.record import CoverRecord, joined
from vrijgave.redaction.rescan import RescanHit, with_rescan_hits
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.verify import check_file, check_joined, check_sound, verify
from vrijgave.redaction.window import Window, window_of
from vrijgave.redaction.workers import Done, InTurn, Workers, overall


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """A covered file: what was covered in it, in how many rounds, and the ``hits`` that are still to be seen.

    ``record`` is that of the whole, without marks.
    """

    analysis: Analysis
    record: CoverRecord
    hits: tuple[RescanHit, ...]
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredPart:
    """One segment, covered and looked at again. ``record`` is without marks: they have done their work."""

    file: Path
    record: CoverRecord
    hits: tuple[RescanHit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverJob:
    """Covers one segment into a file of ``folder`` and proves it; can go to another process."""

    source: Path
    folder: Path
    analysis: Analysis
    plan: Plan
    limits: Limits
    window: Window

    def file(self, segment: Segment) -> Path:
        """Where the part of ``segment`` is written."""
        return self.folder / f"{segment.number}.mp4"

    def __call__(self, segment: Segment, detectors: Sequence[Detector], done: Done) -> CoveredPart:
        """Raises what ``cover`` and ``verify`` raise."""
        file, frames = self.file(segment), segment.owned
        given = self.source, self.analysis, self.plan, file, self.limits
        record = cover(*given, lambda n, _all: done(n), segment, self.window)
        hits = verify(
            self.source, file, self.analysis, self.plan, record, detectors, self.limits,
            lambda n, _all: done(frames + n), segment, self.window,
        )  # fmt: skip
        return CoveredPart(file=file, record=replace(record, marks=record.marks[:0]), hits=hits)

    def elsewhere(self, source: Path, folder: Path) -> Self:
        """See ``Job``."""
        return replace(self, source=source, folder=folder)


def cover_and_prove(
    source: Path,
    output: Path,
    analysis: Analysis,
    plan: Plan,
    detectors: Sequence[Detector],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    workers: Workers | None = None,
    more_rounds: int = 0,
) -> Covered:
    """Write ``output`` as ``cover`` does, in the segments of ``analysis``, and prove it as ``verify`` does.

    What the second look finds is covered too in up to ``more_rounds``; only the segments in which that changes anything
    are made again. ``workers`` carry out the segments; without them this process does, with ``detectors``: the result
    is the same to the bit. Raises what ``cover`` and ``verify`` raise, and ``RetryLater`` when a worker is lost.
    """
    window = window_of(source, analysis, plan, limits)
    segments = tuple(window.segments(segments_of(analysis)))
    carry_out = workers if workers and len(segments) > 1 else InTurn(detectors)
    with tempfile.TemporaryDirectory(prefix=".vrijgave-", dir=output.absolute().parent) as folder:
        job = CoverJob(source=source, folder=Path(folder), analysis=analysis, plan=plan, limits=limits, window=window)
        parts: dict[int, CoveredPart] = {}
        todo: Sequence[Segment] = segments
        for rounds in range(1, more_rounds + 2):
            frames = sum(segment.owned for segment in todo)
            made = carry_out.map(job, todo, overall(progress, analysis.frame_count, 2 * frames))
            parts |= {segment.number: part for segment, part in zip(todo, made, strict=True)}
            hits = tuple(hit for number in sorted(parts) for hit in parts[number].hits)
            if not hits or rounds > more_rounds:
                break
            job = replace(job, analysis=with_rescan_hits(job.analysis, hits))
            todo = _changed(segments, coverage(analysis, plan), coverage(job.analysis, plan))
            analysis = job.analysis
        record = _put_together([parts[segment.number] for segment in segments], output, plan, limits, window)
    return Covered(analysis=analysis, record=record, hits=hits, rounds=rounds)


def _put_together(
    parts: Sequence[CoveredPart], output: Path, plan: Plan, limits: Limits, window: Window
) -> CoverRecord:
    """One file of all parts; it holds their pictures, which are proven, at the times of the source, and no others."""
    if len(parts) == 1:
        parts[0].file.replace(output)
        return parts[0].record
    files = [part.file for part in parts]
    record = joined(part.record for part in parts)
    join_parts(files, output)
    there = probe(output, limits)
    check_file(record, there, plan, window.first)
    if there.audio:
        check_sound(output, record, plan, window, limits)
    check_joined(files, output, record)
    return record


def _changed(segments: Iterable[Segment], before: Coverage, after: Coverage) -> list[Segment]:
    """The segments in which anything else is covered or shown."""

    def differs(frame: int) -> bool:
        pairs = (before.boxes(frame), after.boxes(frame)), (before.shown(frame), after.shown(frame))
        return not all(np.array_equal(old, new) for old, new in pairs)

    return [segment for segment in segments if any(map(differs, range(segment.first, segment.stop)))]
