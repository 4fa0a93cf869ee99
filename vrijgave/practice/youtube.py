"""A practice YouTube: a local server that speaks the real data interface, remembers, and fails when told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from vrijgave.practice.channel import CHANNEL_ID, UPLOADS_PLAYLIST, Channel, Place
from vrijgave.practice.faults import ApiError, ConnectionCut, Fault, Faults
from vrijgave.practice.pages import make_pages
from vrijgave.practice.resources import (
    check_localizations,
    check_snippet,
    check_status,
    playlist_item,
    video_resource,
)
from vrijgave.practice.uploads import Uploads

CLIENT_ID = "practice-client"
CLIENT_SECRET = "practice-client-secret"  # noqa: S105 - opens nothing but the practice platform
REFRESH_TOKEN = "practice-refresh-token"  # noqa: S105 - opens nothing but the practice platform
_OWN_ACCOUNT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
THUMBNAIL_BYTES = 2 * 1000 * 1000
_IMAGE_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_DOMAINS = {"quotaExceeded": "youtube.quota", "backendError": "global", "authError": "global"}


def create_app(state_folder: Path, *, processing_seconds: float = 0.0) -> FastAPI:
    """The practice platform with its state in ``state_folder``; the folder survives restarts.

    ``processing_seconds`` is how long a new video takes to process; it counts for a new folder only.
    """
    channel, faults = Channel(state_folder, processing_seconds), Faults(Place)
    app = FastAPI(title="Practice YouTube", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(ApiError, _answer_error)
    app.add_exception_handler(ConnectionCut, _answer_nothing)
    app.include_router(_sign_in(channel, faults))
    app.include_router(_videos(channel, faults), dependencies=[Depends(_signed_in(channel))])
    app.include_router(_lists(channel, faults), dependencies=[Depends(_signed_in(channel))])
    app.include_router(_uploads(channel, faults), dependencies=[Depends(_signed_in(channel))])
    app.include_router(make_pages(channel, faults))
    app.include_router(_controls(channel, faults))
    return app


async def _answer_error(_request: Request, error: Exception) -> Response:
    """An error in the shape of Google's interfaces."""
    if not isinstance(error, ApiError):
        raise error
    detail = {
        "message": str(error),
        "domain": _DOMAINS.get(error.reason, "youtube.video"),
        "reason": error.reason,
    }
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    body = {"error": {"code": error.status, "message": str(error), "errors": [detail]}}
    return JSONResponse(body, status_code=error.status, headers=headers)


async def _answer_nothing(_request: Request, _error: Exception) -> Response:
    """The connection is closed already: this goes nowhere."""
    return Response(status_code=499)


def _signed_in(channel: Channel) -> Callable[[str], Awaitable[None]]:
    async def check(authorization: Annotated[str, Header()] = "") -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not channel.knows_token(token):
            raise ApiError(401, "authError", "Invalid credentials.")

    return check


def _parts(part: Annotated[list[str], Query()]) -> list[str]:
    """Names of parts, comma-separated or repeated."""
    return [name for item in part for name in item.split(",")]


Parts = Annotated[list[str], Depends(_parts)]


def _sign_in(channel: Channel, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.post("/token")
    async def token(request: Request) -> Response:
        """Exchange the refresh token for an access token."""
        asked = dict(parse_qsl((await request.body()).decode()))
        try:
            async with faults.around(Place.TOKEN, request):
                if asked.get("grant_type") != "refresh_token" or not _OWN_ACCOUNT.items() <= asked.items():
                    return JSONResponse({"error": "invalid_grant"}, status_code=400)
                issued = channel.issue_token()
        except ApiError as error:
            return JSONResponse({"error": error.reason}, status_code=error.status)
        return JSONResponse({"access_token": issued, "expires_in": 3600, "token_type": "Bearer"})

    return router


def _videos(channel: Channel, faults: Faults) -> APIRouter:
    router = APIRouter(prefix="/youtube/v3")

    @router.put("/videos")
    async def update(request: Request, parts: Parts) -> Response:
        """Replace the named parts of a video."""
        async with faults.around(Place.UPDATE, request):
            channel.charge(50)
            body = await request.json()
            video = channel.video(str(body.get("id", "")))
            _update_parts(channel, video.id, body, parts)
            answer = JSONResponse(video_resource(channel.video(video.id), parts))
        return answer

    @router.delete("/videos")
    async def delete(request: Request, id: str) -> Response:
        """Delete a video."""
        async with faults.around(Place.DELETE, request):
            channel.charge(50)
            channel.delete(id)
        return Response(status_code=204)

    return router


def _update_parts(channel: Channel, video_id: str, body: dict[str, Any], parts: Sequence[str]) -> None:
    """A named part is replaced whole: what the body leaves out of it falls back to its default."""
    video = channel.video(video_id)
    changes: dict[str, Any] = {}
    if "snippet" in parts:
        if "categoryId" not in body.get("snippet", {}):
            raise ApiError(400, "invalidCategoryId", "The category is required.")
        changes["snippet"] = check_snippet(body["snippet"])
    if "status" in parts:
        changes["status"] = channel.checked_status(check_status(body.get("status", {})))
    if "localizations" in parts:
        changes["localizations"] = check_localizations(body.get("localizations", {}), video.snippet)
    channel.state.videos[video_id] = video.model_copy(update=changes)
    channel.save()


def _lists(channel: Channel, faults: Faults) -> APIRouter:
    router = APIRouter(prefix="/youtube/v3")

    @router.get("/videos")
    async def videos(request: Request, parts: Parts, id: str = "") -> Response:
        """The videos with the given ids, as far as they exist."""
        async with faults.around(Place.LIST, request):
            channel.charge(1)
            found = [channel.state.videos[name] for name in id.split(",") if name in channel.state.videos]
        return JSONResponse({"items": [video_resource(video, parts) for video in found]})

    @router.get("/channels")
    async def channels(request: Request, parts: Parts) -> Response:
        """The channel of whoever is signed in."""
        async with faults.around(Place.LIST, request):
            channel.charge(1)
        details = {"contentDetails": {"relatedPlaylists": {"uploads": UPLOADS_PLAYLIST}}}
        return JSONResponse({"items": [{"id": CHANNEL_ID, **{k: v for k, v in details.items() if k in parts}}]})

    @router.get("/playlistItems")
    async def playlist_items(
        request: Request,
        playlist: Annotated[str, Query(alias="playlistId")] = "",
        token: Annotated[str, Query(alias="pageToken")] = "",
        limit: Annotated[int, Query(alias="maxResults", ge=0, le=50)] = 5,
    ) -> Response:
        """One page of the uploads, newest first."""
        async with faults.around(Place.LIST, request):
            channel.charge(1)
            videos = channel.newest_first()
            if playlist != UPLOADS_PLAYLIST or not videos:
                raise ApiError(404, "playlistNotFound", "The playlist cannot be found.")
        start = int(token.removeprefix("p") or 0)
        following = {"nextPageToken": f"p{start + limit}"} if start + limit < len(videos) else {}
        return JSONResponse({**following, "items": [playlist_item(v) for v in videos[start : start + limit]]})

    return router


def _uploads(channel: Channel, faults: Faults) -> APIRouter:
    router, uploads = APIRouter(), Uploads(channel, faults)

    @router.post("/upload/youtube/v3/videos")
    @router.post("/resumable/upload/youtube/v3/videos")
    async def initiate(
        request: Request,
        parts: Parts,
        upload_type: Annotated[str, Query(alias="uploadType")] = "",
        notify: Annotated[bool, Query(alias="notifySubscribers")] = True,
    ) -> Response:
        """Open an upload session."""
        if upload_type != "resumable":
            raise ApiError(400, "uploadTypeUnsupported", "Only resumable uploads are practised here.")
        return await uploads.initiate(request, parts, notify)

    @router.put("/upload/youtube/v3/videos")
    @router.put("/resumable/upload/youtube/v3/videos")
    async def receive(request: Request, upload_id: str) -> Response:
        """Take a chunk or answer how far the session is."""
        return await uploads.receive(request, upload_id)

    @router.delete("/upload/youtube/v3/videos")
    @router.delete("/resumable/upload/youtube/v3/videos")
    async def cancel(upload_id: str) -> Response:
        """Cancel a session."""
        return uploads.cancel(upload_id)

    @router.post("/upload/youtube/v3/thumbnails/set")
    @router.post("/resumable/upload/youtube/v3/thumbnails/set")
    async def set_thumbnail(request: Request, video: Annotated[str, Query(alias="videoId")]) -> Response:
        """Set a video's thumbnail."""
        content = await _thumbnail_body(request)
        async with faults.around(Place.THUMBNAIL, request):
            channel.charge(50)
            _keep_thumbnail(channel, video, content)
        return JSONResponse({"items": [{"default": {"url": f"/practice/thumbnails/{video}"}}]})

    return router


async def _thumbnail_body(request: Request) -> bytes:
    content = bytearray()
    async for block in request.stream():
        content += block
        if len(content) > THUMBNAIL_BYTES:
            raise ApiError(413, "uploadTooLarge", "The thumbnail is larger than 2 MB.")
    return bytes(content)


def _keep_thumbnail(channel: Channel, video_id: str, content: bytes) -> None:
    video = channel.video(video_id)
    for kind, signature in _IMAGE_SIGNATURES.items():
        if content.startswith(signature):
            channel.thumbnail_path(video.id).write_bytes(content)
            channel.state.videos[video.id] = video.model_copy(update={"thumbnail": kind})
            channel.save()
            return
    raise ApiError(400, "invalidImage", "The provided image content is invalid.")


def _controls(channel: Channel, faults: Faults) -> APIRouter:
    """What a test or a demonstration looks at and turns; no real platform has these."""
    router = APIRouter(prefix="/practice")

    @router.get("/state")
    async def state() -> Response:
        """Everything that the platform knows, and which requests it holds."""
        sessions = [
            {**session.model_dump(mode="json"), "received": channel.received(session)}
            for session in channel.state.sessions.values()
        ]
        return JSONResponse(
            {
                "videos": [video.model_dump(mode="json") for video in channel.newest_first()],
                "sessions": sessions,
                "conditions": channel.state.conditions.model_dump(mode="json"),
                "held": faults.held,
            }
        )

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
        channel.reset()

    @router.post("/conditions", status_code=204)
    async def conditions(changes: dict[str, Any]) -> None:
        """Change the weather: any field of ``Conditions``."""
        current = channel.state.conditions
        channel.state.conditions = type(current).model_validate({**current.model_dump(), **changes})
        channel.save()

    @router.post("/tokens/expire", status_code=204)
    async def expire_tokens() -> None:
        """Make every access token invalid."""
        channel.expire_tokens()

    @router.post("/sessions/expire", status_code=204)
    async def expire_sessions() -> None:
        """Forget every upload session."""
        for session in list(channel.state.sessions.values()):
            channel.forget_session(session)

    return router
