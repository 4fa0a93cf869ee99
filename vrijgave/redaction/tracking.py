"""Links detections over time, forward and backward. It adds and never removes: a detection is always covered.

A link is made only where it is clear which detection belongs to which track; where two would fit, both tracks end
and new ones start, so that a number never passes from one person to another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, Source, SubjectKind, Track
from vrijgave.redaction.detectors.base import STANDS_ALONE
from vrijgave.redaction.geometry import affinities, covered_shares, inside_share
from vrijgave.redaction.growth import Grown
from vrijgave.redaction.looks import Album
from vrijgave.redaction.motion import Motion

LARGEST_GROWTH = 1.4  # ratio of sizes up to which a box grows without a detection
OWN_NOW = 0.5  # weight of the last step in a subject's own movement
REPLACED = 0.7  # share of an ended track's box within a new detection from which nothing of it has to go on


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """How long a subject is followed where the detector does not see it, in seconds."""

    rate: float = 25.0
    """Frames a second of the clip."""
    start: Mapping[SubjectKind, float] = field(default_factory=lambda: {SubjectKind.FACE: 0.25, SubjectKind.PLATE: 0.6})
    """Scores from which a detection stands on its own; weaker ones only prolong a track."""
    start_large: Mapping[SubjectKind, float] = field(default_factory=lambda: dict(STANDS_ALONE))
    """The same for what is large: a detector is sure of a large subject, and a false one hides much of the picture."""
    large: tuple[float, float] = (0.12, 0.25)
    """Heights, as shares of the picture's, between which a subject comes to count as large."""
    longest_reach: float = 2.0
    shortest_reach: Mapping[SubjectKind, float] = field(
        default_factory=lambda: {SubjectKind.FACE: 0.25, SubjectKind.PLATE: 1.0}
    )
    frames_per_hit: Mapping[SubjectKind, int] = field(
        default_factory=lambda: {SubjectKind.FACE: 3, SubjectKind.PLATE: 6}
    )
    """Each detection makes a subject surer, and so lets it be followed for this many frames more; a plate is found
    more seldom than a face, but does not turn."""
    reach_large: float = 0.3
    """How long what is large is followed at least: it is found in almost every look while it is there."""
    blind_reach: float = 0.4
    """How long without a detection and without sure motion."""
    least_affinity: float = 0.25
    ambiguity: float = 0.7
    """A second candidate that fits this share as well as the best makes the link ambiguous."""

    def frames(self, seconds: float) -> int:
        """Whole frames, at least two."""
        return max(2, round(seconds * self.rate))

    def starts(self, kind: SubjectKind, heights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score from which each of detections with these ``heights`` (shares of the picture's) stands on its own."""
        return np.interp(heights, self.large, (self.start[kind], self.start_large[kind])).astype(np.float32)

    def least_reach(self, kind: SubjectKind, height: float) -> int:
        """Frames for which a subject of this ``height`` (share of the picture's) is followed after one detection."""
        seconds = self.shortest_reach[kind]
        return self.frames(float(np.interp(height, self.large, (seconds, min(seconds, self.reach_large)))))

    def parameters(self) -> dict[str, float | int | str]:
        """Plain values for the record of a run."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "rate"}
        values["large"] = "{}..{}".format(*self.large)
        plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
        by_kind = {name: value for name, value in values.items() if isinstance(value, Mapping)}
        return plain | {f"{name}_{kind.value}": v for name, value in by_kind.items() for kind, v in value.items()}


@dataclass(slots=True, eq=False)
class _Open:
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
    first_seen: BoxArray = field(init=False)
    last_seen: BoxArray = field(init=False)

    def __post_init__(self) -> None:
        self.first_seen = self.last_seen = self.boxes[0]

    @property
    def last(self) -> int:
        """Last frame."""
        return self.first + len(self.boxes) - 1

    def append(self, box: BoxArray, score: float) -> None:
        """Add the next frame; a score of 0 is a filled one."""
        self.boxes.append(box if score > 0 else _held(box, self.last_seen))
        self.scores.append(score)
        if score > 0:
            self.hits += 1
            self.last_hit = self.last
            self.last_seen = box
            self.blind = 0

    def prepend(self, box: BoxArray, score: float) -> None:
        """Add the frame before the first."""
        self.boxes.appendleft(box if score > 0 else _held(box, self.first_seen))
        self.scores.appendleft(score)
        self.first -= 1
        if score > 0:
            self.hits += 1
            self.first_hit = self.first
            self.first_seen = box
            self.blind_before = 0

    def moved(self, from_camera: BoxArray) -> None:
        """Learn from the last step, ``from_camera`` being where the camera alone would have brought it."""
        shift = (self.boxes[-1] - from_camera).reshape(2, 2).mean(axis=0)
        self.own = (OWN_NOW * np.tile(shift, 2) + (1 - OWN_NOW) * self.own).astype(np.float32)


class Tracker:
    """Feed it the detections of each frame in order; ``finish`` gives the tracks."""

    def __init__(self, settings: TrackingSettings, width: int, height: int) -> None:
        self._settings = settings
        self._size = (width, height)
        self._open: list[_Open] = []
        self._ended: list[_Open] = []
        self._weak: dict[int, list[tuple[SubjectKind, BoxArray, float]]] = {}

    def step(self, frame: int, found: Mapping[SubjectKind, Detections], motion: Motion) -> None:
        """Take in the detections of ``frame``; ``found`` lacks the kinds that were not looked for in it."""
        from_camera = motion.camera(self._last_boxes())
        predicted = self._predict(motion, from_camera)
        stood = dict(zip(map(id, self._open), from_camera, strict=True))
        survivors: list[_Open] = []
        for kind in SubjectKind:
            members = [i for i, track in enumerate(self._open) if track.kind is kind]
            tracks = [self._open[i] for i in members]
            survivors += self._link(frame, kind, tracks, predicted[members], found.get(kind), motion)
        self._open = survivors
        for track in survivors:
            if id(track) in stood:
                track.moved(stood[id(track)])

    def cut(self) -> None:
        """The picture changes altogether: no track passes."""
        self._ended += self._open
        self._open = []
        self._weak.clear()

    def finish(self, album: Album | None = None) -> tuple[Track, ...]:
        """All tracks, grown to what has to be covered, numbered from 1 in order of appearance.

        ``album`` holds the looks of the detections, which the tracks keep.
        """
        self.cut()
        self._ended.sort(key=lambda track: (track.first, track.first_hit, float(track.boxes[0][0])))
        grown = Grown(*self._size)
        return tuple(_closed(number, track, grown, album) for number, track in enumerate(self._ended, start=1))

    def _last_boxes(self) -> BoxArray:
        return np.stack([track.boxes[-1] for track in self._open]) if self._open else np.zeros((0, 4), np.float32)

    def _predict(self, motion: Motion, from_camera: BoxArray) -> BoxArray:
        """Where each open track is now: where its picture went, or else the camera and its own movement bring it."""
        if not self._open:
            return from_camera
        moved = motion.forward(self._last_boxes())
        for i, track in enumerate(self._open):
            if moved.sure[i]:
                track.blind = 0
            else:
                track.blind += 1
                moved.xyxy[i] = from_camera[i] + track.own
        return moved.xyxy

    def _link(
        self,
        frame: int,
        kind: SubjectKind,
        tracks: list[_Open],
        predicted: BoxArray,
        found: Detections | None,
        motion: Motion,
    ) -> list[_Open]:
        """Tracks of one kind that stay open after ``frame``."""
        if found is None:
            return self._prolong(frame, tracks, predicted)
        heights = (found.xyxy[:, 3] - found.xyxy[:, 1]) / np.float32(self._size[1])
        strong = found.scores >= self._settings.starts(kind, heights)
        taken, ambiguous = self._match(frame, tracks, predicted, found, strong)
        for i, j in taken.items():
            _close_gap(tracks[i], found.xyxy[j], predicted[i])
            tracks[i].append(found.xyxy[j].copy(), float(found.scores[j]))
        rest = [i for i in range(len(tracks)) if i not in taken and i not in ambiguous]
        kept = [tracks[i] for i in taken]
        for track in kept:
            self._reach_back(track, motion)
        kept += self._prolong(frame, [tracks[i] for i in rest], predicted[rest])
        self._ended += [tracks[i] for i in ambiguous]
        replaced = covered_shares(predicted, found.xyxy[strong]).max(axis=1, initial=0) >= REPLACED
        kept += [_under_new_number(frame, tracks[i], predicted[i]) for i in sorted(ambiguous) if not replaced[i]]
        used = set(taken.values())
        for j in range(len(found)):
            if j not in used and strong[j]:
                kept.append(self._started(frame, kind, found.xyxy[j], float(found.scores[j]), motion))
        self._remember_weak(frame, kind, found, [j for j in range(len(found)) if j not in used and not strong[j]])
        return kept

    def _started(self, frame: int, kind: SubjectKind, box: BoxArray, score: float, motion: Motion) -> _Open:
        track = _Open(kind, frame, deque([box.copy()]), deque([score]), frame, frame)
        self._reach_back(track, motion)
        return track

    def _prolong(self, frame: int, tracks: Sequence[_Open], predicted: BoxArray) -> list[_Open]:
        """Fill ``frame`` for tracks without a detection in it, as long as their reach allows."""
        kept = []
        for track, box in zip(tracks, predicted, strict=True):
            near = frame - track.last_hit <= self._reach(track)
            if near and track.blind <= self._blind_limit() and inside_share(box, *self._size) > 0.1:
                track.append(box, 0.0)
                kept.append(track)
            else:
                self._ended.append(track)
        return kept

    def _reach(self, track: _Open) -> int:
        s = self._settings
        height = float(track.last_seen[3] - track.last_seen[1]) / self._size[1]
        wanted = s.least_reach(track.kind, height) + s.frames_per_hit[track.kind] * track.hits
        return min(wanted, s.frames(s.longest_reach))

    def _blind_limit(self) -> int:
        return self._settings.frames(self._settings.blind_reach)

    def _match(
        self,
        frame: int,
        tracks: Sequence[_Open],
        predicted: BoxArray,
        found: Detections,
        strong: NDArray[np.bool_],
    ) -> tuple[dict[int, int], set[int]]:
        """Links track -> detection, one to one, and the tracks that end because more than one link would fit."""
        fit = affinities(predicted, found.xyxy)
        fit[fit < self._settings.least_affinity] = 0
        ages = np.array([frame - track.last_hit for track in tracks], np.int64)
        taken: dict[int, int] = {}
        ambiguous: set[int] = set()
        for stage in (strong, ~strong):
            self._match_stage(np.where(stage[None, :], fit, 0), ages, taken, ambiguous)
        return taken, ambiguous

    def _match_stage(
        self, fit: NDArray[np.float32], ages: NDArray[np.int64], taken: dict[int, int], ambiguous: set[int]
    ) -> None:
        fit[[*taken, *ambiguous], :] = 0
        while fit.size and fit.max() > 0:
            i, j = (int(v) for v in np.unravel_index(int(np.argmax(fit)), fit.shape))
            limit = self._settings.ambiguity * fit[i, j]
            contenders = [int(k) for k in np.nonzero(fit[:, j] >= limit)[0]]
            # What was seen just now goes before what has only been guessed for a while.
            fresh = [k for k in contenders if ages[k] <= ages[contenders].min() + 1]
            if len(fresh) > 1 or (np.delete(fit[fresh[0]], j) >= limit).any():
                ambiguous.update(fresh)
            else:
                taken[fresh[0]] = j
            fit[fresh, :] = 0
            fit[:, j] = 0

    def _reach_back(self, track: _Open, motion: Motion) -> None:
        """Fill the frames before the first detection as far as reach and pictures allow, through weak candidates."""
        while not track.sealed and track.first_hit - track.first < self._reach(track):
            moved = motion.backward(track.first, track.boxes[0][None])
            if moved is None:
                return
            box = moved.xyxy[0]
            track.blind_before = 0 if moved.sure[0] else track.blind_before + 1
            if track.blind_before > self._blind_limit() or inside_share(box, *self._size) <= 0.1:
                track.sealed = True
                return
            track.prepend(*self._weak_near(track, box))

    def _weak_near(self, track: _Open, box: BoxArray) -> tuple[BoxArray, float]:
        """The one weak candidate that lies where the track must have been, else ``box`` itself."""
        known = [w for w in self._weak.get(track.first - 1, []) if w[0] is track.kind]
        if not known:
            return box, 0.0
        fit = affinities(box[None], np.stack([w[1] for w in known]))[0]
        best = int(np.argmax(fit))
        clear = (np.delete(fit, best) < self._settings.ambiguity * fit[best]).all()
        if fit[best] < 2 * self._settings.least_affinity or not clear:
            return box, 0.0
        return known[best][1].copy(), known[best][2]

    def _remember_weak(self, frame: int, kind: SubjectKind, found: Detections, indices: Sequence[int]) -> None:
        self._weak.setdefault(frame, []).extend((kind, found.xyxy[j], float(found.scores[j])) for j in indices)
        self._weak.pop(frame - self._settings.frames(self._settings.longest_reach) - 1, None)


def _under_new_number(frame: int, track: _Open, box: BoxArray) -> _Open:
    """Goes on covering where a track ended in doubt, as a track of its own."""
    return _Open(track.kind, frame, deque([box.copy()]), deque([0.0]), frame, track.last_hit, track.hits, sealed=True)


def _held(box: BoxArray, seen: BoxArray) -> BoxArray:
    """``box`` about its centre, no larger than what was last detected can have become: errors of flow add up."""
    centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    half = np.minimum(size, (seen[2:] - seen[:2]) * LARGEST_GROWTH) / 2
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


def _close_gap(track: _Open, hit: BoxArray, predicted: BoxArray) -> None:
    """Spread the error of the filled frames since the last detection over them, more the later they are."""
    gap = min(track.last - track.last_hit, len(track.boxes) - 1)
    for step in range(1, gap + 1):
        index = len(track.boxes) - 1 - gap + step
        track.boxes[index] = (track.boxes[index] + (hit - predicted) * (step / (gap + 1))).astype(np.float32)


def _closed(number: int, track: _Open, grown: Grown, album: Album | None) -> Track:
    boxes = np.stack(list(track.boxes)).astype(np.float32)
    scores = np.asarray(list(track.scores), np.float32)
    frames = np.arange(track.first, track.last + 1, dtype=np.int64)
    return Track(
        number,
        track.kind,
        frames,
        grown.boxes(track.kind, boxes, scores > 0),
        scores,
        tuple(Source.DETECTED if score > 0 else Source.TRACKED for score in scores),
        album.looks(track.kind, frames, boxes, scores > 0) if album else None,
        album.missed(track.kind, frames, scores > 0) if album else None,
    )
