"""How much of a file somebody has seen: the stretches that were played, and whether so much can have been played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

Stretch = tuple[int, int]
"""From and to, in milliseconds of the file."""

SPEED = 2
"""Faster than twice its pace a video is not watched."""
HOLE_MS = 250
"""A shorter hole is between two pictures, or a report that came just too late; nobody missed anything in it."""
PAUSE = timedelta(seconds=15)
"""A page that plays reports more often; after such a silence counting begins anew."""
_MS = timedelta(milliseconds=1)
START_MS = 1500
"""What may be reported at once after a silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many milliseconds ``actor`` may report as seen at ``at``, over all files: nobody watches two at once."""

    actor: str
    at: datetime
    credit_ms: int

    def credit(self, now: datetime) -> int:
        """The same at ``now``: it grows twice as fast as time, is never more than a report can hold, and a silence
        ends it."""
        passed = max(timedelta(0), now - self.at)
        if passed > PAUSE:
            return START_MS
        return min(self.credit_ms + SPEED * (passed // _MS), SPEED * (PAUSE // _MS))


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The same time as stretches in order that do not touch one another."""
    found: list[Stretch] = []
    for start, stop in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(stop, found[-1][1])
        elif start < stop:
            found.append((start, stop))
    return tuple(found)


def length(stretches: Iterable[Stretch]) -> int:
    """Milliseconds in all."""
    return sum(stop - start for start, stop in stretches)


def unseen(stretches: Iterable[Stretch], length_ms: int) -> tuple[Stretch, ...]:
    """What of a file of that length is still to be watched, without holes too short to count."""
    left: list[Stretch] = []
    end = 0
    for start, stop in (*joined(stretches), (length_ms, length_ms)):
        if start - end > HOLE_MS:
            left.append((end, start))
        end = max(end, stop)
    return tuple(left)
