"""Cut-out pictures, and a camera that says where and how large they appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from vrijgave.domain.tracks import Image

Colour = tuple[int, int, int]
"""Blue, green, red in 0..255."""
CutOut = NDArray[np.uint8]
"""BGRA picture ``(H, W, 4)``."""
Box = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A cut-out at ``unit`` pixels a metre: ``foot`` is its point on the ground, ``subject`` its face or plate."""

    image: CutOut
    unit: float
    foot: tuple[float, float]
    subject: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera that looks straight ahead over level ground: lengths in metres, pictures in pixels."""

    width: int
    height: int
    horizon: float
    """Height of the horizon in the picture, from the top."""
    focal: float
    """Pixels a metre at a distance of one metre."""
    above_ground: float

    def unit(self, depth: float) -> float:
        """Pixels a metre at that distance."""
        return self.focal / depth

    def ground(self, across: float, depth: float) -> tuple[float, float]:
        """Pixel of a point on the ground, ``across`` metres right of the middle."""
        unit = self.unit(depth)
        return self.width / 2 + across * unit, self.horizon + self.above_ground * unit


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A sprite in the picture: ``image`` at its top left pixel ``(x, y)``, which may lie outside."""

    image: CutOut
    x: int
    y: int
    subject: Box


@lru_cache(maxsize=64)
def mirrored(sprite: Sprite) -> Sprite:
    """The same, left and right exchanged."""
    width = sprite.image.shape[1]
    x, y, w, h = sprite.subject
    image = np.ascontiguousarray(sprite.image[:, ::-1])
    return Sprite(image, sprite.unit, (width - sprite.foot[0], sprite.foot[1]), (width - x - w, y, w, h))


def place(sprite: Sprite, camera: Camera, across: float, depth: float) -> Placed:
    """The sprite as ``camera`` sees it with its foot on that point of the ground."""
    ratio = camera.unit(depth) / sprite.unit
    image = _resized(sprite, ratio)
    foot_x, foot_y = camera.ground(across, depth)
    x, y = round(foot_x - sprite.foot[0] * ratio), round(foot_y - sprite.foot[1] * ratio)
    sx, sy, sw, sh = sprite.subject
    return Placed(image, x, y, (x + sx * ratio, y + sy * ratio, sw * ratio, sh * ratio))


@lru_cache(maxsize=128)
def _resized(sprite: Sprite, ratio: float) -> CutOut:
    """Kept, because whoever walks across the picture comes back in the same size and pose."""
    height, width = sprite.image.shape[:2]
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(sprite.image, size, interpolation=how), np.uint8)


def paste(picture: Image, placed: Placed) -> None:
    """Lay the cut-out over ``picture``, in place."""
    height, width = placed.image.shape[:2]
    left, top = max(0, placed.x), max(0, placed.y)
    right, bottom = min(picture.shape[1], placed.x + width), min(picture.shape[0], placed.y + height)
    if left >= right or top >= bottom:
        return
    part = placed.image[top - placed.y : bottom - placed.y, left - placed.x : right - placed.x]
    alpha = part[..., 3:].astype(np.float32) / 255
    below = picture[top:bottom, left:right]
    below[:] = (part[..., :3] * alpha + below * (1 - alpha)).astype(np.uint8)


def hidden_by(box: Box, nearer: Sequence[Placed], width: int, height: int) -> float:
    """Share of ``box`` that lies outside the picture or under what stands nearer to the camera."""
    x0, y0, x1, y1 = round(box[0]), round(box[1]), round(box[0] + box[2]), round(box[1] + box[3])
    seen = np.ones((max(1, y1 - y0), max(1, x1 - x0)), bool)
    rows, columns = np.arange(y0, y0 + seen.shape[0]), np.arange(x0, x0 + seen.shape[1])
    seen[(rows < 0) | (rows >= height), :] = False
    seen[:, (columns < 0) | (columns >= width)] = False
    for other in nearer:
        h, w = other.image.shape[:2]
        left, top, right, bottom = max(x0, other.x), max(y0, other.y), min(x1, other.x + w), min(y1, other.y + h)
        if left < right and top < bottom:
            over = other.image[top - other.y : bottom - other.y, left - other.x : right - other.x, 3] > 200
            seen[top - y0 : bottom - y0, left - x0 : right - x0] &= ~over
    return 1 - float(seen.mean())


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(files("font_source_sans_pro") / "files" / "SourceSansPro-Bold.ttf"), size)


def write(picture: CutOut | Image, text: str, centre: tuple[float, float], size: int, colour: Colour) -> None:
    """Write ``text`` around ``centre``, in place."""
    canvas = Picture.fromarray(picture)
    fill = (*colour, 255)[: picture.shape[2]]
    ImageDraw.Draw(canvas).text(centre, text, fill=fill, font=_font(size), anchor="mm")
    picture[:] = np.asarray(canvas)


def polygon(picture: CutOut | Image, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Fill a polygon, in place."""
    fill = (*colour, 255)[: picture.shape[2]]
    cv2.fillPoly(picture, [np.round(np.asarray(points) * 16).astype(np.int32)], fill, cv2.LINE_AA, 4)
