"""The decoding child: ``python -m vrijgave.media.child ORDER``, started by ``DecodingChild`` only.

It gets three open descriptors (file, channel, shared memory), no path, no environment worth having, and bounds itself
before it looks at the file: address space, processor time, no file may grow, no core, few descriptors. It ends with
its parent. Nothing here writes for people; reasons cross the channel and the parent makes the sentences.
"""

from __future__ import annotations

import ctypes
import io
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

import av
import av.logging
import numpy as np
from numpy.typing import NDArray

from vrijgave.media.entry import Doubt, Entry, packets_from
from vrijgave.media.limits import Limits
from vrijgave.media.pictures import PictureDecoder
from vrijgave.media.protocol import TIMES_EACH, BrokenChannel, Channel, Kind, Order, Reason
from vrijgave.media.scan import Scan, Scanner
from vrijgave.media.sending import PictureSender, Ring
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


def run(order: Order, channel: Channel) -> None:
    """Do what ``order`` says. Raises ``Refusal``, ``MemoryError`` and libav's own errors."""
    file = io.FileIO(order.file, "rb")
    scan = Scanner(file, order.limits, lambda: channel.send(Kind.ALIVE), find_entries=order.first > 0).scan()
    minutes = max(1, -(-int(scan.info.video.duration) // 60))
    bound_processor(order.limits.seconds_per_minute * minutes)
    channel.send(Kind.INFO, **scan.info.to_dict())
    if order.decode:
        send_times(scan, channel)
        channel.receive_byte()
        decode(file, order, scan, channel)
    channel.send(Kind.END)


def send_times(scan: Scan, channel: Channel) -> None:
    """When each picture of the file is shown."""
    pts = scan.timeline.pts
    for first in range(0, len(pts), TIMES_EACH):
        channel.send(Kind.TIMES, pts[first : first + TIMES_EACH].tobytes())


def decode(file: io.FileIO, order: Order, scan: Scan, channel: Channel) -> None:
    """Send the wanted pictures, and all of the sound where it is wanted, in the order of the file."""
    wanted = range(len(scan.timeline))[order.first : order.stop]
    sender = PictureSender(scan, wanted, Ring(order.memory, scan.info.video, channel), channel)
    entry = None if order.sound else scan.entries.before(wanted.start, scan.timeline)
    if entry is not None:
        with suppress(Doubt):
            decode_from(entry, file, order, scan, sender)
    if order.sound or not sender.done:
        decode_all(file, order, scan, sender, channel)


def decode_from(entry: Entry, file: io.FileIO, order: Order, scan: Scan, sender: PictureSender) -> None:
    """Send the pictures that can be reached from ``entry``, up to the first of which nothing is sure (``Doubt``)."""
    with open_source(file, order.limits) as container:
        video = choose_video(container)
        read_only(container, video)
        pictures = PictureDecoder(video, scan.timeline, order.limits, threads(), entry)
        for packet in packets_from(container, video, scan.entries, entry):
            sender.send(pictures.decode(packet), surely=True)
            if sender.done:
                return
        sender.send(pictures.decode(None), surely=True)


def decode_all(file: io.FileIO, order: Order, scan: Scan, sender: PictureSender, channel: Channel) -> None:
    """Decode from the beginning, and send what was not sent yet."""
    longest = order.limits.max_duration.total_seconds()
    with open_source(file, order.limits) as container:
        video = choose_video(container)
        heard = first_sound(container) if order.sound else None
        pictures = PictureDecoder(video, scan.timeline, order.limits, threads())
        sounds = SoundDecoder(heard) if heard is not None else None
        for packet in container.demux(*read_only(container, video, heard)):
            if packet.size and packet.stream_index == video.index and not sender.done:
                sender.send(pictures.decode(packet), surely=False)
            elif packet.size and packet.stream_index != video.index and sounds is not None:
                send_sounds(sounds.decode(packet), scan, longest, channel)
            if sender.done and sounds is None:
                return
        if not sender.done:
            sender.send(pictures.decode(None), surely=False)
        if sounds is not None:
            send_sounds(sounds.decode(None), scan, longest, channel)


def threads() -> int:
    """Of the decoder."""
    return min(os.cpu_count() or 1, MAX_THREADS)


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
