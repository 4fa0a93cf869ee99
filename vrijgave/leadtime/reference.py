"""The answer to management's question, worked out slowly and plainly, release by release; see ``view`` for its shape.

It is what the quick way is held against, and fit for installations of some thousands of releases.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from vrijgave.domain.releases import State
from vrijgave.leadtime.durations import Duration, Kind
from vrijgave.leadtime.record import Record, Way
from vrijgave.leadtime.stages import Measure, Nature, Result, Stage
from vrijgave.leadtime.summary import median_rank
from vrijgave.leadtime.view import (
    FEWEST,
    LONGEST_POINTS,
    MOST_DAYS,
    MOST_POINTS,
    MOST_WAITING,
    MOST_WEEKS,
    TRAILING_WEEKS,
    AgeingStage,
    Bounds,
    Dashboard,
    FlowDay,
    Point,
    Quality,
    Query,
    Results,
    Scatter,
    Share,
    Split,
    SplitLine,
    Spread,
    StageLine,
    Tiles,
    Waiting,
    Week,
)

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
MEDIAN, P85, P90, P95 = Fraction(1, 2), Fraction(17, 20), Fraction(9, 10), Fraction(19, 20)
HALF = Fraction(1, 2) + Fraction(1, 10**9)
"""Half, with room for how the quick way rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what the force counts: the zone of its days, and how long it wants the headline to take at most."""

    zone: ZoneInfo
    target: timedelta | None = None


def dashboard(records: Iterable[Record], query: Query, now: datetime, terms: Terms) -> Dashboard:
    """The whole answer as of ``now``."""
    work = _Work(tuple(r for r in records if _asked(r, query)), query, now, terms)
    return Dashboard(
        query=query,
        now=now,
        tiles=work.tiles(),
        previous=work.previous(),
        stages=work.stages(),
        ageing=work.ageing(),
        scatter=work.scatter(),
        weeks=work.weeks(),
        flow=work.flow(),
        splits=tuple((split, work.split(split)) for split in Split),
        quality=work.quality(),
        results=work.results(),
    )


def _asked(record: Record, query: Query) -> bool:
    return (
        query.unit in (None, record.unit)
        and query.offence in (None, record.offence)
        and query.footage in (None, record.footage)
        and query.stage in (None, record.stage)
        and (query.platform is None or query.platform in record.platforms)
    )


def spread(durations: Iterable[Duration]) -> Spread:
    """Counts and percentiles of one measure."""
    durations = tuple(durations)
    known = [_seconds(d) for d in durations if d.kind.known]
    count = {kind: sum(d.kind is kind for d in durations) for kind in Kind}
    cut = [_seconds(d)[1] for d in durations if d.kind in (Kind.OPEN, Kind.STOPPED)]
    enough = len(known) >= FEWEST
    return Spread(
        n=len(known),
        n_open=count[Kind.OPEN],
        n_stopped=count[Kind.STOPPED],
        n_unknown=count[Kind.UNKNOWN],
        n_contradictory=count[Kind.CONTRADICTION],
        median=_bounds(known, MEDIAN) if enough else None,
        p85=_bounds(known, P85) if enough else None,
        p90=_bounds(known, P90) if enough else None,
        p95=_bounds(known, P95) if enough else None,
        interval=_interval(known) if enough else None,
        kaplan_meier=kaplan_meier([high for _low, high in known], cut) if enough else None,
    )


def _seconds(duration: Duration) -> tuple[int, int]:
    low, high = duration.bounds
    return low // SECOND, high // SECOND


def _bounds(known: Sequence[tuple[int, int]], share: Fraction) -> Bounds:
    low, high = (percentile([pair[side] for pair in known], share) for side in (0, 1))
    return Bounds(low=low, high=high)


def _interval(known: Sequence[tuple[int, int]]) -> Bounds:
    rank = median_rank(len(known))
    lows, highs = (sorted(side) for side in zip(*known, strict=True))
    return Bounds(low=lows[rank - 1], high=highs[-rank])


def percentile(values: Sequence[int], share: Fraction) -> int:
    """As ``summary.percentile``, of whole seconds and cut off below."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = position.numerator // position.denominator
    if below + 1 == len(ordered):
        return ordered[below]
    step = (ordered[below + 1] - ordered[below]) * (position - below)
    return ordered[below] + step.numerator // step.denominator


def kaplan_meier(reached: Sequence[int], cut_off: Sequence[int]) -> int | None:
    """The time at which half have got there; ``cut_off``: how long those took at least that have not.

    The product-limit estimate of Kaplan and Meier, «Nonparametric estimation from incomplete observations», Journal of
    the American Statistical Association 53 (1958); who is cut off at a time was still at risk at it.
    """
    left = Fraction(1)
    for at in sorted(set(reached)):
        risk = sum(t >= at for t in reached) + sum(t >= at for t in cut_off)
        left *= 1 - Fraction(reached.count(at), risk)
        if left <= HALF:
            return at
    return None


class _Work:
    """The releases that a question is about."""

    def __init__(self, records: Sequence[Record], query: Query, now: datetime, terms: Terms) -> None:
        self.records, self.query, self.now, self.terms = records, query, now, terms
        self.platform = query.platform
        self.period = self._belonging(query.since, query.until)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.terms.zone).date()

    def _belonging(self, since: date | None, until: date | None, platform: str | None = None) -> list[Record]:
        """Those that went public in the period, and those not public that came in then."""

        def belongs(record: Record) -> bool:
            day = self.day(record.published(platform or self.platform) or record.way.received)
            return (since is None or day >= since) and (until is None or day <= until)

        return [record for record in self.records if belongs(record)]

    def of(self, record: Record, measure: Measure, platform: str | None = None) -> Duration:
        return record.times[self.query.hours].of(measure, platform or self.platform)

    def held(self, record: Record, measure: Measure) -> int:
        time = record.times[self.query.hours].time(measure, self.platform)
        return 0 if time is None else time.held // SECOND

    def spread(self, records: Iterable[Record], measure: Measure, platform: str | None = None) -> Spread:
        return spread(self.of(record, measure, platform) for record in records)

    def unheld(self, records: Iterable[Record], stage: Stage) -> Spread:
        """How long ``stage`` took without what was held."""
        return spread(self._unheld(record, stage) for record in records)

    def _unheld(self, record: Record, stage: Stage) -> Duration:
        duration, held = self.of(record, stage), self.held(record, stage)
        if not held or not duration.kind.measured:
            return duration
        low, high = (max(0, bound - held) * SECOND for bound in _seconds(duration))
        return Duration(duration.kind, low, high)

    def within(self, records: Iterable[Record], platform: str | None = None) -> Share | None:
        if self.terms.target is None:
            return None
        durations = [self.of(record, self.query.headline, platform) for record in records]
        known = [_seconds(d)[1] for d in durations if d.kind.known]
        return Share(count=sum(high <= self.terms.target // SECOND for high in known), of=len(known))

    def came_in(self, since: date | None, until: date | None, records: Iterable[Record] | None = None) -> int:
        days = [self.day(r.way.received) for r in (self.records if records is None else records)]
        return sum((since is None or day >= since) and (until is None or day <= until) for day in days)

    def tiles(self) -> Tiles:
        return self._tiles(self.query.since, self.query.until, self.period)

    def previous(self) -> Tiles | None:
        since = self.query.since
        if since is None:
            return None
        until = self.query.until or self.day(self.now)
        before = since - max(DAY, until - since + DAY)
        return self._tiles(before, since - DAY, self._belonging(before, since - DAY))

    def _tiles(self, since: date | None, until: date | None, period: Sequence[Record]) -> Tiles:
        return Tiles(
            received=self.came_in(since, until),
            published=sum(record.published(self.platform) is not None for record in period),
            lead=self.spread(period, self.query.headline),
            within_target=self.within(period),
            waiting=self.spread(period, Nature.WAITING),
            working=self.spread(period, Nature.WORKING),
            held=self.spread(period, Nature.HELD),
        )

    def stages(self) -> tuple[StageLine, ...]:
        lines = [self._stage(stage) for stage in Stage]
        most = max((line.total for line in lines if line.stage.in_service), default=0)
        worst = next((line.stage for line in lines if line.stage.in_service and line.total == most > 0), None)
        return tuple(replace(line, bottleneck=line.stage is worst) for line in lines)

    def _stage(self, stage: Stage) -> StageLine:
        known = [record for record in self.period if self.of(record, stage).kind.known]
        held = sum(self.held(record, stage) for record in known)
        return StageLine(
            stage=stage,
            nature=stage.nature,
            spread=self.unheld(self.period, stage),
            total=sum(_seconds(self.of(record, stage))[1] for record in known) - held,
            held=held,
            bottleneck=False,
        )

    def ageing(self) -> tuple[AgeingStage, ...]:
        there = [record for record in self.records if record.standing is not None]
        found = []
        for stage in Stage:
            waiting = sorted(
                (self._waiting(r) for r in there if r.standing is not None and r.standing.stage is stage),
                key=lambda waiting: (-waiting.age, waiting.release_id),
            )
            if waiting:
                times = self.unheld(self.period, stage)
                ages = [wait.age for wait in waiting]
                found.append(
                    AgeingStage(
                        stage=stage,
                        spread=times,
                        count=len(waiting),
                        held=sum(wait.held for wait in waiting),
                        beyond_p85=_beyond(ages, times.p85),
                        beyond_p95=_beyond(ages, times.p95),
                        waiting=tuple(waiting[:MOST_WAITING]),
                    )
                )
        return tuple(found)

    def _waiting(self, record: Record) -> Waiting:
        standing = record.standing
        assert standing is not None  # noqa: S101 -- chosen by the caller
        return Waiting(
            release_id=record.release_id,
            number=record.number,
            unit=record.unit,
            stage=standing.stage,
            since=standing.since,
            age=standing.ages[self.query.hours] // SECOND,
            total=standing.totals[self.query.hours] // SECOND,
            held=standing.held,
        )

    def scatter(self) -> Scatter:
        points = []
        for record in self.period:
            since, lead = record.published(self.platform), self.of(record, self.query.headline)
            if since is not None and lead.kind.known:
                day, seconds = self.day(since), _seconds(lead)[1]
                points.append(Point(release_id=record.release_id, number=record.number, day=day, seconds=seconds))
        points.sort(key=lambda point: (point.day, point.release_id))
        step = max(1, -(-len(points) // MOST_POINTS))
        longest = set(sorted(range(len(points)), key=lambda i: (-points[i].seconds, i))[:LONGEST_POINTS])
        shown = tuple(p for i, p in enumerate(points) if i % step == 0 or i in longest)
        return Scatter(points=shown, of=len(points))

    def _span(self) -> tuple[date, date]:
        """The days that the period has: from the first on which anything happened where it has no bound."""
        until = self.query.until or self.day(self.now)
        days = [self.day(m) for r in self.records for m in (r.way.received, r.published(self.platform)) if m]
        return self.query.since or min(days, default=until), until

    def weeks(self) -> tuple[Week, ...]:
        since, until = self._span()
        first = since - timedelta(days=since.weekday())
        count = max(0, (until - first).days // 7 + 1)
        return tuple(self._week(first + n * 7 * DAY) for n in range(max(0, count - MOST_WEEKS), count))

    def _week(self, first: date) -> Week:
        last, begin = first + 6 * DAY, first - (TRAILING_WEEKS - 1) * 7 * DAY
        days = [(r, self.day(m)) for r in self.records if (m := r.published(self.platform)) is not None]
        return Week(
            first=first,
            received=self.came_in(first, last),
            published=sum(first <= day <= last for _record, day in days),
            spread=self.spread([r for r, day in days if begin <= day <= last], self.query.headline),
        )

    def flow(self) -> tuple[FlowDay, ...]:
        since, until = self._span()
        there = [r.way for r in self.records if self._lasts(r.way, since)]
        count = (until - since).days + 1
        step = max(1, -(-count // MOST_DAYS))
        return tuple(self._flow_day(since + n * DAY, there) for n in range(count) if (count - 1 - n) % step == 0)

    def _lasts(self, way: Way, since: date) -> bool:
        begin = datetime.combine(since, time(0), self.terms.zone)
        return all(moment is None or moment >= begin for moment in (way.published, way.ended))

    def _flow_day(self, day: date, ways: Collection[Way]) -> FlowDay:
        end = datetime.combine(day + DAY, time(0), self.terms.zone).astimezone(UTC)

        def got(moment: Callable[[Way], datetime | None]) -> int:
            return sum((m := moment(way)) is not None and m < end for way in ways)

        return FlowDay(
            day=day,
            received=got(lambda way: way.received),
            analysed=got(lambda way: way.analysed),
            reviewed=got(lambda way: way.reviewed),
            rendered=got(lambda way: way.rendered),
            approved=got(lambda way: way.approved),
            published=got(lambda way: way.published),
            ended=got(lambda way: way.ended),
        )

    def split(self, split: Split) -> tuple[SplitLine, ...]:
        lines = [self._line(split, value) for value in {v for r in self.records for v in self._values(r, split)}]
        return tuple(sorted(lines, key=lambda line: (-line.published, line.value)))

    def _values(self, record: Record, split: Split) -> Iterator[str]:
        match split:
            case Split.UNIT:
                yield record.unit
            case Split.OFFENCE:
                yield record.offence
            case Split.FOOTAGE:
                yield record.footage.value
            case Split.STAGE:
                yield record.stage.value if record.stage else ""
            case Split.PLATFORM:
                yield from (record.platforms if self.platform is None else [self.platform])

    def _line(self, split: Split, value: str) -> SplitLine:
        platform = value if split is Split.PLATFORM else self.platform
        since, until = self.query.since, self.query.until
        mine = [record for record in self.records if value in self._values(record, split)]
        period = [r for r in self._belonging(since, until, platform) if value in self._values(r, split)]
        return SplitLine(
            value=value,
            received=self.came_in(since, until, mine),
            published=sum(record.published(platform) is not None for record in period),
            open=sum(record.standing is not None for record in mine),
            lead=self.spread(period, self.query.headline, platform),
            within_target=self.within(period, platform),
        )

    def quality(self) -> Quality:
        period = self.period
        public = [record for record in period if record.published(self.platform) is not None]
        return Quality(
            reworked=_share(period, lambda r: r.rounds > 0, lambda r: r.rounds > 1),
            sent_back=_share(period, lambda r: r.way.rendered is not None, lambda r: r.sent_back > 0),
            rescan=_share(period, lambda r: r.render_begun, lambda r: r.rescans > 0),
            refused=_share(period, lambda _r: True, lambda r: r.refusals > 0),
            withdrawn=_share(period, lambda _r: True, lambda r: r.state is State.WITHDRAWN),
            taken_down=_share(public, lambda _r: True, lambda r: r.state is State.TAKEN_DOWN),
            take_down=self.spread(period, Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED),
        )

    def results(self) -> Results:
        public = [record for record in self.period if record.published(self.platform) is not None]
        return Results(
            tips=sum(record.tips for record in public),
            usable_tips=sum(record.usable_tips for record in public),
            with_tip=_share(public, lambda _r: True, lambda r: r.tips > 0),
            with_usable_tip=_share(public, lambda _r: True, lambda r: r.usable_tips > 0),
            identified=_share(public, lambda _r: True, lambda r: r.identified),
            first_tip=self.spread(public, Result.PUBLIC_TO_FIRST_TIP),
            first_usable_tip=self.spread(public, Result.PUBLIC_TO_FIRST_USABLE_TIP),
            identification=self.spread(public, Result.PUBLIC_TO_IDENTIFIED),
        )


def _beyond(ages: Iterable[int], bounds: Bounds | None) -> int | None:
    return None if bounds is None else sum(age > bounds.high for age in ages)


def _share(records: Iterable[Record], of: Callable[[Record], bool], count: Callable[[Record], bool]) -> Share:
    """How many of those for which ``of`` holds are such that ``count`` does."""
    all_ = [record for record in records if of(record)]
    return Share(count=sum(count(record) for record in all_), of=len(all_))
