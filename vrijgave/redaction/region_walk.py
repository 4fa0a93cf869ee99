"""One box followed through pictures in either order, and covered on for a while where its place is not sure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vrijgave.domain.regions import End
from vrijgave.domain.tracks import BoxArray, Image
from vrijgave.redaction.appearance import Appearance
from vrijgave.redaction.geometry import inside_share
from vrijgave.redaction.motion import FlowMotion

BLIND_GROWTH = 0.03  # of the size for each frame without a sure place ...
MOST_GROWTH = 0.6  # ... up to this
SURE = 0.6  # likeness (correlation) from which a place is sure by itself ...
SURE_WITH_FLOW = 0.35  # ... or together with sure flow
FOUND_AGAIN = 0.75  # likeness that ends a time without a sure place
LEFT = 0.3  # share of the box in the picture below which the subject has left
NEAR_EDGE = 0.25  # box sizes from the edge within which a subject that is lost has left


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One frame for following: ``grey`` uint8, ``cut`` where a new scene begins; None where it was not decoded."""

    index: int
    grey: Image | None
    cut: bool


@dataclass(slots=True, eq=False)
class Way:
    """One direction from one drawn box: boxes and scores frame by frame, the drawn one first."""

    frame: int
    boxes: list[BoxArray]
    scores: list[float] = field(default_factory=lambda: [1.0])
    end: End | None = None

    def append(self, box: BoxArray, score: float) -> None:
        """The next frame."""
        self.boxes.append(box)
        self.scores.append(score)

    def close(self, end: End) -> None:
        """Nothing follows any more."""
        self.end = self.end or end


class Walk:
    """Follows one box through pictures in either order."""

    def __init__(self, start: Picture, box: BoxArray, *, scale: float, blind_limit: int, limit: int | None) -> None:
        """From ``box``, in pixels of the footage, on the picture ``start``, which is ``scale`` times as large.

        Through ``limit``, where given, the box is held however long it is not sure; else for ``blind_limit`` frames.
        """
        self.way = Way(start.index, [box])
        self._scale = np.float32(scale)
        self._limit = limit
        self._blind_limit = blind_limit
        self._motion = FlowMotion(2)
        self._appearance: Appearance | None = None
        self._box = box * self._scale
        self._last_sure = self._box
        self._velocity = np.zeros(4, np.float32)
        self._blind = 0
        self._extent = (0, 0)
        self._look(start)
        if start.index == limit:
            self.way.close(End.GIVEN)

    def take(self, picture: Picture) -> None:
        """The next picture in this walk's direction."""
        if self.way.end is not None:
            return
        known = self._appearance
        if picture.grey is None or known is None:
            self._look(picture)
            self._hold()
        else:
            self._step(picture.index, picture.grey, known)
        if self.way.end is None and picture.index == self._limit:
            self.way.close(End.GIVEN)

    def _look(self, picture: Picture) -> None:
        """Begin from a picture, the drawn frame's if it could be decoded."""
        if picture.grey is not None:
            self._extent = (picture.grey.shape[1], picture.grey.shape[0])
            self._motion.add(picture.index, picture.grey)
            self._appearance = Appearance(picture.grey, self._box)

    def _step(self, frame: int, grey: Image, known: Appearance) -> None:
        self._motion.add(frame, grey)
        moved = self._motion.forward(self._box[None])
        flow_sure = bool(moved.sure[0]) and self._blind == 0
        guess = moved.xyxy[0] if flow_sure else self._box + self._velocity
        place, likeness = known.near(grey, guess, self._blind)
        needed = FOUND_AGAIN if self._blind else SURE
        if likeness >= needed:
            self._sure(place, likeness)
            known.update(grey, place, likeness)
        elif flow_sure and likeness >= SURE_WITH_FLOW:
            self._sure(guess, likeness)
        else:
            self._hold()
        if inside_share(self._box, *self._extent) < LEFT:
            self.way.close(End.EDGE)

    def _sure(self, box: BoxArray, likeness: float) -> None:
        if self._blind:
            self._bridge(box)
        else:
            shift = (box - self._last_sure).reshape(2, 2).mean(axis=0)
            self._velocity = np.tile(shift, 2).astype(np.float32)
        self._blind = 0
        self._box = self._last_sure = box
        self.way.append(box / self._scale, max(likeness, SURE_WITH_FLOW))

    def _hold(self) -> None:
        """No sure place: cover where it was and where it may have gone, ever wider."""
        self._blind += 1
        self._velocity = (self._velocity * np.float32(0.8)).astype(np.float32)
        self._box = self._box + self._velocity
        both = np.concatenate([np.minimum(self._box, self._last_sure)[:2], np.maximum(self._box, self._last_sure)[2:]])
        size = (self._last_sure[2:] - self._last_sure[:2]) * min(BLIND_GROWTH * self._blind, MOST_GROWTH) / 2
        self.way.append(((both + np.concatenate([-size, size])) / self._scale).astype(np.float32), 0.0)
        if self._blind >= self._blind_limit and self._limit is None:
            self.way.close(End.EDGE if self._near_edge() else End.LOST)

    def _near_edge(self) -> bool:
        x0, y0, x1, y1 = (float(v) for v in self._box)
        near = NEAR_EDGE * min(x1 - x0, y1 - y0)
        return min(x0, y0, self._extent[0] - x1, self._extent[1] - y1) < near

    def _bridge(self, box: BoxArray) -> None:
        """Found again: the frames between cover the straight way as well as what they covered already."""
        for back in range(1, self._blind + 1):
            share = np.float32(back / (self._blind + 1))
            between = (box * (1 - share) + self._last_sure * share) / self._scale
            held = self.way.boxes[-back]
            low, high = np.minimum(held, between)[:2], np.maximum(held, between)[2:]
            self.way.boxes[-back] = np.concatenate([low, high]).astype(np.float32)
