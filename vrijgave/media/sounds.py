"""Decoding the first sound stream. In the child."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from av.stream import Stream
from numpy.typing import NDArray

from vrijgave.media.source import is_out_of_memory

CHUNK = 1 << 16
"""Samples that one message carries at most."""


class SoundDecoder:
    """Turns packets into (start in seconds, float32 samples ``(channels, n)``) of one rate and at most two channels."""

    def __init__(self, stream: AudioStream) -> None:
        self._context = stream.codec_context
        self._rate = stream.codec_context.sample_rate
        self._layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        self._resampler: AudioResampler | None = None
        self._source: tuple[str, str, int] | None = None
        self._position = Fraction(0)

    def decode(self, packet: Packet[Stream] | None) -> Iterator[tuple[Fraction, NDArray[np.float32]]]:
        """What cannot be decoded is a gap: the next chunk says when it starts."""
        for frame in self._frames(packet):
            if frame.pts is not None and frame.time_base:
                self._position = frame.pts * frame.time_base
            for part in self._convert(frame):
                yield self._position, part
                self._position += Fraction(part.shape[1], self._rate)

    def _frames(self, packet: Packet[Stream] | None) -> list[AudioFrame]:
        try:
            return self._context.decode(packet)
        except (av.FFmpegError, MemoryError) as error:
            if is_out_of_memory(error):
                raise
            return []

    def _convert(self, frame: AudioFrame) -> Iterator[NDArray[np.float32]]:
        """A stream that changes its form on the way gets a new resampler."""
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or self._source != source:
            self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=self._rate)
            self._source = source
        for converted in self._resampler.resample(frame):
            samples = converted.to_ndarray()
            for first in range(0, samples.shape[1], CHUNK):
                yield np.ascontiguousarray(samples[:, first : first + CHUNK], dtype=np.float32)
