"""The one door to the figures of the lead times."""

from __future__ import annotations

from contextlib import suppress
from zoneinfo import ZoneInfo

from vrijgave.errors import VrijgaveError
from vrijgave.leadtime import quick
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.view import Dashboard, Query, Split
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import bring_up_to_date


def dashboard(context: Context, query: Query) -> Dashboard:
    """What ``query`` asks, as of now. Raises ``RetryLater`` while too much has still to be worked out."""
    settings, now = context.settings, context.now().replace(microsecond=0)
    office = working_hours(settings)
    terms = Terms(zone=ZoneInfo(settings.time_zone), target=settings.lead_time_target)
    bring_up_to_date(context)
    with context.figures.open(context.reading) as columns:
        return quick.dashboard(columns, query, now, terms, office)


def known(context: Context, fact: Split) -> list[str]:
    """All units, or all of another fact, that any release has; in the order of the alphabet."""
    bring_up_to_date(context)
    with context.figures.open(context.reading) as columns:
        return columns.facts[fact.value].there()


def warm(context: Context) -> None:
    """Read all figures into memory, so that the first who asks need not wait; what fails is told to who asks."""
    with suppress(VrijgaveError):
        bring_up_to_date(context)
    with suppress(VrijgaveError), context.figures.open(context.reading):
        pass
