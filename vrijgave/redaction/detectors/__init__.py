"""The detectors, by name, and those that description files add. Weights are refused when they changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.redaction.detectors.base import Detector, Pace
from vrijgave.redaction.detectors.centerface import CenterFace, FaceSettings
from vrijgave.redaction.detectors.described import described
from vrijgave.redaction.detectors.engines import QUICKEST, Inference
from vrijgave.redaction.detectors.plates import PlateDetector, PlateSettings
from vrijgave.redaction.detectors.text import TextDetector, TextSettings

__all__ = [
    "DEFAULT", "FACTORIES", "Detector", "DetectorName", "Inference", "Pace", "build", "default_detectors", "described",
]  # fmt: skip


class DetectorName(StrEnum):
    """The detectors that can be asked for."""

    FACE_CLOSE = "face-close"
    """Faces in a picture enlarged for those of 10 pixels."""
    FACE_WIDE = "face-wide"
    """Faces at two thirds of that size, in turn with the close look: another scale finds other faces."""
    PLATE_CLOSE = "plate-close"
    """Number plates in a picture enlarged for those of a dozen pixels."""
    PLATE_WIDE = "plate-wide"
    """Number plates at half and a quarter of that size, in turn with the close look: larger ones."""
    TEXT = "text"
    """Number plates and other short lines, by what is written on them."""


DEFAULT = (DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE, DetectorName.PLATE_CLOSE, DetectorName.PLATE_WIDE)
"""What the analysis of footage uses in any case. Text detection found no plate of 28 that the plate detector did not,
and covered much that is none: docs/plates.md."""


FACES_EVERY = 0.4
"""Seconds between two close looks; with sooner looks at a fast picture nobody was lost up to this, among 270 faces in
13 clips of a moving camera."""
PLATES_EVERY = 0.4
"""In turns: all 28 plates are found as with all scales each 0.24 s, at three quarters of the processor time and with
a quarter less that is none. With all scales at once each 0.4 s, a car's plate was missed that was in the picture for
less than a second."""
TEXT_EVERY = 0.16
LARGEST_WIDE = 1920 * 1088
"""Pixels in which the wide look takes in all of a picture, so that faces larger than a tile are seen whole."""

FACTORIES: Mapping[DetectorName, Callable[..., Detector]] = MappingProxyType(
    {
        DetectorName.FACE_CLOSE: partial(CenterFace, FaceSettings(pace=Pace(seconds=FACES_EVERY))),
        DetectorName.FACE_WIDE: partial(
            CenterFace, FaceSettings(shrink=2 / 3, largest=LARGEST_WIDE, pace=Pace(seconds=FACES_EVERY, phase=0.5))
        ),
        DetectorName.PLATE_CLOSE: partial(PlateDetector, PlateSettings(scales=(1.0,), pace=Pace(seconds=PLATES_EVERY))),
        DetectorName.PLATE_WIDE: partial(
            PlateDetector, PlateSettings(scales=(0.5, 0.25), pace=Pace(seconds=PLATES_EVERY, phase=0.5))
        ),
        DetectorName.TEXT: partial(TextDetector, TextSettings(pace=Pace(seconds=TEXT_EVERY))),
    }
)


def build(names: Iterable[DetectorName], inference: Inference = QUICKEST) -> tuple[Detector, ...]:
    """The named detectors, with their models loaded.

    Raises ``ActionRequired`` when a model is missing or altered, or the engine that is asked for is not there.
    """
    return tuple(FACTORIES[name](inference) for name in names)


def default_detectors(inference: Inference = QUICKEST, descriptions: Iterable[Path] = ()) -> tuple[Detector, ...]:
    """What the analysis of footage uses: ``DEFAULT``, and the detectors of ``descriptions`` besides.

    Raises ``ActionRequired`` when one of them cannot be used, or two have one name.
    """
    detectors = (*build(DEFAULT, inference), *described(descriptions, inference))
    own, added = ([d.info.name for d in part] for part in (detectors[: len(DEFAULT)], detectors[len(DEFAULT) :]))
    for i, name in enumerate(added):
        if name in own or name in added[:i]:
            raise ActionRequired(
                "administrator", _("Two detectors are called {name}; give each a name of its own.").format(name=name)
            )
    return detectors
