"""Instagram on the practice Graph: a container, its video, publishing it once, and what then is public."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from vrijgave.practice.base import answer
from vrijgave.practice.faults import ApiError, Faults, SessionExpired
from vrijgave.practice.graph_state import (
    INSTAGRAM_ID,
    Container,
    Media,
    Network,
    Place,
    invalid,
    new_id,
    no_such_thing,
)
from vrijgave.practice.graph_wire import graph_time, paged, parameters, picked
from vrijgave.practice.receiver import Receiver

CAPTION = 2200
HASHTAGS = 30
LARGEST = 300_000_000
_A_DAY = 86_400


class Instagram:
    """The account's containers and media. ``transfers`` is where their videos are sent, below the root."""

    def __init__(self, network: Network, faults: Faults, receiver: Receiver, transfers: str) -> None:
        self._network, self._faults, self._receiver = network, faults, receiver
        self._transfers = transfers

    def router(self) -> APIRouter:
        """The paths of the Graph."""
        router = APIRouter()

        @router.post(f"/{INSTAGRAM_ID}/media")
        async def create(request: Request) -> Response:
            """Make a container."""
            told = await parameters(request)
            async with self._faults.around(Place.INITIATE, request):
                container = self._create(told)
            root = f"{request.url.scheme}://{request.url.netloc}{self._transfers}"
            return answer({"id": container.id, "uri": f"{root}/{container.id}"})

        @router.get(f"/{INSTAGRAM_ID}/media")
        async def media(request: Request) -> Response:
            """What is public, newest first."""
            told = await parameters(request)
            async with self._faults.around(Place.LIST, request):
                found = sorted(self._network.state.media.values(), key=lambda one: one.created, reverse=True)
            return answer(paged([picked(media_node(one), told) for one in found], told))

        @router.post(f"/{INSTAGRAM_ID}/media_publish")
        async def publish(request: Request) -> Response:
            """Make a container public."""
            told = await parameters(request)
            async with self._faults.around(Place.POST, request):
                media = self._publish(told.get("creation_id", ""))
            return answer({"id": media.id})

        @router.get(f"/{INSTAGRAM_ID}/content_publishing_limit")
        async def limit(request: Request) -> Response:
            """How much of the day's number is used."""
            async with self._faults.around(Place.LIMIT, request):
                total, used = self._network.state.conditions.posts_a_day, self._used()
            return answer({"data": [{"quota_usage": used, "config": {"quota_total": total, "quota_duration": _A_DAY}}]})

        @router.get(f"/{INSTAGRAM_ID}")
        async def account(request: Request) -> Response:
            """The account."""
            told = await parameters(request)
            return answer(picked({"id": INSTAGRAM_ID, "username": "politie.oefenstad"}, told))

        @router.get("/{node}/insights")
        async def insights(request: Request, node: str) -> Response:
            """What was counted, by name; one name that is not known spoils the whole question."""
            told = await parameters(request)
            async with self._faults.around(Place.INSIGHTS, request):
                rows = self._insights(node, told.get("metric", "").split(","))
            return answer({"data": rows})

        return router

    def transfers(self) -> APIRouter:
        """Where videos are sent."""
        router = APIRouter()

        @router.post("/{container}")
        async def receive(
            request: Request,
            container: str,
            offset: Annotated[int, Header()],
            file_size: Annotated[int, Header(convert_underscores=False)],
        ) -> Response:
            """Take the rest of a video."""
            return await self._receive(request, self.container(container), offset, file_size)

        return router

    def container(self, node: str) -> Container:
        """The container. Raises ``ApiError`` when there is none."""
        found = self._network.state.containers.get(node)
        if found is None:
            raise no_such_thing()
        return found

    def node(self, node: str) -> dict[str, Any] | None:
        """A container or a medium with all its fields."""
        media = self._network.state.media.get(node)
        if media is not None:
            return media_node(media)
        container = self._network.state.containers.get(node)
        return None if container is None else self._container_node(container)

    def _create(self, told: dict[str, str]) -> Container:
        if told.get("media_type") != "REELS" or told.get("upload_type") != "resumable":
            raise invalid("Only reels that are uploaded are practised here.")
        caption = told.get("caption", "")
        if len(caption) > CAPTION or len(re.findall(r"#\w", caption)) > HASHTAGS:
            raise invalid("The caption is too long or has too many hashtags.")
        id_ = new_id()
        container = Container(id=id_, created=datetime.now(UTC), file=f"container-{id_}", text=caption)
        self._network.state.containers[id_] = container
        self._network.memory.save()
        return container

    async def _receive(self, request: Request, container: Container, offset: int, size: int) -> Response:
        if not 0 < size <= LARGEST or container.sha256 is not None:
            raise invalid("This file cannot be taken.")
        if offset != self._network.received(container.file):
            raise ApiError(400, "backendError", "The offset is not where the file ends.")
        container.size = size
        path = self._network.memory.file(container.file)
        try:
            async with self._receiver.receiving(request, path, size):
                if self._network.received(container.file) == size:
                    self._network.arrived(container)
                self._network.memory.save()
        except SessionExpired:
            container.expired = True
            self._network.memory.save()
            raise no_such_thing() from None
        async with self._faults.around(Place.FINAL, request):
            return answer({"success": True, "message": "Upload successful."})

    def _used(self) -> int:
        conditions = self._network.state.conditions
        return conditions.posts_a_day if conditions.quota_spent else self._network.posts_today()

    def _publish(self, node: str) -> Media:
        container = self.container(node)
        if container.status_code != "FINISHED":
            raise ApiError(400, "notReady", "The media is not ready to be published.")
        if self._used() >= self._network.state.conditions.posts_a_day:
            raise ApiError(400, "postsADay", "The number of posts of this account for 24 hours is reached.")
        now = datetime.now(UTC)
        media = Media(
            id=new_id(),
            created=now,
            file=container.file,
            text=container.text,
            sha256=container.sha256,
            ready_at=now,
            shortcode=secrets.token_urlsafe(8),
        )
        container.media_id = media.id
        self._network.state.media[media.id] = media
        self._network.state.posted.append(now)
        self._network.memory.save()
        return media

    def _container_node(self, container: Container) -> dict[str, Any]:
        phase = "complete" if container.sha256 else "in_progress"
        received = self._network.received(container.file)
        return {
            "id": container.id,
            "status_code": container.status_code,
            "status": f"{container.status_code.capitalize()}: {container.failure or ''}",
            "video_status": {"uploading_phase": {"status": phase, "bytes_transferred": received}},
        }

    def _insights(self, node: str, asked: list[str]) -> list[dict[str, Any]]:
        media = self._network.state.media.get(node)
        if media is None:
            raise no_such_thing()
        if not set(asked) <= set(self._network.state.conditions.metrics):
            raise invalid("One of the metrics is not known.")
        counts = {
            "views": media.views,
            "likes": media.likes,
            "shares": media.shares,
            "comments": len(media.comments),
        }
        return [
            {"name": name, "period": "lifetime", "values": [{"value": counts[name]}], "id": f"{node}/{name}"}
            for name in asked
            if name in counts
        ]


def media_node(media: Media) -> dict[str, Any]:
    """What is public, with all its fields."""
    return {
        "id": media.id,
        "caption": media.text.replace("@", ""),
        "timestamp": graph_time(media.created),
        "shortcode": media.shortcode,
        "media_product_type": "REELS",
    }
