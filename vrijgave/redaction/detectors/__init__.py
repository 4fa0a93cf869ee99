"""The detectors, by name. Their weights lie inside installed packages and are refused when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from vrijgave.redaction.detectors.base import Cadence, Detector
from vrijgave.redaction.detectors.centerface import CenterFace, FaceSettings
from vrijgave.redaction.detectors.text import TextDetector, TextSettings

__all__ = ["FACTORIES", "Cadence", "Detector", "DetectorName", "build", "default_detectors"]


class DetectorName(StrEnum):
    """The detectors that can be asked for."""

    FACE_CLOSE = "face-close"
    """Faces in an enlarged picture, every fourth frame."""
    FACE_WIDE = "face-wide"
    """Faces in the frames between, at two thirds of that size: another scale finds other faces."""
    TEXT = "text"
    """Number plates and other short lines."""


CLOSE_EVERY = 4

FACTORIES: Mapping[DetectorName, Callable[[], Detector]] = MappingProxyType(
    {
        DetectorName.FACE_CLOSE: lambda: CenterFace(FaceSettings(cadence=Cadence(every=CLOSE_EVERY))),
        DetectorName.FACE_WIDE: lambda: CenterFace(
            FaceSettings(shrink=2 / 3, cadence=Cadence(every=CLOSE_EVERY, between=True))
        ),
        DetectorName.TEXT: lambda: TextDetector(TextSettings(cadence=Cadence(every=2))),
    }
)


def build(names: Iterable[DetectorName]) -> tuple[Detector, ...]:
    """The named detectors, with their models loaded. Raises ``ActionRequired`` when a model is missing or altered."""
    return tuple(FACTORIES[name]() for name in names)


def default_detectors() -> tuple[Detector, ...]:
    """What the analysis of footage uses."""
    return build((DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE, DetectorName.TEXT))
