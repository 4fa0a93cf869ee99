"""Writing an MP4 that keeps every picture and every time of its source, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from av.container import OutputContainer

from vrijgave.domain.tracks import Image
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media.encoders import PictureEncoder, SoundEncoder
from vrijgave.media.files import new_mp4, told_to_a_person
from vrijgave.media.frames import Picture, SoundChunk
from vrijgave.media.output import OutputFormat


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
        with told_to_a_person(self._path):
            self._container.mux(list(self._pictures.encode(picture, pts)))

    def frame(self, image: Image, pts: int) -> None:
        """One picture, uint8 BGR ``(height, width, 3)``, as ``picture`` does."""
        self.picture(Picture.of_bgr(image, self._colours), pts)

    def sound(self, chunk: SoundChunk) -> None:
        """One stretch of sound, ``(channels, n)`` at the output's sample rate; gaps become silence."""
        if self._sounds is None:
            raise ValueError("this output was opened without sound")
        with told_to_a_person(self._path):
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
    no dates and no names of programs in it, and the same pictures and sound give the same bytes. The first picture may
    have any time: a part of a longer video is written with its times in the whole (``join_parts``).
    """
    with new_mp4(path, output.time_base.denominator, output.sample_rate) as container:
        with told_to_a_person(path):
            writer = Writer(container, output, path)
        yield writer
        with told_to_a_person(path):
            writer.finish()
