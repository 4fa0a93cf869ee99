"""One's own account."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.domain.people import Account, Role
from vrijgave.errors import Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.services import accounts
from vrijgave.services.sign_in import check_present, open_session
from vrijgave.web import cookies, words
from vrijgave.web.access import App, SignedIn
from vrijgave.web.errors import refuse
from vrijgave.web.pages import show
from vrijgave.web.views.sign_in import MePage

router = APIRouter()


@router.get("/me")
def me(request: Request, account: SignedIn, changed: bool = False) -> Response:
    """Who I am here."""
    return show(request, _page(account, notice=_("Your password is changed.") if changed else ""))


@router.post("/me/password")
def change_password(
    request: Request,
    context: App,
    account: SignedIn,
    present: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """A new password for myself: all my sessions end, and this browser gets a new one."""
    try:
        check_present(context, account, present)
        made = accounts.prepare_password(password)
        with context.unit_of_work() as uow:
            accounts.reset_password(uow, account.id, made, actor=account.name, at=context.now())
            token = open_session(uow, account, context.now()).token
            uow.commit()
    except (Rejected, RetryLater) as error:
        return refuse(request, _page(account, error=str(error)), error)
    response = RedirectResponse("/me?changed=1", 303)
    cookies.write(response, cookies.SESSION, token, context.settings)
    return response


def _page(account: Account, *, error: str = "", notice: str = "") -> MePage:
    return MePage(
        name=account.name,
        unit=account.unit,
        roles=tuple(words.role_name(role) for role in Role if role in account.roles),
        has_password=account.external_id is None,
        error=error,
        notice=notice,
    )
