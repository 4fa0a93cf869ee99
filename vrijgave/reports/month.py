"""The monthly report for management: the figures of the dashboard on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from vrijgave import words
from vrijgave.charts import ageing_chart, sparkline, stages_chart, weeks_chart
from vrijgave.charts.figures import ageing_figure
from vrijgave.i18n import _
from vrijgave.leadtime import label
from vrijgave.leadtime.view import (
    FEWEST,
    AgeingStage,
    Bounds,
    Dashboard,
    Quality,
    Results,
    Spread,
    Tiles,
    Week,
)
from vrijgave.reports.document import Column, Document, Picture, Section, Table, Tile, columns, document, figures
from vrijgave.reports.splits import splits_sections
from vrijgave.reports.summary import beyond, bottleneck, bounds, length, sentences, share, trend
from vrijgave.settings import Settings

N = "n"
WEEKS = 13
"""What a page has room for: a quarter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a report of a month is made from: the month, the figures of the one before, and the weeks of a quarter."""

    month: Dashboard
    before: Tiles
    quarter: Dashboard


def month_report(
    figures: Figures, settings: Settings, now: datetime, *, name: str, before: str, example: bool
) -> Document:
    """The report; ``name`` and ``before`` are the two months in words."""
    month = figures.month
    return document(
        _("Lead times"), name, settings, now, period=name, example=example,
        summary=sentences(month, figures.before, name, before),
        sections=(
            tiles_section(month.tiles, figures.before, before, _("The month in figures")),
            stages_section(month), trend_section(figures.quarter.weeks[-WEEKS:]), waiting_section(month.ageing),
            *splits_sections(month), quality_section(month.quality), results_section(month.results),
            definitions_section(),
        ),
    )  # fmt: skip


def tiles_section(
    tiles: Tiles, before: Tiles | None, last_month: str, title: str, weeks: Sequence[Week] = ()
) -> Section:
    """The figures that are seen first, each beside the one of ``last_month``, some with their trend over ``weeks``."""

    was = tiles if before is None else before

    def line(values: Sequence[int | None]) -> str:
        return sparkline(values, _("By week")) if weeks else ""

    def high(of: Callable[[Spread], Bounds | None]) -> str:
        return line([found.high if (found := of(week.spread)) else None for week in weeks])

    def tile(name: str, value: str, then: str, n: int | None = None, trend: str = "") -> Tile:
        notes = [] if n is None else [_("n = {n}").format(n=n)]
        if before is not None:
            notes.append(_("{month}: {value}").format(month=last_month, value=then))
        return Tile(label=name, value=value, note="; ".join(notes), trend=trend)

    lead, then = tiles.lead, was.lead
    return Section(
        title=title,
        tiles=(
            tile(_("Came in"), str(tiles.received), str(was.received), trend=line([w.received for w in weeks])),
            tile(
                _("Became public"), str(tiles.published), str(was.published), trend=line([w.published for w in weeks])
            ),
            tile(_("Within target"), share(tiles.within_target), share(was.within_target)),
            tile(_("Median lead time"), bounds(lead.median), bounds(then.median), lead.n, high(lambda s: s.median)),
            tile(_("85 of 100 within"), bounds(lead.p85), bounds(then.p85), lead.n, high(lambda s: s.p85)),
            tile(_("90 of 100 within"), bounds(lead.p90), bounds(then.p90), lead.n, high(lambda s: s.p90)),
            tile(_("Median waiting"), bounds(tiles.waiting.median), bounds(was.waiting.median), tiles.waiting.n),
            tile(_("Median working"), bounds(tiles.working.median), bounds(was.working.median), tiles.working.n),
            tile(_("Median held"), bounds(tiles.held.median), bounds(was.held.median), tiles.held.n),
        ),
        notes=(_still_open(tiles),),
    )


def _still_open(tiles: Tiles) -> str:
    lead = tiles.lead
    told = _("Not in these percentiles: open {n_open}, stopped {stopped}, unknown {unknown}, contradictory {wrong}.")
    counted = told.format(
        n_open=lead.n_open, stopped=lead.n_stopped, unknown=lead.n_unknown, wrong=lead.n_contradictory
    )
    if lead.kaplan_meier is None:
        return counted
    more = _("With open ones counted as at least so long, the median is {time}.").format(time=length(lead.kaplan_meier))
    return f"{counted} {more}"


def stages_section(shown: Dashboard) -> Section:
    """Where the time goes, with a chart."""
    rows = tuple(
        (
            label(line.stage), label(line.nature), str(line.spread.n), bounds(line.spread.median),
            bounds(line.spread.p90), length(line.total), _("bottleneck") if line.bottleneck else "",
        )
        for line in shown.stages
    )  # fmt: skip
    heads = columns(_("Stage"), _("Nature")) + figures(N, _("Median"), _("90 of 100"), _("Together"))
    table = Table(title=_("Time in each stage"), columns=(*heads, Column(title=_("Note"))), rows=rows)
    said = bottleneck(shown)
    narrow = stages_chart(shown.stages, said, narrow=True)
    picture = Picture(svg=stages_chart(shown.stages, said), says=said, narrow=narrow)
    return Section(title=_("Where the time goes"), pictures=(picture,), tables=(table,))


def trend_section(weeks: Sequence[Week]) -> Section:
    """The weeks, with a chart."""
    rows = tuple(
        (words.day(week.first), str(week.received), str(week.published), str(week.spread.n), bounds(week.spread.median))
        for week in weeks
    )
    heads = columns(_("Week from")) + figures(_("Came in"), _("Became public"), N, _("Median of eight weeks"))
    table = Table(title=_("The last weeks"), columns=heads, rows=rows)
    said = trend(weeks)
    picture = Picture(svg=weeks_chart(weeks, said), says=said, narrow=weeks_chart(weeks, said, narrow=True))
    return Section(title=_("Trend"), pictures=(picture,), tables=(table,))


def waiting_section(ageing: Sequence[AgeingStage]) -> Section:
    """What is under way now, by stage, beside what that stage usually takes."""
    rows = tuple(
        (
            label(stage.stage), str(stage.count), length(max(w.age for w in stage.waiting)),
            bounds(stage.spread.median), bounds(stage.spread.p85), bounds(stage.spread.p95), str(stage.spread.n),
            _many(stage.beyond_p85), _many(stage.beyond_p95), str(stage.held),
        )
        for stage in ageing
        if stage.waiting
    )  # fmt: skip
    if not rows:
        return Section(title=_("What waits now"), text=(_("Nothing is under way."),))
    heads = columns(_("Stage")) + figures(
        _("Now"), _("Oldest"), _("Median"), _("85 of 100"), _("95 of 100"), N, _("Beyond 85"), _("Beyond 95"),
        _("Held on purpose"),
    )  # fmt: skip
    there = [stage for stage in ageing if stage.waiting]
    picture = Picture(svg=ageing_chart(there, said := beyond(there)), says=said, figure=ageing_figure(there))
    table = Table(title=_("Under way, by stage"), columns=heads, rows=rows)
    return Section(title=_("What waits now"), pictures=(picture,), tables=(table,))


def _many(count: int | None) -> str:
    return _("withheld") if count is None else str(count)


def quality_section(quality: Quality) -> Section:
    """How often something had to be done again, was refused or withdrawn."""
    pairs = (
        (_("Reviewed more than once"), quality.reworked),
        (_("Sent back for changes"), quality.sent_back),
        (_("Sent back by the second look"), quality.rescan),
        (_("Permission refused at least once"), quality.refused),
        (_("Withdrawn"), quality.withdrawn),
        (_("Taken down"), quality.taken_down),
    )
    rows = (
        *((name, share(part)) for name, part in pairs),
        (_("Median from order to taken down"), bounds(quality.take_down.median)),
    )
    table = Table(title=_("How often"), columns=(*columns(_("What")), *figures(_("Share"))), rows=rows)
    return Section(title=_("Quality"), tables=(table,))


def results_section(results: Results) -> Section:
    """What the public brought."""
    rows = (
        (_("Tips"), str(results.tips)),
        (_("Usable tips"), str(results.usable_tips)),
        (_("Publications with a tip"), share(results.with_tip)),
        (_("Publications with a usable tip"), share(results.with_usable_tip)),
        (_("Publications with somebody identified"), share(results.identified)),
        (_("Median to the first tip"), bounds(results.first_tip.median)),
        (_("Median to the first usable tip"), bounds(results.first_usable_tip.median)),
        (_("Median to identification"), bounds(results.identification.median)),
    )
    table = Table(title=_("Since publication"), columns=(*columns(_("What")), *figures(_("Figure"))), rows=rows)
    return Section(title=_("What it brought"), tables=(table,))


def definitions_section() -> Section:
    """What the figures mean."""
    return Section(
        title=_("What these figures mean"),
        text=(
            _("The lead time runs from the incident until the release was public on its first platform, in all hours."),
            _("A release counts in the month in which it became public, or came in as long as it is not public."),
            _("The median is the length below which half of the known ones stay; «90 of 100» nine out of ten."),
            _("Below {n} known lengths no percentile is told: it would speak of single cases.").format(n=FEWEST),
            _("What is unknown does not count as zero. Deliberate holds are told apart from waiting."),
            _("A length between two bounds means that a moment on the way is not known exactly."),
            _("These figures come from the stage clock alone, as it stood when this report was made."),
        ),
    )
