"""Starting flows from the outbox, and repairing what a dead host left behind."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.releases import FlowName, Release
from vrijgave.errors import Conflict, VrijgaveError
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.services.holds import end_terms
from vrijgave.services.lead_times import PATIENCE, refresh
from vrijgave.services.stages import fail
from vrijgave.store.outbox import OpenRun

log = logging.getLogger(__name__)


class RunState(StrEnum):
    """What the workflow engine says of a run."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"
    MISSING = "missing"


class WorkflowTrigger(Protocol):
    """Starts flow runs somewhere else."""

    def start(self, flow: FlowName, release_id: str, revision: int, attempt: int, key: str) -> str:
        """Start a run, or find the one that the same key started; returns its id. Raises ``RetryLater``."""
        ...

    def state(self, run_id: str) -> RunState:
        """How that run stands. Raises ``RetryLater``."""
        ...

    def abandon(self, run_id: str) -> None:
        """Write a silent run off, so that it holds no other work up. Raises ``RetryLater``."""
        ...


def dispatch_pending(context: Context, trigger: WorkflowTrigger, limit: int = 20) -> int:
    """Start the flow of every waiting outbox message; returns how many were started.

    A crash between the start and its note starts nothing twice: the idempotency key finds the same run. No
    transaction is open while the workflow engine is asked.
    """
    with context.unit_of_work() as uow:
        waiting = uow.outbox.pending(limit)
    for message in waiting:
        run_id = trigger.start(
            message.flow, message.release_id, message.revision, message.attempt, message.idempotency_key
        )
        with suppress(Conflict), context.unit_of_work() as uow:  # another dispatcher noted the same run
            uow.outbox.mark_dispatched(message.id, run_id, context.now())
            uow.commit()
        log.info("flow %s of release %s started as run %s", message.flow, message.release_id, run_id)
    return len(waiting)


def reconcile(context: Context, trigger: WorkflowTrigger) -> int:
    """Compare runs with rows: start again what ended or died with its work undone; returns how many were repaired.

    After ``max_attempts`` tries the release fails with a message, for a person to look.
    """
    with context.reading() as uow:
        owed = [(run, uow.releases.get(run.message.release_id)) for run in uow.outbox.open_dispatched()]
    return sum(_repair(context, run, release) for run, release in owed if _lost(context, trigger, run))


def _lost(context: Context, trigger: WorkflowTrigger, run: OpenRun) -> bool:
    """Whether nobody works on it any more; a run that only looks alive to the engine is written off there."""
    run_id = run.message.flow_run_id or ""
    state = trigger.state(run_id)
    if state in (RunState.ENDED, RunState.MISSING):
        return True
    if state is RunState.WAITING or context.now() - run.last_sign <= context.settings.heartbeat_timeout:
        return False
    trigger.abandon(run_id)
    return True


def _repair(context: Context, run: OpenRun, release: Release) -> int:
    """Queue another attempt, or give up; 0 when the run was alive after all and moved the release meanwhile."""
    message = run.message
    try:
        with context.unit_of_work() as uow:
            if run.tries < context.settings.max_attempts:
                uow.releases.requeue(release, message.flow, context.now())
            else:
                why = _("The work stopped {count} times before it was done; look at the log and run it again.")
                fail(
                    uow,
                    release.id,
                    message.revision,
                    message.flow,
                    message.attempt,
                    why.format(count=run.tries),
                    context.now(),
                )
            uow.commit()
    except Conflict:
        return 0
    log.warning("flow %s of release %s, attempt %d, was lost", message.flow, release.id, message.attempt)
    return 1


def _end_terms(context: Context) -> None:
    """What waited for a suspect to report goes on when the term is over."""
    with context.reading() as uow:
        if not uow.holds.lasting(HoldReason.SELF_REPORT):
            return
    with context.unit_of_work() as uow:
        end_terms(uow, context.now())
        uow.commit()


def keep_dispatching(
    context: Context, trigger: WorkflowTrigger, stop: threading.Event, watch: Callable[[], None] = lambda: None
) -> None:
    """Dispatch often and reconcile at times until ``stop`` is set; errors are logged, never fatal."""
    interval = context.settings.dispatch_interval.total_seconds()
    pause = context.settings.reconcile_interval.total_seconds()
    next_look = time.monotonic() + pause
    while not stop.wait(interval):
        try:
            watch()
            dispatch_pending(context, trigger)
            _end_terms(context)
            refresh(context, PATIENCE)  # who reads the lead times from the database finds them fresh, visitor or not
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + pause
                reconcile(context, trigger)
        except VrijgaveError as error:
            log.warning("dispatcher: %s", error)
        except Exception:
            log.exception("dispatcher: unexpected error; it goes on")
