"""A draft as its page keeps it: saving as one types, how far the file is, and stills to point somebody out on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Response
from pydantic import BaseModel, Field

from vrijgave.domain.hand_in import LONGEST_DESCRIPTION, LONGEST_FACT, MOST_MARKS, Mark
from vrijgave.services import hand_in, uploads
from vrijgave.services.context import Context
from vrijgave.web.access import App, SignedIn
from vrijgave.web.views.hand_in import state_of

router = APIRouter(prefix="/api/hand-in/{draft_id}")


class Marked(BaseModel):
    """Somebody pointed out."""

    frame: int = Field(ge=0, le=2**31 - 1)
    box: tuple[float, float, float, float]
    description: str = Field("", max_length=LONGEST_DESCRIPTION)
    minor: bool = False


class Changes(BaseModel):
    """What was typed since the last time. ``marks`` None: as they were."""

    changes: dict[str, Annotated[str, Field(max_length=LONGEST_FACT)]] = {}
    marks: list[Marked] | None = Field(None, max_length=MOST_MARKS)


@router.get("")
def state(context: App, account: SignedIn, draft_id: str) -> dict[str, Any]:
    """How far the draft is."""
    return _state(context, account.name, draft_id)


@router.post("")
def save(context: App, account: SignedIn, draft_id: str, sent: Changes) -> dict[str, Any]:
    """Keep what was typed."""
    marks = None if sent.marks is None else [Mark(**mark.model_dump()) for mark in sent.marks]
    return state_of(hand_in.save(context, draft_id, account.name, sent.changes, marks), context)


@router.post("/check")
def check(context: App, account: SignedIn, draft_id: str, later: BackgroundTasks) -> dict[str, Any]:
    """Look into what has come in; a complete file is looked into after this answer: ask again for the outcome."""
    if uploads.look(context, draft_id, account.name):
        later.add_task(uploads.check, context, draft_id, account.name)
    return _state(context, account.name, draft_id)


@router.get("/still/{frame}")
def still(context: App, account: SignedIn, draft_id: str, frame: int) -> Response:
    """A frame of the file; the look is logged."""
    return Response(uploads.still(context, draft_id, account.name, frame), media_type="image/jpeg")


def _state(context: Context, owner: str, draft_id: str) -> dict[str, Any]:
    with context.reading() as uow:
        return state_of(uow.hand_ins.get(draft_id, owner), context)
