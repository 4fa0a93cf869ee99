"""Moments as people type them: on the clock of the force, and never in the future."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vrijgave.errors import Rejected
from vrijgave.i18n import _


def read_moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """``text`` in ISO 8601, by the clocks of ``zone`` where it names no zone; answers in UTC. Raises ``Rejected``."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected("moment", _("Give a day and a time, for instance 01-03-2026 22:15.")) from None
    if at > now:
        raise Rejected("moment", _("This moment lies in the future; check the day and the time."))
    return at
