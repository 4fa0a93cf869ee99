"""Stills and the thumbnail: JPEG from the covered master, never from the original, and without metadata."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from moviepy import ColorClip, ImageClip

from vrijgave.domain.texts import PublicContext
from vrijgave.domain.tracks import Image
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _
from vrijgave.media import DEFAULT_LIMITS, Limits, open_reader
from vrijgave.rendition.cards import flatten
from vrijgave.rendition.fitting import letterboxed, scaled
from vrijgave.rendition.profiles import CALM, CardStyle, Role
from vrijgave.rendition.typesetting import Area, Line, typeset
from vrijgave.rendition.words import WORDS

THUMBNAIL_SIZE = (1280, 720)
_STILL_QUALITY = 92
_QUALITIES = range(92, 20, -8)
_TEXT_HEIGHT = 150
_BAND_PADDING = 18
_BAND_EDGE = 6


def take_stills(master: Path, outputs: Mapping[int, Path], *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Write frames of the covered ``master`` as JPEG: frame number -> file, each in the size in which it is shown.

    Raises ``Rejected`` when the master has no such frame, ``UnreadableMedia`` when it cannot be read.
    """
    for number, image in _frames(master, outputs, limits):
        _write(outputs[number], _jpeg(image, _STILL_QUALITY))


def make_thumbnail(
    master: Path,
    frame: int,
    context: PublicContext,
    language: Language,
    output: Path,
    *,
    max_bytes: int,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write one frame of the covered ``master`` with the offence and the place on it: JPEG, 1280×720.

    The quality is lowered until the file is at most ``max_bytes`` long. Raises ``Rejected`` when even the lowest
    quality is too large, the text is too long, or the master has no such frame.
    """
    ((_number, image),) = _frames(master, (frame,), limits)
    picture = _titled(letterboxed(image, Fraction(1), *THUMBNAIL_SIZE), context, language, CALM)
    for quality in _QUALITIES:
        if len(data := _jpeg(picture, quality)) <= max_bytes:
            _write(output, data)
            return
    why = _("No thumbnail of at most {limit} bytes can be made from this frame; choose another one.")
    raise Rejected("thumbnail", why.format(limit=max_bytes))


def _frames(master: Path, wanted: Iterable[int], limits: Limits) -> Iterator[tuple[int, Image]]:
    """The wanted frames in the shape in which they are shown; reads no further than the last of them."""
    missing = set(wanted)
    with open_reader(master, limits) as reader:
        for frame in reader.frames():
            if frame.index in missing and frame.image is not None:
                missing.discard(frame.index)
                yield frame.index, _square_pixels(frame.image, reader.info.video.sample_aspect_ratio)
            if not missing:
                return
    why = _("The footage has no readable frame {frame}; choose another one.")
    raise Rejected("frame", why.format(frame=min(missing)))


def _square_pixels(image: Image, sample_aspect_ratio: Fraction) -> Image:
    """Widened or heightened so that one pixel is as wide as it is high."""
    rows, columns = image.shape[:2]
    if sample_aspect_ratio >= 1:
        return scaled(image, round(columns * sample_aspect_ratio), rows)
    return scaled(image, columns, round(rows / sample_aspect_ratio))


def _titled(picture: Image, context: PublicContext, language: Language, style: CardStyle) -> Image:
    """``picture`` with a band at its foot that says what it is about."""
    height, width = picture.shape[:2]
    unit = height / 1080
    x = round(style.margin * unit / 2)
    lines = (
        Line(role=Role.TITLE, text=context.offence),
        Line(role=Role.SUBTITLE, text=f"{context.public_place} · {WORDS[language].know_more}"),
    )
    area = Area(x=x, y=0, width=width - 2 * x, height=_TEXT_HEIGHT)
    paragraphs = typeset(lines, area, style, unit, centred=False)
    band = max(p.y + p.height for p in paragraphs) + 2 * _BAND_PADDING
    top = height - band
    return flatten(
        [
            ImageClip(np.ascontiguousarray(picture[..., ::-1])),
            ColorClip((width, band), color=style.background).with_position((0, top)),
            ColorClip((width, _BAND_EDGE), color=style.accent).with_position((0, top)),
            *(replace(p, y=p.y + top + _BAND_PADDING).clip() for p in paragraphs),
        ]
    )


def _jpeg(image: Image, quality: int) -> bytes:
    """The picture as JPEG; OpenCV writes no more than the picture."""
    encoded, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not encoded:
        raise Rejected("still", _("This frame cannot be written as a JPEG; choose another one."))
    return data.tobytes()


def _write(path: Path, data: bytes) -> None:
    """The whole file or none."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
