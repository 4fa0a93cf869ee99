"""What a rendition looks like, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from vrijgave.domain.publications import Platform
from vrijgave.domain.video_limits import VIDEO_LIMITS, VideoLimits

Colour = tuple[int, int, int]
"""Red, green, blue in 0..255."""


class Weight(StrEnum):
    """Weights of Source Sans Pro that the cards use."""

    REGULAR = "Regular"
    SEMIBOLD = "Semibold"
    BOLD = "Bold"


class Role(StrEnum):
    """What a line on a card is for; its looks follow from it."""

    KICKER = "kicker"
    TITLE = "title"
    SUBTITLE = "subtitle"
    QUESTION = "question"
    ROW = "row"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """Looks of one role. ``size`` and ``space_after`` are pixels on a card 1080 pixels high."""

    size: int
    weight: Weight
    colour: Colour
    space_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardStyle:
    """Looks of the cards; all lengths are pixels on a card 1080 pixels high."""

    background: Colour
    accent: Colour
    """Of the bar beside the text, and of the labels of rows."""
    roles: Mapping[Role, TextStyle]
    margin: int
    """Between the text and the left and right edge."""
    padding: int
    """Between the text and the top and bottom edge."""
    label_width: int
    """Of the column of labels in front of the rows."""
    smallest: int
    """No text gets smaller than this, however long it is."""


_NIGHT: Colour = (12, 37, 68)
_WHITE: Colour = (255, 255, 255)
_MIST: Colour = (199, 214, 230)
_SKY: Colour = (126, 196, 240)
_AMBER: Colour = (255, 205, 92)

CALM = CardStyle(
    background=_NIGHT,
    accent=_SKY,
    roles=MappingProxyType(
        {
            Role.KICKER: TextStyle(size=40, weight=Weight.SEMIBOLD, colour=_SKY, space_after=28),
            Role.TITLE: TextStyle(size=104, weight=Weight.BOLD, colour=_WHITE, space_after=20),
            Role.SUBTITLE: TextStyle(size=50, weight=Weight.REGULAR, colour=_MIST, space_after=72),
            Role.QUESTION: TextStyle(size=62, weight=Weight.SEMIBOLD, colour=_AMBER, space_after=0),
            Role.ROW: TextStyle(size=60, weight=Weight.BOLD, colour=_WHITE, space_after=26),
            Role.FOOTER: TextStyle(size=40, weight=Weight.REGULAR, colour=_MIST, space_after=0),
        }
    ),
    margin=150,
    padding=90,
    label_width=620,
    smallest=26,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One kind of rendition: the size, the encoder's settings and the cards around the footage."""

    width: int
    height: int
    crf: int
    preset: str
    card_seconds: Fraction
    """Length of each of the two cards."""
    fade_seconds: Fraction
    """At the start and the end of each card; part of its length."""
    card_rate: Fraction
    """Most frames a second that a card gets; footage with a lower rate lowers it."""
    style: CardStyle = field(default=CALM)


FULL_HD = Profile(
    width=1920,
    height=1080,
    crf=19,
    preset="veryfast",
    card_seconds=Fraction(5),
    fade_seconds=Fraction(2, 5),
    card_rate=Fraction(25),
)

PROFILES: Mapping[Platform, Profile] = MappingProxyType(dict.fromkeys(Platform, FULL_HD))
"""All platforms take the same rendition."""


def shaped_for(platforms: Iterable[Platform]) -> tuple[Platform, ...]:
    """Those of ``platforms`` that take a video of the shape which is made for them."""
    return tuple(platform for platform in platforms if _takes(VIDEO_LIMITS[platform], PROFILES[platform]))


def _takes(limits: VideoLimits, profile: Profile) -> bool:
    shape = Fraction(profile.width, profile.height)
    return (limits.narrowest or shape) <= shape <= (limits.widest or shape)
