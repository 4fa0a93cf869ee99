"""What is counted of a release as whole numbers, so that it stays true while time goes on.

The numbers of a whole release are those of each of ``MEASURES``, then ``REST``; the numbers on one of its platforms are
those of each of ``ON_PLATFORM``, then since when it was public there. A measure has eight: its kind (the place in
``Kind``, or ``NOWHERE``), its rounds, then lower bound, upper bound and held in elapsed time, and the same three in
office hours. A length is in seconds, cut off below, times two; plus one where it grows with the time: it is then what
to add to the moment of asking (seconds since 1970, in office hours the flattened moment). All are worked out at
``FAR``, so that they do not depend on when that was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.cases import PublicationStage
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.record import Record, Standing
from vrijgave.leadtime.release import LeadTime
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage
from vrijgave.leadtime.view import Hours

VERSION = 2
"""Rows of another version have to be made anew."""
MEASURES: tuple[Measure, ...] = (*Headline, *Nature, *Stage, *Result)
ON_PLATFORM: tuple[Measure, ...] = (*Headline, *Nature, *(stage for stage in Stage if stage.per_platform))
"""What each platform has for itself."""
CELL = 8
WAY = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
COUNTS = ("rounds", "render_begun", "sent_back", "rescans", "refusals", "tips", "usable_tips", "identified")
REST = (*WAY, *COUNTS, "permitted", "stage", "since", "held", "age", "total", "office_age", "office_total")
"""Moments of the way in seconds since 1970, or ``NEVER``; ``permitted`` is the place of the publication stage and
``stage`` that of the stage in which it stands, or ``NOWHERE``; ``since`` is in microseconds since 1970."""
WHOLE, OWN = CELL * len(MEASURES) + len(REST), CELL * len(ON_PLATFORM) + 1
"""How many numbers a row has."""
KINDS = tuple(Kind)
NOWHERE = -1
NEVER = int(np.iinfo(np.int64).max)
"""For a moment that has not come."""
FAR = datetime(2069, 1, 1, tzinfo=UTC)
FARTHER = FAR + timedelta(days=7)
"""What grows between the two grows for ever. Stamps after ``FAR`` are none that a clock has shown."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_NOT_THERE = (NOWHERE, 0, 0, 0, 0, 0, 0, 0)

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Packed:
    """One measure; ``lengths`` has (lower, upper, held) in elapsed time and in office hours."""

    kind: Kind
    rounds: int
    lengths: tuple[int, ...]

    def at(self, moment: int, hours: Hours) -> tuple[int, int, int]:
        """(lower bound, upper bound, held) in seconds at ``moment`` as ``seconds`` gives it for the same hours."""
        first = 0 if hours is Hours.ELAPSED else 3
        low, high, held = (max(0, (v >> 1) + moment) if v & 1 else v >> 1 for v in self.lengths[first : first + 3])
        return low, high, held


def seconds(moment: datetime, hours: WorkingHours | None = None) -> int:
    """``moment`` in whole seconds since 1970; with ``hours`` on the axis on which only those pass."""
    return ((hours.flattened(moment) if hours else moment) - _EPOCH) // _SECOND


def pack(far: Record, farther: Record, office: WorkingHours) -> dict[str, bytes]:
    """Platform -> numbers of a release as it stands at ``FAR`` and at ``FARTHER``; the empty platform is the whole."""
    origins = {Hours.ELAPSED: seconds(FAR), Hours.OFFICE: seconds(FAR, office)}
    pairs = _Pairs(far, farther, origins)
    rows = {"": [*pairs.cells(MEASURES, None), *_rest(far, farther, origins)]}
    for platform in sorted(far.platforms):
        rows[platform] = [*pairs.cells(ON_PLATFORM, platform), _when(far.public.get(platform))]
    return {platform: np.array(row, "<i8").tobytes() for platform, row in rows.items()}


def unpack(row: bytes, platform: str) -> Mapping[Measure, Packed]:
    """The measures in the row of ``platform``, those that it has."""
    measures = ON_PLATFORM if platform else MEASURES
    cells = np.frombuffer(row, "<i8")[: CELL * len(measures)].reshape(-1, CELL).tolist()
    return {
        measure: Packed(KINDS[kind], rounds, tuple(lengths))
        for measure, (kind, rounds, *lengths) in zip(measures, cells, strict=True)
        if kind != NOWHERE
    }


@dataclass(frozen=True, slots=True)
class _Pairs:
    """A release at ``FAR`` and at ``FARTHER``, and where ``FAR`` lies on the axis of each kind of hours."""

    far: Record
    farther: Record
    origins: Mapping[Hours, int]

    def cells(self, measures: Sequence[Measure], platform: str | None) -> Iterator[int]:
        for measure in measures:
            found = self.far.times[Hours.ELAPSED].time(measure, platform)
            if found is None:
                yield from _NOT_THERE
            else:
                yield from (KINDS.index(found.duration.kind), found.rounds)
                for hours in (Hours.ELAPSED, Hours.OFFICE):
                    yield from self._lengths(measure, platform, hours)

    def _lengths(self, measure: Measure, platform: str | None, hours: Hours) -> Iterator[int]:
        one, two = (record.times[hours].time(measure, platform) for record in (self.far, self.farther))
        if one is None or two is None or not one.duration.kind.measured:
            yield from (0, 0, 0)
            return
        for length, later in zip(_bounds(one), _bounds(two), strict=True):
            yield _growing(length, later, self.origins[hours])


def _bounds(time: LeadTime) -> tuple[timedelta, timedelta, timedelta]:
    return *time.duration.bounds, time.held


def _growing(length: timedelta, later: timedelta, origin: int) -> int:
    grows = later != length
    return (length // _SECOND - origin * grows) * 2 + grows


def _rest(far: Record, farther: Record, origins: Mapping[Hours, int]) -> Iterator[int]:
    yield from (_when(getattr(far.way, name)) for name in WAY)
    yield from (int(getattr(far, name)) for name in COUNTS)
    yield NOWHERE if far.stage is None else tuple(PublicationStage).index(far.stage)
    if far.standing is None or farther.standing is None:
        yield from (NOWHERE, 0, 0, 0, 0, 0, 0)
    else:
        yield from _stands(far.standing, farther.standing, origins)


def _stands(now: Standing, later: Standing, origins: Mapping[Hours, int]) -> Iterator[int]:
    yield from (tuple(Stage).index(now.stage), (now.since - _EPOCH) // _MICROSECOND, int(now.held))
    for hours in (Hours.ELAPSED, Hours.OFFICE):
        yield _growing(now.ages[hours], later.ages[hours], origins[hours])
        yield _growing(now.totals[hours], later.totals[hours], origins[hours])


def _when(moment: datetime | None) -> int:
    return NEVER if moment is None else (moment - _EPOCH) // _SECOND
