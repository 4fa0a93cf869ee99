"""The two streams of an encoded file: pictures as H.264, sound as AAC, both on the clock of the source."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.packet import Packet
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vrijgave.media.colours import PIXELS
from vrijgave.media.frames import Picture, SoundChunk
from vrijgave.media.output import DEFAULT_RATE, OutputFormat

THREADS = 4
"""Fixed: x264 gives the same bits for the same number of threads, whatever the machine has. More threads take more
processor time and make larger files; more cores are for more parts."""
SEI_UNIT = 6
AAC_RATES = frozenset({7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000})
OTHER_RATE = 48000
"""Sound of a rate that AAC does not know is written at this one."""
AAC_FRAME = 1024
JITTER = Fraction(1, 100)
"""Seconds by which a chunk may start early or late and still continue the one before: containers round."""
SILENCE_SECONDS = 10


class PictureEncoder:
    """Pictures to H.264 packets."""

    def __init__(self, container: OutputContainer, output: OutputFormat) -> None:
        self._output = output
        self._stream = _video_stream(container, output)
        self._filter: BitStreamFilterContext | None = None
        self._last_pts: int | None = None
        self._lasting: dict[int, int] = {}
        """Ticks for which each picture that the encoder holds is shown."""

    @property
    def began(self) -> bool:
        """True once a picture came."""
        return self._last_pts is not None

    def encode(self, picture: Picture, pts: int) -> Iterator[Packet[VideoStream]]:
        """``picture`` at ``pts``, or one tick after the last picture where that is not later."""
        output = self._output
        if (picture.width, picture.height) != (output.width, output.height) or picture.colours != output.colours:
            given = f"a picture of {picture.width}x{picture.height} in {picture.colours}"
            raise ValueError(f"{given} for {output.width}x{output.height} in {output.colours}")
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
            self._lasting[self._last_pts] = pts - self._last_pts
        self._last_pts = pts
        frame = picture.to_frame(*output.encoded_size)
        frame.pts, frame.time_base = pts, output.time_base
        yield from self._without_remarks(self._stream.encode(frame))

    def finish(self) -> Iterator[Packet[VideoStream]]:
        """What the encoder still holds."""
        if self._last_pts is not None:
            self._lasting[self._last_pts] = self._output.last_step(self._last_pts)
        yield from self._without_remarks(self._stream.encode(None))

    def _without_remarks(self, packets: list[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
        """x264 notes its version and settings in the first picture; that does not go out."""
        if self._filter is None:
            self._filter = BitStreamFilterContext(f"filter_units=remove_types={SEI_UNIT}", self._stream)
        for packet in packets:
            for clean in self._filter.filter(packet):
                clean.stream = self._stream
                # Without this the encoder guesses, and the file ends at another time than its source.
                clean.duration = self._lasting.pop(clean.pts or 0, 0) or clean.duration
                yield clean


def _video_stream(container: OutputContainer, output: OutputFormat) -> VideoStream:
    rate = output.rate_hint or DEFAULT_RATE
    stream = container.add_stream("libx264", rate=rate.limit_denominator(100_000), time_base=output.time_base)
    context = stream.codec_context
    context.width, context.height = output.encoded_size
    context.pix_fmt = PIXELS
    context.time_base = output.time_base
    context.sample_aspect_ratio = output.sample_aspect_ratio
    context.color_primaries, context.color_trc = output.colours.primaries, output.colours.transfer
    context.colorspace, context.color_range = output.colours.matrix, ColorRange.MPEG
    context.thread_count = THREADS
    context.options = {"preset": output.preset, "crf": str(output.crf), "x264-params": output.encoder_settings}
    return stream


class SoundEncoder:
    """Chunks of sound to AAC packets; the first chunk's start is where the stream starts."""

    def __init__(self, container: OutputContainer, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._layout = "mono" if channels == 1 else "stereo"
        self._out_rate = rate if rate in AAC_RATES else OTHER_RATE
        self._stream = _audio_stream(container, self._out_rate, self._layout)
        self._resampler = AudioResampler(format="fltp", layout=self._layout, rate=self._out_rate)
        self._fifo = AudioFifo()
        self._position: int | None = None
        self._sent = 0

    def encode(self, chunk: SoundChunk) -> Iterator[Packet[AudioStream]]:
        """Silence fills what is missing before ``chunk``; what overlaps the sound before it is left out."""
        samples = chunk.samples
        start = round(chunk.start * self._rate)
        if self._position is None:
            samples, start = samples[:, max(0, -start) :], max(0, start)
            if not samples.shape[1]:
                return  # all of it lies before the clock begins
            self._position = start
            self._sent = round(Fraction(start, self._rate) * self._out_rate)
        missing = start - self._position
        if abs(missing) > JITTER * self._rate:
            yield from self._silence(missing)
            samples = samples[:, max(0, -missing) :]
        yield from self._write(samples)

    def finish(self) -> Iterator[Packet[AudioStream]]:
        """What the resampler, the buffer and the encoder still hold."""
        if self._position is None:
            return
        for frame in self._resampler.resample(None):
            yield from self._buffered(frame)
        rest = self._fifo.read(0, partial=True)
        if rest is not None:
            yield from self._send(rest)
        yield from self._stream.encode(None)

    def _silence(self, count: int) -> Iterator[Packet[AudioStream]]:
        while count > 0:
            part = min(count, SILENCE_SECONDS * self._rate)
            yield from self._write(np.zeros((self._channels, part), np.float32))
            count -= part

    def _write(self, samples: NDArray[np.float32]) -> Iterator[Packet[AudioStream]]:
        if not samples.shape[1]:
            return
        assert self._position is not None  # noqa: S101 - set by encode
        self._position += samples.shape[1]
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
        frame.sample_rate = self._rate
        for converted in self._resampler.resample(frame):
            yield from self._buffered(converted)

    def _buffered(self, frame: AudioFrame) -> Iterator[Packet[AudioStream]]:
        frame.pts = None
        self._fifo.write(frame)
        while (full := self._fifo.read(AAC_FRAME)) is not None:
            yield from self._send(full)

    def _send(self, frame: AudioFrame) -> Iterator[Packet[AudioStream]]:
        frame.pts, frame.time_base = self._sent, Fraction(1, self._out_rate)
        self._sent += frame.samples
        yield from self._stream.encode(frame)


def _audio_stream(container: OutputContainer, rate: int, layout: str) -> AudioStream:
    stream = container.add_stream("aac", rate=rate, bit_rate=64_000 * (1 if layout == "mono" else 2))
    stream.codec_context.layout = layout
    stream.codec_context.format = "fltp"
    stream.codec_context.time_base = Fraction(1, rate)
    stream.codec_context.flags |= av.codec.context.Flags.bitexact
    return stream
