"""Reports that are kept: one of each kind and period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReportKind(StrEnum):
    """What a report is about."""

    MONTH = "month"
    """The lead times of one month, for management."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One kept report. ``period`` is ``2026-10``; ``sha256`` finds its bytes; ``size`` is in bytes."""

    kind: ReportKind
    period: str
    sha256: str
    size: int
    made_at: datetime
