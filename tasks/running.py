"""What every task shares: the application, retries by type of error, and one commit at the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from prefect import get_run_logger
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task, exponential_backoff

from vrijgave.bootstrap import build
from vrijgave.errors import RetryLater
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork

RETRYING: dict[str, Any] = {
    "retries": 4,
    "retry_delay_seconds": exponential_backoff(backoff_factor=2),
    "retry_jitter_factor": 0.5,
    "persist_result": False,
}


def worth_retrying(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Only an error that says so may pass by itself; all others need a person."""
    try:
        state.result()
    except RetryLater:
        return True
    except Exception:
        return False
    return False


RETRYING["retry_condition_fn"] = worth_retrying


@cache
def application() -> Context:
    """The application of this process, built at first use."""
    return build()


@contextmanager
def committed() -> Iterator[tuple[Context, UnitOfWork]]:
    """A unit of work that is committed when the body ends well."""
    context = application()
    with context.unit_of_work() as uow:
        yield context, uow
        uow.commit()


def logged_progress(what: str) -> Callable[[int, int | None], None]:
    """Progress that writes a line to the run's log for each tenth of the work."""
    logger = get_run_logger()
    last = -1

    def report(done: int, total: int | None) -> None:
        nonlocal last
        tenth = done * 10 // total if total else done // 1000
        if tenth != last:
            last = tenth
            logger.info("%s: %d of %s", what, done, total if total is not None else "?")

    return report
