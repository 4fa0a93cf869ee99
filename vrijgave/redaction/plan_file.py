"""The plan that a person writes as a file: what to show, what to cover besides, how faces look, and the sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from vrijgave.domain.spans import Sound, SoundSpan
from vrijgave.domain.tracks import Analysis, CoverStyle, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.redaction.geometry import clipped
from vrijgave.redaction.keyframes import Keyframes, covering, tolerance_for
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


class RegionEntry(_Strict):
    """A subject to cover, as «vrijgave track-region» writes it: straight lines run between the keyframes."""

    kind: SubjectKind
    keyframes: Annotated[tuple[tuple[int, float, float, float, float], ...], Field(min_length=1)]
    """Frame, x0, y0, x1, y1 in pixels; by ascending frame."""
    reason: Annotated[str, Field(min_length=1)]
    source_sha256: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        frames = [row[0] for row in self.keyframes]
        if frames != sorted(set(frames)) or frames[0] < 0:
            raise ValueError(_("«keyframes» have to ascend by frame, each frame once"))
        if not all(x0 < x1 and y0 < y1 for _frame, x0, y0, x1, y1 in self.keyframes):
            raise ValueError(_("each box of «keyframes» has to be frame, x0, y0, x1, y1 with x0 < x1 and y0 < y1"))
        return self

    @classmethod
    def of(cls, track: Track, *, reason: str, source_sha256: str) -> Self:
        """A track as an entry that covers no less."""
        keys = covering(track.frames, track.xyxy, tolerance_for(track.xyxy))
        rows = tuple((int(row[0]), *row[1:]) for row in keys.to_list())
        return cls.model_validate(
            {"kind": track.kind, "keyframes": rows, "reason": reason, "source_sha256": source_sha256}
        )


class SoundEntry(_Strict):
    """A stretch of sound: ``from`` and ``to`` in seconds after the first picture; without ``to`` up to the end."""

    start: Annotated[float, Field(ge=0, alias="from")] = 0
    stop: Annotated[float | None, Field(gt=0, alias="to")] = None
    sound: Sound

    def span(self) -> SoundSpan:
        """Raises ``Rejected`` where it ends before it starts."""
        stop = None if self.stop is None else round(self.stop * 1000)
        return SoundSpan(sound=self.sound, start_ms=round(self.start * 1000), stop_ms=stop)


class TrimEntry(_Strict):
    """The first and the last frame that play."""

    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]


class PlanFile(_Strict):
    """The whole file; every part may be left out."""

    show: tuple[ShowEntry, ...] = ()
    cover: tuple[CoverEntry, ...] = ()
    regions: tuple[RegionEntry, ...] = ()
    sound: Sound = Sound.MUTE
    sounds: tuple[SoundEntry, ...] = ()
    trim: TrimEntry | None = None
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


def with_regions(analysis: Analysis, entries: Sequence[RegionEntry]) -> Analysis:
    """The analysis with a person's followed regions as tracks. Raises ``Rejected`` where they belong elsewhere."""
    number = max((track.id for track in analysis.tracks), default=0)
    added = tuple(_followed(number + i, entry, analysis) for i, entry in enumerate(entries, start=1))
    return replace(analysis, tracks=analysis.tracks + added)


def reasons(entries: Iterable[CoverEntry | RegionEntry], tracks: Sequence[Track]) -> dict[int, str]:
    """Why each track that ``with_covered``, and then ``with_regions``, added is there: track id -> reason."""
    drawn = [track for track in tracks if track.sources[0] is Source.MANUAL]
    return {track.id: entry.reason for track, entry in zip(drawn, entries, strict=True)}


def _drawn(number: int, entry: CoverEntry, analysis: Analysis) -> Track:
    _check_last(entry.last, analysis)
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


def _followed(number: int, entry: RegionEntry, analysis: Analysis) -> Track:
    if entry.source_sha256 not in (None, analysis.source_sha256):
        raise Rejected("plan", _("A region of the plan was drawn in other footage; draw it in this file."))
    _check_last(entry.keyframes[-1][0], analysis)
    frames, xyxy = Keyframes.from_list([list(row) for row in entry.keyframes]).expand()
    boxes = clipped(xyxy, analysis.width, analysis.height)
    return Track(number, entry.kind, frames, boxes, np.ones(len(frames), np.float32), (Source.MANUAL,) * len(frames))


def _check_last(frame: int, analysis: Analysis) -> None:
    if frame >= analysis.frame_count:
        raise Rejected(
            "plan",
            _("The plan covers up to frame {frame}, but this footage ends at frame {last}.").format(
                frame=frame, last=analysis.frame_count - 1
            ),
        )
