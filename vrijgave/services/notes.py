"""Notes at frames of a release: a review does not end, and nothing is approved, while one of them is open."""

from __future__ import annotations

from datetime import datetime

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.notes import Note, NoteAction, NoteEntry
from vrijgave.domain.regions import Corners, DrawnBox
from vrijgave.domain.releases import Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services.analysis import kept_analysis
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork

LONGEST_TEXT = 4000
NOTED_IN = frozenset({State.IN_REVIEW, State.CHANGES_REQUESTED, State.AWAITING_APPROVAL})
"""States in which a person looks at a release: the reviewer, or the one who approves."""


def add(
    uow: UnitOfWork,
    blobs: BlobStore,
    release_id: str,
    frame: int,
    text: str,
    *,
    author: str,
    at: datetime,
    box: Corners | None = None,
) -> Note:
    """Leave a note at ``frame`` of the footage, about ``box`` where given.

    Raises ``Rejected`` for an empty text and a frame or box that is not there.
    """
    release = _open(uow, release_id)
    last = kept_analysis(blobs, uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256).frame_count - 1
    if not 0 <= frame <= last:
        raise Rejected(
            "note", _("This footage has frames 0 to {last}; leave the note at one of them.").format(last=last)
        )
    if box is not None:
        DrawnBox(frame=frame, xyxy=box)  # refuses what is no box
    note = uow.notes.add(release_id, release.revision, frame, _checked(text), author=author, at=at, box=box)
    _record(uow, release, note.number, "added", author, at)
    return note


def answer(uow: UnitOfWork, release_id: str, number: int, text: str, *, author: str, at: datetime) -> Note:
    """Answer a note; it stays open or resolved as it was."""
    return _enter(uow, release_id, number, NoteAction.ANSWERED, _checked(text), author, at)


def resolve(uow: UnitOfWork, release_id: str, number: int, *, author: str, at: datetime) -> Note:
    """Say that what the note asks has been done. Raises ``Rejected`` when it is resolved already."""
    return _enter(uow, release_id, number, NoteAction.RESOLVED, "", author, at)


def reopen(uow: UnitOfWork, release_id: str, number: int, *, author: str, at: datetime) -> Note:
    """Say that it has not been done after all. Raises ``Rejected`` when it is open already."""
    return _enter(uow, release_id, number, NoteAction.REOPENED, "", author, at)


def check_resolved(uow: UnitOfWork, release_id: str) -> None:
    """Raise ``Rejected`` while a note of the release is open."""
    waiting = [note for note in uow.notes.list(release_id) if note.is_open]
    if waiting:
        raise Rejected(
            "note",
            _("Notes are still open: {numbers}; deal with them and resolve them first.").format(
                numbers=", ".join(f"{note.number} ({_('frame')} {note.frame})" for note in waiting)
            ),
        )


def _enter(
    uow: UnitOfWork, release_id: str, number: int, action: NoteAction, text: str, author: str, at: datetime
) -> Note:
    release = _open(uow, release_id)
    note = uow.notes.get(release_id, number)
    if (action is NoteAction.RESOLVED and not note.is_open) or (action is NoteAction.REOPENED and note.is_open):
        state = _("open") if note.is_open else _("resolved")
        raise Rejected("note", _("Note {number} is «{state}» already.").format(number=number, state=state))
    uow.notes.enter(NoteEntry(note=number, action=action, text=text, author=author, at=at))
    _record(uow, release, number, action.value, author, at)
    return uow.notes.get(release_id, number)


def _open(uow: UnitOfWork, release_id: str) -> Release:
    """The release while somebody looks at it; held, so that it cannot be approved at the same moment."""
    release = uow.releases.get(release_id)
    if release.state not in NOTED_IN:
        raise Rejected(
            "state",
            _("Release {id} is «{state}»; notes are for releases in review or before approval.").format(
                id=release_id, state=_(release.state.value)
            ),
        )
    return uow.releases.tell(release, release.message)


def _checked(text: str) -> str:
    stripped = text.strip()
    if not stripped or len(stripped) > LONGEST_TEXT:
        raise Rejected("note", _("Write a note of 1 to {most} characters.").format(most=LONGEST_TEXT))
    return stripped


def _record(uow: UnitOfWork, release: Release, number: int, what: str, author: str, at: datetime) -> None:
    uow.audit.append(
        actor=author,
        action=AuditAction.ALTERED,
        subject=f"release:{release.id}/note:{number}",
        reason=what,
        at=at,
    )
