"""Making one video of parts that were encoded apart, without encoding again."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media.files import new_mp4, told_to_a_person
from vrijgave.media.protocol import Reason
from vrijgave.media.reasons import unreadable

Times = NDArray[np.int64]


def join_parts(parts: Sequence[Path], output: Path) -> None:
    """Write ``output``: the pictures of ``parts`` one after another at their own times, and the sound of the first.

    Every part was written by ``open_writer`` with the same format, save that only the first may have sound: that of
    the whole. Each begins after the last picture of the one before it. Packets are copied as they are, so that every
    picture is there once, with its pixels. ``output`` is there whole or not at all, as with ``open_writer``.

    Raises ``Rejected`` for parts that do not belong together, ``UnreadableMedia`` for one that cannot be read, and
    ``ActionRequired`` when the file cannot be written.
    """
    if not parts:
        raise ValueError("no parts to join")
    known = [_describe(path) for path in parts]
    _check(known)
    clock = iter(_decoding_times(np.concatenate([part.times for part in known])).tolist())
    with _opened(parts[0]) as first, _opened(parts[0]) as heard:
        video, sound = first.streams.video[0], next(iter(heard.streams.audio), None)
        rate = None if sound is None else sound.codec_context.sample_rate
        with new_mp4(output, known[0].time_base.denominator, rate) as container, told_to_a_person(output):
            pictures = _copied(chain.from_iterable(map(_pictures, parts)), container, video, clock)
            sounds = () if sound is None else _copied(_sent(heard, sound), container, sound)
            container.start_encoding()
            for packet in heapq.merge(pictures, sounds, key=_moment):
                container.mux_one(packet)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """``times`` of its pictures in decoding order, in ``time_base``; ``settings``: what one decoder has to be told."""

    times: Times
    time_base: Fraction
    settings: tuple[object, ...]


def _describe(path: Path) -> _Part:
    with _opened(path) as container:
        video = container.streams.video[0]
        context = video.codec_context
        size = context.width, context.height, video.sample_aspect_ratio
        times = np.array([packet.pts for packet in _sent(container, video)], np.int64)
        assert video.time_base is not None  # noqa: S101 - an MP4 has one
        return _Part(times, video.time_base, (context.extradata, size, video.time_base))


def _check(parts: Sequence[_Part]) -> None:
    if any(part.settings != parts[0].settings for part in parts):
        raise Rejected("media", _("The parts of the video were encoded in different ways; render the release again."))
    if any(before.times.max() >= after.times.min() for before, after in pairwise(parts)):
        raise Rejected("media", _("The parts of the video do not follow each other in time; render the release again."))


def _decoding_times(times: Times) -> Times:
    """When each picture is decoded: the sorted ``times``, late by as many pictures as the order of decoding asks for.

    Those of the parts cannot stay: each part begins to decode before it begins to show, while the one before it lasts.
    """
    shown = np.sort(times)
    late = int(np.max(np.arange(len(times)) - np.searchsorted(shown, times)))
    early = shown[:late] - (shown[late] - shown[0])
    return np.concatenate([early, shown[: len(shown) - late]])


def _copied(
    packets: Iterator[Packet[Any]],
    container: OutputContainer,
    template: VideoStream | AudioStream,
    clock: Iterator[int] | None = None,
) -> Iterator[Packet[Any]]:
    """``packets`` for a new stream like ``template``, decoded at the times that ``clock`` gives or at their own."""
    stream = container.add_stream_from_template(template, opaque=True)
    return _moved(packets, stream, clock)


def _moved(packets: Iterator[Packet[Any]], stream: Any, clock: Iterator[int] | None) -> Iterator[Packet[Any]]:
    for packet in packets:
        if clock is not None:
            packet.dts = next(clock)
        packet.stream = stream
        yield packet


def _pictures(path: Path) -> Iterator[Packet[Any]]:
    with _opened(path) as container:
        yield from _sent(container, container.streams.video[0])


def _sent(container: InputContainer, stream: VideoStream | AudioStream) -> Iterator[Packet[Any]]:
    return (packet for packet in container.demux(stream) if packet.size)


def _moment(packet: Packet[Any]) -> Fraction:
    assert packet.dts is not None  # noqa: S101 - every packet of an MP4 has one
    return packet.dts * packet.time_base


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """Our own file: it is read in this process, unlike footage."""
    try:
        container = av.open(f"file:{path.absolute()}", format="mov")
    except FileNotFoundError:
        raise unreadable(path.name, Reason.MISSING, {}) from None
    except av.FFmpegError as error:
        raise unreadable(path.name, Reason.NOT_VIDEO, {}) from error
    with container:
        yield container
