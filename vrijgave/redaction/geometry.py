"""Arithmetic on boxes: ``xyxy`` float32 ``(N, 4)``, pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray

FAR = 0.9  # centres further apart than this many box sizes do not belong together
SIZE_STEP = 1.8  # ratio of sizes above which two boxes are not the same subject one frame later


def areas(xyxy: BoxArray) -> NDArray[np.float32]:
    """Area of each box, 0 for an empty one; any leading shape."""
    extent = np.clip(xyxy[..., 2:] - xyxy[..., :2], 0, None)
    return np.asarray(extent[..., 0] * extent[..., 1], np.float32)


def intersections(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Common area of each of ``a`` ``(N, 4)`` with each of ``b`` ``(M, 4)``: ``(N, M)``."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return areas(np.concatenate([low, high], axis=2))


def overlaps(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Intersection over union, ``(N, M)``."""
    common = intersections(a, b)
    return np.asarray(common / np.maximum(areas(a)[:, None] + areas(b)[None, :] - common, 1e-6), np.float32)


def paired_overlaps(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Intersection over union of each of ``a`` ``(N, 4)`` with the box at the same place of ``b``: ``(N,)``."""
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    common = areas(np.concatenate([low, high], axis=1))
    return np.asarray(common / np.maximum(areas(a) + areas(b) - common, 1e-6), np.float32)


def covered_shares(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Share of each of ``a`` that lies in each of ``b``, ``(N, M)``."""
    return np.asarray(intersections(a, b) / np.maximum(areas(a)[:, None], 1e-6), np.float32)


def smaller_overlaps(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """Intersection over the smaller of the two areas, ``(N, M)``: 1 where one contains the other."""
    smaller = np.minimum(areas(a)[:, None], areas(b)[None, :])
    return np.asarray(intersections(a, b) / np.maximum(smaller, 1e-6), np.float32)


def affinities(a: BoxArray, b: BoxArray) -> NDArray[np.float32]:
    """How well each of ``a`` fits each of ``b`` ``(N, M)``, 0..1: overlap and nearness; 0 where the sizes disagree."""
    size_a, size_b = (np.sqrt(np.maximum(areas(boxes), 1e-6)) for boxes in (a, b))
    size = np.minimum(size_a[:, None], size_b[None, :])
    ratio = np.maximum(size_a[:, None], size_b[None, :]) / size
    centre_a, centre_b = ((boxes[:, :2] + boxes[:, 2:]) / 2 for boxes in (a, b))
    distance = np.linalg.norm(centre_a[:, None] - centre_b[None], axis=2) / size
    fit = 0.5 * overlaps(a, b) + 0.5 * (1 - distance / FAR)
    return np.where((distance < FAR) & (ratio < SIZE_STEP), fit, 0).astype(np.float32)


def inside_shares(xyxy: BoxArray, width: int, height: int) -> NDArray[np.float32]:
    """Share of each box that lies in the picture, ``(N,)``."""
    return covered_shares(xyxy, np.array([[0, 0, width, height]], np.float32))[:, 0]


def inside_share(box: BoxArray, width: int, height: int) -> float:
    """Share of one box ``(4,)`` that lies in the picture."""
    return float(inside_shares(box[None], width, height)[0])


def clipped(xyxy: BoxArray, width: int, height: int) -> BoxArray:
    """Boxes cut to the picture."""
    return np.clip(xyxy, 0, np.array([width, height] * 2, np.float32)).astype(np.float32)


def beside_others(xyxy: BoxArray) -> NDArray[np.bool_]:
    """Which of the boxes ``(N, 4)`` meet another one."""
    meets = intersections(xyxy, xyxy) > 0
    np.fill_diagonal(meets, val=False)
    return np.asarray(meets.any(axis=1), np.bool_)
