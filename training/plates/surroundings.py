"""What is right around a plate on a vehicle: holder, recess, painted panel, lamps, grille, tow bar."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import lettering
from training.plates.geometry import Points, rectangle

Picture = NDArray[np.float32]
PAINTS = (
    (0.05, 0.05, 0.05), (0.85, 0.86, 0.86), (0.55, 0.56, 0.57), (0.30, 0.31, 0.32), (0.35, 0.12, 0.05),
    (0.10, 0.08, 0.55), (0.55, 0.35, 0.15), (0.15, 0.30, 0.12), (0.10, 0.65, 0.85), (0.35, 0.45, 0.52),
)  # fmt: skip
_DEALERS = ("AUTOBEDRIJF", "GARAGE", "www.auto.nl", "CARROSSERIE", "AUTO SERVICE", "LEASE", "OCCASIONS", "DEALER")


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A flat thing with what surrounds it: colours (H, W, 3) 0..1 and coverage (H, W) 0..1."""

    image: Picture
    cover: NDArray[np.float32]
    place: Points  # (4, 2): the corners of the thing itself, in the patch's pixels
    glow: NDArray[np.float32] | None = None  # (H, W): how much of its light it makes itself


def bare(image: Picture) -> Patch:
    """A thing without surroundings, with a transparent pixel around it."""
    height, width = image.shape[:2]
    wide = cv2.copyMakeBorder(image, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    cover = np.zeros((height + 2, width + 2), np.float32)
    cover[1:-1, 1:-1] = 1
    return Patch(np.asarray(wide, np.float32), cover, rectangle(1, 1, width + 1, height + 1))


def mounted(plate: Picture, rng: np.random.Generator, largest: int = 900) -> Patch:
    """A plate (h, w, 3) in surroundings that chance chooses, no larger than `largest` pixels a side."""
    height, width = plate.shape[:2]
    if rng.random() < 0.12:
        return bare(plate)
    room = max(0.06, (largest / width - 1) / 2)
    side = min(room, rng.uniform(0.06, 1.0)) * width
    above, below = min(room, rng.uniform(0.05, 0.6)) * width, min(room, rng.uniform(0.05, 0.6)) * width
    x, y = round(side), round(above)
    size = (width + 2 * x, height + y + round(below))
    patch = Patch(
        np.zeros((size[1], size[0], 3), np.float32),
        np.zeros((size[1], size[0]), np.float32),
        rectangle(x, y, x + width, y + height),
        np.zeros((size[1], size[0]), np.float32),
    )
    kind = rng.random()
    if kind < 0.62:
        _panel(patch, (x, y, width, height), rng)
    add_holder(patch, (x, y, width, height), rng)
    patch.image[y : y + height, x : x + width] = plate
    patch.cover[y : y + height, x : x + width] = 1
    if rng.random() < 0.08:
        _tow_bar(patch, (x, y, width, height), rng)
    if rng.random() < 0.07:
        _overhang(patch, (x, y, width, height), rng)
    return _bent(patch, rng) if rng.random() < 0.08 else patch


def _bent(patch: Patch, rng: np.random.Generator) -> Patch:
    """The patch on a curved surface: everything between the plate's corners bulges up or down, they stay."""
    rows, columns = patch.cover.shape
    x0, x1 = patch.place[0][0], patch.place[1][0]
    x = np.arange(columns, dtype=np.float32)
    bulge = 1 - ((x + 0.5 - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2
    bulge = np.maximum(bulge, -1) * rng.uniform(-0.06, 0.06) * (x1 - x0) * 0.5
    map_x = np.repeat(x[None], rows, axis=0)
    map_y = np.arange(rows, dtype=np.float32)[:, None] + bulge.astype(np.float32)[None]

    def moved(picture: Picture) -> Picture:
        return np.asarray(cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR), np.float32)

    glow = None if patch.glow is None else moved(patch.glow)
    return Patch(moved(patch.image), moved(patch.cover), patch.place, glow)


def _box(
    patch: Patch, corners: tuple[float, float, float, float], colour: Points | tuple[float, ...], cover: float = 1.0
) -> None:
    """Fill a rectangle (xyxy) with a colour."""
    x0, y0, x1, y1 = (round(value) for value in corners)
    x0, y0 = max(0, x0), max(0, y0)
    if x1 > x0 and y1 > y0:
        patch.image[y0:y1, x0:x1] = np.asarray(colour, np.float32)
        np.maximum(patch.cover[y0:y1, x0:x1], cover, out=patch.cover[y0:y1, x0:x1])


def _panel(patch: Patch, at: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """Painted sheet with a shading from top to bottom, perhaps a recess, lamps, slats and a dark bumper."""
    x, y, width, height = at
    rows, columns = patch.cover.shape
    paint = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.7, 1.1)
    ramp = np.linspace(rng.uniform(0.7, 1.25), rng.uniform(0.5, 1.1), rows, dtype=np.float32)
    patch.image[:] = np.clip(ramp[:, None, None] * paint.astype(np.float32), 0.02, 0.95)
    inset = 0.04 * min(rows, columns)
    _rounded(patch.cover, (inset, inset, columns - inset, rows - inset), 0.12 * rows)
    if rng.random() < 0.5:
        edge = rng.uniform(0.1, 0.9) * rows
        shade = paint * rng.uniform(0.3, 0.8)
        cv2.line(patch.image, (0, round(edge)), (columns, round(edge)), shade.tolist(), max(1, rows // 60), cv2.LINE_AA)
    if rng.random() < 0.35:
        dark = rng.uniform(0.03, 0.25)
        patch.image[round(y + height * rng.uniform(0.9, 1.5)) :] = dark
    if rng.random() < 0.5:
        margin = rng.uniform(0.04, 0.25) * height
        shade = paint * rng.uniform(0.25, 0.75) if rng.random() < 0.6 else np.full(3, rng.uniform(0.02, 0.2))
        wide = margin * rng.uniform(1, 3)
        box = (x - wide, y - margin, x + width + wide, y + height + margin * rng.uniform(0.3, 1.5))
        _box(patch, box, shade, 0)
    if rng.random() < 0.25:
        _slats(patch, (0, 0, columns, max(0, round(y - 0.05 * height))), rng)
    if rng.random() < 0.35:
        _lamps(patch, at, rng)
    patch.cover[:] = cv2.GaussianBlur(patch.cover, (0, 0), max(0.6, 0.012 * columns))


def _rounded(cover: NDArray[np.float32], box: tuple[float, float, float, float], radius: float) -> None:
    x0, y0, x1, y1 = box
    radius = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    cv2.rectangle(cover, (round(x0 + radius), round(y0)), (round(x1 - radius), round(y1)), 1.0, -1)
    cv2.rectangle(cover, (round(x0), round(y0 + radius)), (round(x1), round(y1 - radius)), 1.0, -1)
    for cx in (x0 + radius, x1 - radius):
        for cy in (y0 + radius, y1 - radius):
            cv2.circle(cover, (round(cx), round(cy)), round(radius), 1.0, -1)


def _slats(patch: Patch, box: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """A grille: bars over dark."""
    x0, y0, x1, y1 = box
    if y1 - y0 < 6:
        return
    patch.image[y0:y1, x0:x1] = rng.uniform(0.01, 0.12)
    pitch = max(3, round((y1 - y0) / rng.integers(3, 9)))
    shade = rng.uniform(0.1, 0.8)
    for row in range(y0, y1, pitch):
        patch.image[row : row + max(1, pitch // 3), x0:x1] = shade


def _lamps(patch: Patch, at: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """Tail lamps or head lamps to both sides, perhaps lit."""
    x, y, width, height = at
    columns = patch.cover.shape[1]
    tall, broad = rng.uniform(0.5, 2.5) * height, rng.uniform(0.1, 0.35) * width
    middle = y + rng.uniform(-1.0, 1.0) * height
    lit = rng.random() < 0.4
    red = rng.random() < 0.7
    colour = (0.08, 0.06, 0.6) if red else (0.8, 0.82, 0.85)
    for centre in (x - 0.08 * width - broad / 2, columns - (x - 0.08 * width - broad / 2)):
        box = ((centre, middle), (broad, tall), float(rng.normal(0, 6)))
        points = cv2.boxPoints(box).astype(np.int32)
        cv2.fillConvexPoly(patch.image, points, colour, cv2.LINE_AA)
        if lit and patch.glow is not None:
            cv2.fillConvexPoly(patch.glow, points, float(rng.uniform(0.4, 2.5)))


def add_holder(patch: Patch, at: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """A frame around the plate, perhaps with the dealer's strip; under it a soft shade on what lies behind."""
    x, y, width, height = at
    if rng.random() < 0.35:
        return
    rim = rng.uniform(0.02, 0.09) * height
    strip = rng.uniform(0.12, 0.22) * height if rng.random() < 0.4 else rim
    shade = rng.uniform(0.02, 0.2) if rng.random() < 0.85 else rng.uniform(0.4, 0.9)
    _box(patch, (x - rim, y - rim, x + width + rim, y + height + strip), (shade, shade, shade))
    if strip > rim and strip > 7:
        text = _DEALERS[int(rng.integers(len(_DEALERS)))]
        mask = lettering.written(text, int(rng.integers(99)), max(4, round(strip * 0.7)))
        mask = mask[: round(strip), : round(width * 0.9)]
        row, column = y + height + round((strip - mask.shape[0]) / 2), x + round((width - mask.shape[1]) / 2)
        area = patch.image[row : row + mask.shape[0], column : column + mask.shape[1]]
        colour = np.full(3, 0.9 if shade < 0.4 else 0.1, np.float32)
        area += mask[: area.shape[0], : area.shape[1], None] * (colour - area)


def _overhang(patch: Patch, at: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """An edge of the bodywork, or a strap, in front of up to a third of the plate."""
    x, y, width, height = at
    depth = round(rng.uniform(0.08, 0.33) * height)
    top = y - round(0.3 * height) if rng.random() < 0.6 else y + height - depth
    shade = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.3, 1.0)
    slant, tall = rng.normal(0, 0.04) * width, depth + round(0.3 * height)
    corners = [(x - 9, top), (x + width + 9, top), (x + width + 9, top + tall + slant), (x - 9, top + tall)]
    for picture, value in ((patch.image, shade.tolist()), (patch.cover, 1.0)):
        cv2.fillConvexPoly(picture, np.round(corners).astype(np.int32), value, cv2.LINE_AA)


def _tow_bar(patch: Patch, at: tuple[int, int, int, int], rng: np.random.Generator) -> None:
    """A ball on its neck in front of a part of the plate."""
    x, y, width, height = at
    middle = x + round(rng.uniform(0.35, 0.65) * width)
    ball = max(1, round(rng.uniform(0.12, 0.28) * height))
    top = y + round(rng.uniform(0.35, 0.9) * height)
    shade = float(rng.uniform(0.03, 0.4))
    bottom = patch.cover.shape[0] - 1
    for picture, value in ((patch.image, (shade, shade, shade)), (patch.cover, 1.0)):
        cv2.circle(picture, (middle, top), ball, value, -1, cv2.LINE_AA)
        cv2.line(picture, (middle, top), (middle, bottom), value, max(1, ball), cv2.LINE_AA)
