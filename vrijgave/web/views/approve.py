"""The page on which a second person watches what will go out, and approves exactly that or sends it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.notes import Note
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import MOVES, Approval, Release, State
from vrijgave.domain.texts import Texts
from vrijgave.i18n import Language, _
from vrijgave.services import permission, watching
from vrijgave.services.approval import dossier
from vrijgave.services.context import Context
from vrijgave.services.files import read_text
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may
from vrijgave.web.views.manifest import ManifestView, manifest_view
from vrijgave.web.views.release import Fact, File, file_row, permission_facts

MANIFEST = "manifest.json"
BEFORE_FILES = frozenset({State.RECEIVED, State.ANALYSING, State.IN_REVIEW, State.CHANGES_REQUESTED, State.RENDERING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayFile:
    """A video or picture that lies before the approver."""

    sha256: str
    name: str
    label: str
    is_video: bool
    sent: bool
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    """The texts of one platform in one language."""

    platform: str
    language: str
    title: str
    description: str
    tags: tuple[str, ...]
    alternative_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """A note at a frame of the footage."""

    number: int
    frame: int
    text: str
    who: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePage(Page):
    """What goes out, what was done to it, what is allowed, and the decision."""

    template: ClassVar[str] = "approve.html.j2"
    id: str
    title: str
    number: str
    state: str
    phase: str
    reviewer: str
    may_approve: bool
    why_not: str
    may_send_back: bool
    may_note: bool
    files: tuple[PlayFile, ...]
    notes: tuple[NoteView, ...]
    made: ManifestView | None
    permission: tuple[Fact, ...]
    lacks: tuple[str, ...]
    permission_page: str
    """Address; empty where the person may not see it."""
    texts: tuple[TextView, ...]
    hashes: tuple[File, ...]
    bytes_in_all: str
    begin_file: str
    """SHA-256 of the file to begin with, and the milliseconds in it."""
    begin_at: int
    reason: str = ""
    send_back_reason: str = ""
    error: str = ""


def approve_page(
    uow: UnitOfWork,
    account: Account,
    release_id: str,
    context: Context,
    *,
    begin: tuple[str, int] = ("", 0),
    reason: str = "",
    send_back_reason: str = "",
    error: str = "",
) -> ApprovePage:
    """What lies before ``account``. Raises ``NotFound``, and ``Rejected`` where a paper's bytes have changed."""
    release = release_for(uow, account, release_id)
    files = () if release.state in BEFORE_FILES else dossier(uow, release.id).files
    given = uow.permissions.latest(release.id)
    why_not = _why_not(release, account, uow.approvals.live(release.id))
    waits = release.state is State.AWAITING_APPROVAL
    return ApprovePage(
        id=release.id,
        title=f"{release.case.offence}, {release.case.public_place}",
        number=release.case.public_case_number,
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        reviewer=release.reviewer or "",
        may_approve=not why_not,
        why_not=why_not,
        may_send_back=State.CHANGES_REQUESTED in MOVES[release.state] and bool(files),
        may_note=waits,
        files=tuple(_play_file(file) for file in watching.watchable(uow, release.id)) if files else (),
        notes=tuple(_note(note, context) for note in uow.notes.list(release.id)),
        made=_made(context, files),
        permission=permission_facts(given, context.settings) if given else (),
        lacks=permission.lacks(uow, release.id, context.now().astimezone().date()),
        permission_page=f"/releases/{release.id}/permission"
        if may(account, "GET", "/releases/{release_id}/permission")
        else "",
        texts=_texts(context, files),
        hashes=tuple(file_row(file) for file in files),
        bytes_in_all=words.size(sum(file.size for file in files)),
        begin_file=begin[0],
        begin_at=begin[1],
        reason=reason,
        send_back_reason=send_back_reason,
        error=error,
    )


def _why_not(release: Release, account: Account, approval: Approval | None) -> str:
    """Why this person cannot approve now; empty where they can."""
    if release.state in BEFORE_FILES:
        return _("There is nothing to approve yet: the covered video is made after the review.")
    if approval is not None:
        return _("{who} approved exactly these files.").format(who=approval.approver)
    if release.state is not State.AWAITING_APPROVAL:
        return _("This release no longer waits for approval.")
    if release.reviewer == account.name:
        return _("You reviewed this release yourself; a second person has to approve it. You can send it back.")
    return ""


def _play_file(file: Asset) -> PlayFile:
    return PlayFile(
        sha256=file.sha256,
        name=file.name,
        label=words.spoken(file.kind),
        is_video=file.kind in watching.VIDEOS,
        sent=file.kind in watching.SENT,
        size=words.size(file.size),
    )


def _note(note: Note, context: Context) -> NoteView:
    return NoteView(
        number=note.number,
        frame=note.frame,
        text=note.text,
        who=f"{note.author}, {words.moment(note.at, context.settings)}",
        open=note.is_open,
    )


def _made(context: Context, files: Sequence[Asset]) -> ManifestView | None:
    found = [file for file in files if file.kind is AssetKind.MANIFEST and file.name == MANIFEST]
    return manifest_view(json.loads(read_text(context.blobs, found[-1].sha256)), context.settings) if found else None


def _texts(context: Context, files: Sequence[Asset]) -> tuple[TextView, ...]:
    written = [Texts.from_json(read_text(context.blobs, a.sha256)) for a in files if a.kind is AssetKind.TEXTS]
    order = list(Platform)
    written.sort(key=lambda texts: (order.index(Platform(texts.platform)), texts.language != Language.DUTCH))
    return tuple(
        TextView(
            platform=words.platform_name(Platform(texts.platform)),
            language=_("Dutch") if texts.language == Language.DUTCH else _("English"),
            title=texts.title,
            description=texts.description,
            tags=texts.tags,
            alternative_text=texts.alternative_text,
        )
        for texts in written
    )
