"""A hand-in that its maker still works on: facts as typed, the uploaded file, and who of it is the suspect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

from vrijgave.domain.regions import SMALLEST_SIDE, Corners
from vrijgave.errors import Rejected
from vrijgave.i18n import _

LONGEST_FACT = 4000
MOST_MARKS = 12
LONGEST_DESCRIPTION = 1000
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Somebody who is pointed out as the suspect: a box on one frame, and what they look like."""

    frame: int
    box: Corners
    description: str = ""
    minor: bool = False
    """Presumably under age."""

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        drawn = all(map(isfinite, self.box)) and x1 - x0 >= SMALLEST_SIDE and y1 - y0 >= SMALLEST_SIDE
        if self.frame < 0 or not drawn or min(x0, y0) < 0 or len(self.description) > LONGEST_DESCRIPTION:
            raise Rejected("mark", _("Draw the box around the person again; it has to lie inside the picture."))

    def check_inside(self, width: int, height: int, frame_count: int) -> None:
        """Raise ``Rejected`` where the box or the frame lies outside footage of that size and length."""
        if self.frame >= frame_count or self.box[2] > width or self.box[3] > height:
            raise Rejected("mark", _("Draw the box around the person again; it has to lie inside the picture."))

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Mark:
        """Inverse of ``asdict``."""
        x0, y0, x1, y1 = value["box"]
        return cls(**(dict(value) | {"box": (x0, y0, x1, y1)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The file of a hand-in, on its way or complete. ``id`` names it to the browser and on our disk."""

    id: str
    name: str
    """As the person's machine calls it; for the person to read, never a path."""
    size: int
    """Bytes that were announced."""
    modified: int = 0
    """When the file was last changed there (milliseconds): with name and size, to know it again."""
    sha256: str | None = None
    """Of the complete file; with it, ``media`` is what the file says of itself."""
    media: Mapping[str, Any] | None = None
    refused: str = ""
    """Why it was thrown away; empty while it was not."""

    @property
    def ready(self) -> bool:
        """Whether it is complete and was found to be a video."""
        return self.sha256 is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandIn:
    """A draft, private to its ``owner``. Once handed in it names its release and holds nothing else any more."""

    id: str
    owner: str
    version: int
    created_at: datetime
    changed_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    upload: Upload | None = None
    release_id: str | None = None


def marks_to_plain(marks: tuple[Mark, ...]) -> list[dict[str, Any]]:
    """Plain values for JSON."""
    return [asdict(mark) for mark in marks]


def marks_from_plain(plain: list[Mapping[str, Any]]) -> tuple[Mark, ...]:
    """Inverse of ``marks_to_plain``."""
    return tuple(Mark.from_dict(value) for value in plain)
