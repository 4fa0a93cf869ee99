"""A part of a photograph as the background of a scene: turned, scaled, with what is known in it."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import geometry
from training.plates.geometry import Matrix, Points
from training.plates.scenery import Entry, Scenery, drawn

Picture = NDArray[np.float32]
LARGEST_SCALE = 4.0  # a photograph is never enlarged more than this


@dataclass(slots=True, eq=False)
class View:
    """A background and what is known in it, in its own pixels."""

    light: Picture  # (H, W, 3), linear, 0..1
    roll: float  # degrees by which the upright of the world is turned, clockwise
    plates: list[Points] = field(default_factory=list)
    ignore: list[Points] = field(default_factory=list)


def any_roll(rng: np.random.Generator) -> float:
    """The roll of a whole scene: often upright, mostly to 45°, at times anything."""
    chance = rng.random()
    if chance < 0.35:
        return float(rng.normal(0, 3))
    return float(rng.uniform(-45, 45)) if chance < 0.94 else float(rng.uniform(-180, 180))


def any_view(
    scenery: Scenery, rng: np.random.Generator, size: tuple[int, int], roll: float, real_width: float | None
) -> View:
    """A view of `size` (width, height). `real_width` is the width wanted for a real plate, None to look for none."""
    number = _any_entry(scenery, rng, real_width is not None)
    if number is None:
        return View(_linear(drawn(rng, *size)), roll)
    entry = scenery.entries[number]
    matrix = _placed(entry, scenery.size(number), rng, size, roll, real_width)
    light = _balanced(_linear(_cropped(scenery, number, matrix, size, rng)), rng)
    view = View(light, roll, [geometry.mapped(matrix, quad) for quad in entry.plates])
    view.ignore = [geometry.mapped(matrix, geometry.rectangle(*box)) for box in entry.ignore]
    return view


def _any_entry(scenery: Scenery, rng: np.random.Generator, real: bool) -> int | None:
    if not scenery.entries or rng.random() < 0.03:
        return None
    chance = rng.random()
    pool = scenery.plain if chance < (0.45 if real else 0.75) else scenery.cars
    if real and chance > 0.7:
        pool = scenery.with_plates
    if not pool:
        return int(rng.integers(len(scenery.entries)))
    return pool[int(rng.integers(len(pool)))]


def _placed(
    entry: Entry,
    whole: tuple[int, int],
    rng: np.random.Generator,
    size: tuple[int, int],
    roll: float,
    real_width: float | None,
) -> Matrix:
    """From the photograph's pixels to the view's."""
    span = np.abs(geometry.turned(roll)[:2, :2].T) @ np.array(size) / 2  # half of what is seen, at scale 1
    middle = np.array(whole) / 2
    least = float((span / middle).max())  # scale from which no edge of the photograph shows
    scale = float(np.exp(rng.uniform(np.log(least), np.log(max(1.1, 1.6 * least)))))
    aim = None
    if real_width is not None and len(entry.plates):
        quad = entry.plates[int(rng.integers(len(entry.plates)))]
        scale = float(np.clip(real_width / max(geometry.along(quad), 1.0), 0.5 * least, LARGEST_SCALE))
        aim = quad.mean(axis=0) + rng.uniform(-0.85, 0.85, 2) * span / scale
    free = np.maximum(middle - span / scale, 0)
    centre = middle + rng.uniform(-1, 1, 2) * free if aim is None else np.clip(aim, middle - free, middle + free)
    # Text must not be mirrored, so only pictures that show no plates are.
    flip = np.diag([-1.0, 1.0, 1.0]) if not entry.is_marked and rng.random() < 0.5 else np.eye(3)
    there = geometry.shifted(size[0] / 2, size[1] / 2) @ geometry.turned(roll) @ geometry.scaled(scale) @ flip
    return np.asarray(there @ geometry.shifted(-centre[0], -centre[1]))


def _cropped(
    scenery: Scenery, number: int, matrix: Matrix, size: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.uint8]:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    whole = scenery.size(number)
    picture = scenery.picture(number, max(0, int(np.floor(np.log2(1 / scale) + 0.2))))
    finer = np.diag([whole[0] / picture.shape[1], whole[1] / picture.shape[0], 1.0])
    centred = (geometry.shifted(-0.5, -0.5) @ matrix @ finer @ geometry.shifted(0.5, 0.5))[:2]
    if not scenery.entries[number].is_marked:
        return np.asarray(cv2.warpAffine(picture, centred, size, borderMode=cv2.BORDER_REFLECT_101), np.uint8)
    # A mirrored edge would show plates without a label: what lies beyond is another picture.
    beyond = _other(scenery, size, rng)
    return np.asarray(cv2.warpAffine(picture, centred, size, dst=beyond, borderMode=cv2.BORDER_TRANSPARENT), np.uint8)


def _other(scenery: Scenery, size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    if not scenery.plain or rng.random() < 0.3:
        return drawn(rng, *size)
    picture = scenery.picture(scenery.plain[int(rng.integers(len(scenery.plain)))], 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _linear(image: NDArray[np.uint8]) -> Picture:
    light = image.astype(np.float32)
    light *= np.float32(1 / 255)
    return np.multiply(light, light, out=light)


def _balanced(light: Picture, rng: np.random.Generator) -> Picture:
    """Mostly the colour cast is taken out, in part: few cameras see through one windscreen."""
    if rng.random() < 0.7:
        means = np.array(cv2.mean(light)[:3]) + 1e-3
        light *= ((means.mean() / means) ** rng.uniform(0.5, 1.0)).astype(np.float32)
    return light
