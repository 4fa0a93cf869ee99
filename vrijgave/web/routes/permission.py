"""Granting or refusing publication."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.cases import Area, Medium, Permission, PublicationStage
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import permission
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.errors import status_of
from vrijgave.web.pages import show
from vrijgave.web.routes.releases import consulted
from vrijgave.web.views.permission import GRANT, LONGEST, REFUSE, Typed, permission_page, requester

router = APIRouter(prefix="/releases/{release_id}/permission")
Text = Annotated[str, Form()]
Kind = TypeVar("Kind", bound=StrEnum)


@router.get("")
def page(request: Request, context: App, account: SignedIn, release_id: str, decided: bool = False) -> Response:
    """What is asked and what was decided; the look goes into the audit log."""
    with context.unit_of_work() as uow:
        notice = _("Your decision is on record.") if decided else ""
        shown = permission_page(uow, account, release_id, context, notice=notice)
        consulted(uow, release_id, account, context)
        uow.commit()
    return show(request, shown)


@router.post("")
def decide(
    request: Request, context: App, account: SignedIn, release_id: str,
    decision: Text = "", zaaksofficier: Text = "", mandate: Text = "",
    platforms: Annotated[list[str], Form()] = [],  # noqa: B006  FastAPI copies it
    stage: Text = "", area: Text = "", medium: Text = "", lighter_means: Text = "", proportionality: Text = "",
    self_report_until: Text = "", end_date: Text = "", conditions: Text = "", refusal_reason: Text = "",
) -> Response:  # fmt: skip
    """Put the decision on record; what was typed comes back where it cannot be."""
    typed = Typed(
        decision=decision, zaaksofficier=zaaksofficier, mandate=mandate, platforms=frozenset(platforms), stage=stage,
        area=area, medium=medium, lighter_means=lighter_means, proportionality=proportionality,
        self_report_until=self_report_until, end_date=end_date, conditions=conditions, refusal_reason=refusal_reason,
    )  # fmt: skip
    try:
        with context.unit_of_work() as uow:
            release = release_for(uow, account, release_id)
            given = _permission(uow, release, account, typed, context)
            permission.decide(uow, given, context.settings.mandates, context.now().astimezone().date())
            uow.commit()
    except Rejected as error:
        with context.reading() as uow:
            shown = permission_page(uow, account, release_id, context, typed=typed, error=str(error))
        return show(request, shown, status_of(error))
    return RedirectResponse(f"/releases/{release_id}/permission?decided=1", 303)


def _permission(uow: UnitOfWork, release: Release, account: Account, typed: Typed, context: Context) -> Permission:
    """What was typed, as a decision of the person who is signed in."""
    if typed.decision not in (GRANT, REFUSE):
        raise Rejected("permission", _("Choose whether you grant the permission or refuse it."))
    refused = typed.decision == REFUSE
    for text in (typed.zaaksofficier, typed.lighter_means, typed.proportionality, typed.conditions,
                 typed.refusal_reason):  # fmt: skip
        if len(text) > LONGEST:
            raise Rejected("permission", _("Write at most {most} characters in each field.").format(most=LONGEST))
    return Permission(
        release_id=release.id,
        requester=requester(uow, release),
        zaaksofficier=typed.zaaksofficier.strip(),
        authoriser=account.display_name,
        mandate=typed.mandate,
        platforms=frozenset(_known(Platform, platform).value for platform in typed.platforms),
        stage=_known(PublicationStage, typed.stage or (PublicationStage.INTERNAL if refused else "")),
        area=_known(Area, typed.area or (Area.REGIONAL if refused else "")),
        medium=_known(Medium, typed.medium or (Medium.STILLS if refused else "")),
        lighter_means=typed.lighter_means.strip(),
        proportionality=typed.proportionality.strip(),
        granted=not refused,
        at=context.now(),
        recorded_by=account.name,
        self_report_until=_day(typed.self_report_until),
        end_date=_day(typed.end_date),
        conditions=typed.conditions.strip(),
        refusal_reason=typed.refusal_reason.strip() if refused else "",
    )


def _known(kind: type[Kind], value: str) -> Kind:
    try:
        return kind(value)
    except ValueError as error:
        raise Rejected("permission", _("Choose how far the permission reaches, and in which form.")) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Rejected(
            "permission", _("«{text}» is no day; choose one from the calendar.").format(text=text)
        ) from error
