"""The review room for its scripts: what to draw, what changed, and the edits of a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from vrijgave.domain.edits import Change
from vrijgave.domain.notes import NoteAction
from vrijgave.domain.people import Account
from vrijgave.domain.regions import Corners, DrawnBox, Region
from vrijgave.domain.tracks import SubjectKind
from vrijgave.services import edits, notes, regions, room
from vrijgave.services.context import Context
from vrijgave.services.review import finish_review
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, Files, SignedIn, release_for
from vrijgave.web.api import LARGEST, PROBLEMS, Number, ReleaseId, answer
from vrijgave.web.views.room import Reader, mark_of, room_changes, room_same, room_state, window
from vrijgave.web.views.room_types import RoomChanges, RoomSame, RoomState, TrackKeys

router = APIRouter(prefix="/api/releases/{release_id}/review", responses=PROBLEMS)
LONGEST_TEXT = 4000
MOST_EDITS = 200
Version = Annotated[int, Field(ge=0, le=LARGEST)]
Frame = Annotated[int, Field(ge=0, le=LARGEST)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Mark = Annotated[str, Query(max_length=100)]


class Base(BaseModel):
    """Which version of the log the page shows, and the mark of the answer that it has."""

    base: Version
    mark: str = Field("", max_length=100)


class ProposedEdit(BaseModel):
    """One change and why."""

    change: Annotated[Change, Field(discriminator="kind")]
    reason: Text = ""


class Edits(Base):
    """Changes that belong together: all of them hold, or none."""

    edits: list[ProposedEdit] = Field(min_length=1, max_length=MOST_EDITS)


class NewNote(Base):
    """A note at a frame, about a box where one is given."""

    frame: Frame
    text: Text
    box: Corners | None = None


class NoteStep(Base):
    """What happens to a note."""

    action: NoteAction
    text: Text = ""


class NewRegion(Base):
    """A box to be followed both ways."""

    frame: Frame
    box: Corners
    kind: SubjectKind = SubjectKind.FACE
    reason: Text = ""


class Dropped(Base):
    """Why a region is given up."""

    reason: Text = ""


class Finished(BaseModel):
    """Where to go after the review."""

    next: str


@router.get("", response_model=RoomState)
def state(context: App, files: Files, account: SignedIn, release_id: ReleaseId, light: bool = False) -> Response:
    """Everything that the room draws; ``light``: without the keyframes of tracks."""
    with context.reading() as uow:
        seen = _room(uow, context, files, account, release_id)
    return answer(room_state(seen, _reader(context, account, release_id), with_keys=not light))


@router.get("/changes", response_model=RoomChanges | RoomSame)
def changes(
    context: App,
    files: Files,
    account: SignedIn,
    release_id: ReleaseId,
    since: Annotated[int, Query(ge=0, le=LARGEST)],
    mark: Mark = "",
) -> Response:
    """What changed after version ``since``; only that nothing did, where ``mark`` is still the mark of the room."""
    with context.reading() as uow:
        release = release_for(uow, account, release_id)
        away = room.has_to_be_seen(uow, release.id, account.name, context.now())
    if away:
        with context.unit_of_work() as uow:
            room.be_present(uow, release_id, account.name, context.now())
            uow.commit()
    with context.reading() as uow:
        seen = _room(uow, context, files, account, release_id)
    reader = _reader(context, account, release_id)
    if mark == mark_of(seen):
        return answer(room_same(seen, reader))
    return answer(room_changes(seen, reader, since, mark))


@router.get("/tracks", response_model=list[TrackKeys])
def tracks(
    context: App,
    files: Files,
    account: SignedIn,
    release_id: ReleaseId,
    first: Annotated[int, Query(ge=0, le=LARGEST)],
    last: Annotated[int, Query(ge=0, le=LARGEST)],
) -> Response:
    """Keyframes of the tracks that are there between two frames."""
    with context.reading() as uow:
        seen = _room(uow, context, files, account, release_id)
    return answer(window(seen, first, last))


@router.post("/edits", response_model=RoomChanges)
def edit(context: App, files: Files, account: SignedIn, release_id: ReleaseId, body: Edits) -> Response:
    """Add edits to the log."""
    proposals = [edits.Proposal(each.change, each.reason) for each in body.edits]
    return _act(
        context, files, account, release_id, body,
        lambda uow: edits.apply(
            uow, context.blobs, release_id, proposals, body.base, actor=account.name, at=context.now()
        ),
    )  # fmt: skip


@router.post("/undo", response_model=RoomChanges)
def undo(context: App, files: Files, account: SignedIn, release_id: ReleaseId, body: Base) -> Response:
    """Take back the person's last edit that holds."""
    return _act(
        context, files, account, release_id, body,
        lambda uow: edits.undo(uow, context.blobs, release_id, body.base, actor=account.name, at=context.now()),
    )  # fmt: skip


@router.post("/redo", response_model=RoomChanges)
def redo(context: App, files: Files, account: SignedIn, release_id: ReleaseId, body: Base) -> Response:
    """Do again what the person took back last."""
    return _act(
        context, files, account, release_id, body,
        lambda uow: edits.redo(uow, context.blobs, release_id, body.base, actor=account.name, at=context.now()),
    )  # fmt: skip


@router.post("/notes", response_model=RoomChanges)
def add_note(context: App, files: Files, account: SignedIn, release_id: ReleaseId, body: NewNote) -> Response:
    """Leave a note."""
    return _act(
        context, files, account, release_id, body,
        lambda uow: notes.add(
            uow, context.blobs, release_id, body.frame, body.text, box=body.box, author=account.name, at=context.now()
        ),
    )  # fmt: skip


@router.post("/notes/{number}", response_model=RoomChanges)
def enter_note(
    context: App, files: Files, account: SignedIn, release_id: ReleaseId, number: Number, body: NoteStep
) -> Response:
    """Answer, resolve or reopen a note."""

    def step(uow: UnitOfWork) -> object:
        match body.action:
            case NoteAction.ANSWERED:
                return notes.answer(uow, release_id, number, body.text, author=account.name, at=context.now())
            case NoteAction.RESOLVED:
                return notes.resolve(uow, release_id, number, author=account.name, at=context.now())
            case NoteAction.REOPENED:
                return notes.reopen(uow, release_id, number, author=account.name, at=context.now())

    return _act(context, files, account, release_id, body, step)


@router.post("/regions", response_model=RoomChanges)
def ask_region(context: App, files: Files, account: SignedIn, release_id: ReleaseId, body: NewRegion) -> Response:
    """Ask for what was drawn to be followed, in the background."""
    region = Region(kind=body.kind, boxes=(DrawnBox(frame=body.frame, xyxy=body.box),))
    return _act(
        context, files, account, release_id, body,
        lambda uow: regions.ask(
            uow, context.blobs, release_id, region, reason=body.reason, actor=account.name, at=context.now()
        ),
    )  # fmt: skip


@router.post("/regions/{number}/drop", response_model=RoomChanges)
def drop_region(
    context: App, files: Files, account: SignedIn, release_id: ReleaseId, number: Number, body: Dropped
) -> Response:
    """Give up a region that has not become a track."""
    return _act(
        context, files, account, release_id, body,
        lambda uow: regions.drop(
            uow, release_id, number, reason=body.reason, actor=account.name, at=context.now()
        ),
    )  # fmt: skip


@router.post("/finish")
def finish(context: App, account: SignedIn, release_id: ReleaseId) -> Finished:
    """Declare the review done."""
    with context.unit_of_work() as uow:
        release_for(uow, account, release_id)
        finish_review(uow, release_id, account.name, context.now())
        uow.commit()
    return Finished(next=f"/releases/{release_id}")


def _act(
    context: Context,
    files: Files,
    account: Account,
    release_id: str,
    body: Base,
    act: Callable[[UnitOfWork], object],
) -> Response:
    """Do it, and answer what changed since the version that the page has."""
    with context.unit_of_work() as uow:
        release_for(uow, account, release_id)
        act(uow)
        uow.commit()
    with context.reading() as uow:
        seen = _room(uow, context, files, account, release_id)
    return answer(room_changes(seen, _reader(context, account, release_id), body.base, body.mark))


def _room(uow: UnitOfWork, context: Context, files: Files, account: Account, release_id: str) -> room.Room:
    release = release_for(uow, account, release_id)
    return room.enter(uow, files, context.blobs, release, account.name, context.now())


def _reader(context: Context, account: Account, release_id: str) -> Reader:
    return Reader(
        account=account,
        settings=context.settings,
        thumb=f"/api/releases/{release_id}/review/thumb/{{}}".format,
    )
