"""Writing the texts of a release: the page, and what its script sends while somebody types."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import TextField
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _
from vrijgave.services import approval, text_edits
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.permissions import may
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.texts import Part, TextsPage, part, texts_page

PAGE = "/releases/{release_id}/texts"
API = "/api/releases/{release_id}/texts"
SEND_BACK = PAGE + "/send-back"

router = APIRouter()


class Sent(BaseModel):
    """One part as somebody typed it; ``text`` None goes back to the draft."""

    platform: Platform
    language: Language
    field: TextField
    version: int
    text: str | None = None


class Kept(BaseModel):
    """What became of it. Not kept: ``part.problems`` says why."""

    kept: bool
    part: Part


@router.get(PAGE)
def texts(
    request: Request,
    context: App,
    account: SignedIn,
    release_id: str,
    platform: Platform | None = None,
    language: Language | None = None,
) -> Response:
    """The texts of one platform in one language; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        page = _page(uow, context, account, release_id, platform, language)
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, page)


@router.get(API)
def parts(
    context: App, account: SignedIn, release_id: str, platform: Platform, language: Language
) -> dict[TextField, Part]:
    """The same parts as they stand now: what somebody else wrote meanwhile."""
    with context.reading() as uow:
        release = release_for(uow, account, release_id)
        found = text_edits.sets(uow, context.blobs, context.settings, release)
    chosen = text_edits.find(found, platform, language)
    return {field: part(chosen, field, context.settings) for field in TextField}


@router.post(API)
def write(context: App, account: SignedIn, release_id: str, sent: Sent) -> Kept:
    """Keep one part. Answers 409 when somebody else wrote it since ``version``."""
    with context.unit_of_work() as uow:
        release_for(uow, account, release_id)
        written = text_edits.write(
            uow, context.blobs, context.settings, release_id,
            platform=sent.platform, language=sent.language, field=sent.field, text=sent.text, version=sent.version,
            actor=account.name, at=context.now(),
        )  # fmt: skip
        uow.commit()
    return Kept(
        kept=not written.problems, part=part(written.texts, sent.field, context.settings, written.problems)
    )  # fmt: skip


@router.post(SEND_BACK)
def send_back(
    request: Request, context: App, account: SignedIn, release_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Ask for the texts anew: whatever was approved is void, and the release goes back to communication."""
    try:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            if not reason.strip():
                raise Rejected("reason", _("Say what has to change in the texts."))
            approval.send_back(uow, release_id, account.name, reason.strip(), context.now())
            uow.commit()
    except Rejected as error:
        with context.reading() as uow:
            page = _page(uow, context, account, release_id, error=str(error))
        return show(request, page, status_of(error))
    return RedirectResponse(f"/releases/{release_id}/texts", 303)


def _page(
    uow: UnitOfWork,
    context: Context,
    account: Account,
    release_id: str,
    platform: Platform | None = None,
    language: Language | None = None,
    error: str = "",
) -> TextsPage:
    release = release_for(uow, account, release_id)
    found = text_edits.sets(uow, context.blobs, context.settings, release)
    return texts_page(
        release,
        found,
        text_edits.find(found, platform or release.targets[0], language or Language.DUTCH),
        context.settings,
        may_write=may(account, "POST", API),
        may_send_back=may(account, "POST", SEND_BACK),
        error=error,
    )
