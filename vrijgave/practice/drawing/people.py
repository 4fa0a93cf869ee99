"""Passers-by: drawn bodies with the head of the portrait that scikit-image carries (NASA, public domain)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from vrijgave.practice.drawing.sprites import Colour, CutOut, Sprite, polygon

PERSON_METRES = 1.75
PHASES = 12
"""Pictures of one walking cycle."""

_WIDTH, _HEIGHT = 560, 1000
_MIDDLE = _WIDTH / 2
_UNIT = 950 / PERSON_METRES
_CHIN, _SHOULDER, _HIP, _FLOOR = 190, 236, 530, 955

# Outlines in the portrait, in its pixels.
_CROP = (140, 0, 310, 196)
_FACE_WIDTH = 86
_FACE = (178, 74, 92, 108)
_LONG_HAIR = (
    (233, 15), (247, 17), (262, 23), (277, 31), (287, 41), (294, 53), (298, 68), (301, 84), (299, 97), (294, 111),
    (284, 123), (275, 132), (267, 137), (263, 150), (257, 162), (255, 182), (240, 190), (212, 188), (190, 182),
    (186, 164), (184, 148), (182, 132), (176, 129), (172, 120), (163, 111), (157, 102), (155, 90), (153, 78),
    (154, 68), (159, 58), (170, 47), (182, 41), (191, 37), (196, 28), (208, 20), (222, 16),
)  # fmt: skip
_SHORT_HAIR = (
    (225, 30), (245, 31), (262, 38), (274, 52), (279, 72), (278, 96), (274, 112), (273, 130), (267, 137), (263, 150),
    (257, 162), (255, 182), (240, 190), (212, 188), (190, 182), (186, 164), (184, 148), (182, 132), (176, 129),
    (173, 118), (174, 100), (172, 82), (173, 64), (182, 46), (198, 34),
)  # fmt: skip
_SKIN = (
    (187, 84), (200, 81), (222, 80), (245, 81), (258, 86), (267, 92), (271, 112), (274, 128), (267, 137), (263, 150),
    (257, 162), (256, 186), (212, 190), (187, 184), (184, 150), (182, 132), (175, 128), (172, 119), (181, 112),
    (184, 96),
)  # fmt: skip
_BEARD = (
    (183, 126), (192, 140), (206, 137), (224, 135), (242, 137), (256, 141), (267, 128), (264, 149), (257, 163),
    (240, 179), (222, 181), (204, 176), (188, 163), (184, 148),
)  # fmt: skip
_MOUTH = ((200, 138), (248, 140), (240, 155), (222, 158), (208, 154))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one person looks like. Factors multiply blue, green and red of the portrait."""

    jacket: Colour
    trousers: Colour
    shoes: Colour = (40, 36, 34)
    hair: tuple[float, float, float] = (1, 1, 1)
    skin: tuple[float, float, float] = (1, 1, 1)
    long_hair: bool = False
    beard: bool = False
    cap: Colour | None = None
    bag: Colour | None = None
    mirrored: bool = False
    slender: float = 1.0
    """Width of face and body against the usual."""


def walking(look: Look, phase: int, *, sideways: bool) -> Sprite:
    """The person at ``phase`` of ``PHASES``, walking across the picture or towards the camera."""
    return _draw(look, phase % PHASES, sideways)


def standing(look: Look) -> Sprite:
    """The person standing still."""
    return _draw(look, None, False)


@cache
def _draw(look: Look, phase: int | None, sideways: bool) -> Sprite:
    swing = 0.0 if phase is None else math.sin(2 * math.pi * phase / PHASES)
    canvas = np.zeros((_HEIGHT, _WIDTH, 4), np.uint8)
    _shadow(canvas)
    for side in (-1, 1):
        _leg(canvas, look, side, side * swing, sideways)
    _arm(canvas, look, -1, swing, sideways)
    if not sideways:
        _arm(canvas, look, 1, -swing, sideways)
    _torso(canvas, look)
    if sideways:
        _arm(canvas, look, 1, -swing, sideways)
    _shade(canvas)
    rise = round(6 * abs(swing))
    subject = _head(canvas, look, rise)
    return Sprite(_narrowed(canvas, look.slender), _UNIT, (_MIDDLE * look.slender, _FLOOR - 8), subject)


def _narrowed(canvas: CutOut, slender: float) -> CutOut:
    return np.asarray(cv2.resize(canvas, (round(_WIDTH * slender), _HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def _shadow(canvas: CutOut) -> None:
    alpha = np.zeros(canvas.shape[:2], np.uint8)
    cv2.ellipse(alpha, (int(_MIDDLE) + 20, _FLOOR), (170, 26), 0, 0, 360, 120, -1)
    canvas[..., 3] = cv2.GaussianBlur(alpha, (0, 0), 14)


def _limb(canvas: CutOut, points: Sequence[tuple[float, float]], widths: Sequence[float], colour: Colour) -> None:
    """Tapered pieces with round joints."""
    for i, (x, y) in enumerate(points):
        cv2.circle(canvas, (round(x), round(y)), round(widths[i] / 2), (*colour, 255), -1, cv2.LINE_AA)
        if i:
            px, py = points[i - 1]
            along = math.hypot(x - px, y - py) or 1.0
            nx, ny = (y - py) / along / 2, (px - x) / along / 2
            before, here = widths[i - 1], widths[i]
            corners = [
                (px + nx * before, py + ny * before),
                (x + nx * here, y + ny * here),
                (x - nx * here, y - ny * here),
                (px - nx * before, py - ny * before),
            ]
            polygon(canvas, corners, colour)


def _leg(canvas: CutOut, look: Look, side: int, swing: float, sideways: bool) -> None:
    hip = (_MIDDLE + side * 40, _HIP - 10)
    reach = 110 * swing if sideways else 0
    lift = 34 * max(0.0, swing) if not sideways else 22 * max(0.0, -swing)
    foot = (_MIDDLE + side * (18 if sideways else 46) + reach, _FLOOR - 32 - lift)
    knee = ((hip[0] + foot[0]) / 2 + (16 if sideways else side * 4), (hip[1] + foot[1]) / 2 - lift * 0.4)
    shade = look.trousers if side > 0 else _darker(look.trousers, 0.85)
    toe = 34 if sideways else side * 10
    _limb(canvas, [(foot[0], foot[1] + 6), (foot[0] + toe, foot[1] + 22)], [46, 36], look.shoes)
    _limb(canvas, [hip, knee, foot], [98, 74, 54], shade)


def _arm(canvas: CutOut, look: Look, side: int, swing: float, sideways: bool) -> None:
    inwards = 60 if sideways and side > 0 else 0
    shoulder = (_MIDDLE + side * 98 - inwards, _SHOULDER + 34)
    reach = 80 * swing if sideways else side * 8
    elbow = (shoulder[0] + side * 22 + reach * 0.5, shoulder[1] + 140)
    hand = (elbow[0] + reach * 0.8 - side * 6, elbow[1] + 120 - abs(swing) * 22)
    jacket = look.jacket if side > 0 else _darker(look.jacket, 0.86)
    _limb(canvas, [hand, (hand[0], hand[1] + 22)], [38, 30], _skin_colour(look))
    _limb(canvas, [shoulder, elbow, hand], [66, 60, 48], jacket)
    if look.bag is not None and side > 0:
        x, y = hand[0], hand[1] + 30
        polygon(canvas, [(x - 46, y + 24), (x + 46, y + 24), (x + 56, y + 130), (x - 56, y + 130)], look.bag)
        _limb(canvas, [(x - 26, y + 26), (x, y - 12), (x + 26, y + 26)], [8, 8, 8], _darker(look.bag, 0.7))


def _torso(canvas: CutOut, look: Look) -> None:
    m = _MIDDLE
    _limb(canvas, [(m, _CHIN - 30), (m, _SHOULDER)], [84, 92], _darker_skin(look))
    shape = [
        (m - 46, _SHOULDER - 16), (m + 46, _SHOULDER - 16), (m + 118, _SHOULDER + 14), (m + 122, _SHOULDER + 60),
        (m + 96, _HIP - 110), (m + 104, _HIP + 30), (m - 104, _HIP + 30), (m - 96, _HIP - 110),
        (m - 122, _SHOULDER + 60), (m - 118, _SHOULDER + 14),
    ]  # fmt: skip
    polygon(canvas, shape, look.jacket)
    dark = _darker(look.jacket, 0.66)
    cv2.line(canvas, (int(m), _SHOULDER), (int(m), _HIP + 28), (*dark, 255), 4, cv2.LINE_AA)
    for side in (-1, 1):
        polygon(canvas, [(m, _SHOULDER + 40), (m + side * 50, _SHOULDER - 18), (m + side * 66, _SHOULDER + 4)], dark)
        pocket = (int(m + side * 30), _HIP - 46), (int(m + side * 78), _HIP - 66)
        cv2.line(canvas, *pocket, (*dark, 255), 5, cv2.LINE_AA)
    polygon(canvas, [(m - 104, _HIP + 22), (m + 104, _HIP + 22), (m + 104, _HIP + 30), (m - 104, _HIP + 30)], dark)


def _shade(canvas: CutOut) -> None:
    """Light from the left, and cloth that is not all of one tone."""
    across = np.linspace(1.16, 0.74, _WIDTH, dtype=np.float32)[None, :, None]
    folds = np.random.default_rng(7).normal(0, 1, (_HEIGHT // 20, _WIDTH // 28)).astype(np.float32)
    cloth = 1 + 0.05 * cv2.resize(folds, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC)[..., None]
    canvas[..., :3] = np.clip(canvas[..., :3] * across * cloth, 0, 255).astype(np.uint8)


def _head(canvas: CutOut, look: Look, rise: int) -> tuple[float, float, float, float]:
    """Paste the head; returns the box of the face in the narrowed canvas."""
    ratio = 100 / _FACE_WIDTH
    head = _cut_head(look)
    head = np.asarray(cv2.resize(head, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_CUBIC), np.uint8)
    middle = (223 - _CROP[0]) * ratio
    if look.mirrored:
        head, middle = head[:, ::-1], head.shape[1] - middle
    left, top = round(_MIDDLE - middle), round(_CHIN - 180 * ratio) + 8 - rise + 16
    height, width = head.shape[:2]
    part = canvas[max(0, top) : top + height, left : left + width]
    head = head[max(0, -top) :]
    alpha = head[..., 3:].astype(np.float32) / 255
    part[..., :3] = (head[..., :3] * alpha + part[..., :3] * (1 - alpha)).astype(np.uint8)
    part[..., 3] = np.maximum(part[..., 3], head[..., 3])
    x = (_FACE[0] - _CROP[0]) * ratio
    x = width - x - _FACE[2] * ratio if look.mirrored else x
    s = look.slender
    return ((left + x) * s, top + _FACE[1] * ratio, _FACE[2] * ratio * s, _FACE[3] * ratio)


@cache
def _cut_head(look: Look) -> CutOut:
    """The portrait's head with this person's hair, skin, beard and cap; BGRA in the portrait's scale."""
    x0, y0, x1, y1 = _CROP
    portrait: NDArray[np.uint8] = data.astronaut()  # type: ignore[no-untyped-call]
    photo = np.ascontiguousarray(portrait[y0:y1, x0:x1, ::-1])
    outline = _mask(_LONG_HAIR if look.long_hair else _SHORT_HAIR, 1.0)
    skin = _mask(_SKIN, 1.5)[..., None]
    tone = skin * np.asarray(look.skin, np.float32) + (1 - skin) * np.asarray(look.hair, np.float32)
    if look.beard:
        beard = np.clip(_mask(_BEARD, 3.0) - _mask(_MOUTH, 2.0), 0, 1)[..., None]
        tone *= 1 - 0.5 * beard
    coloured = np.clip(photo * tone, 0, 255).astype(np.uint8)
    head = np.dstack([coloured, (outline * 255).astype(np.uint8)])
    if look.cap is not None:
        _cap(head, look.cap)
    return head


def _cap(head: CutOut, colour: Colour) -> None:
    x0, y0 = _CROP[:2]
    crown = [(176, 78), (177, 56), (188, 36), (206, 25), (228, 22), (250, 26), (267, 38), (276, 58), (276, 80)]
    polygon(head, [(x - x0, y - y0) for x, y in crown], colour)
    peak = [(170, 80), (182, 69), (226, 64), (268, 70), (282, 82), (262, 84), (226, 80), (192, 83)]
    polygon(head, [(x - x0, y - y0) for x, y in peak], _darker(colour, 0.7))


def _mask(points: Sequence[tuple[float, float]], soft: float) -> NDArray[np.float32]:
    """The inside of an outline in the portrait as 0..1 over the crop, its edge ``soft`` pixels wide."""
    x0, y0, x1, y1 = _CROP
    mask = np.zeros((y1 - y0, x1 - x0, 3), np.uint8)
    polygon(mask, [(x - x0, y - y0) for x, y in points], (255, 255, 255))
    return np.asarray(cv2.GaussianBlur(mask[..., 0], (0, 0), soft), np.float32) / np.float32(255)


def _skin_colour(look: Look) -> Colour:
    blue, green, red = (round(c * f) for c, f in zip((140, 165, 214), look.skin, strict=True))
    return (min(blue, 255), min(green, 255), min(red, 255))


def _darker_skin(look: Look) -> Colour:
    return _darker(_skin_colour(look), 0.8)


def _darker(colour: Colour, factor: float) -> Colour:
    blue, green, red = (round(c * factor) for c in colour)
    return (blue, green, red)
