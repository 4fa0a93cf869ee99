"""The sound of a source on the timeline of its proxy, on which every frame stands equally long."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.frame_map import ProxySound
from vrijgave.media.frames import SoundChunk

TOLERANCE = 0.04
"""Seconds by which sound may be off its frame within a stretch: less is not seen on a mouth (ITU-R BT.1359 has 45 ms),
and a telephone whose pictures come a little unevenly keeps one even stretch, without a wavering pitch."""
BLOCK = 1 << 16
"""Samples made at once: a stretch may become much longer than it was."""

Seconds = NDArray[np.float64]


class SoundMap:
    """Moves sound from the clock of the source to that of the proxy.

    Between the frames that ``knots`` names the sound is played evenly, slower or faster; after the last one as it is.
    What lies before the first frame falls away: it has no place on the proxy's timeline.
    """

    def __init__(
        self, times: NDArray[np.int64], time_base: Fraction, rate: Fraction, sample_rate: int, *, in_step: bool
    ) -> None:
        """``times`` ``(n,)`` in ``time_base``: when each frame of the source is shown. ``rate``: of the proxy's frames.

        ``in_step``: the frames of the source come at ``rate``, so that sound is only moved to begin at frame 0.
        """
        seconds = times * np.float64(time_base)
        places = [0] if in_step else knots(seconds, TOLERANCE)
        self._source = seconds[places]
        self._target = np.asarray(places, np.float64) / float(rate)
        self._first = int(times[0]) * time_base
        self._sample_rate = sample_rate
        self._before = 0.0

    def sound(self) -> ProxySound:
        """What became of the sound that went through."""
        speeds = np.diff(self._source) / np.diff(self._target) if len(self._source) > 1 else np.ones(1)
        return ProxySound(
            slowest=round(float(speeds.min()), 4), fastest=round(float(speeds.max()), 4), before=round(self._before, 4)
        )

    def moved(self, chunk: SoundChunk) -> Iterator[SoundChunk]:
        """``chunk`` on the clock of the proxy, in parts that none is empty of."""
        self._before = max(self._before, float(self._first - chunk.start))
        if len(self._source) == 1:
            yield SoundChunk(chunk.start - self._first, chunk.samples)
            return
        yield from self._stretched(chunk)

    def _stretched(self, chunk: SoundChunk) -> Iterator[SoundChunk]:
        begin, rate, count = float(chunk.start), self._sample_rate, chunk.samples.shape[1]
        first, stop = (max(0, int(np.ceil(self._to_target(moment) * rate))) for moment in (begin, begin + count / rate))
        for start in range(first, stop, BLOCK):
            moments = np.arange(start, min(start + BLOCK, stop)) / rate
            places = np.clip((self._to_source(moments) - begin) * rate, 0, count - 1)
            yield SoundChunk(Fraction(start, rate), _between(chunk.samples, places))

    def _to_target(self, moment: float) -> float:
        return float(_along(np.asarray([moment]), self._source, self._target)[0])

    def _to_source(self, moments: Seconds) -> Seconds:
        return _along(moments, self._target, self._source)


def knots(times: Seconds, tolerance: float) -> list[int]:
    """The fewest frames, found in one pass, the first and the last among them, so that a straight line from each to the
    next is nowhere more than ``tolerance`` seconds off the frames between."""
    places, anchor = [0], 0
    low, high = -np.inf, np.inf
    for place in range(1, len(times)):
        length, rise = place - anchor, float(times[place] - times[anchor])
        if not low <= rise / length <= high:
            anchor = place - 1
            places.append(anchor)
            length, rise = 1, float(times[place] - times[anchor])
            low, high = -np.inf, np.inf
        low, high = max(low, (rise - tolerance) / length), min(high, (rise + tolerance) / length)
    return [*places, len(times) - 1] if len(times) > 1 else places


def _along(values: Seconds, source: Seconds, target: Seconds) -> Seconds:
    """Linear between the knots, and as fast as time goes outside them."""
    inside = np.interp(values, source, target)
    outside = np.minimum(values - source[0], 0) + np.maximum(values - source[-1], 0)
    return np.asarray(inside + outside, np.float64)


def _between(samples: NDArray[np.float32], places: Seconds) -> NDArray[np.float32]:
    """``samples`` ``(channels, n)`` at places between them."""
    left = places.astype(np.int64)
    right = np.minimum(left + 1, samples.shape[1] - 1)
    share = (places - left).astype(np.float32)
    return np.asarray(samples[:, left] * (1 - share) + samples[:, right] * share, np.float32)
