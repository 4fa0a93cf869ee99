"""Keeping accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.people import Account, Role
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import accounts
from vrijgave.web.access import App, SignedIn
from vrijgave.web.pages import show
from vrijgave.web.views.accounts import NewAccountPage, account_page, accounts_page, role_choices

router = APIRouter(prefix="/accounts")
Text = Annotated[str, Form()]
Roles = Annotated[list[Role], Form()]


@router.get("")
def every(request: Request, context: App) -> Response:
    """All accounts."""
    with context.reading() as uow:
        found = uow.accounts.list()
    return show(request, accounts_page(found))


@router.get("/new")
def new(request: Request) -> Response:
    """An empty form."""
    return show(request, NewAccountPage(roles=role_choices(())))


@router.post("")
def add(
    request: Request,
    context: App,
    who: SignedIn,
    name: Text = "",
    display_name: Text = "",
    unit: Text = "",
    password: Text = "",
    roles: Roles = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Add an account."""
    try:
        made = accounts.prepare_password(password)
        with context.unit_of_work() as uow:
            accounts.add(
                uow, name=name, display_name=display_name, unit=unit, roles=roles, password_hash=made,
                actor=who.name, at=context.now(),
            )  # fmt: skip
            uow.commit()
    except Rejected as error:
        page = NewAccountPage(
            name=name, display_name=display_name, unit=unit, roles=role_choices(roles), error=str(error)
        )
        return show(request, page, 422)
    return RedirectResponse("/accounts", 303)


@router.get("/{account_id}")
def one(request: Request, context: App, account_id: str) -> Response:
    """One account."""
    return show(request, account_page(_get(context, account_id)))


@router.post("/{account_id}")
def change(
    request: Request,
    context: App,
    who: SignedIn,
    account_id: str,
    display_name: Text = "",
    unit: Text = "",
    enabled: Annotated[bool, Form()] = False,
    roles: Roles = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Change an account; who loses something is signed out at once."""
    try:
        with context.unit_of_work() as uow:
            changed = accounts.change(
                uow, account_id, display_name=display_name, unit=unit, roles=roles, enabled=enabled,
                actor=who.name, at=context.now(),
            )  # fmt: skip
            uow.commit()
    except Rejected as error:
        return show(request, account_page(_get(context, account_id), error=str(error)), 422)
    return show(request, account_page(changed, notice=_("The account is changed.")))


@router.post("/{account_id}/password")
def reset_password(request: Request, context: App, who: SignedIn, account_id: str, password: Text = "") -> Response:
    """Give an account another password."""
    try:
        made = accounts.prepare_password(password)
        with context.unit_of_work() as uow:
            account = accounts.reset_password(uow, account_id, made, actor=who.name, at=context.now())
            uow.commit()
    except Rejected as error:
        return show(request, account_page(_get(context, account_id), error=str(error)), 422)
    return show(request, account_page(account, notice=_("The password is changed; pass it on in person.")))


def _get(context: App, account_id: str) -> Account:
    with context.reading() as uow:
        return uow.accounts.get(account_id)
