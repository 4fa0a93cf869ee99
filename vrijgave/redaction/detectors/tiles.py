"""Looking at large pictures without shrinking them: tile by tile, so that memory does not grow with the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from vrijgave.domain.tracks import Detections, Image
from vrijgave.redaction.detectors.base import Region

LARGEST = 3840 * 2176
"""Pixels up to which a close look takes a picture as large as it is."""
TILE = (1920, 1088)
"""Pixels of the network's input that a tile is in charge of at most ..."""
AROUND = 128
"""... and those around it that it sees besides: subjects twice as large are found by looks at a smaller scale."""
Look = Callable[[Region | None], Detections]
"""Looks at a part of a picture; None: at all of it."""


def input_scale(width: int, height: int, *, pixels: int, enlarge: float, largest: int) -> float:
    """Factor on the size of a picture: small ones are enlarged to ``pixels`` pixels, by ``enlarge`` at most, and those
    of more than ``largest`` pixels are shrunk to them."""
    area = width * height
    return float(min(max((pixels / area) ** 0.5, min(1.0, (largest / area) ** 0.5)), enlarge))


def by_tiles(look: Look, picture: Image, scale: float, region: Region | None) -> Detections:
    """What ``look`` finds in ``region`` of ``picture``, or in all of it, at ``scale``: in one piece where it is no
    larger than a tile, else each subject in the tile that holds its centre."""
    height, width = picture.shape[:2]
    left, top, right, bottom = region or (0, 0, width, height)
    across, down = (
        math.ceil(extent * scale / most) for extent, most in zip((right - left, bottom - top), TILE, strict=True)
    )
    if (right - left) * (bottom - top) * scale * scale <= TILE[0] * TILE[1] or across * down == 1:
        return look(region)
    x, y = np.linspace(left, right, across + 1).round(), np.linspace(top, bottom, down + 1).round()
    found = [_in_charge(look, core, round(AROUND / scale), (width, height)) for core in _cores(x.tolist(), y.tolist())]
    return Detections(np.concatenate([d.xyxy for d in found]), np.concatenate([d.scores for d in found]))


def _cores(x: list[float], y: list[float]) -> Iterator[Region]:
    """The tiles between the lines, without what lies around them."""
    for top, bottom in pairwise(y):
        for left, right in pairwise(x):
            yield int(left), int(top), int(right), int(bottom)


def _in_charge(look: Look, core: Region, around: int, size: tuple[int, int]) -> Detections:
    """What has its centre in ``core``; at the picture's own edge nothing is left out."""
    seen = look(
        (
            max(0, core[0] - around),
            max(0, core[1] - around),
            min(size[0], core[2] + around),
            min(size[1], core[3] + around),
        )
    )
    centre = (seen.xyxy[:, :2] + seen.xyxy[:, 2:]) / 2
    own = ((centre >= core[:2]) & (centre < core[2:])).all(axis=1)
    return Detections(seen.xyxy[own], seen.scores[own])
