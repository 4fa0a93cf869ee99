"""The dashboard of lead times, and each of its tables as a file."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.leadtime.tables import PARTS, sheet_csv
from vrijgave.leadtime.view import Split
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard, known
from vrijgave.services.example import mark
from vrijgave.services.export import Format, export
from vrijgave.web.access import App
from vrijgave.web.pages import show
from vrijgave.web.views.lead_times import LeadTimeFilter, lead_times_page

router = APIRouter()


@router.get("/lead-times")
def lead_times(request: Request, context: App) -> Response:
    """How long it takes and where the time goes, as the address asks for it."""
    asked, today = LeadTimeFilter.read(request.query_params), _today(context)
    shown = dashboard(context, asked.query(today))
    units, offences = known(context, Split.UNIT), known(context, Split.OFFENCE)
    return show(request, lead_times_page(shown, asked, today, units, offences))


@router.get("/lead-times/releases.{kind}")
def releases(request: Request, context: App, kind: str) -> Response:
    """The releases of the period of the question, a row for each."""
    if kind not in set(Format):
        raise NotFound(_("There is no such file; choose one on the page of the lead times."))
    asked = LeadTimeFilter.read(request.query_params).query(_today(context))
    content, _count = export(context, asked, Format(kind))
    return _file(context, content, f"releases.{kind}", _TYPES[Format(kind)])


@router.get("/lead-times/{part}.csv")
def as_file(request: Request, context: App, part: str) -> Response:
    """One of the tables, of the same question."""
    if part not in PARTS:
        raise NotFound(_("There is no table «{part}»; choose one on the page of the lead times.").format(part=part))
    shown = dashboard(context, LeadTimeFilter.read(request.query_params).query(_today(context)))
    return _file(context, sheet_csv(part, shown, _mark(context)), f"{part}.csv", _TYPES[Format.CSV])


_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.PARQUET: "application/vnd.apache.parquet"}


def _file(context: Context, content: bytes | str, name: str, kind: str) -> Response:
    """To keep; what is made up says so in its name too."""
    word = _mark(context).lower()
    name = "-".join(part for part in (word, "lead-times", name) if part)
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


def _mark(context: Context) -> str:
    with context.reading() as uow:
        return mark(uow)


def _today(context: Context) -> date:
    return context.now().astimezone(ZoneInfo(context.settings.time_zone)).date()
