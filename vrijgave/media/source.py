"""Opening a hostile file: known containers only, this file only, the wanted streams only. In the child."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from vrijgave.media.limits import Limits
from vrijgave.media.protocol import Reason

CONTAINERS = (
    "mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "h261", "h263", "vc1", "ivf", "obu",
    "av1", "asf", "flv", "live_flv", "mxf", "gxf", "dv", "ogg", "nut", "rm", "wtv", "dhav", "mjpeg", "mpjpeg", "smjpeg",
    "nsv", "nuv", "pva", "ty", "lmlm4", "ifv", "yuv4mpegpipe",
)  # fmt: skip
"""The demuxers that may touch footage. Playlists (HLS, DASH, concat) and picture sequences open other files: none."""
NO_STILL = Disposition.attached_pic | Disposition.timed_thumbnails
BUFFER_BYTES = 1 << 18


class Refusal(Exception):
    """The child will not read this file on; crosses the channel as ``reason`` and ``values``."""

    def __init__(self, reason: Reason, **values: Any) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.values = values


def is_out_of_memory(error: Exception) -> bool:
    """True where an allocation failed; a thread that cannot be started for lack of memory reports EAGAIN."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) in (errno.ENOMEM, errno.EAGAIN)


@contextmanager
def open_source(file: io.FileIO, limits: Limits) -> Iterator[InputContainer]:
    """The container in ``file``, from its beginning. libav gets no name and no protocol: it can open nothing else."""
    file.seek(0)
    try:
        container = av.open(
            file,
            "r",
            options={"max_pixels": str(limits.max_pixels)},
            container_options={"format_whitelist": ",".join(CONTAINERS), "protocol_whitelist": "none"},
            metadata_errors="replace",
            buffer_size=BUFFER_BYTES,
        )
    except (av.FFmpegError, MemoryError) as error:
        if is_out_of_memory(error):
            raise
        raise Refusal(_why_not_opened(file)) from error
    with container:
        yield container


def _why_not_opened(file: io.FileIO) -> Reason:
    """An MP4 that lost its index is worth telling apart from a letter or a photograph."""
    file.seek(0)
    head = file.read(12)
    return Reason.NO_INDEX if head[4:8] in (b"ftyp", b"mdat", b"wide", b"skip") else Reason.NOT_VIDEO


def choose_video(container: InputContainer) -> VideoStream:
    """The largest moving picture; the first of equals. Cover art and thumbnails do not count."""
    moving = [s for s in container.streams.video if not s.disposition & NO_STILL]
    if not moving:
        raise Refusal(Reason.NO_PICTURES)
    if all(s.codec_context is None for s in moving):
        raise Refusal(Reason.UNKNOWN_CODEC)
    known = [s for s in moving if s.codec_context is not None]
    return max(known, key=lambda s: s.codec_context.width * s.codec_context.height)


def first_sound(container: InputContainer) -> AudioStream | None:
    """The first sound stream that can be decoded."""
    return next((s for s in container.streams.audio if s.codec_context is not None), None)


def read_only(container: InputContainer, *wanted: VideoStream | AudioStream | None) -> list[VideoStream | AudioStream]:
    """Have the demuxer skip all other streams; the wanted ones that exist."""
    kept = [stream for stream in wanted if stream is not None]
    for stream in container.streams:
        if not any(stream is keep for keep in kept):
            stream.discard = Discard.all
    return kept
