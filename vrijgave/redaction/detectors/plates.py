"""Number plates, by a network of our own; ``training/`` makes it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vrijgave.domain.tracks import Detections, Image, ModelInfo, SubjectKind
from vrijgave.redaction.detectors.base import (
    EVERY_FRAME,
    Pace,
    Region,
    model_info,
    non_maximum_suppression,
    on_one_scale,
    united,
    widened,
)
from vrijgave.redaction.detectors.decoding import in_cells, making_sense
from vrijgave.redaction.detectors.engines import QUICKEST, Inference, load
from vrijgave.redaction.detectors.models import Model
from vrijgave.redaction.detectors.tiles import LARGEST, by_tiles, input_scale
from vrijgave.redaction.detectors.views import view

MODEL = Model(
    name="plates",
    package="vrijgave",
    file="redaction/detectors/weights/plates.onnx",
    sha256="fcfe76092192c236cd53c4cc3566e0511c28eb063ac5c30ab2bac0d1a488ebc9",
    outputs=2,  # heat and sides
    measured=True,
)
SECOND_SCALE = 0.8
CELL = 4  # pixels of the input for one cell of the output
NARROWEST = 320
"""Pixels of the input's width below which there is no look: the largest plates that the network knows would fill more
than three quarters of the picture, and what it then takes for one is the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateSettings:
    """How to look for plates."""

    threshold: float = 0.15
    sure: float = 0.7
    """Score from which a plate stands on its own."""
    overlap: float = 0.3
    widen: float = 0.1
    """Share of its width and height by which a box grows on each side, so that no character stays out ..."""
    rim: float = 1.5
    """... and pixels of the input besides."""
    pixels: int = 1920 * 1088
    """Pixels to which a picture is enlarged ..."""
    enlarge: float = 2.0
    """... but never enlarged by more than this."""
    largest: int = LARGEST
    """Pixels to which a larger picture is shrunk."""
    shrink: float = 1.0
    """Further factor on the size."""
    scales: tuple[float, ...] = (1.0, 0.5, 0.25)
    """Each look is made at these shares of that size: the network knows plates up to some 240 pixels wide."""
    pace: Pace = EVERY_FRAME


class PlateDetector:
    """Plate detector."""

    kind = SubjectKind.PLATE
    parts = True

    def __init__(self, settings: PlateSettings = PlateSettings(), inference: Inference = QUICKEST) -> None:
        self._settings = settings
        self._inference = inference
        self._network = load(MODEL, inference)

    @property
    def pace(self) -> Pace:
        """How often it looks."""
        return self._settings.pace

    @property
    def info(self) -> ModelInfo:
        """Model, its hash and the parameters in use."""
        return model_info(MODEL, self._network, self._settings)

    def rest(self) -> None:
        """Give back memory until the next picture."""
        self._network.rest()

    def second_look(self) -> PlateDetector:
        """At another scale, and sure of it: for the covered output."""
        s = self._settings
        return PlateDetector(
            replace(s, shrink=s.shrink * SECOND_SCALE, threshold=s.sure, pace=s.pace.halved()), self._inference
        )

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Plates in ``image``, or in the part of it around ``region``; boxes clipped to the picture."""
        s, width = self._settings, image.shape[1] * self.scale(image.shape[1], image.shape[0])
        shares = [share for share in s.scales if share == s.scales[0] or width * share >= NARROWEST]
        return united([self._look_at(image, region, share) for share in shares], s.overlap)

    def scale(self, width: int, height: int) -> float:
        """Factor on the picture's size in the largest look."""
        s = self._settings
        return input_scale(width, height, pixels=s.pixels, enlarge=s.enlarge, largest=s.largest) * s.shrink

    def _look_at(self, image: Image, region: Region | None, share: float) -> Detections:
        height, width = image.shape[:2]
        scale = self.scale(width, height) * share
        return by_tiles(lambda part: self._look(image, part, scale), image, scale, region)

    def _look(self, image: Image, region: Region | None, scale: float) -> Detections:
        s = self._settings
        seen = view(image, scale, region)
        heat, sides = (np.asarray(part) for part in self._network(seen.pixels(rgb=False)))
        size = (seen.image.shape[1], seen.image.shape[0])
        with making_sense(MODEL.name):
            found = in_cells(heat, sides, CELL, size, threshold=s.threshold, sure=s.sure)
        kept = non_maximum_suppression(found.xyxy, found.scores, s.overlap)
        xyxy = seen.in_picture(widened(found.xyxy[kept], s.widen, s.rim), image)
        return Detections(xyxy, on_one_scale(found.scores[kept], self.kind, s.sure))
