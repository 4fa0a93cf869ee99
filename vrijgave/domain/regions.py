"""What a person drew on the picture because it has to be covered: boxes on a few frames, followed from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from vrijgave.domain.tracks import SubjectKind
from vrijgave.errors import Rejected
from vrijgave.i18n import _

SMALLEST_SIDE = 4.0
"""Pixels; in less than this there is nothing to follow."""

FARTHEST = 1e6
"""Pixels; no picture is so large. What is not a number is not within it either."""

Corners = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the upright source frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBox:
    """A box that a person drew on one frame; the track passes through it."""

    frame: int
    xyxy: Corners

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.xyxy
        drawn = (
            all(abs(side) <= FARTHEST for side in self.xyxy) and x1 - x0 >= SMALLEST_SIDE and y1 - y0 >= SMALLEST_SIDE
        )
        if self.frame < 0 or not drawn:
            raise Rejected(
                "region", _("Draw a box of at least {side:g} pixels on a frame from 0.").format(side=SMALLEST_SIDE)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One subject as drawn: ``boxes`` by ascending frame, each frame once.

    It is covered at least from ``first`` to ``last`` where these are given, and never beyond them.
    """

    kind: SubjectKind
    boxes: tuple[DrawnBox, ...]
    first: int | None = None
    last: int | None = None

    def __post_init__(self) -> None:
        frames = [box.frame for box in self.boxes]
        if not frames or frames != sorted(set(frames)):
            raise Rejected("region", _("Draw at least one box, and at most one on each frame."))
        low, high = self.first or 0, self.last if self.last is not None else frames[-1]
        if not 0 <= low <= frames[0] or high < frames[-1]:
            raise Rejected("region", _("The drawn boxes have to lie between the first and the last frame."))

    def check_inside(self, width: int, height: int, frame_count: int) -> None:
        """Raise ``Rejected`` where a box or frame lies outside footage of that size and length."""
        if max(self.boxes[-1].frame, self.last or 0) >= frame_count:
            raise Rejected(
                "region", _("This footage ends at frame {last}; draw on an earlier frame.").format(last=frame_count - 1)
            )
        for box in self.boxes:
            x0, y0, x1, y1 = box.xyxy
            if x0 >= width or y0 >= height or x1 <= 0 or y1 <= 0:
                raise Rejected(
                    "region",
                    _("The box on frame {frame} lies outside the picture of {width}×{height}.").format(
                        frame=box.frame, width=width, height=height
                    ),
                )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "kind": self.kind.value,
            "boxes": [[box.frame, *box.xyxy] for box in self.boxes],
            "first": self.first,
            "last": self.last,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Region:
        """Inverse of ``to_dict``."""
        return cls(
            kind=SubjectKind(value["kind"]),
            boxes=tuple(DrawnBox(frame=f, xyxy=(x0, y0, x1, y1)) for f, x0, y0, x1, y1 in value["boxes"]),
            first=value["first"],
            last=value["last"],
        )


class End(StrEnum):
    """Why the track of a region begins or ends where it does."""

    CLIP = "clip"
    """The footage begins or ends there."""
    GIVEN = "given"
    """The person said so."""
    CUT = "cut"
    """The scene changes."""
    EDGE = "edge"
    """The subject leaves the picture."""
    LOST = "lost"
    """It could no longer surely be followed, and was covered in place for a while: a person has to look."""


class RegionState(StrEnum):
    """How far a region that a person asked for has come."""

    WAITING = "waiting"
    FOLLOWED = "followed"
    FAILED = "failed"
    """Run again with the release, or dropped by a person."""
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionRequest:
    """A region that a person asked for in the review of a release. Until it is followed the review cannot end."""

    number: int
    release_id: str
    revision: int
    region: Region
    reason: str
    actor: str
    at: datetime
    state: RegionState = RegionState.WAITING
    track_id: int | None = None
    begins: End | None = None
    ends: End | None = None
