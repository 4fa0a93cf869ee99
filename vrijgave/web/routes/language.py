"""Dutch or English."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from vrijgave.i18n import Language
from vrijgave.web import cookies
from vrijgave.web.access import App
from vrijgave.web.pages import onward as safe

router = APIRouter()


@router.post("/language")
def choose(context: App, language: Annotated[Language, Form()], onward: Annotated[str, Form()] = "/") -> Response:
    """Remember the language in this browser and go back to the page."""
    response = RedirectResponse(safe(onward), 303)
    cookies.write_language(response, language, context.settings)
    return response
