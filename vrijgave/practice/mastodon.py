"""A practice Mastodon: a local server that speaks its interface, remembers, and fails when told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from vrijgave.practice.base import answer, platform_app
from vrijgave.practice.faults import ApiError, ConnectionCut, Faults
from vrijgave.practice.mastodon_state import ACCOUNT_ID, TOKEN, Answer, Media, Place, Server, Status, not_found

NAME = "Mastodon"
PREFIX = "/mastodon"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def create_app(state_folder: Path, processing_seconds: float = 0.0) -> FastAPI:
    """The practice Mastodon with its state in ``state_folder``; the folder survives restarts."""
    server, faults = Server(state_folder, processing_seconds), Faults(Place)
    app = platform_app(NAME, server.memory, faults, _error_body, server.shown, prefix=PREFIX)
    app.add_exception_handler(ApiError, _answer_error)
    app.include_router(_instance(server, faults), prefix="/api")
    app.include_router(_audience(server))
    for router in (_media(server, faults), _account(server, faults), _statuses(server, faults)):
        app.include_router(router, prefix="/api", dependencies=[Depends(_signed_in(server))])
    return app


def practice_credentials(_root: str) -> dict[str, str]:
    """What opens the practice account."""
    return {"access_token": TOKEN}


async def _answer_error(_request: Request, error: Exception) -> Response:
    """An error; where to wait it tells by a header of its own until when."""
    if not isinstance(error, ApiError):
        raise error
    headers = {}
    if error.retry_after is not None:
        until = datetime.now(UTC) + timedelta(seconds=error.retry_after)
        headers = {"retry-after": str(error.retry_after), "x-ratelimit-reset": until.isoformat()}
    return answer(_error_body(error), error.status, headers)


def _error_body(error: ApiError) -> dict[str, Any]:
    return {"error": str(error)}


def _signed_in(server: Server) -> Callable[[str], Awaitable[None]]:
    async def check(authorization: Annotated[str, Header()] = "") -> None:
        if authorization != f"Bearer {TOKEN}" or server.state.conditions.token_revoked:
            raise ApiError(401, "The access token was revoked")

    return check


def _instance(server: Server, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.get("/v2/instance")
    @router.get("/v2/instance/")
    async def instance(request: Request) -> Response:
        """What this server takes."""
        conditions = server.state.conditions
        async with faults.around(Place.INSTANCE, request):
            configuration = {
                "statuses": {
                    "max_characters": conditions.max_characters,
                    "max_media_attachments": 4,
                    "characters_reserved_per_url": 23,
                },
                "media_attachments": {
                    "description_limit": conditions.description_limit,
                    "supported_mime_types": list(conditions.mime_types),
                    "image_size_limit": conditions.image_bytes,
                    "video_size_limit": conditions.video_bytes,
                    "video_frame_rate_limit": conditions.frame_rate,
                    "video_matrix_limit": conditions.matrix,
                },
            }
            return answer(
                {"domain": "oefen.example", "title": "Oefenserver", "version": "4.5.0", "configuration": configuration}
            )

    return router


def _media(server: Server, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.post("/v2/media")
    async def upload(request: Request) -> Response:
        """Take a video; it is processed afterwards."""
        async with faults.around(Place.UPLOAD, request):
            server.count("upload")
            try:
                media = await _uploaded(server, request)
            except ClientDisconnect:
                raise ConnectionCut from None
            return answer(_media_json(server, media) | {"url": None}, 202)

    @router.get("/v1/media/{id}")
    async def how_far(request: Request, id: str) -> Response:
        """How far processing is; nothing of what belongs to a status."""
        async with faults.around(Place.STATUS, request):
            media = server.loose(id)
            if media is None:
                raise not_found()
            if media.ready and media.failure:
                raise ApiError(422, "Error processing thumbnail for uploaded media")
            return answer(_media_json(server, media), 200 if media.ready else 206)

    @router.delete("/v1/media/{id}")
    async def drop(request: Request, id: str) -> Response:
        """Delete what belongs to no status."""
        async with faults.around(Place.DELETE, request):
            media = server.state.media.get(id)
            if media is None:
                raise not_found()
            if media.status_id is not None:
                raise ApiError(422, "Media attachment is currently used by a status and cannot be deleted")
            server.drop(media)
            return answer({})

    return router


async def _uploaded(server: Server, request: Request) -> Media:
    conditions = server.state.conditions
    async with request.form() as form:
        file, thumbnail, description = form.get("file"), form.get("thumbnail"), str(form.get("description") or "")
        if not isinstance(file, UploadFile) or file.content_type not in conditions.mime_types:
            raise ApiError(422, "Validation failed: File content type is not supported")
        content = await file.read()
        picture = await thumbnail.read() if isinstance(thumbnail, UploadFile) else None
    if len(content) > conditions.video_bytes:
        raise ApiError(422, "Validation failed: File size must be less than 99 MB")
    if len(description) > conditions.description_limit:
        raise ApiError(422, "Validation failed: Description is too long")
    if picture is not None and not picture.startswith(_PICTURES):
        raise ApiError(422, "Validation failed: Thumbnail content type is not supported")
    return server.take(content, description, picture is not None)


def _media_json(server: Server, media: Media) -> dict[str, Any]:
    address = f"http://oefen.example/{media.file}.mp4"
    return {
        "id": media.id,
        "type": "video",
        "url": address if media.ready else None,
        "preview_url": None,
        "description": media.description,
    }


def _account(server: Server, faults: Faults) -> APIRouter:
    router = APIRouter(prefix="/v1/accounts")

    @router.get("/verify_credentials")
    async def me(request: Request) -> Response:
        """Who we are."""
        async with faults.around(Place.ACCOUNT, request):
            return answer(_OWN_ACCOUNT)

    @router.get("/{id}/statuses")
    async def statuses(request: Request, id: str, limit: int = 20, max_id: str = "") -> Response:
        """Our statuses, newest first, by pages."""
        async with faults.around(Place.LIST, request):
            until = datetime.now(UTC) - timedelta(seconds=server.state.conditions.list_lag_seconds)
            listed = (status for status in server.state.statuses.values() if status.at <= until)
            found = sorted(listed, key=lambda status: int(status.id), reverse=True)
        older = [status for status in found if not max_id or int(status.id) < int(max_id)]
        page = older[: min(limit, 40)]
        headers = {}
        if len(page) < len(older):
            address = request.url.include_query_params(max_id=page[-1].id)
            headers["link"] = f'<{address}>; rel="next"'
        return JSONResponse([_status_json(server, status) for status in page], headers=headers)

    return router


_OWN_ACCOUNT = {"id": ACCOUNT_ID, "username": "politie", "acct": "politie", "display_name": "Politie Oefenstad"}


def _statuses(server: Server, faults: Faults) -> APIRouter:
    router = APIRouter(prefix="/v1/statuses")

    @router.post("")
    async def post(request: Request, idempotency_key: Annotated[str, Header()] = "") -> Response:
        """Post; with a key that was used within the hour the status of then is told again."""
        async with request.form() as form:
            told = {name: str(value) for name, value in form.items()}
            media = [str(value) for name, value in form.multi_items() if name in ("media_ids[]", "media_ids")]
        async with faults.around(Place.POST, request):
            status = server.posted(idempotency_key) if idempotency_key else None
            if status is None:
                visibility, language = told.get("visibility", "public"), told.get("language", "")
                status = server.post(told.get("status", ""), media, visibility, language, idempotency_key)
            return answer(_status_json(server, status))

    @router.get("/{id}")
    async def show(request: Request, id: str) -> Response:
        """One of them."""
        async with faults.around(Place.SHOW, request):
            return answer(_status_json(server, server.status(id)))

    @router.get("/{id}/context")
    async def context(request: Request, id: str) -> Response:
        """What was answered."""
        async with faults.around(Place.CONTEXT, request):
            answers = [_answer_json(one) for one in server.status(id).answers]
            return answer({"ancestors": [], "descendants": answers})

    @router.delete("/{id}")
    async def delete(request: Request, id: str, delete_media: bool = False) -> Response:
        """Delete it; its media too, when asked for."""
        async with request.form() as form:
            with_media = delete_media or str(form.get("delete_media", "")).lower() in ("1", "true")
        async with faults.around(Place.DELETE, request):
            status = server.status(id)
            server.count("delete")
            told = _status_json(server, status)
            server.remove(status, with_media)
            return answer(told | {"text": status.text})

    return router


def _status_json(server: Server, status: Status) -> dict[str, Any]:
    return {
        "id": status.id,
        "created_at": status.at.isoformat(),
        "content": f"<p>{escape(status.text)}</p>",
        "visibility": status.visibility,
        "language": status.language,
        "sensitive": False,
        "spoiler_text": "",
        "uri": f"http://oefen.example/users/politie/statuses/{status.id}",
        "url": f"http://oefen.example/@politie/{status.id}",
        "replies_count": len(status.answers),
        "reblogs_count": status.reblogs,
        "favourites_count": status.favourites,
        "media_attachments": [_media_json(server, server.state.media[id]) for id in status.media],
        "account": _OWN_ACCOUNT,
    }


def _answer_json(one: Answer) -> dict[str, Any]:
    other = {"id": "2000", "username": "iemand", "acct": "iemand@elders.example", "display_name": one.author}
    return {
        "id": one.id,
        "created_at": one.at.isoformat(),
        "content": one.html,
        "visibility": "public",
        "account": _OWN_ACCOUNT if one.ours else other,
    }


class _Said(BaseModel):
    """What a test or a demonstration lets the public do to a status; ``comment`` is HTML."""

    id: str
    likes: int | None = None
    shares: int | None = None
    comment: str | None = None
    author: str = "Iemand"
    ours: bool = False


def _audience(server: Server) -> APIRouter:
    router = APIRouter(prefix="/practice")

    @router.post("/audience", status_code=204)
    async def audience(said: _Said) -> None:
        """Likes, boosts and answers."""
        status = server.status(said.id)
        status.favourites = status.favourites if said.likes is None else said.likes
        status.reblogs = status.reblogs if said.shares is None else said.shares
        if said.comment is not None:
            now = datetime.now(UTC)
            status.answers.append(
                Answer(id=server.new_id(), author=said.author, html=said.comment, at=now, ours=said.ours)
            )
        server.memory.save()

    return router
