"""PP-OCRv6 text detection (Apache-2.0): number plates and other short lines, from the package rapidocr."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Detections, Image, ModelInfo, SubjectKind
from vrijgave.redaction.detectors.base import (
    EVERY_FRAME,
    Pace,
    Region,
    model_info,
)
from vrijgave.redaction.detectors.engines import QUICKEST, Inference, load
from vrijgave.redaction.detectors.models import Model
from vrijgave.redaction.detectors.views import view

MODEL = Model(
    name="pp-ocrv6-det-small",
    package="rapidocr",
    file="models/PP-OCRv6_det_small.onnx",
    sha256="090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    outputs=1,
    mean=127.5,
    scale=1 / 127.5,
)
SECOND_SCALE = 0.8
SECOND_THRESHOLD = 0.75
Contour = NDArray[np.integer[Any] | np.floating[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """How to look for plates."""

    binary: float = 0.2
    """Above this a pixel counts as text."""
    threshold: float = 0.3
    """Mean of the text map inside a box, at least."""
    unclip: float = 1.6
    """The network marks shrunken lines; this ratio (area over circumference) gives the line's size back."""
    grow: float = 1.2
    """Growth in heights of the line, in all: covers 85 % of every plate of 108 European stills."""
    longest: float = 14.0
    """Length over height above which a line is no plate (banners, burnt-in clocks)."""
    widest: float = 0.35
    """Share of the picture's width above which a line is no plate."""
    highest: float = 0.12
    """Share of the picture's height above which a line is no plate; regular patterns look like such lines."""
    pixels: int = 640 * 368
    """Pixels that a picture is brought to."""
    enlarge: float = 2.0
    shrink: float = 1.0
    """Further factor on the size."""
    pace: Pace = EVERY_FRAME


class TextDetector:
    """Finds short lines of text, number plates among them."""

    kind = SubjectKind.PLATE
    parts = False  # it reads other lines into a part than into the whole

    def __init__(self, settings: TextSettings = TextSettings(), inference: Inference = QUICKEST) -> None:
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

    def second_look(self) -> TextDetector:
        """At another scale, and sure of it: for the covered output."""
        s = self._settings
        return TextDetector(
            replace(s, shrink=s.shrink * SECOND_SCALE, threshold=SECOND_THRESHOLD, pace=s.pace.halved()),
            self._inference,
        )

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Lines in ``image``, or in the part of it around ``region``: upright boxes grown to a plate's rim and
        clipped to the picture."""
        height, width = image.shape[:2]
        scale = min((self._settings.pixels / (width * height)) ** 0.5, self._settings.enlarge) * self._settings.shrink
        seen = view(image, scale, region)
        (text_map,) = self._network(seen.pixels(rgb=False))
        found = _lines(text_map[0, 0], seen.size, self._settings)
        return Detections(seen.in_picture(found.xyxy, image), found.scores)


def _lines(text_map: NDArray[np.float32], size: tuple[int, int], settings: TextSettings) -> Detections:
    """Boxes in pixels of the network's input, from its map ``(H, W)`` of text in 0..1; ``size`` (width, height) is
    that of the whole picture."""
    mask = (text_map > settings.binary).astype(np.uint8)
    contours, _hierarchy = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes, scores = [], []
    for contour in contours:
        score = _mean_inside(text_map, contour)
        box = _line_box(contour, size, settings)
        if box is not None and score >= settings.threshold:
            boxes.append(box)
            scores.append(score)
    if not boxes:
        return Detections.empty()
    return Detections(np.asarray(boxes, np.float32), np.asarray(scores, np.float32))


def _line_box(
    contour: Contour, size: tuple[int, int], settings: TextSettings
) -> tuple[float, float, float, float] | None:
    """Upright box around the tilted line, grown; None where the line is too thin, long or large for a plate."""
    (_x, _y), (a, b), _angle = cv2.minAreaRect(contour)
    long, short = max(a, b) + 1, min(a, b) + 1
    if short < 2 or long / short > settings.longest:
        return None
    margin = long * short * settings.unclip / (2 * (long + short))
    x, y, width, height = cv2.boundingRect(contour)
    if width + 2 * margin > settings.widest * size[0] or short + 2 * margin > settings.highest * size[1]:
        return None
    margin += settings.grow / 2 * (short + 2 * margin)
    return x - margin, y - margin, x + width + margin, y + height + margin


def _mean_inside(text_map: NDArray[np.float32], contour: Contour) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour - (x, y)], -1, 1, cv2.FILLED)
    return float(cv2.mean(text_map[y : y + height, x : x + width], mask)[0])
