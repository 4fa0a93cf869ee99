"""The page of a publication: order it, run it again, take it down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.services import preflight, stages
from vrijgave.services import publication as publishing
from vrijgave.services import reach as reaching
from vrijgave.services import take_down as taking_down
from vrijgave.services.context import Context
from vrijgave.services.moments import read_moment
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.preflight import check_part
from vrijgave.web.views.publication import ledger_part, publication_page

router = APIRouter(prefix="/releases/{release_id}/publication")


@router.get("")
def publication(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Where the release went out, or is about to; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        page = publication_page(uow, account, release_id, context.settings, context.now())
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, page)


@router.get("/ledger")
def ledger(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """What is known now, without the frame."""
    with context.reading() as uow:
        part = ledger_part(uow, account, release_id, context.settings, context.now())
    return show(request, part)


@router.get("/check")
def check(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Whether each platform takes it, asked now; without the frame."""
    with context.reading() as uow:
        release_for(uow, account, release_id)
    try:
        part = check_part(preflight.preflight(context, release_id))
    except Rejected as error:
        part = check_part((), str(error))
    return show(request, part)


@router.post("")
def order(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Publish on every platform of the release, when all of them take it."""
    return _do(
        request, context, account, release_id,
        lambda uow: publishing.order(uow, release_id, account.name, context.now()),
        first=lambda: preflight.demand(context, release_id),
    )  # fmt: skip


@router.post("/retry")
def retry(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Run again what failed; the ledger asks the platform before anything is sent."""
    return _do(
        request, context, account, release_id,
        lambda uow: stages.retry(uow, release_id, account.name, context.now()),
    )  # fmt: skip


@router.post("/take-down")
def take_down(
    request: Request, context: App, account: SignedIn, release_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Take it down everywhere, with the reason."""
    return _do(
        request, context, account, release_id,
        lambda uow: taking_down.order(uow, release_id, account.name, reason.strip(), context.now()),
    )  # fmt: skip


@router.post("/reach")
def reach(
    request: Request, context: App, account: SignedIn, release_id: str,
    platform: Annotated[str, Form()] = "", views: Annotated[str, Form()] = "", read_at: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Record how often it was watched."""

    def act(uow: UnitOfWork) -> object:
        chosen = next((each for each in Platform if each.value == platform), None)
        if chosen is None:
            raise Rejected("platform", _("Choose a platform."))
        at = read_moment(read_at, ZoneInfo(context.settings.time_zone), context.now())
        return reaching.add(uow, release_id, chosen, views, read_at=at, actor=account.name, at=context.now())

    return _do(request, context, account, release_id, act)


def _do(
    request: Request, context: Context, account: Account, release_id: str, act: Callable[[UnitOfWork], object],
    first: Callable[[], None] = lambda: None,
) -> Response:  # fmt: skip
    """Do it and go back to the page; a refusal is told there. ``first``: what has to be asked outside the store."""
    try:
        with context.reading() as uow:
            release_for(uow, account, release_id)
        first()
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            act(uow)
            uow.commit()
    except (Rejected, ActionRequired) as error:
        with context.reading() as uow:
            page = publication_page(uow, account, release_id, context.settings, context.now(), str(error))
        return show(request, page, status_of(error))
    return RedirectResponse(f"/releases/{release_id}/publication", 303)
