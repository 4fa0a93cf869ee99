"""From the covered master to what a platform gets: cards, the footage in its size, stills and a thumbnail."""

from vrijgave.rendition.cards import Card, Cards, build_cards, draw_card
from vrijgave.rendition.compose import Schedule, make_rendition, plan_schedule
from vrijgave.rendition.profiles import FULL_HD, PROFILES, Profile, shaped_for
from vrijgave.rendition.stills import THUMBNAIL_SIZE, make_thumbnail, take_stills

__all__ = [
    "FULL_HD",
    "PROFILES",
    "THUMBNAIL_SIZE",
    "Card",
    "Cards",
    "Profile",
    "Schedule",
    "build_cards",
    "draw_card",
    "make_rendition",
    "make_thumbnail",
    "plan_schedule",
    "shaped_for",
    "take_stills",
]
