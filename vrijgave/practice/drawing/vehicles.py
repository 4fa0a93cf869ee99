"""Cars seen from the front or the back, each with a Dutch plate."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from vrijgave.practice.drawing.sprites import Box, Colour, CutOut, Sprite, polygon, write

_UNIT = 400
"""Pixels a metre of the drawing."""
_WIDTH, _HEIGHT = 840, 680
_MIDDLE, _FLOOR = _WIDTH / 2, 640
_PLATE_METRES = (0.52, 0.11)
_YELLOW: Colour = (32, 190, 246)
_BLUE: Colour = (150, 60, 10)
_GLASS: Colour = (70, 62, 52)
_BLACK: Colour = (28, 26, 26)


@cache
def car(colour: Colour, plate: str, *, from_behind: bool) -> Sprite:
    """A car with ``plate``; its subject is the box of the plate."""
    canvas = np.zeros((_HEIGHT, _WIDTH, 4), np.uint8)
    _shadow(canvas)
    _wheels(canvas)
    _body(canvas, colour)
    _windscreen(canvas)
    _lights(canvas, from_behind)
    _bumper(canvas, colour, from_behind)
    _shade(canvas)
    return Sprite(canvas, _UNIT, (_MIDDLE, _FLOOR), _plate(canvas, plate, 506 if from_behind else 528))


def _mirrored(canvas: CutOut, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    """A polygon and its mirror image; points are offsets from the middle, and heights."""
    for side in (-1, 1):
        polygon(canvas, [(_MIDDLE + side * x, y) for x, y in points], colour)


def _whole(canvas: CutOut, half: Sequence[tuple[float, float]], colour: Colour) -> None:
    """A symmetric polygon from its right half."""
    right = [(_MIDDLE + x, y) for x, y in half]
    polygon(canvas, right + [(_MIDDLE - x, y) for x, y in reversed(half)], colour)


def _shadow(canvas: CutOut) -> None:
    alpha = np.zeros(canvas.shape[:2], np.uint8)
    cv2.ellipse(alpha, (round(_MIDDLE), _FLOOR - 4), (375, 26), 0, 0, 360, 190, -1)
    canvas[..., 3] = cv2.GaussianBlur(alpha, (0, 0), 10)


def _wheels(canvas: CutOut) -> None:
    _mirrored(canvas, [(235, 480), (335, 480), (335, 632), (322, 640), (250, 640), (238, 632)], _BLACK)


def _body(canvas: CutOut, colour: Colour) -> None:
    _whole(canvas, [(150, 62), (205, 72), (238, 110), (292, 262), (150, 262)], colour)
    shape = [(292, 256), (338, 292), (352, 350), (352, 520), (340, 566), (300, 582)]
    _whole(canvas, shape, colour)
    _mirrored(canvas, [(300, 236), (352, 226), (366, 240), (364, 270), (318, 276)], _darker(colour, 0.8))


def _windscreen(canvas: CutOut) -> None:
    _whole(canvas, [(150, 86), (196, 94), (222, 122), (264, 252), (150, 258)], _GLASS)
    shine = [(40, 92), (120, 90), (40, 254), (-60, 256)]
    polygon(canvas, [(_MIDDLE + x, y) for x, y in shine], (98, 88, 76))


def _lights(canvas: CutOut, from_behind: bool) -> None:
    if from_behind:
        _mirrored(canvas, [(262, 300), (346, 308), (350, 400), (276, 392)], (32, 28, 168))
        _mirrored(canvas, [(276, 346), (348, 352), (348, 372), (276, 368)], (200, 205, 215))
    else:
        _mirrored(canvas, [(212, 330), (334, 306), (348, 340), (334, 372), (222, 376)], (236, 232, 222))
        _mirrored(canvas, [(250, 338), (318, 322), (326, 346), (316, 364), (256, 366)], (252, 250, 246))


def _bumper(canvas: CutOut, colour: Colour, from_behind: bool) -> None:
    dark = _darker(colour, 0.72)
    if from_behind:
        _whole(canvas, [(250, 292), (252, 296)], dark)
        _whole(canvas, [(190, 440), (196, 540), (186, 552)], dark)
    else:
        _whole(canvas, [(198, 338), (206, 352), (196, 424), (180, 434)], _BLACK)
        for y in (362, 386, 410):
            _whole(canvas, [(190, y), (190, y + 6)], (96, 92, 90))
    _whole(canvas, [(352, 452), (352, 458)], dark)
    _whole(canvas, [(330, 566), (314, 592)], _BLACK)


def _shade(canvas: CutOut) -> None:
    """Lighter above, darker below."""
    down = np.linspace(1.12, 0.82, _HEIGHT, dtype=np.float32)[:, None, None]
    canvas[..., :3] = np.clip(canvas[..., :3] * down, 0, 255).astype(np.uint8)


def _plate(canvas: CutOut, text: str, middle_y: int) -> Box:
    width, height = (round(metres * _UNIT) for metres in _PLATE_METRES)
    left, top = round(_MIDDLE - width / 2), round(middle_y - height / 2)
    canvas[top - 3 : top + height + 3, left - 3 : left + width + 3] = (*_BLACK, 255)
    canvas[top : top + height, left : left + width] = (*_YELLOW, 255)
    canvas[top : top + height, left : left + 20] = (*_BLUE, 255)
    write(canvas, "NL", (left + 10, top + height - 11), 14, (235, 235, 235))
    write(canvas, text, (left + 10 + width / 2, top + height / 2 - 3), 42, _BLACK)
    return (left, top, width, height)


def _darker(colour: Colour, factor: float) -> Colour:
    blue, green, red = (round(c * factor) for c in colour)
    return (blue, green, red)
