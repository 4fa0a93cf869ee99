"""A square with shops, as a camera above a door across the square sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image
from vrijgave.practice.drawing.sprites import Camera, Colour, polygon

_FINE = 2
"""The scene is drawn this many times larger, which smooths its edges."""
_WALL_DEPTH, _KERB_DEPTH = 7.0, 5.5
_BRICK: Colour = (84, 98, 138)
_JOINT: Colour = (104, 116, 148)
_GLASS: Colour = (92, 86, 70)
_FRAME: Colour = (52, 56, 60)
_PAVING: Colour = (158, 164, 168)
_ASPHALT: Colour = (96, 94, 92)
_CREAM: Colour = (226, 232, 234)
_PAINT: Colour = (206, 208, 208)


def draw_street(camera: Camera, seed: int) -> Image:
    """The scene without people and cars, in the size of the camera's picture."""
    large = Camera(
        width=camera.width * _FINE,
        height=camera.height * _FINE,
        horizon=camera.horizon * _FINE,
        focal=camera.focal * _FINE,
        above_ground=camera.above_ground,
    )
    scene = np.zeros((large.height, large.width, 3), np.uint8)
    foot = round(large.ground(0, _WALL_DEPTH)[1])
    _wall(scene, foot)
    _shop(scene, foot, 40, 330, _bread, (70, 96, 40), door=250, goods=(96, 160, 208))
    _shop(scene, foot, 375, 690, _diamond, (92, 52, 34), door=440, goods=(120, 214, 236))
    _shop(scene, foot, 735, 1010, _flower, (110, 54, 104), door=930, goods=(130, 90, 214))
    _shop(scene, foot, 1055, 1275, _shirt, (46, 62, 66), door=1190, goods=(150, 150, 96))
    _awning(scene, 40, 330)
    _ground(scene, large, foot)
    _planter(scene, foot, 706)
    _planter(scene, foot, 350)
    scene = np.asarray(cv2.resize(scene, (camera.width, camera.height), interpolation=cv2.INTER_AREA), np.uint8)
    return _weathered(scene, seed)


def _box(scene: Image, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
    start, end = (round(x0 * _FINE), round(y0 * _FINE)), (round(x1 * _FINE), round(y1 * _FINE))
    cv2.rectangle(scene, start, end, colour, -1)


def _wall(scene: Image, foot: int) -> None:
    scene[:foot] = _BRICK
    for row, y in enumerate(range(0, foot, 8 * _FINE)):
        cv2.line(scene, (0, y), (scene.shape[1], y), _JOINT, 1)
        for x in range(row % 2 * 12 * _FINE, scene.shape[1], 24 * _FINE):
            cv2.line(scene, (x, y), (x, y + 8 * _FINE), _JOINT, 1)
    for x in range(70, 1280, 190):
        _box(scene, x - 5, 0, x + 105, 52, (196, 202, 204))
        _box(scene, x, 0, x + 100, 46, (116, 104, 88))
        _box(scene, x + 48, 0, x + 52, 46, (196, 202, 204))


def _shop(
    scene: Image,
    foot: int,
    x0: int,
    x1: int,
    sign_over: Callable[[Image, float, float], None],
    sign: Colour,
    *,
    door: int,
    goods: Colour,
) -> None:
    """A shop front; what it sells is told by a sign without letters, which a plate detector would take for plates."""
    base = foot / _FINE
    _box(scene, x0, 76, x1, base, _FRAME)
    _box(scene, x0 - 4, 76, x1 + 4, 128, sign)
    sign_over(scene, (x0 + x1) / 2, 102)
    for left, right in ((x0 + 8, door - 44), (door + 44, x1 - 8)):
        if right - left > 40:
            _window(scene, left, 136, right, base - 34, goods)
    _box(scene, door - 40, 140, door + 40, base, (70, 74, 78))
    _window(scene, door - 33, 147, door + 33, base - 12, _GLASS)
    _box(scene, door + 22, base - 130, door + 27, base - 92, (190, 196, 200))


def _shape(scene: Image, x: float, y: float, points: Sequence[tuple[float, float]], colour: Colour = _CREAM) -> None:
    polygon(scene, [((x + dx) * _FINE, (y + dy) * _FINE) for dx, dy in points], colour)


def _ring(scene: Image, x: float, y: float, radius: float, thickness: float) -> None:
    centre = (round(x * _FINE), round(y * _FINE))
    cv2.circle(scene, centre, round(radius * _FINE), _CREAM, round(thickness * _FINE), cv2.LINE_AA)


def _bread(scene: Image, x: float, y: float) -> None:
    """A bun."""
    centre = (round(x * _FINE), round((y + 7) * _FINE))
    cv2.ellipse(scene, centre, (26 * _FINE, 24 * _FINE), 0, 180, 360, _CREAM, -1, cv2.LINE_AA)
    _shape(scene, x, y, [(-26, 8), (26, 8), (18, 16), (-18, 16)])


def _diamond(scene: Image, x: float, y: float) -> None:
    _shape(scene, x, y, [(-14, -18), (14, -18), (25, -5), (0, 21), (-25, -5)])
    _shape(scene, x, y, [(-9, -5), (9, -5), (0, 16)], (206, 190, 150))
    _shape(scene, x, y, [(-9, -8), (0, -16), (9, -8)], (206, 190, 150))


def _flower(scene: Image, x: float, y: float) -> None:
    for turn in np.arange(6) * np.pi / 3:
        _ring(scene, x + 12 * float(np.cos(turn)), y + 12 * float(np.sin(turn)), 8, -1)
    centre = (round(x * _FINE), round(y * _FINE))
    cv2.circle(scene, centre, 7 * _FINE, (60, 190, 240), -1, cv2.LINE_AA)


def _shirt(scene: Image, x: float, y: float) -> None:
    half = [(5, -17), (12, -17), (27, -5), (20, 6), (13, 1), (13, 19)]
    _shape(scene, x, y, [*half, *((-dx, dy) for dx, dy in reversed(half))])


def _window(scene: Image, x0: float, y0: float, x1: float, y1: float, goods: Colour) -> None:
    """Glass that darkens downwards, shelves with goods behind it, and a reflection across."""
    left, top, right, bottom = (round(v * _FINE) for v in (x0, y0, x1, y1))
    down = np.linspace(1.35, 0.75, bottom - top, dtype=np.float32)[:, None, None]
    scene[top:bottom, left:right] = np.clip(np.asarray(_GLASS, np.float32) * down, 0, 255).astype(np.uint8)
    rng = np.random.default_rng(left)
    for shelf in range(top + 70 * _FINE, bottom - 8 * _FINE, 52 * _FINE):
        cv2.rectangle(scene, (left, shelf), (right, shelf + 3 * _FINE), (70, 74, 80), -1)
        for x in range(left + 6 * _FINE, right - 16 * _FINE, 18 * _FINE):
            tone = np.asarray(goods) * rng.uniform(0.35, 0.75)
            height = round(rng.uniform(10, 34)) * _FINE
            cv2.rectangle(scene, (x, shelf - height), (x + 12 * _FINE, shelf), tuple(float(v) for v in tone), -1)
    glare = scene.copy()
    width = right - left
    shape = [(left + width * 0.15, top), (left + width * 0.4, top), (left + width * 0.2, bottom), (left, bottom)]
    polygon(glare, shape, (150, 146, 136))
    scene[top:bottom, left:right] = cv2.addWeighted(
        glare[top:bottom, left:right], 0.22, scene[top:bottom, left:right], 0.78, 0
    )


def _awning(scene: Image, x0: int, x1: int) -> None:
    stripes = 12
    step = (x1 - x0) / stripes
    for i in range(stripes):
        colour: Colour = (210, 216, 218) if i % 2 else (58, 70, 168)
        x, slope = x0 + i * step, 8 * (i - stripes / 2) / stripes
        points = [(x, 122), (x + step, 122), (x + step + slope + 2, 172), (x + slope, 172)]
        polygon(scene, [(px * _FINE, py * _FINE) for px, py in points], colour)


def _ground(scene: Image, camera: Camera, foot: int) -> None:
    kerb = round(camera.ground(0, _KERB_DEPTH)[1])
    scene[foot:kerb] = _PAVING
    scene[kerb:] = _ASPHALT
    for across in np.arange(-9, 9, 0.4):
        _line(scene, camera, (across, _WALL_DEPTH), (across, _KERB_DEPTH), (140, 146, 150), 1)
    for depth in np.arange(_KERB_DEPTH, _WALL_DEPTH, 0.4):
        _line(scene, camera, (-12, depth), (12, depth), (140, 146, 150), 1)
    _line(scene, camera, (-12, _KERB_DEPTH), (12, _KERB_DEPTH), (190, 196, 198), 5 * _FINE)
    for across in (-3.4, 1.45, 3.75):
        _line(scene, camera, (across, _KERB_DEPTH - 0.25), (across, 1.5), _PAINT, 4 * _FINE)


def _line(
    scene: Image,
    camera: Camera,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: Colour,
    thickness: int,
) -> None:
    (x0, y0), (x1, y1) = camera.ground(*start), camera.ground(*end)
    cv2.line(scene, (round(x0), round(y0)), (round(x1), round(y1)), colour, thickness, cv2.LINE_AA)


def _planter(scene: Image, foot: int, x: int) -> None:
    base = foot / _FINE + 10
    rng = np.random.default_rng(x)
    for _ in range(90):
        centre = (round((x + rng.normal(0, 13)) * _FINE), round((base - 62 + rng.normal(0, 15)) * _FINE))
        green = (rng.uniform(40, 70), rng.uniform(90, 140), rng.uniform(50, 90))
        cv2.circle(scene, centre, 7 * _FINE, green, -1, cv2.LINE_AA)
    points = [(x - 24, base - 46), (x + 24, base - 46), (x + 18, base), (x - 18, base)]
    polygon(scene, [(px * _FINE, py * _FINE) for px, py in points], (74, 84, 96))


def _weathered(scene: Image, seed: int) -> Image:
    """Uneven light and dirt, so that nothing is one flat colour."""
    rng = np.random.default_rng(seed)
    height, width = scene.shape[:2]
    cloud = _stretched(rng.normal(0, 1, (9, 16)), width, height)
    grain = _stretched(rng.normal(0, 1, (height // 3, width // 3)), width, height)
    light = 1 + 0.05 * cloud[..., None] + 0.03 * grain[..., None]
    return np.clip(scene * light, 0, 255).astype(np.uint8)


def _stretched(values: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
