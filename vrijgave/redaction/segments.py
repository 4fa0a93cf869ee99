"""Long footage in stretches that can be worked on apart: where the borders lie, and how far each stretch looks beyond.

The segments follow from the footage alone, never from how many workers there are, so that every run gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

SEGMENT_SECONDS = 60.0
"""About this long: shorter clips are one segment, and what a border costs is little beside it."""
MOST_SEGMENTS = 60
"""Each reader goes through the packets of the whole file once, so very long footage gets longer segments."""
LEAD_SECONDS = 3.0
"""Looked at beyond each border: as far as a subject is followed without a detection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Owns the frames ``first`` to ``stop`` (not included) and looks at ``start`` to ``end`` (not included)."""

    number: int
    first: int
    stop: int
    start: int
    end: int
    shared: int
    """From here on the next segment looks too; both then look at the same frames. Equal to ``end`` in the last one."""

    @property
    def owned(self) -> int:
        """Frames that are this segment's own."""
        return self.stop - self.first

    @property
    def seen(self) -> int:
        """Frames that are looked at for it."""
        return self.end - self.start


def plan_segments(frame_count: int, rate: float, seconds: float = SEGMENT_SECONDS) -> tuple[Segment, ...]:
    """The segments of footage with ``rate`` frames a second: equally long, each about ``seconds``.

    Every frame is owned by exactly one. None is shorter than what two neighbours look at beyond their borders, so that
    a frame is never seen by more than two.
    """
    lead = max(2, round(LEAD_SECONDS * rate))
    wanted = min(MOST_SEGMENTS, round(frame_count / (seconds * rate)), frame_count // (2 * lead))
    count = max(1, wanted)
    borders = [number * frame_count // count for number in range(count + 1)]
    return tuple(
        Segment(
            number=number,
            first=first,
            stop=stop,
            start=max(0, first - lead),
            end=min(frame_count, stop + lead),
            shared=stop - lead if stop < frame_count else frame_count,
        )
        for number, (first, stop) in enumerate(pairwise(borders))
    )
