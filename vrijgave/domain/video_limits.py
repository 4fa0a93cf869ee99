"""What each platform takes of a video, as one table, and every limit that a video exceeds.

The figures are those that the platforms publish (read in November 2026). A publisher whose platform tells its limits
reads them live and starts from this table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _

MB = 1_000_000
GB = 1_000_000_000
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """What a rendition is. ``width`` and ``height`` are of the upright picture, in square pixels."""

    size: int
    """Bytes."""
    seconds: Fraction
    width: int
    height: int
    rate: Fraction
    """Frames a second."""
    codec: str
    """As FFmpeg names it."""
    sound: str | None
    """Codec of the sound; None: silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLimits:
    """Limits of one platform. None: it names none."""

    size: int | None = None
    """Bytes."""
    shortest: Fraction | None = None
    """Seconds."""
    longest: Fraction | None = None
    """Seconds."""
    rate: int | None = None
    """Most frames a second."""
    narrowest: Fraction | None = None
    """Least width over height."""
    widest: Fraction | None = None
    """Most width over height."""
    least_side: int | None = None
    """Pixels of the shorter side."""
    most_width: int | None = None
    """Pixels."""
    codecs: frozenset[str] = frozenset({"h264"})
    sounds: frozenset[str] = frozenset({"aac"})


_F = Fraction
VIDEO_LIMITS: Mapping[Platform, VideoLimits] = MappingProxyType(
    {
        Platform.YOUTUBE: VideoLimits(size=256 * GB, longest=_F(12 * _HOUR)),
        Platform.PEERTUBE: VideoLimits(),
        Platform.MASTODON: VideoLimits(size=99 * MB, rate=120),
        Platform.BLUESKY: VideoLimits(size=300 * MB, longest=_F(180)),
        Platform.X: VideoLimits(
            size=512 * MB,
            shortest=_F(1, 2),
            longest=_F(140),
            rate=60,
            narrowest=_F(1, 3),
            widest=_F(3),
            least_side=32,
        ),
        Platform.FACEBOOK: VideoLimits(size=10 * GB, shortest=_F(1), longest=_F(240 * 60), rate=60),
        Platform.FACEBOOK_REELS: VideoLimits(
            size=1 * GB,
            shortest=_F(3),
            longest=_F(90),
            rate=60,
            narrowest=_F(9, 16),
            widest=_F(9, 16),
            least_side=540,
        ),
        Platform.INSTAGRAM: VideoLimits(
            size=300 * MB,
            shortest=_F(3),
            longest=_F(15 * 60),
            rate=60,
            narrowest=_F(1, 100),
            widest=_F(10),
            most_width=1920,
        ),
        Platform.TIKTOK: VideoLimits(
            size=4 * GB, shortest=_F(3), longest=_F(10 * 60), rate=60, least_side=360, most_width=4096
        ),
        Platform.PRESS_KIT: VideoLimits(),
    }
)
"""Platform -> its limits."""

_SHAPE_ROOM = Fraction(1, 100)
"""A shape counts as met when it is this close: sides are whole even pixels."""


def video_violations(facts: VideoFacts, limits: VideoLimits) -> Iterator[Violation]:
    """Every limit that the video exceeds, each as a sentence that says by how much."""
    if limits.size is not None and facts.size > limits.size:
        yield _violation(
            _("The file is {size} MB and may be {limit} MB; shorten the video."),
            size=-(-facts.size // MB),
            limit=limits.size // MB,
        )
    yield from _length(facts.seconds, limits)
    if limits.rate is not None and facts.rate > limits.rate:
        yield _violation(
            _("The video has {rate} frames a second and may have {limit}; render it again."),
            rate=_decimal(facts.rate),
            limit=limits.rate,
        )
    yield from _shape(facts, limits)
    if facts.codec not in limits.codecs:
        yield _violation(
            _("The picture is coded as {codec}; the platform takes {known}."),
            codec=facts.codec,
            known=", ".join(sorted(limits.codecs)),
        )
    if facts.sound is not None and facts.sound not in limits.sounds:
        yield _violation(
            _("The sound is coded as {codec}; the platform takes {known}."),
            codec=facts.sound,
            known=", ".join(sorted(limits.sounds)),
        )


def _length(seconds: Fraction, limits: VideoLimits) -> Iterator[Violation]:
    if limits.longest is not None and seconds > limits.longest:
        yield _violation(
            _("The video takes {seconds} seconds and may take {limit}; cut it shorter."),
            seconds=_decimal(seconds),
            limit=_decimal(limits.longest),
        )
    if limits.shortest is not None and seconds < limits.shortest:
        yield _violation(
            _("The video takes {seconds} seconds and has to take {limit}; show more of it."),
            seconds=_decimal(seconds),
            limit=_decimal(limits.shortest),
        )


def _shape(facts: VideoFacts, limits: VideoLimits) -> Iterator[Violation]:
    shape = Fraction(facts.width, facts.height)
    if limits.narrowest is not None and shape < limits.narrowest * (1 - _SHAPE_ROOM):
        yield _violation(
            _("The picture ({width} by {height}) is too narrow for the platform; choose another shape."),
            width=facts.width,
            height=facts.height,
        )
    if limits.widest is not None and shape > limits.widest * (1 + _SHAPE_ROOM):
        yield _violation(
            _("The picture ({width} by {height}) is too wide for the platform; choose another shape."),
            width=facts.width,
            height=facts.height,
        )
    if limits.least_side is not None and min(facts.width, facts.height) < limits.least_side:
        yield _violation(
            _("The picture ({width} by {height}) is too small; its shorter side has to be {limit} pixels."),
            width=facts.width,
            height=facts.height,
            limit=limits.least_side,
        )
    if limits.most_width is not None and facts.width > limits.most_width:
        yield _violation(
            _("The picture is {width} pixels wide and may be {limit}; render it again."),
            width=facts.width,
            limit=limits.most_width,
        )


def _violation(message: str, **figures: object) -> Violation:
    return Violation(field="video", message=message.format(**figures))


def _decimal(value: Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
