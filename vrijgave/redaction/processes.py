"""The segments of one piece of footage over several processes of this machine."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from vrijgave.errors import RetryLater
from vrijgave.i18n import Language, _, current_language, set_process_language
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.segments import MOST_SEGMENTS, Segment
from vrijgave.redaction.workers import Done, Job, Result

PR_SET_PDEATHSIG = 1
LISTEN_SECONDS = 0.2
DetectorFactory = Callable[[], Sequence[Detector]]
"""Makes the detectors of one process; can be pickled."""


@contextmanager
def open_processes(count: int, make_detectors: DetectorFactory) -> Iterator[Processes]:
    """``count`` processes that wait for work; they end with the block, and with this process."""
    context = multiprocessing.get_context("spawn")
    # Plain shared memory: a process that is killed takes no lock with it.
    board = _Board(context.RawArray("q", MOST_SEGMENTS), context.RawValue("b", 0))
    pool = ProcessPoolExecutor(
        count, context, initializer=_begin, initargs=(os.getpid(), current_language(), make_detectors, board)
    )
    try:
        yield Processes(pool, board)
    finally:
        board.stop.value = 1
        pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Board:
    """What all processes see: the frames done in each segment, and whether to stop."""

    frames: Any
    stop: Any


class Processes:
    """The ``Workers`` of ``open_processes``."""

    def __init__(self, pool: ProcessPoolExecutor, board: _Board) -> None:
        self._pool = pool
        self._board = board

    def map(self, job: Job[Result], segments: Sequence[Segment], done: Done) -> list[Result]:
        """See ``Workers``. Raises ``RetryLater`` when a process was lost."""
        self._board.stop.value = 0
        for place in range(len(segments)):
            self._board.frames[place] = 0
        futures: list[Future[Result]] = []
        try:
            futures = [self._pool.submit(_work, job, segment, place) for place, segment in enumerate(segments)]
            self._listen(futures, done)
            return [future.result() for future in futures]
        except BrokenProcessPool as error:
            raise RetryLater(
                _("A process that worked on the footage was lost, perhaps for want of memory; try again.")
            ) from error
        finally:
            self._board.stop.value = 1
            for future in futures:
                future.cancel()
            wait(futures)

    def _listen(self, futures: Sequence[Future[Result]], done: Done) -> None:
        """Tell ``done`` until all are finished or one has failed, and raise what it raised."""
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, LISTEN_SECONDS, FIRST_EXCEPTION)
            for future in finished:
                future.result()
            done(sum(self._board.frames[: len(futures)]))


class _Stopped(Exception):
    """Another segment failed: nobody waits for this one."""


@dataclass(slots=True)
class _Self:
    """What a worker process works with."""

    board: _Board
    make_detectors: DetectorFactory
    detectors: Sequence[Detector] | None = None


_self: list[_Self] = []


def _begin(parent: int, language: Language, make_detectors: DetectorFactory, board: _Board) -> None:
    """In a new process: end with the parent, leave Ctrl-C to it, speak its language."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_process_language(language)
    _self.append(_Self(board, make_detectors))


def _work(job: Job[Result], segment: Segment, place: int) -> Result:
    (me,) = _self
    if me.detectors is None:  # here and not before, so that what it raises reaches the caller
        me.detectors = me.make_detectors()

    def hear(frames: int) -> None:
        if me.board.stop.value:
            raise _Stopped
        me.board.frames[place] = frames

    return job(segment, me.detectors, hear)
