"""The flat drawing of one plate, seen straight from the front."""

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates import lettering
from training.plates.formats import BLACK, BLUE, Band, Colour, PlateFormat, registration

Picture = NDArray[np.float32]
_BAND_BLUE: Colour = (0.60, 0.22, 0.04)
_STAR: Colour = (0.15, 0.80, 0.95)


def draw_plate(kind: PlateFormat, rng: np.random.Generator, scale: float = 1.0) -> Picture:
    """One new plate of a kind, with a series and a face of its own: (H, W, 3) BGR 0..1, `scale` pixels a millimetre."""
    text = registration(kind.series[int(rng.integers(len(kind.series)))], kind.letters, rng)
    lines = text.split("/")
    width, height = kind.size_mm if len(lines) == 1 else kind.two_lines_mm
    if len(lines) == 1 and rng.random() < 0.2:
        width = round(width * rng.uniform(0.72, 1.0))  # shorter plates are issued for narrow recesses
    width, height = round(width * scale), round(height * scale)
    image = np.empty((height, width, 3), np.float32)
    image[:] = _varied(kind.ground, rng)
    ink_colour = _varied(kind.ink, rng)
    left, right, top = _bands(image, kind, rng)
    if kind.caption:
        top += _caption(image, kind.caption, ink_colour, rng)
    ink = np.zeros((height, width), np.float32)
    _letter(ink, lines, (left, top, width - right, height), rng)
    seals = "*" in text
    _emboss(image, ink, rng)
    image += ink[..., None] * (np.asarray(ink_colour, np.float32) - image)
    if rng.random() < 0.75:
        _border(image, ink_colour if rng.random() < 0.6 else (0.75, 0.75, 0.75), rng)
    if seals or rng.random() < 0.08:
        _seals(image, left, rng)
    return image


def _varied(colour: Colour, rng: np.random.Generator) -> Colour:
    shade = rng.uniform(0.82, 1.08)
    blue, green, red = (float(np.clip(part * shade + rng.normal(0, 0.02), 0.02, 1)) for part in colour)
    return blue, green, red


def _put(image: Picture, mask: NDArray[np.float32], x: int, y: int, colour: tuple[float, ...]) -> None:
    """Ink a mask whose top left lies at (x, y); what falls outside is left off."""
    height, width = image.shape[:2]
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(width, x + mask.shape[1]), min(height, y + mask.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    area = image[y0:y1, x0:x1]
    area += mask[y0 - y : y1 - y, x0 - x : x1 - x, None] * (np.asarray(colour, np.float32) - area)


def _bands(image: Picture, kind: PlateFormat, rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw the strips; gives the millimetres that they take on the left, right and top."""
    height, width = image.shape[:2]
    broad = round(min(44, 0.13 * width))
    if kind.band is Band.NONE:
        return 0, 0, 0
    if kind.band is Band.TOP:
        tall = round(0.22 * height)
        image[:tall] = _BAND_BLUE
        if kind.band_text:
            mask = lettering.written(kind.band_text, int(rng.integers(99)), max(5, round(tall * 0.7)))
            _put(image, mask, (width - mask.shape[1]) // 2, (tall - mask.shape[0]) // 2, (0.95, 0.95, 0.95))
        return 0, 0, tall
    band = _varied(_BAND_BLUE, rng)
    image[:, :broad] = band
    face = int(rng.integers(lettering.faces()))
    mask = lettering.line(kind.band_text or "X", face, max(8, round(0.9 * broad / (1 + len(kind.band_text)))), 0.12)
    _put(image, mask, (broad - mask.shape[1]) // 2, round(0.90 * height) - mask.shape[0], (0.93, 0.93, 0.93))
    centre, radius = (broad / 2, 0.32 * height), 0.30 * broad
    for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
        at = (round(centre[0] + radius * np.cos(angle)), round(centre[1] + radius * np.sin(angle)))
        cv2.circle(image, at, max(1, broad // 22), _STAR, -1)
    if kind.band is Band.BOTH:
        image[:, -broad:] = band
        return broad, broad, 0
    return broad, 0, 0


def _caption(image: Picture, text: str, colour: Colour, rng: np.random.Generator) -> int:
    """Small text in the upper middle; gives its height with its margin."""
    tall = round(0.15 * image.shape[0])
    mask = lettering.written(text, int(rng.integers(99)), tall)
    _put(image, mask, (image.shape[1] - mask.shape[1]) // 2, 4, colour)
    return int(tall + 2)


def _letter(
    ink: NDArray[np.float32], lines: list[str], box: tuple[int, int, int, int], rng: np.random.Generator
) -> None:
    """Fill `box` (xyxy) with the lines of characters, all in one face, condensed where they would not fit."""
    x0, y0, x1, y1 = box
    face = int(rng.integers(lettering.faces() if rng.random() < 0.4 else len(lettering.STROKE_FACES)))
    pitch = (y1 - y0) / len(lines)
    tall = max(8, round(pitch * rng.uniform(0.62, 0.78)))
    gap, dash = rng.uniform(0.08, 0.26), bool(rng.random() < 0.85)
    for row, text in enumerate(lines):
        mask = lettering.line(text.replace("*", " "), face, tall, gap, dash)
        room = (x1 - x0) * (0.93 if len(text) > 5 else 0.86)
        if mask.shape[1] > room:
            size = (round(room), mask.shape[0])
            mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32)
        elif len(lines) == 1 and rng.random() < 0.6:
            stretch = min(room / mask.shape[1], 1.35)
            mask = np.asarray(cv2.resize(mask, (round(mask.shape[1] * stretch), mask.shape[0])), np.float32)
        x = x0 + round((x1 - x0 - mask.shape[1]) / 2)
        y = y0 + round(pitch * (row + 0.5) - mask.shape[0] / 2)
        _put(ink[..., None], mask, x, y, (1.0,))


def _emboss(image: Picture, ink: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Light on one flank of each raised character, shade on the other."""
    if rng.random() < 0.4:
        return
    depth, shift = rng.uniform(0.05, 0.35), int(rng.integers(1, 4))
    relief = ink - np.roll(ink, (shift, shift if rng.random() < 0.5 else -shift), (0, 1))
    image += (depth * cv2.blur(relief, (3, 3)))[..., None]
    np.clip(image, 0, 1, out=image)


def _border(image: Picture, colour: Colour, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    thick, inset = int(rng.integers(1, 5)), int(rng.integers(0, 6))
    cv2.rectangle(image, (inset, inset), (width - 1 - inset, height - 1 - inset), colour, thick, cv2.LINE_AA)


def _seals(image: Picture, left: int, rng: np.random.Generator) -> None:
    """Round stickers between the groups, as in Germany and Switzerland."""
    height, width = image.shape[:2]
    x = left + round(rng.uniform(0.15, 0.4) * (width - left))
    for y in (0.32, 0.68) if rng.random() < 0.7 else (0.5,):
        colour = (BLUE, (0.5, 0.5, 0.5), (0.2, 0.6, 0.3), (0.1, 0.1, 0.7), (0.1, 0.6, 0.9))[int(rng.integers(5))]
        cv2.circle(image, (x, round(y * height)), max(3, round(0.11 * height)), colour, -1, cv2.LINE_AA)
        cv2.circle(image, (x, round(y * height)), max(2, round(0.05 * height)), (0.8, 0.8, 0.8), -1, cv2.LINE_AA)


def wear(image: Picture, rng: np.random.Generator) -> Picture:
    """Dirt, scratches, screws, a shadow's edge and glare over a plate, where chance gives them."""
    height, width = image.shape[:2]
    if rng.random() < 0.5:
        for x in (rng.uniform(0.04, 0.25), rng.uniform(0.75, 0.96)):
            shade = float(rng.uniform(0.15, 0.8))
            at = (round(x * width), round(rng.uniform(0.4, 0.6) * height))
            cv2.circle(image, at, int(rng.integers(2, 6)), (shade, shade, shade), -1, cv2.LINE_AA)
    if rng.random() < 0.5:
        _dirt(image, rng)
    if rng.random() < 0.15:
        for _ in range(int(rng.integers(1, 6))):
            ends = (rng.random((2, 2)) * (width, height)).astype(int)
            shade = float(rng.uniform(0.1, 0.9))
            cv2.line(image, ends[0].tolist(), ends[1].tolist(), (shade, shade, shade), 1, cv2.LINE_AA)
    if rng.random() < 0.3:
        image *= _edge(width, height, rng)[..., None]
    if rng.random() < 0.12:
        _glare(image, rng)
    if rng.random() < 0.08:
        _stain(image, rng)
    return image


def _dirt(image: Picture, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    coarse = rng.random((int(rng.integers(2, 7)), int(rng.integers(3, 14)))).astype(np.float32)
    veil = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    veil = np.clip((veil - rng.uniform(0.1, 0.6)) * rng.uniform(0.3, 1.2), 0, rng.uniform(0.2, 0.75))
    colour = np.array(rng.uniform(0.12, 0.4)) * (0.8, 0.95, 1.0)
    image += veil[..., None] * (colour.astype(np.float32) - image)


def _edge(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A factor over the plate: 1 on the lit side of a straight soft edge, darker on the other."""
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    away = np.cos(angle) * (x - rng.uniform(0.1, 0.9) * width) + np.sin(angle) * (y - rng.uniform(0.1, 0.9) * height)
    lit = np.clip(0.5 + away / rng.uniform(3, 60), 0, 1)
    dark = rng.uniform(0.25, 0.75)
    return np.asarray(dark + (1 - dark) * lit, np.float32)


def _glare(image: Picture, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    spread = rng.uniform(0.15, 0.6) * height
    away = ((x - rng.uniform(0, width)) / rng.uniform(1, 4)) ** 2 + (y - rng.uniform(0, height)) ** 2
    image += (rng.uniform(0.2, 0.9) * np.exp(-away / (2 * spread**2))).astype(np.float32)[..., None]


def _stain(image: Picture, rng: np.random.Generator) -> None:
    """Mud or a leaf over a part, never over more than about a third."""
    height, width = image.shape[:2]
    centre = np.array((rng.uniform(0, width), rng.uniform(0, height)))
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radius = rng.uniform(0.15, 0.5, (9, 1)) * height
    points = centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    shade = rng.uniform(0.05, 0.4)
    colour = (shade * 0.6, shade * rng.uniform(0.8, 1.3), shade)
    cv2.fillPoly(image, [points.astype(np.int32)], colour, cv2.LINE_AA)


def blank(kind: PlateFormat, rng: np.random.Generator) -> Picture:
    """A panel of a plate's shape and colour without any character."""
    lines = kind.series[0].count("/") + 1
    width, height = kind.size_mm if lines == 1 else kind.two_lines_mm
    image = np.empty((height, width, 3), np.float32)
    image[:] = _varied(kind.ground, rng)
    if rng.random() < 0.4:
        _border(image, BLACK, rng)
    return image
