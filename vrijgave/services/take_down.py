"""Take-down: ordered by a person, hidden, deleted, and seen to be gone."""

from __future__ import annotations

from datetime import datetime

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import LedgerState, Platform, Publication
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.publishing import ledger
from vrijgave.publishing.protocol import SystemClock
from vrijgave.services.context import Context
from vrijgave.services.publication import StoreLedgerBook
from vrijgave.services.stages import SYSTEM, stamp
from vrijgave.store.unit_of_work import UnitOfWork


def order(uow: UnitOfWork, release_id: str, actor: str, reason: str, at: datetime) -> Release:
    """Order take-down on every platform. Works also while publication runs or after it failed.

    Raises ``Rejected`` without a reason, and where nothing was published.
    """
    if not reason.strip():
        raise Rejected("reason", _("Say why it is taken down; the reason stays on record."))
    release = uow.releases.get(release_id)
    if not uow.publications.for_release(release_id):
        raise Rejected("state", _("Nothing of release {id} was published; withdraw it instead.").format(id=release_id))
    uow.approvals.void(release_id, because=reason, at=at)
    stamp(uow, release, Milestone.TAKE_DOWN_ORDERED, at, source=f"person:{actor}")
    uow.audit.append(actor=actor, action=AuditAction.ALTERED, subject=f"release:{release_id}", reason=reason, at=at)
    return uow.releases.move(release, State.TAKING_DOWN, at=at, actor=actor, reason=reason, start=FlowName.TAKE_DOWN)


def take_down_from(context: Context, release_id: str, platform: Platform) -> Publication:
    """Remove the release from one platform and prove it by looking as an anonymous viewer."""
    with context.reading() as uow:
        row = next(p for p in uow.publications.for_release(release_id) if p.platform is platform)
    return ledger.take_down(row, context.publisher(platform), StoreLedgerBook(context), SystemClock())


def finish(uow: UnitOfWork, release_id: str, revision: int, attempt: int, at: datetime) -> Release:
    """End the stage when nothing is left on any platform."""
    release = uow.releases.claim(release_id, revision, FlowName.TAKE_DOWN, attempt, at)
    left = [p.platform.value for p in uow.publications.for_release(release_id) if p.state is not LedgerState.GONE]
    if left:
        raise Rejected("ledger", _("Not yet gone from: {platforms}.").format(platforms=", ".join(left)))
    return uow.releases.move(release, State.TAKEN_DOWN, at=at, actor=SYSTEM, reason=_("Gone from every platform."))
