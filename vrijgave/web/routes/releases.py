"""The page of a release, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import FootageKind
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.people import Account
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import holds, intake, stages
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.views.release import release_page

router = APIRouter(prefix="/releases/{release_id}")


@router.get("")
def release(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """One release; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        page = release_page(uow, account, release_id, context.settings, context.now())
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, page)


@router.post("/retry")
def retry(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Run what failed again."""
    return _do(
        request, context, account, release_id,
        lambda uow: stages.retry(uow, release_id, account.name, context.now()),
    )  # fmt: skip


@router.post("/withdraw")
def withdraw(
    request: Request, context: App, account: SignedIn, release_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Stop a release of which nothing has gone out."""

    def stop(uow: UnitOfWork) -> object:
        if not reason.strip():
            raise Rejected("reason", _("Say why the release is withdrawn."))
        return stages.withdraw(uow, release_id, account.name, reason.strip(), context.now())

    return _do(request, context, account, release_id, stop)


@router.post("/hold")
def hold(
    request: Request, context: App, account: SignedIn, release_id: str,
    reason: Annotated[str, Form()] = "", note: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Let a release wait on purpose."""
    chosen = next((each for each in HoldReason if each.value == reason), None)
    return _do(
        request, context, account, release_id,
        lambda uow: holds.begin(uow, release_id, chosen, note, actor=account.name, at=context.now()),
    )  # fmt: skip


@router.post("/hold/end")
def end_hold(request: Request, context: App, account: SignedIn, release_id: str) -> Response:
    """Let it go on."""
    return _do(
        request, context, account, release_id,
        lambda uow: holds.end(uow, release_id, actor=account.name, at=context.now()),
    )  # fmt: skip


@router.post("/footage-kind")
def footage_kind(
    request: Request, context: App, account: SignedIn, release_id: str, footage_kind: Annotated[str, Form()] = ""
) -> Response:
    """Correct what kind of camera it was."""
    chosen = next((each for each in FootageKind if each.value == footage_kind), None)
    return _do(
        request, context, account, release_id,
        lambda uow: intake.correct_footage_kind(uow, release_id, chosen, actor=account.name, at=context.now()),
    )  # fmt: skip


def consulted(uow: UnitOfWork, release_id: str, account: Account, context: Context) -> None:
    """Log that somebody looked at the facts of a case."""
    uow.audit.append(
        actor=account.name,
        action=AuditAction.CONSULTED,
        subject=f"release:{release_id}",
        reason=_("Page of the release opened."),
        at=context.now(),
    )


def _do(
    request: Request, context: Context, account: Account, release_id: str, act: Callable[[UnitOfWork], object]
) -> Response:
    """Do it and go back to the page; a refusal is told there."""
    try:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            act(uow)
            uow.commit()
    except Rejected as error:
        with context.reading() as uow:
            page = release_page(uow, account, release_id, context.settings, context.now(), error=str(error))
        return show(request, page, status_of(error))
    return RedirectResponse(f"/releases/{release_id}", 303)
