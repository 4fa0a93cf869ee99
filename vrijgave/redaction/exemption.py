"""In which frames a track is surely the subject that a person saw: the rules of docs/adr/0009-exemption-by-proof.md.

Every rule ends an exemption; none begins or prolongs one. A frame shows only when all of them are silent in it and in
every frame between it and the frame in which the person saw the subject.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, BoxArray, FrameArray, Source, Track
from vrijgave.redaction.geometry import areas
from vrijgave.redaction.looks import changed
from vrijgave.redaction.scan import RATE

TOUCH = 0.08  # share of the smaller box in another track's box from which the two may be confused ...
CLOSE = 0.35  # ... though not up to this share while both are detected: faces in boxes that overlap less lie apart
LARGEST_JUMP = 0.8  # movement in box sizes from one frame to the next that is still the same subject
LARGEST_CHANGE = 1.5  # and the ratio of its sizes
LONGEST_GAP_SECONDS = 0.5  # without a detection of the shown subject itself
LONGEST_LOOK_SECONDS = 0.35  # from one detection to the next, where no detector looked in between
GUARD_SECONDS = 0.1  # covered on both sides of whatever is doubtful: boxes lag behind what they follow
Mask = NDArray[np.bool_]


def exempt_frames(track: Track, anchor: int, analysis: Analysis) -> FrameArray:
    """Frames, ascending, in which ``track`` is surely the subject that a person saw in frame ``anchor``.

    Empty when it is doubtful in the anchor itself.
    """
    start = track.position(anchor)
    runs = sure_runs(track, analysis)
    if start is None or runs[start] < 0:
        return np.zeros(0, np.int64)
    return np.asarray(track.frames[runs == runs[start]], np.int64)


def sure_runs(track: Track, analysis: Analysis) -> NDArray[np.int64]:
    """For each frame of ``track`` the number of the unbroken run it belongs to, ``(N,)``; -1 where it is not sure.

    All frames of a run surely show the same subject; two runs may show two.
    """
    rate = _rate(analysis)
    detected = _detected(track)
    cut = np.isin(track.frames, np.asarray(analysis.cuts, np.int64))
    new_look = _new_look(track, detected) & ~cut
    leap = (_leaps(track) | new_look) & ~cut
    unsure = _confusable(track, analysis) | leap | _before(leap) | _placed(track)
    doubtful = _widened(unsure, max(1, round(GUARD_SECONDS * rate)))
    sure = detected | _bridged(track, detected, new_look, rate, analysis)
    sure &= ~doubtful & ~np.isin(track.frames, np.asarray(analysis.unreadable, np.int64))
    joined = sure[1:] & sure[:-1] & ~(leap | cut)[1:]
    return np.where(sure, np.concatenate([[0], np.cumsum(~joined)]), -1)


def rivals(track: Track, analysis: Analysis) -> tuple[Track, ...]:
    """All tracks that bear on where it is sure who ``track`` is: of its kind, there when it is or a frame beside."""
    return tuple(
        other
        for other in (*analysis.tracks, *analysis.as_found)
        if other.id != track.id
        and other.kind is track.kind
        and other.first <= track.last + 1
        and other.last >= track.first - 1
    )


def _confusable(track: Track, analysis: Analysis) -> Mask:
    """Where another subject of the same kind is so near that the two may be taken for each other."""
    result = np.zeros(len(track.frames), np.bool_)
    low, high = _extent(track)
    for other in rivals(track, analysis):
        begin, end = _extent(other)
        if (begin >= high).any() or (end <= low).any():  # never in one place, at whatever times
            continue
        mine, theirs = track.together(other)
        apart = _seen_apart(track, other, mine, theirs, _rate(analysis))
        near = _smaller_overlaps(track.xyxy[mine], other.xyxy[theirs])
        result[mine] |= (near > CLOSE) | ((near > TOUCH) & ~apart)
        for step in (-1, 1):
            # Where the other one is a frame sooner or later: either may have taken the place of the other.
            mine, theirs = track.together(other, step)
            result[mine] |= _smaller_overlaps(track.xyxy[mine], other.xyxy[theirs]) > CLOSE
    return result


def _extent(track: Track) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Upper left and lower right corner of all its boxes together, ``(2,)`` each."""
    return track.xyxy[:, :2].min(axis=0), track.xyxy[:, 2:].max(axis=0)


def _seen_apart(track: Track, other: Track, mine: NDArray[np.intp], theirs: NDArray[np.intp], rate: float) -> Mask:
    """Where both are detected look after look, and were and will be in the frames beside: neither can stand for the
    other."""
    seen = _look_after_look(track, rate)[mine] & _look_after_look(other, rate)[theirs]
    if len(seen) == 0:
        return seen
    # One that comes up beside a subject, or is lost beside it, may have been taken for it.
    before = np.concatenate([[mine[0] == 0], seen[:-1]])
    after = np.concatenate([seen[1:], [mine[-1] == len(track.frames) - 1]])
    return np.asarray(seen & before & after, np.bool_)


def _look_after_look(track: Track, rate: float) -> Mask:
    """Detections and what lies between two in a row, where no detector looked: they do not look at every frame."""
    seen = _detected(track)
    if track.missed is None:
        return seen
    longest = max(1, round(LONGEST_LOOK_SECONDS * rate))
    missed = np.isin(track.frames, track.missed)
    for last, following in pairwise(np.nonzero(seen)[0]):
        if following - last <= longest and not missed[last:following].any():
            seen[last:following] = True
    return seen


def _detected(track: Track) -> Mask:
    return np.array([source is Source.DETECTED for source in track.sources], np.bool_)


def _placed(track: Track) -> Mask:
    """Where a person said where the subject is: that proves nothing about who it is."""
    return np.array([source is Source.MANUAL for source in track.sources], np.bool_)


def _rate(analysis: Analysis) -> float:
    return float(analysis.parameters.get(RATE, 25.0))


def _smaller_overlaps(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Intersection of each of ``a`` ``(N, 4)`` with its counterpart in ``b`` over the smaller area, ``(N,)``."""
    common = np.concatenate([np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])], axis=1)
    return np.asarray(areas(common) / np.maximum(np.minimum(areas(a), areas(b)), 1e-6), np.float32)


def _leaps(track: Track) -> Mask:
    """True where the step from the frame before to this one is farther or larger than a subject moves or grows."""
    centre = (track.xyxy[:, :2] + track.xyxy[:, 2:]) / 2
    size = np.sqrt(np.maximum(areas(track.xyxy), 1e-6))
    smaller = np.minimum(size[1:], size[:-1])
    jump = np.linalg.norm(np.diff(centre, axis=0), axis=1) > LARGEST_JUMP * smaller
    change = np.maximum(size[1:], size[:-1]) > LARGEST_CHANGE * smaller
    return np.concatenate([[False], jump | change | (np.diff(track.frames) > 1)])


def _new_look(track: Track, detected: Mask) -> Mask:
    """True at detections that look altogether different from those just before."""
    result = np.zeros(len(track.frames), np.bool_)
    if track.looks is not None:
        result[detected] = changed(track.looks[detected])
    return result


def _bridged(track: Track, detected: Mask, new_look: Mask, rate: float, analysis: Analysis) -> Mask:
    """Frames without a detection between two that surely are of the same subject.

    Without looks nobody knows. At the edge of the picture one who is missed may have left, and another come in.
    """
    result = np.zeros(len(track.frames), np.bool_)
    if track.looks is None:
        return result
    longest = round(LONGEST_GAP_SECONDS * rate)
    doubtful = _at_edge(track.xyxy, analysis.width, analysis.height) & ~_look_after_look(track, rate)
    for last, following in pairwise(np.nonzero(detected)[0]):
        gap = slice(last + 1, following)
        if following - last - 1 <= longest and not new_look[following] and not doubtful[gap].any():
            result[gap] = True
    return result


def _at_edge(xyxy: BoxArray, width: int, height: int) -> Mask:
    return np.asarray((xyxy[:, :2] <= 0).any(axis=1) | (xyxy[:, 2] >= width) | (xyxy[:, 3] >= height), np.bool_)


def _before(leap: Mask) -> Mask:
    """The frames from which the doubtful steps start."""
    return np.concatenate([leap[1:], [False]])


def _widened(doubtful: Mask, frames: int) -> Mask:
    """``doubtful`` and so many ``frames`` on both sides."""
    return np.asarray(np.convolve(doubtful, np.ones(2 * frames + 1))[frames:-frames] > 0.5, np.bool_)
