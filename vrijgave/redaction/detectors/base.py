"""What every detector offers, and what all of them do alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, Image, ModelInfo, SubjectKind
from vrijgave.redaction.detectors.engines import Network
from vrijgave.redaction.detectors.models import Model
from vrijgave.redaction.geometry import covered_shares, overlaps

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

INSIDE = 0.8  # share of a box inside another one above which both mean the same subject
STANDS_ALONE: Mapping[SubjectKind, float] = MappingProxyType({SubjectKind.FACE: 0.4, SubjectKind.PLATE: 0.6})
"""Scores from which a detection of any size is a subject by itself; weaker ones only prolong what is known."""
Region = tuple[int, int, int, int]
"""Left, top, right, bottom of a part of a picture, in its pixels; right and bottom not included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a detector looks at a picture that changes all over; tracking fills the frames between.

    ``seconds`` from one look to the next; 0: every frame. ``phase`` is the share of that time by which it looks later
    than others, so that those who look for the same take turns.
    """

    seconds: float = 0.0
    phase: float = 0.0

    def halved(self) -> Pace:
        """Half as often, for the second look: what shows, shows for longer than a frame or two."""
        return Pace(seconds=self.seconds * 2, phase=self.phase)

    def __str__(self) -> str:
        return f"{self.seconds:g} s, phase {self.phase:g}"


EVERY_FRAME = Pace()


class Detector(Protocol):
    """Finds one kind of subject in one picture."""

    @property
    def kind(self) -> SubjectKind:
        """What it finds."""

    @property
    def parts(self) -> bool:
        """Whether a part of a picture reads like that part of the whole; otherwise it is always given the whole."""

    @property
    def info(self) -> ModelInfo:
        """Model, its hash and the parameters in use."""

    @property
    def pace(self) -> Pace:
        """How often it looks."""

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Boxes in pixels of ``image`` (BGR, ``(H, W, 3)``), lowest useful scores included.

        With ``region`` only that part of the picture is looked at, at the scale that it has in the whole.
        """

    def rest(self) -> None:
        """Give back memory until the next picture."""

    def second_look(self) -> Detector:
        """Another scale, and scores that mean a recognisable subject: for the re-scan of a covered output."""


@contextmanager
def at_work(detectors: Sequence[Detector]) -> Iterator[None]:
    """Afterwards the detectors take no more memory than before."""
    try:
        yield
    finally:
        for detector in detectors:
            detector.rest()


def model_info(model: Model, network: Network, settings: DataclassInstance) -> ModelInfo:
    """The record of a detector: its model, what runs it, and its settings as plain values."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    plain = {name: value if isinstance(value, (int, float)) else str(value) for name, value in values.items()}
    return ModelInfo(name=model.name, sha256=model.sha256, parameters=plain | dict(network.parameters))


def on_one_scale(scores: NDArray[np.float32], kind: SubjectKind, sure: float) -> NDArray[np.float32]:
    """``scores`` of a network that is certain from ``sure`` on, as all detectors of that kind mean them."""
    return np.interp(scores, (0, sure, 1), (0, STANDS_ALONE[kind], 1)).astype(np.float32)


def widened(xyxy: BoxArray, share: float, pixels: float = 0.0) -> BoxArray:
    """Boxes grown on each side by ``share`` of their width and height and by ``pixels``."""
    margin = (xyxy[:, 2:] - xyxy[:, :2]) * np.float32(share) + np.float32(pixels)
    return np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], axis=1)


def non_maximum_suppression(xyxy: BoxArray, scores: NDArray[np.float32], overlap: float) -> NDArray[np.int64]:
    """Indices of the boxes that stay, best first.

    Of two that overlap by more than ``overlap`` (IoU) the better one stays, and a box that lies inside a better one
    goes: covering the better one covers it.
    """
    order = np.argsort(-scores, kind="stable")
    return np.asarray(order[_stand_ins(xyxy, scores, overlap)[order] == order], np.int64)


def united(looks: Sequence[Detections], overlap: float) -> Detections:
    """What several looks at one picture saw: of boxes that mean the same subject the best, grown to hold the others,
    so that no look takes away what another one covers."""
    if len(looks) == 1:
        return looks[0]
    xyxy = np.concatenate([look.xyxy for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    stand_ins = _stand_ins(xyxy, scores, overlap)
    grown = xyxy.copy()
    np.minimum.at(grown[:, :2], stand_ins, xyxy[:, :2])
    np.maximum.at(grown[:, 2:], stand_ins, xyxy[:, 2:])
    order = np.argsort(-scores, kind="stable")
    kept = order[stand_ins[order] == order]
    return Detections(grown[kept], scores[kept])


def _stand_ins(xyxy: BoxArray, scores: NDArray[np.float32], overlap: float) -> NDArray[np.int64]:
    """For each box the index of the one that stays in its place: its own, or that of the best that means the same."""
    stand_ins = np.arange(len(scores), dtype=np.int64)
    waiting = np.argsort(-scores, kind="stable")
    while len(waiting):
        best, waiting = waiting[:1], waiting[1:]
        rest = xyxy[waiting]
        alike = (overlaps(rest, xyxy[best]) > overlap) | (covered_shares(rest, xyxy[best]) > INSIDE)
        stand_ins[waiting[alike[:, 0]]] = best[0]
        waiting = waiting[~alike[:, 0]]
    return stand_ins
