"""What a media file says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """How the numbers of a picture are meant: code points of ITU-T H.273, BT.709 unless said otherwise.

    The range is always the limited one: black is 16, white 235.
    """

    matrix: int = 1
    primaries: int = 1
    transfer: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInfo:
    """The picture stream. ``width`` and ``height`` are upright, after ``rotation`` (degrees clockwise)."""

    codec: str
    pixel_format: str
    width: int
    height: int
    rotation: int
    average_rate: Fraction | None
    """Frames a second, exact; None where the file does not say."""
    variable_rate: bool
    interlaced: bool
    time_base: Fraction
    start_pts: int
    frame_count: int
    duration: Fraction
    """Seconds."""
    sample_aspect_ratio: Fraction = Fraction(1)
    colours: Colours = Colours()
    """Of the pictures as they are handed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInfo:
    """A sound stream. ``start`` is in seconds on the clock of the file."""

    codec: str
    sample_rate: int
    channels: int
    start: Fraction
    duration: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInfo:
    """A probed file. ``extra_streams`` are "type/codec" of all that is dropped; ``metadata`` is what would leak."""

    container: str
    size: int
    video: VideoInfo
    audio: tuple[AudioInfo, ...] = ()
    extra_streams: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    chapters: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; fractions as "numerator/denominator"."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value
