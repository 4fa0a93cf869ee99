"""What every answer carries and every request has to keep to, before any route sees it."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vrijgave.i18n import Language, _, use_language
from vrijgave.settings import Settings
from vrijgave.web import cookies

MAX_BODY = 2 * 1024 * 1024
"""Bytes of a form or of JSON."""
UPLOAD = "application/offset+octet-stream"
"""Content type of pieces of an upload; their route has a limit of its own."""
_CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def security_headers(settings: Settings) -> dict[str, str]:
    """Headers of every answer."""
    headers = {
        "content-security-policy": _CONTENT_SECURITY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if cookies.is_https(settings):
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


class Envelope:
    """Adds the headers, speaks the visitor's language and refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        use_language(self._language(Headers(scope=scope)))

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if _too_large(Headers(scope=scope)):
            refusal = JSONResponse({"message": _("That is too much at once; send less.")}, 413)
            await refusal(scope, receive, sealed)
            return
        await self._app(scope, receive, sealed)

    def _language(self, headers: Headers) -> Language:
        """As chosen in this browser, else as the settings say."""
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return self._settings.language
        chosen = jar.get(cookies.cookie_name(cookies.LANGUAGE, self._settings))
        known = {language.value: language for language in Language}
        return known.get(chosen.value if chosen else "", self._settings.language)


def _too_large(headers: Headers) -> bool:
    """A body has to say how long it is: one in pieces without a length is refused."""
    if headers.get("content-type", "").lower() == UPLOAD:
        return False
    length = headers.get("content-length", "")
    if not length:
        return "transfer-encoding" in headers
    return not length.isdecimal() or int(length) > MAX_BODY
