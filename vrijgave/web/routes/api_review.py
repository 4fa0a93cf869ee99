"""The review room for its scripts: what to draw, what changed, and the edits of a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from vrijgave.domain.edits import Change
from vrijgave.domain.notes import NoteAction
from vrijgave.domain.people import Account
from vrijgave.domain.regions import Corners, DrawnBox, Region
from vrijgave.domain.tracks import SubjectKind
from vrijgave.i18n import current_language
from vrijgave.services import edits, notes, regions, room
from vrijgave.services.context import Context
from vrijgave.services.review import finish_review
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, Files, SignedIn, release_for
from vrijgave.web.api import LARGEST, Number, ReleaseId, json_answer
from vrijgave.web.room_drawing import Drawings
from vrijgave.web.views.room import Reader, TrackFacts, is_same, room_changes, room_same, room_state
from vrijgave.web.views.room_types import RoomChanges, RoomSame, RoomState

router = APIRouter(prefix="/api/releases/{release_id}/review")
LONGEST_TEXT = 4000
LONGEST_MARK = 100
MOST_EDITS = 200
Version = Annotated[int, Field(ge=0, le=LARGEST)]
Frame = Annotated[int, Field(ge=0, le=LARGEST)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]


class Base(BaseModel):
    """Which version of the log the page shows, and the mark of the last answer that it took in."""

    base: Version
    mark: str = Field("", max_length=LONGEST_MARK)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One person's way into one room."""

    context: Context
    files: Files
    account: Account
    release_id: str
    reader: Reader

    def glimpse(self, uow: UnitOfWork) -> room.Glimpse:
        """Whether something changed. Raises ``NotFound`` for a release that is out of the person's reach."""
        release = release_for(uow, self.account, self.release_id)
        return room.glimpse(uow, release, self.account.name, self.context.now())

    def enter(self, uow: UnitOfWork, seen: room.Glimpse) -> room.Room:
        """All of the room."""
        return room.enter(uow, self.files, self.context.blobs, seen)

    def act(self, body: Base, do: Callable[[UnitOfWork], object]) -> Response:
        """Do it, and answer what is new to the page."""
        with self.context.unit_of_work() as uow:
            release_for(uow, self.account, self.release_id)
            do(uow)
            uow.commit()
        with self.context.reading() as uow:
            found = self.enter(uow, self.glimpse(uow))
        return json_answer(room_changes(found, self.reader, body.mark))


def _door(request: Request, context: App, files: Files, account: SignedIn, release_id: ReleaseId) -> Door:
    drawings: Drawings[TrackFacts] = request.app.state.drawings
    reader = Reader(
        account=account,
        settings=context.settings,
        thumb=f"/api/releases/{release_id}/review/thumb/{{}}".format,
        drawing=drawings.of(release_id, current_language()),
    )
    return Door(context=context, files=files, account=account, release_id=release_id, reader=reader)


Here = Annotated[Door, Depends(_door)]


@router.get("", response_model=RoomState)
def state(here: Here) -> Response:
    """Everything that the room draws."""
    with here.context.reading() as uow:
        found = here.enter(uow, here.glimpse(uow))
    return json_answer(room_state(found, here.reader))


@router.get("/changes", response_model=RoomChanges | RoomSame)
def changes(here: Here, mark: Annotated[str, Query(max_length=LONGEST_MARK)] = "") -> Response:
    """What changed since the answer that had ``mark``: only that nothing did, where that is so."""
    now = here.context.now()
    with here.context.reading() as uow:
        seen = here.glimpse(uow)
        stale = room.has_to_be_seen(uow, here.release_id, here.account.name, now)
        found = None if is_same(seen, mark) else here.enter(uow, seen)
    if stale:
        with here.context.unit_of_work() as uow:
            room.be_present(uow, here.release_id, here.account.name, now)
            uow.commit()
    return json_answer(room_same(seen, mark, here.reader) if found is None else room_changes(found, here.reader, mark))


@router.post("/edits", response_model=RoomChanges)
def edit(here: Here, body: Edits) -> Response:
    """Add edits to the log."""
    proposals = [edits.Proposal(each.change, each.reason) for each in body.edits]
    who, now, blobs = here.account.name, here.context.now(), here.context.blobs
    return here.act(body, lambda uow: edits.apply(uow, blobs, here.release_id, proposals, body.base, actor=who, at=now))


@router.post("/undo", response_model=RoomChanges)
def undo(here: Here, body: Base) -> Response:
    """Take back the person's last edit that holds."""
    who, now, blobs = here.account.name, here.context.now(), here.context.blobs
    return here.act(body, lambda uow: edits.undo(uow, blobs, here.release_id, body.base, actor=who, at=now))


@router.post("/redo", response_model=RoomChanges)
def redo(here: Here, body: Base) -> Response:
    """Do again what the person took back last."""
    who, now, blobs = here.account.name, here.context.now(), here.context.blobs
    return here.act(body, lambda uow: edits.redo(uow, blobs, here.release_id, body.base, actor=who, at=now))


@router.post("/notes", response_model=RoomChanges)
def add_note(here: Here, body: NewNote) -> Response:
    """Leave a note."""
    who, now, blobs = here.account.name, here.context.now(), here.context.blobs
    return here.act(
        body,
        lambda uow: notes.add(
            uow, blobs, here.release_id, body.frame, body.text, box=body.box, author=who, at=now
        ),
    )  # fmt: skip


@router.post("/notes/{number}", response_model=RoomChanges)
def enter_note(here: Here, number: Number, body: NoteStep) -> Response:
    """Answer, resolve or reopen a note."""
    who, now = here.account.name, here.context.now()

    def step(uow: UnitOfWork) -> object:
        match body.action:
            case NoteAction.ANSWERED:
                return notes.answer(uow, here.release_id, number, body.text, author=who, at=now)
            case NoteAction.RESOLVED:
                return notes.resolve(uow, here.release_id, number, author=who, at=now)
            case NoteAction.REOPENED:
                return notes.reopen(uow, here.release_id, number, author=who, at=now)

    return here.act(body, step)


@router.post("/regions", response_model=RoomChanges)
def ask_region(here: Here, body: NewRegion) -> Response:
    """Ask for what was drawn to be followed, in the background."""
    region = Region(kind=body.kind, boxes=(DrawnBox(frame=body.frame, xyxy=body.box),))
    who, now, blobs = here.account.name, here.context.now(), here.context.blobs
    return here.act(
        body, lambda uow: regions.ask(uow, blobs, here.release_id, region, reason=body.reason, actor=who, at=now)
    )


@router.post("/regions/{number}/drop", response_model=RoomChanges)
def drop_region(here: Here, number: Number, body: Dropped) -> Response:
    """Give up a region that has not become a track."""
    who, now = here.account.name, here.context.now()
    return here.act(body, lambda uow: regions.drop(uow, here.release_id, number, reason=body.reason, actor=who, at=now))


@router.post("/finish")
def finish(here: Here) -> Finished:
    """Declare the review done."""
    with here.context.unit_of_work() as uow:
        release_for(uow, here.account, here.release_id)
        finish_review(uow, here.release_id, here.account.name, here.context.now())
        uow.commit()
    return Finished(next=f"/releases/{here.release_id}")
