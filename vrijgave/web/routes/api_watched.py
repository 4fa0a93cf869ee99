"""How much of what goes out a person has watched, as the approve page measures and shows it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import watching
from vrijgave.web.access import App, Files, SignedIn, release_for

router = APIRouter(prefix="/api/releases/{release_id}/watched")
Milliseconds = Annotated[int, Field(ge=0, le=10**9)]
Stretches = list[tuple[Milliseconds, Milliseconds]]


class FileWatched(BaseModel):
    """One file, and what of it was watched and is left, in milliseconds."""

    sha256: str
    length: int
    seen: Stretches
    left: Stretches
    sent: bool


class Played(BaseModel):
    """What was played since the last report."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    played: Annotated[Stretches, Field(max_length=watching.MOST_STRETCHES)]


@router.get("")
def watched(context: App, files: Files, account: SignedIn, release_id: str) -> list[FileWatched]:
    """Every file. The first time in this process all of them are hashed, which takes a while."""
    with context.reading() as uow:
        release_for(uow, account, release_id)
    return [_plain(file) for file in watching.seen(context, files, release_id, account.name)]


@router.post("")
def played(context: App, files: Files, account: SignedIn, release_id: str, report: Played) -> FileWatched:
    """Count what was played. Nothing of it counts when it is more than can have been played in the time."""
    with context.reading() as uow:
        release_for(uow, account, release_id)
    (file,) = watching.seen(context, files, release_id, account.name, report.sha256)
    with context.unit_of_work() as uow:
        now = watching.report(uow, file, report.played, account.name, context.now())
        uow.commit()
    if now is None:
        raise Rejected("watched", _("That was faster than anybody can watch, so it does not count; play it again."))
    return _plain(now)


def _plain(file: watching.FileSeen) -> FileWatched:
    return FileWatched(
        sha256=file.file.sha256, length=file.length_ms, seen=list(file.seen), left=list(file.left), sent=file.sent
    )
