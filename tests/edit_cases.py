"""Tracks and edits for tests of the review: small analyses, and edits that hypothesis draws."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from vrijgave.domain.edits import (
    AddBox,
    Change,
    Delete,
    Edit,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
)
from vrijgave.domain.regions import DrawnBox, Region
from vrijgave.domain.spans import Sound, SoundSpan, Trim
from vrijgave.domain.tracks import Analysis, CoverStyle, Source, SubjectKind, Track

SHA = "a" * 64
WIDTH, HEIGHT, COUNT = 320, 240, 60
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def track(
    number: int, x: float, y: float = 50, *, first: int = 0, last: int = 39, step: float = 1, **more: Any
) -> Track:
    """A face of 30 by 40 pixels that goes right, seen in every frame, with looks of its own."""
    frames = np.arange(first, last + 1, dtype=np.int64)
    left = x + step * (frames - first)
    xyxy = np.stack([left, np.full(len(frames), y), left + 30, np.full(len(frames), y + 40)], axis=1)
    looks = np.full((len(frames), 6, 6, 3), 20 * number % 255, np.uint8)
    given: dict[str, Any] = {
        "kind": SubjectKind.FACE,
        "scores": np.full(len(frames), 0.9, np.float32),
        "sources": (Source.DETECTED,) * len(frames),
        "looks": looks,
        "missed": np.zeros(0, np.int64),
    }
    return Track(id=number, frames=frames, xyxy=xyxy.astype(np.float32), **(given | more))


def analysis(*tracks: Track, **more: Any) -> Analysis:
    """Sixty frames of 320 by 240."""
    given: dict[str, Any] = {"parameters": {"rate": 25.0}} | more
    return Analysis(source_sha256=SHA, width=WIDTH, height=HEIGHT, frame_count=COUNT, tracks=tracks, **given)


def box(frame: int, x0: float, y0: float, x1: float, y1: float) -> DrawnBox:
    """A box that a person drew."""
    return DrawnBox(frame=frame, xyxy=(x0, y0, x1, y1))


def drawn(first: DrawnBox, *more: DrawnBox, kind: SubjectKind = SubjectKind.FACE) -> AddBox:
    """A short track by hand."""
    return AddBox(region=Region(kind=kind, boxes=(first, *more)))


def edit(number: int, change: Change, reason: str = "", actor: str = "bo") -> Edit:
    """An edit of the first review."""
    return Edit(number=number, revision=1, change=change, reason=reason, actor=actor, at=T0)


def numbered(*changes: Change, reason: str = "") -> tuple[Edit, ...]:
    """Edits of one person in a row."""
    return tuple(edit(number, change, reason) for number, change in enumerate(changes, start=1))


@st.composite
def boxes(draw: st.DrawFn, frame: int | None = None) -> DrawnBox:
    """Anywhere, of any size, also across the picture's edge."""
    at = draw(st.integers(0, COUNT - 1)) if frame is None else frame
    x, y = draw(st.floats(-20, WIDTH - 10)), draw(st.floats(-20, HEIGHT - 10))
    return box(at, x, y, x + draw(st.floats(30, 200)), y + draw(st.floats(30, 200)))


def shaping(tracks: st.SearchStrategy[int]) -> st.SearchStrategy[Change]:
    """Changes of what tracks are, and drawn ones."""
    frames = st.integers(0, COUNT - 1)
    return st.one_of(
        st.builds(MoveBox, track=tracks, box=boxes(), reach=st.integers(0, 20)),
        st.builds(Split, track=tracks, frame=frames),
        st.builds(Merge, track=tracks, other=tracks),
        st.builds(Extend, track=tracks, frame=frames),
        frames.flatmap(lambda f: st.builds(Extend, track=tracks, frame=st.just(f), box=boxes(f))),
        st.builds(drawn, boxes(), kind=st.sampled_from(SubjectKind)),
    )


@st.composite
def trims(draw: st.DrawFn) -> Trim:
    """Any that footage of sixty frames can have."""
    first, last = sorted((draw(st.integers(0, COUNT - 1)), draw(st.integers(0, COUNT - 1))))
    return Trim(first=first, last=last)


@st.composite
def sound_spans(draw: st.DrawFn) -> SoundSpan:
    """With and without an end."""
    start = draw(st.integers(0, 5000))
    stop = draw(st.none() | st.integers(start + 1, 6000))
    return SoundSpan(sound=draw(st.sampled_from(Sound)), start_ms=start, stop_ms=stop)


def changes() -> st.SearchStrategy[Change]:
    """Every kind of change, with values that need not make sense together."""
    tracks = st.integers(-5, 2_000_000)
    return st.one_of(
        shaping(tracks),
        st.builds(Show, track=tracks, anchor=st.none() | st.integers(0, 10_000)),
        st.builds(Hide, track=tracks),
        st.builds(Delete, track=tracks),
        st.builds(SetSound, span=sound_spans()),
        st.builds(SetTrim, trim=st.none() | trims()),
        st.builds(SetStyle, style=st.sampled_from(CoverStyle)),
        st.builds(Undo, edit=st.integers(1, 500)),
    )
