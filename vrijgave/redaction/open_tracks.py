"""Tracks while they are followed: boxes and scores frame by frame, and what is known of their movement."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vrijgave.domain.tracks import BoxArray, Source, SubjectKind, Track
from vrijgave.redaction.growth import Grown
from vrijgave.redaction.looks import Album

LARGEST_GROWTH = 1.4  # ratio of sizes up to which a box grows without a detection
OWN_NOW = 0.5  # weight of the last step in a subject's own movement


@dataclass(slots=True, eq=False)
class OpenTrack:
    """A track that can still grow at its end, and at its start while the pictures are at hand."""

    kind: SubjectKind
    first: int
    boxes: deque[BoxArray]
    scores: deque[float]
    first_hit: int
    last_hit: int
    hits: int = 1
    blind: int = 0
    blind_before: int = 0
    sealed: bool = False
    """True: nothing may be added before the first frame."""
    own: BoxArray = field(default_factory=lambda: np.zeros(4, np.float32))
    """Its movement a frame beside that of the camera, as a shift of the four coordinates."""
    own_before: BoxArray = field(default_factory=lambda: np.zeros(4, np.float32))
    """The same before its first frame, backward in time."""
    first_seen: BoxArray = field(init=False)
    last_seen: BoxArray = field(init=False)

    def __post_init__(self) -> None:
        self.first_seen = self.last_seen = self.boxes[0]

    @classmethod
    def started(cls, kind: SubjectKind, frame: int, box: BoxArray, score: float) -> OpenTrack:
        """With its first detection."""
        return cls(kind, frame, deque([box.copy()]), deque([score]), frame, frame)

    @property
    def last(self) -> int:
        """Last frame."""
        return self.first + len(self.boxes) - 1

    def hit(self, box: BoxArray, score: float, predicted: BoxArray) -> None:
        """Add the next frame, in which it was detected though it was ``predicted`` elsewhere: the error is spread over
        the frames that were filled since the last detection, more the later they are."""
        gap = min(self.last - self.last_hit, len(self.boxes) - 1)
        for step in range(1, gap + 1):
            index = len(self.boxes) - 1 - gap + step
            self.boxes[index] = (self.boxes[index] + (box - predicted) * (step / (gap + 1))).astype(np.float32)
        self.fill(box.copy(), score)
        self.hits += 1
        self.last_hit = self.last
        self.last_seen = self.boxes[-1]
        self.blind = 0

    def fill(self, box: BoxArray, score: float = 0.0) -> None:
        """Add the next frame."""
        self.boxes.append(box)
        self.scores.append(score)

    def prepend(self, box: BoxArray, score: float) -> None:
        """Add the frame before the first; a score of 0 is a filled one."""
        self.boxes.appendleft(box if score > 0 else held(box[None], self.first_seen[None])[0])
        self.scores.appendleft(score)
        self.first -= 1
        if score > 0:
            self.hits += 1
            self.first_hit = self.first
            self.first_seen = box
            self.blind_before = 0

    def under_new_number(self, frame: int, box: BoxArray) -> OpenTrack:
        """Goes on covering where this one ended in doubt, as a track of its own."""
        boxes, scores = deque([box.copy()]), deque([0.0])
        return OpenTrack(self.kind, frame, boxes, scores, frame, self.last_hit, self.hits, sealed=True)

    def closed(self, number: int, grown: Grown, album: Album | None) -> Track:
        """What is handed out."""
        boxes = np.stack(list(self.boxes)).astype(np.float32)
        scores = np.asarray(list(self.scores), np.float32)
        frames = np.arange(self.first, self.last + 1, dtype=np.int64)
        return Track(
            number,
            self.kind,
            frames,
            grown.boxes(self.kind, boxes, scores > 0),
            scores,
            tuple(Source.DETECTED if score > 0 else Source.TRACKED for score in scores),
            album.looks(self.kind, frames, boxes, scores > 0) if album else None,
            album.missed(self.kind, frames, scores > 0) if album else None,
        )


def stacked(boxes: Sequence[BoxArray]) -> BoxArray:
    """Single boxes as one array ``(N, 4)``."""
    return np.stack(boxes) if boxes else np.zeros((0, 4), np.float32)


def held(xyxy: BoxArray, seen: BoxArray) -> BoxArray:
    """Boxes about their centres, none larger than what was last ``seen`` in its place can have become: errors of flow
    add up."""
    centre, size = (xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]
    half = np.minimum(size, (seen[:, 2:] - seen[:, :2]) * LARGEST_GROWTH) / 2
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def learn_movement(tracks: Sequence[OpenTrack], from_camera: BoxArray) -> None:
    """Take in the last step of each track; ``from_camera`` is where the camera alone would have brought them."""
    if not tracks:
        return
    own = own_movement(stacked([track.boxes[-1] for track in tracks]), from_camera, stacked([t.own for t in tracks]))
    for track, movement in zip(tracks, own, strict=True):
        track.own = movement


def own_movement(moved: BoxArray, from_camera: BoxArray, known: BoxArray) -> BoxArray:
    """What is ``known`` of movements beside the camera's, after one more step."""
    shift = (moved - from_camera).reshape(-1, 2, 2).mean(axis=1)
    return (OWN_NOW * np.tile(shift, 2) + (1 - OWN_NOW) * known).astype(np.float32)
