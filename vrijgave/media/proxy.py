"""The review proxy: what a browser plays in place of the original, frame for frame.

Frame ``n`` of the proxy is frame ``n`` of the source, whatever the source's clock does, and is shown at ``n / rate``: a
player that is sent to ``(n + 0.5) / rate`` shows it. ``docs/adr/0018`` tells why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from vrijgave.domain.frame_map import FrameMap, ProxySound
from vrijgave.domain.media import MediaInfo, VideoInfo
from vrijgave.media.colours import MATRICES, PIXELS, planes_of
from vrijgave.media.frames import Frame, Picture, Progress, SoundChunk
from vrijgave.media.limits import DEFAULT_LIMITS, Limits
from vrijgave.media.output import DEFAULT_RATE, OutputFormat
from vrijgave.media.reader import Reader, open_reader
from vrijgave.media.sound_map import SoundMap
from vrijgave.media.waveform import Meter, Waveform
from vrijgave.media.writer import Writer, open_writer

LONGEST = 1280
"""Pixels of the longer side at most: the room that a player has on a screen of 1366 by 768; zooming in takes stills
of the original."""
GROUP = 12
"""Pictures from one keyframe to the next at most: a player that is sent anywhere decodes so many, some 20 ms."""
QUALITY = 23
PRESET = "superfast"
"""Takes half to four fifths of the processor time of the master's preset and makes larger files, which stay here."""
RATES = (Fraction(1), Fraction(240))
"""Pictures a second: what lies outside is slower or faster than players were made for."""
FINEST = 100_000
"""Largest numerator of a rate; players count in microseconds, and many in 32 bits."""
ROUNDED = 100
"""Parts of a picture a second, to which other rates are rounded."""
SHAPES = (Fraction(1, 4), Fraction(4))
"""Width of a pixel against its height; what lies outside is a broken header, and not honoured."""
SCALING = Interpolation.AREA | Interpolation.BITEXACT
UNREADABLE, CROSS = (96, 96, 96), 200
"""BGR of a picture that could not be decoded, and the luma of the cross over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """What was learnt while a proxy was written. ``waveform``: None where the source is silent."""

    video: VideoInfo
    times: tuple[int, ...]
    rate: Fraction
    size: tuple[int, int]
    unreadable: tuple[int, ...]
    sound: ProxySound | None
    waveform: Waveform | None

    def frame_map(self, source_sha256: str, proxy_sha256: str) -> FrameMap:
        """The map between the two files with these hashes."""
        return FrameMap(
            source_sha256=source_sha256,
            proxy_sha256=proxy_sha256,
            rate=self.rate,
            time_base=self.video.time_base,
            pts=self.times,
            unreadable=self.unreadable,
            source_size=(self.video.width, self.video.height),
            proxy_size=self.size,
            sound=self.sound,
        )


def make_proxy(source: Path, output: Path, limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None) -> Proxy:
    """Write the proxy of ``source`` to ``output`` in one pass, and measure its sound; memory does not grow with its
    length, but for some 20 bytes a frame. The same source gives the same bytes.

    ``progress`` hears (frames done, frames in all). Raises ``UnreadableMedia``, and ``ActionRequired`` when the file
    cannot be written; then there is none.
    """
    with open_reader(source, limits, sound=True) as reader:
        info, rate = reader.info, proxy_rate(reader.info.video)
        track = _SoundTrack.of(reader, rate)
        size = proxy_size(info.video)
        with open_writer(output, _format(info, size, rate)) as writer:
            unreadable = tuple(_written(reader, writer, size, track, progress or _nobody))
    return Proxy(
        video=info.video,
        times=tuple(reader.times.tolist()),
        rate=rate,
        size=size,
        unreadable=unreadable,
        sound=track.map.sound() if track else None,
        waveform=track.meter.waveform() if track else None,
    )


def proxy_rate(video: VideoInfo) -> Fraction:
    """The average rate of the source: as it is where that can be told exactly, else rounded to a hundredth."""
    rate = min(max(video.average_rate or DEFAULT_RATE, RATES[0]), RATES[1])
    if not video.variable_rate and rate.numerator <= FINEST:
        return rate
    return max(RATES[0], Fraction(round(rate * ROUNDED), ROUNDED))


def proxy_size(video: VideoInfo) -> tuple[int, int]:
    """(width, height) of the proxy: square pixels, even sides, the longer one at most ``LONGEST``, not enlarged."""
    shape = video.sample_aspect_ratio if SHAPES[0] <= video.sample_aspect_ratio <= SHAPES[1] else Fraction(1)
    width, height = video.width * shape, Fraction(video.height)
    scale = min(Fraction(1), LONGEST / max(width, height))
    return _even(width * scale), _even(height * scale)


def _even(side: Fraction) -> int:
    return max(2, 2 * round(side / 2))


def _format(info: MediaInfo, size: tuple[int, int], rate: Fraction) -> OutputFormat:
    heard = info.audio[0] if info.audio else None
    return OutputFormat(
        width=size[0],
        height=size[1],
        time_base=1 / rate,
        rate_hint=rate,
        colours=info.video.colours,
        crf=QUALITY,
        preset=PRESET,
        group=GROUP,
        sample_rate=heard.sample_rate if heard else None,
        channels=heard.channels if heard else 1,
    )


@dataclass(frozen=True, slots=True)
class _SoundTrack:
    """Where the sound goes."""

    map: SoundMap
    meter: Meter
    beginning: SoundChunk
    """One silent sample at zero, so that sound that starts late has silence before it: not every player knows how to
    start a sound stream late."""

    @classmethod
    def of(cls, reader: Reader, rate: Fraction) -> _SoundTrack | None:
        """None for silent footage."""
        info = reader.info
        if not info.audio:
            return None
        video, heard = info.video, info.audio[0]
        in_step = not video.variable_rate and video.average_rate == rate
        silence = np.zeros((min(heard.channels, 2), 1), np.float32)
        return cls(
            SoundMap(reader.times, video.time_base, rate, heard.sample_rate, in_step=in_step),
            Meter(heard.sample_rate),
            SoundChunk(Fraction(0), silence),
        )

    def write(self, writer: Writer, chunk: SoundChunk) -> None:
        for moved in self.map.moved(chunk):
            writer.sound(moved)
            self.meter.take(moved)


def _written(
    reader: Reader, writer: Writer, size: tuple[int, int], track: _SoundTrack | None, progress: Progress
) -> Iterator[int]:
    """Write all; gives the numbers of the frames that could not be decoded."""
    scaled, count = _scaling(reader.info.video, size), reader.info.video.frame_count
    if track is not None:
        writer.sound(track.beginning)
    for item in reader:
        if isinstance(item, Frame):
            if item.picture is None:
                yield item.index
            writer.picture(scaled(item.picture), item.index)
            progress(item.index + 1, count)
        elif track is not None:
            track.write(writer, item)


def _scaling(video: VideoInfo, size: tuple[int, int]) -> Callable[[Picture | None], Picture]:
    """Brings pictures to ``size``, the whole of them to the whole; None becomes one that is crossed out."""
    reformatter, crossed = VideoReformatter(), crossed_out(size, video)

    def scaled(picture: Picture | None) -> Picture:
        if picture is None:
            return crossed
        if (picture.width, picture.height) == size:
            return picture
        space = MATRICES[video.colours.matrix].space
        frame = reformatter.reformat(
            picture.to_frame(picture.width, picture.height),
            width=size[0],
            height=size[1],
            format=PIXELS,
            src_colorspace=space,
            dst_colorspace=space,
            src_color_range=ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=SCALING,
            threads=1,
        )
        return Picture(*planes_of(frame), video.colours)

    return scaled


def crossed_out(size: tuple[int, int], video: VideoInfo) -> Picture:
    """A grey picture with a cross from corner to corner: nothing could be decoded here."""
    width, height = size
    picture = Picture.filled(width, height, video.colours, UNREADABLE)
    rows, columns = np.mgrid[0:height, 0:width]
    falling = columns * height - rows * width
    rising = (width - columns) * height - rows * width
    picture.y[np.minimum(abs(falling), abs(rising)) <= max(1, min(size) // 60) * max(size)] = CROSS
    return picture


def _nobody(_done: int, _all: int | None) -> None:
    """Hears nothing."""
