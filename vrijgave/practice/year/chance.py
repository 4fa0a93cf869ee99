"""Chance with a seed, and the hours in which people take something up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

HOUR = 3600
OPENS, CLOSES = time(8), time(17, 30)
SATURDAY = 5


class Chance:
    """Draws that are the same for the same ``seed``, whatever else is drawn elsewhere."""

    def __init__(self, seed: str, zone: ZoneInfo) -> None:
        self._random = Random(seed)  # noqa: S311  made-up data, no secret
        self._zone = zone

    def happens(self, probability: float) -> bool:
        """True in that share of all draws."""
        return self._random.random() < probability

    def pick(self, choices: Sequence[tuple[T, float]]) -> T:
        """One of ``choices``, each with its weight."""
        return self._random.choices([value for value, _w in choices], [weight for _v, weight in choices])[0]

    def between(self, low: float, high: float) -> float:
        """Evenly in between."""
        return self._random.uniform(low, high)

    def length(self, median_hours: float, spread: float) -> timedelta:
        """A whole number of seconds, at least one: log-normal, so that few take very long."""
        seconds = math.exp(self._random.gauss(math.log(median_hours * HOUR), spread))
        return timedelta(seconds=max(1, round(seconds)))

    def at_work(self, moment: datetime) -> datetime:
        """``moment``, or some time in the first hours of the next working day where nobody works then."""
        local = moment.astimezone(self._zone)
        if local.weekday() < SATURDAY and OPENS <= local.time() < CLOSES:
            return moment
        if local.time() >= OPENS:
            local += timedelta(days=1)
        while local.weekday() >= SATURDAY:
            local += timedelta(days=1)
        opens = datetime.combine(local.date(), OPENS, tzinfo=self._zone).astimezone(moment.tzinfo)
        return opens + timedelta(seconds=round(self.between(0, 2.5 * HOUR)))
