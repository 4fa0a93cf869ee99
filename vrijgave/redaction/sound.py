"""Sound as a plan wants it: kept, silent, or a tone in its place; and the proof that nothing else is in the file.

AAC spreads what it cannot code well over the two frames around it. So the kept sound ends, fading, two such frames
before what is hidden begins, and comes back as much later: what is decoded there is made of silence or tone alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.media import MediaInfo
from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import Plan
from vrijgave.media import DEFAULT_LIMITS, Limits, SoundChunk, open_reader
from vrijgave.redaction.window import Window

TONE_HERTZ = 1000
TONE_LEVEL = 0.1
"""Of full scale: clearly heard, and not louder than speech."""
FADE = Fraction(5, 1000)
GUARD_SAMPLES = 2 * 1024 + 64
"""Between kept sound and what is hidden: two frames of AAC, and what a change of rate reaches."""
JITTER = Fraction(1, 100)
"""Seconds by which sound may come early or late and still continue what was before: containers round."""
FILLED = 1 << 16
"""Samples that are made at once where the source has none."""
SILENT = 0.001
"""Largest sample of what counts as silence."""
BESIDE_TONE = 0.02
"""Largest part of a sample that may be something else than the tone: what coding adds to a tone stays below half."""
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From ``start`` to ``stop`` in seconds on the clock of the footage."""

    sound: Sound
    start: float
    stop: float


class Mixer:
    """Makes of the sound of the footage that of the release, chunk by chunk, on the clock of the release."""

    def __init__(self, info: MediaInfo, plan: Plan, window: Window) -> None:
        video = info.video
        self._rate = info.audio[0].sample_rate if info.audio else 0
        self._channels = min(2, info.audio[0].channels) if info.audio else 0
        self._stretches = _stretches(plan, float(video.start_pts * video.time_base))
        self._shift = window.shift * video.time_base
        self._starts, self._ends = window.starts, window.ends
        self._as_it_is = plan.trim is None and all(each.sound is Sound.KEEP for each in self._stretches)
        self._guard = GUARD_SAMPLES / self._rate if self._rate else 0.0
        self._last = float(window.ends or video.start_pts * video.time_base + video.duration)
        self._position: Fraction | None = None
        """Seconds on the clock of the footage up to which all is made."""

    def mixed(self, chunk: SoundChunk) -> Iterator[SoundChunk]:
        """What becomes of ``chunk``, and what lies before it where the footage has no sound."""
        if self._as_it_is:
            yield chunk
            return
        start = chunk.start
        if self._position is None:
            self._position = self._begin(start)
        if abs(start - self._position) <= JITTER:
            start = self._position
        yield from self._filled(start)
        skipped = max(0, round((self._position - start) * self._rate))
        room = chunk.samples.shape[1] if self._ends is None else math.ceil((self._ends - start) * self._rate)
        yield from self._made(chunk.samples[:, skipped : max(room, 0)])

    def finished(self) -> Iterator[SoundChunk]:
        """A tone that goes on after the footage has no more sound; a moment of silence where there was nothing."""
        if self._as_it_is or not self._rate:
            return
        tones = [min(each.stop, self._last) for each in self._stretches if each.sound is Sound.BLEEP]
        if self._position is None:
            self._position = self._begin(self._starts or Fraction(0))
            yield from self._made(np.zeros((self._channels, 1), np.float32))
        yield from self._filled(Fraction(max(tones, default=0.0)))

    def _begin(self, start: Fraction) -> Fraction:
        """Where the sound of the release begins: with the footage's, or with a tone before it."""
        tones = [Fraction(each.start) for each in self._stretches if each.sound is Sound.BLEEP]
        begin = min([start, *tones])
        return begin if self._starts is None else max(begin, self._starts)

    def _filled(self, stop: Fraction) -> Iterator[SoundChunk]:
        """From the position up to ``stop`` as if the footage were silent there."""
        assert self._position is not None  # noqa: S101 - set by the callers
        end = stop if self._ends is None else min(stop, self._ends)
        missing = round((end - self._position) * self._rate)
        while missing > 0:
            count = min(missing, FILLED)
            yield from self._made(np.zeros((self._channels, count), np.float32))
            missing -= count

    def _made(self, samples: Samples) -> Iterator[SoundChunk]:
        """``samples`` of the footage from the position on, as the plan wants them."""
        count = samples.shape[1]
        if not count:
            return
        assert self._position is not None  # noqa: S101 - set by the callers
        times = float(self._position) + np.arange(count) / self._rate
        kept, tone = np.zeros(count), np.zeros(count)
        for each in self._stretches:
            if each.sound is Sound.KEEP:
                kept += _envelope(times, each.start + self._guard, each.stop - self._guard)
            elif each.sound is Sound.BLEEP:
                swing = np.sin(2 * np.pi * TONE_HERTZ * (times - each.start))
                tone += TONE_LEVEL * swing * _envelope(times, each.start, each.stop)
        made = np.where(kept > 0, samples * kept, 0) + tone
        yield SoundChunk(self._position - self._shift, made.astype(np.float32))
        self._position += Fraction(count, self._rate)


def _stretches(plan: Plan, zero: float) -> list[_Stretch]:
    """The plan's stretches on the clock of the footage, whose first picture is at ``zero``.

    The first and the last reach as far as there is sound, save for a tone, which does not begin before the pictures.
    """
    found = []
    for span in plan.sounds():
        open_start = span.start_ms == 0 and span.sound is not Sound.BLEEP
        start = -math.inf if open_start else zero + span.start_ms / 1000
        stop = math.inf if span.stop_ms is None else zero + span.stop_ms / 1000
        found.append(_Stretch(span.sound, start, stop))
    return found


def _envelope(times: NDArray[np.float64], start: float, stop: float) -> NDArray[np.float64]:
    """0 outside ``start`` to ``stop``, 1 within, on lines between."""
    fade = float(FADE)
    rising, falling = (times - start) / fade, (stop - times) / fade
    return np.asarray(np.clip(np.minimum(rising, falling), 0, 1), np.float64)


def source_heard(output: Path, info: MediaInfo, plan: Plan, window: Window, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether the written sound has anything in a stretch that is to be silent or a tone; ``info`` is the footage's.

    Raises ``UnreadableMedia``.
    """
    video = info.video
    shift = float(window.shift * video.time_base)
    hidden = [
        each for each in _stretches(plan, float(video.start_pts * video.time_base)) if each.sound is not Sound.KEEP
    ]
    with open_reader(output, limits, sound=True, first=0, stop=0) as reader:
        rate = reader.info.audio[0].sample_rate if reader.info.audio else 0
        for chunk in reader:
            if isinstance(chunk, SoundChunk):
                times = float(chunk.start) + shift + np.arange(chunk.samples.shape[1]) / rate
                if any(_leaks(chunk.samples, times, each, hidden, rate) for each in hidden):
                    return True
    return False


def _leaks(samples: Samples, times: NDArray[np.float64], each: _Stretch, hidden: list[_Stretch], rate: int) -> bool:
    """Whether ``samples`` hold anything but silence, or the tone, where they lie in the stretch."""
    within = (times >= each.start) & (times < each.stop)
    guard = GUARD_SAMPLES / rate
    near_tone = np.zeros(len(times), np.bool_)
    for other in hidden:
        if other.sound is Sound.BLEEP:
            near_tone |= (times >= other.start - guard) & (times < other.stop + guard)
    quiet = samples[:, within & ~near_tone]
    if quiet.size and float(np.abs(quiet).max()) > SILENT:
        return True
    toned = within & near_tone
    return bool(toned.any()) and _beside_tone(samples[:, toned], times[toned]) > BESIDE_TONE


def _beside_tone(samples: Samples, times: NDArray[np.float64]) -> float:
    """The largest part of any sample that no tone explains whose level goes up or down evenly."""
    angle = 2 * np.pi * TONE_HERTZ * times
    along = times - times.mean()
    swing, sway = np.sin(angle), np.cos(angle)
    known = np.stack([swing, sway, along * swing, along * sway], axis=1)
    weights = np.linalg.lstsq(known, samples.T.astype(np.float64), rcond=None)[0]
    return float(np.abs(samples.T - known @ weights).max())
