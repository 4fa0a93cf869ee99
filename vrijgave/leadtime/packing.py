"""The lead times of a release as short text, so that they stay true while time goes on.

A row holds a version and then, for each measure in the order of ``MEASURES``, four whole numbers: kind (its place in
``Kind``), rounds, lower bound and upper bound. A measure that the row has not is empty. Lengths are seconds, cut off
below, times two; plus one where the length grows with the time: it is then the number of seconds to add to the moment
of asking (in seconds since 1970). All are worked out at ``FAR``, so that a row does not depend on when it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.release import LeadTime, ReleaseLeadTimes
from vrijgave.leadtime.stages import Headline, Measure, Nature, Stage

VERSION = 1
MEASURES: tuple[Measure, ...] = (*Headline, *Nature, *Stage)
KINDS = tuple(Kind)
FAR = datetime(2069, 1, 1, tzinfo=UTC)
FARTHER = FAR + timedelta(days=7)
"""What grows between the two grows for ever. Stamps after ``FAR`` are none that a clock has shown."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Packed:
    """One measure as a row holds it; ``low`` and ``high`` as the module says."""

    kind: Kind
    rounds: int
    low: int
    high: int

    def at(self, now: datetime) -> tuple[int, int]:
        """(lower bound, upper bound) in seconds at ``now``, which is a whole second."""
        moment = (now - _EPOCH) // _SECOND
        low, high = (max(0, (v >> 1) + moment) if v & 1 else v >> 1 for v in (self.low, self.high))
        return low, high


def pack(at: Callable[[datetime], ReleaseLeadTimes]) -> dict[str, str]:
    """Platform -> row; the row of the empty platform is that of the whole release. ``at`` gives the lead times as they
    stand at a moment."""
    first = at(FAR)
    grows = any(time.duration.kind is Kind.OPEN for time in first.times)
    later = at(FARTHER) if grows else first
    rows: dict[str, dict[Measure, str]] = {"": {}}
    for time, then in zip(first.times, later.times, strict=True):
        rows.setdefault(time.platform or "", {})[time.measure] = _cell(time, then)
    return {platform: _row(cells) for platform, cells in rows.items()}


def unpack(row: str) -> Mapping[Measure, Packed]:
    """The inverse of ``pack`` for one row. Raises ``ValueError`` for a row of another version."""
    version, *cells = row.split(";")
    if version != str(VERSION) or len(cells) != len(MEASURES):
        raise ValueError("lead times were packed by another version of the program")
    return {measure: _packed(cell) for measure, cell in zip(MEASURES, cells, strict=True) if cell}


def _row(cells: Mapping[Measure, str]) -> str:
    return ";".join((str(VERSION), *(cells.get(measure, "") for measure in MEASURES)))


def _packed(cell: str) -> Packed:
    kind, rounds, low, high = (int(number) for number in cell.split(","))
    return Packed(KINDS[kind], rounds, low, high)


def _cell(time: LeadTime, then: LeadTime) -> str:
    lengths = zip(time.duration.bounds, then.duration.bounds, strict=True)
    numbers: Iterable[int] = (KINDS.index(time.duration.kind), time.rounds, *(_length(a, b) for a, b in lengths))
    return ",".join(str(number) for number in numbers)


def _length(at_far: timedelta, farther: timedelta) -> int:
    if farther == at_far:
        return (at_far // _SECOND) * 2
    return ((at_far - (FAR - _EPOCH)) // _SECOND) * 2 + 1
