"""How many people a publication reached, as the platform said at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One reading of a platform's own figures; rows of this kind are only ever added."""

    publication_id: str
    at: datetime
    views: int
    source: str
    """``flow:<name>`` or ``person:<actor>``."""
