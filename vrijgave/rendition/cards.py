"""The opening and the closing card: still pictures, composed once in moviepy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from moviepy import ColorClip, CompositeVideoClip, VideoClip

from vrijgave.domain.texts import PublicContext
from vrijgave.domain.tracks import Image
from vrijgave.i18n import Language
from vrijgave.rendition.profiles import Profile, Role
from vrijgave.rendition.typesetting import Area, Line, Paragraph, typeset
from vrijgave.rendition.words import WORDS, CardWords

_BAR_WIDTH = 14
_BAR_X = 88
_FOOTER_HEIGHT = 60
EMERGENCY_PHONE = "112"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What stands on one card: the column in the middle, and the line at its foot."""

    lines: tuple[Line, ...]
    footer: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """The two cards around the footage."""

    opening: Card
    closing: Card


def build_cards(context: PublicContext, language: Language) -> Cards:
    """The cards of a release: what is asked before the footage, where tips go after it."""
    words = WORDS[language]
    footer = Line(role=Role.FOOTER, text=words.case_number.format(number=context.public_case_number))
    return Cards(
        opening=Card(lines=_opening(context, words), footer=footer),
        closing=Card(lines=_closing(context, words), footer=footer),
    )


def _opening(context: PublicContext, words: CardWords) -> tuple[Line, ...]:
    day = "" if context.incident_date is None else words.day(context.incident_date)
    return (
        Line(role=Role.KICKER, text=words.appeal.format(unit=context.unit)),
        Line(role=Role.TITLE, text=context.offence),
        Line(role=Role.SUBTITLE, text=" · ".join(filter(None, (context.public_place, day)))),
        Line(role=Role.QUESTION, text=context.question or words.question),
    )


def _closing(context: PublicContext, words: CardWords) -> tuple[Line, ...]:
    rows = (
        (words.call, context.police_phone),
        (words.anonymous, context.anonymous_phone),
        (words.online, context.tip_url.removeprefix("https://")),
        (words.emergency, EMERGENCY_PHONE),
    )
    return (
        Line(role=Role.TITLE, text=words.know_more),
        Line(role=Role.SUBTITLE, text=" · ".join((context.offence, context.public_place))),
        *(Line(role=Role.ROW, text=text, label=label) for label, text in rows),
    )


def draw_card(card: Card, profile: Profile) -> Image:
    """The card as a picture of the profile's size. Raises ``Rejected`` when its text is too long to be read."""
    unit = profile.height / 1080
    style = profile.style
    footer_height = round(_FOOTER_HEIGHT * unit)
    x, y = round(style.margin * unit), round(style.padding * unit)
    width = profile.width - 2 * x
    column = Area(x=x, y=y, width=width, height=profile.height - 3 * y - footer_height)
    foot = Area(x=x, y=profile.height - y - footer_height, width=width, height=footer_height)
    paragraphs = typeset(card.lines, column, style, unit, centred=True)
    return _composed(paragraphs + typeset([card.footer], foot, style, unit, centred=False), paragraphs, profile)


def _composed(paragraphs: list[Paragraph], beside_bar: list[Paragraph], profile: Profile) -> Image:
    unit = profile.height / 1080
    top = min(p.y for p in beside_bar)
    bar_size = (round(_BAR_WIDTH * unit), max(p.y + p.height for p in beside_bar) - top)
    bar = ColorClip(bar_size, color=profile.style.accent).with_position((round(_BAR_X * unit), top))
    background = ColorClip((profile.width, profile.height), color=profile.style.background)
    return flatten([background, bar, *(p.clip() for p in paragraphs)])


def flatten(clips: Sequence[VideoClip]) -> Image:
    """Still moviepy clips, the lowest first, as one picture."""
    picture = CompositeVideoClip(clips).with_duration(1).get_frame(0)
    return np.asarray(cv2.cvtColor(np.asarray(picture, np.uint8), cv2.COLOR_RGB2BGR), np.uint8)
