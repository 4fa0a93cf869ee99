"""Reports that are kept: made once for each month, however often somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from vrijgave.domain.reports import Report, ReportKind
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import _, current_language
from vrijgave.leadtime.view import Query
from vrijgave.reports.document import Document
from vrijgave.reports.month import WEEKS, Figures, month_report
from vrijgave.reports.pdf import make_pdf
from vrijgave.services.asking import Ask
from vrijgave.services.context import Context


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Month:
        """From ``2026-10``. Raises ``Rejected``."""
        try:
            first = datetime.strptime(text, "%Y-%m").date()
        except ValueError as error:
            raise Rejected("month", _("Write a month as 2026-10.")) from error
        return cls(first.year, first.month)

    @classmethod
    def of(cls, at: datetime, context: Context) -> Month:
        """The month in which ``at`` falls on the clock of the force."""
        there = at.astimezone(ZoneInfo(context.settings.time_zone))
        return cls(there.year, there.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def before(self) -> Month:
        """The month before."""
        day = self.first - timedelta(days=1)
        return Month(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def words(self) -> str:
        """Such as «October 2026»."""
        return format_date(self.first, "MMMM y", locale=current_language().value)


def month_before(context: Context) -> Month:
    """The last month that is over."""
    return Month.of(context.now(), context).before


def keep_month(context: Context, month: Month, ask: Ask) -> Report:
    """The kept report of ``month``; made where there is none yet. Of several who make it at once, the first counts.

    Raises ``Rejected`` for a month that is not over.
    """
    if month > month_before(context):
        raise Rejected("month", _("{month} is not over yet; choose an earlier month.").format(month=month.words))
    with context.reading() as uow:
        kept = uow.reports.find(ReportKind.MONTH, str(month))
    if kept is not None:
        return kept
    sha256, size = context.blobs.put_bytes(make_pdf(month_document(context, month, ask)))
    made = Report(kind=ReportKind.MONTH, period=str(month), sha256=sha256, size=size, made_at=context.now())
    try:
        with context.unit_of_work() as uow:
            uow.reports.add(made)
            uow.commit()
    except Conflict:
        return _first(context, month, made)
    return made


def month_document(context: Context, month: Month, ask: Ask) -> Document:
    """What the report of ``month`` says as things stand now."""
    since = month.last - timedelta(weeks=WEEKS)
    figures = Figures(
        month=ask(context, Query(since=month.first, until=month.last)),
        before=ask(context, Query(since=month.before.first, until=month.before.last)).tiles,
        quarter=ask(context, Query(since=since, until=month.last)),
    )
    with context.reading() as uow:
        example = uow.examples.any()
    return month_report(
        figures, context.settings, context.now(), name=month.words, before=month.before.words, example=example
    )


def read(context: Context, kind: ReportKind, period: str) -> tuple[Report, bytes]:
    """A kept report and its bytes, whose hash is checked. Raises ``NotFound``."""
    with context.reading() as uow:
        kept = uow.reports.find(kind, period)
    if kept is None:
        raise NotFound(_("There is no report of {period}; look at the list of reports.").format(period=period))
    return kept, context.blobs.read_bytes(kept.sha256)


def _first(context: Context, month: Month, late: Report) -> Report:
    """The report of who was first; the bytes of the other go."""
    with context.reading() as uow:
        kept = uow.reports.find(ReportKind.MONTH, str(month))
    if kept is None:
        raise NotFound(_("There is no report of {period}; look at the list of reports.").format(period=month))
    if kept.sha256 != late.sha256:
        context.blobs.delete(late.sha256)
    return kept
