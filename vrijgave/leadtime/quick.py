"""The answer to management's question from columns; the same as ``reference`` gives, and tests hold them equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.releases import State
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.columns import FIRST_DAY, Columns, Fact, Known, Places, days, midnights, told
from vrijgave.leadtime.packing import COUNTS, NEVER, WAY, seconds
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.spreads import KNOWN, Seconds, spread
from vrijgave.leadtime.stages import Measure, Nature, Result, Stage
from vrijgave.leadtime.view import (
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
    Hours,
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
)  # fmt: skip

_EPOCH_DAY = FIRST_DAY.toordinal()
Mask = NDArray[np.bool_]


def dashboard(columns: Columns, query: Query, now: datetime, terms: Terms, office: WorkingHours) -> Dashboard:
    """The whole answer as of ``now``, a whole second."""
    work = _Work(columns, query, now, terms, office)
    return Dashboard(
        query=query,
        now=now,
        tiles=work.tiles(query.since, query.until),
        previous=work.previous(),
        stages=work.stages(),
        ageing=tuple(work.ageing()),
        scatter=work.scatter(),
        weeks=work.weeks(),
        flow=work.flow(),
        splits=tuple((split, work.split(split)) for split in Split),
        quality=work.quality(),
        results=work.results(),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The places of the releases in the period of a question, and what ``Columns.of`` takes to tell of them."""

    places: Places
    slot: int
    at: int


def asked(columns: Columns, query: Query, now: datetime, terms: Terms, office: WorkingHours) -> Asked:
    """Which releases the tiles of ``query`` are about, by id."""
    work = _Work(columns, query, now, terms, office)
    return Asked(work.period[np.argsort(columns.rank()[work.period])], work.slot, work.at)


def _number(day: date) -> int:
    return day.toordinal() - _EPOCH_DAY


def _date(number: int) -> date:
    return date.fromordinal(number + _EPOCH_DAY)


class _Work:
    """The releases that a question is about. Days are counted from ``FIRST_DAY``."""

    def __init__(self, c: Columns, query: Query, now: datetime, terms: Terms, office: WorkingHours) -> None:
        self.c, self.query, self.now, self.terms = c, query, now, terms
        self.known = query.platform in (None, *c.platforms)
        self.slot = c.slot(query.platform) if self.known else 0
        self.at = seconds(now, office if query.hours is Hours.OFFICE else None)
        self.all = np.flatnonzero(self._asked())
        self.today = int(days(np.array([seconds(now)]), terms.zone)[0])
        self.came = c.kept(("came", terms.zone), lambda: days(c.rest("received"), terms.zone))
        self.since = None if query.since is None else _number(query.since)
        self.until = None if query.until is None else _number(query.until)
        self.out = self.out_of(self.slot)
        self.period = self.belonging(self.since, self.until)
        self._of_stage: dict[Stage, tuple[Known, Spread]] = {}

    def out_of(self, slot: int) -> Seconds:
        """The day on which each was public there."""
        return self.c.kept(("out", self.terms.zone, slot), lambda: days(self.c.public(slot), self.terms.zone))

    def by_day(self) -> Places:
        """All places by (day on which it was public, id)."""
        key = ("by day", self.terms.zone, self.slot)
        return self.c.kept(key, lambda: np.lexsort((self.c.rank(), self.out)))

    def _asked(self) -> Mask:
        asked = {"unit": self.query.unit, "offence": self.query.offence, "footage": self.query.footage}
        asked["stage"] = self.query.stage
        found: Mask = self.c.has(self.slot) & self.known
        every = np.arange(len(self.c))
        for name, value in asked.items():
            if value is not None:
                found = found & self.c.facts[name].is_(str(value), every)
        return found

    def belonging(self, since: int | None, until: int | None, slot: int | None = None) -> Places:
        """Those that went public in the period, and those not public that came in then."""
        places = self.all if slot is None else self.all[self.c.has(slot)[self.all]]
        if since is None and until is None:
            return places
        out = self.out if slot is None else self.out_of(slot)
        return places[_between(np.where(out == NEVER, self.came, out)[places], since, until)]

    def of(self, measure: Measure, places: Places, slot: int | None = None) -> Known:
        return self.c.of(measure, self.slot if slot is None else slot, self.query.hours, self.at, places)

    def spread(self, measure: Measure, places: Places) -> Spread:
        return _spread(self.of(measure, places))

    def of_stage(self, stage: Stage) -> tuple[Known, Spread]:
        """``stage`` in the period, and how long it took without what was held."""
        if stage not in self._of_stage:
            known = self.of(stage, self.period)
            held = known.held
            took = spread(known.kinds, np.maximum(known.low - held, 0), np.maximum(known.high - held, 0))
            self._of_stage[stage] = known, took
        return self._of_stage[stage]

    def within(self, lead: Known) -> Share | None:
        if self.terms.target is None:
            return None
        known = lead.high[KNOWN[lead.kinds]]
        return Share(count=int((known <= self.terms.target // timedelta(seconds=1)).sum()), of=len(known))

    def tiles(self, since: date | None, until: date | None) -> Tiles:
        first, last = (None if day is None else _number(day) for day in (since, until))
        period = self.belonging(first, last)
        lead = self.of(self.query.headline, period)
        return Tiles(
            received=int(_between(self.came[self.all], first, last).sum()),
            published=int((self.out[period] != NEVER).sum()),
            lead=_spread(lead),
            within_target=self.within(lead),
            waiting=self.spread(Nature.WAITING, period),
            working=self.spread(Nature.WORKING, period),
            held=self.spread(Nature.HELD, period),
        )

    def previous(self) -> Tiles | None:
        if self.since is None:
            return None
        until = self.today if self.until is None else self.until
        return self.tiles(_date(self.since - max(1, until - self.since + 1)), _date(self.since - 1))

    def stages(self) -> tuple[StageLine, ...]:
        lines = [self._stage(stage) for stage in Stage]
        most = max(line.total for line in lines if line.stage.in_service)
        worst = next((line.stage for line in lines if line.stage.in_service and line.total == most > 0), None)
        return tuple(replace(line, bottleneck=line.stage is worst) for line in lines)

    def _stage(self, stage: Stage) -> StageLine:
        lengths, took = self.of_stage(stage)
        known = KNOWN[lengths.kinds]
        held = int(lengths.held[known].sum())
        return StageLine(
            stage=stage,
            nature=stage.nature,
            spread=took,
            total=int(lengths.high[known].sum()) - held,
            held=held,
            bottleneck=False,
        )

    def ageing(self) -> Iterator[AgeingStage]:
        office = "office_" if self.query.hours is Hours.OFFICE else ""
        ages, totals, rank = (self.c.rest(f"{office}age"), self.c.rest(f"{office}total"), self.c.rank())
        stands, held = self.c.rest("stage")[self.all], self.c.rest("held")
        for number, stage in enumerate(Stage):
            there = self.all[stands == number]
            if not len(there):
                continue
            age, total = told(ages[there], self.at), told(totals[there], self.at)
            order = np.lexsort((rank[there], -age))[:MOST_WAITING]
            waiting = tuple(self._waiting(stage, int(there[i]), int(age[i]), int(total[i])) for i in order)
            _lengths, times = self.of_stage(stage)
            yield AgeingStage(
                stage=stage,
                spread=times,
                count=len(there),
                held=int(held[there].sum()),
                beyond_p85=_beyond(age, times.p85),
                beyond_p95=_beyond(age, times.p95),
                waiting=waiting,
            )

    def _waiting(self, stage: Stage, place: int, age: int, total: int) -> Waiting:
        return Waiting(
            release_id=self.c.ids[place],
            number=self.c.numbers[place],
            unit=self.c.facts["unit"].values[self.c.facts["unit"].codes[place]],
            stage=stage,
            since=self.now + timedelta(microseconds=int(self.c.rest("since")[place]) - seconds(self.now) * 1_000_000),
            age=age,
            total=total,
            held=bool(self.c.rest("held")[place]),
        )

    def scatter(self) -> Scatter:
        public = np.zeros(len(self.c), np.bool_)
        public[self.period] = self.out[self.period] != NEVER
        order = self.by_day()
        places = order[public[order]]
        lead = self.of(self.query.headline, places)
        known = KNOWN[lead.kinds]
        places, high = places[known], lead.high[known]
        step = max(1, -(-len(places) // MOST_POINTS))
        chosen = np.arange(len(places)) % step == 0
        chosen[_longest(high, LONGEST_POINTS)] = True
        shown = np.flatnonzero(chosen)
        return Scatter(points=tuple(self._point(int(places[i]), int(high[i])) for i in shown), of=len(places))

    def _point(self, place: int, high: int) -> Point:
        day = _date(int(self.out[place]))
        return Point(release_id=self.c.ids[place], number=self.c.numbers[place], day=day, seconds=high)

    def _span(self) -> tuple[int, int]:
        until = self.today if self.until is None else self.until
        if self.since is not None:
            return self.since, until
        seen = [int(some[self.all].min()) for some in (self.came, self.out) if len(self.all)]
        return min((day for day in seen if day != NEVER), default=until), until

    def weeks(self) -> tuple[Week, ...]:
        since, until = self._span()
        first = since - _date(since).weekday()
        firsts = np.arange(first, until + 1, 7)[-MOST_WEEKS:]
        public = np.zeros(len(self.c), np.bool_)
        public[self.all] = self.out[self.all] != NEVER
        order = self.by_day()
        places = order[public[order]]
        out, came = self.out[places], np.sort(self.came[self.all])
        begins, heres, ends = (np.searchsorted(out, firsts + by) for by in (-7 * (TRAILING_WEEKS - 1), 0, 7))
        received = np.searchsorted(came, firsts + 7) - np.searchsorted(came, firsts)
        start = int(begins[0]) if len(begins) else 0
        lead = self.of(self.query.headline, places[start:])
        return tuple(
            Week(
                first=_date(int(day)),
                received=int(received[i]),
                published=int(ends[i] - heres[i]),
                spread=_spread(lead.where(np.s_[begins[i] - start : ends[i] - start])),
            )
            for i, day in enumerate(firsts)
        )

    def flow(self) -> tuple[FlowDay, ...]:
        since, until = self._span()
        begin = midnights(self.terms.zone)
        way = {name: self.c.rest(name)[self.all] for name in WAY}
        lasts = (way["published"] >= begin[since]) & (way["ended"] >= begin[since])
        count = until - since + 1
        step = max(1, -(-count // MOST_DAYS))
        shown = [since + n for n in range(count) if (count - 1 - n) % step == 0]
        ends = begin[np.array(shown, np.intp) + 1]
        got = {name: np.searchsorted(np.sort(moments[lasts]), ends) for name, moments in way.items()}
        return tuple(
            FlowDay(day=_date(day), **{name: int(got[name][i]) for name in WAY}) for i, day in enumerate(shown)
        )

    def split(self, split: Split) -> tuple[SplitLine, ...]:
        lines = self._by_platform() if split is Split.PLATFORM else self._by_fact(self.c.facts[split.value])
        return tuple(sorted(lines, key=lambda line: (-line.published, line.value)))

    def _by_platform(self) -> Iterator[SplitLine]:
        for name in self.c.platforms if self.query.platform is None else (self.query.platform,) * self.known:
            slot = self.c.slot(name)
            mine = self.all[self.c.has(slot)[self.all]]
            if len(mine):
                period = self.belonging(self.since, self.until, slot)
                out, lead = self.out_of(slot)[period], self.of(self.query.headline, period, slot)
                yield self._line(name, mine, out, lead)

    def _by_fact(self, fact: Fact) -> Iterator[SplitLine]:
        codes, ours = fact.codes[self.all], fact.codes[self.period]
        out, lead = self.out[self.period], self.of(self.query.headline, self.period)
        for code, value in enumerate(fact.values):
            mine = self.all[codes == code]
            if len(mine):
                some = ours == code
                yield self._line(value, mine, out[some], lead.where(some))

    def _line(self, value: str, mine: Places, out: Seconds, lead: Known) -> SplitLine:
        return SplitLine(
            value=value,
            received=int(_between(self.came[mine], self.since, self.until).sum()),
            published=int((out != NEVER).sum()),
            open=int((self.c.rest("stage")[mine] >= 0).sum()),
            lead=_spread(lead),
            within_target=self.within(lead),
        )

    def quality(self) -> Quality:
        period, counts = self.period, {name: self.c.rest(name)[self.period] for name in COUNTS}
        state, public = self.c.facts["state"], self.out[period] != NEVER
        every = np.full(len(period), True)
        return Quality(
            reworked=_share(counts["rounds"] > 0, counts["rounds"] > 1),
            sent_back=_share(self.c.rest("rendered")[period] != NEVER, counts["sent_back"] > 0),
            rescan=_share(counts["render_begun"] > 0, counts["rescans"] > 0),
            refused=_share(every, counts["refusals"] > 0),
            withdrawn=_share(every, state.is_(State.WITHDRAWN.value, period)),
            taken_down=_share(public, state.is_(State.TAKEN_DOWN.value, period)),
            take_down=self.spread(Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED, period),
        )

    def results(self) -> Results:
        public = self.period[self.out[self.period] != NEVER]
        counts = {name: self.c.rest(name)[public] for name in COUNTS}
        every = np.full(len(public), True)
        return Results(
            tips=int(counts["tips"].sum()),
            usable_tips=int(counts["usable_tips"].sum()),
            with_tip=_share(every, counts["tips"] > 0),
            with_usable_tip=_share(every, counts["usable_tips"] > 0),
            identified=_share(every, counts["identified"] > 0),
            first_tip=self.spread(Result.PUBLIC_TO_FIRST_TIP, public),
            first_usable_tip=self.spread(Result.PUBLIC_TO_FIRST_USABLE_TIP, public),
            identification=self.spread(Result.PUBLIC_TO_IDENTIFIED, public),
        )


def _spread(lengths: Known) -> Spread:
    return spread(lengths.kinds, lengths.low, lengths.high)


def _longest(lengths: Seconds, most: int) -> Places:
    """The places of the longest ones; of equal ones the first."""
    if len(lengths) <= most:
        return np.arange(len(lengths))
    last = np.partition(lengths, len(lengths) - most)[len(lengths) - most]
    longer = np.flatnonzero(lengths > last)
    return np.concatenate([longer, np.flatnonzero(lengths == last)[: most - len(longer)]])


def _between(day: Seconds, since: int | None, until: int | None) -> Mask:
    mask: Mask = np.full(len(day), True)
    if since is not None:
        mask &= day >= since
    if until is not None:
        mask &= day <= until
    return mask


def _beyond(ages: Seconds, bounds: Bounds | None) -> int | None:
    return None if bounds is None else int((ages > bounds.high).sum())


def _share(of: Mask, count: Mask) -> Share:
    return Share(count=int((of & count).sum()), of=int(of.sum()))
