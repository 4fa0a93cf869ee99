"""Deliberate holds: a release waits on purpose, and nothing of it goes out meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Permission
from vrijgave.domain.holds import LONGEST_NOTE, Hold, HoldReason
from vrijgave.domain.releases import MOVES, Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.store.unit_of_work import UnitOfWork

SYSTEM = "system"
ON_ITS_WAY_OUT = frozenset({State.PUBLISHING, State.PUBLISHED, State.TAKING_DOWN})


def lasting(uow: UnitOfWork, release_id: str) -> Hold | None:
    """The hold that has not ended."""
    return next((hold for hold in uow.holds.for_release(release_id) if hold.end is None), None)


def can_begin(release: Release) -> bool:
    """Whether a release can be held at all: nothing of it went out, and it is not over."""
    return release.state not in ON_ITS_WAY_OUT and bool(MOVES[release.state])


def begin(uow: UnitOfWork, release_id: str, reason: HoldReason | None, note: str, *, actor: str, at: datetime) -> Hold:
    """Hold a release from now on. Raises ``Rejected`` without a reason, and where it is held or out already."""
    release = uow.releases.get(release_id)
    if not can_begin(release):
        raise Rejected("hold", _("Only what has not gone out yet can be held; order a take-down instead."))
    if lasting(uow, release_id) is not None:
        raise Rejected("hold", _("This release is held already; end that hold first."))
    if reason is None or (reason is HoldReason.OTHER and not note.strip()):
        raise Rejected("hold", _("Say why the release has to wait."))
    if len(note) > LONGEST_NOTE:
        raise Rejected("hold", _("Write at most {most} characters in each field.").format(most=LONGEST_NOTE))
    # The row of the release is written, so that an order to publish or another hold at the same time is refused.
    uow.releases.tell(release, release.message)
    hold = uow.holds.begin(release_id, reason, note.strip(), at, actor=actor, recorded_at=at)
    _log(uow, release_id, actor, _("Held on purpose."), at)
    return hold


def end(uow: UnitOfWork, release_id: str, *, actor: str, at: datetime) -> None:
    """Let the release go on. Raises ``Rejected`` where it is not held."""
    uow.releases.get(release_id)
    hold = lasting(uow, release_id)
    if hold is None:
        raise Rejected("hold", _("This release is not held."))
    uow.holds.finish(hold, at, actor=actor, recorded_at=at)
    _log(uow, release_id, actor, _("The hold has ended."), at)


def begin_term(uow: UnitOfWork, permission: Permission) -> None:
    """Where the permission leaves the suspect a term to report in, the release waits for that on purpose."""
    until = permission.self_report_until
    if not permission.granted or until is None or until < permission.at.astimezone().date():
        return
    release = uow.releases.get(permission.release_id)
    if can_begin(release) and lasting(uow, release.id) is None:
        who, at = permission.recorded_by, permission.at
        uow.holds.begin(release.id, HoldReason.SELF_REPORT, "", at, actor=who, recorded_at=at)
        _log(uow, release.id, who, _("Held on purpose."), at)


def end_terms(uow: UnitOfWork, now: datetime) -> int:
    """End the holds whose term to report in is over, where the day after it begins; returns how many."""
    ended = 0
    for hold in uow.holds.lasting(HoldReason.SELF_REPORT):
        given = uow.permissions.latest(hold.release_id)
        if given is None or given.self_report_until is None:
            continue  # a person began it, and ends it
        over = datetime.combine(given.self_report_until + timedelta(days=1), time()).astimezone(UTC)
        if over <= now:
            uow.holds.finish(hold, max(over, hold.begins), actor=SYSTEM, recorded_at=now)
            _log(uow, hold.release_id, SYSTEM, _("The hold has ended."), now)
            ended += 1
    return ended


def check_not_held(uow: UnitOfWork, release_id: str) -> None:
    """Raise ``Rejected`` while the release waits on purpose."""
    if lasting(uow, release_id) is not None:
        raise Rejected("hold", _("This release is held on purpose; end the hold on its page before it goes out."))


def _log(uow: UnitOfWork, release_id: str, actor: str, reason: str, at: datetime) -> None:
    uow.audit.append(actor=actor, action=AuditAction.ALTERED, subject=f"release:{release_id}", reason=reason, at=at)
