"""Who walks and what drives through the practice clip.

The letters of the plates hold vowels, which the Dutch register does not issue: no real car can carry them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vrijgave.domain.tracks import SubjectKind
from vrijgave.practice.drawing.people import PHASES, Look, standing, walking
from vrijgave.practice.drawing.sprites import Camera, Sprite, mirrored
from vrijgave.practice.drawing.vehicles import car

CAMERA = Camera(width=1280, height=720, horizon=120, focal=1000, above_ground=2.065)
_CYCLE_METRES = 1.3
"""Length of two steps."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where something is at ``at``, a share of the clip's length; in metres right of the middle and from the camera."""

    at: float
    across: float
    depth: float


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """Something that moves along straight lines between waypoints."""

    name: str
    kind: SubjectKind
    path: tuple[Waypoint, ...]
    looks: Callable[[float, float, float], Sprite]
    """Sprite for the metres moved so far, and the step that follows: metres to the right and to the back."""

    def where(self, at: float) -> tuple[float, float]:
        """Metres right of the middle and from the camera."""
        times = [p.at for p in self.path]
        return (
            float(np.interp(at, times, [p.across for p in self.path])),
            float(np.interp(at, times, [p.depth for p in self.path])),
        )

    def sprite(self, at: float) -> Sprite:
        """How the actor looks at that moment."""
        here, soon = self.where(at), self.where(at + 1e-3)
        return self.looks(self._moved(at), soon[0] - here[0], soon[1] - here[1])

    def _moved(self, at: float) -> float:
        corners = [self.where(p.at) for p in self.path if p.at < at]
        ways = [*corners, self.where(at)]
        return sum(math.dist(a, b) for a, b in pairwise(ways))


def _person(look: Look) -> Callable[[float, float, float], Sprite]:
    def looks(moved: float, right: float, back: float) -> Sprite:
        if math.hypot(right, back) < 1e-9:
            return standing(look)
        sprite = walking(look, round(moved / _CYCLE_METRES * PHASES), sideways=abs(right) > abs(back))
        return mirrored(sprite) if right < 0 and abs(right) > abs(back) else sprite

    return looks


def _parked(sprite: Sprite) -> Callable[[float, float, float], Sprite]:
    return lambda _moved, _right, _back: sprite


SUSPECT = Actor(
    "suspect",
    SubjectKind.FACE,
    (Waypoint(0, -1.30, 6.3), Waypoint(0.06, -1.30, 6.3), Waypoint(1, -0.75, 2.55)),
    _person(Look(jacket=(16, 112, 244), trousers=(92, 62, 42), hair=(0.36, 0.34, 0.38), beard=True)),
)
PASSERS_BY = (
    Actor(
        "shopper",
        SubjectKind.FACE,
        (Waypoint(0, 0.55, 5.9), Waypoint(0.8, 4.3, 5.9)),
        _person(Look(jacket=(72, 40, 160), trousers=(52, 46, 46), long_hair=True, bag=(64, 96, 136))),
    ),
    Actor(
        "man in a cap",
        SubjectKind.FACE,
        (Waypoint(0, -4.4, 5.8), Waypoint(0.5, -2.55, 5.8)),
        _person(
            Look(
                jacket=(134, 84, 44),
                trousers=(70, 70, 76),
                hair=(0.45, 0.42, 0.4),
                skin=(0.56, 0.62, 0.72),
                cap=(52, 44, 40),
                mirrored=True,
            )
        ),
    ),
    Actor(
        "woman in green",
        SubjectKind.FACE,
        (Waypoint(0, -1.95, 5.55), Waypoint(0.55, -4.4, 5.55)),
        _person(
            Look(
                jacket=(92, 122, 74),
                trousers=(104, 112, 122),
                long_hair=True,
                hair=(0.4, 0.58, 0.95),
                mirrored=True,
                slender=0.92,
            )
        ),
    ),
    Actor(
        "passer-by close to the camera",
        SubjectKind.FACE,
        (Waypoint(0.3, 1.75, 2.1), Waypoint(1, 0.15, 2.1)),
        _person(Look(jacket=(78, 70, 62), trousers=(112, 84, 60), hair=(1.2, 1.25, 1.22), slender=1.06)),
    ),
)
CARS = (
    Actor(
        "parked car",
        SubjectKind.PLATE,
        (Waypoint(0, 2.55, 5.2),),
        _parked(car((186, 190, 186), "14-IEP-2", from_behind=False)),
    ),
    Actor(
        "reversing car",
        SubjectKind.PLATE,
        (Waypoint(0.3, 0.5, 5.1), Waypoint(0.85, 0.5, 3.7)),
        _parked(car((122, 62, 40), "27-AEK-5", from_behind=True)),
    ),
)
ACTORS = (SUSPECT, *PASSERS_BY, *CARS)
