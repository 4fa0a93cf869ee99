"""Writing an MP4 that keeps every picture and every time of its source, and nothing else of it."""

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

from vrijgave.domain.tracks import Image
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.media.encoders import PictureEncoder, SoundEncoder
from vrijgave.media.frames import Picture, SoundChunk
from vrijgave.media.output import OutputFormat

MAX_TIMESCALE = 2**31 - 1
MIN_TIMESCALE = 1000
"""Ticks a second: below 13, libav's reader takes the last picture of a file for one beyond its end and drops it."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Writer:
    """Takes pictures and sound in any order that roughly follows time."""

    def __init__(self, container: OutputContainer, output: OutputFormat, path: Path) -> None:
        self._container = container
        self._path = path
        self._colours = output.colours
        self._pictures = PictureEncoder(container, output)
        self._sounds: SoundEncoder | None = None
        if output.sample_rate is not None:
            self._sounds = SoundEncoder(container, output.sample_rate, output.encoded_channels)
        container.start_encoding()

    def picture(self, picture: Picture, pts: int) -> None:
        """One picture of the output's size and colours, as it is, at ``pts`` in the output's time base.

        ``pts`` has to increase; one that does not is moved to a tick after the picture before it, never left out.
        """
        with _told_to_a_person(self._path):
            self._container.mux(list(self._pictures.encode(picture, pts)))

    def frame(self, image: Image, pts: int) -> None:
        """One picture, uint8 BGR ``(height, width, 3)``, as ``picture`` does."""
        self.picture(Picture.of_bgr(image, self._colours), pts)

    def sound(self, chunk: SoundChunk) -> None:
        """One stretch of sound, ``(channels, n)`` at the output's sample rate; gaps become silence."""
        if self._sounds is None:
            raise ValueError("this output was opened without sound")
        with _told_to_a_person(self._path):
            self._container.mux(list(self._sounds.encode(chunk)))

    def finish(self) -> None:
        """Write what the encoders hold. Raises ``Rejected`` when no picture ever came."""
        if not self._pictures.began:
            raise Rejected("media", _("No picture was written, so there is no video; choose footage with pictures."))
        self._container.mux(list(self._pictures.finish()))
        if self._sounds is not None:
            self._container.mux(list(self._sounds.finish()))


@contextmanager
def open_writer(path: Path, output: OutputFormat) -> Iterator[Writer]:
    """Write ``path``: whole and synced to disk when the block ends well, not at all when it ends in an exception.

    Raises ``ActionRequired`` when the file cannot be written, a full disk among the reasons. The file has no metadata,
    no dates and no names of programs in it, and the same pictures and sound give the same bytes.
    """
    part = path.absolute().with_name(f".{secrets.token_hex(8)}.part")
    container: OutputContainer | None = None
    try:
        with _told_to_a_person(path):
            container = av.open(f"file:{part}", "w", format="mp4", container_options=_container_options(output))
            writer = Writer(container, output, path)
        yield writer
        with _told_to_a_person(path):
            writer.finish()
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
def _told_to_a_person(path: Path) -> Iterator[None]:
    """Errors of the disk and the muxer as a sentence."""
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise _cannot_write(path, error) from error


def _container_options(output: OutputFormat) -> dict[str, str]:
    """The track's clock is the source's own unit, divided where that is coarse; the movie's clock can tell the start of
    both streams exactly."""
    timescale = output.time_base.denominator
    timescale *= math.ceil(MIN_TIMESCALE / timescale)
    movie = math.lcm(timescale, output.sample_rate or 1)
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
