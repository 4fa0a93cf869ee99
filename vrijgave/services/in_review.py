"""Taking up a review: what a person may change only then."""

from __future__ import annotations

from datetime import datetime

from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services.stages import stamp
from vrijgave.store.unit_of_work import UnitOfWork


def open_review(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """The release in review; taken up again after a request for changes, which opens a new revision.

    The first act of a person in a revision stamps the start of the review.
    """
    release = uow.releases.get(release_id, lock=True)
    if release.state is State.CHANGES_REQUESTED:
        release = uow.releases.move(
            release,
            State.IN_REVIEW,
            at=at,
            actor=actor,
            reason=_("Review taken up again."),
        )
    if release.state is not State.IN_REVIEW:
        raise Rejected(
            "state",
            _("Release {id} is «{state}»; it can be reviewed only while it is in review.").format(
                id=release_id, state=_(release.state.value)
            ),
        )
    started = any(
        s.milestone is Milestone.REVIEW_STARTED and s.revision == release.revision
        for s in uow.stamps.for_release(release_id)
    )
    if not started:
        stamp(uow, release, Milestone.REVIEW_STARTED, at, source=f"person:{actor}")
    return release


def open_review_if_possible(uow: UnitOfWork, release: Release, actor: str, at: datetime) -> None:
    """A look at a release that waits for review starts its review."""
    if release.state in (State.IN_REVIEW, State.CHANGES_REQUESTED):
        open_review(uow, release.id, actor, at)
