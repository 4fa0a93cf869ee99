"""What goes out as text: where a platform takes one text only, the description with the tags as hashtags below it.

The title is asked everywhere. Where the platform has none it is the short name by which we know the post, and stays
with us.
"""

from __future__ import annotations

import re

from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import Texts

TAGGED = frozenset({Platform.YOUTUBE, Platform.PEERTUBE, Platform.PRESS_KIT})
"""Platforms that take tags by themselves; on all others they are hashtags in the post."""
TITLED = frozenset({*TAGGED, Platform.FACEBOOK})
"""Platforms on which the public reads the title."""


def post_text(platform: Platform, texts: Texts) -> str:
    """The text that goes out on ``platform``, to the letter."""
    hashtags = "" if platform in TAGGED else " ".join(hashtags_of(texts.tags))
    return "\n\n".join(filter(None, (texts.description, hashtags)))


def hashtags_of(tags: tuple[str, ...]) -> tuple[str, ...]:
    """«#DenHaag» of «Den Haag»: screen readers read its words apart. A tag without a letter makes none."""
    found: dict[str, str] = {}
    for tag in tags:
        words = [word for word in re.split(r"\W+", tag) if word]
        name = "".join(words) if len(words) < 2 else "".join(word[0].upper() + word[1:] for word in words)
        if any(character.isalpha() for character in name):
            found.setdefault(name.casefold(), f"#{name}")
    return tuple(found.values())
