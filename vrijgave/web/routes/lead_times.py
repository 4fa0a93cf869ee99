"""The dashboard of lead times, and each of its tables as a file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.leadtime.tables import PARTS, sheet_csv
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.web.access import App
from vrijgave.web.pages import show
from vrijgave.web.views.lead_times import LeadTimeFilter, lead_times_page

router = APIRouter()


@router.get("/lead-times")
def lead_times(request: Request, context: App) -> Response:
    """How long it takes and where the time goes, as the address asks for it."""
    asked, today = LeadTimeFilter.read(request.query_params), _today(context)
    shown = dashboard(context, asked.query(today))
    with context.reading() as uow:
        units, offences = uow.board.units(None), uow.board.offences(None)
    return show(request, lead_times_page(shown, asked, today, units, offences))


@router.get("/lead-times/{part}.csv")
def as_file(request: Request, context: App, part: str) -> Response:
    """One of the tables, of the same question."""
    if part not in PARTS:
        raise NotFound(_("There is no table «{part}»; choose one on the page of the lead times.").format(part=part))
    shown = dashboard(context, LeadTimeFilter.read(request.query_params).query(_today(context)))
    headers = {"content-disposition": f'attachment; filename="lead-times-{part}.csv"'}
    return Response(sheet_csv(part, shown), media_type="text/csv; charset=utf-8", headers=headers)


def _today(context: Context) -> date:
    return context.now().astimezone(ZoneInfo(context.settings.time_zone)).date()
