"""Reading footage safely: all of libav's work on it happens in a child process with limits."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.media import MediaInfo
from vrijgave.media.colours import MATRICES
from vrijgave.media.frames import Frame, Picture, SoundChunk, byte_count
from vrijgave.media.limits import DEFAULT_LIMITS, Limits
from vrijgave.media.process import DecodingChild
from vrijgave.media.protocol import SLOTS, Kind, Reason, media_info_from_dict

Times = NDArray[np.int64]


def probe(path: Path, limits: Limits = DEFAULT_LIMITS) -> MediaInfo:
    """What ``path`` says of itself; reads through it and decodes its first picture. Raises ``UnreadableMedia``."""
    with DecodingChild(path, limits, decode=False) as child:
        return _first_info(child, limits)


@contextmanager
def open_reader(
    path: Path, limits: Limits = DEFAULT_LIMITS, *, sound: bool = False, first: int = 0, stop: int | None = None
) -> Iterator[Reader]:
    """Read ``path`` once; leaving early ends the child.

    Of the pictures only those from frame ``first`` up to, not including, frame ``stop`` are handed out, the same bits
    at the same times as in a reading of the whole: decoding begins at the last picture before ``first`` from which that
    is sure, if need be at the beginning. ``sound`` gives the sound of the whole file, whatever the pictures, and has
    it read from its beginning.

    Raises ``UnreadableMedia`` here for a file that cannot be read at all or lies beyond ``limits``, and while
    iterating when decoding takes more memory or processor time than it may, or breaks down.
    """
    if first < 0 or (stop is not None and stop < first):
        raise ValueError(f"no range of frames: {first} to {stop}")
    with DecodingChild(path, limits, decode=True, sound=sound, first=first, stop=stop) as child:
        info = _first_info(child, limits)
        times = _times(child, info.video.frame_count)
        frame_bytes = byte_count(info.video.width, info.video.height)
        os.ftruncate(child.memory, frame_bytes * SLOTS)
        with mmap.mmap(child.memory, frame_bytes * SLOTS) as ring:
            yield Reader(info, times, child, ring, range(info.video.frame_count)[first:stop])


class Reader:
    """The ``wanted`` pictures and the sound of one file, in the order of the file; can be gone through once.

    ``info`` tells of the whole file, and ``times`` is the timestamp of each of its pictures, wanted or not: ``(n,)`` in
    the time base of the video, strictly increasing.
    """

    def __init__(self, info: MediaInfo, times: Times, child: DecodingChild, ring: mmap.mmap, wanted: range) -> None:
        self.info = info
        self.times = times
        self.wanted = wanted
        self._child = child
        self._ring = ring
        self._next = wanted.start
        self._begun = False

    def __iter__(self) -> Iterator[Frame | SoundChunk]:
        """Every wanted frame exactly once in presentation order, its picture None when it could not be decoded, with
        the sound between. Holds a bounded number of pictures whatever the length."""
        if self._begun:
            raise RuntimeError("a reader can be gone through once")
        self._begun = True
        self._give_sign(0)
        for kind, head, payload in self._child.messages():
            try:
                item = self._frame(**head) if kind is Kind.FRAME else _sound(payload, **head)
            except (TypeError, ValueError, ZeroDivisionError):
                raise self._child.unreadable(Reason.CRASHED) from None
            yield item
        if self._next != self.wanted.stop:
            raise self._child.unreadable(Reason.CRASHED)

    def frames(self) -> Iterator[Frame]:
        """The pictures alone."""
        return (item for item in self if isinstance(item, Frame))

    def _frame(self, index: int, pts: int, slot: int | None) -> Frame:
        if index != self._next or index >= self.wanted.stop or pts != self.times[index]:
            raise ValueError("pictures out of order")
        self._next = index + 1
        return Frame(index, int(pts), None if slot is None else self._take(slot))

    def _take(self, slot: int) -> Picture:
        """A copy of the picture in ``slot``, which is then free again."""
        if not 0 <= slot < SLOTS:
            raise ValueError("no such slot")
        video = self.info.video
        count = byte_count(video.width, video.height)
        data = np.frombuffer(self._ring, np.uint8, count, slot * count).copy()
        self._give_sign(slot)
        return Picture.over(data, video.width, video.height, video.colours)

    def _give_sign(self, value: int) -> None:
        """A child that has sent all may be gone; one that broke down is noticed at the next message."""
        with suppress(ConnectionError):
            self._child.channel.send_byte(value)


def _first_info(child: DecodingChild, limits: Limits) -> MediaInfo:
    """The first message; a child is not believed about sizes."""
    for kind, head, _ in child.messages():
        try:
            info = media_info_from_dict(head) if kind is Kind.INFO else None
        except (TypeError, ValueError, KeyError, ZeroDivisionError):
            break
        if info is None or not _is_sane(info, limits):
            break
        return info
    raise child.unreadable(Reason.CRASHED)


def _times(child: DecodingChild, count: int) -> Times:
    """The timestamps of all ``count`` pictures, which have to increase."""
    times = np.zeros(0, np.int64)
    for kind, _, payload in child.messages():
        if kind is not Kind.TIMES or not payload or len(payload) % times.itemsize:
            break
        times = np.concatenate([times, np.frombuffer(payload, np.int64)])
        if len(times) >= count:
            break
    if len(times) != count or not bool(np.all(np.diff(times) > 0)):
        raise child.unreadable(Reason.CRASHED)
    return times


def _is_sane(info: MediaInfo, limits: Limits) -> bool:
    video = info.video
    sizes: tuple[Any, ...] = (video.width, video.height, video.frame_count)
    positive = all(isinstance(size, int) and size > 0 for size in sizes)
    small = positive and video.width * video.height <= limits.max_pixels
    return small and video.time_base > 0 and video.colours.matrix in MATRICES


def _sound(payload: bytes, start: str, channels: int) -> SoundChunk:
    samples = np.frombuffer(payload, np.float32).reshape(channels, -1)
    return SoundChunk(Fraction(start), samples.copy())
