"""Deliberate holds: a release that waits on purpose, told apart from delay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_NOTE = 1000


class HoldReason(StrEnum):
    """Why a release waits on purpose."""

    INVESTIGATION = "investigation"
    """In the interest of the investigation."""
    SELF_REPORT = "self_report"
    """A term in which the suspect can report."""
    RELATIVES = "relatives"
    """Victims or relatives are told first."""
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnd:
    """The end of a hold; ``hold`` is its number."""

    hold: int
    at: datetime
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A release waits on purpose from ``begins`` on (aware UTC), until ``end`` where there is one."""

    number: int
    release_id: str
    reason: HoldReason
    note: str
    begins: datetime
    actor: str
    recorded_at: datetime
    end: HoldEnd | None = None

    @property
    def ends(self) -> datetime | None:
        """When it ended; None while it lasts."""
        return None if self.end is None else self.end.at
