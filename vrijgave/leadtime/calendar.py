"""The hours in which a force works, and the time axis on which only those pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from vrijgave.leadtime.durations import in_utc

FIRST_YEAR, LAST_YEAR = 1970, 2069
"""Beyond these no working hour passes."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Micros = NDArray[np.int64]
"""Microseconds since 1970 (UTC)."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Office hours: from ``opens`` until ``closes`` by the clocks of ``zone`` on ``days``, save public holidays.

    ``days`` are numbers of weekdays, Monday 0. ``closes`` at midnight is the end of the day. ``country`` is the code
    (ISO 3166) of whose public holidays are free; None: none are.
    """

    days: frozenset[int]
    opens: time
    closes: time
    zone: ZoneInfo
    country: str | None

    def __post_init__(self) -> None:
        if not self.days <= set(range(7)) or not self.days:
            raise ValueError("working days are numbers from 0 (Monday) to 6")
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError("working hours end after they begin")

    def check(self) -> None:
        """Raise ``NotImplementedError`` for a country of whose holidays nothing is known."""
        _opening(self)

    def fingerprint(self) -> str:
        """SHA-256 of when the force works; other holidays give another one."""
        opens, _before, length = _opening(self)
        return sha256(opens.tobytes() + length.tobytes()).hexdigest()

    def flattened(self, moment: datetime) -> datetime:
        """``moment`` on the axis on which only working hours pass: never falls when ``moment`` rises.

        The difference between two moments so moved is the working time between them. Raises ``ValueError`` for a time
        without a zone.
        """
        micros = (in_utc(moment) - _EPOCH) // _MICROSECOND
        passed = self.passed(np.array([micros], np.int64))
        return _EPOCH + int(passed[0]) * _MICROSECOND

    def passed(self, micros: Micros) -> Micros:
        """Working microseconds that passed before each of ``micros``, any shape."""
        opens, before, length = _opening(self)
        at = np.searchsorted(opens, micros, side="right") - 1
        day = np.maximum(at, 0)
        today = np.clip(micros - opens[day], 0, length[day])
        return np.where(at < 0, 0, before[day] + today)


@lru_cache(maxsize=8)
def _opening(hours: WorkingHours) -> tuple[Micros, Micros, Micros]:
    """Of each working day: when it opens, how much working time passed before it, and how long it is; microseconds."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    free = holidays.country_holidays(hours.country, years=years) if hours.country else {}
    day, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    spans = []
    while day <= last:
        if day.weekday() in hours.days and day not in free:
            until = day if hours.closes != time(0) else day + timedelta(days=1)
            spans.append((_micros(day, hours.opens, hours.zone), _micros(until, hours.closes, hours.zone)))
        day += timedelta(days=1)
    opens, closes = (np.array(side, np.int64) for side in zip(*spans, strict=True))
    length = closes - opens
    return opens, np.concatenate([np.zeros(1, np.int64), np.cumsum(length)[:-1]]), length


def _micros(day: date, at: time, zone: ZoneInfo) -> int:
    return (datetime.combine(day, at, zone).astimezone(UTC) - _EPOCH) // _MICROSECOND
