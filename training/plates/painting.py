"""A scene: a view into which plates and other things are put, in its light."""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import geometry
from training.plates.clutter import any_clutter
from training.plates.formats import any_format
from training.plates.geometry import Lens, Matrix, Points, Pose
from training.plates.plate import draw_plate, wear
from training.plates.surroundings import Patch, bare, mounted
from training.plates.vehicle import vehicle
from training.plates.view import View

# Widths along the plate in pixels: from where, and how often between there and the next.
WIDTHS = ((9.0, 0.05), (12.0, 0.15), (20.0, 0.40), (60.0, 0.23), (120.0, 0.17), (400.0, 0.0))
_BOARD_SEEN = 30.0  # pixels along it from which a board in a plate's shape can be told from a plate
_FINEST_VEHICLE = 0.3  # pixels a millimetre up to which whole vehicles are drawn
_TEXTURE = 1.4  # pixels of a thing's own picture to one of the scene

Picture = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Scene:
    """A view, the lens before it, and what has been put into it so far."""

    view: View
    lens: Lens | None = None
    dark: float = 1.0  # share of daylight that is left
    real: int = 0  # how many of `plates`, the first, are the view's own
    plates: list[tuple[Points, float]] = field(default_factory=list)  # before the lens; pixels each moves by itself
    ignore: list[Points] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ignore += self.view.ignore
        for quad in self.view.plates:
            self.add(quad, 0.0)
        self.real = len(self.plates)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.view.light.shape[1], self.view.light.shape[0]

    def is_free(self, points: Points) -> bool:
        """Whether no plate lies in the box around these points."""
        x0, y0, x1, y1 = geometry.bounds(points)
        return all(x1 < a or c < x0 or y1 < b or d < y0 for a, b, c, d in self.taken)

    def add(self, quad: Points, motion: float) -> None:
        """Take note of a plate, and let nothing cover it."""
        self.plates.append((quad, motion))
        self.taken.append(geometry.bounds(quad))

    def leave_out_real(self) -> list[Points]:
        """Take the view's own plates off the list; still nothing covers them."""
        left_out = [quad for quad, _ in self.plates[: self.real]]
        del self.plates[: self.real]
        self.real = 0
        return left_out


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
    yaw, pitch = float(np.clip(yaw, -62, 62)), float(np.clip(pitch, -45, 40))
    return Pose(width, float(roll + own), yaw, pitch, float(rng.uniform(3.5, 14)))


def any_motion(rng: np.random.Generator, width: float, direction: float) -> tuple[float, float]:
    """The move of a vehicle under a still camera: mostly along `direction` (radians), up to a quarter of the width."""
    if rng.random() < 0.7:
        return 0.0, 0.0
    length = rng.uniform(0, 0.25) * width
    angle = direction + (rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi))
    return float(length * np.cos(angle)), float(length * np.sin(angle))


def put_plate(
    scene: Scene,
    pose: Pose,
    rng: np.random.Generator,
    seen_at: Points | None = None,
    motion: tuple[float, float] | None = None,
    shine: float = 1.0,
) -> bool:
    """Draw one plate where it is `seen_at` (behind the lens), else anywhere; False where it would cover another.

    `shine` is the light that it throws back, against a thing of its colour.
    """
    spot, stretch = _spot(scene, rng, pose.roll, seen_at)
    plate = _any_plate(rng, pose.width * stretch / np.cos(np.radians(pose.yaw)))
    size = (plate.shape[1], plate.shape[0])
    stand = geometry.standing(replace(pose, width=pose.width * stretch), size, spot)
    # The longer side of a plate of two lines is about two thirds of that of one line.
    fine = size[0] / (520 if size[0] > 3 * size[1] else 320)
    on_vehicle = rng.random() < 0.4 and fine < _FINEST_VEHICLE
    for patch in (vehicle(rng, plate, fine) if on_vehicle else mounted(plate, rng), bare(plate)):
        middle = patch.place.mean(axis=0)
        matrix = stand @ geometry.shifted(-middle[0], -middle[1])
        outline = geometry.rectangle(0, 0, patch.cover.shape[1], patch.cover.shape[0])
        if scene.is_free(geometry.mapped(matrix, outline)):
            _lay(scene, patch, matrix, geometry.mapped(matrix, patch.place), rng, motion, shine)
            return True
    return False


def put_over(scene: Scene, number: int, rng: np.random.Generator, shine: float = 1.0) -> None:
    """Draw another plate over the real plate `number` of the view: what is around it stays real."""
    real, _ = scene.plates[number]
    patch = bare(_any_plate(rng, geometry.along(real)))
    grown = real.mean(axis=0) + (real - real.mean(axis=0)) * (1.05 + rng.uniform(0, 0.08))
    matrix = cv2.getPerspectiveTransform(patch.place.astype(np.float32), grown.astype(np.float32))
    scene.plates.pop(number)
    scene.real -= 1
    _lay(scene, patch, np.asarray(matrix, np.float64), grown, rng, None, shine)


def _lay(
    scene: Scene,
    patch: Patch,
    matrix: Matrix,
    quad: Points,
    rng: np.random.Generator,
    motion: tuple[float, float] | None,
    shine: float,
) -> None:
    way = quad[1] - quad[0]
    move = any_motion(rng, geometry.along(quad), float(np.arctan2(way[1], way[0]))) if motion is None else motion
    layer = _lit(scene, patch, quad.mean(axis=0), geometry.along(quad), shine, rng)
    geometry.paste(scene.view.light, layer, matrix, move)
    scene.add(quad, float(np.hypot(*move)))


def put_clutter(scene: Scene, rng: np.random.Generator) -> None:
    """Draw one thing that is no plate where no plate is."""
    patch, is_board = any_clutter(rng)
    spot, stretch = _spot(scene, rng, scene.view.roll)
    width = float(np.exp(rng.uniform(np.log(12), np.log(200)))) * stretch
    pose = any_pose(rng, width, scene.view.roll)
    rows, columns = patch.cover.shape
    matrix = geometry.standing(pose, (columns, rows), spot) @ geometry.shifted(-columns / 2, -rows / 2)
    quad = geometry.mapped(matrix, geometry.rectangle(0, 0, columns, rows))
    if not scene.is_free(quad):
        return
    fineness = _TEXTURE * width / np.cos(np.radians(pose.yaw)) / columns
    if fineness < 0.8:
        patch = _shrunk(patch, fineness)
        matrix = matrix @ np.diag([columns / patch.cover.shape[1], rows / patch.cover.shape[0], 1.0])
    geometry.paste(scene.view.light, _lit(scene, patch, spot, width, 1.0, rng), matrix)
    if is_board and width < _BOARD_SEEN * stretch:
        scene.ignore.append(quad)
        scene.taken.append(geometry.bounds(quad))


def _spot(scene: Scene, rng: np.random.Generator, roll: float, seen: Points | None = None) -> tuple[Points, float]:
    """Where a place of the picture is in the scene before the lens, and the lens's stretch there along `roll`."""
    seen = rng.uniform(0.02, 0.98, 2) * scene.size if seen is None else seen
    return (seen, 1.0) if scene.lens is None else (scene.lens.source(seen), scene.lens.stretch(seen, roll))


def _any_plate(rng: np.random.Generator, width: float) -> Picture:
    """A worn plate, drawn at about the fineness in which it will be seen: `width` pixels along."""
    flat = wear(draw_plate(any_format(rng), rng, 0.5 if width < 110 else 1.0), rng)
    factor = float(np.clip(_TEXTURE * width, 24, flat.shape[1])) / flat.shape[1]
    size = (round(flat.shape[1] * factor), max(4, round(flat.shape[0] * factor)))
    return np.asarray(cv2.resize(flat, size, interpolation=cv2.INTER_AREA), np.float32)


def _shrunk(patch: Patch, factor: float) -> Patch:
    rows, columns = patch.cover.shape
    size = (max(4, round(columns * factor)), max(4, round(rows * factor)))

    def less(picture: Picture) -> Picture:
        return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)

    return Patch(less(patch.image), less(patch.cover), patch.place, None if patch.glow is None else less(patch.glow))


def _lit(
    scene: Scene, patch: Patch, at: Points, reach: float, shine: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A patch as a premultiplied layer (h, w, 4) in the light that falls around `at`, within `reach` pixels."""
    light, reach = scene.view.light, max(12.0, reach)
    x0, y0 = (max(0, int(value - reach)) for value in at)
    near = light[y0 : max(0, int(at[1] + reach)), x0 : max(0, int(at[0] + reach))]
    mean, spread = cv2.meanStdDev(near if near.size else light)
    # A white thing is about as light as the lightest things around it, and seldom far from the whole's.
    bright = (float(mean.mean()) + 1.2 * float(spread.mean())) / 0.65
    wide = float(np.mean(cv2.mean(light)[:3])) * 2
    level = float(np.clip((0.6 * bright + 0.4 * wide) * np.exp(rng.normal(0, 0.25)), 0.3 * scene.dark, 1.3))
    level = min(level, 1.3)
    tone = mean[:, 0] + 0.02
    gain = (level * (tone / tone.mean()) ** rng.uniform(0, 0.5)).astype(np.float32)
    layer = np.empty((*patch.cover.shape, 4), np.float32)
    layer[..., 3] = patch.cover
    colours = patch.image * patch.image
    colours *= gain if patch.glow is None else gain + patch.glow[..., None]
    if shine != 1:
        x0, y0, x1, y1 = (round(value) for value in geometry.bounds(patch.place))
        colours[y0:y1, x0:x1] *= np.float32(shine)
    np.multiply(colours, patch.cover[..., None], out=layer[..., :3])
    return layer
