"""The lead times of one release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import State, Transition
from vrijgave.leadtime.durations import CONTRADICTION, NOT_BEGUN, Duration, Kind, Moment, add_up, in_utc
from vrijgave.leadtime.path import Clock, Point, read_stamps, read_transitions
from vrijgave.leadtime.stages import Headline, Measure, Nature, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """One measure of one release.

    ``platform`` is None for what all platforms share, and for a headline's first platform. ``rounds`` counts how
    often a stage was begun (1 for headlines and totals); ``duration`` is the sum of those rounds.
    """

    measure: Measure
    platform: str | None
    duration: Duration
    rounds: int


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
    """All measures of one release as they stood at ``now``; the same measures for every release, in a fixed order."""

    release_id: str
    now: datetime
    times: tuple[LeadTime, ...]
    contradictions: tuple[Contradiction, ...]

    def of(self, measure: Measure, platform: str | None = None) -> Duration:
        """The duration of ``measure``; ``NOT_BEGUN`` for a platform that the release does not have."""
        found = (t.duration for t in self.times if t.measure is measure and t.platform == platform)
        return next(found, NOT_BEGUN)


def lead_times(
    release_id: str,
    stamps: Iterable[Stamp],
    transitions: Iterable[Transition],
    *,
    now: datetime,
    targets: Iterable[str] = (),
) -> ReleaseLeadTimes:
    """The lead times of release ``release_id``, out of all its stamps and changes of state in any order.

    ``targets`` are the platforms meant: one without a stamp counts as open and is not dropped. Of stamps for the same
    (milestone, platform, revision) the one recorded last holds; one with certainty ``UNKNOWN`` withdraws the reading.
    Raises ``ValueError`` for a row of another release and for a time without a zone.
    """
    stamps, transitions = tuple(stamps), tuple(transitions)
    owners = {row.release_id for row in stamps} | {row.release_id for row in transitions}
    if owners - {release_id}:
        raise ValueError(f"rows of another release among those of {release_id}")
    clock = Clock(read_stamps(stamps), read_transitions(transitions), in_utc(now))
    named = sorted({str(target) for target in targets} | clock.platforms())
    platforms: Sequence[str | None] = named or (None,)
    return ReleaseLeadTimes(
        release_id=release_id,
        now=in_utc(now),
        times=(*_headlines(clock, platforms), *_totals(clock, platforms), *_stages(clock, platforms)),
        contradictions=tuple(dict.fromkeys(c for p in platforms for c in _contradictions(clock, p))),
    )


def _headlines(clock: Clock, platforms: Sequence[str | None]) -> Iterator[LeadTime]:
    for headline in Headline:
        each = [(platform, _headline(clock, headline, platform)) for platform in platforms]
        yield LeadTime(measure=headline, platform=None, duration=_first([d for _p, d in each]), rounds=1)
        for platform, duration in each:
            if platform is not None:
                yield LeadTime(measure=headline, platform=platform, duration=duration, rounds=1)


def _headline(clock: Clock, headline: Headline, platform: str | None) -> Duration:
    points = clock.to_public(platform)
    last = next(i for i, point in enumerate(points) if point.what is headline.end)
    start, end = points[0].moment, points[last].moment
    between_them = [point.moment for point in points[1 : last + 1] if point.moment is not None]
    if any(_disagree(start, moment) or _disagree(moment, end) for moment in between_them):
        return CONTRADICTION
    return clock.span(points[0], points[last])


def _disagree(earlier: Moment | None, later: Moment | None) -> bool:
    return earlier is not None and later is not None and earlier.surely_after(later)


def _first(durations: Sequence[Duration]) -> Duration:
    """The shortest of those that are known: an earlier one without a reading cannot be told from a later one."""
    known = [d for d in durations if d.kind.known]
    if known:
        low, high = min(d.bounds[0] for d in known), min(d.bounds[1] for d in known)
        return Duration.known(low, high, exact=Duration(Kind.EXACT, low, low) in known)
    return max(durations, key=lambda duration: duration.kind.weakness)


def _totals(clock: Clock, platforms: Sequence[str | None]) -> Iterator[LeadTime]:
    for nature in Nature:
        for platform in platforms:
            legs = list(clock.legs(clock.to_public(platform)))
            parts = [d for stage, d in legs if stage.nature is nature and stage.in_service]
            total = add_up(parts, _unfinished(clock, parts[-1]))
            yield LeadTime(measure=nature, platform=platform, duration=total, rounds=1)


def _stages(clock: Clock, platforms: Sequence[str | None]) -> Iterator[LeadTime]:
    ways = [(p, [*clock.legs(clock.to_public(p)), *clock.legs(clock.take_down(p))]) for p in platforms]
    for stage in Stage:
        for platform, legs in ways if stage.per_platform else ways[:1]:
            parts = [duration for its_stage, duration in legs if its_stage is stage]
            yield LeadTime(
                measure=stage,
                platform=platform if stage.per_platform else None,
                duration=add_up(parts, _unfinished(clock, parts[-1])),
                rounds=sum(part.kind is not Kind.NOT_BEGUN for part in parts),
            )


def _unfinished(clock: Clock, last: Duration) -> Kind:
    """What a sum is at least, where its last part has yet to begin: another round will come, or would have."""
    if last.kind is not Kind.NOT_BEGUN:
        return Kind.NOT_BEGUN
    return Kind.OPEN if clock.history.stopped_at is None else Kind.STOPPED


def _contradictions(clock: Clock, platform: str | None) -> Iterator[Contradiction]:
    for points in (clock.to_public(platform), clock.take_down(platform)):
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
