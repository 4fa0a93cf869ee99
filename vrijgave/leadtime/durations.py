"""How long something took, and how well that is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vrijgave.leadtime.calendar import WorkingHours

ZERO = timedelta(0)


class Kind(StrEnum):
    """How well a duration is known; the sum of several is of the last of their kinds in this order."""

    NOT_BEGUN = "not_begun"
    EXACT = "exact"
    INTERVAL = "interval"
    """Between two bounds, or estimated (the bounds may then be equal)."""
    STOPPED = "stopped"
    """Cut off: the release was withdrawn or taken down before the end was reached."""
    OPEN = "open"
    """Still running: censored at the moment of asking."""
    UNKNOWN = "unknown"
    """A reading of the clock is missing. Unknown is not zero."""
    CONTRADICTION = "contradiction"
    """The readings are in an impossible order; one of the clocks was wrong."""

    @property
    def known(self) -> bool:
        """True where the whole length can be told, if only between bounds."""
        return self in (Kind.EXACT, Kind.INTERVAL)

    @property
    def measured(self) -> bool:
        """True where there is a length, be it of a part."""
        return self in (Kind.EXACT, Kind.INTERVAL, Kind.STOPPED, Kind.OPEN)

    @property
    def weakness(self) -> int:
        """Its place in the order above: the higher, the less a duration of this kind tells."""
        return _WEAKNESS[self]


_WEAKNESS = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time and how well it is known.

    ``minimum`` and ``maximum`` bound it, ``0 <= minimum <= maximum``; for ``OPEN`` and ``STOPPED`` they bound the
    part until the moment of asking or of stopping. Both are None where nothing was measured.
    """

    kind: Kind
    minimum: timedelta | None = None
    maximum: timedelta | None = None

    def __post_init__(self) -> None:
        if self.minimum is None or self.maximum is None:
            if self.kind.measured or self.minimum is not self.maximum:
                raise ValueError(f"a duration of kind {self.kind} needs both bounds or neither")
        elif not self.kind.measured:
            raise ValueError(f"a duration of kind {self.kind} has no bounds")
        elif not ZERO <= self.minimum <= self.maximum:
            raise ValueError(f"bounds of a duration out of order: {self.minimum}, {self.maximum}")
        elif self.kind is Kind.EXACT and self.minimum != self.maximum:
            raise ValueError(f"an exact duration has one length, not {self.minimum} and {self.maximum}")

    @property
    def bounds(self) -> tuple[timedelta, timedelta]:
        """(minimum, maximum); zero for both where nothing was measured. For sums only."""
        return self.minimum or ZERO, self.maximum or ZERO

    @classmethod
    def known(cls, minimum: timedelta, maximum: timedelta, *, exact: bool) -> Duration:
        """A whole length between two bounds; exact where they are equal and ``exact`` says that it is no estimate."""
        return cls(Kind.EXACT if exact and minimum == maximum else Kind.INTERVAL, minimum, maximum)


NOT_BEGUN = Duration(Kind.NOT_BEGUN)
UNKNOWN = Duration(Kind.UNKNOWN)
CONTRADICTION = Duration(Kind.CONTRADICTION)


def in_utc(moment: datetime) -> datetime:
    """``moment`` in UTC. Python subtracts two times of one zone by their wall clocks, summer time or not; UTC has none.

    Raises ``ValueError`` for a time without a zone.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: between ``earliest`` and ``latest`` (UTC); ``exact`` says that it is no estimate."""

    earliest: datetime
    latest: datetime
    exact: bool

    @classmethod
    def at(cls, moment: datetime) -> Moment:
        """An exact moment."""
        return cls(in_utc(moment), in_utc(moment), exact=True)

    def flattened(self, hours: WorkingHours) -> Moment:
        """The same on the axis on which only working hours pass."""
        return Moment(hours.flattened(self.earliest), hours.flattened(self.latest), self.exact)

    def or_later(self, other: Moment) -> Moment:
        """When both had happened."""
        if self.surely_after(other) or other.surely_after(self):
            return max(self, other, key=lambda moment: moment.earliest)
        latest = max(self.latest, other.latest)
        return Moment(max(self.earliest, other.earliest), latest, exact=self.exact and other.exact)

    def surely_after(self, other: Moment) -> bool:
        """True where no reading of the bounds puts this one at or before ``other``."""
        return self.earliest > other.latest


def between(start: Moment, end: Moment) -> Duration:
    """From ``start`` to ``end``; a contradiction where the end is surely before the start.

    Where the bounds overlap the end still follows the start, so the minimum is zero and not less.
    """
    if start.surely_after(end):
        return CONTRADICTION
    minimum = max(ZERO, end.earliest - start.latest)
    return Duration.known(minimum, end.latest - start.earliest, exact=start.exact and end.exact)


def cut_off(start: Moment, at: datetime, kind: Kind) -> Duration:
    """From ``start`` until ``at``, where the end has not come: ``kind`` is ``OPEN`` or ``STOPPED``."""
    part = between(start, Moment.at(at))
    return part if part.kind is Kind.CONTRADICTION else Duration(kind, part.minimum, part.maximum)


def add_up(parts: Iterable[Duration], at_least: Kind = Kind.NOT_BEGUN) -> Duration:
    """The sum of ``parts``, of the weakest kind among them.

    ``at_least`` is ``OPEN`` or ``STOPPED`` where more parts could have followed: the sum is then cut off too.
    """
    begun = [part for part in parts if part.kind is not Kind.NOT_BEGUN]
    if not begun:
        return NOT_BEGUN
    kind = max((at_least, *(part.kind for part in begun)), key=lambda kind: kind.weakness)
    if not kind.measured:
        return Duration(kind)
    minimum = sum((part.bounds[0] for part in begun), ZERO)
    return Duration(kind, minimum, sum((part.bounds[1] for part in begun), ZERO))
