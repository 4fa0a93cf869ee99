"""The way of one release along the stage clock: the points it passed, or has yet to pass, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.releases import State, Transition
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import NOT_BEGUN, UNKNOWN, ZERO, Duration, Kind, Moment, between, cut_off, in_utc
from vrijgave.leadtime.stages import (
    BEFORE_REVIEW,
    EACH_PLATFORM,
    EACH_REVISION,
    REACHED_BY,
    STAGE_FROM,
    TAKE_DOWN,
    Nature,
    Stage,
)

Readings = Mapping[tuple[Milestone, str | None, int], Moment | None]
"""(milestone, platform, revision) -> the reading that holds; None where it was withdrawn as unknown."""


@dataclass(frozen=True, slots=True)
class Point:
    """A milestone of one revision, or the moment at which changes were requested. ``moment`` None: not known.

    ``platform`` is the one whose own reading it is, None where all share it.
    """

    what: Milestone | State
    moment: Moment | None
    reached: bool
    platform: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the changes of state tell: ``reached`` lies behind the release even where no stamp says so."""

    reached: frozenset[tuple[Milestone, int]]
    changes: tuple[Moment, ...]
    """When changes were requested; the first ended revision 1, and so on."""
    stopped_at: datetime | None
    """When it was withdrawn or ordered taken down."""


def read_stamps(stamps: Iterable[Stamp]) -> Readings:
    """The readings that hold: the one recorded last for each (milestone, platform, revision).

    Only a review and what follows until approval happens once a revision; the other milestones happen once a
    release, so their revision is taken as 1 whatever the stamp says.
    """
    readings: dict[tuple[Milestone, str | None, int], Moment | None] = {}
    for stamp in sorted(stamps, key=lambda s: in_utc(s.recorded_at)):
        revision = stamp.revision if stamp.milestone in EACH_REVISION else 1
        readings[stamp.milestone, stamp.platform, revision] = _moment(stamp)
    return readings


def _moment(stamp: Stamp) -> Moment | None:
    if stamp.certainty is Certainty.UNKNOWN:
        return None
    return Moment(in_utc(stamp.earliest), in_utc(stamp.latest), exact=stamp.certainty is Certainty.EXACT)


def read_transitions(transitions: Iterable[Transition]) -> History:
    """What ``transitions`` tell, in the order of their times."""
    reached: set[tuple[Milestone, int]] = set()
    changes: list[Moment] = []
    stopped_at: datetime | None = None
    for move in sorted(transitions, key=lambda t: in_utc(t.at)):
        milestone = REACHED_BY.get(move.to_state)
        if milestone is not None:
            reached.add((milestone, len(changes) + 1 if milestone in EACH_REVISION else 1))
        elif move.to_state is State.CHANGES_REQUESTED:
            if move.from_state is State.RENDERING:  # the re-scan found something: then it had been rendering
                reached.add((Milestone.RENDER_STARTED, len(changes) + 1))
            changes.append(Moment.at(move.at))
        if move.to_state in (State.WITHDRAWN, State.TAKING_DOWN) and stopped_at is None:
            stopped_at = move.at
    return History(reached=frozenset(reached), changes=tuple(changes), stopped_at=stopped_at)


@dataclass(frozen=True, slots=True)
class Clock:
    """All readings of one release together with its history, at the moment ``now``."""

    readings: Readings
    history: History
    now: datetime
    holds: tuple[tuple[datetime, datetime], ...] = ()
    """When it was held on purpose (UTC): in order, apart from one another, none beyond ``now``."""

    def flattened(self, hours: WorkingHours) -> Clock:
        """The same on the axis on which only working hours pass."""
        flat = hours.flattened
        stopped_at = self.history.stopped_at
        return Clock(
            {key: moment and moment.flattened(hours) for key, moment in self.readings.items()},
            replace(
                self.history,
                changes=tuple(moment.flattened(hours) for moment in self.history.changes),
                stopped_at=stopped_at and flat(stopped_at),
            ),
            flat(self.now),
            tuple((flat(begins), flat(ends)) for begins, ends in self.holds),
        )

    def point(self, milestone: Milestone, platform: str | None = None, revision: int = 1) -> Point:
        """One point; a platform without a reading of its own shares that of the whole release."""
        own, shared = (milestone, platform, revision), (milestone, None, revision)
        key = own if own in self.readings else shared
        reached = key in self.readings or (milestone, revision) in self.history.reached
        return Point(milestone, self.readings.get(key), reached, key[1])

    def platforms(self) -> set[str]:
        """The platforms that have a reading."""
        return {platform for _milestone, platform, _revision in self.readings if platform is not None}

    def to_public(self, platform: str | None) -> tuple[Point, ...]:
        """The points from the incident to public on ``platform``.

        Of a revision that was sent back only the points that it reached are there. All points before the last
        one reached count as reached: a missing reading is then unknown, not yet to come.
        """
        points = [self.point(milestone) for milestone in BEFORE_REVIEW]
        points += self._rounds()
        points += [self._authorised(points[-1]), self._publish_ordered()]
        points += [self.point(milestone, platform) for milestone in EACH_PLATFORM]
        last = max((i for i, point in enumerate(points) if point.reached), default=0)
        return tuple(replace(p, reached=i <= last) if p.reached != (i <= last) else p for i, p in enumerate(points))

    def road(self, platform: str | None) -> Road:
        """The whole way on ``platform``, worked out once for all that is measured along it."""
        points, down = self.to_public(platform), self.take_down(platform)
        return Road(platform, points, down, tuple(self.legs(points)), tuple(self.legs(down)))

    def take_down(self, platform: str | None) -> tuple[Point, ...]:
        """Ordered and confirmed."""
        ordered, confirmed = (self.point(milestone, platform) for milestone in TAKE_DOWN)
        return replace(ordered, reached=ordered.reached or confirmed.reached), confirmed

    def _rounds(self) -> Iterator[Point]:
        changes = self.history.changes
        stamped = (revision for milestone, _platform, revision in self.readings if milestone in EACH_REVISION)
        revisions = max((len(changes) + 1, *stamped))
        for revision in range(1, revisions):
            points = [self.point(milestone, revision=revision) for milestone in EACH_REVISION]
            got = max((i for i, point in enumerate(points, start=1) if point.reached), default=0)
            yield from points[:got]
            changed = changes[revision - 1] if revision <= len(changes) else None
            authorised = self._authorised(points[-1])
            if changed and authorised.reached and authorised.moment and not authorised.moment.surely_after(changed):
                yield authorised
            yield Point(State.CHANGES_REQUESTED, changed, True)
        yield from (self.point(milestone, revision=revisions) for milestone in EACH_REVISION)

    def _authorised(self, approved: Point) -> Point:
        """When it was both approved and authorised: the permission may come before the approval or after it."""
        given = self.point(Milestone.AUTHORISED)
        both = given.moment.or_later(approved.moment) if given.moment and approved.moment else None
        return Point(Milestone.AUTHORISED, both, given.reached and approved.reached)

    def _publish_ordered(self) -> Point:
        point = self.point(Milestone.PUBLISH_ORDERED)
        sent = any(milestone in EACH_PLATFORM for milestone, _platform, _revision in self.readings)
        return replace(point, reached=point.reached or sent)

    def span(self, start: Point, end: Point) -> Duration:
        """The time from one point to a later one, as it stands now."""
        if not start.reached:
            return NOT_BEGUN
        if start.moment is None or (end.reached and end.moment is None):
            return UNKNOWN
        if end.moment is not None:
            return between(start.moment, end.moment)
        stopped_at = self.history.stopped_at
        if stopped_at is not None and end.what is not Milestone.TAKE_DOWN_CONFIRMED:
            return cut_off(start.moment, stopped_at, Kind.STOPPED)
        return cut_off(start.moment, self.now, Kind.OPEN)

    def legs(self, points: tuple[Point, ...]) -> Iterator[Leg]:
        """Each stretch between neighbouring points."""
        for start, end in pairwise(points):
            stage, duration = STAGE_FROM[start.what], self.span(start, end)
            held = self._held(start, end) if stage.nature is Nature.WAITING and duration.kind.measured else ZERO
            yield Leg(stage, duration, held)

    def _held(self, start: Point, end: Point) -> timedelta:
        """How much of the time from ``start`` until ``end`` was surely held."""
        if start.moment is None:
            return ZERO
        stop = self.history.stopped_at or self.now
        begins, ends = start.moment.latest, stop if end.moment is None else end.moment.earliest
        return sum((max(ZERO, min(ends, to) - max(begins, since)) for since, to in self.holds), ZERO)


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of the way, with the stage to which it belongs and how much of it was surely held on purpose."""

    stage: Stage
    duration: Duration
    held: timedelta

    @property
    def without_hold(self) -> Duration:
        """How long it took apart from what was held."""
        low, high = self.duration.minimum, self.duration.maximum
        if low is None or high is None or not self.held:
            return self.duration
        return Duration(self.duration.kind, max(ZERO, low - self.held), max(ZERO, high - self.held))


@dataclass(frozen=True, slots=True)
class Road:
    """The way of a release on one platform: the points to public and those of the take-down, and what lies between."""

    platform: str | None
    points: tuple[Point, ...]
    down: tuple[Point, ...]
    legs: tuple[Leg, ...]
    down_legs: tuple[Leg, ...]


def read_holds(holds: Iterable[Hold], now: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """When a release was held, until ``now``: overlapping holds as one."""
    now = in_utc(now)
    spans = sorted((in_utc(h.begins), min(now, in_utc(h.ends) if h.ends else now)) for h in holds)
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in spans:
        if ends <= begins:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return tuple(merged)
