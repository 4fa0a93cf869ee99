"""The pages of handing in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.hand_in import HandIn
from vrijgave.domain.people import Account
from vrijgave.errors import Conflict, Rejected
from vrijgave.services import hand_in
from vrijgave.services.context import Context
from vrijgave.services.hand_in_facts import FACTS
from vrijgave.web.access import App, SignedIn
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.views.hand_in import hand_in_page, hand_ins_page, handed_in_page

router = APIRouter(prefix="/hand-in")


@router.get("")
def drafts(request: Request, context: App, account: SignedIn) -> Response:
    """One's drafts."""
    with context.reading() as uow:
        return show(request, hand_ins_page(uow, account.name, context))


@router.post("")
def begin(request: Request, context: App, account: SignedIn) -> Response:
    """A new draft, and straight to its form."""
    try:
        draft = hand_in.begin(context, account)
    except Rejected as error:
        with context.reading() as uow:
            return show(request, hand_ins_page(uow, account.name, context, str(error)), status_of(error))
    return RedirectResponse(f"/hand-in/{draft.id}", 303)


@router.get("/{draft_id}")
def form(request: Request, context: App, account: SignedIn, draft_id: str) -> Response:
    """The form, or what happens next when it was handed in."""
    with context.reading() as uow:
        draft = uow.hand_ins.get(draft_id, account.name)
        if draft.release_id is None:
            page = hand_in_page(draft, context)
        else:
            release = uow.releases.get(draft.release_id)
            original = uow.assets.latest(release.id, AssetKind.ORIGINAL)
            marks = sum(note.box is not None for note in uow.notes.list(release.id))
            asked = uow.permission_requests.latest(release.id) is not None
            return show(request, handed_in_page(release, original.sha256, marks, asked=asked))
    return show(request, page)


@router.post("/{draft_id}")
async def submit(request: Request, context: App, account: SignedIn, draft_id: str) -> Response:
    """Keep what the form says and hand the draft in; what is missing is told at its field."""
    return await run_in_threadpool(_submit, request, context, account, draft_id, _typed(await request.form()))


def _typed(sent: FormData) -> dict[str, str]:
    """The facts of the form; a box that is not ticked sends nothing."""
    typed = {name: str(sent[name]) for name in FACTS & set(sent)}
    return typed | {"targets": " ".join(str(value) for value in sent.getlist("targets"))}


def _submit(request: Request, context: Context, account: Account, draft_id: str, typed: dict[str, str]) -> Response:
    here = RedirectResponse(f"/hand-in/{draft_id}", 303)
    if _get(context, account, draft_id).release_id is not None:
        return here
    try:
        draft = hand_in.save(context, draft_id, account.name, typed)
        found = hand_in.inspect(context, draft)
        if found.problems:
            return show(request, hand_in_page(draft, context, found.problems), 422)
        hand_in.submit(context, draft, found, account)
    except Conflict:
        if _get(context, account, draft_id).release_id is None:
            raise
    return here


@router.post("/{draft_id}/delete")
def delete(context: App, account: SignedIn, draft_id: str) -> Response:
    """Forget a draft with its file."""
    hand_in.delete(context, draft_id, account.name)
    return RedirectResponse("/hand-in", 303)


def _get(context: Context, account: Account, draft_id: str) -> HandIn:
    with context.reading() as uow:
        return uow.hand_ins.get(draft_id, account.name)
