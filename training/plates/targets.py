"""What the network should answer to a sample, and how far an answer is from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.plates.network import CELL

SPREAD = 0.14  # standard deviation of the mark around a plate's centre, as a share of its sides ...
LEAST_SPREAD = 0.45  # ... and in cells, at least
INNER = 0.4  # mark above which a cell learns the distances to the sides
NEAREST = 0.0625  # cells; a distance below it counts as this: the cell's centre lies outside of a very low plate
SIDES_WEIGHT = 0.5
FOCUS, LENIENCE = 2.0, 4.0  # exponents of the focal loss for heat maps (CornerNet, ECCV 2018)
Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """For one sample of ``h × w`` cells, or stacked for a batch."""

    heat: Float
    """``(1, h, w)``; 1 in the cell of a plate's centre, falling off around it."""
    sides: Float
    """``(4, h, w)``: logarithms of distances in cells."""
    inner: Float
    """``(1, h, w)``: weight of a cell for the sides; all cells of a plate together weigh 1."""
    counted: Float
    """``(1, h, w)``: 0 where it is not known whether there is a plate."""


def targets(quads: Float, ignore: Float, size: int) -> Targets:
    """For plates with the corners ``quads`` ``(N, 4, 2)`` and the areas ``ignore`` ``(M, 4)``, in pixels."""
    n = size // CELL
    heat, sides, inner = (np.zeros((channels, n, n), np.float32) for channels in (1, 4, 1))
    made = Targets(heat, sides, inner, np.ones((1, n, n), np.float32))
    for x0, y0, x1, y1 in ignore / CELL:
        made.counted[0, max(0, int(y0)) : max(0, int(np.ceil(y1))), max(0, int(x0)) : max(0, int(np.ceil(x1)))] = 0
    for quad in quads:
        _mark(made, (np.concatenate([quad.min(axis=0), quad.max(axis=0)]) / CELL).astype(np.float32))
    return made


def _mark(made: Targets, box: Float) -> None:
    """One plate, ``box`` (x0, y0, x1, y1) in cells."""
    n = made.heat.shape[-1]
    centre, extent = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    cells = np.arange(n, dtype=np.float32) + 0.5
    spread = np.maximum(SPREAD * extent, LEAST_SPREAD)
    peak = np.clip(np.floor(centre), 0, n - 1) + 0.5
    across, down = (np.exp(-(((cells - peak[i]) / spread[i]) ** 2) / 2) for i in (0, 1))
    mark = down[:, None] * across[None, :]
    nearer = mark > made.heat[0]
    made.heat[0][nearer] = mark[nearer]
    inner = (mark > INNER) & nearer
    distances = [cells[None, :] - box[0], cells[:, None] - box[1], box[2] - cells[None, :], box[3] - cells[:, None]]
    for plane, distance in zip(made.sides, distances, strict=True):
        plane[inner] = np.log(np.maximum(np.broadcast_to(distance, (n, n)), NEAREST))[inner]
    made.inner[0][inner] = 1 / max(1, inner.sum())
    made.counted[0][mark > INNER] = 1


def loss(heat: Tensor, sides: Tensor, wanted: Targets) -> tuple[Tensor, Tensor]:
    """Loss of the heat map and of the sides, for logits and logarithms as the network gives them."""
    target, truth, inner, counted = (
        torch.from_numpy(values) for values in (wanted.heat, wanted.sides, wanted.inner, wanted.counted)
    )
    plates = max(1.0, float((target == 1).sum()))
    sure, unsure = functional.logsigmoid(heat), functional.logsigmoid(-heat)
    score = heat.sigmoid()
    found = (1 - score) ** FOCUS * sure * (target == 1)
    spared = (1 - target) ** LENIENCE * score**FOCUS * unsure * (target < 1)
    of_heat = -((found + spared) * counted).sum() / plates
    apart = functional.smooth_l1_loss(sides, truth, reduction="none", beta=0.1).sum(dim=1, keepdim=True)
    of_sides = ((apart + lost_overlap(sides, truth)) * inner).sum() / max(1.0, float(inner.sum()))
    return of_heat, SIDES_WEIGHT * of_sides


def lost_overlap(sides: Tensor, truth: Tensor) -> Tensor:
    """1 - intersection over union of the boxes that both give from the same cell, ``(N, 1, h, w)``."""
    a, b = sides.clamp(max=5).exp(), truth.exp()
    least = torch.minimum(a, b)
    both = (least[:, 0] + least[:, 2]) * (least[:, 1] + least[:, 3])
    areas = [(s[:, 0] + s[:, 2]) * (s[:, 1] + s[:, 3]) for s in (a, b)]
    return (1 - both / (areas[0] + areas[1] - both)).unsqueeze(1)
