"""Times of the stage clock that people know: entered, and corrected with a reason; every earlier reading stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import BEFORE_RECEIVED, FROM_TIPS, PEOPLE_KNOW, Milestone, Stamp
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.leadtime.stages import EACH_REVISION
from vrijgave.store.unit_of_work import UnitOfWork

LONGEST_REASON = 1000

Place = tuple[Milestone, str | None, int]
"""Of what a reading is: the milestone, the platform (None: all of them), and the round of review."""


def place(stamp: Stamp) -> Place:
    """Of what ``stamp`` is a reading; only some milestones are passed anew in every round."""
    return stamp.milestone, stamp.platform, stamp.revision if stamp.milestone in EACH_REVISION else 1


def latest(stamps: Iterable[Stamp]) -> dict[Place, Stamp]:
    """The readings that hold: of each place the one recorded last."""
    return {place(stamp): stamp for stamp in sorted(stamps, key=lambda s: s.recorded_at)}


def enter(
    uow: UnitOfWork, release_id: str, milestone: Milestone, *, earliest: datetime, until: datetime | None = None,
    seen: int | None = None, actor: str, at: datetime,
) -> Stamp:  # fmt: skip
    """Record a time that is not on the clock yet: ``earliest``, or between that and ``until`` (aware UTC).

    ``seen`` is how many readings the writer saw. Raises ``Rejected``, and ``Conflict`` where others came between.
    """
    if milestone not in PEOPLE_KNOW:
        raise Rejected("milestone", _("This time is recorded by the work itself; it can only be corrected."))
    stamps = _locked(uow, release_id, seen)
    if (milestone, None, 1) in latest(stamps):
        raise Rejected("milestone", _("This time is on the clock already; correct it and say why."))
    return _add(uow, stamps, release_id, (milestone, None, 1), (earliest, until), "", actor, at)


def correct(
    uow: UnitOfWork, release_id: str, of: Place, *, earliest: datetime | None, until: datetime | None = None,
    reason: str, seen: int | None = None, actor: str, at: datetime,
) -> Stamp:  # fmt: skip
    """Record what a time should have been; without ``earliest`` it is not known after all. The old one stays.

    Raises ``NotFound`` where there is nothing to correct, ``Rejected``, and ``Conflict`` where others came between.
    """
    if of[0] in FROM_TIPS:
        raise Rejected("milestone", _("This time follows from the tips; correct it there."))
    if not reason.strip():
        raise Rejected("reason", _("Say why the time is corrected."))
    if len(reason) > LONGEST_REASON:
        raise Rejected("reason", _("Write at most {most} characters in each field.").format(most=LONGEST_REASON))
    stamps = _locked(uow, release_id, seen)
    if of not in latest(stamps):
        raise NotFound(_("This time is not on the clock yet, so there is nothing to correct."))
    return _add(uow, stamps, release_id, of, (earliest, until), reason.strip(), actor, at)


def _locked(uow: UnitOfWork, release_id: str, seen: int | None) -> list[Stamp]:
    """All readings, with the release held until the end: two writers at once cannot both go on from the same."""
    uow.releases.get(release_id, lock=True)
    stamps = uow.stamps.for_release(release_id)
    if seen is not None and seen != len(stamps):
        raise Conflict(_("Somebody else changed the stage clock meanwhile; look again and repeat."))
    return stamps


def _add(
    uow: UnitOfWork, stamps: list[Stamp], release_id: str, of: Place, moment: tuple[datetime | None, datetime | None],
    reason: str, actor: str, at: datetime,
) -> Stamp:  # fmt: skip
    milestone, platform, revision = of
    earliest, until = moment
    if earliest is None:
        earliest = until = latest(stamps)[of].earliest  # no time is known; the column needs one, and nobody reads it
        certainty = Certainty.UNKNOWN
    else:
        until = until or earliest
        certainty = Certainty.EXACT if until == earliest else Certainty.ESTIMATED
        _check(stamps, of, earliest, until, at)
    stamp = Stamp(
        release_id=release_id, milestone=milestone, earliest=earliest, latest=until or earliest, certainty=certainty,
        source=f"person:{actor}", recorded_at=at, platform=platform, revision=revision, reason=reason,
    )  # fmt: skip
    uow.stamps.add(stamp)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{release_id}",
        reason=_("Time on the stage clock corrected.") if reason else _("Time on the stage clock entered."),
        at=at,
    )
    return stamp


def _check(stamps: list[Stamp], of: Place, earliest: datetime, until: datetime, now: datetime) -> None:
    """Refuse what cannot be. Only what is sure is refused: intervals that overlap contradict nothing."""
    if until < earliest:
        raise Rejected("moment", _("The end lies before the begin; check both times."))
    if until > now:
        raise Rejected("moment", _("This moment lies in the future; check the day and the time."))
    for (other, _platform, _revision), stamp in latest(stamps).items():
        if other is of[0] or stamp.certainty is Certainty.UNKNOWN:
            continue
        if _comes_first(other, of[0]) and until < stamp.earliest:
            _refuse(of[0], other, _("«{this}» cannot lie before «{other}»; check the day and the time."))
        if _comes_first(of[0], other) and earliest > stamp.latest:
            _refuse(of[0], other, _("«{this}» cannot lie after «{other}»; check the day and the time."))


def _comes_first(first: Milestone, then: Milestone) -> bool:
    """Whether ``first`` surely comes before ``then``; reporting and securing may come in either order."""
    if first is Milestone.INCIDENT:
        return True
    if first in BEFORE_RECEIVED or first is Milestone.RECEIVED:
        return then not in BEFORE_RECEIVED and then is not first
    return (first, then) in SURE_PAIRS


SURE_PAIRS = frozenset(
    {
        (Milestone.ANALYSIS_STARTED, Milestone.ANALYSED),
        (Milestone.PUBLISH_ORDERED, Milestone.UPLOAD_STARTED),
        (Milestone.PUBLISH_ORDERED, Milestone.PUBLIC),
        (Milestone.TAKE_DOWN_ORDERED, Milestone.TAKE_DOWN_CONFIRMED),
    }
)


def _refuse(this: Milestone, other: Milestone, sentence: str) -> None:
    raise Rejected("moment", sentence.format(this=_name(this), other=_name(other)))


def _name(what: Milestone) -> str:
    return _(what.value.replace("_", " "))
