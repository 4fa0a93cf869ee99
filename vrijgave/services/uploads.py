"""The file of a hand-in: announced, sent in pieces, looked into, hashed, and thrown away when it is no video.

Pieces arrive in a private folder under an id of ours. A file that was found good gets another name there, so that no
piece can change it any more.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from uuid import uuid4

import cv2

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.hand_in import LONGEST_NAME, HandIn, Upload
from vrijgave.errors import ActionRequired, Conflict, NotFound, Rejected, UnreadableMedia
from vrijgave.i18n import _
from vrijgave.media import open_reader, sha256_file
from vrijgave.media.protocol import Reason
from vrijgave.services import intake
from vrijgave.services.context import Context
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork

EARLY_BYTES = 5 * 1024 * 1024
"""From so much of a file on one can tell that it is no video at all."""
STILL_WIDTH = 1920
_DECODING = BoundedSemaphore(2)
"""Stills that are made at once, however many are asked for."""
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 88]


def folder(settings: Settings) -> Path:
    """Where uploads lie; made when missing, for nobody else to read."""
    made = settings.hand_in_folder or settings.home / "hand-in"
    made.mkdir(parents=True, exist_ok=True, mode=0o700)
    return made


def _arriving(settings: Settings, upload: Upload) -> Path:
    return folder(settings) / upload.id


def complete_path(settings: Settings, upload: Upload) -> Path:
    """Where the file lies once it was found good."""
    return folder(settings) / f"{upload.id}.ready"


def begin(context: Context, draft_id: str, owner: str, *, name: str, size: int, modified: int) -> Upload:
    """Announce a file for a draft; what the draft had before is thrown away.

    Raises ``Rejected`` before a single byte was sent when it is empty or too large, and ``ActionRequired`` when the
    disk has no room.
    """
    _check_size(context.settings, size)
    upload = Upload(id=uuid4().hex, name=_shown_name(name), size=size, modified=modified)
    with context.unit_of_work() as uow:
        draft = _open_draft(uow, draft_id, owner)
        _put(uow, draft, upload, context.now())
        uow.commit()
    if draft.upload is not None:
        erase(context.settings, draft.upload)
    return upload


def _check_size(settings: Settings, size: int) -> None:
    if size <= 0:
        raise Rejected("upload", _("This file is empty; copy the recording again."))
    if size > settings.hand_in_max_bytes:
        raise Rejected(
            "upload",
            _(
                "This file is larger than {limit} GB, the most that can be handed in here; ask for a shorter part."
            ).format(limit=f"{settings.hand_in_max_bytes / 1024**3:g}"),
        )
    if shutil.disk_usage(folder(settings)).free - size < settings.min_free_bytes:
        raise ActionRequired("administrator", _("There is no room for this file; ask the administrator to make room."))


def _shown_name(name: str) -> str:
    """What a person reads: the last part of a path, printable, of bounded length."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[-LONGEST_NAME:] or _("footage")


def _open_draft(uow: UnitOfWork, draft_id: str, owner: str) -> HandIn:
    draft = uow.hand_ins.get(draft_id, owner)
    if draft.release_id is not None:
        raise Rejected("state", _("This was handed in already; begin another hand-in."))
    return draft


def _put(uow: UnitOfWork, draft: HandIn, upload: Upload | None, at: datetime) -> None:
    """Give the draft another file, or none; who was marked on the one before is forgotten."""
    gone = draft.upload
    if gone is not None and gone.sha256 is not None:
        uow.audit.append(
            actor=draft.owner,
            action=AuditAction.DESTROYED,
            subject=f"blob:{gone.sha256}",
            reason=_("File of a draft removed."),
            at=at,
        )
    uow.hand_ins.change(replace(draft, upload=upload, marks=(), version=draft.version + 1, changed_at=at))


def remove(context: Context, upload_id: str, owner: str) -> None:
    """Throw the file of a draft away, on its way or complete."""
    with context.unit_of_work() as uow:
        draft = uow.hand_ins.of_upload(upload_id, owner)
        if draft.release_id is not None:
            raise Rejected("state", _("This was handed in already; begin another hand-in."))
        _put(uow, draft, None, context.now())
        uow.commit()
    if draft.upload is not None:
        erase(context.settings, draft.upload)


def erase(settings: Settings, upload: Upload) -> None:
    for path in (_arriving(settings, upload), complete_path(settings, upload)):
        path.unlink(missing_ok=True)
    (folder(settings) / f"{upload.id}.info").unlink(missing_ok=True)


def received(settings: Settings, upload: Upload) -> int:
    """How many bytes of it are here."""
    if upload.ready:
        return upload.size
    try:
        return _arriving(settings, upload).stat().st_size
    except FileNotFoundError:
        return 0


def look(context: Context, draft_id: str, owner: str) -> bool:
    """Look into what has come in of a draft's file, and say whether it is complete and waits for ``check``.

    The beginning of a file is enough to refuse what is no video at all.
    """
    upload = _unknown(context, draft_id, owner)
    if upload is None:
        return False
    path = _arriving(context.settings, upload)
    there = received(context.settings, upload)
    if EARLY_BYTES <= there < upload.size:
        try:
            intake.inspect(path, context.limits)
        except UnreadableMedia as error:
            if error.reason == Reason.NOT_VIDEO:
                _refuse(context, draft_id, owner, upload, _told(error, upload))
    return there >= upload.size


def _unknown(context: Context, draft_id: str, owner: str) -> Upload | None:
    """The file of a draft of which it is not known yet whether it is good."""
    with context.reading() as uow:
        upload = uow.hand_ins.get(draft_id, owner).upload
    return None if upload is None or upload.ready or upload.refused else upload


def check(context: Context, draft_id: str, owner: str) -> None:
    """Look into a complete file and hash it, or throw it away with the reason.

    Takes as long as reading the file. Several may ask: one does it, as long as its process lives.
    """
    upload = _unknown(context, draft_id, owner)
    if upload is None or received(context.settings, upload) < upload.size:
        return
    path = _arriving(context.settings, upload)
    with _alone(path) as mine:
        if not mine:
            return
        try:
            footage = intake.inspect(path, context.limits)
        except UnreadableMedia as error:
            _refuse(context, draft_id, owner, upload, _told(error, upload))
            return
        digest = sha256_file(path)
        with suppress(FileNotFoundError):  # its owner threw it away meanwhile
            path.rename(complete_path(context.settings, upload))
    good = replace(upload, sha256=digest, media=footage.info.to_dict())
    _settle(
        context, draft_id, owner, upload, good, AuditAction.COLLECTED, f"blob:{digest}", _("File of a draft came in.")
    )


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether nobody else holds the file; held until the end of the block."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def _told(error: UnreadableMedia, upload: Upload) -> str:
    """The sentence with the person's name of the file in place of ours."""
    return str(error).replace(upload.id, f"«{upload.name}»")


def _refuse(context: Context, draft_id: str, owner: str, upload: Upload, why: str) -> None:
    bad = replace(upload, refused=why)
    _settle(context, draft_id, owner, upload, bad, AuditAction.DESTROYED, f"hand-in:{draft_id}", why)
    erase(context.settings, upload)


def _settle(
    context: Context,
    draft_id: str,
    owner: str,
    before: Upload,
    after: Upload,
    action: AuditAction,
    subject: str,
    why: str,
) -> None:
    """Note what became of a file; nothing when the draft has another one by now."""

    def note(uow: UnitOfWork) -> None:
        draft = uow.hand_ins.get(draft_id, owner)
        if draft.upload is None or draft.upload.id != before.id:
            return
        now = context.now()
        uow.hand_ins.change(replace(draft, upload=after, version=draft.version + 1, changed_at=now))
        uow.audit.append(actor=owner, action=action, subject=subject, reason=why, at=now)

    repeat(context, note)


def repeat(context: Context, change: Callable[[UnitOfWork], None], times: int = 3) -> None:
    """Do and keep ``change``; anew when somebody was first."""
    for left in reversed(range(times)):
        try:
            with context.unit_of_work() as uow:
                change(uow)
                uow.commit()
            return
        except Conflict:
            if not left:
                raise


def still(context: Context, draft_id: str, owner: str, frame: int) -> bytes:
    """Frame ``frame`` of the draft's file as JPEG, at most ``STILL_WIDTH`` wide; the look is logged before.

    Raises ``NotFound`` while there is no file, and for a frame that it does not have.
    """
    with context.unit_of_work() as uow:
        upload = uow.hand_ins.get(draft_id, owner).upload
        if upload is None or upload.sha256 is None or upload.media is None:
            raise NotFound(_("There is no file yet; hand it in first."))
        last = upload.media["video"]["frame_count"] - 1
        if not 0 <= frame <= last:
            raise NotFound(
                _("There is no frame {frame}; this footage has frames 0 to {last}.").format(frame=frame, last=last)
            )
        _log_look(context, uow, owner, upload.sha256)
        uow.commit()
    with (
        _DECODING,
        footage_file(context, upload) as path,
        open_reader(path, context.limits, first=frame, stop=frame + 1) as reader,
    ):
        found = next(reader.frames(), None)
    if found is None or found.image is None:
        raise NotFound(_("Frame {frame} could not be decoded; choose another.").format(frame=frame))
    height, width = found.image.shape[:2]
    scale = min(1.0, STILL_WIDTH / width)
    size = (round(width * scale), max(1, round(height * scale)))
    picture = cv2.resize(found.image, size, interpolation=cv2.INTER_AREA)
    ok, jpeg = cv2.imencode(".jpg", picture, _JPEG)
    if not ok:
        raise Rejected("picture", _("A picture for the review could not be written."))
    return jpeg.tobytes()


def _log_look(context: Context, uow: UnitOfWork, owner: str, sha256: str) -> None:
    """One entry for a look of many stills: anew after as long as a session may be idle."""
    now, subject = context.now(), f"blob:{sha256}"
    before = uow.audit.latest(owner, AuditAction.CONSULTED, [subject])
    if before is None or now - before.at > context.settings.session_idle:
        uow.audit.append(
            actor=owner,
            action=AuditAction.CONSULTED,
            subject=subject,
            reason=_("To point out the suspect when handing in."),
            at=now,
        )


@contextmanager
def footage_file(context: Context, upload: Upload) -> Iterator[Path]:
    """The complete file, in its folder or, after a hand-in that broke off, in the file store."""
    path = complete_path(context.settings, upload)
    if path.is_file():
        yield path
        return
    with context.blobs.open_local(upload.sha256 or "") as kept:
        yield kept


def sweep(context: Context) -> int:
    """Remove the files of drafts that nobody has touched for as long as the settings say; answers how many."""
    since = context.now() - context.settings.hand_in_keep
    with context.reading() as uow:
        old = [draft for draft in uow.hand_ins.untouched(since) if not _grows(context, draft, since)]
        known = uow.hand_ins.uploads()
    for draft in old:
        upload = draft.upload
        if upload is not None and draft.release_id is None:
            with suppress(NotFound, Conflict):
                remove(context, upload.id, draft.owner)
    _sweep_strays(context.settings, known, since)
    return len(old)


def _grows(context: Context, draft: HandIn, since: datetime) -> bool:
    """Whether pieces of the file came in after ``since``."""
    try:
        path = _arriving(context.settings, draft.upload) if draft.upload else None
        return path is not None and path.stat().st_mtime > since.timestamp()
    except FileNotFoundError:
        return False


def _sweep_strays(settings: Settings, known: frozenset[str], since: datetime) -> None:
    """Files that no draft knows, as a process that died leaves them."""
    for path in folder(settings).iterdir():
        if path.name.split(".")[0] not in known and path.stat().st_mtime <= since.timestamp():
            path.unlink(missing_ok=True)
