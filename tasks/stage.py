"""Beginning and failing a stage, common to all flows."""

from __future__ import annotations

import logging
from collections.abc import Callable

from prefect import get_run_logger, task

from tasks.running import RETRYING, committed
from vrijgave.domain.releases import FlowName
from vrijgave.errors import Conflict, VrijgaveError
from vrijgave.i18n import _
from vrijgave.services import stages


@task(**RETRYING, timeout_seconds=60)
def begin(flow: FlowName, release_id: str, revision: int, attempt: int) -> None:
    """Claim the stage for this attempt."""
    with committed() as (context, uow):
        stages.begin(uow, release_id, revision, flow, attempt, context.now())


@task(**RETRYING, timeout_seconds=60)
def record_failure(flow: FlowName, release_id: str, revision: int, attempt: int, message: str) -> None:
    """Leave the release to a person, with a message."""
    with committed() as (context, uow):
        stages.fail(uow, release_id, revision, flow, attempt, message, context.now())


def carry_out(flow: FlowName, release_id: str, revision: int, attempt: int, work: Callable[[], None]) -> None:
    """The frame of every flow: claim the stage, do its work; an error is recorded for a person and fails the run.

    A run that was overtaken by a newer attempt ends without a word to the release: its work is void.
    """
    logger: logging.LoggerAdapter[logging.Logger] | logging.Logger = get_run_logger()
    try:
        begin(flow, release_id, revision, attempt)
        work()
    except Conflict:
        logger.warning("release %s: overtaken, revision %d attempt %d is void", release_id, revision, attempt)
    except VrijgaveError as error:
        _record(logger, flow, release_id, revision, attempt, str(error))
        raise
    except Exception:
        message = _(
            "An unexpected error; the log of the run tells more. Run the stage again, or call the administrator."
        )
        _record(logger, flow, release_id, revision, attempt, message)
        raise


def _record(
    logger: logging.LoggerAdapter[logging.Logger] | logging.Logger,
    flow: FlowName,
    release_id: str,
    revision: int,
    attempt: int,
    message: str,
) -> None:
    try:
        record_failure(flow, release_id, revision, attempt, message)
    except Conflict:
        logger.warning("release %s has moved on; the failure of attempt %d is void", release_id, attempt)
