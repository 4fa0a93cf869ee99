"""A video file that is there whole or not at all."""

from __future__ import annotations

import errno
import math
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import av
from av.container import OutputContainer

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _

MAX_TIMESCALE = 2**31 - 1
MIN_TIMESCALE = 1000
"""Ticks a second: below 13, libav's reader takes the last picture of a file for one beyond its end and drops it."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def new_mp4(path: Path, ticks: int, sample_rate: int | None) -> Iterator[OutputContainer]:
    """An MP4 that becomes ``path``, synced to disk, when the block ends well, and nothing when it ends in an exception.

    ``ticks`` a second: the clock of the pictures. The file has no metadata, no dates and no names of programs in it.
    Raises ``ActionRequired`` when the file cannot be written, a full disk among the reasons.
    """
    part = path.absolute().with_name(f".{secrets.token_hex(8)}.part")
    container: OutputContainer | None = None
    try:
        with told_to_a_person(path):
            container = av.open(
                f"file:{part}", "w", format="mp4", container_options=_container_options(ticks, sample_rate)
            )
        yield container
        with told_to_a_person(path):
            container.close()
            _sync(part)
            part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # first: without its file the trailer, which cannot be avoided, is quick
        if container is not None:
            with suppress(av.FFmpegError, OSError):
                container.close()
        part.unlink(missing_ok=True)
        raise


@contextmanager
def told_to_a_person(path: Path) -> Iterator[None]:
    """Errors of the disk and the muxer as a sentence."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise _cannot_write(path, error) from error


def _container_options(ticks: int, sample_rate: int | None) -> dict[str, str]:
    """The track's clock is the source's own unit, divided where that is coarse; the movie's clock can tell the start of
    both streams exactly."""
    timescale = ticks * math.ceil(MIN_TIMESCALE / ticks)
    movie = math.lcm(timescale, sample_rate or 1)
    return {
        "movflags": "+faststart",
        "fflags": "+bitexact",
        "video_track_timescale": str(timescale),
        "movie_timescale": str(movie if movie <= MAX_TIMESCALE else timescale),
    }


def _sync(part: Path) -> None:
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(path: Path, error: OSError | av.FFmpegError) -> ActionRequired:
    folder = str(path.absolute().parent)
    if error.errno in FULL:
        return ActionRequired(
            "administrator", _("The disk of {folder} is full; make room and try again.").format(folder=folder)
        )
    return ActionRequired(
        "administrator",
        _("No file can be written in {folder} ({reason}); correct the folder and try again.").format(
            folder=folder, reason=error.strerror or type(error).__name__
        ),
    )
