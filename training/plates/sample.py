"""One training sample: a scene with plates and with things that are none, as a camera saw it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.plates import geometry
from training.plates.camera import Camera, any_camera, shoot
from training.plates.geometry import Lens, Points
from training.plates.painting import Scene, any_pose, any_width, put_clutter, put_over, put_plate
from training.plates.scenery import Scenery
from training.plates.truth import ignored, is_visible
from training.plates.view import any_roll, any_view
from training.plates.weather import any_weather

SMALLEST = 11.0  # pixels along the plate from which a plate counts
LOWEST = 3.0  # pixels across from which a plate counts
_FEWEST = 8.0  # pixels of the sensor along the plate
_MOSTLY = 0.6  # share inside the picture from which a plate counts
_SMEARED = 0.45  # length of the blur, in widths, from which a plate can no longer be told
_PLATES = (0.24, 0.52, 0.15, 0.06, 0.03)  # chances of 0, 1, ... plates
_CLUTTER = (0.30, 0.25, 0.20, 0.12, 0.08, 0.05)  # chances of 0, 1, ... other things


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture and its truth; pixel (i, j) covers i..i+1, j..j+1."""

    image: NDArray[np.uint8]  # (S, S, 3) BGR
    quads: NDArray[np.float32]  # (N, 4, 2), corners clockwise from the plate's own top left
    ignore: NDArray[np.float32]  # (M, 4) xyxy: neither plate nor background


def make_sample(seed: Sequence[int], scenery: Scenery, size: int = 320) -> Sample:
    """The sample of a seed: the same for the same seed, pictures and fonts."""
    rng = np.random.default_rng(list(seed))
    widths = [any_width(rng) for _ in range(int(rng.choice(len(_PLATES), p=_PLATES)))]
    view = any_view(scenery, rng, (size, size), any_roll(rng), widths[0] if widths else None)
    scene = Scene(view, _any_lens(rng, size) if rng.random() < 0.25 else None)
    night = rng.random() < 0.2
    if night:
        scene.dark = float(10 ** rng.uniform(-1.5, -0.3))
        view.light *= np.float32(scene.dark)
    for _ in range(int(rng.choice(len(_CLUTTER), p=_CLUTTER))):
        put_clutter(scene, rng)
    for width in widths:
        shine = float(10 ** rng.uniform(-0.2, 1.6)) if night and rng.random() < 0.6 else 1.0
        if scene.real and rng.random() < 0.3:
            put_over(scene, int(rng.integers(scene.real)), rng, shine)
        else:
            put_plate(scene, any_pose(rng, width, view.roll), rng, shine=shine)
    any_weather(view.light, rng, night)
    camera = any_camera(rng, night, min(widths, default=60.0))
    if night:
        camera = replace(camera, exposure=camera.exposure * scene.dark ** -float(rng.uniform(0.2, 0.9)))
    return finish(scene, camera, rng)


def _any_lens(rng: np.random.Generator, size: int) -> Lens:
    k = float(rng.uniform(0.1, 0.9)) if rng.random() < 0.85 else float(rng.uniform(-0.08, 0))
    centre = rng.uniform(-0.4, 1.4, 2) * size if rng.random() < 0.6 else np.full(2, size / 2)
    return Lens.fitted(k, (float(centre[0]), float(centre[1])), size, size)


def finish(scene: Scene, camera: Camera, rng: np.random.Generator, every: bool = False) -> Sample:
    """Lens and camera over the scene; the truth goes the same way. With `every`, illegible plates count too."""
    lens, light = scene.lens, scene.view.light
    image = shoot(light if lens is None else lens.through(light), camera, rng)
    quads: list[Points] = []
    ignore = [area if lens is None else lens.seen(area) for area in scene.ignore]
    for quad, motion in scene.plates:
        seen = quad if lens is None else lens.seen(quad)
        share = geometry.inside(seen, *scene.size)
        if share >= _MOSTLY and (every or _is_legible(image, seen, camera, motion)):
            quads.append(seen)
        elif share > 0.01:
            ignore.append(seen)
    return Sample(image, np.asarray(quads, np.float32).reshape(-1, 4, 2), ignored(ignore, quads, scene.size))


def _is_legible(image: NDArray[np.uint8], quad: Points, camera: Camera, motion: float) -> bool:
    """Whether a plate can still be told to be one; `motion` is its own, in pixels."""
    width = geometry.along(quad)
    smear = max(float(np.hypot(np.hypot(*camera.motion), motion)), 2.5 * camera.defocus)
    large = width >= SMALLEST and geometry.across(quad) >= LOWEST and width / camera.shrink >= _FEWEST
    return large and smear < _SMEARED * width and is_visible(image, quad, camera.noise * camera.contrast * 255)
