"""What was found in the footage, and what a person decided about it.

Boxes are ``xyxy`` float32 ``(N, 4)`` in pixels of the upright source frame; frame numbers count from 0 in
presentation order.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.spans import Sound, SoundSpan, Trim, stretches

BoxArray = NDArray[np.float32]
FrameArray = NDArray[np.int64]
Image = NDArray[np.uint8]
"""BGR picture ``(H, W, 3)``."""
Looks = NDArray[np.uint8]
"""Thumbnails of N boxes, ``(N, side, side, 3)``."""


class SubjectKind(StrEnum):
    """What a track follows."""

    FACE = "face"
    PLATE = "plate"


class Source(StrEnum):
    """Where the box of one frame comes from."""

    DETECTED = "detected"
    TRACKED = "tracked"
    """Filled in between or beside detections."""
    RESCAN = "rescan"
    """Found in the covered output."""
    MANUAL = "manual"
    """Drawn by a person."""


_SOURCES = {source.value: source for source in Source}
"""Looked up half a million times when a long analysis is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of one picture: ``xyxy`` float32 ``(N, 4)`` in pixels, ``scores`` float32 ``(N,)`` in 0..1."""

    xyxy: BoxArray
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.xyxy.shape != (len(self.scores), 4) or self.scores.ndim != 1:
            raise ValueError(f"boxes {self.xyxy.shape} and scores {self.scores.shape} do not belong together")

    @classmethod
    def empty(cls) -> Detections:
        """No boxes: shapes ``(0, 4)`` and ``(0,)``."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One subject over time.

    ``frames`` int64 ``(N,)`` strictly ascending, ``xyxy`` float32 ``(N, 4)`` already grown to what has to be
    covered, ``scores`` float32 ``(N,)`` (0 where not detected), ``sources`` one ``Source`` a frame. ``looks`` are
    thumbnails of the boxes as detected, black where not detected, and ``missed`` are the frames in which a detector
    looked and did not find it; None where nobody kept them.
    """

    id: int
    kind: SubjectKind
    frames: FrameArray
    xyxy: BoxArray
    scores: NDArray[np.float32]
    sources: tuple[Source, ...]
    looks: Looks | None = None
    missed: FrameArray | None = None

    def __post_init__(self) -> None:
        n = len(self.frames)
        if n == 0 or self.xyxy.shape != (n, 4) or self.scores.shape != (n,) or len(self.sources) != n:
            raise ValueError(f"track {self.id}: {n} frames, boxes {self.xyxy.shape}, {len(self.sources)} sources")
        if n > 1 and not bool(np.all(np.diff(self.frames) > 0)):
            raise ValueError(f"track {self.id}: frame numbers must ascend")
        if self.looks is not None and len(self.looks) != n:
            raise ValueError(f"track {self.id}: {n} frames, {len(self.looks)} looks")

    @property
    def first(self) -> int:
        """First covered frame."""
        return int(self.frames[0])

    @property
    def last(self) -> int:
        """Last covered frame."""
        return int(self.frames[-1])

    def position(self, frame: int) -> int | None:
        """Index of ``frame`` in ``frames``, or None where the track has no box."""
        i = int(np.searchsorted(self.frames, frame))
        return i if i < len(self.frames) and int(self.frames[i]) == frame else None

    def together(self, other: Track, step: int = 0) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Positions in both tracks of the frames that both have, ``other`` looked at ``step`` frames later."""
        if self._unbroken and other._unbroken:
            low, high = max(self.first, other.first - step), min(self.last, other.last - step)
            mine = np.arange(low - self.first, high - self.first + 1)
            return mine, mine + (self.first - other.first + step)
        _common, at, there = np.intersect1d(self.frames, other.frames - step, assume_unique=True, return_indices=True)
        return at, there

    @property
    def _unbroken(self) -> bool:
        return self.last - self.first + 1 == len(self.frames)

    def box_at(self, frame: int) -> BoxArray | None:
        """Box ``(4,)`` in ``frame``, or None."""
        i = self.position(frame)
        return None if i is None else self.xyxy[i]

    @property
    def clearest(self) -> int:
        """Frame in which the subject is largest and surest; the anchor for a person's decision."""
        area = (self.xyxy[:, 2] - self.xyxy[:, 0]) * (self.xyxy[:, 3] - self.xyxy[:, 1])
        return int(self.frames[int(np.argmax(self.scores * np.sqrt(np.maximum(area, 0))))])

    def part(self, chosen: NDArray[np.bool_], number: int) -> Track:
        """The frames ``chosen``, ``(N,)`` with at least one of them, as track ``number``."""
        frames = self.frames[chosen]
        return Track(
            number,
            self.kind,
            frames,
            self.xyxy[chosen],
            self.scores[chosen],
            tuple(source for source, keep in zip(self.sources, chosen.tolist(), strict=True) if keep),
            None if self.looks is None else self.looks[chosen],
            None if self.missed is None else self.missed[np.isin(self.missed, frames)],
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; coordinates to a tenth of a pixel."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "frames": self.frames.tolist(),
            "xyxy": [[round(float(v), 1) for v in box] for box in self.xyxy],
            "scores": [round(float(s), 4) for s in self.scores],
            "sources": [s.value for s in self.sources],
            "looks": None if self.looks is None else _packed(self.looks, self.sources),
            "missed": None if self.missed is None else self.missed.tolist(),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Track:
        """Inverse of ``to_dict``."""
        sources = tuple(map(_SOURCES.__getitem__, value["sources"]))
        looks, missed = value.get("looks"), value.get("missed")
        return cls(
            int(value["id"]),
            SubjectKind(value["kind"]),
            np.asarray(value["frames"], np.int64),
            np.asarray(value["xyxy"], np.float32).reshape(-1, 4),
            np.asarray(value["scores"], np.float32),
            sources,
            None if looks is None else _unpacked(looks, sources),
            None if missed is None else np.asarray(missed, np.int64),
        )


def _packed(looks: Looks, sources: Sequence[Source]) -> dict[str, Any]:
    """The looks of the detected frames for JSON: a character each for three quarters of a byte."""
    detected = [source is Source.DETECTED for source in sources]
    return {"side": looks.shape[1], "base64": b64encode(looks[detected].tobytes()).decode("ascii")}


def _unpacked(value: Mapping[str, Any], sources: Sequence[Source]) -> Looks:
    side = int(value["side"])
    looks = np.zeros((len(sources), side, side, 3), np.uint8)
    detected = [source is Source.DETECTED for source in sources]
    looks[detected] = np.frombuffer(b64decode(value["base64"]), np.uint8).reshape(-1, side, side, 3)
    return looks


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A detector as used: enough to repeat the run."""

    name: str
    sha256: str
    parameters: Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """All that was found in one source. ``unreadable`` are frames that could not be decoded: covered whole.

    ``as_found``: what a person changed, as it was found before, under the number of the track that came of it; it is
    neither covered nor kept, and only bears on whether it is sure who another track follows.
    """

    source_sha256: str
    width: int
    height: int
    frame_count: int
    tracks: tuple[Track, ...]
    cuts: tuple[int, ...] = ()
    unreadable: tuple[int, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    parameters: Mapping[str, float | int | str] = field(default_factory=dict)
    as_found: tuple[Track, ...] = ()

    def track(self, track_id: int) -> Track | None:
        """The track with that number, or None."""
        return next((t for t in self.tracks if t.id == track_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "source_sha256": self.source_sha256,
            "width": self.width,
            "height": self.height,
            "frame_count": self.frame_count,
            "cuts": list(self.cuts),
            "unreadable": list(self.unreadable),
            "models": [{"name": m.name, "sha256": m.sha256, "parameters": dict(m.parameters)} for m in self.models],
            "parameters": dict(self.parameters),
            "tracks": [t.to_dict() for t in self.tracks],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Analysis:
        """Inverse of ``to_dict``."""
        return cls(
            source_sha256=value["source_sha256"],
            width=value["width"],
            height=value["height"],
            frame_count=value["frame_count"],
            tracks=tuple(Track.from_dict(t) for t in value["tracks"]),
            cuts=tuple(value["cuts"]),
            unreadable=tuple(value["unreadable"]),
            models=tuple(ModelInfo(**m) for m in value["models"]),
            parameters=value["parameters"],
        )


class Action(StrEnum):
    """What happens to a track in the output."""

    COVER = "cover"
    SHOW = "show"


class CoverStyle(StrEnum):
    """How covered faces look; everything else that is covered is opaque."""

    OPAQUE = "opaque"
    """One grey."""
    MOSAIC = "mosaic"
    """A few large greys that are drawn, not taken from the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one person decided about one track, why and when.

    ``anchor`` is the frame in which that person saw the subject; ``SHOW`` holds from there in both directions for
    as long as it is sure to be the same subject. Another ``SHOW`` with another anchor adds to it; ``COVER`` ends all.
    """

    track_id: int
    action: Action
    reason: str
    actor: str
    at: datetime
    anchor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decisions that hold for one source. A track without a decision is covered."""

    source_sha256: str
    decisions: tuple[Decision, ...] = ()
    sound: Sound = Sound.MUTE
    """Wherever no span says otherwise."""
    sound_spans: tuple[SoundSpan, ...] = ()
    """Where two overlap, the later one counts."""
    style: CoverStyle = CoverStyle.OPAQUE
    trim: Trim | None = None
    """None: the whole footage."""

    @property
    def first_frame(self) -> int:
        """The frame of the footage with which the release begins."""
        return self.trim.first if self.trim else 0

    def sounds(self) -> tuple[SoundSpan, ...]:
        """What happens to the sound of the whole footage, one stretch after another."""
        return stretches(self.sound, self.sound_spans)

    @property
    def is_silent(self) -> bool:
        """True where nothing at all is heard: then there is no sound stream either."""
        return all(span.sound is Sound.MUTE for span in self.sounds())

    def decision(self, track_id: int) -> Decision | None:
        """The latest decision about a track, or None."""
        return next((d for d in reversed(self.decisions) if d.track_id == track_id), None)

    def shown(self) -> tuple[Decision, ...]:
        """The decisions by which a track stays visible: those since it was last decided to cover it.

        A subject may be pointed out in several frames, each of which counts; in the same frame the latest word does.
        """
        by_track: dict[int, dict[int | None, Decision]] = {}
        for decision in self.decisions:
            if decision.action is Action.COVER:
                by_track[decision.track_id] = {}
            else:
                by_track.setdefault(decision.track_id, {})[decision.anchor] = decision
        return tuple(decision for shown in by_track.values() for decision in shown.values())

    def shown_tracks(self) -> tuple[int, ...]:
        """The tracks that stay visible, each once."""
        return tuple(dict.fromkeys(decision.track_id for decision in self.shown()))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "source_sha256": self.source_sha256,
            "sound": self.sound.value,
            "sound_spans": [[span.sound.value, span.start_ms, span.stop_ms] for span in self.sound_spans],
            "style": self.style.value,
            "trim": None if self.trim is None else [self.trim.first, self.trim.last],
            "decisions": [
                {
                    "track_id": d.track_id,
                    "action": d.action.value,
                    "reason": d.reason,
                    "actor": d.actor,
                    "at": d.at.isoformat(),
                    "anchor": d.anchor,
                }
                for d in self.decisions
            ],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Plan:
        """Inverse of ``to_dict``."""
        return cls(
            source_sha256=value["source_sha256"],
            sound=Sound(value["sound"]),
            sound_spans=tuple(
                SoundSpan(sound=Sound(sound), start_ms=start, stop_ms=stop)
                for sound, start, stop in value.get("sound_spans", ())
            ),
            style=CoverStyle(value.get("style", CoverStyle.OPAQUE)),
            trim=None if value.get("trim") is None else Trim(first=value["trim"][0], last=value["trim"][1]),
            decisions=tuple(_decision(d) for d in _sequence(value["decisions"])),
        )


def _sequence(value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise ValueError("decisions must be a list")
    return value


def _decision(value: Mapping[str, Any]) -> Decision:
    return Decision(
        track_id=int(value["track_id"]),
        action=Action(value["action"]),
        reason=str(value["reason"]),
        actor=str(value["actor"]),
        at=datetime.fromisoformat(value["at"]),
        anchor=None if value.get("anchor") is None else int(value["anchor"]),
    )
