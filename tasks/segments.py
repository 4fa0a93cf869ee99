"""The segments of long footage as tasks on the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.running import RETRYING, application, logged_progress
from vrijgave.errors import ActionRequired, RetryLater
from vrijgave.i18n import _
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.workers import Done, Job, Result, Total, Workers
from vrijgave.services import segments as service
from vrijgave.services.context import Context

if TYPE_CHECKING:
    from prefect_dask.task_runners import DaskTaskRunner

ANSWER_SECONDS = 10


def with_segments_spread(context: Context) -> Context:
    """``context``, with the segments of long footage on the Dask cluster that the settings name, where they do."""
    address = context.settings.dask_address
    return context if address is None else replace(context, workers=partial(open_dask, context, address))


class Sealed:
    """Keeps Prefect and Dask from looking for futures in every element of what is inside."""

    def __init__(self, content: Any) -> None:
        self.content = content


@task(**RETRYING, cache_policy=NO_CACHE, task_run_name="segment-{segment.number}")
def work_on(job: Sealed, source_sha256: str, segment: Segment) -> Sealed:
    """One job on one segment, on whatever machine this runs."""
    progress = logged_progress(f"segment {segment.number}")
    return Sealed(
        service.work_on(application(), job.content, source_sha256, segment, lambda done: progress(done, segment.seen))
    )


@contextmanager
def open_dask(context: Context, address: str, source_sha256: str) -> Iterator[Workers]:
    """The workers of the scheduler at ``address``, for the footage in the file store with that hash.

    Raises ``ActionRequired`` when the extra ``dask`` is missing, ``RetryLater`` when the scheduler does not answer.
    """
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise ActionRequired(
            "administrator", _("VRIJGAVE_DASK_ADDRESS is set, but prefect-dask is missing; install the extra «dask».")
        ) from error
    with DaskTaskRunner(address=address, client_kwargs={"timeout": ANSWER_SECONDS}) as runner:
        try:
            _connected = runner.client
        except OSError as error:
            raise RetryLater(_("The Dask scheduler does not answer; check VRIJGAVE_DASK_ADDRESS.")) from error
        yield _DaskWorkers(context, runner, source_sha256)


class _DaskWorkers:
    """The ``Workers`` of ``open_dask``."""

    def __init__(self, context: Context, runner: DaskTaskRunner, source_sha256: str) -> None:
        self._context = context
        self._runner = runner
        self._source_sha256 = source_sha256

    def map(self, job: Job[Result], segments: Sequence[Segment], done: Done) -> list[Result]:
        """See ``Workers``. Raises ``RetryLater`` when workers were lost again and again."""
        total = Total(len(segments), done)
        futures = [self._submit(job, segment) for segment in segments]
        results: list[Result] = []
        for place, (segment, future) in enumerate(zip(segments, futures, strict=True)):
            results.append(service.bring_home(self._context, job, segment, _result(future)))
            total.of(place)(segment.seen)
        return results

    def _submit(self, job: Job[Result], segment: Segment) -> Any:
        given = {"job": Sealed(job), "source_sha256": self._source_sha256, "segment": segment}
        return self._runner.submit(work_on, given)


def _result(future: Any) -> Any:
    from distributed import KilledWorker

    try:
        return future.result().content
    except KilledWorker as error:
        raise RetryLater(
            _("A process that worked on the footage was lost, perhaps for want of memory; try again.")
        ) from error
