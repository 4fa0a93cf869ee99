"""How times, sizes and names are said to people, on pages and on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _, current_language
from vrijgave.settings import Settings


def spoken(what: StrEnum) -> str:
    """The name of a value for a person."""
    if isinstance(what, Milestone):
        return _(what.value.replace("_", " "))
    return _(what.value).replace("_", " ")


def platform_name(platform: Platform) -> str:
    """What a platform is called."""
    match platform:
        case Platform.YOUTUBE:
            return "YouTube"
        case Platform.PRESS_KIT:
            return _("Press kit")


def age(span: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes % 60)
    return _("{minutes} min").format(minutes=minutes)


def moment(at: datetime, settings: Settings) -> str:
    """A time on the clock of the force."""
    return at.astimezone(ZoneInfo(settings.time_zone)).strftime("%d-%m-%Y %H:%M")


def day(on: date) -> str:
    """A day in full, such as «2 March 2026»."""
    # Here and not above: the commands that only cover a file do not wait for it.
    from babel.dates import format_date

    return format_date(on, "d MMMM y", locale=current_language().value)


def size(octets: int) -> str:
    """A file's size."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= factor:
            return f"{octets / factor:.1f} {unit}"
    return f"{octets} B"
