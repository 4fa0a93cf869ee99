"""The list of kept reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vrijgave.domain.reports import Report
from vrijgave.services.reports import Month
from vrijgave.settings import Settings
from vrijgave.web import words
from vrijgave.web.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One kept report."""

    name: str
    made: str
    size: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage(Page):
    """All kept reports, the newest first."""

    template: ClassVar[str] = "reports.html.j2"
    rows: tuple[ReportRow, ...]


def report_row(report: Report, settings: Settings) -> ReportRow:
    """How a report is listed."""
    return ReportRow(
        name=Month.read(report.period).words,
        made=words.moment(report.made_at, settings),
        size=words.size(report.size),
        path=f"/reports/{report.kind.value}/{report.period}",
    )
