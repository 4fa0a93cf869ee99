"""What each platform takes, as one table, and by how much a text exceeds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import TextField, Texts
from vrijgave.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """Limits of one platform."""

    title_characters: int
    description_bytes: int
    """Counted in UTF-8."""
    tags_characters: int
    """All tags together, counted as by ``tags_length``."""
    alternative_text_characters: int
    forbidden: str = ""
    """Characters that neither title, description nor tags may hold."""
    thumbnail_bytes: int


LIMITS: Mapping[Platform, TextLimits] = MappingProxyType(
    {
        Platform.YOUTUBE: TextLimits(
            title_characters=100,
            description_bytes=5000,
            tags_characters=500,
            alternative_text_characters=5000,
            forbidden="<>",
            thumbnail_bytes=2_000_000,
        ),
        Platform.FACEBOOK: TextLimits(
            title_characters=255,
            description_bytes=60_000,
            tags_characters=500,
            alternative_text_characters=5000,
            thumbnail_bytes=10_000_000,
        ),
        Platform.PRESS_KIT: TextLimits(
            title_characters=250,
            description_bytes=50_000,
            tags_characters=5000,
            alternative_text_characters=5000,
            thumbnail_bytes=10_000_000,
        ),
    }
)


class Unit(StrEnum):
    """In what a platform counts; the page counts in the same way while somebody types."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    TAGS = "tags"
    """As ``tags_length``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How long one part of the texts is, and how long it may be."""

    field: TextField
    unit: Unit
    length: int
    limit: int


def measures(platform: Platform, texts: Texts) -> tuple[Measure, ...]:
    """The length of each part against its limit on ``platform``, counted as the platform counts."""
    limits = LIMITS[platform]
    counted = (
        (TextField.TITLE, Unit.CHARACTERS, len(texts.title), limits.title_characters),
        (TextField.DESCRIPTION, Unit.BYTES, len(texts.description.encode()), limits.description_bytes),
        (TextField.TAGS, Unit.TAGS, tags_length(texts.tags), limits.tags_characters),
        (
            TextField.ALTERNATIVE_TEXT,
            Unit.CHARACTERS,
            len(texts.alternative_text),
            limits.alternative_text_characters,
        ),
    )
    return tuple(Measure(field=field, unit=unit, length=length, limit=limit) for field, unit, length, limit in counted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One limit that ``field`` of the texts exceeds; ``message`` tells a person by how much."""

    field: str
    message: str


def tags_length(tags: tuple[str, ...]) -> int:
    """Characters as YouTube counts them: a comma between two tags, two quotes around a tag with a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def check_limits(platform: Platform, texts: Texts, limits: TextLimits | None = None) -> tuple[Violation, ...]:
    """All limits of ``platform`` that ``texts`` exceed, in the order in which a person reads the texts.

    ``limits``: as the platform tells them now, in place of those in the table.
    """
    limits = limits or LIMITS[platform]
    return (
        *_title(texts.title, limits),
        *_description(texts.description, limits),
        *_tags(texts.tags, limits),
        *_alternative_text(texts.alternative_text, limits),
    )


def _title(title: str, limits: TextLimits) -> Iterator[Violation]:
    if not title.strip():
        yield Violation(field="title", message=_("The title is empty; write one."))
    message = _("The title is {over} characters too long ({length} of at most {limit}).")
    yield from _too_long("title", message, len(title), limits.title_characters)
    message = _("The title may not contain «{character}»; remove it.")
    yield from _forbidden("title", title, limits, lambda c: message.format(character=c))


def _description(description: str, limits: TextLimits) -> Iterator[Violation]:
    message = _(
        "The description is {over} bytes too long ({length} of at most {limit}); an accented letter counts twice."
    )
    yield from _too_long("description", message, len(description.encode()), limits.description_bytes)
    message_forbidden = _("The description may not contain «{character}»; remove it.")
    yield from _forbidden("description", description, limits, lambda c: message_forbidden.format(character=c))


def _tags(tags: tuple[str, ...], limits: TextLimits) -> Iterator[Violation]:
    message = _("The tags together are {over} characters too long ({length} of at most {limit}); remove a tag.")
    yield from _too_long("tags", message, tags_length(tags), limits.tags_characters)
    for tag in tags:
        yield from _forbidden("tags", tag, limits, _tag_message(tag))


def _tag_message(tag: str) -> Callable[[str], str]:
    message = _("The tag «{tag}» may not contain «{character}»; remove it.")
    return lambda character: message.format(tag=tag, character=character)


def _alternative_text(text: str, limits: TextLimits) -> Iterator[Violation]:
    if not text.strip():
        yield Violation(
            field="alternative_text", message=_("The text alternative is empty; describe what is to be seen.")
        )
    message = _("The text alternative is {over} characters too long ({length} of at most {limit}).")
    yield from _too_long("alternative_text", message, len(text), limits.alternative_text_characters)


def _too_long(field: str, message: str, length: int, limit: int) -> Iterator[Violation]:
    if length > limit:
        yield Violation(field=field, message=message.format(over=length - limit, length=length, limit=limit))


def _forbidden(field: str, text: str, limits: TextLimits, message: Callable[[str], str]) -> Iterator[Violation]:
    for character in limits.forbidden:
        if character in text:
            yield Violation(field=field, message=message(character))
