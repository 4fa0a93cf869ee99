"""The words that go out with a video: as drafted from the facts, and as persons wrote them anew."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from vrijgave.domain.publications import Platform
from vrijgave.i18n import Language

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the reading direction: with them a title can read as something else than it says."""


class TextField(StrEnum):
    """A part of the texts that a person may write anew."""

    TITLE = "title"
    DESCRIPTION = "description"
    TAGS = "tags"
    ALTERNATIVE_TEXT = "alternative_text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of one platform in one language, ready to send."""

    platform: str
    language: str
    title: str
    description: str
    tags: tuple[str, ...]
    alternative_text: str

    def to_json(self) -> str:
        """Stable JSON: the bytes that an approval covers."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """Hash of ``to_json`` in UTF-8."""
        return sha256(self.to_json().encode()).hexdigest()

    def text(self, field: TextField) -> str:
        """One part as a person types it: tags with a comma between them."""
        return ", ".join(self.tags) if field is TextField.TAGS else str(getattr(self, field.value))

    def with_text(self, field: TextField, text: str) -> Texts:
        """These texts with one part as a person typed it."""
        value: Any = tag_list(in_shape(field, text)) if field is TextField.TAGS else in_shape(field, text)
        return replace(self, **{field.value: value})

    @classmethod
    def from_json(cls, text: str) -> Texts:
        """Inverse of ``to_json``."""
        value = json.loads(text)
        value["tags"] = tuple(value["tags"])
        return cls(**value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicContext:
    """All that a template may know of a case; there is no field for an internal number, exact place or name."""

    public_case_number: str
    unit: str
    offence: str
    public_place: str
    incident_date: date | None
    question: str
    scene: str
    silent: bool
    seconds: int
    police_phone: str
    anonymous_phone: str
    tip_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEdit:
    """One part of the texts as somebody wrote it; rows of this kind are only ever added.

    ``version`` counts the edits of the same part. ``text`` None: back to the draft. ``draft_sha256`` is the hash of the
    draft that lay before the writer, by which a later page sees that the facts have changed since.
    """

    release_id: str
    revision: int
    platform: Platform
    language: Language
    field: TextField
    version: int
    text: str | None
    draft_sha256: str
    actor: str
    at: datetime


def latest(edits: Iterable[TextEdit], texts: Texts) -> dict[TextField, TextEdit]:
    """Of ``edits``, oldest first, the last one of each part of these texts."""
    return {e.field: e for e in edits if (e.platform, e.language) == (texts.platform, texts.language)}


def as_written(draft: Texts, edits: Iterable[TextEdit]) -> Texts:
    """The draft with all that persons wrote in place of it; ``edits`` are oldest first."""
    texts = draft
    for field, edit in latest(edits, draft).items():
        if edit.text is not None:
            texts = texts.with_text(field, edit.text)
    return texts


def fingerprint(text: str) -> str:
    """By which a draft is known again."""
    return sha256(text.encode()).hexdigest()


def in_shape(field: TextField, text: str) -> str:
    """What is kept of what a person typed: no control characters, no needless space, each tag once."""
    readable = "".join(c for c in text if _readable(c))
    if field is TextField.TITLE:
        return one_line(readable)
    return ", ".join(tag_list(readable)) if field is TextField.TAGS else tidy(readable)


def _readable(character: str) -> bool:
    return character in "\n\t" or (unicodedata.category(character) not in ("Cc", "Cs") and character not in _TURNS)


def one_line(text: str) -> str:
    """All white space as single spaces."""
    return " ".join(text.split())


def tidy(text: str) -> str:
    """No space at the ends of lines, and never more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def tag_list(text: str) -> tuple[str, ...]:
    """Tags between commas or on lines, each once, whatever its case, in their order."""
    unique: dict[str, str] = {}
    for tag in filter(None, map(one_line, re.split(r"[,\n]", text))):
        unique.setdefault(tag.casefold(), tag)
    return tuple(unique.values())
