"""The monthly report for management: the figures of the dashboard on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vrijgave import words
from vrijgave.charts import stages_chart, weeks_chart
from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _
from vrijgave.leadtime import label
from vrijgave.leadtime.view import (
    FEWEST,
    AgeingStage,
    Dashboard,
    Quality,
    Results,
    Split,
    SplitLine,
    Tiles,
    Week,
)
from vrijgave.reports.document import Column, Document, Picture, Section, Table, Tile, document
from vrijgave.reports.summary import bottleneck, bounds, length, sentences, share, trend
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


def tiles_section(tiles: Tiles, before: Tiles | None, last_month: str, title: str) -> Section:
    """The figures that are seen first, each beside the one of ``last_month``."""

    was = tiles if before is None else before

    def tile(name: str, value: str, then: str, n: int | None = None) -> Tile:
        notes = [] if n is None else [_("n = {n}").format(n=n)]
        if before is not None:
            notes.append(_("{month}: {value}").format(month=last_month, value=then))
        return Tile(label=name, value=value, note="; ".join(notes))

    lead, then = tiles.lead, was.lead
    return Section(
        title=title,
        tiles=(
            tile(_("Came in"), str(tiles.received), str(was.received)),
            tile(_("Became public"), str(tiles.published), str(was.published)),
            tile(_("Within target"), share(tiles.within_target), share(was.within_target)),
            tile(_("Median lead time"), bounds(lead.median), bounds(then.median), lead.n),
            tile(_("85 of 100 within"), bounds(lead.p85), bounds(then.p85), lead.n),
            tile(_("90 of 100 within"), bounds(lead.p90), bounds(then.p90), lead.n),
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
    columns = _columns(_("Stage"), _("Nature")) + _figures(N, _("Median"), _("90 of 100"), _("Together"))
    table = Table(title=_("Time in each stage"), columns=(*columns, Column(title=_("Note"))), rows=rows)
    picture = Picture(svg=stages_chart(shown.stages, said := bottleneck(shown)), says=said)
    return Section(title=_("Where the time goes"), pictures=(picture,), tables=(table,))


def trend_section(weeks: Sequence[Week]) -> Section:
    """The weeks, with a chart."""
    rows = tuple(
        (words.day(week.first), str(week.received), str(week.published), str(week.spread.n), bounds(week.spread.median))
        for week in weeks
    )
    columns = _columns(_("Week from")) + _figures(_("Came in"), _("Became public"), N, _("Median of eight weeks"))
    table = Table(title=_("The last weeks"), columns=columns, rows=rows)
    picture = Picture(svg=weeks_chart(weeks, said := trend(weeks)), says=said)
    return Section(title=_("Trend"), pictures=(picture,), tables=(table,))


def waiting_section(ageing: Sequence[AgeingStage]) -> Section:
    """What is under way now, by stage."""
    rows = tuple(
        (
            label(stage.stage), str(stage.count), length(max(w.age for w in stage.waiting)),
            bounds(stage.spread.median), str(stage.held),
        )
        for stage in ageing
        if stage.waiting
    )  # fmt: skip
    if not rows:
        return Section(title=_("What waits now"), text=(_("Nothing is under way."),))
    columns = _columns(_("Stage")) + _figures(_("Now"), _("Oldest"), _("Median of the period"), _("Held on purpose"))
    return Section(
        title=_("What waits now"), tables=(Table(title=_("Under way, by stage"), columns=columns, rows=rows),)
    )


def splits_sections(shown: Dashboard) -> tuple[Section, ...]:
    """The same figures by unit, platform, offence, camera and stage of publication."""
    figures = _figures(_("Came in"), _("Became public"), _("Open"), N, _("Median"), _("90 of 100"), _("Within target"))
    tables = tuple(
        Table(
            title=_split(split),
            columns=_columns(_("Part")) + figures,
            rows=tuple(_split_row(split, line) for line in lines),
        )
        for split, lines in shown.splits
        if lines
    )
    return (Section(title=_("Split"), tables=tables),) if tables else ()


def _split_row(split: Split, line: SplitLine) -> tuple[str, ...]:
    return (
        _value(split, line.value), str(line.received), str(line.published), str(line.open), str(line.lead.n),
        bounds(line.lead.median), bounds(line.lead.p90), share(line.within_target),
    )  # fmt: skip


def _value(split: Split, value: str) -> str:
    if not value:
        return _("not known")
    match split:
        case Split.PLATFORM:
            return words.platform_name(Platform(value))
        case Split.FOOTAGE:
            return words.footage_kind(FootageKind(value))
        case Split.STAGE:
            return words.spoken(PublicationStage(value))
        case _:
            return value


def _split(split: Split) -> str:
    match split:
        case Split.UNIT:
            return _("By unit")
        case Split.PLATFORM:
            return _("By platform")
        case Split.OFFENCE:
            return _("By offence")
        case Split.FOOTAGE:
            return _("By kind of camera")
        case Split.STAGE:
            return _("By stage of publication")


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
    table = Table(title=_("How often"), columns=(*_columns(_("What")), *_figures(_("Share"))), rows=rows)
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
    table = Table(title=_("Since publication"), columns=(*_columns(_("What")), *_figures(_("Figure"))), rows=rows)
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


def _columns(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title=title) for title in titles)


def _figures(*titles: str) -> tuple[Column, ...]:
    return tuple(Column(title=title, figure=True) for title in titles)
