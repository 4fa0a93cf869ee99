"""From what a network says to boxes in pixels of its input. An answer that makes no sense is an error and never taken
for a picture in which nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.redaction.detectors.description import Rows, Scores, Size, Table

Answer = NDArray[np.float32]
ROUNDING = 0.01  # by which a score may leave 0..1: half-precision numbers do
LEAST_SIDE = 1.0  # pixels


class Nonsense(ValueError):
    """An answer that a working network would not give; the message says what is wrong with it."""


@contextmanager
def making_sense(name: str) -> Iterator[None]:
    """What ``Nonsense`` the detector ``name`` gives inside becomes ``ActionRequired``."""
    try:
        yield
    except Nonsense as error:
        raise unusable(name, str(error)) from error


def unusable(name: str, why: str) -> ActionRequired:
    """The error that a detector does not work."""
    return ActionRequired("administrator", _("The detector {name} cannot be used: {why}.").format(name=name, why=why))


def in_cells(heat: Answer, sides: Answer, cell: int, size: Size, *, threshold: float, sure: float) -> Detections:
    """A box for each peak above ``threshold`` of ``heat`` (1, 1, h, w), from the ``sides`` (1, 4, h, w): pixels of the
    input of ``size`` from the centre of the cell to left, top, right and bottom.

    Only neighbouring cells compete: plates are wide and low, and two of them may lie close together.
    """
    grid = (size[1] // cell, size[0] // cell)
    for values, channels in ((heat, 1), (sides, 4)):
        if values.shape != (1, channels, *grid):
            raise Nonsense(_shapes(values.shape, f"(1, {channels}, {grid[0]}, {grid[1]})"))
    _check_numbers(heat, sides)
    _check_scores(heat)
    peak = heat[0, 0] >= cv2.dilate(heat[0, 0], np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(peak & (heat[0, 0] > threshold))
    scores = heat[0, 0, rows, columns].astype(np.float32)
    centre = np.stack([columns, rows], axis=1).astype(np.float32) * cell + cell / 2
    left_top, right_bottom = sides[0, :2, rows, columns], sides[0, 2:, rows, columns]
    xyxy = np.concatenate([centre - left_top, centre + right_bottom], axis=1)
    return _plausible(xyxy, scores, size, sure)


def in_rows(answers: Mapping[str, Answer], described: Rows, size: Size, *, threshold: float, sure: float) -> Detections:
    """The box of each row with a score above ``threshold``, in the input of ``size``."""
    boxes, table = (_table(answers[part.tensor], part) for part in (described.boxes, described.scores))
    if len(boxes) != len(table):
        raise Nonsense(_("it gives {boxes} boxes, but {scores} scores").format(boxes=len(boxes), scores=len(table)))
    numbers = boxes[:, described.boxes.at : described.boxes.at + 4]
    _check_numbers(numbers)
    scores = _scores(table, described.scores, threshold)
    found = scores > threshold
    xyxy = _corners(numbers[found], described.boxes.form)
    if described.boxes.unit == "shares":
        xyxy = xyxy * np.array(size * 2, np.float32)
    return _plausible(xyxy, scores[found], size, sure)


def _table(values: Answer, described: Table) -> Answer:
    """``values`` as ``(rows, columns)``."""
    table = values[0] if values.ndim == 3 and len(values) == 1 else values
    if table.ndim == 1 and described.columns == 1:
        table = table[:, None]
    elif table.ndim == 2 and described.columns_first:
        table = table.T
    if table.ndim != 2 or table.shape[1] != described.columns:
        wanted = f"({described.columns}, n)" if described.columns_first else f"(n, {described.columns})"
        raise Nonsense(f"«{described.tensor}»: {_shapes(values.shape, wanted)}")
    return table


def _shapes(found: tuple[int, ...], wanted: str) -> str:
    return _("it gives numbers of the shape {found} instead of {wanted}").format(found=found, wanted=wanted)


def _scores(table: Answer, described: Scores, threshold: float) -> Answer:
    """Score of each row as a subject that counts, ``(rows,)``."""
    by_column = described.classes is not None and described.class_at is None
    width = len(described.classes or ()) if by_column else 1
    scores = table[:, described.at : described.at + width]
    _check_numbers(scores)
    _check_scores(scores)
    names, counting = described.classes or (), described.counting or ()
    if by_column:
        scores = scores[:, [names.index(name) for name in counting]]
    best: Answer = scores.max(axis=1)
    if described.objectness_at is not None:
        objectness = table[:, described.objectness_at]
        _check_numbers(objectness)
        _check_scores(objectness)
        best = best * objectness
    if described.class_at is not None:
        best = np.where(_counts(table[:, described.class_at], best > threshold, names, counting), best, np.float32(0))
    return best


def _counts(
    numbers: Answer, found: NDArray[np.bool_], names: tuple[str, ...], counting: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Which rows are of a class that counts; rows that were not ``found`` may hold any number."""
    if not np.isin(numbers[found], np.arange(len(names))).all():
        raise Nonsense(_("it gives the number of a class that the description does not name"))
    return np.isin(numbers, [names.index(name) for name in counting])


def _corners(boxes: Answer, form: str) -> BoxArray:
    if form == "xyxy":
        return boxes
    first, extent = boxes[:, :2], boxes[:, 2:]
    if form == "cxcywh":
        first = first - extent * np.float32(0.5)
    return np.concatenate([first, first + extent], axis=1)


def _check_numbers(*parts: Answer) -> None:
    if not all(np.isfinite(part).all() for part in parts):
        raise Nonsense(_("it gives values that are no numbers"))


def _check_scores(scores: Answer) -> None:
    if scores.size and not (scores.min() >= -ROUNDING and scores.max() <= 1 + ROUNDING):
        raise Nonsense(
            _("it gives the score {score:g}, which does not lie in 0..1").format(
                score=scores.min() if scores.min() < -ROUNDING else scores.max()
            )
        )


def _plausible(xyxy: BoxArray, scores: Answer, size: Size, sure: float) -> Detections:
    """The boxes, with their corners in order. A box of which the network is ``sure`` has to be one, near the input: if
    not, the description does not fit the network."""
    certain = xyxy[scores >= sure]
    extent = certain[:, 2:] - certain[:, :2]
    if (extent < 0).any():
        raise Nonsense(_("it gives a box that ends before it begins; check how boxes are written"))
    if (extent < LEAST_SIDE).all(axis=1).any():
        raise Nonsense(_("it gives a box of less than a pixel; check the unit of the boxes"))
    centre, limits = (certain[:, :2] + certain[:, 2:]) / 2, np.array(size, np.float32)
    if ((centre < -limits) | (centre > 2 * limits)).any():
        raise Nonsense(_("it gives a box far beside the picture; check the unit of the boxes"))
    low, high = np.minimum(xyxy[:, :2], xyxy[:, 2:]), np.maximum(xyxy[:, :2], xyxy[:, 2:])
    return Detections(np.concatenate([low, high], axis=1).astype(np.float32), scores)
