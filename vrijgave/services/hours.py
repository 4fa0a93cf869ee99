"""Which hours the force works, and how long it wants things to take: from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.stages import Stage
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


def stage_targets(settings: Settings) -> Mapping[Stage, timedelta]:
    """How long each stage may take. Raises ``ActionRequired`` for a stage that does not exist."""
    stages = {stage.value: stage for stage in Stage}
    unknown = sorted(set(settings.stage_targets) - set(stages))
    if unknown:
        raise ActionRequired(
            "beheer",
            _("«{stage}» in STAGE_TARGETS is no stage; there are: {stages}.").format(
                stage=unknown[0], stages=", ".join(stages)
            ),
        )
    return {stages[name]: length for name, length in settings.stage_targets.items()}
