"""The cookies: a token of the sign-in session, a token of the browser before that, and the language."""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_urlsafe

from fastapi import Request, Response

from vrijgave.i18n import Language
from vrijgave.settings import Settings

SESSION = "vrijgave_session"
BROWSER = "vrijgave_browser"
LANGUAGE = "vrijgave_language"
_YEAR = 365 * 24 * 3600


def is_https(settings: Settings) -> bool:
    """Whether people reach the pages over HTTPS."""
    return (settings.web_url or "").startswith("https:")


def cookie_name(name: str, settings: Settings) -> str:
    """Over HTTPS with a prefix that binds the cookie to this very host: no neighbour can set or overwrite it."""
    return f"__Host-{name}" if is_https(settings) else name


def read(request: Request, name: str, settings: Settings) -> str | None:
    """The cookie's value as it came in."""
    return request.cookies.get(cookie_name(name, settings)) or None


def write(response: Response, name: str, value: str, settings: Settings, *, seconds: int | None = None) -> None:
    """Hand out a cookie that no script can read; it ends with the browser unless ``seconds`` are given."""
    response.set_cookie(
        cookie_name(name, settings),
        value,
        max_age=seconds,
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )


def remove(response: Response, name: str, settings: Settings) -> None:
    """Take a cookie back."""
    response.delete_cookie(
        cookie_name(name, settings), path="/", secure=is_https(settings), httponly=True, samesite="lax"
    )


def write_language(response: Response, language: Language, settings: Settings) -> None:
    """Remember the language in this browser."""
    write(response, LANGUAGE, language.value, settings, seconds=_YEAR)


def new_token() -> str:
    """256 random bits."""
    return token_urlsafe(32)


def csrf_token(token: str) -> str:
    """What forms and scripts send along to show that a page of ours made them; follows from the cookie's token."""
    return hmac.new(token.encode(), b"csrf", sha256).hexdigest()
