"""Recording tips from the public and what they were worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.people import Account
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import tips
from vrijgave.services.context import Context
from vrijgave.services.moments import read_moment
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.tips import Refused, Typed, tips_page

router = APIRouter(prefix="/releases/{release_id}/tips")
Text = Annotated[str, Form()]
Kind = TypeVar("Kind", bound=StrEnum)


@router.get("")
def page(request: Request, context: App, account: SignedIn, release_id: str, kept: bool = False) -> Response:
    """All tips of a release; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        notice = _("That is on record.") if kept else ""
        shown = tips_page(uow, account, release_id, context.settings, context.now(), notice=notice)
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, shown)


@router.post("")
def add(
    request: Request, context: App, account: SignedIn, release_id: str,
    received_at: Text = "", channel: Text = "", medium: Text = "", told: Text = "",
) -> Response:  # fmt: skip
    """Record that a tip came in."""
    typed = {"received_at": received_at, "channel": channel, "medium": medium, "told": told}

    def act(uow: UnitOfWork) -> object:
        return tips.add(
            uow, release_id, received_at=_moment(context, received_at), channel=_chosen(TipChannel, channel),
            medium=medium, content=told, actor=account.name, at=context.now(),
        )  # fmt: skip

    return _do(request, context, account, release_id, act, typed, None)


@router.post("/{number}")
def judge(
    request: Request, context: App, account: SignedIn, release_id: str, number: int,
    usability: Text = "", outcome: Text = "", attribution: Text = "", follow_up: Text = "", clear_at: Text = "",
) -> Response:  # fmt: skip
    """Record what a tip is worth."""
    typed = {
        "usability": usability, "outcome": outcome, "attribution": attribution, "follow_up": follow_up,
        "clear_at": clear_at,
    }  # fmt: skip

    def act(uow: UnitOfWork) -> None:
        tips.judge(
            uow, release_id, number, usability=_chosen(Usability, usability) or Usability.NOT_JUDGED,
            outcome=_chosen(Outcome, outcome) or Outcome.OPEN,
            attribution=_chosen(Attribution, attribution) or Attribution.UNKNOWN, follow_up=follow_up,
            clear_at=_moment(context, clear_at), actor=account.name, at=context.now(),
        )  # fmt: skip

    return _do(request, context, account, release_id, act, typed, number)


def _do(
    request: Request, context: Context, account: Account, release_id: str, act: Callable[[UnitOfWork], object],
    typed: Typed, number: int | None,
) -> Response:  # fmt: skip
    """Do it and go back to the page; a refusal is told there, with what was typed."""
    try:
        with context.unit_of_work() as uow:
            release_for(uow, account, release_id)
            act(uow)
            uow.commit()
    except Rejected as error:
        with context.reading() as uow:
            refused = Refused(str(error), typed, number)
            shown = tips_page(uow, account, release_id, context.settings, context.now(), refused)
        return show(request, shown, status_of(error))
    return RedirectResponse(f"/releases/{release_id}/tips?kept=1", 303)


def _moment(context: Context, text: str) -> datetime:
    return read_moment(text, ZoneInfo(context.settings.time_zone), context.now())


def _chosen(kind: type[Kind], value: str) -> Kind | None:
    return next((each for each in kind if each.value == value), None)
