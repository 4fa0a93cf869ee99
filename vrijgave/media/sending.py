"""Pictures into the shared memory. In the child."""

from __future__ import annotations

import mmap
from collections.abc import Iterator

import numpy as np
from av.video.frame import VideoFrame

from vrijgave.domain.media import VideoInfo
from vrijgave.media.entry import Doubt
from vrijgave.media.frames import Picture, byte_count
from vrijgave.media.pictures import PictureConverter
from vrijgave.media.protocol import SLOTS, Channel, Kind
from vrijgave.media.scan import Scan

ALIVE_PICTURES = 200
"""So many pictures are passed over between two signs of life."""


class Ring:
    """The shared memory: ``SLOTS`` pictures, each written here and given back by the reader."""

    def __init__(self, descriptor: int, video: VideoInfo, channel: Channel) -> None:
        self._video = video
        self._bytes = byte_count(video.width, video.height)
        self._map = mmap.mmap(descriptor, self._bytes * SLOTS)
        self._free = list(range(SLOTS))
        self._channel = channel

    def take(self) -> tuple[int, Picture]:
        """A free slot and its picture; waits for one."""
        if not self._free:
            self._free.append(self._channel.receive_byte())
        slot = self._free.pop()
        data = np.frombuffer(self._map, np.uint8, self._bytes, slot * self._bytes)
        return slot, Picture.over(data, self._video.width, self._video.height, self._video.colours)


class PictureSender:
    """Sends each wanted picture once and in order, whatever is decoded before it or again."""

    def __init__(self, scan: Scan, wanted: range, ring: Ring, channel: Channel) -> None:
        self._pts = scan.timeline.pts
        self._wanted = wanted
        self._next = wanted.start
        self._ring = ring
        self._channel = channel
        self._converter = PictureConverter(scan.info.video, scan.orientation)

    @property
    def done(self) -> bool:
        """Whether all were sent."""
        return self._next >= self._wanted.stop

    def send(self, placed: Iterator[tuple[int, VideoFrame | None]], *, surely: bool) -> None:
        """Each picture through a slot; one that is lost has none, or raises ``Doubt`` where all have to be sure."""
        for place, frame in placed:
            if self.done:
                return
            if frame is None and surely:
                raise Doubt
            if place == self._next:
                self._send(place, frame)
                self._next += 1
            elif place % ALIVE_PICTURES == 0:
                self._channel.send(Kind.ALIVE)

    def _send(self, place: int, frame: VideoFrame | None) -> None:
        slot = None
        if frame is not None:
            slot, target = self._ring.take()
            self._converter.convert(frame, target)
        self._channel.send(Kind.FRAME, index=place, pts=self._pts[place], slot=slot)
