"""Decoding the pictures of a file into shared memory. In the child."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.codec.context import ThreadType
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from vrijgave.domain.media import VideoInfo
from vrijgave.media.colours import planes_of, to_planes
from vrijgave.media.entry import Doubt, Entry
from vrijgave.media.frames import Picture
from vrijgave.media.limits import Limits
from vrijgave.media.orientation import Orientation
from vrijgave.media.picture_starts import packet_headers
from vrijgave.media.source import is_out_of_memory
from vrijgave.media.timeline import Timeline


class PictureDecoder:
    """Turns packets into (place, picture): every place of the timeline once and in order, None for what is lost.

    From an ``entry`` on, where one is given: what is shown before it is left out.
    """

    def __init__(
        self, video: VideoStream, timeline: Timeline, limits: Limits, threads: int, entry: Entry | None = None
    ) -> None:
        self._context = video.codec_context
        self._context.thread_type = ThreadType.AUTO
        self._context.thread_count = threads
        self._context.options = {"max_pixels": str(limits.max_pixels)}
        self._timeline = timeline
        self._headers = packet_headers(self._context.name, self._context.extradata)
        self._entry = entry
        self._next = 0 if entry is None else entry.place
        self._errors = 0
        """Packets that could not be decoded and whose place has not come yet."""
        self._error_pts: int | None = None
        self._broken = False
        """From such a place up to the next key frame: pictures in between may build on it."""

    def decode(self, packet: Packet[Any] | None) -> Iterator[tuple[int, VideoFrame | None]]:
        """``packet`` None: what the decoder still holds, and then all that never came."""
        if packet is not None and self._headers.are_remarks(bytes(packet)):
            return
        for frame in filter(self._counts, self._frames(packet)):
            place = self._timeline.place(frame.pts, self._next, frame.key_frame)
            if place is None or place >= len(self._timeline):
                continue
            yield from self._lost_until(place)
            self._next = place + 1
            yield place, frame if self._is_trusted(frame) else None
        if packet is None:
            yield from self._lost_until(len(self._timeline))

    def _is_trusted(self, frame: VideoFrame) -> bool:
        """Whether nothing undecodable is known on which ``frame`` may build."""
        if frame.key_frame:
            self._broken = False
            if frame.pts is not None and self._error_pts is not None and frame.pts > self._error_pts:
                self._errors = 0
        return not frame.is_corrupt and (frame.key_frame or not (self._broken or self._errors))

    def _counts(self, frame: VideoFrame) -> bool:
        return self._entry is None or (frame.pts is not None and frame.pts >= self._entry.stamp)

    def _lost_until(self, place: int) -> Iterator[tuple[int, None]]:
        if self._errors and place > self._next:
            self._broken, self._errors = True, max(0, self._errors - (place - self._next))
        while self._next < place:
            self._next += 1
            yield self._next - 1, None

    def _frames(self, packet: Packet[Any] | None) -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except (av.FFmpegError, MemoryError) as error:
            if is_out_of_memory(error):
                raise
            if self._entry is not None:
                raise Doubt from error
            self._errors += 1
            self._error_pts = packet.pts if packet is not None else None
            return []


class PictureConverter:
    """Any decoded picture to an upright one of one size and colours."""

    def __init__(self, info: VideoInfo, orientation: Orientation) -> None:
        self._stored_size = orientation.size(info.width, info.height)
        self._colours = info.colours
        self._orientation = orientation
        self._reformatter = VideoReformatter()

    def convert(self, frame: VideoFrame, target: Picture) -> None:
        """Write ``frame`` into ``target``. A stream that changes its size or colours is converted to the first."""
        plain = to_planes(frame, *self._stored_size, self._colours, self._reformatter)
        for plane, upright in zip(planes_of(plain), target.planes, strict=True):
            np.copyto(upright, self._orientation.apply(plane))
