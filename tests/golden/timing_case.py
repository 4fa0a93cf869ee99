"""A clip with known times, and what a viewer sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction as F
from itertools import pairwise
from math import floor
from pathlib import Path

import numpy as np
from clips import Clip, Sound, numbered

SIZE = (96, 64)
RED = (20, 20, 230)
SIDE = 10
X264 = {"preset": "ultrafast", "bf": "2", "g": "12"}
PLAIN = {"preset": "ultrafast", "bf": "0", "g": "6"}
TONE = Sound(length=F(1), burst_at=F(1, 2))
MILLI, TV = F(1, 1000), F(1, 90000)
CLOCKS = {"mkv": MILLI, "webm": MILLI, "flv": MILLI, "wmv": MILLI, "ts": TV, "mpg": TV}
"""Of containers that have a clock of their own."""
Make = Callable[[Path], Path]


def picture(number: int, width: int = SIZE[0], height: int = SIZE[1]) -> np.ndarray:
    """``number`` in the upper half, and below a red marker at a place that depends on it."""
    drawn = numbered(number, width, height)
    x = (number * 7) % (width - SIDE) // 2 * 2
    drawn[height - SIDE - 4 : height - 4, x : x + SIDE] = RED
    return drawn


def pictures(count: int, size: tuple[int, int] = SIZE) -> Iterator[np.ndarray]:
    """``count`` pictures, numbered from 0."""
    return (picture(number, *size) for number in range(count))


@dataclass(frozen=True)
class Case:
    """``make`` writes the source under ``file``; the rest is what a viewer sees of it, known from how it is made."""

    file: str
    make: Make
    steps: tuple[F, ...]
    """Seconds from each picture to the next, and at last how long the last one stands."""
    numbers: tuple[int | None, ...]
    """What the pictures show; None: all of it has to be covered."""
    start: F | None = None
    """When the first picture is due in the output; None: when it is due in the source."""
    size: tuple[int, int] = SIZE
    shape: F = F(1)
    onset: F | None = None
    """Seconds from the first picture to the tone; None: no sound."""
    tick: F = F(0)
    """Unit of the container's clock where the length of a picture is no whole number of them."""
    codec_delay: float = 0.003
    """Seconds by which the sound of the source itself is late, as its coding does not tell."""


def made(file: str, clip: Clip, **other: object) -> Case:
    """A case of a clip that a muxer writes as it is told."""
    clip = clip if clip.size != Clip.size else replace(clip, size=SIZE)
    clock = CLOCKS.get(file.rpartition(".")[2], clip.time_base)
    moments = [rounded(pts * clip.time_base, clock) for pts in clip.pts]
    last = rounded(1 / clip.rate, clock)
    facts: dict[str, object] = {
        "steps": (*(b - a for a, b in pairwise(moments)), last),
        "numbers": tuple(range(len(clip.pts))),
        "tick": F(0) if (1 / clip.rate / clock).denominator == 1 else clock,
        "onset": clip.sound.start + clip.sound.burst_at - clip.pts[0] * clip.time_base if clip.sound else None,
    }
    size = facts["size"] = clip.size
    facts["make"] = lambda path: clip.write(path, pictures(len(clip.pts), size))
    return Case(file, **(facts | other))


def rounded(time: F, unit: F) -> F:
    """To the nearest whole ``unit``, halves up, as muxers do."""
    return floor(time / unit + F(1, 2)) * unit
