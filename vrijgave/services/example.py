"""The example year: an installation filled with a made-up history, which says so everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from vrijgave.domain.audit import AuditAction
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.practice.year import make_year, truth
from vrijgave.services.context import Context
from vrijgave.services.example_rows import write
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork

RELEASES = 400


def is_example(uow: UnitOfWork) -> bool:
    """Whether all that this installation holds is made up; whatever leaves it has to say so."""
    return uow.examples.any()


def mark(uow: UnitOfWork) -> str:
    """The word with which everything that leaves an installation of made-up releases begins; else empty."""
    return _("Example") if is_example(uow) else ""


def check_practice(settings: Settings, uow: UnitOfWork) -> None:
    """Raise ``ActionRequired`` where a made-up history would work with real platforms."""
    if not settings.practice and is_example(uow):
        raise ActionRequired(
            "administrator",
            _("This installation holds a made-up year; set VRIJGAVE_PRACTICE=true, or use another database."),
        )


def fill(context: Context, *, seed: int, releases: int, until: date) -> dict[str, Any]:
    """Fill this installation with a made-up year that ends where the day ``until`` begins; returns what is true of it.

    Raises ``Rejected`` outside practice mode, where there are releases already, and for a day that has yet to begin.
    """
    zone = ZoneInfo(context.settings.time_zone)
    now = context.now()
    if not context.settings.practice:
        raise Rejected("practice", _("A made-up year is only for practice mode; set VRIJGAVE_PRACTICE=true."))
    if until > now.astimezone(zone).date():
        raise Rejected("until", _("The made-up year has to end today or earlier; give another day with --until."))
    lives = make_year(seed, releases, until, zone)
    with context.unit_of_work() as uow:
        if not uow.examples.room():
            raise Rejected(
                "example", _("There are releases here already; give the made-up year a home of its own: VRIJGAVE_HOME.")
            )
        uow.examples.add(now, seed, len(lives))
        write(uow, lives)
        uow.audit.append(
            actor="system", action=AuditAction.COLLECTED, subject="example", reason=_("A made-up year."), at=now
        )
        uow.commit()
    return truth(lives, seed=seed, until=until, zone=zone)
