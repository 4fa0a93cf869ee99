"""The page of the review room, behind the question why somebody looks."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from vrijgave.errors import Rejected, VrijgaveError
from vrijgave.services import room
from vrijgave.services.context import Context
from vrijgave.services.in_review import open_review_if_possible
from vrijgave.services.review_media import look, reason_given
from vrijgave.web.access import App, Files, SignedIn, release_for
from vrijgave.web.pages import show
from vrijgave.web.views.review import may_review, reason_page, review_page

router = APIRouter(prefix="/releases/{release_id}/review")


@router.get("")
def review(request: Request, context: App, files: Files, account: SignedIn, release_id: str) -> Response:
    """The room; each opening is a logged look, and the first by a reviewer begins the review."""
    with context.reading() as uow:
        release = release_for(uow, account, release_id)
        room.check_ready(uow, release)
        asked = reason_given(uow, release_id, account.name) is None
    if asked:
        return show(request, reason_page(release))
    now = context.now()
    with context.unit_of_work() as uow:
        release = release_for(uow, account, release_id)
        if may_review(release, account):
            open_review_if_possible(uow, release, account.name, now)
        room.be_present(uow, release_id, account.name, now)
        look(uow, release_id, account.name, None, now)
        uow.commit()
    response = show(request, review_page(release, account))
    response.background = BackgroundTask(_warm, context, files, release_id, account.name)
    return response


@router.post("/reason")
def give_reason(
    request: Request, context: App, account: SignedIn, release_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Say why; the look is logged with it, and the page asks no more in this case."""
    with context.unit_of_work() as uow:
        release = release_for(uow, account, release_id)
        room.check_ready(uow, release)
        try:
            room.first_look(uow, release_id, account.name, reason, context.now())
        except Rejected as error:
            return show(request, reason_page(release, reason=reason, error=str(error)), 422)
        uow.commit()
    return RedirectResponse(f"/releases/{release_id}/review", 303)


def _warm(context: Context, files: Files, release_id: str, actor: str) -> None:
    """Carry out the review while the browser still reads the page: its scripts ask for all of it in a moment."""
    with suppress(VrijgaveError), context.reading() as uow:
        seen = room.glimpse(uow, uow.releases.get(release_id), actor, context.now())
        room.enter(uow, files, context.blobs, seen)
