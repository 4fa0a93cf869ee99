"""The dashboard of lead times: what the address asks for, and the answer as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar, TypeVar
from urllib.parse import urlencode

from vrijgave import words
from vrijgave.charts.figures import Json, plotly_locale
from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _
from vrijgave.leadtime import Headline, label
from vrijgave.leadtime.calendar import FIRST_YEAR, LAST_YEAR
from vrijgave.leadtime.tables import PARTS
from vrijgave.leadtime.view import Dashboard, Hours, Query, Waiting
from vrijgave.reports.days import flow_section, points_section
from vrijgave.reports.document import Section
from vrijgave.reports.month import (
    definitions_section,
    quality_section,
    results_section,
    stages_section,
    tiles_section,
    trend_section,
    waiting_section,
)
from vrijgave.reports.splits import split_section
from vrijgave.reports.summary import length, sentences
from vrijgave.services.export import Format
from vrijgave.web.pages import Page
from vrijgave.web.views.board import Choice

OLDEST = 10
LONGEST = 100
DEFAULT = "year"
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimeFilter:
    """What the address asks for; what makes no sense there is left out. ``period`` counts where no days are given."""

    period: str = DEFAULT
    since: str = ""
    until: str = ""
    unit: str = ""
    platform: str = ""
    offence: str = ""
    footage: str = ""
    stage: str = ""
    headline: str = Headline.INCIDENT_TO_PUBLIC.value
    hours: str = Hours.ELAPSED.value

    @classmethod
    def read(cls, query: Mapping[str, str]) -> LeadTimeFilter:
        """From the query of an address."""
        given = {field.name: query.get(field.name, "").strip()[:LONGEST] for field in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value})

    def address(self, path: str) -> str:
        """The address of ``path`` that asks for this; what is usual is left out."""
        usual = LeadTimeFilter()
        chosen = {f.name: v for f in fields(self) if (v := getattr(self, f.name)) != getattr(usual, f.name)}
        return f"{path}?{urlencode(chosen)}" if chosen else path

    def query(self, today: date) -> Query:
        """The question, asked on ``today``."""
        since, until = _day(self.since), _day(self.until)
        if since is None and until is None:
            since = _PERIODS.get(self.period, _PERIODS[DEFAULT])(today)
        return Query(
            since=since,
            until=until,
            unit=self.unit or None,
            platform=self.platform or None,
            offence=self.offence or None,
            footage=_member(FootageKind, self.footage),
            stage=_member(PublicationStage, self.stage),
            headline=_member(Headline, self.headline) or Headline.INCIDENT_TO_PUBLIC,
            hours=_member(Hours, self.hours) or Hours.ELAPSED,
        )


_PERIODS: Mapping[str, Callable[[date], date | None]] = {
    "month": lambda today: today - timedelta(days=29),
    "quarter": lambda today: today - timedelta(days=90),
    "year": lambda today: today - timedelta(days=364),
    "all": lambda _today: None,
}


def _day(text: str) -> date | None:
    """None for what is no day, and for one in a year of which nothing is counted."""
    with suppress(ValueError):
        day = date.fromisoformat(text)
        return day if FIRST_YEAR < day.year < LAST_YEAR else None
    return None


def _member(kind: type[E], text: str) -> E | None:
    with suppress(ValueError):
        return kind(text)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One list to choose from; ``every`` is what its first line says, empty where one has to be chosen."""

    name: str
    label: str
    every: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OldestRow:
    """A release that is under way."""

    id: str
    number: str
    unit: str
    stage: str
    since: str
    age: str
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the page, with the address of its figures as a file; empty where it has none."""

    section: Section
    name: str
    csv: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimesPage(Page):
    """How long it takes, where time is lost, what waits now, and what changed."""

    template: ClassVar[str] = "lead_times.html.j2"
    filters: tuple[Filter, ...]
    since: str
    until: str
    told: str
    """The period in words."""
    summary: tuple[str, ...]
    parts: tuple[Part, ...]
    oldest: tuple[OldestRow, ...]
    releases: tuple[tuple[str, str], ...]
    """(name, address) of the releases behind the figures as a file."""
    files: tuple[tuple[str, str], ...]
    """(name, address) of every table as a file."""
    address: str
    """Of this view, to share."""
    chosen: bool
    """Anything but what is usual."""
    locale: Json
    """How the charts write days and numbers."""


def lead_times_page(
    shown: Dashboard, asked: LeadTimeFilter, today: date, units: list[str], offences: list[str]
) -> LeadTimesPage:
    """The page for ``shown``, the answer to ``asked``."""
    query = asked.query(today)
    before = shown.previous
    period, other = _("this period"), _("the period before")
    waiting = sorted((w for stage in shown.ageing for w in stage.waiting), key=lambda w: -w.age)

    def part(name: str, section: Section) -> Part:
        return Part(section=section, name=name, csv=asked.address(f"/lead-times/{name}.csv") if name in PARTS else "")

    return LeadTimesPage(
        filters=_filters(asked, units, offences),
        since=asked.since,
        until=asked.until,
        told=_period(query, today),
        summary=sentences(shown, before, period, other),
        parts=(
            part("tiles", tiles_section(shown.tiles, before, other, _("In figures"), shown.weeks)),
            part("ageing", waiting_section(shown.ageing)),
            part("stages", stages_section(shown)),
            part("weeks", trend_section(shown.weeks)),
            part("scatter", points_section(shown)),
            part("flow", flow_section(shown)),
            *(part(f"by-{split}", split_section(split, lines)) for split, lines in shown.splits),
            part("quality", quality_section(shown.quality)),
            part("results", results_section(shown.results)),
            part("definitions", definitions_section()),
        ),
        oldest=tuple(_oldest(wait) for wait in waiting[:OLDEST]),
        releases=tuple((f"releases.{kind}", asked.address(f"/lead-times/releases.{kind}")) for kind in Format),
        files=tuple((f"{name}.csv", asked.address(f"/lead-times/{name}.csv")) for name in PARTS),
        address=asked.address("/lead-times"),
        chosen=asked != LeadTimeFilter(),
        locale=plotly_locale(),
    )


def _oldest(wait: Waiting) -> OldestRow:
    return OldestRow(
        id=wait.release_id,
        number=wait.number,
        unit=wait.unit,
        stage=label(wait.stage),
        since=words.day(wait.since.date()),
        age=length(wait.age),
        held=wait.held,
    )


def _period(query: Query, today: date) -> str:
    until = query.until or today
    if query.since is None:
        return _("Until {until}").format(until=words.day(until))
    return _("From {since} until {until}").format(since=words.day(query.since), until=words.day(until))


def _filters(asked: LeadTimeFilter, units: list[str], offences: list[str]) -> tuple[Filter, ...]:
    periods = (
        ("month", _("Last 30 days")), ("quarter", _("Last three months")), ("year", _("Last year")),
        ("all", _("Always")),
    )  # fmt: skip
    named = [(p.value, words.platform_name(p)) for p in Platform]
    kinds = [(kind.value, words.footage_kind(kind)) for kind in FootageKind]
    stages = [(stage.value, words.spoken(stage)) for stage in PublicationStage]
    hours = ((Hours.ELAPSED.value, _("All hours")), (Hours.OFFICE.value, _("Working hours")))
    return (
        _filter("period", _("Period"), "", periods, asked),
        _filter("unit", _("Unit"), _("All units"), [(unit, unit) for unit in units], asked),
        _filter("platform", _("Platform"), _("All platforms"), named, asked),
        _filter("offence", _("Offence"), _("All offences"), [(each, each) for each in offences], asked),
        _filter("footage", _("Camera"), _("All cameras"), kinds, asked),
        _filter("stage", _("Stage of publication"), _("All stages"), stages, asked),
        _filter("headline", _("Lead time"), "", [(h.value, label(h)) for h in Headline], asked),
        _filter("hours", _("Hours that count"), "", hours, asked),
    )


def _filter(
    name: str,
    title: str,
    every: str,
    values: tuple[tuple[str, str], ...] | list[tuple[str, str]],
    asked: LeadTimeFilter,
) -> Filter:
    chosen = getattr(asked, name)
    choices = tuple(Choice(value=value, label=text, chosen=value == chosen) for value, text in values)
    return Filter(name=name, label=title, every=every, choices=choices)
