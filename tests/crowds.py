"""Worlds with known truth, for tests of exemptions: people as boxes on paths, with what a detector makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, Detections, Source, SubjectKind, Track
from vrijgave.redaction.geometry import covered_shares, inside_share
from vrijgave.redaction.looks import CELLS, Album
from vrijgave.redaction.motion import Moved
from vrijgave.redaction.plan import Coverage
from vrijgave.redaction.tracking import Tracker, TrackingSettings

WIDTH, HEIGHT = 640, 360
SOURCE = "a" * 64
Box = NDArray[np.float32]
Path = Callable[[int], tuple[float, float]]
"""Frame -> centre."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody whose face has its centre on ``path``; nearer persons (larger ``depth``) hide others."""

    path: Path
    size: float = 40.0
    depth: int = 0
    unseen: frozenset[int] = frozenset()
    """Frames in which the detector does not find this face though it is in view."""
    absent: frozenset[int] = frozenset()
    """Frames in which this person is not there."""
    colour: tuple[int, int, int] = (120, 140, 150)
    faceless: bool = False
    """A back: hides others and is never detected."""

    def box(self, frame: int) -> Box:
        """``(4,)``."""
        x, y = self.path(frame)
        half = self.size / 2
        return np.array([x - half, y - 1.2 * half, x + half, y + 1.2 * half], np.float32)


@dataclass(frozen=True, kw_only=True)
class World:
    """``count`` frames at ``rate`` a second. ``noise`` is the detector's error in box sizes."""

    people: tuple[Person, ...]
    count: int = 60
    rate: float = 25.0
    noise: float = 0.02
    seed: int = 0
    false_hits: tuple[tuple[int, float, float], ...] = ()
    """(frame, x, y) of a detection where nobody is."""
    cuts: tuple[int, ...] = ()
    looks_every: int = 1
    """Frames from one look of the detector to the next."""

    def visible(self, person: int, frame: int) -> bool:
        """Whether the larger part of a face is in view."""
        one = self.people[person]
        if frame in one.absent or inside_share(one.box(frame), WIDTH, HEIGHT) < 0.5:
            return False
        nearer = [p.box(frame) for p in self.people if p.depth > one.depth and frame not in p.absent]
        hidden = covered_shares(one.box(frame)[None], np.array(nearer, np.float32).reshape(-1, 4))
        return float(hidden.max(initial=0)) < 0.5

    def detected(self, person: int, frame: int) -> bool:
        """Whether the detector finds that face."""
        one = self.people[person]
        return not one.faceless and frame not in one.unseen and self.visible(person, frame)


def follow(world: World, *, careless: bool = False) -> Analysis:
    """What the real tracker makes of ``world``, with looks in the colours of the persons.

    ``careless``: it never ends a track in doubt, but links whatever fits best; numbers pass from one to another.
    """
    rng = np.random.default_rng(world.seed)
    doubt = {"ambiguity": 1.0} if careless else {}
    tracker = Tracker(TrackingSettings(rate=world.rate, **doubt), WIDTH, HEIGHT)
    motion, album = Nearest(world), PaintedAlbum()
    for frame in range(world.count):
        if frame in world.cuts:
            tracker.cut()
        motion.frame = frame
        looked = frame % world.looks_every == 0
        found = {SubjectKind.FACE: _detections(world, frame, rng, album)} if looked else {}
        tracker.step(frame, found, motion)
    return Analysis(
        source_sha256=SOURCE, width=WIDTH, height=HEIGHT, frame_count=world.count, tracks=tracker.finish(album),
        cuts=world.cuts, parameters={"frame_rate": world.rate},
    )  # fmt: skip


def _detections(world: World, frame: int, rng: np.random.Generator, album: PaintedAlbum) -> Detections:
    boxes, colours = [], []
    for i, person in enumerate(world.people):
        jitter = rng.normal(0, world.noise * person.size, 4)
        if world.detected(i, frame):
            boxes.append(person.box(frame) + jitter)
            colours.append(person.colour)
    for when, x, y in world.false_hits:
        if when == frame:
            boxes.append(np.array([x - 20, y - 24, x + 20, y + 24]))
            colours.append((90, 128, 128))
    found = Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.8, np.float32))
    album.paint(frame, found, colours)
    return found


class PaintedAlbum(Album):
    """Looks without pictures."""

    def paint(self, frame: int, found: Detections, colours: Sequence[tuple[int, int, int]]) -> None:
        """Every detection looks like its colour (CIE L*a*b*)."""
        self._looked.setdefault(SubjectKind.FACE, []).append(frame)
        looks = np.zeros((len(found), CELLS, CELLS, 3), np.uint8)
        for i, colour in enumerate(colours):
            looks[i] = colour
        self._pages[frame, SubjectKind.FACE] = (found.xyxy, looks)


class Nearest:
    """Motion as optical flow sees it: a box moves with whoever is in front at its centre."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.frame = 0

    def camera(self, xyxy: Box) -> Box:
        """The camera stands still."""
        return xyxy.copy()

    def camera_backward(self, _frame: int, xyxy: Box) -> Box:
        """The camera stands still."""
        return xyxy.copy()

    def forward(self, xyxy: Box) -> Moved:
        """Boxes of the frame before, in the current frame."""
        return self._moved(xyxy, self.frame - 1, self.frame)

    def backward(self, frame: int, xyxy: Box) -> Moved | None:
        """Boxes of ``frame``, in the frame before it."""
        start = max((c for c in self._world.cuts if c <= frame), default=0)
        return self._moved(xyxy, frame, frame - 1) if frame > start else None

    def _moved(self, xyxy: Box, source: int, target: int) -> Moved:
        moved, sure = xyxy.copy(), np.zeros(len(xyxy), np.bool_)
        for i, box in enumerate(xyxy):
            person = self._at((box[:2] + box[2:]) / 2, source)
            if person is not None and target not in person.absent:
                shift = (person.box(target) - person.box(source)).reshape(2, 2).mean(axis=0)
                moved[i], sure[i] = box + np.tile(shift, 2), True
        return Moved(moved.astype(np.float32), sure)

    def _at(self, point: Box, frame: int) -> Person | None:
        there = [
            p
            for p in self._world.people
            if frame not in p.absent and (p.box(frame)[:2] <= point).all() and (point <= p.box(frame)[2:]).all()
        ]
        return max(there, key=lambda p: p.depth, default=None)


def owner(world: World, track: Track, frame: int) -> int | None:
    """Whose face a track's detection in ``frame`` is; None without one."""
    i = track.position(frame)
    if i is None or track.sources[i] is not Source.DETECTED:
        return None
    centre = (track.xyxy[i, :2] + track.xyxy[i, 2:]) / 2
    near = [
        (float(np.linalg.norm((p.box(frame)[:2] + p.box(frame)[2:]) / 2 - centre)), n)
        for n, p in enumerate(world.people)
        if world.detected(n, frame)
    ]
    distance, nearest = min(near, default=(np.inf, 0))
    return nearest if distance < world.people[nearest].size / 2 else None


def exposed(world: World, filled: Coverage, person: int, frame: int) -> float:
    """Share of a face in view that an exemption shows: inside a shown box and under no cover."""
    if not world.visible(person, frame) or world.people[person].faceless:
        return 0.0
    box = world.people[person].box(frame)
    x, y = (np.linspace(box[i], box[i + 2], 24) for i in (0, 1))
    points = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    nearer = [p.box(frame) for p in world.people if p.depth > world.people[person].depth and frame not in p.absent]
    shown, hidden = _inside(points, filled.shown(frame)), _inside(points, filled.boxes(frame))
    return float((shown & ~hidden & ~_inside(points, np.array(nearer, np.float32).reshape(-1, 4))).mean())


def _inside(points: Box, xyxy: Box) -> NDArray[np.bool_]:
    low, high = points[:, None] >= xyxy[None, :, :2], points[:, None] < xyxy[None, :, 2:]
    return np.asarray((low & high).all(axis=2).any(axis=1), np.bool_)


def tracks_of(world: World, analysis: Analysis, person: int) -> Mapping[int, tuple[int, ...]]:
    """Track id -> frames in which its detection is that person's face."""
    found = {t.id: tuple(f for f in t.frames.tolist() if owner(world, t, f) == person) for t in analysis.tracks}
    return {number: frames for number, frames in found.items() if frames}


def straight(start: tuple[float, float], speed: tuple[float, float]) -> Path:
    """At ``start`` in frame 0, moving ``speed`` pixels a frame."""
    return lambda frame: (start[0] + speed[0] * frame, start[1] + speed[1] * frame)


def there_and_back(start: tuple[float, float], speed: tuple[float, float], turn: int) -> Path:
    """Until frame ``turn`` as ``straight``, and the same way back."""
    return lambda frame: straight(start, speed)(turn - abs(frame - turn))


def without_looks(analysis: Analysis) -> Analysis:
    """As if nobody had kept how detections look."""
    return replace(analysis, tracks=tuple(replace(t, looks=None) for t in analysis.tracks))
