"""Signing in at the force's OpenID provider."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services.sign_in import sign_in_external, tidy
from vrijgave.store.accounts import SignInRequest, hashed
from vrijgave.web import cookies
from vrijgave.web.access import App, visitor_of
from vrijgave.web.oidc import PATIENCE, Provider, remember
from vrijgave.web.pages import onward as safe
from vrijgave.web.routes.sign_in import begin

router = APIRouter(prefix="/sign-in")


@router.get("/provider")
def leave(request: Request, context: App, onward: str = "/") -> Response:
    """Send the browser to the provider, and remember that it was this browser."""
    departure = Provider(context.settings).depart()
    visitor, now = visitor_of(request), context.now()
    with context.unit_of_work() as uow:
        tidy(uow, context, now)
        kept = remember(departure, visitor.token)
        uow.accounts.add_request(SignInRequest(**kept, onward=safe(onward), created_at=now))
        uow.commit()
    response = RedirectResponse(departure.address, 303)
    if visitor.new:
        cookies.write(response, cookies.BROWSER, visitor.token, context.settings)
    return response


@router.get("/return")
def come_back(request: Request, context: App, code: str = "", state: str = "") -> Response:
    """The provider sent the browser back: find out who it is, and begin a session."""
    with context.unit_of_work() as uow:
        asked = uow.accounts.take_request(state)
        uow.commit()
    now = context.now()
    same_browser = asked is not None and hmac.compare_digest(asked.browser_sha256, hashed(visitor_of(request).token))
    if asked is None or not same_browser or not code or now - asked.created_at > PATIENCE:
        raise Rejected("sign_in", _("The force's sign-in did not confirm who you are; begin again."))
    person = Provider(context.settings).arrive(asked, code)
    with context.unit_of_work() as uow:
        opened = sign_in_external(
            uow, person.external_id, name=person.name, display_name=person.display_name, unit=person.unit,
            roles=person.roles, at=now,
        )  # fmt: skip
        uow.commit()
    return begin(request, context, opened.token, asked.onward)
