"""Texts for people, in Dutch or English.

Messages stand in the code in English as ``_("...")`` and are looked up in the Dutch catalogue
``locale/nl/LC_MESSAGES/vrijgave.po`` when they are used, so that one process can serve both languages.
"""

from __future__ import annotations

from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).resolve().parent / "locale"


class Language(StrEnum):
    """A language that the service speaks."""

    DUTCH = "nl"
    ENGLISH = "en"


_process = [Language.DUTCH]
_current: ContextVar[Language | None] = ContextVar("language", default=None)


def set_process_language(language: Language) -> None:
    """Speak ``language`` wherever nothing else was asked for: a new thread begins with an empty context."""
    _process[0] = language


def use_language(language: Language | None) -> None:
    """Speak ``language`` from here on in this context; None goes back to the language of the process."""
    _current.set(language)


def current_language() -> Language:
    """The language in which ``_`` answers now."""
    return _current.get() or _process[0]


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Translations of ``language``: English message -> text. English itself has none."""
    # Here and not above: it takes longer to import than the rest of a decoding child, which says nothing to people.
    from babel.messages.pofile import read_po

    path = LOCALE_FOLDER / language.value / "LC_MESSAGES" / "vrijgave.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}


def _(message: str) -> str:
    """``message`` in the current language; itself where no translation stands."""
    return catalogue(current_language()).get(message, message)
