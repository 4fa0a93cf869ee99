"""What a network gets to see of a picture: the whole of it or a part, at the right size, as its pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from vrijgave.domain.tracks import BoxArray, Image
from vrijgave.redaction.detectors.base import Region
from vrijgave.redaction.geometry import clipped

STRIDE = 32  # both networks halve the picture five times
LENGTHS = (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80)
"""Sides of parts, in strides. There are few, since an engine prepares itself for each size that it meets; small ones
are further apart, since preparing costs more there than looking."""
AVERAGED_BELOW = 0.5
"""Scale below which shrinking averages all pixels; from it on, mixing four leaves none out, at a quarter the cost."""
NEIGHBOURS = 2  # pixels beside a part that its resized pixels are mixed from


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a network gets to see of a picture: ``image`` (BGR) with its top left corner at ``corner`` (x, y) of the
    whole picture brought to ``size`` (width, height)."""

    image: Image
    corner: tuple[int, int]
    size: tuple[int, int]

    def pixels(self, *, rgb: bool) -> Image:
        """uint8 ``(H, W, 3)``, without gaps, in the order of colours of the network."""
        if rgb:
            return np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2RGB), np.uint8)
        return np.ascontiguousarray(self.image)

    def in_picture(self, xyxy: BoxArray, picture: Image) -> BoxArray:
        """Boxes in pixels of the view as boxes in pixels of the picture, cut to it."""
        height, width = picture.shape[:2]
        ratio = np.array([width / self.size[0], height / self.size[1]] * 2, np.float32)
        shifted = (xyxy + np.array(self.corner * 2, np.float32)) * ratio
        return clipped(shifted, width, height)


def view(picture: Image, scale: float, region: Region | None) -> View:
    """``picture``, or the part of it around ``region``, enlarged by ``scale`` to multiples of the stride.

    A part holds the pixels that the whole has there, a few of them one grey level off, and lies on the grid of the
    whole, so that it gives what the whole gives there.
    """
    height, width = picture.shape[:2]
    size = input_size(width, height, scale)
    if region is None:
        return View(_resized(picture, size), (0, 0), size)
    left, right = _span(region[0], region[2], width, size[0])
    top, bottom = _span(region[1], region[3], height, size[1])
    return View(_part(picture, size, (left, top, right, bottom)), (left, top), size)


def placed(picture: Image, size: tuple[int, int], canvas: tuple[int, int], grey: int) -> View:
    """The whole picture brought to ``size`` (width, height), in the top left corner of a ``canvas`` of one grey."""
    image = np.full((canvas[1], canvas[0], 3), grey, np.uint8)
    image[: size[1], : size[0]] = _resized(picture, size)
    return View(image, (0, 0), size)


def input_size(width: int, height: int, scale: float) -> tuple[int, int]:
    """Width and height of the network's input for a picture enlarged by ``scale``: multiples of the stride."""
    return (
        max(STRIDE, round(width * scale / STRIDE) * STRIDE),
        max(STRIDE, round(height * scale / STRIDE) * STRIDE),
    )


def _span(first: int, last: int, extent: int, target: int) -> tuple[int, int]:
    """``first`` to ``last`` of ``extent`` pixels as pixels of ``target``: on the stride, and of one of the lengths or
    all of it."""
    everything = target // STRIDE
    start, end = int(first * target / extent / STRIDE), math.ceil(last * target / extent / STRIDE)
    length = min((n for n in LENGTHS if n >= end - start), default=everything)
    length = min(length, everything)
    start = min(max(0, start - (length - (end - start)) // 2), everything - length)
    return start * STRIDE, (start + length) * STRIDE


def _resized(picture: Image, size: tuple[int, int]) -> Image:
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    kind = cv2.INTER_AREA if size[0] < AVERAGED_BELOW * width else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=kind), np.uint8)


def _part(picture: Image, size: tuple[int, int], part: Region) -> Image:
    """``part`` of the picture brought to ``size``, without resizing all of it."""
    height, width = picture.shape[:2]
    x0, x1 = _meeting(part[0], part[2], width, size[0])
    y0, y1 = _meeting(part[1], part[3], height, size[1])
    source = picture[y0 * height // size[1] : y1 * height // size[1], x0 * width // size[0] : x1 * width // size[0]]
    around = _resized(source, (x1 - x0, y1 - y0))
    return np.ascontiguousarray(around[part[1] - y0 : part[3] - y0, part[0] - x0 : part[2] - x0])


def _meeting(first: int, last: int, extent: int, target: int) -> tuple[int, int]:
    """The nearest pixels around ``first`` to ``last`` of ``target`` at which a pixel of ``extent`` begins too, so that
    both are resized alike."""
    step = target // math.gcd(extent, target)
    return max(0, first - NEIGHBOURS) // step * step, min(-(-(last + NEIGHBOURS) // step) * step, target)
