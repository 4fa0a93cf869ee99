"""Things that are no plates but might be taken for one: signs, posters, grilles, windows, marks, badges."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.plates import lettering
from training.plates.formats import any_format
from training.plates.geometry import Points, rectangle
from training.plates.plate import blank
from training.plates.surroundings import Patch, bare
from training.plates.vehicle import vehicle

Picture = NDArray[np.float32]
_WORDS = (
    "TE HUUR", "UITVERKOOP", "OPEN", "INRIT VRIJLATEN", "Station", "CENTRUM", "P", "Kerkstraat", "Hoofdweg", "TAXI",
    "POLITIE", "STOP", "50", "30", "SALE -50%", "Bakkerij", "Apotheek", "LET OP", "PAS OP", "EINDE", "UITRIT",
    "06-12345678", "020 555 01 00", "www.klusbedrijf.nl", "TDI", "GTI", "2.0i", "VERBODEN TOEGANG", "Amsterdam", "E19",
    "A12", "N201", "WC", "KASSA", "IN", "UIT", "NR 5", "112", "Fietsers", "uitgezonderd", "bouwmarkt", "PIZZA",
    "Markt", "Kapper",
)  # fmt: skip
_SIGN_COLOURS = (
    ((0.92, 0.92, 0.92), (0.08, 0.08, 0.08)), ((0.6, 0.25, 0.03), (0.95, 0.95, 0.95)),
    ((0.1, 0.75, 0.95), (0.05, 0.05, 0.05)),
    ((0.1, 0.1, 0.75), (0.95, 0.95, 0.95)), ((0.3, 0.45, 0.05), (0.95, 0.95, 0.95)),
    ((0.05, 0.05, 0.05), (0.9, 0.9, 0.9)),
)  # fmt: skip


def _colour(rng: np.random.Generator) -> NDArray[np.float32]:
    grey = rng.uniform(0.05, 0.9)
    return np.clip(grey + rng.normal(0, 0.12, 3), 0.02, 0.95).astype(np.float32)


def _ground(width: int, height: int, colour: ArrayLike) -> Picture:
    image = np.empty((height, width, 3), np.float32)
    image[:] = colour
    return image


def _whole(cover: NDArray[np.float32]) -> Points:
    return rectangle(0, 0, cover.shape[1], cover.shape[0])


def _write(image: Picture, text: str, x: int, y: int, tall: int, colour: ArrayLike, rng: np.random.Generator) -> None:
    mask = lettering.written(text, int(rng.integers(99)), tall)
    x, y = max(0, x), max(0, y)
    area = image[y : y + mask.shape[0], x : x + mask.shape[1]]
    area += mask[: area.shape[0], : area.shape[1], None] * (np.asarray(colour, np.float32) - area)


def sign(rng: np.random.Generator) -> Patch:
    """A board with a word or two."""
    ground, ink = _SIGN_COLOURS[int(rng.integers(len(_SIGN_COLOURS)))]
    width = 200
    height = round(width * rng.uniform(0.22, 1.1))
    image = _ground(width, height, ground)
    rows = int(rng.integers(1, 4)) if height > 80 else 1
    tall = max(8, round(height / rows * rng.uniform(0.35, 0.7)))
    for row in range(rows):
        text = _WORDS[int(rng.integers(len(_WORDS)))]
        mask = lettering.written(text, int(rng.integers(99)), tall)
        if mask.shape[1] > width * 0.9:
            size = (round(width * 0.9), max(4, round(tall * width * 0.9 / mask.shape[1])))
            mask = np.asarray(cv2.resize(mask, size), np.float32)
        y = round((row + 0.5) * height / rows - mask.shape[0] / 2)
        x = (width - mask.shape[1]) // 2
        area = image[y : y + mask.shape[0], x : x + mask.shape[1]]
        area += mask[: area.shape[0], : area.shape[1], None] * (np.asarray(ink, np.float32) - area)
    if rng.random() < 0.4:
        cv2.rectangle(image, (3, 3), (width - 4, height - 4), ink, 3)
    return bare(image)


def traffic_sign(rng: np.random.Generator) -> Patch:
    """A round, triangular or square sign with a figure."""
    size = 96
    image, cover = _ground(size, size, 0.9), np.zeros((size, size), np.float32)
    red, blue = (0.1, 0.08, 0.75), (0.6, 0.25, 0.03)
    kind = int(rng.integers(3))
    if kind == 0:
        cv2.circle(cover, (48, 48), 45, 1.0, -1, cv2.LINE_AA)
        image[:] = red if rng.random() < 0.7 else blue
        cv2.circle(image, (48, 48), 34, (0.92, 0.92, 0.92) if rng.random() < 0.7 else blue, -1, cv2.LINE_AA)
    elif kind == 1:
        points = np.array([(48, 5), (92, 86), (4, 86)])
        cv2.fillConvexPoly(cover, points, 1.0, cv2.LINE_AA)
        image[:] = red
        cv2.fillConvexPoly(image, np.array([(48, 24), (76, 77), (20, 77)]), (0.92, 0.92, 0.92), cv2.LINE_AA)
    else:
        cover[3:-3, 3:-3] = 1
        image[:] = blue
    _write(image, str(rng.integers(1, 99)), 28, 34, 34, 0.05 if kind < 2 else 0.95, rng)
    return Patch(image, cover, _whole(cover))


def stripes(rng: np.random.Generator) -> Patch:
    """Slats, vents, bars, zebra crossings, codes of bars, keyboards, brickwork."""
    width, height = 160, int(rng.integers(36, 160))
    image = _ground(width, height, _colour(rng))
    ink, x = _colour(rng), 0
    even, pitch = rng.random() < 0.7, int(rng.integers(4, 24))
    while x < width:
        step = pitch if even else int(rng.integers(2, 16))
        image[:, x : x + max(1, step // 2)] = ink
        x += step
    if rng.random() < 0.4:
        row = int(rng.integers(6, 24))
        for y in range(0, height, row):
            image[y : y + max(1, row // 5)] = _colour(rng) * 0.5
    if rng.random() < 0.4:
        image = np.ascontiguousarray(image.transpose(1, 0, 2))
    return bare(image)


def window(rng: np.random.Generator) -> Patch:
    """Panes in frames, sometimes lit."""
    columns, rows = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    pane_width, pane_height = int(rng.integers(18, 60)), int(rng.integers(18, 60))
    frame = int(rng.integers(2, 7))
    width, height = columns * pane_width + frame, rows * pane_height + frame
    image = _ground(width, height, _colour(rng))
    glow = np.zeros((height, width), np.float32)
    lit = rng.random() < 0.4
    for row in range(rows):
        for column in range(columns):
            y, x = row * pane_height + frame, column * pane_width + frame
            pane = (slice(y, y + pane_height - frame), slice(x, x + pane_width - frame))
            image[pane] = (0.5, 0.75, 0.9) if lit else _colour(rng) * 0.5
            glow[pane] = rng.uniform(0.1, 0.8) if lit else 0
    patch = bare(image)
    return Patch(patch.image, patch.cover, patch.place, np.pad(glow, 1))


def lamp(rng: np.random.Generator) -> Patch:
    """A tail lamp or reflector, lit or not."""
    width, height = int(rng.integers(30, 140)), int(rng.integers(20, 60))
    image = _ground(width, height, ((0.05, 0.05, 0.65), (0.1, 0.4, 0.9), (0.85, 0.85, 0.85))[int(rng.integers(3))])
    cover, glow = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    middle, half = (width // 2, height // 2), (width // 2 - 2, height // 2 - 2)
    cv2.ellipse(cover, middle, half, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        cv2.ellipse(glow, middle, half, 0, 0, 360, float(rng.uniform(0.5, 4)), -1, cv2.LINE_AA)
    return Patch(image, cover, _whole(cover), glow)


def poster(rng: np.random.Generator) -> Patch:
    """Blocks of colour with lines of small text."""
    width, height = int(rng.integers(90, 180)), int(rng.integers(90, 200))
    image = _ground(width, height, _colour(rng))
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        image[y : y + int(rng.integers(8, 90)), x : x + int(rng.integers(8, 120))] = _colour(rng)
    for _ in range(int(rng.integers(1, 7))):
        text = _WORDS[int(rng.integers(len(_WORDS)))]
        at = (int(rng.integers(0, width // 2)), int(rng.integers(0, height - 10)))
        _write(image, text, *at, int(rng.integers(7, 26)), _colour(rng), rng)
    return bare(image)


def loose_text(rng: np.random.Generator) -> Patch:
    """Letters without a board: on a van's side, a badge, a house number, a word on the road."""
    text = _WORDS[int(rng.integers(len(_WORDS)))] if rng.random() < 0.7 else str(rng.integers(1, 400))
    mask = np.pad(lettering.written(text, int(rng.integers(99)), 48), 2)
    return Patch(_ground(mask.shape[1], mask.shape[0], _colour(rng)), mask, _whole(mask))


def blank_plate(rng: np.random.Generator) -> Patch:
    """A panel of a plate's shape and colour without characters."""
    image = blank(any_format(rng), rng)
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return bare(np.asarray(small, np.float32))


def no_plate(rng: np.random.Generator) -> Patch:
    """A vehicle whose plate is missing."""
    return vehicle(rng, None, float(rng.uniform(0.06, 0.14)))


KINDS: tuple[tuple[Callable[[np.random.Generator], Patch], float], ...] = (
    (sign, 0.24),
    (traffic_sign, 0.10),
    (stripes, 0.16),
    (window, 0.10),
    (lamp, 0.08),
    (poster, 0.10),
    (loose_text, 0.14),
    (blank_plate, 0.08),
    (no_plate, 0.08),
)
_CHANCES = np.array([share for _, share in KINDS]) / sum(share for _, share in KINDS)


def any_clutter(rng: np.random.Generator) -> tuple[Patch, bool]:
    """A thing that is no plate, and whether it must be left out of the question when it is seen too small."""
    number = int(rng.choice(len(KINDS), p=_CHANCES))
    return KINDS[number][0](rng), KINDS[number][0] in (blank_plate, sign)
