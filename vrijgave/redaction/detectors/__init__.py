"""The detectors, by name. Their weights lie inside installed packages and are refused when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from vrijgave.redaction.detectors.base import Cadence, Detector
from vrijgave.redaction.detectors.centerface import CenterFace, FaceSettings
from vrijgave.redaction.detectors.engines import QUICKEST, Inference
from vrijgave.redaction.detectors.text import TextDetector, TextSettings

__all__ = ["FACTORIES", "Cadence", "Detector", "DetectorName", "Inference", "build", "default_detectors"]


class DetectorName(StrEnum):
    """The detectors that can be asked for."""

    FACE_CLOSE = "face-close"
    """Faces in an enlarged picture, every fourth frame."""
    FACE_WIDE = "face-wide"
    """Faces in the frames between, at two thirds of that size: another scale finds other faces."""
    TEXT = "text"
    """Number plates and other short lines."""


CLOSE_EVERY = 4

FACTORIES: Mapping[DetectorName, Callable[..., Detector]] = MappingProxyType(
    {
        DetectorName.FACE_CLOSE: partial(CenterFace, FaceSettings(cadence=Cadence(every=CLOSE_EVERY))),
        DetectorName.FACE_WIDE: partial(
            CenterFace, FaceSettings(shrink=2 / 3, cadence=Cadence(every=CLOSE_EVERY, between=True))
        ),
        DetectorName.TEXT: partial(TextDetector, TextSettings(cadence=Cadence(every=2))),
    }
)


def build(names: Iterable[DetectorName], inference: Inference = QUICKEST) -> tuple[Detector, ...]:
    """The named detectors, with their models loaded.

    Raises ``ActionRequired`` when a model is missing or altered, or the engine that is asked for is not there.
    """
    return tuple(FACTORIES[name](inference) for name in names)


def default_detectors(inference: Inference = QUICKEST) -> tuple[Detector, ...]:
    """What the analysis of footage uses."""
    return build((DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE, DetectorName.TEXT), inference)
