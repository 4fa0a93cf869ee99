"""The decoding child: ``python -m vrijgave.media.child ORDER``, started by ``DecodingChild`` only.

It gets three open descriptors (file, channel, shared memory), no path, no environment worth having, and bounds itself
before it looks at the file: address space, processor time, no file may grow, no core, few descriptors. It ends with
its parent. Nothing here writes for people; reasons cross the channel and the parent makes the sentences.
"""

from __future__ import annotations

import ctypes
import io
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from fractions import Fraction

import av
import av.logging
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vrijgave.domain.media import VideoInfo
from vrijgave.media.frames import Picture, byte_count
from vrijgave.media.limits import Limits
from vrijgave.media.pictures import PictureConverter, PictureDecoder
from vrijgave.media.protocol import SLOTS, BrokenChannel, Channel, Kind, Order, Reason
from vrijgave.media.scan import Scan, Scanner
from vrijgave.media.sounds import SoundDecoder
from vrijgave.media.source import Refusal, choose_video, first_sound, is_out_of_memory, open_source, read_only

PR_SET_PDEATHSIG = 1
MAX_THREADS = 8
DESCRIPTORS = 32
MIB = 1 << 20


def die_with(parent: int) -> None:
    """End when ``parent`` ends. The kernel signals the death of the parent's *thread*, hence the second look."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    signal.signal(signal.SIGTERM, look)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    look()


def bound(limits: Limits) -> None:
    """Put the limits on this process. Processor time is that of one minute of footage until more is known."""
    with open("/proc/self/statm") as file:
        baseline = int(file.read().split()[0]) * resource.getpagesize()
    for kind, most in (
        (resource.RLIMIT_AS, baseline + limits.memory_mb * MIB),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        resource.setrlimit(kind, (most, most))
    bound_processor(limits.seconds_per_minute)


def bound_processor(seconds: int) -> None:
    """From ``seconds`` on the kernel ends this process with SIGXCPU."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


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


def run(order: Order, channel: Channel) -> None:
    """Do what ``order`` says. Raises ``Refusal``, ``MemoryError`` and libav's own errors."""
    file = io.FileIO(order.file, "rb")
    scan = Scanner(file, order.limits, lambda: channel.send(Kind.ALIVE)).scan()
    minutes = max(1, -(-int(scan.info.video.duration) // 60))
    bound_processor(order.limits.seconds_per_minute * minutes)
    channel.send(Kind.INFO, **scan.info.to_dict())
    if order.decode:
        channel.receive_byte()
        decode(file, order, scan, channel)
    channel.send(Kind.END)


def decode(file: io.FileIO, order: Order, scan: Scan, channel: Channel) -> None:
    """Send every picture, and the sound where it is wanted, in the order of the file."""
    threads = min(os.cpu_count() or 1, MAX_THREADS)
    longest = order.limits.max_duration.total_seconds()
    ring = Ring(order.memory, scan.info.video, channel)
    converter = PictureConverter(scan.info.video, scan.orientation)
    with open_source(file, order.limits) as container:
        video = choose_video(container)
        heard = first_sound(container) if order.sound else None
        pictures = PictureDecoder(video, scan.timeline, order.limits, threads)
        sounds = SoundDecoder(heard) if heard is not None else None
        for packet in container.demux(*read_only(container, video, heard)):
            if packet.size and packet.stream_index == video.index:
                send_pictures(pictures.decode(packet), scan, ring, converter, channel)
            elif packet.size and sounds is not None:
                send_sounds(sounds.decode(packet), scan, longest, channel)
        send_pictures(pictures.decode(None), scan, ring, converter, channel)
        if sounds is not None:
            send_sounds(sounds.decode(None), scan, longest, channel)


def send_pictures(
    placed: Iterator[tuple[int, VideoFrame | None]],
    scan: Scan,
    ring: Ring,
    converter: PictureConverter,
    channel: Channel,
) -> None:
    """Each picture through a slot; one that is lost has none."""
    for place, frame in placed:
        slot = None
        if frame is not None:
            slot, target = ring.take()
            converter.convert(frame, target)
        channel.send(Kind.FRAME, index=place, pts=scan.timeline.pts[place], slot=slot)


def send_sounds(
    chunks: Iterator[tuple[Fraction, NDArray[np.float32]]], scan: Scan, longest: float, channel: Channel
) -> None:
    """Each stretch of sound as it is; what claims to lie beyond the ``longest`` footage (seconds) is a broken clock."""
    for start, samples in chunks:
        if abs(start - scan.origin) > longest:
            continue
        channel.send(Kind.SOUND, samples.tobytes(), start=str(start - scan.origin), channels=samples.shape[0])


def main(order: Order) -> int:
    """Exit status: 0 all sent, or the reason was sent; 1 the reader is gone."""
    channel = Channel(socket.socket(fileno=order.channel))
    die_with(order.parent)
    av.logging.set_level(None)
    try:
        bound(order.limits)
        run(order, channel)
    except Refusal as refusal:
        channel.send(Kind.REFUSED, reason=refusal.reason.value, values=refusal.values)
    except (BrokenChannel, ConnectionError):
        return 1
    except (av.FFmpegError, MemoryError, OSError) as error:
        reason = Reason.MEMORY if is_out_of_memory(error) else Reason.UNDECODABLE
        channel.send(Kind.REFUSED, reason=reason.value, values={})
    return 0


if __name__ == "__main__":
    # The allocator may be unable to tidy up after a limit was hit; nothing is left to tidy.
    os._exit(main(Order.from_json(sys.argv[1])))
