"""Where in an analysis somebody may be exposed, worst first, so that a person looks at the riskiest moment first.

A span is a run of frames of one track with one cause for doubt. Its ``risk``, 0..1, is a product of three estimates:

- *likelihood* (0..1), that the cover is not where the subject is, by cause. A track that starts or ends in the open,
  away from the picture's edge and from cuts, weighs most: a frame further on the subject is very likely still there
  and nothing covers it. It weighs less the longer the track was covered beyond the last detection (the subject has had
  time to leave or turn), and nothing where another track covers the same place in the next frame. Frames without a
  detection weigh more the longer they last, for the errors of following add up. A jump or a change of size at once
  says that two subjects may have been taken for one. Touching another track only matters when one of the two is shown,
  weak scores are still detections, and unreadable frames are covered from edge to edge: these three weigh little.
- *recognisability* (0..1): by the side of the subject in pixels. Who is large is recognised by everybody, who is
  tiny by hardly anybody: 0.5 at 48 pixels, towards 1 above. The largest box in the span counts.
- *reality* (0..1): how sure the detector ever was that there is a subject at all; never below 0.3, because a false
  track costs a look and a missed person costs a person.

The figure ranks; it is no probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, BoxArray, Source, SubjectKind, Track
from vrijgave.redaction.analysis import RATE
from vrijgave.redaction.geometry import areas, covered_shares
from vrijgave.redaction.keyframes import Keyframes, reduced, tolerance_for

HALF_RECOGNISABLE = 48.0  # pixels
LEAST_REALITY = 0.3
GAP_SECONDS = 0.25  # without a detection: shorter is no doubt ...
LONG_GAP_SECONDS = 1.0  # ... and this long weighs about two thirds of the most
LEAD_SECONDS = 0.5  # of cover beyond the last detection that halve the weight of an open end
JUMP = 0.8  # box sizes in one frame
SIZE_STEP = 1.5  # ratio of sizes in one frame
TOUCH = 0.08  # share of the smaller box
AT_EDGE = 0.1  # box sizes from the picture's edge, and ...
AT_EDGE_PIXELS = 2.0
TAKEN_OVER = 0.6  # share of the box that another track covers in the next frame
USUAL_START = {SubjectKind.FACE: 0.25, SubjectKind.PLATE: 0.6}
"""Scores below which a detection is weak, where the analysis does not say."""

Flags = NDArray[np.bool_]


class Cause(StrEnum):
    """Why a span is uncertain."""

    STARTS_OPEN = "starts_open"
    ENDS_OPEN = "ends_open"
    GAP = "gap"
    """Followed without a detection."""
    JUMP = "jump"
    SIZE_CHANGE = "size_change"
    TOUCH = "touch"
    """Touches or crosses another track of its kind."""
    LOW_SCORE = "low_score"
    UNREADABLE = "unreadable"


ENDS = frozenset({Cause.STARTS_OPEN, Cause.ENDS_OPEN})
LIKELIHOOD = {
    Cause.STARTS_OPEN: 1.0,
    Cause.ENDS_OPEN: 1.0,
    Cause.GAP: 0.8,
    Cause.JUMP: 0.6,
    Cause.SIZE_CHANGE: 0.4,
    Cause.TOUCH: 0.15,
    Cause.LOW_SCORE: 0.15,
    Cause.UNREADABLE: 0.1,
}
"""The most that a cause can weigh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainSpan:
    """Frames ``first`` to ``last`` of one track; ``frame`` is the one to look at."""

    track_id: int
    cause: Cause
    first: int
    last: int
    frame: int
    risk: float
    other: int | None = None
    """The track that it touches."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "track": self.track_id,
            "cause": self.cause.value,
            "first": self.first,
            "last": self.last,
            "frame": self.frame,
            "risk": round(self.risk, 3),
            "other": self.other,
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> UncertainSpan:
        """Inverse of ``to_dict``."""
        names = ("first", "last", "frame", "risk", "other")
        return cls(track_id=value["track"], cause=Cause(value["cause"]), **{name: value[name] for name in names})


@dataclass(frozen=True, eq=False)
class ReviewData:
    """What a reviewer needs beside the tracks: the uncertain spans under the number of their track, and the few boxes
    that make up each track."""

    spans_of: Mapping[int, tuple[UncertainSpan, ...]]
    keyframes: Mapping[int, Keyframes]

    @cached_property
    def spans(self) -> tuple[UncertainSpan, ...]:
        """All spans, by falling risk."""
        return tuple(sorted((span for spans in self.spans_of.values() for span in spans), key=_rank))

    def risk(self, track_id: int) -> float:
        """The highest risk of a track's spans; 0 where nothing is uncertain."""
        return max((span.risk for span in self.spans_of.get(track_id, ())), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "spans": [span.to_dict() for span in self.spans],
            "keyframes": {str(number): keys.to_list() for number, keys in self.keyframes.items()},
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> ReviewData:
        """Inverse of ``to_dict``."""
        return cls(
            _by_track(UncertainSpan.from_dict(span) for span in value["spans"]),
            {int(number): Keyframes.from_list(rows) for number, rows in value["keyframes"].items()},
        )


def _rank(span: UncertainSpan) -> tuple[float, int, int, str]:
    return -span.risk, span.first, span.track_id, span.cause.value


def _by_track(spans: Iterable[UncertainSpan]) -> dict[int, tuple[UncertainSpan, ...]]:
    """Spans under the number of their track, riskiest first."""
    found: dict[int, list[UncertainSpan]] = {}
    for span in spans:
        found.setdefault(span.track_id, []).append(span)
    return {number: tuple(sorted(mine, key=_rank)) for number, mine in found.items()}


def review_data(analysis: Analysis) -> ReviewData:
    """The uncertain spans of all tracks, riskiest first, and the tracks' keyframes."""
    return revised(ReviewData({}, {}), replace(analysis, tracks=()), analysis)


def revised(before: ReviewData, base: Analysis, analysis: Analysis) -> ReviewData:
    """The review data of ``analysis``, worked out only where its tracks are others than those of ``base``.

    ``before`` are the data of ``base``. A track that came or went can also end the doubt where another begins or ends.
    What is as it was stays the very same object.
    """
    old = {track.id: track for track in base.tracks}
    same = {track.id for track in analysis.tracks if track.id in old and _alike(track, old[track.id])}
    fresh = [track for track in analysis.tracks if track.id not in same]
    altered = [*(track for track in base.tracks if track.id not in same), *fresh]
    around = _Around(analysis)
    kept: dict[int, tuple[UncertainSpan, ...]] = {}
    changed: list[UncertainSpan] = []
    for track in analysis.tracks:
        spans = before.spans_of.get(track.id, ())
        if track.id not in same:
            changed += () if _drawn_in_place(track) else _Doubts(track, around).spans()
        elif any(_bears_on_ends(track, other) for other in altered):
            changed += [s for s in spans if s.cause not in ENDS and (s.other is None or s.other in same)]
            changed += () if _drawn_in_place(track) else _Doubts(track, around).ends()
        elif any(_meets(track, other) for other in altered):
            changed += [s for s in spans if s.other is None or s.other in same]
        elif spans:
            kept[track.id] = spans
    changed += _touches(analysis, {track.id for track in fresh})
    keyframes = {number: keys for number, keys in before.keyframes.items() if number in same}
    keyframes |= {t.id: reduced(t.frames, t.xyxy, tolerance_for(t.xyxy)) for t in fresh}
    return ReviewData(kept | _as_before(_by_track(changed), before), keyframes)


def _as_before(
    found: Mapping[int, tuple[UncertainSpan, ...]], before: ReviewData
) -> dict[int, tuple[UncertainSpan, ...]]:
    """``found``, the very same as before where nothing came of it."""
    earlier = before.spans_of
    return {number: earlier[number] if spans == earlier.get(number) else spans for number, spans in found.items()}


def _alike(track: Track, other: Track) -> bool:
    """Whether the two are the same in all that raises or ends doubts."""
    return track is other or (
        np.array_equal(track.frames, other.frames)
        and np.array_equal(track.xyxy, other.xyxy)
        and np.array_equal(track.scores, other.scores)
        and track.sources == other.sources
    )


def _bears_on_ends(track: Track, other: Track) -> bool:
    """Whether ``other`` lies where ``track`` begins or ends, in the frame before or after all of it."""
    return any(
        other.first <= frame <= other.last and (there := other.box_at(frame)) is not None and _overlap(box, there)
        for frame, box in ((track.first - 1, track.xyxy[0]), (track.last + 1, track.xyxy[-1]))
    )


def _overlap(box: BoxArray, other: BoxArray) -> bool:
    return bool((np.minimum(box[2:], other[2:]) > np.maximum(box[:2], other[:2])).all())


def _meets(track: Track, other: Track) -> bool:
    """Whether ``other`` may be there when ``track`` is."""
    return other.first <= track.last and other.last >= track.first


def _drawn_in_place(track: Track) -> bool:
    """A person's fixed area: nothing was followed, so nothing is doubtful."""
    return set(track.sources) == {Source.MANUAL} and not track.scores.any()


class _Around:
    """An analysis, with what the doubts about all of its tracks look up in it."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.cuts = frozenset(analysis.cuts)
        self._first = np.array([track.first for track in analysis.tracks], np.int64)
        self._last = np.array([track.last for track in analysis.tracks], np.int64)

    def boxes(self, frame: int) -> list[BoxArray]:
        """The boxes in ``frame``."""
        present = np.flatnonzero((self._first <= frame) & (frame <= self._last))
        return [box for i in present if (box := self.analysis.tracks[i].box_at(frame)) is not None]


class _Doubts:
    """The doubts about one track by itself."""

    def __init__(self, track: Track, around: _Around) -> None:
        self._track = track
        self._around = around
        self._analysis = analysis = around.analysis
        self._rate = float(analysis.parameters.get(RATE, 25.0))
        self._short = short_frames(analysis)
        self._size = sides(track.xyxy)
        self._seen = track.scores > 0
        self._readable = ~np.isin(track.frames, np.asarray(analysis.unreadable, np.int64))

    def spans(self) -> Iterator[UncertainSpan]:
        """All uncertain spans but the touches."""
        yield from self.ends()
        yield from self._gaps()
        yield from self._steps()
        yield from self._weak()
        for first, last in runs(~self._readable):
            yield self._span(Cause.UNREADABLE, first, last, 1.0)

    def ends(self) -> Iterator[UncertainSpan]:
        """Start and end in the open, with the frames up to the nearest detection."""
        hits = np.nonzero(self._seen)[0]
        if len(hits) == 0:
            return
        last = len(self._seen) - 1
        if self._is_open(0, self._track.first - 1, self._track.first == 0 or self._track.first in self._around.cuts):
            yield self._span(Cause.STARTS_OPEN, 0, int(hits[0]), self._weight_of_lead(int(hits[0])), look_at=0)
        after = self._track.last + 1
        if self._is_open(last, after, after == self._analysis.frame_count or after in self._around.cuts):
            lead = last - int(hits[-1])
            yield self._span(Cause.ENDS_OPEN, int(hits[-1]), last, self._weight_of_lead(lead), look_at=last)

    def _is_open(self, position: int, beyond: int, explained: bool) -> bool:
        box = self._track.xyxy[position]
        return not (explained or self._at_edge(box) or self._taken_over(box, beyond))

    def _at_edge(self, box: BoxArray) -> bool:
        near = AT_EDGE_PIXELS + AT_EDGE * float(sides(box[None])[0])
        x0, y0, x1, y1 = (float(v) for v in box)
        return min(x0, y0, self._analysis.width - x1, self._analysis.height - y1) <= near

    def _taken_over(self, box: BoxArray, frame: int) -> bool:
        if frame in self._analysis.unreadable:
            return True
        others = self._around.boxes(frame)
        return bool(others) and float(covered_shares(box[None], np.stack(others)).max()) >= TAKEN_OVER

    def _weight_of_lead(self, frames: int) -> float:
        return 1 / (1 + frames / self._rate / LEAD_SECONDS)

    def _gaps(self) -> Iterator[UncertainSpan]:
        """Between detections; beyond the first and the last it is part of how the track starts and ends."""
        hits = np.nonzero(self._seen)[0]
        for before, after in pairwise(hits):
            missing = int(after - before) - 1
            if missing > self._short:
                weight = 1 - math.exp(-missing / self._rate / LONG_GAP_SECONDS)
                middle = int(before + after) // 2
                yield self._span(Cause.GAP, int(before) + 1, int(after) - 1, weight, look_at=middle)

    def _weak(self) -> Iterator[UncertainSpan]:
        """Detections too weak to stand on their own, for as long as would be a gap without them."""
        name = f"start_{self._track.kind.value}"
        start = float(self._analysis.parameters.get(name, USUAL_START[self._track.kind]))
        weak = self._seen & (self._track.scores < start)
        for first, last in near_runs(weak, self._short):
            if last - first + 1 > self._short:
                lowest = first + int(np.argmin(np.where(weak, self._track.scores, 1)[first : last + 1]))
                weight = 1 - float(self._track.scores[lowest]) / start
                yield self._span(Cause.LOW_SCORE, first, last, weight, look_at=lowest)

    def _steps(self) -> Iterator[UncertainSpan]:
        """Sudden movement or change of size between neighbouring frames."""
        centre = (self._track.xyxy[:, :2] + self._track.xyxy[:, 2:]) / 2
        smaller, larger = (f(self._size[1:], self._size[:-1]) for f in (np.minimum, np.maximum))
        moved = np.linalg.norm(np.diff(centre, axis=0), axis=1) / smaller / np.diff(self._track.frames)
        for cause, value, limit in ((Cause.JUMP, moved, JUMP), (Cause.SIZE_CHANGE, larger / smaller, SIZE_STEP)):
            for first, last in runs(value > limit):
                most = float(value[first : last + 1].max())
                yield self._span(cause, first, last + 1, 1 - limit / (2 * most))

    def _span(self, cause: Cause, first: int, last: int, weight: float, look_at: int | None = None) -> UncertainSpan:
        """``first``, ``last`` and ``look_at`` are positions in the track."""
        largest = first + int(np.argmax(self._size[first : last + 1]))
        return UncertainSpan(
            track_id=self._track.id,
            cause=cause,
            first=int(self._track.frames[first]),
            last=int(self._track.frames[last]),
            frame=int(self._track.frames[largest if look_at is None else look_at]),
            risk=risk(cause, weight, float(self._size[largest]), float(self._track.scores.max())),
        )


def risk(cause: Cause, weight: float, side: float, best_score: float) -> float:
    """Risk of a span, 0..1: ``weight`` is the share of what its cause can weigh, ``side`` the subject's in pixels."""
    recognisable = side * side / (side * side + HALF_RECOGNISABLE * HALF_RECOGNISABLE)
    real = LEAST_REALITY + (1 - LEAST_REALITY) * min(best_score, 1.0)
    return LIKELIHOOD[cause] * min(max(weight, 0.0), 1.0) * recognisable * real


def sides(xyxy: BoxArray) -> NDArray[np.float64]:
    """Square root of the area of each box, at least a pixel."""
    return np.sqrt(np.maximum(areas(xyxy).astype(np.float64), 1.0))


def runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """(first, last) position of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2):
        yield int(first), int(end) - 1


def near_runs(flags: Flags, near: int) -> Iterator[tuple[int, int]]:
    """As ``runs``, those taken as one between which at most ``near`` are False."""
    waiting: tuple[int, int] | None = None
    for first, last in runs(flags):
        if waiting is None:
            waiting = (first, last)
        elif first - waiting[1] - 1 <= near:
            waiting = (waiting[0], last)
        else:
            yield waiting
            waiting = (first, last)
    if waiting is not None:
        yield waiting


def short_frames(analysis: Analysis) -> int:
    """How many frames without a detection are no doubt."""
    return int(GAP_SECONDS * float(analysis.parameters.get(RATE, 25.0)))


def _touches(analysis: Analysis, fresh: set[int]) -> Iterator[UncertainSpan]:
    """Each stretch in which two tracks of one kind touch, one of them ``fresh``: once, under the lower number."""
    near = short_frames(analysis)
    for i, track in enumerate(analysis.tracks):
        if track.id not in fresh:
            continue
        for j, other in enumerate(analysis.tracks):
            counted = j <= i and (i == j or other.id in fresh)
            if not counted and other.kind is track.kind and track.first <= other.last and other.first <= track.last:
                yield from _touches_of(track, other, near)


def _touches_of(track: Track, other: Track, near: int) -> Iterator[UncertainSpan]:
    mine, theirs = track.together(other)
    if len(mine) == 0:
        return
    frames = track.frames[mine]
    a, b = track.xyxy[mine], other.xyxy[theirs]
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    common = areas(np.concatenate([low, high], axis=1))
    share = common / np.maximum(np.minimum(areas(a), areas(b)), 1e-6)
    side = np.minimum(sides(a), sides(b))
    score = min(float(track.scores.max()), float(other.scores.max()))
    for first, last in near_runs(np.asarray(share > TOUCH, np.bool_), near):
        worst = first + int(np.argmax(share[first : last + 1]))
        yield UncertainSpan(
            track_id=min(track.id, other.id),
            cause=Cause.TOUCH,
            first=int(frames[first]),
            last=int(frames[last]),
            frame=int(frames[worst]),
            risk=risk(Cause.TOUCH, float(share[worst]), float(side[worst]), score),
            other=max(track.id, other.id),
        )


def pictured(spans: Iterable[UncertainSpan], tracks: Iterable[Track]) -> dict[int, list[int]]:
    """Frames of which a reviewer needs a cut-out: track id -> frames, its clearest first."""
    wanted = {track.id: [track.clearest] for track in tracks}
    for span in spans:
        if span.frame not in wanted[span.track_id]:
            wanted[span.track_id].append(span.frame)
    return wanted
