"""The second person: approves exactly these files, texts and targets, or sends the release back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Area, Permission, PublicationStage
from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Approval, Release, State
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.services.holds import begin_term
from vrijgave.services.notes import check_resolved
from vrijgave.services.stages import stamp
from vrijgave.store.unit_of_work import UnitOfWork

GOES_OUT = frozenset(
    {
        AssetKind.MASTER,
        AssetKind.MANIFEST,
        AssetKind.RENDITION,
        AssetKind.THUMBNAIL,
        AssetKind.STILL,
        AssetKind.TEXTS,
    }
)


Coverage = tuple[tuple[str, str], ...]
"""(name, SHA-256) of every file, text and target; sorted by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What lies before the approver."""

    release: Release
    stage: PublicationStage
    files: tuple[Asset, ...]


def dossier(uow: UnitOfWork, release_id: str) -> Dossier:
    """The files of the current revision that would go out, and in which stage of publication."""
    release = uow.releases.get(release_id)
    files = [a for a in uow.assets.list(release_id, revision=release.revision) if a.kind in GOES_OUT]
    return Dossier(
        release=release, stage=publication_stage(uow, release), files=tuple(sorted(files, key=lambda a: a.name))
    )


def publication_stage(uow: UnitOfWork, release: Release) -> PublicationStage:
    """Recognisable as soon as one track stays visible, else covered."""
    plan = uow.edits.plan(release.id, release.revision)
    return PublicationStage.RECOGNISABLE if plan.shown() else PublicationStage.COVERED


def area_of(platform: Platform) -> Area:
    """Where it is seen. A press kit goes to newsrooms that are chosen; an account is open to everybody."""
    return Area.REGIONAL if platform is Platform.PRESS_KIT else Area.NATIONAL


def coverage(uow: UnitOfWork, release_id: str) -> Coverage:
    """What an approval covers now."""
    case = dossier(uow, release_id)
    files = [(f"file:{a.name}", a.sha256) for a in case.files]
    targets = [
        (f"target:{t.value}", sha256(f"{t.value}:{case.stage.value}".encode()).hexdigest())
        for t in case.release.targets
    ]
    return tuple(sorted(files + targets))


def prove_files(context: Context, release_id: str) -> Coverage:
    """Hash every file that would go out, and return what an approval would cover. Changes nothing.

    Takes a while for large files, so it stands outside the transaction that approves. Raises ``Rejected`` when the
    bytes of a file are no longer those of its hash.
    """
    with context.reading() as uow:
        files = dossier(uow, release_id).files
        covers = coverage(uow, release_id)
    for file in files:
        with context.blobs.open_local(file.sha256):
            pass  # opening proves the hash
    return covers


def check_approver(release: Release, approver: str) -> str:
    """The reviewer of a release that ``approver`` may approve.

    Raises ``Rejected`` in the wrong state, where nobody has reviewed, and when the approver is the reviewer.
    """
    release.check_move(State.APPROVED)
    if release.reviewer is None:
        raise Rejected("review", _("Nobody has reviewed release {id} yet.").format(id=release.id))
    if release.reviewer == approver:
        raise Rejected(
            "four_eyes",
            _("You reviewed release {id} yourself; a second person has to approve it.").format(id=release.id),
        )
    return release.reviewer


def approve(
    uow: UnitOfWork, release_id: str, approver: str, proven: Coverage, at: datetime, *, unwatched: str = ""
) -> Approval:
    """Approve exactly what was ``proven``. ``unwatched``: why the approver did not watch all of it; goes on record.

    Raises ``Rejected`` when the approver is the reviewer, in the wrong state, while a note is open, or when it is no
    longer what goes out.
    """
    release = uow.releases.get(release_id)
    reviewer = check_approver(release, approver)
    check_resolved(uow, release_id)
    if coverage(uow, release_id) != proven:
        raise Rejected("approval", _("The files changed while you looked at them; look again."))
    approval = Approval(
        release_id=release_id,
        revision=release.revision,
        reviewer=reviewer,
        approver=approver,
        at=at,
        covers=proven,
    )
    uow.approvals.add(approval)
    reason = _("Approved without watching everything: {reason}").format(reason=unwatched) if unwatched else ""
    uow.releases.move(release, State.APPROVED, at=at, actor=approver, reason=reason or _("Approved."))
    stamp(uow, release, Milestone.APPROVED, at, source=f"person:{approver}")
    uow.audit.append(
        actor=approver,
        action=AuditAction.CONSULTED,
        subject=f"release:{release_id}",
        reason=reason or _("Approved for publication."),
        at=at,
    )
    return approval


def send_back(uow: UnitOfWork, release_id: str, actor: str, reason: str, at: datetime) -> Release:
    """Ask for changes; an approval that was given is void."""
    if not reason.strip():
        raise Rejected("reason", _("Say what has to change: give a reason with --reason."))
    release = uow.releases.get(release_id)
    uow.approvals.void(release_id, because=reason, at=at)
    return uow.releases.move(release, State.CHANGES_REQUESTED, at=at, actor=actor, reason=reason, message=reason)


def check_approval(uow: UnitOfWork, release_id: str) -> Approval:
    """The live approval, proven to cover exactly what would go out now.

    Raises ``ActionRequired`` when there is none, ``Rejected`` when anything has changed since.
    """
    approval = uow.approvals.live(release_id)
    if approval is None:
        raise ActionRequired("approver", _("Release {id} has no approval.").format(id=release_id))
    now = coverage(uow, release_id)
    changed = sorted({name for name, _hash in set(now) ^ set(approval.covers)})
    if changed:
        raise Rejected(
            "approval",
            _("Changed since the approval: {names}. Have it approved again.").format(names=", ".join(changed)),
        )
    return approval


def authorise(uow: UnitOfWork, permission: Permission) -> None:
    """Record the permission of the authoriser, or the refusal; the latest one counts.

    It is a moment of the stage clock until the order to publish: a fresh one for what is out already says nothing of
    how long that waited for permission.
    """
    release = uow.releases.get(permission.release_id)
    uow.permissions.add(permission)
    ordered = any(s.milestone is Milestone.PUBLISH_ORDERED for s in uow.stamps.for_release(release.id))
    if permission.granted and not ordered:
        stamp(uow, release, Milestone.AUTHORISED, permission.at, source=f"person:{permission.recorded_by}")
        begin_term(uow, permission)
    uow.audit.append(
        actor=permission.recorded_by,
        action=AuditAction.COLLECTED,
        subject=f"permission:{release.id}",
        reason=_("Permission recorded.") if permission.granted else permission.refusal_reason,
        at=permission.at,
    )
