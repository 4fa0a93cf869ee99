"""Footage of any shape in a picture of a given size: nothing cut off, nothing stretched."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from vrijgave.domain.tracks import Image


def shown_size(image: Image, sample_aspect_ratio: Fraction, width: int, height: int) -> tuple[int, int]:
    """(width, height) in pixels that ``image`` takes inside ``width`` × ``height``."""
    rows, columns = image.shape[:2]
    shape = columns * sample_aspect_ratio / rows
    if shape * height >= width:
        return width, max(1, round(width / shape))
    return max(1, round(height * shape)), height


def scaled(image: Image, width: int, height: int) -> Image:
    """``image`` in that size: averaged where it shrinks, interpolated where it grows."""
    if image.shape[:2] == (height, width):
        return image
    shrinks = image.shape[0] > height or image.shape[1] > width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.uint8)


def letterboxed(image: Image, sample_aspect_ratio: Fraction, width: int, height: int) -> Image:
    """``image`` as large as fits in the middle of ``width`` × ``height``, black around it."""
    inner = scaled(image, *shown_size(image, sample_aspect_ratio, width, height))
    rows, columns = inner.shape[:2]
    if (columns, rows) == (width, height):
        return inner
    picture = np.zeros((height, width, 3), np.uint8)
    top, left = (height - rows) // 2, (width - columns) // 2
    picture[top : top + rows, left : left + columns] = inner
    return picture
