"""Reading the stage clock of a release; entering and correcting its times."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.clock import Milestone
from vrijgave.domain.people import Account
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import clock_entries
from vrijgave.services.context import Context
from vrijgave.services.moments import read_moment
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.clock import clock_page, key, theirs

router = APIRouter(prefix="/releases/{release_id}/clock")
Text = Annotated[str, Form()]


@router.get("")
def page(request: Request, context: App, account: SignedIn, release_id: str, kept: bool = False) -> Response:
    """The whole stage clock; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        notice = _("That is on record.") if kept else ""
        shown = clock_page(uow, account, release_id, context.settings, context.now(), notice=notice)
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, shown)


@router.post("")
def change(
    request: Request, context: App, account: SignedIn, release_id: str, seen: Annotated[int, Form()],
    what: Text = "", begin: Text = "", end: Text = "", unknown: Text = "", reason: Text = "",
) -> Response:  # fmt: skip
    """Enter a time that is not there yet, or correct one that is."""
    typed = {"what": what, "begin": begin, "end": end, "unknown": unknown, "reason": reason}
    try:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            _change(uow, context, account, release_id, typed, seen)
            uow.commit()
    except Rejected as error:
        with context.reading() as uow:
            shown = clock_page(uow, account, release_id, context.settings, context.now(), typed, str(error))
        return show(request, shown, status_of(error))
    return RedirectResponse(f"/releases/{release_id}/clock?kept=1", 303)


def _change(
    uow: UnitOfWork, context: Context, account: Account, release_id: str, typed: dict[str, str], seen: int
) -> None:
    holding = clock_entries.latest(uow.stamps.for_release(release_id))
    known = {key(of): of for of in [*holding, *((m, None, 1) for m in Milestone)]}
    of = known.get(typed["what"])
    if of is None or not theirs(account, of[0]):
        raise Rejected("milestone", _("Choose which time you want to enter or correct."))
    zone, now = ZoneInfo(context.settings.time_zone), context.now()
    begin = None if typed["unknown"] else read_moment(typed["begin"], zone, now)
    end = read_moment(typed["end"], zone, now) if typed["end"] and begin else None
    if of in holding or begin is None:
        clock_entries.correct(
            uow, release_id, of, earliest=begin, until=end, reason=typed["reason"], seen=seen,
            actor=account.name, at=now,
        )  # fmt: skip
    else:
        clock_entries.enter(
            uow, release_id, of[0], earliest=begin, until=end, seen=seen, actor=account.name, at=now
        )  # fmt: skip
