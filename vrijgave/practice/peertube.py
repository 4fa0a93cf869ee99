"""A practice PeerTube: a local server that speaks its interface, remembers, and fails when told to."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel

from vrijgave.practice.base import TOKEN_LIFE, answer, platform_app
from vrijgave.practice.faults import ApiError, Faults
from vrijgave.practice.peertube_state import CHANNEL_ID, Comment, Instance, Place, Privacy, Video
from vrijgave.practice.peertube_uploads import Uploads
from vrijgave.practice.peertube_wire import (
    body_of,
    check_attributes,
    check_picture,
    comment_json,
    error_body,
    file_of,
    invalid,
    video_json,
)

NAME = "PeerTube"
PREFIX = "/peertube"
API = "/api/v1"
CLIENT = {"client_id": "practice-client", "client_secret": "practice-client-secret"}
USER = {"username": "politie_oefenstad", "password": "practice-password"}
FACTS = {"channel": str(CHANNEL_ID)}
"""What a publisher has to be told of the practice account."""
_REFRESH_SECONDS = 14 * 24 * 3600


def create_app(state_folder: Path, processing_seconds: float = 0.0) -> FastAPI:
    """The practice PeerTube with its state in ``state_folder``; the folder survives restarts."""
    instance, faults = Instance(state_folder, processing_seconds), Faults(Place)
    app = platform_app(NAME, instance.memory, faults, error_body, instance.shown, prefix=PREFIX)
    signed_in = instance.memory.signed_in(lambda: ApiError(401, "invalid_token", "Token is invalid."))

    async def counted() -> None:
        instance.count_request()

    guard = [Depends(counted), Depends(signed_in)]
    app.include_router(_audience(instance))
    app.include_router(_server(instance, faults), prefix=API)
    app.include_router(Uploads(instance, faults).router(), prefix=API, dependencies=guard)
    for router in (_account(instance, faults), _videos(instance, faults), _changes(instance, faults)):
        app.include_router(router, prefix=API, dependencies=guard)
    app.include_router(_open(instance, faults), prefix=API, dependencies=[Depends(counted)])
    return app


def practice_credentials(_root: str) -> dict[str, str]:
    """What opens the practice account: the first access token is still to be fetched."""
    return {**CLIENT, **USER, "refresh_token": "practice-refresh-token", "access_token": "none-yet"}


def _server(instance: Instance, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.get("/config")
    async def config(request: Request) -> Response:
        """What this server takes."""
        conditions = instance.state.conditions
        async with faults.around(Place.CONFIG, request):
            return answer(
                {
                    "instance": {"name": "Oefenvideo"},
                    "serverVersion": "7.3.0",
                    "video": {
                        "image": {"extensions": [".png", ".jpg", ".jpeg"], "size": {"max": conditions.image_bytes}},
                        "file": {"extensions": list(conditions.extensions)},
                    },
                    "videoCaption": {"file": {"size": {"max": conditions.captions_bytes}, "extensions": [".vtt"]}},
                    "videoFile": {"update": {"enabled": conditions.replaces}},
                }
            )

    @router.post("/users/token")
    async def token(request: Request) -> Response:
        """An access token for the refresh token, which is then spent, or for the password."""
        async with request.form() as form:
            asked = {name: value for name, value in form.items() if isinstance(value, str)}
        async with faults.around(Place.TOKEN, request):
            if not CLIENT.items() <= asked.items():
                raise ApiError(400, "invalid_client", "The client is not known.")
            by_refresh = asked.get("grant_type") == "refresh_token"
            if by_refresh and asked.get("refresh_token") != instance.state.refresh_token:
                raise ApiError(401, "invalid_grant", "The refresh token is invalid.")
            if not by_refresh and not {"grant_type": "password", **USER}.items() <= asked.items():
                raise ApiError(400, "invalid_grant", "The credentials are invalid.")
            instance.state.refresh_token = secrets.token_urlsafe(16)
            issued = {
                "token_type": "Bearer",
                "access_token": instance.memory.issue_token(),
                "refresh_token": instance.state.refresh_token,
                "expires_in": int(TOKEN_LIFE.total_seconds()),
                "refresh_token_expires_in": _REFRESH_SECONDS,
            }
        return answer(issued)

    return router


def _account(instance: Instance, faults: Faults) -> APIRouter:
    router = APIRouter(prefix="/users/me")

    @router.get("")
    async def me(request: Request) -> Response:
        """Who we are."""
        conditions = instance.state.conditions
        async with faults.around(Place.ACCOUNT, request):
            return answer(
                {
                    "id": 3,
                    "username": USER["username"],
                    "account": {"displayName": "Politie Oefenstad"},
                    "videoQuota": conditions.video_quota,
                    "videoQuotaDaily": conditions.video_quota_daily,
                    "videoChannels": [{"id": id, "displayName": "Opsporing"} for id in conditions.channels],
                }
            )

    @router.get("/video-quota-used")
    async def used() -> Response:
        """Bytes in use."""
        return answer({"videoQuotaUsed": instance.used(), "videoQuotaUsedDaily": instance.used()})

    @router.get("/videos")
    async def videos(request: Request, start: int = 0, count: int = 15) -> Response:
        """All our videos, newest first; those that nobody else sees too."""
        async with faults.around(Place.LIST, request):
            instance.settle()
            if not 1 <= count <= 100:
                raise invalid("The count is not valid.")
            newest = sorted(instance.state.videos.values(), key=lambda video: video.created, reverse=True)
        page = [video_json(video, request.url.netloc) for video in newest[start : start + count]]
        return answer({"total": len(newest), "data": page})

    return router


def _videos(instance: Instance, faults: Faults) -> APIRouter:
    """What only the owner may ask of one video."""
    router = APIRouter(prefix="/videos/{id}")

    @router.get("/source")
    async def source(request: Request, id: str) -> Response:
        """The file that was sent."""
        async with faults.around(Place.SOURCE, request):
            video = instance.video(id)
        return answer({"inputFilename": video.file_name, "filename": video.file_name, "size": video.size})

    @router.put("/captions/{language}", status_code=204)
    async def captions(request: Request, id: str, language: str) -> None:
        """Set the captions in one language."""
        content = await file_of(request, "captionfile")
        async with faults.around(Place.CAPTIONS, request):
            if not content.startswith(b"WEBVTT") or len(content) > instance.state.conditions.captions_bytes:
                raise invalid("This caption file is not supported or too large.")
            instance.video(id).captions[language] = content.decode()
            instance.memory.save()

    @router.delete("", status_code=204)
    async def delete(request: Request, id: str) -> None:
        """Delete it."""
        async with faults.around(Place.DELETE, request):
            instance.remove(instance.video(id))

    @router.delete("/comments/{comment}", status_code=204)
    async def delete_comment(request: Request, id: str, comment: int) -> None:
        """Delete what somebody wrote."""
        async with faults.around(Place.COMMENTS, request):
            found = [c for c in instance.video(id).comments if c.id == comment and not c.deleted]
            if not found:
                raise ApiError(404, "not_found", "Video comment not found")
            if not instance.state.conditions.removes_comments:
                raise ApiError(403, "forbidden", "Cannot remove comment of another user")
            found[0].deleted = True
            instance.memory.save()

    return router


def _changes(instance: Instance, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.put("/videos/{id}", status_code=204)
    async def change(request: Request, id: str) -> None:
        """Change what is told of a video, who may see it, or its picture."""
        if request.headers.get("content-type", "").startswith("multipart/"):
            content = await file_of(request, "thumbnailfile")
            async with faults.around(Place.THUMBNAIL, request):
                check_picture(content, instance.state.conditions.image_bytes)
                instance.video(id).thumbnail = True
                instance.memory.save()
            return
        told = await body_of(request)
        place = {Privacy.PUBLIC: Place.POST, Privacy.PRIVATE: Place.HIDE}.get(told.get("privacy", 0), Place.UPDATE)
        async with faults.around(place, request):
            check_attributes(told)
            video = instance.video(id)
            for name in ("name", "description", "tags", "language"):
                if name in told:
                    setattr(video, name, told[name])
            video.privacy = Privacy(told.get("privacy", video.privacy))
            instance.memory.save()

    return router


def _open(instance: Instance, faults: Faults) -> APIRouter:
    """What anybody may ask of a public video."""
    router = APIRouter(prefix="/videos/{id}")

    def visible(request: Request, id: str) -> Video:
        video = instance.video(id)
        if not video.public and not instance.memory.knows_token(_token(request)):
            raise ApiError(401, "unauthorized", "Cannot fetch information of this video without being signed in")
        return video

    @router.get("")
    async def video(request: Request, id: str) -> Response:
        """All that is told of it."""
        signed_in = bool(_token(request))
        if signed_in and not instance.memory.knows_token(_token(request)):
            raise ApiError(401, "invalid_token", "Token is invalid.")
        async with faults.around(Place.STATUS if signed_in else Place.PUBLIC, request):
            return answer(video_json(visible(request, id), request.url.netloc))

    @router.get("/comment-threads")
    async def threads(request: Request, id: str, start: int = 0, count: int = 15) -> Response:
        """The comments that are no answers."""
        async with faults.around(Place.COMMENTS, request):
            found = visible(request, id)
        first = [comment for comment in found.comments if comment.answers is None]
        page = [comment_json(comment, found, request.url.netloc) for comment in first[start : start + count]]
        return answer({"total": len(first), "data": page})

    @router.get("/comment-threads/{thread}")
    async def thread(request: Request, id: str, thread: int) -> Response:
        """A comment with all answers to it."""
        found = visible(request, id)
        return answer(_tree(next(c for c in found.comments if c.id == thread), found, request.url.netloc))

    return router


def _tree(comment: Comment, video: Video, host: str) -> dict[str, Any]:
    children = [_tree(other, video, host) for other in video.comments if other.answers == comment.id]
    return {"comment": comment_json(comment, video, host), "children": children}


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2]


class _Said(BaseModel):
    """What a test or a demonstration lets the public do to a video."""

    id: str
    views: int | None = None
    likes: int | None = None
    comment: str | None = None
    author: str = "Iemand"
    host: str = ""
    answers: int | None = None


def _audience(instance: Instance) -> APIRouter:
    router = APIRouter(prefix="/practice")

    @router.post("/audience")
    async def audience(said: _Said) -> Response:
        """Views, likes and comments of the public; the number of the comment."""
        video = instance.video(said.id)
        video.views = video.views if said.views is None else said.views
        video.likes = video.likes if said.likes is None else said.likes
        number = instance.new_id()
        if said.comment is not None:
            now = datetime.now(UTC)
            video.comments.append(
                Comment(id=number, author=said.author, text=said.comment, at=now, host=said.host, answers=said.answers)
            )
        instance.memory.save()
        return answer({"id": number})

    return router
