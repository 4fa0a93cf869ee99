"""A vehicle's end as a few flat shapes: body, windows, lamps, bumper, wheels, and a place for the plate."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import lettering
from training.plates.geometry import rectangle
from training.plates.surroundings import PAINTS, Patch, add_holder

Picture = NDArray[np.float32]
Colour = NDArray[np.float64]
_WIDTH, _HEIGHT = 2100, 1750  # millimetres of ground and air that the drawing spans
_LETTERED = ("06-12345678", "www.klus.nl", "BAKKERIJ", "Transport", "020-5550100", "SERVICE", "KOERIER", "Schilders")


@dataclass(slots=True, eq=False)
class _Drawing:
    """The patch in the making; `fine` is pixels a millimetre."""

    patch: Patch
    fine: float
    rng: np.random.Generator

    def shape(self, corners: list[tuple[float, float]], colour: Colour, glow: float = 0.0, cover: float = 1.0) -> None:
        """A filled polygon, corners in millimetres from the top left."""
        points = np.round(np.array(corners) * self.fine * 8).astype(np.int32)
        cv2.fillPoly(self.patch.image, [points], colour.tolist(), cv2.LINE_AA, 3)
        cv2.fillPoly(self.patch.cover, [points], cover, cv2.LINE_AA, 3)
        if self.patch.glow is not None:
            cv2.fillPoly(self.patch.glow, [points], glow, cv2.LINE_AA, 3)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, cut: float = 0.0) -> None:
        """A filled rectangle with its corners cut off by `cut` millimetres."""
        edge = [(x0 + cut, y0), (x1 - cut, y0), (x1, y0 + cut), (x1, y1 - cut)]
        self.shape([*edge, (x1 - cut, y1), (x0 + cut, y1), (x0, y1 - cut), (x0, y0 + cut)], colour)


def vehicle(rng: np.random.Generator, plate: Picture | None, fine: float) -> Patch:
    """A car or van from behind or ahead, at `fine` pixels a millimetre, with its plate or with none (a negative)."""
    shape = (round(_HEIGHT * fine), round(_WIDTH * fine))
    whole = rectangle(0, 0, shape[1], shape[0])
    patch = Patch(np.zeros((*shape, 3), np.float32), np.zeros(shape, np.float32), whole, np.zeros(shape, np.float32))
    drawing = _Drawing(patch, fine, rng)
    paint = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.7, 1.1)
    _ground(drawing)
    middle, height = (_van if rng.random() < 0.25 else _car)(drawing, paint)
    _shade(patch, rng)
    if plate is None:
        return patch
    rows, columns = plate.shape[:2]
    x = int(np.clip(middle * fine - columns / 2, 1, shape[1] - columns - 1))
    y = int(np.clip(height * fine - rows / 2, 1, shape[0] - rows - 1))
    add_holder(patch, (x, y, columns, rows), rng)
    patch.image[y : y + rows, x : x + columns] = plate
    patch.cover[y : y + rows, x : x + columns] = 1
    assert patch.glow is not None
    patch.glow[y : y + rows, x : x + columns] = 0
    return Patch(patch.image, patch.cover, rectangle(x, y, x + columns, y + rows), patch.glow)


def _ground(drawing: _Drawing) -> None:
    """The shadow on the road and the wheels."""
    black = np.full(3, 0.03)
    size, fine = drawing.patch.cover.shape, drawing.fine
    centre = (round(1050 * fine), round(1660 * fine))
    cv2.ellipse(drawing.patch.cover, centre, (round(1000 * fine), round(80 * fine)), 0, 0, 360, 0.7, -1)
    drawing.patch.cover[:] = cv2.GaussianBlur(drawing.patch.cover, (0, 0), max(0.6, 0.02 * size[1]))
    for x in (230, 1650):
        drawing.box(x, 1300, x + 220, 1690, black, 40)


def _shade(patch: Patch, rng: np.random.Generator) -> None:
    """Lighter above than below, and a soft outline."""
    rows, columns = patch.cover.shape
    ramp = np.linspace(rng.uniform(0.9, 1.3), rng.uniform(0.5, 1.0), rows, dtype=np.float32)
    np.clip(patch.image * ramp[:, None, None], 0.01, 0.97, out=patch.image)
    patch.cover[:] = cv2.GaussianBlur(patch.cover, (0, 0), max(0.5, 0.003 * columns))


def _car(drawing: _Drawing, paint: Colour) -> tuple[float, float]:
    """A passenger car; gives where the middle of its plate belongs, in millimetres."""
    rng = drawing.rng
    roof, belt, sill = rng.uniform(180, 420), rng.uniform(700, 860), rng.uniform(1380, 1500)
    glass = np.full(3, rng.uniform(0.05, 0.35)) * (1.1, 1.0, 0.9)
    drawing.shape([(480, roof), (1620, roof), (1830, belt + 60), (270, belt + 60)], paint * 0.9)
    drawing.shape([(540, roof + 60), (1560, roof + 60), (1730, belt), (370, belt)], glass)
    if rng.random() < 0.6:
        light = np.clip(glass + rng.uniform(0.1, 0.5), 0, 0.9)
        drawing.shape([(560, roof + 70), (1300, roof + 70), (1000, belt - 150), (450, belt - 150)], light)
    drawing.box(180, belt, 1920, sill, paint, 70)
    behind = rng.random() < 0.65
    lamp = np.array((0.08, 0.06, 0.6) if behind else (0.75, 0.78, 0.8)) * rng.uniform(0.6, 1.2)
    tall, broad, top = rng.uniform(110, 330), rng.uniform(160, 420), belt + rng.uniform(10, 120)
    glow = float(rng.uniform(0.5, 6)) if rng.random() < 0.35 else 0.0
    slant = rng.uniform(-40, 60)
    for side, edge in ((1, 190), (-1, 1910)):
        inner = edge + side * broad
        corners = [(edge, top), (inner, top + slant), (inner, top + tall), (edge, top + tall * 0.8)]
        drawing.shape(corners, lamp, glow)
    bumper = sill - rng.uniform(230, 420)
    dark = np.full(3, rng.uniform(0.02, 0.12))
    drawing.shape([(190, bumper), (1910, bumper), (1910, bumper + 9), (190, bumper + 9)], paint * 0.5)
    if rng.random() < 0.6:
        drawing.box(230, sill - rng.uniform(90, 220), 1870, sill + 20, dark, 30)
    if not behind:
        drawing.box(650, top + 20, 1450, bumper - 30, dark, 30)
        for y in np.arange(top + 40, bumper - 60, rng.uniform(30, 70)):
            drawing.shape([(660, y), (1440, y), (1440, y + 12), (660, y + 12)], np.full(3, rng.uniform(0.1, 0.7)))
    drawing.box(1010, top + 30, 1090, top + 90, np.full(3, rng.uniform(0.3, 0.9)), 20)
    if behind and rng.random() < 0.6:
        height = (top + 130 + bumper) / 2
        drawing.box(720, height - 110, 1380, height + 100, paint * rng.uniform(0.4, 0.8), 25)
        return 1050, height
    return 1050 + (rng.normal(0, 20) if rng.random() < 0.9 else 300), bumper + rng.uniform(70, 160)


def _van(drawing: _Drawing, paint: Colour) -> tuple[float, float]:
    """A delivery van, truck or trailer from behind, with words on it; gives the place of the plate."""
    rng = drawing.rng
    top, sill = rng.uniform(30, 250), 1480
    drawing.box(220, top, 1880, sill, paint, 40)
    drawing.shape([(1045, top), (1055, top), (1055, sill), (1045, sill)], paint * 0.4)
    if rng.random() < 0.5:
        glass = np.full(3, rng.uniform(0.03, 0.3))
        for x in (320, 1120):
            drawing.box(x, top + 120, x + 660, top + 620, glass, 40)
    for x in (235, 1765):
        glow = float(rng.uniform(0.5, 5)) if rng.random() < 0.3 else 0.0
        red, y = np.array((0.08, 0.06, 0.6)), rng.uniform(850, 1000)
        drawing.shape([(x, y), (x + 100, y), (x + 100, y + 330), (x, y + 330)], red, glow)
    for y in rng.uniform(top + 150, 900, int(rng.integers(0, 3))):
        _word(drawing, float(y), paint)
    drawing.box(230, sill - 130, 1870, sill + 40, np.full(3, rng.uniform(0.02, 0.3)), 10)
    return rng.choice((700.0, 1050.0, 1400.0)), rng.uniform(1090, 1280)


def _word(drawing: _Drawing, y: float, paint: Colour) -> None:
    """A word in a colour that stands out of the paint."""
    rng, image = drawing.rng, drawing.patch.image
    tall = round(rng.uniform(90, 260) * drawing.fine)
    if tall < 4:
        return
    mask = lettering.written(_LETTERED[int(rng.integers(len(_LETTERED)))], int(rng.integers(99)), tall)
    room = round(1500 * drawing.fine)
    if mask.shape[1] > room:
        mask = np.asarray(cv2.resize(mask, (room, mask.shape[0])), np.float32)
    row, column = round(y * drawing.fine), round(1050 * drawing.fine) - mask.shape[1] // 2
    area = image[row : row + mask.shape[0], column : column + mask.shape[1]]
    ink = np.float32(0.1 if paint.mean() > 0.35 else 0.9) * np.ones(3, np.float32)
    area += mask[: area.shape[0], : area.shape[1], None] * (ink - area)
