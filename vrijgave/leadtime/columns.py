"""What is counted of all releases, as arrays with a place for each: read once, asked often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.packing import FAR, MEASURES, seconds
from vrijgave.leadtime.record import Record
from vrijgave.leadtime.spreads import PLACE, Kinds, Seconds
from vrijgave.leadtime.stages import Measure, Stage
from vrijgave.leadtime.view import Hours

Places = NDArray[np.intp]
NEVER = np.iinfo(np.int64).max
"""For a moment that has not come."""
NOWHERE = -1
WAY = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
COUNTS = ("rounds", "render_begun", "sent_back", "rescans", "refusals", "tips", "usable_tips", "identified")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_STAGES = tuple(Stage)
_MEASURE = {measure: place for place, measure in enumerate(MEASURES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths by one kind of hours, times two, plus one where they grow; as ``packing`` has them."""

    low: Seconds
    high: Seconds
    held: Seconds
    """[platforms + 1, measures, releases]; the first platform stands for all."""
    age: Seconds
    total: Seconds
    """[releases]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A place for each release, by id."""

    ids: tuple[str, ...]
    facts: dict[str, NDArray[np.object_]]
    """``number``, ``unit``, ``offence``, ``footage``, ``stage`` (empty: none) and ``state`` as text."""
    platforms: tuple[str, ...]
    has: NDArray[np.bool_]
    """[platforms + 1, releases]: which platforms a release has."""
    public: Seconds
    """[platforms + 1, releases], seconds since 1970."""
    way: dict[str, Seconds]
    counts: dict[str, NDArray[np.int64]]
    kinds: Kinds
    """[platforms + 1, measures, releases]; ``NOWHERE`` where a release has not that measure."""
    lengths: dict[Hours, Lengths]
    stage: NDArray[np.int8]
    """Where it stands, as a place in ``Stage``, or ``NOWHERE``."""
    since: Seconds
    """In microseconds."""
    held: NDArray[np.bool_]

    def slot(self, platform: str | None) -> int:
        """Where ``platform`` stands among the platforms; 0 for None. Raises ``ValueError`` for one that nobody has."""
        return 0 if platform is None else 1 + self.platforms.index(platform)

    def of(self, measure: Measure, slot: int, hours: Hours, at: int, places: Places) -> tuple[Kinds, Seconds, Seconds]:
        """(kind, lower bound, upper bound) of ``measure`` at the moment ``at``; without those who have it not."""
        row = _MEASURE[measure]
        kinds = self.kinds[slot, row, places]
        there = kinds != NOWHERE
        lengths, some = self.lengths[hours], places[there]
        return kinds[there], told(lengths.low[slot, row, some], at), told(lengths.high[slot, row, some], at)

    def held_of(self, measure: Measure, slot: int, hours: Hours, at: int, places: Places) -> Seconds:
        """How much of ``measure`` was held; without those who have it not."""
        row = _MEASURE[measure]
        some = places[self.kinds[slot, row, places] != NOWHERE]
        return told(self.lengths[hours].held[slot, row, some], at)


def told(packed: Seconds, at: int) -> Seconds:
    """Packed lengths in seconds at the moment ``at``."""
    return np.where(packed & 1, np.maximum(0, (packed >> 1) + at), packed >> 1)


def columns(pairs: Sequence[tuple[Record, Record]], office: WorkingHours) -> Columns:
    """The columns of records as they stand at ``packing.FAR`` and at ``packing.FARTHER``."""
    pairs = sorted(pairs, key=lambda pair: pair[0].release_id)
    far = [pair[0] for pair in pairs]
    names = tuple(sorted({platform for record in far for platform in record.platforms}))
    slots: tuple[str | None, ...] = (None, *names)
    kinds = np.full((len(slots), len(MEASURES), len(far)), NOWHERE, np.int8)
    for i, record in enumerate(far):
        times = record.times[Hours.ELAPSED]
        for s, platform in enumerate(slots):
            for m, measure in enumerate(MEASURES):
                if platform in (None, *record.platforms) and (time_ := times.time(measure, platform)) is not None:
                    kinds[s, m, i] = PLACE[time_.duration.kind]
    standing = [record.standing for record in far]
    return Columns(
        ids=tuple(record.release_id for record in far),
        facts={
            "number": _texts([r.number for r in far]),
            "unit": _texts([r.unit for r in far]),
            "offence": _texts([r.offence for r in far]),
            "footage": _texts([r.footage.value for r in far]),
            "stage": _texts([r.stage.value if r.stage else "" for r in far]),
            "state": _texts([r.state.value for r in far]),
        },
        platforms=names,
        has=np.array([[p is None or p in r.platforms for r in far] for p in slots], np.bool_),
        public=np.array([[_when(r.published(p)) for r in far] for p in slots], np.int64),
        way={name: np.array([_when(getattr(r.way, name)) for r in far], np.int64) for name in WAY},
        counts={name: np.array([int(getattr(r, name)) for r in far], np.int64) for name in COUNTS},
        kinds=kinds,
        lengths={hours: _lengths(pairs, slots, hours, office) for hours in Hours},
        stage=np.array([NOWHERE if s is None else _STAGES.index(s.stage) for s in standing], np.int8),
        since=np.array(
            [0 if s is None else (s.since - _EPOCH) // timedelta(microseconds=1) for s in standing], np.int64
        ),
        held=np.array([s is not None and s.held for s in standing], np.bool_),
    )


def _lengths(
    pairs: Sequence[tuple[Record, Record]], slots: Sequence[str | None], hours: Hours, office: WorkingHours
) -> Lengths:
    origin = seconds(FAR, None if hours is Hours.ELAPSED else office)
    cells = np.zeros((3, len(slots), len(MEASURES), len(pairs)), np.int64)
    stands = np.zeros((2, len(pairs)), np.int64)
    for i, (far, farther) in enumerate(pairs):
        if far.standing and farther.standing:
            stands[0, i] = _packed(far.standing.ages[hours], farther.standing.ages[hours], origin)
            stands[1, i] = _packed(far.standing.totals[hours], farther.standing.totals[hours], origin)
        for s, platform in enumerate(slots):
            for m, measure in enumerate(MEASURES):
                one, two = far.times[hours].time(measure, platform), farther.times[hours].time(measure, platform)
                if one is not None and two is not None:
                    both = zip((*one.duration.bounds, one.held), (*two.duration.bounds, two.held), strict=True)
                    cells[:, s, m, i] = [_packed(length, later, origin) for length, later in both]
    low, high, held = cells
    return Lengths(low=low, high=high, held=held, age=stands[0], total=stands[1])


def _packed(length: timedelta, later: timedelta, origin: int) -> int:
    return (length // _SECOND - origin * (later != length)) * 2 + (later != length)


def _when(moment: datetime | None) -> int:
    return NEVER if moment is None else (moment - _EPOCH) // _SECOND


def _texts(values: Sequence[str]) -> NDArray[np.object_]:
    return np.array(values, dtype=object)


FIRST_DAY = date(1970, 1, 1)
_DAYS = 36_525


@lru_cache(maxsize=4)
def midnights(zone: ZoneInfo) -> Seconds:
    """When each day begins in ``zone``, from ``FIRST_DAY`` for a hundred years; seconds since 1970."""
    days = (datetime.combine(FIRST_DAY + timedelta(days=n), time(0), zone) for n in range(_DAYS))
    return np.array([(day.astimezone(UTC) - _EPOCH) // _SECOND for day in days], np.int64)


def days(moments: Seconds, zone: ZoneInfo) -> Seconds:
    """The day of each of ``moments`` in ``zone``, counted from ``FIRST_DAY``; ``NEVER`` stays."""
    return np.where(moments == NEVER, NEVER, np.searchsorted(midnights(zone), moments, side="right") - 1)
