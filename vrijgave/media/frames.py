"""The two things that come out of a file in the order of the file: pictures and stretches of sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image

Progress = Callable[[int, int | None], None]
"""Told how much is done, and of how much in all where that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, upright. ``index`` counts from 0 in presentation order.

    ``pts`` is in the time base of the video and strictly increases. ``image`` is uint8 BGR ``(H, W, 3)`` and belongs
    to the caller; None means that this picture of the file could not be decoded: cover it, never leave it out.
    """

    index: int
    pts: int
    image: Image | None


@dataclass(frozen=True, slots=True, eq=False)
class SoundChunk:
    """A stretch of the first sound stream, at that stream's own sample rate.

    ``start`` is in seconds with the same zero as the pictures' timestamps. ``samples`` is ``(channels, n)`` with one
    or two channels; sound with more channels has been mixed down to two.
    """

    start: Fraction
    samples: NDArray[np.float32]
