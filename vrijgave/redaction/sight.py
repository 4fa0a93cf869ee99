"""One picture as the analysis looks at it: what several of its parts need is made once, and only when asked for."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image
from vrijgave.media import Picture

Grey = NDArray[np.uint8]
GREY_WIDTH = 960
"""Movement is followed at this width at most."""
CELL = 4  # pixels of one side of a cell: less than the smallest face; more where pictures are larger ...
MOST_CELLS = 480  # ... so that a row has this many


class Sight:
    """``picture`` in the forms that detectors, tracking and the finder of cuts need."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._picture.width, self._picture.height

    @cached_property
    def image(self) -> Image:
        """BGR ``(H, W, 3)``, converted quickly: colours as of BT.601, each colour sample for four pixels."""
        width, height = self.size
        if width % 2 or height % 2:
            return self._picture.bgr()
        planes = np.concatenate([plane.ravel() for plane in self._picture.planes])
        return np.asarray(cv2.cvtColor(planes.reshape(-1, width), cv2.COLOR_YUV2BGR_I420), np.uint8)

    @cached_property
    def grey(self) -> Grey:
        """Brightness, at most ``GREY_WIDTH`` wide."""
        width, _height = self.size
        return _shrunk(self._picture.y, min(1.0, GREY_WIDTH / width))

    @property
    def grey_scale(self) -> float:
        """Size of ``grey`` for one pixel of the picture."""
        return float(self.grey.shape[1] / self.size[0])

    @cached_property
    def cells(self) -> Grey:
        """Mean brightness of each cell, ``(rows, columns)``."""
        width, height = self.size
        side = max(CELL, round(width / MOST_CELLS))
        size = (max(1, width // side), max(1, height // side))
        return np.asarray(cv2.resize(self.grey, size, interpolation=cv2.INTER_AREA), np.uint8)

    def thumbnail(self, width: int, height: int) -> tuple[Grey, Grey, Grey]:
        """The three planes, each of this size: brightness, Cb, Cr."""
        planes = (self.cells, self._picture.u, self._picture.v)
        small = [cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in planes]
        y, u, v = (np.asarray(plane, np.uint8) for plane in small)
        return y, u, v


def _shrunk(plane: Grey, scale: float) -> Grey:
    if scale == 1:
        return plane
    return np.asarray(cv2.resize(plane, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
