"""Reels of the practice page: started, transferred, finished as a draft, and finished once more to be published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from vrijgave.practice.base import answer
from vrijgave.practice.faults import ApiError, Faults, SessionExpired
from vrijgave.practice.graph_state import PAGE_ID, REELS_A_DAY, Network, Place, Video, invalid, new_id, no_such_thing
from vrijgave.practice.graph_videos import video_node
from vrijgave.practice.graph_wire import paged, parameters, picked
from vrijgave.practice.receiver import Receiver

LARGEST = 1_000_000_000


class PageReels:
    """The page's reels. ``transfers`` is where their files are sent, below the root."""

    def __init__(self, network: Network, faults: Faults, receiver: Receiver, transfers: str) -> None:
        self._network, self._faults, self._receiver = network, faults, receiver
        self._transfers = transfers

    def router(self) -> APIRouter:
        """The paths of the Graph."""
        router = APIRouter()

        @router.post(f"/{PAGE_ID}/video_reels")
        async def phase(request: Request) -> Response:
            """Start or finish a reel."""
            told = await parameters(request)
            match told.get("upload_phase"), told.get("video_state"):
                case "start", _state:
                    async with self._faults.around(Place.INITIATE, request):
                        video = self._start()
                    root = f"{request.url.scheme}://{request.url.netloc}{self._transfers}"
                    return answer({"video_id": video.id, "upload_url": f"{root}/{video.id}"})
                case "finish", ("DRAFT" | "PUBLISHED") as state:
                    publishes = state == "PUBLISHED"
                    async with self._faults.around(Place.POST if publishes else Place.CREATE, request):
                        self._finish(self._reel(told.get("video_id", "")), told.get("description"), publishes)
                    return answer({"success": True})
                case _:
                    raise invalid("The parameters upload_phase and video_state are not understood.")

        @router.get(f"/{PAGE_ID}/video_reels")
        async def reels(request: Request) -> Response:
            """The page's published reels, newest first."""
            told = await parameters(request)
            async with self._faults.around(Place.LIMIT, request):
                known = [video for video in self._network.state.videos.values() if video.published_at is not None]
            found = sorted((video for video in known if video.kind == "reel"), key=lambda v: v.created, reverse=True)
            return answer(paged([picked(video_node(video), told) for video in found], told))

        return router

    def transfers(self) -> APIRouter:
        """Where files are sent."""
        router = APIRouter()

        @router.post("/{video}")
        async def receive(
            request: Request,
            video: str,
            offset: Annotated[int, Header()],
            file_size: Annotated[int, Header(convert_underscores=False)],
        ) -> Response:
            """Take the rest of a file."""
            return await self._receive(request, self._reel(video), offset, file_size)

        return router

    def _reel(self, node: str) -> Video:
        found = self._network.state.videos.get(node)
        if found is None or found.kind != "reel":
            raise no_such_thing()
        return found

    def _start(self) -> Video:
        id_ = new_id()
        video = Video(id=id_, kind="reel", created=datetime.now(UTC), file=f"reel-{id_}")
        self._network.state.videos[id_] = video
        self._network.memory.save()
        return video

    async def _receive(self, request: Request, video: Video, offset: int, size: int) -> Response:
        if not 0 < size <= LARGEST or video.sha256 is not None:
            raise invalid("This file cannot be taken.")
        if offset != self._network.received(video.file):
            raise ApiError(400, "backendError", "The offset is not where the file ends.")
        video.size = size
        self._network.memory.save()
        try:
            async with self._receiver.receiving(request, self._network.memory.file(video.file), size):
                pass
        except SessionExpired:
            self._network.remove(video)
            raise no_such_thing() from None
        async with self._faults.around(Place.FINAL, request):
            return answer({"success": True})

    def _finish(self, video: Video, text: str | None, publishes: bool) -> None:
        if video.size is None or self._network.received(video.file) < video.size:
            raise invalid("The file has not arrived.")
        if video.published:
            raise invalid("The reel is published already.")
        if publishes:
            self._publish(video)
        video.text = video.text if text is None else text
        if video.sha256 is None:
            self._network.arrived(video)
        self._network.memory.save()

    def _publish(self, video: Video) -> None:
        conditions = self._network.state.conditions
        if conditions.quota_spent or self._network.reels_today() >= REELS_A_DAY:
            raise ApiError(400, "reelsADay", "A page publishes thirty reels in 24 hours by the interface.")
        video.published = True
        video.published_at = datetime.now(UTC)
