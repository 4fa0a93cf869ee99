"""Approving: the page, the files as they are stored, the notes, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.people import Account
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import approval, notes, watching
from vrijgave.services.context import Context
from vrijgave.web.access import App, Files, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.ranges import stored_file
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.approve import approve_page

router = APIRouter(prefix="/releases/{release_id}/approve")
Text = Annotated[str, Form()]


@router.get("")
def page(request: Request, context: App, account: SignedIn, release_id: str, file: str = "", at: int = 0) -> Response:
    """All that goes out, side by side; the look goes into the audit log. ``file`` and ``at``: where to go on."""
    with context.unit_of_work() as uow:
        shown = approve_page(uow, account, release_id, context, begin=(file, max(0, at)))
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, shown)


@router.get("/files/{sha256}")
def stored(request: Request, context: App, files: Files, account: SignedIn, release_id: str, sha256: str) -> Response:
    """A file as it would go out."""
    with context.reading() as uow:
        release_for(uow, account, release_id)
        name = watching.the_file(uow, release_id, sha256).name
    return stored_file(request, files, sha256, name)


@router.post("")
def approve(
    request: Request, context: App, files: Files, account: SignedIn, release_id: str, reason: Text = ""
) -> Response:
    """Approve exactly the files that are stored now: all of them are hashed anew before."""

    def act() -> None:
        with context.reading() as uow:
            release = release_for(uow, account, release_id)
        approval.check_approver(release, account.name)
        unwatched = watching.unwatched_reason(watching.seen(context, files, release_id, account.name), reason)
        proven = approval.prove_files(context, release_id)
        with context.unit_of_work() as uow:
            approval.approve(uow, release_id, account.name, proven, context.now(), unwatched=unwatched)
            uow.commit()

    return _do(request, context, account, release_id, act, reason=reason)


@router.post("/send-back")
def send_back(request: Request, context: App, account: SignedIn, release_id: str, reason: Text = "") -> Response:
    """Ask for changes."""

    def act() -> None:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            if not reason.strip():
                raise Rejected("reason", _("Say what has to change."))
            approval.send_back(uow, release_id, account.name, reason.strip(), context.now())
            uow.commit()

    return _do(request, context, account, release_id, act, send_back_reason=reason)


@router.post("/notes")
def note(
    request: Request, context: App, account: SignedIn, release_id: str,
    sha256: Text = "", at: Annotated[int, Form(ge=0)] = 0, text: Text = "",
) -> Response:  # fmt: skip
    """Leave a note at a moment of a file; it keeps the release from being approved until it is resolved."""

    def act() -> None:
        with context.reading() as uow:
            release_for(uow, account, release_id)
        frame = watching.frame_at(context, release_id, sha256, at)
        with context.unit_of_work() as uow:
            notes.add(uow, context.blobs, release_id, frame, text, author=account.name, at=context.now())
            uow.commit()

    onward = f"/releases/{release_id}/approve?{urlencode({'file': sha256, 'at': at})}#notes"
    return _do(request, context, account, release_id, act, onward)


@router.post("/notes/{number}/resolve")
def resolve(request: Request, context: App, account: SignedIn, release_id: str, number: int) -> Response:
    """Say that what a note asks has been done."""

    def act() -> None:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            notes.resolve(uow, release_id, number, author=account.name, at=context.now())
            uow.commit()

    return _do(request, context, account, release_id, act, f"/releases/{release_id}/approve#notes")


def _do(
    request: Request, context: Context, account: Account, release_id: str, act: Callable[[], None],
    onward: str = "", *, reason: str = "", send_back_reason: str = "",
) -> Response:  # fmt: skip
    """Do it and go on; a refusal is told on the page, with what was typed."""
    try:
        act()
    except Rejected as error:
        with context.reading() as uow:
            shown = approve_page(
                uow, account, release_id, context, reason=reason, send_back_reason=send_back_reason, error=str(error)
            )
        return show(request, shown, status_of(error))
    return RedirectResponse(onward or f"/releases/{release_id}", 303)
