"""Samples for measures: one plate of a given width, roll, blur and light in a field of a given size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from training.plates.camera import Camera
from training.plates.geometry import Pose
from training.plates.painting import Scene, any_pose, put_clutter, put_plate
from training.plates.sample import Sample, finish
from training.plates.scenery import Scenery
from training.plates.view import any_view

Light = Literal["day", "dusk", "night", "infrared"]
_DARK: dict[Light, float] = {"day": 1.0, "dusk": 0.25, "night": 0.05, "infrared": 0.12}
_NOISE: dict[Light, float] = {"day": 0.008, "dusk": 0.02, "night": 0.04, "infrared": 0.03}


def trial(
    seed: Sequence[int],
    scenery: Scenery,
    width: float = 40,
    roll: float = 0.0,
    blur: float = 0.0,
    light: Light = "day",
    size: tuple[int, int] = (960, 544),
) -> Sample:
    """A field of `size` (width, height) with one drawn plate, `width` pixels along itself and turned by `roll` degrees.

    `blur` is the motion's length as a share of the width, in any direction. Real plates of the view come besides, as
    areas that do not count. The plate counts whatever the light does to it.
    """
    rng = np.random.default_rng([*seed, 17])
    scene = Scene(any_view(scenery, rng, size, float(roll), None), dark=_DARK[light])
    scene.view.light *= np.float32(scene.dark)
    scene.ignore += scene.leave_out_real()
    for _ in range(3):
        put_clutter(scene, rng)
    shine = float(10 ** rng.uniform(-0.1, 0.9)) if light in ("night", "infrared") else 1.0
    angle = rng.uniform(0, 2 * np.pi)
    motion = (float(blur * width * np.cos(angle)), float(blur * width * np.sin(angle)))
    _put_one(scene, any_pose(rng, width, roll), roll, motion, shine, rng)
    camera = Camera(
        exposure=scene.dark**-0.7,
        noise=_NOISE[light],
        chroma_noise=_NOISE[light] / 2,
        grey=light == "infrared",
        jpeg=int(rng.integers(60, 90)),
    )
    return finish(scene, camera, rng, every=True)


def _put_one(
    scene: Scene, pose: Pose, roll: float, motion: tuple[float, float], shine: float, rng: np.random.Generator
) -> None:
    """Put the plate wholly inside the field, where no real one is; after a while, anywhere inside."""
    mild = replace(pose, roll=roll, yaw=float(np.clip(pose.yaw, -20, 20)), pitch=float(np.clip(pose.pitch, -15, 10)))
    margin = 0.6 * mild.width + np.hypot(*motion)
    low, high = np.full(2, margin), np.array(scene.size) - margin
    for _ in range(20):
        if put_plate(scene, mild, rng, rng.uniform(low, high), motion, shine):
            return
    scene.taken.clear()
    put_plate(scene, mild, rng, rng.uniform(low, high), motion, shine)
