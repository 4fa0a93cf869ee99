"""Decoding the pictures of a file into shared memory. In the child."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.codec.context import ThreadType
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vrijgave.media.limits import Limits
from vrijgave.media.orientation import Orientation
from vrijgave.media.source import is_out_of_memory
from vrijgave.media.timeline import Timeline

HD_LINES = 720
"""From this height on a file that does not name its colours is taken as BT.709, below as BT.601, as players do."""
UNSPECIFIED_COLOURS = 2
QUALITY = Interpolation.BICUBIC | Interpolation.BITEXACT


class PictureDecoder:
    """Turns packets into (place, picture): every place of the timeline once and in order, None for what is lost."""

    def __init__(self, video: VideoStream, timeline: Timeline, limits: Limits, threads: int) -> None:
        self._context = video.codec_context
        self._context.thread_type = ThreadType.AUTO
        self._context.thread_count = threads
        self._context.options = {"max_pixels": str(limits.max_pixels)}
        self._timeline = timeline
        self._next = 0

    def decode(self, packet: Packet[Stream] | None) -> Iterator[tuple[int, VideoFrame | None]]:
        """``packet`` None: what the decoder still holds, and then all that never came."""
        for frame in self._frames(packet):
            place = self._timeline.place(frame.pts, self._next)
            if place >= len(self._timeline):
                break
            yield from self._lost_until(place)
            self._next = place + 1
            yield place, None if frame.is_corrupt else frame
        if packet is None:
            yield from self._lost_until(len(self._timeline))

    def _lost_until(self, place: int) -> Iterator[tuple[int, None]]:
        while self._next < place:
            self._next += 1
            yield self._next - 1, None

    def _frames(self, packet: Packet[Stream] | None) -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except (av.FFmpegError, MemoryError) as error:
            if is_out_of_memory(error):
                raise
            return []


class UprightConverter:
    """Any decoded picture to upright BGR of one size."""

    def __init__(self, width: int, height: int, orientation: Orientation) -> None:
        """``width`` and ``height``: of the upright picture."""
        self._stored_size = orientation.size(width, height)
        self._orientation = orientation
        self._reformatter = VideoReformatter()

    def convert(self, frame: VideoFrame, target: NDArray[np.uint8]) -> None:
        """Write ``frame`` into ``target`` ``(H, W, 3)``. A stream that changes its size is scaled to the first."""
        width, height = self._stored_size
        bgr = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="bgr24",
            src_colorspace=_colourspace(frame),
            src_color_range=frame.color_range or None,
            dst_color_range=ColorRange.JPEG,
            interpolation=QUALITY,
            threads=1,
        )
        np.copyto(target, self._orientation.apply(_pixels(bgr)))


def _colourspace(frame: VideoFrame) -> Colorspace | None:
    if frame.colorspace != UNSPECIFIED_COLOURS:
        return None
    return Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601


def _pixels(frame: VideoFrame) -> NDArray[np.uint8]:
    """A view on the rows of a packed three-byte picture, without the padding at their ends."""
    plane = frame.planes[0]
    rows: NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
    return rows[:, : frame.width * 3].reshape(frame.height, frame.width, 3)
