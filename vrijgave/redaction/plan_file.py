"""The plan that a person writes as a file: what to show, what to cover besides, how faces look, and the sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from vrijgave.domain.tracks import Analysis, CoverStyle, Sound, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.redaction.styles import style_named

SHOW_POINT = re.compile(r"(?P<frame>\d+)@(?P<x>\d+(?:\.\d+)?),(?P<y>\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPoint:
    """A pixel of a frame under which the subject lies that stays visible."""

    frame: int
    x: float
    y: float
    reason: str = ""

    @classmethod
    def parse(cls, text: str) -> ShowPoint:
        """From ``FRAME@X,Y``. Raises ``Rejected``."""
        match = SHOW_POINT.fullmatch(text.strip())
        if match is None:
            raise Rejected("show", _("«{text}» is no FRAME@X,Y, for instance 120@640,360.").format(text=text))
        return cls(frame=int(match["frame"]), x=float(match["x"]), y=float(match["y"]))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ShowEntry(_Strict):
    """One subject to show."""

    frame: Annotated[int, Field(ge=0)]
    x: Annotated[float, Field(ge=0)]
    y: Annotated[float, Field(ge=0)]
    reason: Annotated[str, Field(min_length=1)]


class CoverEntry(_Strict):
    """One area to cover, ``first`` and ``last`` frame included; ``box`` is x0, y0, x1, y1 in pixels."""

    first: Annotated[int, Field(ge=0, alias="from")]
    last: Annotated[int, Field(ge=0, alias="to")]
    box: tuple[float, float, float, float]
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        x0, y0, x1, y1 = self.box
        if self.first > self.last:
            raise ValueError(_("«from» lies after «to»"))
        if not (x0 < x1 and y0 < y1):
            raise ValueError(_("«box» has to be x0, y0, x1, y1 with x0 < x1 and y0 < y1"))
        return self


def _style(value: object) -> object:
    return style_named(value) if isinstance(value, str) else value


class PlanFile(_Strict):
    """The whole file; every part may be left out."""

    show: tuple[ShowEntry, ...] = ()
    cover: tuple[CoverEntry, ...] = ()
    sound: Sound = Sound.MUTE
    style: Annotated[CoverStyle, BeforeValidator(_style)] = CoverStyle.OPAQUE

    def show_points(self) -> tuple[ShowPoint, ...]:
        """The subjects to show."""
        return tuple(ShowPoint(frame=e.frame, x=e.x, y=e.y, reason=e.reason) for e in self.show)


def read_plan_file(path: Path) -> PlanFile:
    """Read and check a plan file. Raises ``Rejected`` that names the first entry that is wrong."""
    try:
        return PlanFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Rejected("plan", _("The plan {file} cannot be read; check its name.").format(file=path.name)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or _("the file")
        raise Rejected(
            "plan",
            _("The plan {file} is wrong at «{where}»: {why}. Correct it and try again.").format(
                file=path.name, where=where, why=first["msg"]
            ),
        ) from error


def with_covered(analysis: Analysis, entries: Sequence[CoverEntry]) -> Analysis:
    """The analysis with a person's own covers as tracks. Raises ``Rejected`` for frames that do not exist."""
    number = max((track.id for track in analysis.tracks), default=0)
    added = tuple(_drawn(number + i, entry, analysis) for i, entry in enumerate(entries, start=1))
    return replace(analysis, tracks=analysis.tracks + added)


def reasons(entries: Iterable[CoverEntry], tracks: Sequence[Track]) -> dict[int, str]:
    """Why each track that ``with_covered`` added is there: track id -> reason."""
    drawn = [track for track in tracks if track.sources[0] is Source.MANUAL]
    return {track.id: entry.reason for track, entry in zip(drawn, entries, strict=True)}


def _drawn(number: int, entry: CoverEntry, analysis: Analysis) -> Track:
    if entry.last >= analysis.frame_count:
        raise Rejected(
            "plan",
            _("The plan covers up to frame {frame}, but this footage ends at frame {last}.").format(
                frame=entry.last, last=analysis.frame_count - 1
            ),
        )
    x0, y0, x1, y1 = entry.box
    if x0 >= analysis.width or y0 >= analysis.height or x1 <= 0 or y1 <= 0:
        raise Rejected(
            "plan",
            _("The plan covers {box}, which lies outside the picture of {width}×{height}.").format(
                box=list(entry.box), width=analysis.width, height=analysis.height
            ),
        )
    frames = np.arange(entry.first, entry.last + 1, dtype=np.int64)
    # A drawn area may be anything; as a plate it never ends the exemption of a face that passes it.
    return Track(
        number,
        SubjectKind.PLATE,
        frames,
        np.tile(np.array(entry.box, np.float32), (len(frames), 1)),
        np.zeros(len(frames), np.float32),
        (Source.MANUAL,) * len(frames),
    )
