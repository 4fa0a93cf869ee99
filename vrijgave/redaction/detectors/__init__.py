"""The detectors, by name. Their weights lie inside installed packages and are refused when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from vrijgave.redaction.detectors.base import Detector, Pace
from vrijgave.redaction.detectors.centerface import CenterFace, FaceSettings
from vrijgave.redaction.detectors.engines import QUICKEST, Inference
from vrijgave.redaction.detectors.text import TextDetector, TextSettings

__all__ = ["FACTORIES", "Detector", "DetectorName", "Inference", "Pace", "build", "default_detectors"]


class DetectorName(StrEnum):
    """The detectors that can be asked for."""

    FACE_CLOSE = "face-close"
    """Faces in a picture enlarged for those of 10 pixels."""
    FACE_WIDE = "face-wide"
    """Faces at two thirds of that size, in turn with the close look: another scale finds other faces."""
    TEXT = "text"
    """Number plates and other short lines."""


FACES_EVERY = 0.4
"""Seconds between two close looks; with sooner looks at a fast picture nobody was lost up to this, among 270 faces in
13 clips of a moving camera."""
TEXT_EVERY = 0.16

FACTORIES: Mapping[DetectorName, Callable[..., Detector]] = MappingProxyType(
    {
        DetectorName.FACE_CLOSE: partial(CenterFace, FaceSettings(pace=Pace(seconds=FACES_EVERY))),
        DetectorName.FACE_WIDE: partial(
            CenterFace, FaceSettings(shrink=2 / 3, pace=Pace(seconds=FACES_EVERY, phase=0.5))
        ),
        DetectorName.TEXT: partial(TextDetector, TextSettings(pace=Pace(seconds=TEXT_EVERY))),
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
