"""What the board shows: releases at a glance, and which of them somebody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vrijgave.domain.releases import Release, State


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardEntry:
    """A release and since when it is in its state."""

    release: Release
    since: datetime

    @property
    def owner(self) -> str:
        """Who knows of it: the reviewer once there is one, before that who handed it in."""
        return self.release.reviewer or self.release.submitted_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose releases a person may see: those of a unit, and their own."""

    unit: str
    name: str

    def holds(self, release: Release) -> bool:
        """Whether ``release`` is among them."""
        return self.name in (release.submitted_by, release.reviewer) or _same(self.unit, release.case.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQuery:
    """What is asked for; empty fields ask for nothing."""

    states: frozenset[State] = frozenset()
    unit: str = ""
    owner: str = ""
    text: str = ""
    """Part of a case number, offence or place, or the first characters of an id."""
    within: Reach | None = None


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
