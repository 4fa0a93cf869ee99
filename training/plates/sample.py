"""One training sample: a scene with plates and with things that are none, as a camera saw it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import geometry
from training.plates.camera import Camera, any_camera, for_night, shoot
from training.plates.clutter import any_clutter
from training.plates.formats import any_format
from training.plates.geometry import Lens, Matrix, Points, Pose
from training.plates.plate import draw_plate, wear
from training.plates.scenery import Photograph, Scenery, drawn
from training.plates.surroundings import Patch, bare, mounted

SMALLEST = 11.0  # pixels along the plate from which a plate counts
LOWEST = 3.0  # pixels across from which a plate counts
WIDTHS = (
    (9.0, 0.05),
    (12.0, 0.13),
    (20.0, 0.42),
    (60.0, 0.25),
    (120.0, 0.15),
    (400.0, 0.0),
)  # from, share until the next
_CROPPED = 0.6  # share inside the picture from which a plate counts
_SMEARED = 0.45  # length of the blur, in widths, from which a plate can no longer be told
_BLANK_SEEN = 30.0  # pixels from which a plate-like board can be told from a plate

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A picture and its truth; pixel (i, j) covers i..i+1, j..j+1."""

    image: NDArray[np.uint8]  # (S, S, 3) BGR
    quads: NDArray[np.float32]  # (N, 4, 2), corners clockwise from the plate's own top left
    ignore: NDArray[np.float32]  # (M, 4) xyxy: neither plate nor background


@dataclass(slots=True, eq=False)
class Scene:
    """Linear light (H, W, 3) and what has been put into it so far."""

    light: Picture
    lens: Lens | None = None
    plates: list[tuple[Points, float]] = field(default_factory=list)  # quad, pixels that it moves by itself
    ignore: list[Points] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.light.shape[1], self.light.shape[0]

    def is_free(self, points: Points) -> bool:
        """Whether nothing labelled lies in the box around these points."""
        x0, y0, x1, y1 = geometry.bounds(points)
        return all(x1 < a or c < x0 or y1 < b or d < y0 for a, b, c, d in self.taken)

    def take(self, points: Points) -> None:
        """Keep the box around these points from being covered."""
        self.taken.append(geometry.bounds(points))


def make_sample(seed: Sequence[int], scenery: Scenery, size: int = 320) -> Sample:
    """The sample of a seed: the same for the same seed, pictures and fonts."""
    rng = np.random.default_rng(list(seed))
    count = int(rng.choice(5, p=(0.24, 0.52, 0.15, 0.06, 0.03)))
    scene, roll, real = background(scenery, rng, size, size, count)
    if rng.random() < 0.25:
        scene.lens = _any_lens(rng, size)
    night = rng.random() < 0.2
    gain = 1.0
    if night:
        dark = float(10 ** rng.uniform(-1.5, -0.3))
        scene.light *= np.float32(dark)
        gain = dark ** -rng.uniform(0.2, 0.9)
    for _ in range(int(rng.choice(6, p=(0.3, 0.25, 0.2, 0.12, 0.08, 0.05)))):
        put_clutter(scene, roll, rng)
    widths = [any_width(rng) for _ in range(count)]
    for number, width in enumerate(widths):
        over = real[number] if number < len(real) and rng.random() < 0.5 else None
        put_plate(scene, any_pose(rng, width, roll), rng, night, over)
    camera = any_camera(rng, night, min(widths, default=60.0))
    return finish(scene, for_night(camera, gain) if night else camera, rng)


def any_width(rng: np.random.Generator) -> float:
    """A width along the plate in pixels, log-uniform within each step of WIDTHS."""
    step = int(rng.choice(len(WIDTHS) - 1, p=[share for _, share in WIDTHS[:-1]]))
    return float(np.exp(rng.uniform(np.log(WIDTHS[step][0]), np.log(WIDTHS[step + 1][0]))))


def any_pose(rng: np.random.Generator, width: float, roll: float) -> Pose:
    """A pose around the roll of the scene; mostly mild, at times extreme."""
    wide = rng.random() < 0.3
    yaw = rng.uniform(-60, 60) if wide else rng.normal(0, 18)
    pitch = rng.uniform(-40, 30) if wide else rng.normal(-8, 10)
    own = rng.normal(0, 3) if rng.random() < 0.8 else rng.uniform(-25, 25)
    yaw, pitch = float(np.clip(yaw, -65, 65)), float(np.clip(pitch, -50, 45))
    return Pose(width, float(roll + own), yaw, pitch, float(rng.uniform(3.5, 14)))


def _any_roll(rng: np.random.Generator) -> float:
    chance = rng.random()
    if chance < 0.35:
        return float(rng.normal(0, 3))
    return float(rng.uniform(-45, 45)) if chance < 0.94 else float(rng.uniform(-180, 180))


def _any_lens(rng: np.random.Generator, size: int) -> Lens:
    k = float(rng.uniform(0.1, 0.9)) if rng.random() < 0.85 else float(rng.uniform(-0.08, 0))
    centre = rng.uniform(-0.4, 1.4, 2) * size if rng.random() < 0.6 else np.full(2, size / 2)
    return Lens.fitted(k, (float(centre[0]), float(centre[1])), size, size)


def background(
    scenery: Scenery, rng: np.random.Generator, width: int, height: int, plates: int, roll: float | None = None
) -> tuple[Scene, float, list[Points]]:
    """A scene without anything drawn, its roll in degrees, and the real plates in it that may be drawn over."""
    roll = _any_roll(rng) if roll is None else roll
    picture = _any_picture(scenery, rng, plates)
    if picture is None:
        return Scene(_linear(drawn(rng, width, height))), roll, []
    matrix = _view(picture, rng, width, height, roll, plates)
    scene = Scene(_linear(_cropped(picture, matrix, width, height)))
    real = [geometry.mapped(matrix, quad) for quad in picture.plates.astype(float)]
    for box in picture.ignore.astype(float):
        scene.ignore.append(geometry.mapped(matrix, geometry.rectangle(*box)))
    for points in (*real, *scene.ignore):
        scene.take(points)
    scene.plates += [(quad, 0.0) for quad in real]
    return scene, roll, real


def _any_picture(scenery: Scenery, rng: np.random.Generator, plates: int) -> Photograph | None:
    if not scenery.entries or rng.random() < 0.03:
        return None
    pool: Sequence[int] = range(len(scenery.entries))
    if plates and scenery.marked and rng.random() < 0.3:
        pool = scenery.marked
    elif plates and scenery.cars and rng.random() < 0.4:
        pool = scenery.cars
    return scenery.photograph(pool[int(rng.integers(len(pool)))])


def _view(picture: Photograph, rng: np.random.Generator, width: int, height: int, roll: float, plates: int) -> Matrix:
    """From the photograph's pixels to the scene's: turned, scaled and, without known plates, perhaps mirrored."""
    rows, columns = picture.levels[0].shape[:2]
    turn = geometry.turned(roll)[:2, :2]
    half = np.abs(turn.T) @ (width / 2, height / 2)  # half of what the scene spans in the photograph, at scale 1
    least = max(2 * half[0] / columns, 2 * half[1] / rows)
    scale = float(np.exp(rng.uniform(np.log(least), np.log(max(1.1, 1.6 * least)))))
    centre = np.array((columns, rows)) / 2
    margin = np.maximum(centre - half / scale, 0)
    centre += rng.uniform(-1, 1, 2) * margin
    if len(picture.plates) and plates and rng.random() < 0.85:
        quad = picture.plates[int(rng.integers(len(picture.plates)))].astype(float)
        scale = float(np.clip(any_width(rng) / max(geometry.along(quad), 1.0), least * 0.7, 4.0))
        margin = np.maximum(np.array((columns, rows)) / 2 - half / scale, 0)
        wanted = quad.mean(axis=0) + rng.uniform(-0.8, 0.8, 2) * half / scale
        centre = np.clip(wanted, np.array((columns, rows)) / 2 - margin, np.array((columns, rows)) / 2 + margin)
    flip = np.eye(3)
    if not len(picture.plates) and rng.random() < 0.5:
        flip = np.diag([-1.0, 1.0, 1.0])
    middle = geometry.shifted(width / 2, height / 2) @ geometry.turned(roll) @ geometry.scaled(scale) @ flip
    return np.asarray(middle @ geometry.shifted(-centre[0], -centre[1]))


def _cropped(picture: Photograph, matrix: Matrix, width: int, height: int) -> NDArray[np.uint8]:
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    level = int(np.clip(np.floor(np.log2(1 / scale) + 0.2), 0, len(picture.levels) - 1))
    whole = matrix @ geometry.scaled(picture.levels[0].shape[1] / picture.levels[level].shape[1])
    centred = geometry.shifted(-0.5, -0.5) @ whole @ geometry.shifted(0.5, 0.5)
    # Beyond the edge of a picture with known plates a mirrored edge would show plates without a label.
    marked = len(picture.plates) or len(picture.ignore)
    edge = cv2.BORDER_REPLICATE if marked else cv2.BORDER_REFLECT_101
    return np.asarray(cv2.warpAffine(picture.levels[level], centred[:2], (width, height), borderMode=edge), np.uint8)


def _linear(image: NDArray[np.uint8]) -> Picture:
    whole = image.astype(np.float32) / np.float32(255)
    return whole * whole


def _spot(scene: Scene, rng: np.random.Generator) -> tuple[Points, Points, float]:
    """A place in the picture, where it is in the scene before the lens, and the lens's stretch there."""
    width, height = scene.size
    seen = rng.uniform(0.02, 0.98, 2) * (width, height)
    if scene.lens is None:
        return seen, seen, 1.0
    return seen, scene.lens.source(seen), scene.lens.stretch(seen)


def _lit(scene: Scene, patch: Patch, at: Points, plate_gain: float, rng: np.random.Generator) -> Picture:
    """A patch as a premultiplied layer (h, w, 4) in the light that falls around `at`."""
    x, y = (int(value) for value in at)
    near = scene.light[max(0, y - 40) : max(1, y + 40), max(0, x - 40) : max(1, x + 40)]
    near = near if near.size else scene.light
    bright = float(near.mean() + 1.2 * near.std()) / 0.65
    wide = float(scene.light[::8, ::8].mean() * 2.0)
    level = float(np.clip((0.6 * bright + 0.4 * wide) * np.exp(rng.normal(0, 0.25)), 0.004, 1.3))
    tone = near.reshape(-1, 3).mean(axis=0) + 0.02
    tint = (tone / tone.mean()) ** rng.uniform(0, 0.4)
    layer = np.empty((*patch.cover.shape, 4), np.float32)
    layer[..., 3] = patch.cover
    np.multiply(patch.image, patch.image, out=layer[..., :3])
    gain = (tint * level).astype(np.float32)
    if plate_gain != 1 and patch.plate is not None:
        x0, y0, x1, y1 = (round(value) for value in geometry.bounds(patch.plate))
        layer[y0:y1, x0:x1, :3] *= np.float32(plate_gain)
    own = 0 if patch.glow is None else patch.glow[..., None]
    layer[..., :3] *= (gain + own) * patch.cover[..., None]
    return layer


def put_plate(scene: Scene, pose: Pose, rng: np.random.Generator, night: bool, over: Points | None = None) -> None:
    """Draw one plate somewhere free in the scene, or over a real one."""
    kind = any_format(rng)
    flat = wear(draw_plate(kind, rng).image, rng)
    stretched = 1.0
    if over is None:
        _, spot, stretched = _spot(scene, rng)
        wanted = pose.width * stretched
    else:
        spot, wanted = over.mean(axis=0), geometry.along(over)
    fineness = float(np.clip(1.4 * wanted / np.cos(np.radians(pose.yaw)) / flat.shape[1], 24 / flat.shape[1], 1))
    size = (max(12, round(flat.shape[1] * fineness)), max(4, round(flat.shape[0] * fineness)))
    small = np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.float32)
    patch = bare(small) if over is not None else mounted(small, rng)
    assert patch.plate is not None
    local = patch.plate - patch.plate.mean(axis=0)
    if over is not None:
        grown = over.mean(axis=0) + (over - over.mean(axis=0)) * 1.06
        matrix = np.asarray(cv2.getPerspectiveTransform(patch.plate.astype(np.float32), grown.astype(np.float32)))
    else:
        standing = geometry.standing(
            Pose(wanted, pose.roll, pose.yaw, pose.pitch, pose.distance), (size[0], size[1]), spot
        )
        away = patch.plate.mean(axis=0)
        matrix = standing @ geometry.shifted(-away[0], -away[1])
    quad = geometry.mapped(matrix, patch.plate)
    if over is None and not scene.is_free(quad):
        return
    if over is not None:
        scene.plates = [entry for entry in scene.plates if entry[0] is not over]
    gain = float(10 ** rng.uniform(-0.2, 1.6)) if night and rng.random() < 0.6 else 1.0
    move = _own_motion(rng, geometry.along(quad), quad)
    geometry.paste(scene.light, _lit(scene, patch, spot, gain, rng), matrix, move)
    scene.plates.append((quad, float(np.hypot(*move))))
    scene.take(quad)
    del local


def _own_motion(rng: np.random.Generator, width: float, quad: Points) -> tuple[float, float]:
    """The move of a vehicle under a camera that stands still: mostly along the plate or towards the camera."""
    if rng.random() < 0.7:
        return 0.0, 0.0
    length = rng.uniform(0, 0.25) * width
    way = (quad[1] - quad[0]) / max(np.linalg.norm(quad[1] - quad[0]), 1e-6)
    angle = np.arctan2(way[1], way[0]) + (rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 6.3))
    return float(length * np.cos(angle)), float(length * np.sin(angle))


def put_clutter(scene: Scene, roll: float, rng: np.random.Generator) -> None:
    """Draw one thing that is no plate where nothing labelled lies."""
    patch, doubtful = any_clutter(rng)
    _, spot, stretch = _spot(scene, rng)
    width = float(np.exp(rng.uniform(np.log(12), np.log(200)))) * stretch
    pose = any_pose(rng, width, roll)
    rows, columns = patch.cover.shape
    matrix = geometry.standing(pose, (columns, rows), spot) @ geometry.shifted(-columns / 2, -rows / 2)
    quad = geometry.mapped(matrix, geometry.rectangle(0, 0, columns, rows))
    if not scene.is_free(quad):
        return
    fineness = 1.4 * width / np.cos(np.radians(pose.yaw)) / columns
    if fineness < 0.8:
        patch, shrunk = _shrunk(patch, fineness)
        matrix = matrix @ np.diag([1 / shrunk[0], 1 / shrunk[1], 1.0])
    geometry.paste(scene.light, _lit(scene, patch, spot, 1.0, rng), matrix)
    if doubtful and width < _BLANK_SEEN:
        scene.ignore.append(quad)
        scene.take(quad)


def _shrunk(patch: Patch, factor: float) -> tuple[Patch, tuple[float, float]]:
    rows, columns = patch.cover.shape
    size = (max(4, round(columns * factor)), max(4, round(rows * factor)))

    def less(picture: Picture) -> Picture:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)

    glow = None if patch.glow is None else less(patch.glow)
    return Patch(less(patch.image), less(patch.cover), None, glow), (size[0] / columns, size[1] / rows)


def finish(scene: Scene, camera: Camera, rng: np.random.Generator) -> Sample:
    """Lens and camera over the scene; the truth goes the same way."""
    width, height = scene.size
    light = scene.light if scene.lens is None else scene.lens.through(scene.light)
    image = shoot(light, camera, rng)
    global_motion = float(np.hypot(*camera.motion))
    quads: list[Points] = []
    ignore: list[tuple[float, float, float, float]] = []
    for quad, motion in scene.plates:
        seen = quad if scene.lens is None else scene.lens.seen(quad)
        share = geometry.inside(seen, width, height)
        if share <= 0.01:
            continue
        long = geometry.along(seen)
        fine = max(long / camera.shrink, 0)
        blurred = np.hypot(global_motion, motion) > _SMEARED * long or 2.5 * camera.defocus > _SMEARED * long
        if long < SMALLEST or geometry.across(seen) < LOWEST or share < _CROPPED or blurred or fine < 8:
            ignore.append(_clipped(geometry.bounds(seen), width, height))
        else:
            quads.append(seen)
    for points in scene.ignore:
        seen = points if scene.lens is None else scene.lens.seen(points)
        box = geometry.bounds(seen)
        if box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height:
            ignore.append(_clipped(box, width, height))
    return Sample(
        image,
        np.asarray(quads, np.float32).reshape(-1, 4, 2),
        np.asarray(ignore, np.float32).reshape(-1, 4),
    )


def _clipped(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = box
    return max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)
