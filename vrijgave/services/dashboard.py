"""The one door to the figures of the lead times."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from vrijgave.leadtime import reference
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.view import Dashboard, Query
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import records


def dashboard(context: Context, query: Query) -> Dashboard:
    """What ``query`` asks, as of now. Reads one consistent state and writes nothing."""
    settings, now = context.settings, context.now().replace(microsecond=0)
    office = working_hours(settings)
    terms = Terms(zone=ZoneInfo(settings.time_zone), target=settings.lead_time_target)
    with context.reading() as uow:
        return reference.dashboard(records(uow, now, office), query, now, terms)
