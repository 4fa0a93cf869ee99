"""Tips from the public: that one came in, and what it was worth. Nothing is kept of who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import State
from vrijgave.domain.tips import (
    LONGEST_CONTENT,
    LONGEST_MEDIUM,
    Attribution,
    Outcome,
    Tip,
    TipChannel,
    TipJudgement,
    Usability,
    answered,
)
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.store.unit_of_work import UnitOfWork


def public_since(uow: UnitOfWork, release_id: str) -> datetime | None:
    """When the first platform had it, the earlier bound; None where nothing of it was ever public."""
    known = [s.earliest for s in uow.stamps.for_release(release_id) if s.milestone is Milestone.PUBLIC]
    declared = [move.at for move in uow.releases.transitions(release_id) if move.to_state is State.PUBLISHED]
    return min(known or declared, default=None)


def add(
    uow: UnitOfWork,
    release_id: str,
    *,
    received_at: datetime,
    channel: TipChannel | None,
    medium: str,
    content: str,
    actor: str,
    at: datetime,
) -> Tip:
    """Record a tip that came in at ``received_at``. Raises ``Rejected`` before anything of the release was public."""
    uow.releases.get(release_id, lock=True)
    before = answered(uow.tips.for_release(release_id))
    since = public_since(uow, release_id)
    if since is None:
        raise Rejected("tip", _("Nothing of this release has been public; a tip belongs to a publication."))
    if received_at < since:
        raise Rejected("received_at", _("The tip came in before the publication; check the day and the time."))
    if channel is None:
        raise Rejected("channel", _("Say how the tip came in."))
    _check_length("medium", medium, LONGEST_MEDIUM)
    _check_length("content", content, LONGEST_CONTENT)
    tip = uow.tips.add(
        release_id,
        received_at=received_at,
        channel=channel,
        medium=medium.strip(),
        content=content.strip(),
        actor=actor,
        recorded_at=at,
    )
    uow.audit.append(
        actor=actor,
        action=AuditAction.COLLECTED,
        subject=f"tip:{release_id}/{tip.number}",
        reason=_("Tip recorded."),
        at=at,
    )
    _read_clock(uow, release_id, before, actor, at)
    return tip


def judge(
    uow: UnitOfWork,
    release_id: str,
    number: int,
    *,
    usability: Usability,
    outcome: Outcome,
    attribution: Attribution,
    follow_up: str,
    clear_at: datetime,
    actor: str,
    at: datetime,
) -> None:
    """Record what a tip is worth, as became clear at ``clear_at``; what was said before stays on record.

    Raises ``NotFound`` for a tip of another release, and ``Rejected`` where the answers contradict one another.
    """
    uow.releases.get(release_id, lock=True)
    before = answered(uow.tips.for_release(release_id))
    tip = uow.tips.get(release_id, number)
    if clear_at < tip.received_at:
        raise Rejected("clear_at", _("That is before the tip came in; check the day and the time."))
    if outcome in (Outcome.CONTRIBUTED, Outcome.IDENTIFIED, Outcome.ARRESTED) and usability is not Usability.USABLE:
        raise Rejected("usability", _("A tip that brought something is usable; choose «Usable»."))
    _check_length("follow_up", follow_up, LONGEST_CONTENT)
    said = TipJudgement(
        tip=number,
        usability=usability,
        outcome=outcome,
        attribution=attribution,
        follow_up=follow_up.strip(),
        at=clear_at,
        actor=actor,
        recorded_at=at,
    )
    uow.tips.judge(tip, said)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"tip:{release_id}/{number}",
        reason=_("Tip judged."),
        at=at,
    )
    _read_clock(uow, release_id, before, actor, at)


def _read_clock(
    uow: UnitOfWork, release_id: str, before: Mapping[Milestone, datetime], actor: str, at: datetime
) -> None:
    """Read the stage clock where the tips tell otherwise than ``before``.

    A moment that they no longer tell becomes unknown, unless somebody knew another one meanwhile.
    """
    now = answered(uow.tips.for_release(release_id))
    last = {stamp.milestone: stamp for stamp in uow.stamps.for_release(release_id)}
    for milestone in sorted({*before, *now}):
        told, was = now.get(milestone), before.get(milestone)
        if told == was or (told is None and last[milestone].earliest != was):
            continue
        uow.stamps.add(
            Stamp(
                release_id=release_id,
                milestone=milestone,
                earliest=told or at,
                latest=told or at,
                certainty=Certainty.EXACT if told else Certainty.UNKNOWN,
                source=f"person:{actor}",
                recorded_at=at,
                reason=_("The tips were judged anew.") if milestone in last else "",
            )
        )


def _check_length(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise Rejected(name, _("Write at most {most} characters in each field.").format(most=most))
