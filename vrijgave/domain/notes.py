"""Notes that persons leave at a frame of a release for one another, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vrijgave.domain.regions import Corners


class NoteAction(StrEnum):
    """What happens to a note after it was written."""

    ANSWERED = "answered"
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntry:
    """One thing that happened to the note ``note``; ``text`` is that of an answer."""

    note: int
    action: NoteAction
    text: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note at ``frame`` of the footage, written in ``revision``, with all that happened to it, oldest first."""

    number: int
    release_id: str
    revision: int
    frame: int
    text: str
    author: str
    at: datetime
    box: Corners | None = None
    """What the note is about, in pixels of the upright source frame; None: the whole frame."""
    entries: tuple[NoteEntry, ...] = ()

    @property
    def settled(self) -> NoteEntry | None:
        """Who resolved it and when; None while it is open."""
        said = [entry for entry in self.entries if entry.action is not NoteAction.ANSWERED]
        return said[-1] if said and said[-1].action is NoteAction.RESOLVED else None

    @property
    def is_open(self) -> bool:
        """True until somebody resolves it, and again once it is reopened."""
        return self.settled is None

    @property
    def answers(self) -> tuple[NoteEntry, ...]:
        """What was answered."""
        return tuple(entry for entry in self.entries if entry.action is NoteAction.ANSWERED)
