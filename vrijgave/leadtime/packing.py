"""The lead times of a release as short text, so that they stay true while time goes on.

A row is «version;measure;measure;…», a measure for each of ``MEASURES``, empty where the row has it not. A measure is
up to eight whole numbers with commas between: kind (its place in ``Kind``), rounds, then lower bound, upper bound and
held in elapsed time, and the same three in office hours; the lengths are left out where nothing was measured. A length
is in seconds, cut off below, times two; plus one where it grows with the time: it is then what to add to the moment
of asking (seconds since 1970, in office hours the flattened moment). All are worked out at ``FAR``, so that a row does
not depend on when it was made.

The row of the empty platform is that of the whole release, with everything that it has without asking for a platform;
the rows of platforms hold what differs by platform.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.release import LeadTime, ReleaseLeadTimes
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage
from vrijgave.leadtime.view import Hours

VERSION = 1
MEASURES: tuple[Measure, ...] = (*Headline, *Nature, *Stage, *Result)
KINDS = tuple(Kind)
FAR = datetime(2069, 1, 1, tzinfo=UTC)
FARTHER = FAR + timedelta(days=7)
"""What grows between the two grows for ever. Stamps after ``FAR`` are none that a clock has shown."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

At = Callable[[datetime, WorkingHours | None], ReleaseLeadTimes]
"""The lead times of one release as they stand at a moment, in elapsed time or in office hours."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One measure as a row holds it; ``lengths`` has (lower, upper, held) in elapsed time and in office hours."""

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


def pack(at: At, office: WorkingHours) -> dict[str, str]:
    """Platform -> row."""
    now = tuple(_Pair.at(at, hours) for hours in (None, office))
    platforms = {time.platform for time in now[0].far.times if time.platform is not None}
    rows = {"": _row(now, None)}
    return rows | {platform: _row(now, platform) for platform in sorted(platforms)}


def unpack(row: str) -> Mapping[Measure, Packed]:
    """The inverse of ``pack`` for one row. Raises ``ValueError`` for a row of another version."""
    version, *cells = row.split(";")
    if version != str(VERSION) or len(cells) != len(MEASURES):
        raise ValueError("lead times were packed by another version of the program")
    return {measure: _packed(cell) for measure, cell in zip(MEASURES, cells, strict=True) if cell}


@dataclass(frozen=True, slots=True)
class _Pair:
    """The lead times of a release at ``FAR`` and at ``FARTHER``, and where ``FAR`` lies on the axis of these hours."""

    far: ReleaseLeadTimes
    farther: ReleaseLeadTimes
    origin: int

    @classmethod
    def at(cls, at: At, hours: WorkingHours | None) -> _Pair:
        far = at(FAR, hours)
        grows = any(time.duration.kind is Kind.OPEN for time in far.times)
        return cls(far, at(FARTHER, hours) if grows else far, seconds(FAR, hours))

    def lengths(self, measure: Measure, platform: str | None) -> Iterator[int]:
        far, farther = self.far.time(measure, platform), self.farther.time(measure, platform)
        if far is None or farther is None or not far.duration.kind.measured:
            return
        for length, later in zip(_lengths(far), _lengths(farther), strict=True):
            grows = later != length
            yield (length // _SECOND - self.origin * grows) * 2 + grows


def _lengths(time: LeadTime) -> tuple[timedelta, timedelta, timedelta]:
    return *time.duration.bounds, time.held


def _row(pairs: tuple[_Pair, ...], platform: str | None) -> str:
    own = {time.measure for time in pairs[0].far.times if platform is None or time.platform == platform}
    return ";".join((str(VERSION), *(_cell(pairs, m, platform) if m in own else "" for m in MEASURES)))


def _cell(pairs: tuple[_Pair, ...], measure: Measure, platform: str | None) -> str:
    time = pairs[0].far.time(measure, platform)
    if time is None:
        return ""
    lengths = (number for pair in pairs for number in pair.lengths(measure, platform))
    return ",".join(str(number) for number in (KINDS.index(time.duration.kind), time.rounds, *lengths))


def _packed(cell: str) -> Packed:
    kind, rounds, *lengths = (int(number) for number in cell.split(","))
    return Packed(KINDS[kind], rounds, tuple(lengths) or (0,) * 6)
