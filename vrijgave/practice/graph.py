"""A practice Graph: Facebook and Instagram as one local server that remembers and fails when told to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request, Response
from pydantic import BaseModel

from vrijgave.practice.base import answer, platform_app
from vrijgave.practice.faults import ApiError, Faults
from vrijgave.practice.graph_instagram import Instagram
from vrijgave.practice.graph_reels import PageReels
from vrijgave.practice.graph_state import (
    APP_ID,
    APP_SECRET,
    INSTAGRAM_ID,
    PAGE_ID,
    USER_TOKEN,
    Comment,
    Network,
    Place,
    Video,
    new_id,
)
from vrijgave.practice.graph_videos import AppUploads, PageVideos
from vrijgave.practice.graph_wire import (
    SignIn,
    error_body,
    expired_token,
    graph_time,
    paged,
    parameters,
    picked,
)
from vrijgave.practice.receiver import Receiver

NAME = "Facebook en Instagram"
PREFIX = "/meta"
VERSION = "v24.0"
REEL_TRANSFERS = f"/rupload/video-upload/{VERSION}"
INSTAGRAM_TRANSFERS = f"/rupload/ig-api-upload/{VERSION}"


def create_app(state_folder: Path, processing_seconds: float = 0.0) -> FastAPI:
    """The practice Graph with its state in ``state_folder``; the folder survives restarts."""
    network, faults = Network(state_folder, processing_seconds), Faults(Place)
    app = platform_app(NAME, network.memory, faults, error_body, network.shown, prefix=PREFIX)
    app.add_exception_handler(ApiError, _answer_error)
    guard = SignIn(network.memory)
    signed_in = [Depends(guard)]
    app.include_router(_audience(network))
    app.include_router(_tokens(network, faults, guard), prefix=f"/{VERSION}")
    receiver = Receiver(faults)
    uploads, videos = AppUploads(network, faults, receiver), PageVideos(network, faults)
    instagram = Instagram(network, faults, receiver, f"{PREFIX}{INSTAGRAM_TRANSFERS}")
    reels = PageReels(network, faults, receiver, f"{PREFIX}{REEL_TRANSFERS}")
    graph = (uploads.router(), videos.router(), reels.router(), instagram.router(), _comments(network, faults))
    for router in (*graph, _nodes(network, faults, videos, instagram)):
        app.include_router(router, prefix=f"/{VERSION}", dependencies=signed_in)
    app.include_router(reels.transfers(), prefix=REEL_TRANSFERS, dependencies=signed_in)
    app.include_router(instagram.transfers(), prefix=INSTAGRAM_TRANSFERS, dependencies=signed_in)
    return app


async def _answer_error(_request: Request, error: Exception) -> Response:
    """An error as the Graph tells it; what asks to wait says in minutes how long."""
    if not isinstance(error, ApiError):
        raise error
    headers = {}
    if error.retry_after is not None:
        told = [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": -(-error.retry_after // 60)}]
        headers = {"retry-after": str(error.retry_after), "x-business-use-case-usage": json.dumps({PAGE_ID: told})}
    return answer(error_body(error), error.status, headers)


def practice_credentials(_root: str) -> dict[str, str]:
    """What opens the practice page: the first page token is still to be fetched."""
    return {"access_token": "none-yet", "user_token": USER_TOKEN, "app_secret": APP_SECRET}


FACTS = {"app": APP_ID, "page": PAGE_ID, "instagram": INSTAGRAM_ID}
"""What a publisher has to be told of the practice account."""


def _tokens(network: Network, faults: Faults, guard: SignIn) -> APIRouter:
    router = APIRouter()

    @router.get(f"/{PAGE_ID}")
    async def page(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        """The page; with ``access_token`` among the fields its token, for the person who connected the app."""
        told = await parameters(request)
        node = {"id": PAGE_ID, "name": "Politie Oefenstad"}
        if "access_token" not in told.get("fields", ""):
            await guard(authorization)
            return answer(picked(node, told))
        async with faults.around(Place.TOKEN, request):
            if not guard.is_user(authorization):
                raise expired_token()
            node["access_token"] = network.memory.issue_token()
        return answer(picked(node, told))

    @router.get("/debug_token")
    async def debug_token(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        """What a token is worth, told to the app itself."""
        if authorization.partition(" ")[2] != f"{APP_ID}|{APP_SECRET}":
            raise expired_token()
        asked = (await parameters(request)).get("input_token", "")
        conditions = network.state.conditions
        until = datetime.now(UTC) + timedelta(days=conditions.data_access_days)
        told: dict[str, Any] = {
            "app_id": APP_ID,
            "type": "PAGE",
            "is_valid": network.memory.knows_token(asked),
            "expires_at": 0,
            "data_access_expires_at": int(until.timestamp()),
            "scopes": list(conditions.scopes),
            "profile_id": PAGE_ID,
        }
        return answer({"data": told})

    return router


def _comments(network: Network, faults: Faults) -> APIRouter:
    router = APIRouter()

    @router.get("/{node}/comments")
    async def comments(request: Request, node: str) -> Response:
        """What people wrote below it; Facebook and Instagram use other words for the same."""
        told = await parameters(request)
        async with faults.around(Place.COMMENTS, request):
            thing = network.thing(node)
            instagram = node in network.state.media
        listed = [_on_instagram(c) if instagram else _on_facebook(c) for c in thing.comments]
        return answer(paged([picked(comment, told) for comment in listed], told))

    return router


def _on_facebook(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "from": {"id": "1", "name": comment.author},
        "message": comment.text,
        "created_time": graph_time(comment.at),
        "is_hidden": comment.hidden,
    }


def _on_instagram(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "username": comment.author,
        "text": comment.text,
        "timestamp": graph_time(comment.at),
        "hidden": comment.hidden,
    }


def _nodes(network: Network, faults: Faults, videos: PageVideos, instagram: Instagram) -> APIRouter:
    """What has only an id: the Graph finds out what it is."""
    router = APIRouter()

    @router.get("/{node}")
    async def read(request: Request, node: str) -> Response:
        """Its fields."""
        told = await parameters(request)
        async with faults.around(Place.STATUS, request):
            found = instagram.node(node) or videos.node(node)
        return answer(picked(found, told))

    @router.post("/{node}")
    async def change(request: Request, node: str) -> Response:
        """Change a video, or hide a comment."""
        told = await parameters(request)
        comment = network.comment(node)
        if comment is None:
            await videos.change(request, videos.known(node), told)
            return answer({"success": True})
        async with faults.around(Place.COMMENTS, request):
            comment.hidden = told.get("is_hidden", told.get("hide", "")) == "true"
            network.memory.save()
        return answer({"success": True})

    @router.delete("/{node}")
    async def delete(request: Request, node: str) -> Response:
        """Delete it for good."""
        async with faults.around(Place.DELETE, request):
            thing = network.thing(node)
            if node in network.state.media and not network.state.conditions.instagram_deletes:
                raise ApiError(400, "noCapability", "The application does not have the capability for this.")
            network.remove(thing)
        return answer({"success": True})

    return router


class _Others(BaseModel):
    """Reels that the page published in another way."""

    count: int


class _Said(BaseModel):
    """What a test or a demonstration lets the public do to a video."""

    id: str
    views: int | None = None
    likes: int | None = None
    comment: str | None = None
    author: str = "Iemand"
    hours: float = 0.0
    """How long passes."""


def _audience(network: Network) -> APIRouter:
    router = APIRouter(prefix="/practice")

    @router.post("/audience", status_code=204)
    async def audience(said: _Said) -> None:
        """Views, likes and comments of the public, and time that passes."""
        thing = network.thing(said.id)
        thing.views = thing.views if said.views is None else said.views
        thing.likes = thing.likes if said.likes is None else said.likes
        if said.comment is not None:
            now = datetime.now(UTC)
            thing.comments.append(Comment(id=new_id(), author=said.author, text=said.comment, at=now))
        thing.created -= timedelta(hours=said.hours)
        network.memory.save()

    @router.post("/reels", status_code=204)
    async def others(others: _Others) -> None:
        """Let the page publish reels in another way; they count for the day."""
        now = datetime.now(UTC)
        for _number in range(others.count):
            id_ = new_id()
            network.state.videos[id_] = Video(
                id=id_, kind="reel", created=now, file="none", published=True, published_at=now
            )
        network.memory.save()

    @router.post("/containers/expire", status_code=204)
    async def expire_containers() -> None:
        """Let a day go by for every container."""
        for container in network.state.containers.values():
            container.expired = True
        network.memory.save()

    @router.post("/containers/forget", status_code=204)
    async def forget_containers() -> None:
        """Forget every container, published or not."""
        network.state.containers.clear()
        network.memory.save()

    return router
