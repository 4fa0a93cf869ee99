"""How platforms count a text. ``static/js/texts/counting.js`` counts in the same way while somebody types."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

LINK_LENGTH = 23
"""For how many characters a link counts where platforms shorten links."""


class Unit(StrEnum):
    """In what a platform counts."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    """In UTF-8."""
    UTF16 = "utf16"
    """Units of UTF-16: most characters are one, an emoji is two or more."""
    GRAPHEMES = "graphemes"
    """What a reader sees as one character."""
    LINKED = "linked"
    """Characters, and each link as long as any other."""
    WEIGHTED = "weighted"
    """As X does: links of one length, and two for each emoji and for characters outside the Latin and near scripts."""
    TAGS = "tags"
    """Characters of all tags together, as ``tags_length``."""
    COUNT = "count"
    """How many tags there are."""


_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+[a-z]{{2,24}}"
_PATH = r"(?:[/?#][a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]{0,2000})?"
_END = r"(?<![.,:;!?'()\[\]])"
_LINK = re.compile(rf"https?://{_HOST}(?::\d{{1,5}})?{_PATH}{_END}", re.ASCII | re.IGNORECASE)
_BARE_LINK = re.compile(
    rf"(?:https?://|(?<![a-z0-9@._-])){_HOST}(?::\d{{1,5}})?{_PATH}{_END}", re.ASCII | re.IGNORECASE
)
"""Also a name such as politie.nl, of which X makes a link. What only looks like one counts too much, not too little."""

_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
)
_CHANGED = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PICTURE}{_CHANGED}(?:\u200d{_PICTURE}{_CHANGED})*"
)
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Characters that X counts once: from, to."""


def counted(unit: Unit, text: str, link: int = LINK_LENGTH) -> int:
    """The length of ``text``. ``link``: for how many characters a link counts, where links do."""
    match unit:
        case Unit.CHARACTERS:
            return len(text)
        case Unit.BYTES:
            return len(text.encode())
        case Unit.UTF16:
            return len(text.encode("utf-16-le")) // 2
        case Unit.GRAPHEMES:
            return _graphemes(text)
        case Unit.LINKED:
            rest, links = _LINK.subn("", text)
            return len(rest) + link * links
        case Unit.WEIGHTED:
            return _weighted(text, link)
        case Unit.TAGS | Unit.COUNT:
            raise ValueError(unit)


def has_link(text: str) -> bool:
    """Whether X would make a link of any part of it."""
    return _BARE_LINK.search(text) is not None


def tags_length(tags: tuple[str, ...]) -> int:
    """Characters as YouTube counts them: a comma between two tags, two quotes around a tag with a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def _graphemes(text: str) -> int:
    """Never fewer than a reader sees: signs that join others in rarer ways count by themselves."""
    before, found = "\n", 0
    for character in _EMOJI.sub("\u2610", text):
        if before == "\n" or unicodedata.category(character)[0] != "M":
            found += 1
        before = character
    return found


def _weighted(text: str, link: int) -> int:
    rest, links = _BARE_LINK.subn("", unicodedata.normalize("NFC", text))
    rest, pictures = _EMOJI.subn("", rest)
    light = sum(any(first <= ord(c) <= last for first, last in _LIGHT) for c in rest)
    return link * links + 2 * (pictures + len(rest) - light) + light
