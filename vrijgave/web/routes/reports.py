"""Kept reports: the list, and each as a file. They hold figures only, so that a look is not logged."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vrijgave.domain.reports import ReportKind
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.web.access import App, Files
from vrijgave.web.pages import show
from vrijgave.web.ranges import stored_file
from vrijgave.web.views.reports import ReportsPage, report_row

router = APIRouter(prefix="/reports")


@router.get("")
def reports(request: Request, context: App) -> Response:
    """What was made, the newest first."""
    with context.reading() as uow:
        kept = uow.reports.list()
    return show(request, ReportsPage(rows=tuple(report_row(report, context.settings) for report in kept)))


@router.get("/{kind}/{period}")
def report(request: Request, context: App, files: Files, kind: str, period: str) -> Response:
    """One of them, in parts where a browser asks for them."""
    with context.reading() as uow:
        kept = uow.reports.find(ReportKind(kind), period) if kind in set(ReportKind) else None
    if kept is None:
        raise NotFound(_("There is no report of {period}; look at the list of reports.").format(period=period))
    name = f"doorlooptijden-{kept.period}.pdf"
    answer = stored_file(request, files, kept.sha256, name)
    answer.headers["content-disposition"] = f'attachment; filename="{name}"'
    return answer
