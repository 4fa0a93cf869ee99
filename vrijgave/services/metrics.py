"""What the service tells those who watch it: the dashboard's own figures, and counts by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vrijgave.errors import RetryLater
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Dashboard, Hours, Query
from vrijgave.services.alerts import late, targets
from vrijgave.services.asking import Ask
from vrijgave.services.context import Context
from vrijgave.services.example import is_example
from vrijgave.store.counts import Health

DAYS = 90
"""Durations are those of the releases of so many days, today included: so that they tell of the work as it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """What the dashboard tells. ``late``: (stage, somebody was told) -> waits longer than the stage's target."""

    recent: Dashboard
    received: int
    published: int
    """Releases that ever came in, and that ever were public."""
    late: Counter[tuple[Stage, bool]] | None
    """None: the force has set no targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All that is told at one moment."""

    now: datetime
    health: Health
    lengths: Lengths | None
    """None while too much has still to be worked out: failures are told all the same."""
    example: bool


def measure(context: Context, ask: Ask) -> Measured:
    """How it all stands now; knows no release by name and no person."""
    try:
        lengths = _lengths(context, ask)
    except RetryLater:
        lengths = None
    with context.reading() as uow:
        health, example = uow.counts.health(), is_example(uow)
    return Measured(now=context.now(), health=health, lengths=lengths, example=example)


def _lengths(context: Context, ask: Ask) -> Lengths:
    """Two questions are enough: how many there ever were, and what waits, is the same by whatever hours and days."""
    today = context.now().astimezone(ZoneInfo(context.settings.time_zone)).date()
    recent = ask(context, Query(since=today - timedelta(days=DAYS - 1)))
    ever = ask(context, Query(hours=Hours(context.settings.alert_hours)))
    return Lengths(
        recent=recent,
        received=ever.tiles.received,
        published=ever.tiles.published,
        late=Counter(_late(context, ever)) if context.settings.stage_targets else None,
    )


def _late(context: Context, shown: Dashboard) -> Iterator[tuple[Stage, bool]]:
    """Each wait that is too long by the hours of the warnings, and whether somebody was told of it."""
    found = list(late(shown.ageing, targets(context.settings)))
    with context.reading() as uow:
        told = uow.alerts.of({one.wait.release_id for one in found})
    for one in found:
        yield one.wait.stage, (one.wait.release_id, one.wait.stage.value, one.wait.since) in told
