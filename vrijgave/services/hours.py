"""Which hours the force works: from the settings."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.settings import Settings


def working_hours(settings: Settings) -> WorkingHours:
    """When the force works. Raises ``ActionRequired`` where the settings make no sense."""
    try:
        hours = WorkingHours(
            days=frozenset(day - 1 for day in settings.working_days),
            opens=settings.working_from,
            closes=settings.working_until,
            zone=ZoneInfo(settings.time_zone),
            country=settings.holidays or None,
        )
        hours.check()
    except (ValueError, KeyError, NotImplementedError) as error:
        raise ActionRequired(
            "beheer",
            _("The working hours make no sense; look at WORKING_DAYS, WORKING_FROM, WORKING_UNTIL and HOLIDAYS."),
        ) from error
    return hours
