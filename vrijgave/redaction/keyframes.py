"""A track as a few boxes between which a straight line runs: what a person moves to correct it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vrijgave.domain.tracks import BoxArray, FrameArray

STEP = 0.1  # pixels; what is kept of a coordinate
SHARE = 0.08  # of a track's usual shorter side ...
LEAST = 2.0  # ... and pixels at least, within which a straight line is good enough


@dataclass(frozen=True, slots=True, eq=False)
class Keyframes:
    """``frames`` int64 ``(N,)`` strictly ascending, ``xyxy`` float32 ``(N, 4)``; straight lines run between them."""

    frames: FrameArray
    xyxy: BoxArray

    def expand(self) -> tuple[FrameArray, BoxArray]:
        """Every frame from the first to the last, and its box; holes of the track are filled too."""
        frames = np.arange(self.frames[0], self.frames[-1] + 1, dtype=np.int64)
        return frames, _on_lines(frames, self.frames, self.xyxy)

    def to_list(self) -> list[list[float]]:
        """``[frame, x0, y0, x1, y1]`` of each, for JSON."""
        boxes = np.round(self.xyxy.astype(np.float64), 1).tolist()
        return [[int(frame), *box] for frame, box in zip(self.frames, boxes, strict=True)]

    @classmethod
    def from_list(cls, rows: list[list[float]]) -> Keyframes:
        """Inverse of ``to_list``."""
        return cls(np.array([row[0] for row in rows], np.int64), np.array([row[1:] for row in rows], np.float32))


def reduced(frames: FrameArray, xyxy: BoxArray, tolerance: float) -> Keyframes:
    """The fewest splits by which no edge of any box lies more than ``tolerance`` pixels beside its line.

    First and last frame are always kept. ``tolerance`` is at least ``STEP``: coordinates are rounded to that.
    """
    if tolerance < STEP:
        raise ValueError(f"a tolerance of {tolerance} is below what is kept of a coordinate")
    rounded = (np.round(xyxy.astype(np.float64) / STEP) * STEP).astype(np.float32)
    kept, waiting = {0, len(frames) - 1}, [(0, len(frames) - 1)]
    while waiting:
        first, last = waiting.pop()
        inner = slice(first + 1, last)
        ends = [first, last]
        miss = np.abs(_on_lines(frames[inner], frames[ends], rounded[ends]) - xyxy[inner]).max(axis=1, initial=0)
        if miss.size and miss.max() > tolerance:
            split = first + 1 + int(np.argmax(miss))
            kept.add(split)
            waiting += [(first, split), (split, last)]
    order = sorted(kept)
    return Keyframes(frames[order], rounded[order])


def covering(frames: FrameArray, xyxy: BoxArray, tolerance: float) -> Keyframes:
    """As ``reduced``, with boxes so much larger that each original box lies within the expanded one."""
    keys = reduced(frames, xyxy, tolerance)
    more = np.float32(tolerance + STEP / 2)
    return Keyframes(keys.frames, (keys.xyxy + np.array([-more, -more, more, more])).astype(np.float32))


def tolerance_for(xyxy: BoxArray) -> float:
    """Pixels by which the boxes of a track may differ without anybody seeing it; what is hidden is grown by more."""
    return max(LEAST, SHARE * float(np.median((xyxy[:, 2:] - xyxy[:, :2]).min(axis=1))))


def _on_lines(at: FrameArray, frames: FrameArray, xyxy: BoxArray) -> BoxArray:
    return np.stack([np.interp(at, frames, xyxy[:, side]) for side in range(4)], axis=1).astype(np.float32)
