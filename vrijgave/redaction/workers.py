"""Who carries out the work on the segments of one piece of footage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, Self, TypeVar

from vrijgave.media import Progress
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.segments import Segment

Result = TypeVar("Result", covariant=True)
Done = Callable[[int], None]
"""Hears how many frames are done."""


class Job(Protocol[Result]):
    """Work on one segment. It holds plain values alone, so that it can go to another process."""

    def __call__(self, segment: Segment, detectors: Sequence[Detector], done: Done) -> Result:
        """``done`` hears the frames of this segment that are done."""

    def elsewhere(self, source: Path, folder: Path) -> Self:
        """The same work on a copy of the footage at ``source``, which writes in ``folder``: for another machine."""


class Workers(Protocol):
    """Those who carry out a job on each segment. What they give does not depend on who and how many they are."""

    def map(self, job: Job[Result], segments: Sequence[Segment], done: Done) -> list[Result]:
        """The results in the order of ``segments``; ``done`` hears the frames done in all of them together.

        Raises what the job raises; no work goes on after that.
        """


class InTurn:
    """This process, one segment after the other."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = detectors

    def map(self, job: Job[Result], segments: Sequence[Segment], done: Done) -> list[Result]:
        """See ``Workers``."""
        total = Total(len(segments), done)
        return [job(segment, self._detectors, total.of(i)) for i, segment in enumerate(segments)]


class Total:
    """Adds up what is done in several segments."""

    def __init__(self, count: int, done: Done) -> None:
        self._each = [0] * count
        self._done = done

    def of(self, number: int) -> Done:
        """What hears of one of them."""

        def hear(frames: int) -> None:
            self._each[number] = frames
            self._done(sum(self._each))

        return hear


def overall(progress: Progress | None, frame_count: int, work: int) -> Done:
    """Tells ``progress`` of the footage's ``frame_count`` frames while ``work`` frames are being done: more, where
    neighbouring segments look at the same ones."""

    def hear(done: int) -> None:
        if progress is not None:
            progress(frame_count * done // work, frame_count)

    return hear
