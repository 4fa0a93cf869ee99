"""Handing in from the browser: drafts that keep themselves, and what becomes of them when they are handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from uuid import uuid4
from zoneinfo import ZoneInfo

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Case, PermissionRequest
from vrijgave.domain.hand_in import LONGEST_FACT, MOST_MARKS, HandIn, Mark, Upload
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release
from vrijgave.errors import Conflict, Rejected
from vrijgave.i18n import _
from vrijgave.rendition import shaped_for
from vrijgave.services import intake, texts, uploads
from vrijgave.services.context import Context
from vrijgave.services.hand_in_facts import FACTS, Asked, Reading, defaults, read
from vrijgave.store.unit_of_work import UnitOfWork

MOST_DRAFTS = 25


def begin(context: Context, account: Account) -> HandIn:
    """A new draft. Raises ``Rejected`` when the person has very many."""
    now = context.now()
    draft = HandIn(
        id=uuid4().hex,
        owner=account.name,
        version=1,
        created_at=now,
        changed_at=now,
        facts=defaults(account, shaped_for(context.platforms())),
    )
    with context.unit_of_work() as uow:
        if uow.hand_ins.count_open(account.name) >= MOST_DRAFTS:
            raise Rejected("draft", _("You have {most} drafts; delete one first.").format(most=MOST_DRAFTS))
        uow.hand_ins.add(draft)
        uow.commit()
    return draft


def save(
    context: Context, draft_id: str, owner: str, changes: Mapping[str, str], marks: Sequence[Mark] | None = None
) -> HandIn:
    """Keep what was typed since. Only the facts in ``changes`` are replaced: two windows do not undo each other.

    ``marks`` None: as they were. Raises ``Rejected`` for what no page of ours sends.
    """
    if not set(changes) <= FACTS or any(len(value) > LONGEST_FACT for value in changes.values()):
        raise Rejected("draft", _("This is too long; use at most {most} characters.").format(most=LONGEST_FACT))
    saved: list[HandIn] = []

    def keep(uow: UnitOfWork) -> None:
        draft = uow.hand_ins.get(draft_id, owner)
        after = replace(
            draft,
            facts=dict(draft.facts) | {name: _storable(text) for name, text in changes.items()},
            marks=draft.marks if marks is None else _checked(draft, marks),
            version=draft.version + 1,
            changed_at=context.now(),
        )
        uow.hand_ins.change(after)
        saved.append(after)

    uploads.repeat(context, keep)
    return saved[-1]


def _storable(text: str) -> str:
    """Without control characters but line ends and tabs: PostgreSQL keeps no zero byte."""
    return "".join(c for c in text if c in "\n\r\t" or c >= " ")


def _checked(draft: HandIn, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    media = draft.upload.media if draft.upload else None
    if len(marks) > MOST_MARKS or (marks and media is None):
        raise Rejected("mark", _("Point out at most {most} persons, on footage that is here.").format(most=MOST_MARKS))
    for mark in marks:
        video = (media or {})["video"]
        mark.check_inside(video["width"], video["height"], video["frame_count"])
    return tuple(replace(mark, description=_storable(mark.description)) for mark in marks)


def delete(context: Context, draft_id: str, owner: str) -> None:
    """Forget a draft with its file."""
    with context.unit_of_work() as uow:
        draft = uow.hand_ins.get(draft_id, owner)
        uow.hand_ins.remove(draft)
        uow.audit.append(
            actor=owner,
            action=AuditAction.DESTROYED,
            subject=f"hand-in:{draft_id}",
            reason=_("Draft deleted."),
            at=context.now(),
        )
        uow.commit()
    if draft.upload is not None:
        uploads.erase(context.settings, draft.upload)


def inspect(context: Context, draft: HandIn) -> Reading:
    """Read the draft, and find all that still keeps it from being handed in."""
    found = read(draft.facts, ZoneInfo(context.settings.time_zone), context.now())
    upload = draft.upload
    if upload is None or upload.refused:
        found.problems["upload"] = _("Add the footage.")
    elif upload.media is None:
        found.problems["upload"] = _("The footage is not complete yet; wait until it is checked.")
    elif found.case is not None:
        _check_public_texts(context, found, found.case, upload.media)
    return found


def _check_public_texts(context: Context, found: Reading, case: Case, media: Mapping[str, object]) -> None:
    """The texts that will be made of the facts have to fit the platforms: better said now than after the review."""
    video = media["video"]
    duration = Fraction(video["duration"]) if isinstance(video, Mapping) else Fraction(0)
    try:
        texts.draft(context.settings, case, duration, silent=True, targets=found.targets)
    except Rejected as error:
        found.problems["scene"] = str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complete:
    """A draft of which everything is there."""

    draft: HandIn
    upload: Upload
    case: Case
    targets: tuple[Platform, ...]
    asked: Asked | None


def submit(context: Context, draft: HandIn, found: Reading, account: Account) -> str:
    """Hand a draft in; answers the id of its release. Twice the same draft makes one release.

    ``found`` is what ``inspect`` said of it. Raises ``Rejected`` when that names problems, and ``Conflict`` when the
    draft was changed since.
    """
    upload = draft.upload
    if draft.release_id is not None:
        return draft.release_id
    if found.problems or found.case is None or upload is None or upload.sha256 is None:
        raise Rejected("draft", _("Something is missing still; look at the list above the form."))
    whole = _Complete(draft=draft, upload=upload, case=found.case, targets=found.targets, asked=found.asked)
    with uploads.footage_file(context, upload) as path:
        kept = intake.adopt(context.blobs, path, upload.sha256, upload.name, upload.media or {})
    with context.unit_of_work() as uow:
        now = uow.hand_ins.get(draft.id, account.name)
        if now.release_id is not None:
            return now.release_id
        if (now.facts, now.marks, now.upload) != (draft.facts, draft.marks, draft.upload):
            raise Conflict(_("This draft was changed in another window; load the page again."))
        release = _open(uow, replace(whole, draft=now), kept, account, context.now())
        uow.commit()
    uploads.erase(context.settings, upload)
    return release.id


def _open(uow: UnitOfWork, whole: _Complete, kept: intake.Kept, account: Account, at: datetime) -> Release:
    """The release, and the draft emptied, in one transaction: who comes second finds the draft handed in."""
    draft = whole.draft
    release = intake.submit(uow, kept, whole.case, targets=whole.targets, actor=account.name, at=at)
    uow.hand_ins.change(
        HandIn(
            id=draft.id,
            owner=draft.owner,
            version=draft.version + 1,
            created_at=draft.created_at,
            changed_at=at,
            release_id=release.id,
        )
    )
    for mark in draft.marks:
        uow.notes.add(release.id, release.revision, mark.frame, _said(mark), author=account.name, at=at, box=mark.box)
    if whole.asked is not None:
        uow.permission_requests.add(_request(whole.asked, release, whole.targets, account, at))
    return release


def _said(mark: Mark) -> str:
    """The note that the reviewer reads and has to deal with."""
    parts = [_("Pointed out as the suspect when handed in."), mark.description.strip()]
    if mark.minor:
        parts.append(_("Presumably under age."))
    return " ".join(part for part in parts if part)


def _request(
    asked: Asked, release: Release, targets: Sequence[Platform], account: Account, at: datetime
) -> PermissionRequest:
    return PermissionRequest(
        release_id=release.id,
        requester=account.display_name,
        zaaksofficier=asked.zaaksofficier,
        platforms=frozenset(target.value for target in targets),
        stage=asked.stage,
        area=asked.area,
        medium=asked.medium,
        lighter_means=asked.lighter_means,
        proportionality=asked.proportionality,
        at=at,
        recorded_by=account.name,
        self_report_until=asked.self_report_until,
        end_date=asked.end_date,
        conditions=asked.conditions,
    )
