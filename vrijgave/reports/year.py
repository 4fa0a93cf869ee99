"""The account of a year: what was published, refused and taken down, and what it brought. Recorded facts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vrijgave import words
from vrijgave.domain.cases import Permission
from vrijgave.domain.publications import Platform
from vrijgave.domain.tips import Outcome
from vrijgave.i18n import _
from vrijgave.leadtime import spoken
from vrijgave.leadtime.durations import Duration
from vrijgave.reports.document import Column, Document, Fact, Section, Table, document
from vrijgave.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One publication of the year. ``views`` is the newest reading of all platforms together; None: none recorded."""

    number: str
    unit: str
    offence: str
    platforms: tuple[Platform, ...]
    public_at: datetime
    lead: Duration
    views: int | None
    tips: int
    usable: int
    outcome: Outcome
    taken_down_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refused permission, and of which case."""

    number: str
    decision: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRecord:
    """All that is recorded of one year, each list in the order of time."""

    year: int
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]


def year_account(record: YearRecord, settings: Settings, now: datetime, *, example: bool) -> Document:
    """What was done with footage in a year, and what it brought."""
    return document(
        _("Account of a year"), str(record.year), settings, now, period=str(record.year),
        summary=_in_short(record), example=example,
        sections=(
            _totals(record), _publications(record, settings),
            _take_downs(record, settings), _refusals(record, settings),
        ),
    )  # fmt: skip


def _in_short(record: YearRecord) -> tuple[str, ...]:
    entries = record.entries
    if not entries and not record.refusals:
        return (_("Nothing is recorded of {year}.").format(year=record.year),)
    named = sum(entry.outcome.names_somebody for entry in entries)
    published = _("Became public in {year}: {count}. Permission refused: {refused} times.")
    brought = _("They brought {tips} tips, of which {usable} usable. Somebody identified by a tip: {named} times.")
    return (
        published.format(year=record.year, count=len(entries), refused=len(record.refusals)),
        brought.format(tips=sum(e.tips for e in entries), usable=sum(e.usable for e in entries), named=named),
    )


def _totals(record: YearRecord) -> Section:
    entries = record.entries
    views = [entry.views for entry in entries if entry.views is not None]
    pairs = [
        (_("Became public"), len(entries)),
        (_("Taken down since"), sum(entry.taken_down_at is not None for entry in entries)),
        (_("Permission refused"), len(record.refusals)),
        (_("Tips"), sum(entry.tips for entry in entries)),
        (_("Usable tips"), sum(entry.usable for entry in entries)),
        (_("Identified by a tip"), sum(entry.outcome.names_somebody for entry in entries)),
        (_("Arrested by a tip"), sum(entry.outcome is Outcome.ARRESTED for entry in entries)),
    ]
    facts = [Fact(label=label, value=str(count)) for label, count in pairs]
    reach = _("{views} (recorded of {count} of {all})").format(views=sum(views), count=len(views), all=len(entries))
    facts.append(Fact(label=_("Views"), value=reach if views else _("not recorded")))
    unknown = len(entries) - len(views)
    notes = (
        _("No reach is recorded of {count} of {all}; that does not count as zero.").format(
            count=unknown, all=len(entries)
        ),
    )
    return Section(title=_("The year in figures"), facts=tuple(facts), notes=notes if unknown else ())


def _publications(record: YearRecord, settings: Settings) -> Section:
    columns = (
        Column(title=_("Case number")), Column(title=_("Offence")), Column(title=_("Unit")),
        Column(title=_("Public since"), figure=True), Column(title=_("Incident to public"), figure=True),
        Column(title=_("Views"), figure=True), Column(title=_("Tips"), figure=True),
        Column(title=_("Usable"), figure=True), Column(title=_("Outcome")),
    )  # fmt: skip
    rows = tuple(
        (
            entry.number, entry.offence, entry.unit, words.moment(entry.public_at, settings), spoken(entry.lead),
            _("unknown") if entry.views is None else str(entry.views), str(entry.tips), str(entry.usable),
            words.outcome(entry.outcome) if entry.tips else _("no tips"),
        )
        for entry in record.entries
    )  # fmt: skip
    if not rows:
        return Section(title=_("Publications"), text=(_("Nothing became public."),))
    return Section(title=_("Publications"), tables=(Table(title=_("Each publication"), columns=columns, rows=rows),))


def _take_downs(record: YearRecord, settings: Settings) -> Section:
    columns = (
        Column(title=_("Case number")),
        Column(title=_("Platforms")),
        Column(title=_("Seen to be gone"), figure=True),
    )
    rows = tuple(
        (
            entry.number,
            ", ".join(map(words.platform_name, entry.platforms)),
            words.moment(entry.taken_down_at, settings),
        )
        for entry in record.entries
        if entry.taken_down_at is not None
    )
    if not rows:
        return Section(title=_("Taken down"), text=(_("No take-down is recorded."),))
    return Section(title=_("Taken down"), tables=(Table(title=_("Each take-down"), columns=columns, rows=rows),))


def _refusals(record: YearRecord, settings: Settings) -> Section:
    columns = (
        Column(title=_("Case number")), Column(title=_("Decided"), figure=True), Column(title=_("By")),
        Column(title=_("Reason of refusal")),
    )  # fmt: skip
    rows = tuple(
        (r.number, words.moment(r.decision.at, settings), r.decision.authoriser, r.decision.refusal_reason)
        for r in record.refusals
    )
    if not rows:
        return Section(title=_("Refusals"), text=(_("No permission was refused."),))
    return Section(title=_("Refusals"), tables=(Table(title=_("Each refusal"), columns=columns, rows=rows),))
