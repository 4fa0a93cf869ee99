"""Accounts of publications and years, on the page and on paper."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from vrijgave.domain.people import Account
from vrijgave.reports.document import Document
from vrijgave.reports.pdf import make_pdf
from vrijgave.services import accountability
from vrijgave.services.context import Context
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.pages import show
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.accountability import AccountabilityPage

router = APIRouter()
YEARS_SHOWN = 6
Year = Annotated[int, Query()]


@router.get("/releases/{release_id}/accountability")
def of_release(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """The account of one publication; the look goes into the audit log."""
    found = _of_release(context, account, release_id)
    pdf = f"/releases/{release_id}/accountability.pdf"
    return show(request, AccountabilityPage(document=found, pdf=pdf, id=release_id, years=(), year=0))


@router.get("/releases/{release_id}/accountability.pdf")
def of_release_pdf(context: App, account: SignedIn, release_id: str) -> Response:
    """The same on paper; logged too."""
    return _paper(_of_release(context, account, release_id), f"verantwoording-{release_id[:10]}")


@router.get("/accountability")
def of_year(request: Request, context: App, year: Year = 0) -> Response:
    """The account of a year; without one, of this year."""
    now = accountability.this_year(context)
    asked = year or now
    found = accountability.of_year(context, asked)
    years = tuple(range(now, now - YEARS_SHOWN, -1))
    return show(request, AccountabilityPage(
        document=found, pdf=f"/accountability.pdf?year={asked}", id="", years=years, year=asked
    ))  # fmt: skip


@router.get("/accountability.pdf")
def of_year_pdf(context: App, year: Year = 0) -> Response:
    """The same on paper."""
    asked = year or accountability.this_year(context)
    return _paper(accountability.of_year(context, asked), f"verantwoording-{asked}")


def _of_release(context: Context, account: Account, release_id: str) -> Document:
    with context.unit_of_work() as uow:
        release_for(uow, account, release_id)
        consulted(uow, release_id, account, context)
        uow.commit()
    return accountability.of_release(context, release_id)


def _paper(document: Document, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}.pdf"'}
    return Response(make_pdf(document), media_type="application/pdf", headers=headers)
