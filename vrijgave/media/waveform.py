"""What the sound looks like on the timeline of the review: peaks, so that a person sees where something is said."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrijgave.media.frames import SoundChunk

RATE = 50
"""Peaks a second: a syllable lasts some ten of them."""
FULL = 127

Peaks = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """``peaks`` ``(n, 2)``: lowest and highest sample of all channels in each 1/50 s, -127 to 127; never 0 for a sample
    that is not. Peak ``i`` lasts from ``i / 50`` to ``(i + 1) / 50`` seconds."""

    peaks: Peaks

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the peaks as base64 of signed bytes: lowest, highest, lowest, …"""
        return {"rate": RATE, "count": len(self.peaks), "peaks": b64encode(self.peaks.tobytes()).decode("ascii")}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Waveform:
        """Inverse of ``to_dict``."""
        return cls(np.frombuffer(b64decode(value["peaks"]), np.int8).reshape(-1, 2))


class Meter:
    """Takes sound in any order and keeps its peaks: 100 bytes a second."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._peaks: Peaks = np.zeros((0, 2), np.int8)
        self._count = 0

    def take(self, chunk: SoundChunk) -> None:
        """A stretch of sound; what lies before zero does not count."""
        first = round(chunk.start * self._rate)
        samples = chunk.samples[:, max(0, -first) :]
        first = max(0, first)
        if not samples.shape[1]:
            return
        stop = first + samples.shape[1]
        begin, end = first * RATE // self._rate, (stop - 1) * RATE // self._rate + 1
        self._reserve(end)
        # The first sample of each peak: those whose time is not before the peak's.
        starts = -(-np.arange(begin, end) * self._rate // RATE) - first
        starts = np.maximum(starts, 0)
        low = np.minimum.reduceat(samples.min(axis=0), starts)
        high = np.maximum.reduceat(samples.max(axis=0), starts)
        kept = self._peaks[begin:end]
        np.minimum(kept[:, 0], _level(np.floor(low * FULL), -FULL), out=kept[:, 0])
        np.maximum(kept[:, 1], _level(np.ceil(high * FULL), FULL), out=kept[:, 1])

    def waveform(self) -> Waveform:
        """All that was taken."""
        return Waveform(self._peaks[: self._count].copy())

    def _reserve(self, count: int) -> None:
        self._count = max(self._count, count)
        if count > len(self._peaks):
            more = np.zeros((max(count, 2 * len(self._peaks)) - len(self._peaks), 2), np.int8)
            self._peaks = np.concatenate([self._peaks, more])


def _level(values: NDArray[np.float32], unknown: int) -> NDArray[np.int8]:
    """Whole levels. A sample that is no number, as a damaged file may give, becomes ``unknown``, the loudest: nobody is
    to think that it is silent there."""
    return np.clip(np.nan_to_num(values, nan=unknown), -FULL, FULL).astype(np.int8)
