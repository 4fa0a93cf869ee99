"""What is covered and what stays visible in each frame, from the analysis and a person's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, BoxArray, FrameArray, Plan, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.redaction.analysis import RATE
from vrijgave.redaction.geometry import smaller_overlaps

TOUCH = 0.08  # share of the smaller box in another track's box from which the two may be confused
LARGEST_JUMP = 0.8  # movement in box sizes from one frame to the next that is still the same subject
LARGEST_CHANGE = 1.5  # and the ratio of its sizes
LONGEST_GAP_SECONDS = 0.5  # without a detection of the shown subject itself


@dataclass(frozen=True, slots=True, eq=False)
class Exemption:
    """A subject that a person chose to show: the frames in which it is surely that subject."""

    track: Track
    anchor: int
    frames: FrameArray


class Coverage:
    """What to fill in each frame. Made by ``coverage``."""

    def __init__(
        self, covered: _Boxes, shown: _Boxes, exemptions: tuple[Exemption, ...], whole: frozenset[int]
    ) -> None:
        self._covered = covered
        self._shown = shown
        self.exemptions = exemptions
        self.whole = whole
        """Frames that are covered from edge to edge."""

    def boxes(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` to fill."""
        return self._covered.at(frame)

    def shown(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` of shown subjects."""
        return self._shown.at(frame)

    def covered_frames(self) -> FrameArray:
        """Frames in which anything is filled, ascending."""
        return np.union1d(self._covered.frames, np.array(sorted(self.whole), np.int64)).astype(np.int64)


class _Boxes:
    """Boxes of many tracks, looked up by frame."""

    def __init__(self, parts: Iterable[tuple[FrameArray, BoxArray]]) -> None:
        collected = list(parts)
        frames = np.concatenate([np.zeros(0, np.int64), *(frames for frames, _xyxy in collected)])
        xyxy = np.concatenate([np.zeros((0, 4), np.float32), *(xyxy for _frames, xyxy in collected)])
        order = np.argsort(frames, kind="stable")
        self.frames: FrameArray = frames[order]
        self._xyxy: BoxArray = xyxy[order]

    def at(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` in ``frame``."""
        first, last = np.searchsorted(self.frames, [frame, frame + 1])
        return self._xyxy[first:last]


def coverage(analysis: Analysis, plan: Plan) -> Coverage:
    """Compile a plan: every track is covered in every frame, save where a decision surely shows its subject.

    Raises ``Rejected`` when the plan belongs to another source or names a track or frame that does not exist.
    """
    if plan.source_sha256 != analysis.source_sha256:
        raise Rejected("plan", _("This plan was made for other footage; make a plan for this file."))
    exemptions = tuple(_exemption(analysis, decision.track_id, decision.anchor) for decision in plan.shown())
    by_track = {exemption.track.id: exemption for exemption in exemptions}
    covered, shown = [], []
    for track in analysis.tracks:
        exemption = by_track.get(track.id)
        visible = np.isin(track.frames, exemption.frames) if exemption else np.zeros(len(track.frames), np.bool_)
        covered.append((track.frames[~visible], track.xyxy[~visible]))
        shown.append((track.frames[visible], track.xyxy[visible]))
    return Coverage(_Boxes(covered), _Boxes(shown), exemptions, frozenset(analysis.unreadable))


def exempt_frames(track: Track, anchor: int, analysis: Analysis) -> FrameArray:
    """Frames, ascending, in which ``track`` is surely the subject that a person saw in frame ``anchor``.

    From the anchor both ways, until the subject touches another one, the picture cuts, it jumps, changes its size at
    once, or is not detected for too long. Empty when it is doubtful in the anchor itself.
    """
    start = track.position(anchor)
    if start is None:
        return np.zeros(0, np.int64)
    doubtful = _touched(track, analysis) | np.isin(track.frames, np.asarray(analysis.unreadable, np.int64))
    if doubtful[start]:
        return np.zeros(0, np.int64)
    breaks = _breaks(track, analysis)
    gap = round(LONGEST_GAP_SECONDS * float(analysis.parameters.get(RATE, 25.0)))
    forward = _sure(range(start, len(track.frames)), doubtful, breaks, track, gap, 0)
    backward = _sure(range(start, -1, -1), doubtful, breaks, track, gap, 1)
    return np.asarray(track.frames[sorted({start, *forward, *backward})], np.int64)


def track_under(analysis: Analysis, frame: int, x: float, y: float) -> Track:
    """The one track under pixel (``x``, ``y``) of ``frame``. Raises ``Rejected`` that says what is there instead."""
    if not 0 <= frame < analysis.frame_count:
        raise Rejected(
            "show",
            _("There is no frame {frame}; this footage has frames 0 to {last}.").format(
                frame=frame, last=analysis.frame_count - 1
            ),
        )
    present = [(track, box) for track in analysis.tracks if (box := track.box_at(frame)) is not None]
    under = [track for track, (x0, y0, x1, y1) in present if x0 <= x < x1 and y0 <= y < y1]
    if len(under) == 1:
        return under[0]
    if under:
        why = _(
            "At {x},{y} in frame {frame} the tracks {tracks} lie over each other; point at the subject in a frame "
            "where it stands free."
        ).format(x=f"{x:g}", y=f"{y:g}", frame=frame, tracks=", ".join(str(track.id) for track in under))
    elif present:
        why = _("Nothing was found at {x},{y} in frame {frame}; there are: {found}. Point inside one of them.").format(
            x=f"{x:g}", y=f"{y:g}", frame=frame, found="; ".join(_place(track, box) for track, box in present)
        )
    else:
        why = _("Nothing was found in frame {frame}; choose a frame in which the subject is clearly visible.").format(
            frame=frame
        )
    raise Rejected("show", why)


def ranges(frames: FrameArray) -> Iterator[tuple[int, int]]:
    """Ascending frame numbers as (first, last) of each unbroken run."""
    if len(frames) == 0:
        return
    ends = np.nonzero(np.diff(frames) > 1)[0]
    for first, last in zip([0, *(ends + 1)], [*ends, len(frames) - 1], strict=True):
        yield int(frames[first]), int(frames[last])


def _exemption(analysis: Analysis, track_id: int, anchor: int | None) -> Exemption:
    track = analysis.track(track_id)
    if track is None:
        raise Rejected("plan", _("The plan shows track {id}, which does not exist.").format(id=track_id))
    seen = track.clearest if anchor is None else anchor
    if track.position(seen) is None:
        raise Rejected(
            "plan", _("Track {id} is not there in frame {frame}; decide again.").format(id=track_id, frame=seen)
        )
    return Exemption(track, seen, exempt_frames(track, seen, analysis))


def _place(track: Track, box: BoxArray) -> str:
    x, y = (round(float(v)) for v in (box[:2] + box[2:]) / 2)
    kind = {SubjectKind.FACE: _("face"), SubjectKind.PLATE: _("plate")}[track.kind]
    return f"{kind} {track.id} @ {x},{y}"


def _touched(track: Track, analysis: Analysis) -> NDArray[np.bool_]:
    """For each frame of ``track``: does another track of the same kind come so near that they may be confused?"""
    touched = np.zeros(len(track.frames), np.bool_)
    for other in analysis.tracks:
        if other.id == track.id or other.kind is not track.kind:
            continue
        _common, mine, theirs = np.intersect1d(track.frames, other.frames, assume_unique=True, return_indices=True)
        for i, j in zip(mine, theirs, strict=True):
            touched[i] |= bool(smaller_overlaps(track.xyxy[i : i + 1], other.xyxy[j : j + 1])[0, 0] > TOUCH)
    return touched


def _breaks(track: Track, analysis: Analysis) -> NDArray[np.bool_]:
    """``(N,)``: True where the step from the frame before to this one is not surely the same subject."""
    centre = (track.xyxy[:, :2] + track.xyxy[:, 2:]) / 2
    size = np.sqrt(np.maximum(np.prod(track.xyxy[:, 2:] - track.xyxy[:, :2], axis=1), 1e-6))
    breaks = np.ones(len(track.frames), np.bool_)
    smaller = np.minimum(size[1:], size[:-1])
    jump = np.linalg.norm(np.diff(centre, axis=0), axis=1) > LARGEST_JUMP * smaller
    change = np.maximum(size[1:], size[:-1]) > LARGEST_CHANGE * smaller
    breaks[1:] = jump | change | (np.diff(track.frames) > 1)
    return breaks | np.isin(track.frames, np.asarray(analysis.cuts, np.int64))


def _sure(
    order: range,
    doubtful: NDArray[np.bool_],
    breaks: NDArray[np.bool_],
    track: Track,
    longest_gap: int,
    offset: int,
) -> Iterator[int]:
    """Positions along ``order`` up to the last detection before anything doubtful.

    ``offset`` 1 for walking backward: the step into position i is then the step from i to i + 1.
    """
    waiting: list[int] = []
    for step, i in enumerate(order):
        if doubtful[i] or (step > 0 and breaks[i + offset]) or len(waiting) > longest_gap:
            return
        waiting.append(i)
        if track.sources[i] is Source.DETECTED:
            yield from waiting
            waiting = []
