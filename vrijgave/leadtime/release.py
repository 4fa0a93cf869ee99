"""The lead times of one release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.releases import State, Transition
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import CONTRADICTION, NOT_BEGUN, ZERO, Duration, Kind, Moment, add_up, in_utc
from vrijgave.leadtime.path import Clock, Leg, Point, Road, read_holds, read_stamps, read_transitions
from vrijgave.leadtime.stages import EACH_PLATFORM, Headline, Measure, Nature, Result, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """One measure of one release.

    ``platform`` is None for what all platforms share, and for a headline on whichever was soonest. ``rounds`` counts
    how often a stage was begun (1 for headlines, totals and results); ``duration`` is the sum of those rounds.
    ``held`` is how much of it was surely held on purpose: a total leaves that out, everything else holds it.
    """

    measure: Measure
    platform: str | None
    duration: Duration
    rounds: int
    held: timedelta = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """``later`` is stamped surely before ``earlier``, by at least ``by``; ``later`` None stands for now.

    ``platform`` is the one whose reading it is, None where all platforms share it.
    """

    earlier: Milestone | State
    later: Milestone | State | None
    platform: str | None
    by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLeadTimes:
    """All measures of one release as they stood at ``now``; the same measures for every release, in a fixed order.

    ``first`` is the platform that was public first. While none is, it is the one that got furthest, and of equals the
    first by name; None for a release without platforms.
    """

    release_id: str
    now: datetime
    first: str | None
    times: tuple[LeadTime, ...]
    contradictions: tuple[Contradiction, ...]

    def time(self, measure: Measure, platform: str | None = None) -> LeadTime | None:
        """``measure`` on ``platform``; None for a platform that the release does not have.

        Without ``platform``: a headline on whichever was soonest, everything else on the first one.
        """
        if measure in _SHARED or (platform is None and isinstance(measure, Headline)):
            wanted = None
        else:
            wanted = platform or self.first
        return next((t for t in self.times if t.measure is measure and t.platform == wanted), None)

    def of(self, measure: Measure, platform: str | None = None) -> Duration:
        """The duration of ``measure`` as ``time`` gives it; ``NOT_BEGUN`` where that gives none."""
        found = self.time(measure, platform)
        return NOT_BEGUN if found is None else found.duration


_SHARED = frozenset({*Result, *(stage for stage in Stage if not stage.per_platform)})


def lead_times(
    release_id: str,
    stamps: Iterable[Stamp],
    transitions: Iterable[Transition],
    *,
    now: datetime,
    targets: Iterable[str] = (),
    holds: Iterable[Hold] = (),
    hours: WorkingHours | None = None,
) -> ReleaseLeadTimes:
    """The lead times of release ``release_id``, out of all its stamps, changes of state and holds in any order.

    ``targets`` are the platforms meant: one without a stamp counts as open and is not dropped. Of stamps for the same
    (milestone, platform, revision) the one recorded last holds; one with certainty ``UNKNOWN`` withdraws the reading.
    With ``hours`` only those count. Raises ``ValueError`` for a row of another release and for a time without a zone.
    """
    stamps, transitions, holds = tuple(stamps), tuple(transitions), tuple(holds)
    owners = {row.release_id for rows in (stamps, transitions, holds) for row in rows}
    if owners - {release_id}:
        raise ValueError(f"rows of another release among those of {release_id}")
    clock = Clock(read_stamps(stamps), read_transitions(transitions), in_utc(now), read_holds(holds, now))
    named = sorted({str(target) for target in targets} | clock.platforms())
    platforms: Sequence[str | None] = named or (None,)
    roads = tuple(clock.road(platform) for platform in platforms)
    first = min(roads, key=lambda road: _place(clock, road)).platform
    times = tuple(_times(clock, roads, first))
    if hours is not None:
        flat = clock.flattened(hours)
        office = _times(flat, tuple(flat.road(platform) for platform in platforms), first)
        times = tuple(_in_office(known, counted) for known, counted in zip(times, office, strict=True))
    return ReleaseLeadTimes(
        release_id=release_id,
        now=clock.now,
        first=first,
        times=times,
        contradictions=tuple(dict.fromkeys(c for road in roads for c in _contradictions(clock, road))),
    )


def _times(clock: Clock, roads: Sequence[Road], first: str | None) -> Iterator[LeadTime]:
    yield from _headlines(clock, roads, first)
    yield from _totals(clock, roads)
    yield from _stages(clock, roads)
    yield from _results(clock, next(road for road in roads if road.platform == first))


def _in_office(elapsed: LeadTime, office: LeadTime) -> LeadTime:
    """``office``, as well known as ``elapsed``: a night in which nobody works hides no contradiction."""
    kind = elapsed.duration.kind
    return replace(office, duration=replace(office.duration, kind=kind)) if kind.measured else elapsed


def _place(clock: Clock, road: Road) -> tuple[object, ...]:
    """Sorts the platform that was public first to the front, and while none is the one that got furthest."""
    wrong = _headline(clock, Headline.INCIDENT_TO_PUBLIC, road).duration.kind is Kind.CONTRADICTION
    known = (clock.point(milestone, road.platform).moment for milestone in reversed(EACH_PLATFORM))
    return wrong, *((m is None, *((m.latest, m.earliest) if m else ())) for m in known), road.platform or ""


def _headlines(clock: Clock, roads: Sequence[Road], first: str | None) -> Iterator[LeadTime]:
    for headline in Headline:
        each = {road.platform: _headline(clock, headline, road) for road in roads}
        soonest = _soonest([time.duration for time in each.values()])
        yield replace(each[first], platform=None, duration=soonest)
        yield from (time for platform, time in each.items() if platform is not None)


def _soonest(durations: Sequence[Duration]) -> Duration:
    """The shortest of those that are known: an earlier one without a reading cannot be told from a later one."""
    known = [d for d in durations if d.kind.known]
    if known:
        low, high = min(d.bounds[0] for d in known), min(d.bounds[1] for d in known)
        return Duration.known(low, high, exact=Duration(Kind.EXACT, low, low) in known)
    return max(durations, key=lambda duration: duration.kind.weakness)


def _headline(clock: Clock, headline: Headline, road: Road) -> LeadTime:
    last = next(i for i, point in enumerate(road.points) if point.what is headline.end)
    start, end = road.points[0], road.points[last]
    between_them = [point.moment for point in road.points[1 : last + 1] if point.moment is not None]
    wrong = any(_disagree(start.moment, moment) or _disagree(moment, end.moment) for moment in between_them)
    duration = CONTRADICTION if wrong else clock.span(start, end)
    held = sum((leg.held for leg in road.legs[:last]), ZERO) if duration.kind.measured else ZERO
    return LeadTime(measure=headline, platform=road.platform, duration=duration, rounds=1, held=held)


def _disagree(earlier: Moment | None, later: Moment | None) -> bool:
    return earlier is not None and later is not None and earlier.surely_after(later)


def _totals(clock: Clock, roads: Sequence[Road]) -> Iterator[LeadTime]:
    for nature in Nature:
        for road in roads:
            legs = [leg for leg in road.legs if leg.stage.in_service]
            parts = [_part(leg, nature) for leg in legs if nature in (leg.stage.nature, Nature.HELD)]
            total = add_up(parts, _unfinished(clock, parts[-1]))
            held = sum((leg.held for leg in legs), ZERO) if nature is Nature.HELD else ZERO
            yield LeadTime(measure=nature, platform=road.platform, duration=total, rounds=1, held=held)


def _part(leg: Leg, nature: Nature) -> Duration:
    """What ``leg`` adds to the total of ``nature``."""
    if nature is not Nature.HELD:
        return leg.without_hold
    return Duration(leg.duration.kind, leg.held, leg.held) if leg.duration.kind.measured else leg.duration


def _stages(clock: Clock, roads: Sequence[Road]) -> Iterator[LeadTime]:
    for stage in Stage:
        for road in roads if stage.per_platform else roads[:1]:
            legs = (*road.legs, *road.down_legs)
            parts = [leg for leg in legs if leg.stage is stage]
            durations = [leg.duration for leg in parts]
            yield LeadTime(
                measure=stage,
                platform=road.platform if stage.per_platform else None,
                duration=add_up(durations, _unfinished(clock, durations[-1])),
                rounds=sum(part.kind is not Kind.NOT_BEGUN for part in durations),
                held=sum((leg.held for leg in parts), ZERO),
            )


def _results(clock: Clock, road: Road) -> Iterator[LeadTime]:
    public = road.points[-1]
    for result in Result:
        duration = clock.span(public, clock.point(result.end))
        yield LeadTime(measure=result, platform=None, duration=duration, rounds=1)


def _unfinished(clock: Clock, last: Duration) -> Kind:
    """What a sum is at least, where its last part has yet to begin: another round will come, or would have."""
    if last.kind is not Kind.NOT_BEGUN:
        return Kind.NOT_BEGUN
    return Kind.OPEN if clock.history.stopped_at is None else Kind.STOPPED


def _contradictions(clock: Clock, road: Road) -> Iterator[Contradiction]:
    for points in (road.points, road.down):
        yield from _out_of_order(points, Moment.at(clock.now))


def _out_of_order(points: Iterable[Point], now: Moment) -> Iterator[Contradiction]:
    """Each point against the latest one before it, and once only: a clock that ran ahead would else accuse them all."""
    ahead: Point | None = None
    told = False
    for point in points:
        if point.moment is None:
            continue
        if ahead is None or ahead.moment is None or point.moment.earliest >= ahead.moment.earliest:
            ahead, told = point, False
        elif ahead.moment.surely_after(point.moment) and not told:
            told = True
            by = ahead.moment.earliest - point.moment.latest
            yield Contradiction(earlier=ahead.what, later=point.what, platform=point.platform or ahead.platform, by=by)
    if ahead is not None and ahead.moment is not None and ahead.moment.surely_after(now):
        by = ahead.moment.earliest - now.latest
        yield Contradiction(earlier=ahead.what, later=None, platform=ahead.platform, by=by)
