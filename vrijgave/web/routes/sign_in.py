"""Signing in with name and password, signing out, the start page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from vrijgave.errors import Rejected, RetryLater
from vrijgave.services.context import Context
from vrijgave.services.sign_in import sign_in, sign_out
from vrijgave.web import cookies
from vrijgave.web.access import App, SignedIn, visitor_of
from vrijgave.web.errors import refuse
from vrijgave.web.pages import onward as safe
from vrijgave.web.pages import show
from vrijgave.web.permissions import may
from vrijgave.web.views.sign_in import SignInPage

router = APIRouter()


@router.get("/health")
def health() -> Response:
    """Whether the pages are there."""
    return PlainTextResponse("ok")


@router.get("/")
def start(account: SignedIn) -> Response:
    """The page to begin with, by role."""
    return RedirectResponse("/board" if may(account, "GET", "/board") else "/accounts", 303)


@router.get("/sign-in")
def sign_in_page(request: Request, context: App, onward: str = "/") -> Response:
    """The form; who is signed in goes on."""
    if visitor_of(request).account is not None:
        return RedirectResponse(safe(onward), 303)
    return show(request, SignInPage(onward=safe(onward), provider=context.settings.oidc_issuer is not None))


@router.post("/sign-in")
def sign_in_now(
    request: Request,
    context: App,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    onward: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session under a new token; a session that this browser had ends."""
    address = request.client.host if request.client else ""
    try:
        opened = sign_in(context, name, password, address)
    except (Rejected, RetryLater) as error:
        page = SignInPage(
            name=name, onward=safe(onward), error=str(error), provider=context.settings.oidc_issuer is not None
        )
        return refuse(request, page, error)
    return begin(request, context, opened.token, safe(onward))


@router.post("/sign-out")
def sign_out_now(request: Request, context: App) -> Response:
    """End the session at once, also for whoever copied its token."""
    sign_out(context, visitor_of(request).token)
    response = RedirectResponse("/sign-in", 303)
    cookies.remove(response, cookies.SESSION, context.settings)
    return response


def begin(request: Request, context: Context, token: str, onward: str) -> Response:
    """Hand the browser its new token; what it had before is worth nothing any more."""
    before = visitor_of(request)
    if before.account is not None:
        sign_out(context, before.token)
    response = RedirectResponse(onward, 303)
    cookies.write(response, cookies.SESSION, token, context.settings)
    cookies.remove(response, cookies.BROWSER, context.settings)
    return response
