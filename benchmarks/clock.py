"""Seconds and memory: of what is measured, and of a plain transcode beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import av
import psutil

from vrijgave.media import OutputFormat, probe
from vrijgave.media.encoders import THREADS

MIB = 1024 * 1024
Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """(seconds, what ``work`` gives)."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


@dataclass
class Peak:
    """Largest resident memory, of this process and its children together, in MiB."""

    mib: float = 0.0


@contextmanager
def peak_memory(interval: float = 0.2) -> Iterator[Peak]:
    """Watches while the block runs."""
    peak, stop, me = Peak(), threading.Event(), psutil.Process()

    def watch() -> None:
        while not stop.wait(interval):
            peak.mib = max(peak.mib, _resident(me) / MIB)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        stop.set()
        watcher.join()


def _resident(process: psutil.Process) -> int:
    total = 0
    for part in [process, *process.children(recursive=True)]:
        try:
            total += part.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def plain_seconds(source: Path, folder: Path) -> float:
    """Seconds of a plain transcode: with the number of threads that our writer takes, or with the encoder's own
    choice, whichever is quicker."""
    return min(transcode_seconds(source, folder / "plain.mp4", threads) for threads in (THREADS, 0))


def transcode_seconds(source: Path, output: Path, threads: int) -> float:
    """Seconds to decode the picture and encode it again as the redaction does: same codec, preset and quality."""
    settings = OutputFormat.like(probe(source))
    width, height = settings.encoded_size
    started = time.perf_counter()
    with av.open(str(source)) as given, av.open(str(output), "w") as made:
        stream = made.add_stream("libx264", options={"crf": str(settings.crf), "preset": settings.preset})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = settings.time_base
        stream.codec_context.thread_count = threads
        video = given.streams.video[0]
        video.thread_type = "AUTO"
        for frame in given.decode(video):
            picture = frame.reformat(width, height, format="yuv420p")
            picture.pict_type = av.video.frame.PictureType.NONE
            made.mux(stream.encode(picture))
        made.mux(stream.encode(None))
    return time.perf_counter() - started
