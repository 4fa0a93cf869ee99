"""What a publication costs of what a platform allows, as sentences for who is about to publish (November 2026)."""

from __future__ import annotations

from vrijgave.domain.counting import has_link
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _


def costs(platform: Platform, post: str) -> tuple[str, ...]:
    """What ``post`` costs on ``platform``; nothing where it is free."""
    match platform:
        case Platform.YOUTUBE:
            return (_("One of the 100 uploads that YouTube allows in a day."),)
        case Platform.X if has_link(post):
            return (_("X charges for each post, and more for this one: it has a link."),)
        case Platform.X:
            return (_("X charges for each post."),)
        case Platform.FACEBOOK_REELS:
            return (_("One of the 30 reels that Facebook allows in a day."),)
        case Platform.INSTAGRAM:
            return (_("One of the posts that Instagram allows in a day."),)
        case _:
            return ()
