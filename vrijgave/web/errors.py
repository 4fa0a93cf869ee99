"""One place that turns errors into answers: a page for people, JSON for scripts; each says what to do next."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from secrets import token_hex
from typing import ClassVar
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vrijgave.errors import (
    ActionRequired,
    Conflict,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Rejected,
    RetryLater,
    VrijgaveError,
)
from vrijgave.i18n import _
from vrijgave.web.access import app_context
from vrijgave.web.headers import security_headers
from vrijgave.web.pages import Page, show

log = logging.getLogger(__name__)

API = "/api/"
STATUS: tuple[tuple[type[VrijgaveError], int], ...] = (
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Rejected, 422),
    (ActionRequired, 409),
    (RetryLater, 503),
    (VrijgaveError, 422),
)
"""Error -> status; the first that fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(Page):
    """Something did not work."""

    template: ClassVar[str] = "error.html.j2"
    status: int
    heading: str
    message: str
    report: str
    """Number under which the log has the cause; empty where there is nothing more to know."""


def add_handlers(app: FastAPI) -> None:
    """Let every error of a route reach the visitor through this module."""
    app.add_exception_handler(VrijgaveError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _unexpected)


def status_of(error: VrijgaveError) -> int:
    """The HTTP status of an error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def refuse(request: Request, page: Page, error: Rejected | RetryLater) -> Response:
    """``page`` once more, because a password was not right, or was tried too often: then it says when to try again."""
    if not isinstance(error, RetryLater):
        return show(request, page, 422)
    response = show(request, page, 429)
    response.headers["retry-after"] = str(round(error.after.total_seconds()))
    return response


async def _own(request: Request, error: Exception) -> Response:
    if not isinstance(error, VrijgaveError):
        raise TypeError("not one of our errors") from error
    if isinstance(error, NotSignedIn) and not _wants_json(request):
        return _to_sign_in(request)
    response = await _answer(request, status_of(error), str(error), by=error.by if isinstance(error, Rejected) else "")
    if isinstance(error, RetryLater):
        response.headers["retry-after"] = str(max(1, round(error.after.total_seconds())))
    if isinstance(error, NotSignedIn) and "hx-request" in request.headers:
        response.headers["hx-redirect"] = "/sign-in"
    return response


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    sentences = {
        404: _("This page does not exist; go back to the start page."),
        405: _("This address cannot be used in that way; go back to the start page."),
    }
    return await _answer(request, status, sentences.get(status, _("That request was not understood; go back.")))


async def _malformed(request: Request, _error: Exception) -> Response:
    return await _answer(request, 422, _("That request was not understood; load the page again and repeat."))


async def _unexpected(request: Request, error: Exception) -> Response:
    """A mistake of ours: the log gets the cause, the person a number. Runs outside of ``Envelope``."""
    report = token_hex(4)
    log.error("report %s: %s %s", report, request.method, type(error).__name__)
    message = _("Something went wrong in the service; try again, and give the administrator the number below.")
    response = await _answer(request, 500, message, report)
    response.headers.update(security_headers(app_context(request).settings) | {"cache-control": "no-store"})
    return response


async def _answer(request: Request, status: int, message: str, report: str = "", by: str = "") -> Response:
    if _wants_json(request):
        more = {name: value for name, value in (("report", report), ("by", by)) if value}
        return JSONResponse({"message": message, **more}, status)
    page = ErrorPage(status=status, heading=_heading(status), message=message, report=report)
    return await run_in_threadpool(show, request, page, status)  # the frame asks the database who is there


def _heading(status: int) -> str:
    headings = {403: _("Not allowed"), 404: _("Not found"), 409: _("Not now"), 503: _("Try again in a moment")}
    return headings.get(status, _("That did not work"))


def _wants_json(request: Request) -> bool:
    """Scripts of the pages get their errors as JSON too."""
    return request.url.path.startswith(API) or "hx-request" in request.headers


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    onward = f"?onward={quote(here, safe='')}" if request.method == "GET" and here != "/" else ""
    return RedirectResponse(f"/sign-in{onward}", 303)
