"""What every practice platform shares: a memory on disk, tokens, faults on demand, its controls, and its public page.

A platform adds the real protocol on top of ``platform_app``. It lives below a prefix of the one practice server, with
its own state and its own controls at ``<prefix>/practice/…``; no real platform has those.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, FastAPI, Header, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from vrijgave.practice.faults import ApiError, ConnectionCut, Fault, Faults

TOKEN_LIFE = timedelta(hours=1)
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
STYLE = """\
body{margin:0;font:1.0625rem/1.5 system-ui,sans-serif;color:#111;background:#fff}
.oefen{margin:0;background:#ffd500;color:#111;padding:.75rem 1rem;font-weight:700}
.oefen span{display:block;font-weight:400}
main{max-width:60rem;margin:0 auto;padding:1rem}
video,img{display:block;width:100%;height:auto;max-height:80vh;background:#000}
h1{font-size:1.5rem;line-height:1.25}
article{border-bottom:1px solid #ccc;padding:0 0 1rem;margin:0 0 1rem}
.tekst{white-space:pre-line;overflow-wrap:anywhere}
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – oefenplatform</title>
<link rel="stylesheet" href="/practice/style.css">
</head>
<body>
<p class="oefen">Oefenplatform: dit is niet het echte {name}; niets hiervan is openbaar.
<span lang="en">Practice platform: this is not the real {name}; none of this is public.</span></p>
<main>
{body}
</main>
</body>
</html>
"""


class Conditions(BaseModel):
    """The weather on a platform; settable while it runs. A platform may add fields."""

    processing_seconds: float = 0.0
    """How long a new video takes to process."""
    processing_failure: str | None = None
    """The platform's word for why the next videos cannot be processed; None: they can."""
    quota_spent: bool = False
    """Whatever the platform counts a day or a window by is used up."""


class State(BaseModel):
    """All that a platform knows, as it stands on disk; a platform adds fields, and may narrow ``conditions``."""

    conditions: Conditions = Field(default_factory=Conditions)
    tokens: dict[str, datetime] = Field(default_factory=dict)
    """Access token -> until when it is good."""


StateT = TypeVar("StateT", bound=State)


class Memory(Generic[StateT]):
    """The state of one platform and its files, in ``folder``. What was saved is there after a restart."""

    def __init__(self, folder: Path, kind: type[StateT], processing_seconds: float = 0.0) -> None:
        self._folder = folder
        self._kind = kind
        self._processing_seconds = processing_seconds
        (folder / "files").mkdir(parents=True, exist_ok=True)
        self.state = kind.model_validate_json(self._path.read_bytes()) if self._path.exists() else self._fresh()

    def _fresh(self) -> StateT:
        state = self._kind()
        state.conditions.processing_seconds = self._processing_seconds
        return state

    @property
    def _path(self) -> Path:
        return self._folder / "state.json"

    def save(self) -> None:
        """Write the state so that it survives a power cut. Call it before an answer leaves."""
        partial = self._path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.write(self.state.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)

    def reset(self) -> None:
        """Begin anew."""
        self.state = self._fresh()
        self.save()
        for path in (self._folder / "files").iterdir():
            path.unlink()

    def file(self, name: str) -> Path:
        """Where the bytes of ``name`` (an id that the platform made) are kept."""
        return self._folder / "files" / name

    def issue_token(self, life: timedelta = TOKEN_LIFE) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(24)
        self.state.tokens[token] = datetime.now(UTC) + life
        self.save()
        return token

    def knows_token(self, token: str) -> bool:
        """Whether an access token is good now."""
        until = self.state.tokens.get(token)
        return until is not None and datetime.now(UTC) < until

    def signed_in(self, problem: Callable[[], ApiError]) -> Callable[[str], Awaitable[None]]:
        """A dependency that lets nobody through without a good bearer token; else it raises ``problem()``."""

        async def check(authorization: Annotated[str, Header()] = "") -> None:
            kind, _, token = authorization.partition(" ")
            if kind.lower() != "bearer" or not self.knows_token(token):
                raise problem()

        return check


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that the public sees. ``video`` names a file in the memory, or is None."""

    id: str
    title: str
    text: str
    video: str | None
    language: str = "nl"
    where: str = ""
    """What of the platform shows it, where there is more than one."""


def platform_app(
    name: str,
    memory: Memory[Any],
    faults: Faults,
    error_body: Callable[[ApiError], Any],
    shown: Callable[[], list[Shown]],
    *,
    prefix: str,
) -> FastAPI:
    """An app with everything but the protocol: errors in the platform's shape, the controls and the public page.

    ``name`` is what the public calls the platform; ``error_body`` gives the JSON of an error answer; ``shown`` tells
    what an anonymous visitor may see now, newest first; ``prefix`` is the path below which it is mounted (``/x``).
    """
    app = FastAPI(title=f"Practice {name}", docs_url=None, redoc_url=None, openapi_url=None)

    async def answer_error(_request: Request, error: Exception) -> Response:
        if not isinstance(error, ApiError):
            raise error
        headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
        return JSONResponse(error_body(error), status_code=error.status, headers=headers)

    async def answer_nothing(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)  # the connection is closed already: this goes nowhere

    app.add_exception_handler(ApiError, answer_error)
    app.add_exception_handler(ConnectionCut, answer_nothing)
    app.include_router(controls(memory, faults))
    app.include_router(_public(name, memory, faults, shown, prefix))
    return app


def controls(memory: Memory[Any], faults: Faults) -> APIRouter:
    """What a test or a demonstration looks at and turns."""
    router = APIRouter(prefix="/practice")

    @router.get("/state")
    async def state() -> Response:
        """Everything that the platform knows but its tokens, and which requests it holds."""
        return JSONResponse({**memory.state.model_dump(mode="json", exclude={"tokens"}), "held": faults.held})

    @router.post("/faults", status_code=204)
    async def order(fault: Fault) -> None:
        """Order a fault."""
        faults.order(fault)

    @router.delete("/faults", status_code=204)
    async def clear() -> None:
        """Forget the faults that have not struck."""
        faults.clear()

    @router.post("/faults/release", status_code=204)
    async def release() -> None:
        """Let the held requests go on."""
        faults.release()

    @router.post("/reset", status_code=204)
    async def reset() -> None:
        """Begin anew."""
        faults.clear()
        faults.release()
        memory.reset()

    @router.post("/conditions", status_code=204)
    async def conditions(changes: dict[str, Any]) -> None:
        """Change the weather: any field of the platform's ``Conditions``."""
        current = memory.state.conditions
        memory.state.conditions = type(current).model_validate({**current.model_dump(), **changes})
        memory.save()

    @router.post("/tokens/expire", status_code=204)
    async def expire_tokens() -> None:
        """Make every access token invalid."""
        memory.state.tokens.clear()
        memory.save()

    return router


def _public(name: str, memory: Memory[Any], faults: Faults, shown: Callable[[], list[Shown]], prefix: str) -> APIRouter:
    router = APIRouter(prefix="/public")

    @router.get("")
    async def everything() -> Response:
        """All that the public sees."""
        body = "\n".join(_article(one, prefix) for one in shown()) or "<p>Er staat niets.</p>"
        return page(name, name, f"<h1>{escape(name)}</h1>\n{body}")

    @router.get("/{id}")
    async def one(request: Request, id: str) -> Response:
        """One thing, or 404 with a page that says so."""
        async with faults.around(Places.PUBLIC, request):
            found = {each.id: each for each in shown()}.get(id)
        if found is None:
            return page(name, "Niet beschikbaar", "<h1>Dit is niet beschikbaar</h1>", status=404)
        return page(name, found.title or name, _article(found, prefix), language=found.language)

    @router.get("/{id}/video.mp4")
    async def video(id: str) -> Response:
        """Its video."""
        found = {each.id: each for each in shown()}.get(id)
        if found is None or found.video is None:
            return Response(status_code=404)
        return FileResponse(memory.file(found.video), media_type="video/mp4", headers=HEADERS)

    return router


def _article(one: Shown, prefix: str) -> str:
    source = escape(f"{prefix}/public/{one.id}/video.mp4")
    video = f'<video controls preload="metadata" src="{source}"></video>\n' if one.video else ""
    title = f"<h1>{escape(one.title)}</h1>\n" if one.title else ""
    where = f"<p><strong>{escape(one.where)}</strong></p>\n" if one.where else ""
    return f'<article>{where}{video}{title}<p class="tekst">{escape(one.text)}</p></article>'


def page(name: str, title: str, body: str, *, language: str = "nl", status: int = 200) -> HTMLResponse:
    """A page that says it is practice. ``body`` is HTML."""
    content = _PAGE.format(language=escape(language), title=escape(title), body=body, name=escape(name))
    return HTMLResponse(content, status_code=status, headers=HEADERS)


def answer(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """JSON, as most of these interfaces give it."""
    return JSONResponse(dict(body), status_code=status, headers=dict(headers or {}))


class Places(StrEnum):
    """Where faults strike on every platform that posts; a platform that has more names its own enum with these too."""

    INITIATE = "initiate"
    CHUNK = "chunk"
    FINAL = "final"
    """The whole video has been stored."""
    STATUS = "status"
    """Asking how far processing is."""
    POST = "post"
    """Making it public."""
    LIST = "list"
    DELETE = "delete"
    TOKEN = "token"  # noqa: S105 - a place, no secret
    PUBLIC = "public"
    """An anonymous visitor looks."""
