"""Sound as a plan wants it: kept, silent, or a tone in its place; and the proof that nothing else is in the file.

AAC spreads what it cannot code well over the two frames around it. So the kept sound ends, fading, two such frames
before what is hidden begins, and comes back as much later: what is decoded there is made of silence or tone alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
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
SILENT = 0.0005
"""Largest sample of what counts as silence; what is decoded there was 0 in all that was measured."""
BESIDE_TONE = 0.004
"""By how much a sample may differ from the tone: three times what coding did to it at any rate that was measured."""
AT_THE_START = 0.05
"""The same where the stream begins with a tone: the coder has nothing before it to go by."""
Samples = NDArray[np.float32]
Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From ``start`` to ``stop`` in seconds on the clock of the release."""

    sound: Sound
    start: float
    stop: float


class Mixer:
    """Makes of the sound of the footage that of the release, chunk by chunk, on the clock of the release."""

    def __init__(self, info: MediaInfo, plan: Plan, window: Window) -> None:
        video = info.video
        self._shift = window.shift * video.time_base
        self._rate = info.audio[0].sample_rate if info.audio else 0
        self._channels = min(2, info.audio[0].channels) if info.audio else 0
        self._stretches = _stretches(info, plan, window)
        self._tones = [each for each in self._stretches if each.sound is Sound.BLEEP]
        self._first = None if window.starts is None else self._sample(window.starts - self._shift)
        self._stop = None if window.ends is None else self._sample(window.ends - self._shift)
        self._pictures_end = (video.start_pts * video.time_base + video.duration) - self._shift
        self._as_it_is = plan.trim is None and all(each.sound is Sound.KEEP for each in self._stretches)
        self._position: int | None = None
        """The sample, counted on the clock of the release, up to which all is made."""

    def mixed(self, chunk: SoundChunk) -> Iterator[SoundChunk]:
        """What becomes of ``chunk``, and what lies before it where the footage has no sound."""
        if self._as_it_is:
            yield chunk
            return
        start = self._sample(chunk.start - self._shift)
        if self._position is None:
            self._position = self._begin(start)
        if abs(start - self._position) <= JITTER * self._rate:
            start = self._position
        yield from self._silence(start)
        skipped = max(0, self._position - start)
        room = chunk.samples.shape[1] if self._stop is None else max(0, self._stop - start)
        yield from self._made(chunk.samples[:, skipped:room])

    def finished(self) -> Iterator[SoundChunk]:
        """A tone that goes on after the footage has no more sound; a moment of silence where there was nothing."""
        if self._as_it_is or not self._rate:
            return
        if self._position is None:
            self._position = self._begin(self._first or 0)
            yield from self._made(np.zeros((self._channels, 1), np.float32))
        ends = (min(each.stop, float(self._pictures_end)) for each in self._tones)
        yield from self._silence(self._sample(max(ends, default=0.0)))

    def _sample(self, seconds: Fraction | float) -> int:
        return round(seconds * self._rate)

    def _begin(self, start: int) -> int:
        """Where the sound of the release begins: with the footage's, or with a tone before it."""
        begin = min([start, *(self._sample(each.start) - GUARD_SAMPLES for each in self._tones)])
        return max(begin, min(start, 0) if self._first is None else self._first)

    def _silence(self, stop: int) -> Iterator[SoundChunk]:
        """From the position up to ``stop`` as if the footage were silent there."""
        assert self._position is not None  # noqa: S101 - set by the callers
        end = stop if self._stop is None else min(stop, self._stop)
        while self._position < end:
            yield from self._made(np.zeros((self._channels, min(end - self._position, FILLED)), np.float32))

    def _made(self, samples: Samples) -> Iterator[SoundChunk]:
        """``samples`` of the footage from the position on, as the plan wants them."""
        count = samples.shape[1]
        if not count:
            return
        assert self._position is not None  # noqa: S101 - set by the callers
        times = (self._position + np.arange(count)) / self._rate
        guard = GUARD_SAMPLES / self._rate
        kept = np.zeros(count)
        for each in self._stretches:
            if each.sound is Sound.KEEP:
                kept += _envelope(times, each.start + guard, each.stop - guard)
        made = np.where(kept > 0, samples * kept, 0) + _tone(times, self._tones)
        yield SoundChunk(Fraction(self._position, self._rate), made.astype(np.float32))
        self._position += count


def _stretches(info: MediaInfo, plan: Plan, window: Window) -> list[_Stretch]:
    """The plan's stretches on the clock of the release.

    The first and the last reach as far as there is sound, save for a tone, which does not begin before the pictures.
    """
    zero = float((info.video.start_pts - window.shift) * info.video.time_base)
    found = []
    for span in plan.sounds():
        open_start = span.start_ms == 0 and span.sound is not Sound.BLEEP
        start = -math.inf if open_start else zero + span.start_ms / 1000
        stop = math.inf if span.stop_ms is None else zero + span.stop_ms / 1000
        found.append(_Stretch(span.sound, start, stop))
    return found


def _tone(times: Times, tones: Iterable[_Stretch]) -> Times:
    """The tone at each of the times: always the same wave, so that the proof knows it."""
    made = np.zeros(len(times))
    for each in tones:
        made += TONE_LEVEL * np.sin(2 * np.pi * TONE_HERTZ * times) * _envelope(times, each.start, each.stop)
    return made


def _envelope(times: Times, start: float, stop: float) -> Times:
    """0 outside ``start`` to ``stop``, 1 within, on lines between."""
    fade = float(FADE)
    rising, falling = (times - start) / fade, (stop - times) / fade
    return np.asarray(np.clip(np.minimum(rising, falling), 0, 1), np.float64)


def source_heard(output: Path, info: MediaInfo, plan: Plan, window: Window, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether the written sound has anything in a stretch that is to be silent or a tone; ``info`` is the footage's.

    Raises ``UnreadableMedia``.
    """
    hidden = [each for each in _stretches(info, plan, window) if each.sound is not Sound.KEEP]
    begins: Fraction | None = None
    with open_reader(output, limits, sound=True, first=0, stop=0) as reader:
        rate = reader.info.audio[0].sample_rate if reader.info.audio else 0
        for chunk in reader:
            if isinstance(chunk, SoundChunk):
                begins = chunk.start if begins is None else begins
                if _leaks(chunk, hidden, rate, float(begins)):
                    return True
    return False


def _leaks(chunk: SoundChunk, hidden: Sequence[_Stretch], rate: int, begins: float) -> bool:
    """Whether there is anything but silence, or the tone, where one of the stretches lies."""
    times = (round(chunk.start * rate) + np.arange(chunk.samples.shape[1])) / rate
    tones = [each for each in hidden if each.sound is Sound.BLEEP]
    within, near = np.zeros(len(times), np.bool_), np.zeros(len(times), np.bool_)
    for each in hidden:
        within |= (times >= each.start) & (times < each.stop)
    for each in tones:
        near |= (times >= each.start - GUARD_SAMPLES / rate) & (times < each.stop + GUARD_SAMPLES / rate)
    beside = np.abs(chunk.samples - _tone(times, tones)).max(axis=0)
    tolerance = np.where(times < begins + GUARD_SAMPLES / rate, AT_THE_START, BESIDE_TONE)
    return bool((beside > np.where(near, tolerance, SILENT))[within].any())
