"""What each platform takes, as one table, and by how much a text exceeds it.

The figures are those that the platforms publish (read in November 2026). Where a platform names none, ours stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vrijgave.domain.counting import LINK_LENGTH, Unit, counted, tags_length
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform
from vrijgave.domain.texts import TextField, Texts
from vrijgave.i18n import _


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """Limits of one platform."""

    title_characters: int = 100
    title_least: int = 1
    post: int
    """Most of what goes out as ``post_text``: the description, with hashtags where tags are those."""
    unit: Unit
    """In what the post is counted."""
    post_bytes: int | None = None
    """Most bytes of the post, where these are limited too."""
    link_length: int = LINK_LENGTH
    """For how much a link counts, where links do."""
    tags_characters: int | None = None
    """All tags together, counted as by ``tags_length``; None: the number of tags is limited."""
    tags_count: int = 30
    tag_least: int = 1
    """Characters of one tag."""
    tag_most: int = 5000
    alternative_text_characters: int = 1000
    forbidden: str = ""
    """Characters that neither title, description nor tags may hold."""
    thumbnail_bytes: int = 2_000_000


LIMITS: Mapping[Platform, TextLimits] = MappingProxyType(
    {
        Platform.YOUTUBE: TextLimits(
            post=5000,
            unit=Unit.BYTES,
            tags_characters=500,
            alternative_text_characters=5000,
            forbidden="<>",
        ),
        Platform.PEERTUBE: TextLimits(
            title_characters=120,
            title_least=3,
            post=10_000,
            unit=Unit.CHARACTERS,
            tags_count=5,
            tag_least=2,
            tag_most=30,
            alternative_text_characters=5000,
        ),
        Platform.MASTODON: TextLimits(post=500, unit=Unit.LINKED, alternative_text_characters=1500),
        Platform.BLUESKY: TextLimits(post=300, unit=Unit.GRAPHEMES, post_bytes=3000),
        Platform.X: TextLimits(post=280, unit=Unit.WEIGHTED),
        Platform.FACEBOOK: TextLimits(
            title_characters=255,
            post=60_000,
            unit=Unit.CHARACTERS,
            alternative_text_characters=5000,
            thumbnail_bytes=10_000_000,
        ),
        Platform.FACEBOOK_REELS: TextLimits(post=2200, unit=Unit.CHARACTERS, alternative_text_characters=5000),
        Platform.INSTAGRAM: TextLimits(post=2200, unit=Unit.CHARACTERS),
        Platform.TIKTOK: TextLimits(post=2200, unit=Unit.UTF16),
        Platform.PRESS_KIT: TextLimits(
            title_characters=250,
            post=50_000,
            unit=Unit.BYTES,
            tags_characters=5000,
            alternative_text_characters=5000,
            thumbnail_bytes=10_000_000,
        ),
    }
)
"""Platform -> its limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How long one part of the texts is, and how long it may be."""

    field: TextField
    unit: Unit
    length: int
    limit: int


def measures(platform: Platform, texts: Texts, limits: TextLimits | None = None) -> tuple[Measure, ...]:
    """The length of each part against its limit on ``platform``, counted as the platform counts.

    The description counts as what goes out of it: with the hashtags, where tags are those.
    """
    limits = limits or LIMITS[platform]
    length = counted(limits.unit, post_text(platform, texts), limits.link_length)
    if limits.tags_characters is None:
        tags = (TextField.TAGS, Unit.COUNT, len(texts.tags), limits.tags_count)
    else:
        tags = (TextField.TAGS, Unit.TAGS, tags_length(texts.tags), limits.tags_characters)
    found = (
        (TextField.TITLE, Unit.CHARACTERS, len(texts.title), limits.title_characters),
        (TextField.DESCRIPTION, limits.unit, length, limits.post),
        tags,
        (
            TextField.ALTERNATIVE_TEXT,
            Unit.CHARACTERS,
            len(texts.alternative_text),
            limits.alternative_text_characters,
        ),
    )
    return tuple(Measure(field=field, unit=unit, length=length, limit=limit) for field, unit, length, limit in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One limit that ``field`` of the texts exceeds; ``message`` tells a person by how much."""

    field: str
    message: str


def check_limits(platform: Platform, texts: Texts, limits: TextLimits | None = None) -> tuple[Violation, ...]:
    """All limits of ``platform`` that ``texts`` exceed, in the order in which a person reads the texts.

    ``limits``: as the platform tells them now, in place of those in the table.
    """
    limits = limits or LIMITS[platform]
    title, description, tags, alternative = measures(platform, texts, limits)
    return (
        *_title(texts.title, title, limits),
        *_description(platform, texts, description, limits),
        *_tags(texts.tags, tags, limits),
        *_alternative_text(texts.alternative_text, alternative),
    )


def _title(title: str, measure: Measure, limits: TextLimits) -> Iterator[Violation]:
    if not title.strip():
        yield Violation(field="title", message=_("The title is empty; write one."))
    elif len(title.strip()) < limits.title_least:
        message = _("The title is too short; write at least {limit} characters.")
        yield Violation(field="title", message=message.format(limit=limits.title_least))
    yield from _too_long(measure, _("The title is {over} characters too long ({length} of at most {limit})."))
    message = _("The title may not contain «{character}»; remove it.")
    yield from _forbidden("title", title, limits, lambda c: message.format(character=c))


def _description(platform: Platform, texts: Texts, measure: Measure, limits: TextLimits) -> Iterator[Violation]:
    if not texts.description.strip():
        yield Violation(field="description", message=_("The text is empty; write what the public is asked."))
    yield from _too_long(measure, _too_long_a_post(measure.unit), link=limits.link_length)
    length = len(post_text(platform, texts).encode())
    if limits.post_bytes is not None and length > limits.post_bytes:
        by_bytes = Measure(field=TextField.DESCRIPTION, unit=Unit.BYTES, length=length, limit=limits.post_bytes)
        yield from _too_long(by_bytes, _too_long_a_post(Unit.BYTES))
    message = _("The description may not contain «{character}»; remove it.")
    yield from _forbidden("description", texts.description, limits, lambda c: message.format(character=c))


def _too_long_a_post(unit: Unit) -> str:
    match unit:
        case Unit.BYTES:
            return _(
                "The description is {over} bytes too long ({length} of at most {limit}); "
                "an accented letter counts twice."
            )
        case Unit.LINKED:
            return _(
                "The text with its hashtags is {over} characters too long ({length} of at most {limit}); "
                "a link counts {link}."
            )
        case Unit.WEIGHTED:
            return _(
                "The text with its hashtags is {over} characters too long ({length} of at most {limit}); "
                "a link counts {link}, an emoji two."
            )
        case Unit.UTF16:
            return _(
                "The text with its hashtags is {over} characters too long ({length} of at most {limit}); "
                "an emoji counts two or more."
            )
        case _:
            return _("The text with its hashtags is {over} characters too long ({length} of at most {limit}).")


def _tags(tags: tuple[str, ...], measure: Measure, limits: TextLimits) -> Iterator[Violation]:
    message = (
        _("There are {over} tags too many ({length} of at most {limit}); remove a tag.")
        if measure.unit is Unit.COUNT
        else _("The tags together are {over} characters too long ({length} of at most {limit}); remove a tag.")
    )
    yield from _too_long(measure, message)
    for tag in tags:
        if not limits.tag_least <= len(tag) <= limits.tag_most:
            size = _("The tag «{tag}» has to have {least} to {most} characters; write another one.")
            what = size.format(tag=tag, least=limits.tag_least, most=limits.tag_most)
            yield Violation(field="tags", message=what)
        yield from _forbidden("tags", tag, limits, _tag_message(tag))


def _tag_message(tag: str) -> Callable[[str], str]:
    message = _("The tag «{tag}» may not contain «{character}»; remove it.")
    return lambda character: message.format(tag=tag, character=character)


def _alternative_text(text: str, measure: Measure) -> Iterator[Violation]:
    if not text.strip():
        yield Violation(
            field="alternative_text", message=_("The text alternative is empty; describe what is to be seen.")
        )
    yield from _too_long(
        measure, _("The text alternative is {over} characters too long ({length} of at most {limit}).")
    )


def _too_long(measure: Measure, message: str, **more: int) -> Iterator[Violation]:
    over = measure.length - measure.limit
    if over > 0:
        what = message.format(over=over, length=measure.length, limit=measure.limit, **more)
        yield Violation(field=measure.field.value, message=what)


def _forbidden(field: str, text: str, limits: TextLimits, message: Callable[[str], str]) -> Iterator[Violation]:
    for character in limits.forbidden:
        if character in text:
            yield Violation(field=field, message=message(character))
