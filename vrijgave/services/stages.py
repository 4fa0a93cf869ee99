"""How a flow takes up, keeps alive and ends the work of one stage."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.regions import RegionState
from vrijgave.domain.releases import FLOW_START, FlowName, Release, State
from vrijgave.errors import Rejected, VrijgaveError
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

SYSTEM = "system"
HEARTBEAT_SECONDS = 10.0
STARTED = {
    FlowName.PREPARE: Milestone.ANALYSIS_STARTED,
    FlowName.RENDER: Milestone.RENDER_STARTED,
}


def stamp(
    uow: UnitOfWork,
    release: Release,
    milestone: Milestone,
    at: datetime,
    *,
    source: str,
    platform: str | None = None,
    until: datetime | None = None,
    certainty: Certainty = Certainty.EXACT,
    recorded_at: datetime | None = None,
) -> None:
    """Read the stage clock: ``milestone`` was reached at ``at``, or between ``at`` and ``until``."""
    uow.stamps.add(
        Stamp(
            release_id=release.id,
            milestone=milestone,
            earliest=at,
            latest=until or at,
            certainty=certainty,
            source=source,
            recorded_at=recorded_at or at,
            platform=platform,
            revision=release.revision,
        )
    )


def begin(uow: UnitOfWork, release_id: str, revision: int, flow: FlowName, attempt: int, at: datetime) -> Release:
    """Take up the stage: claim it for this attempt, so that an older run can no longer end it.

    Raises ``Conflict`` when a newer attempt has it or the work is no longer owed.
    """
    release = uow.releases.claim(release_id, revision, flow, attempt, at)
    if release.state is State.RECEIVED:
        release = uow.releases.move(
            release, State.ANALYSING, at=at, actor=SYSTEM, reason=_("The analysis has started.")
        )
    milestone = STARTED.get(flow)
    if milestone is not None:
        stamp(uow, release, milestone, at, source=f"flow:{flow.value}")
    return release


def fail(
    uow: UnitOfWork, release_id: str, revision: int, flow: FlowName, attempt: int, message: str, at: datetime
) -> Release:
    """End the work without result: the release waits, with a message, for a person who runs it again."""
    release = uow.releases.claim(release_id, revision, flow, attempt, at)
    if flow is FlowName.TRACK_REGION:  # not a stage: the release stays in review, and cannot leave it so
        uow.regions.change(release_id, RegionState.WAITING, RegionState.FAILED)
        return uow.releases.tell(release, message)
    return uow.releases.move(
        release, State.FAILED, at=at, actor=SYSTEM, reason=message, failed_flow=flow, message=message
    )


def retry(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """Run again what failed: the stage, or in a review the regions that could not be followed."""
    release = uow.releases.get(release_id)
    if release.state is State.IN_REVIEW and uow.regions.list(release_id, RegionState.FAILED):
        return _follow_again(uow, release, at)
    if release.state is not State.FAILED or release.failed_flow is None:
        raise Rejected("state", _("Release {id} has not failed; there is nothing to run again.").format(id=release_id))
    flow = release.failed_flow
    return uow.releases.move(
        release,
        FLOW_START[flow],
        at=at,
        actor=actor,
        reason=_("Run again."),
        start=flow,
    )


def _follow_again(uow: UnitOfWork, release: Release, at: datetime) -> Release:
    told = uow.releases.tell(release, None)
    uow.releases.ask(told, FlowName.TRACK_REGION, at)
    uow.regions.change(release.id, RegionState.FAILED, RegionState.WAITING)
    return told


def withdraw(uow: UnitOfWork, release_id: str, actor: str, reason: str, at: datetime) -> Release:
    """Stop a release before anything of it has gone out. Its files stay until their term ends."""
    release = uow.releases.get(release_id)
    if any(p.intent_at is not None for p in uow.publications.for_release(release_id)):
        raise Rejected(
            "state", _("Something of release {id} may be public; order a take-down instead.").format(id=release_id)
        )
    uow.approvals.void(release_id, because=reason, at=at)
    return uow.releases.move(release, State.WITHDRAWN, at=at, actor=actor, reason=reason)


@contextmanager
def kept_alive(context: Context, release_id: str, attempt: int) -> Iterator[None]:
    """Beat while the body works, so that the reconciler can tell slow from dead."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_SECONDS):
            try:
                with context.unit_of_work() as uow:
                    uow.releases.beat(release_id, attempt, context.now())
                    uow.commit()
            except VrijgaveError as error:
                log.warning("heartbeat of release %s missed: %s", release_id, type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
