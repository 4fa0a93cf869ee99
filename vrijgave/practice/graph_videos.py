"""Videos of the practice page: uploaded to the app, made into an unpublished video, dressed, published, expired."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from vrijgave.practice.base import answer
from vrijgave.practice.faults import ApiError, Faults, SessionExpired
from vrijgave.practice.graph_state import APP_ID, PAGE_ID, Network, Place, Upload, Video, invalid, new_id, no_such_thing
from vrijgave.practice.graph_wire import graph_time, paged, parameters, picked, uploaded
from vrijgave.practice.receiver import Receiver

LARGEST = 10 * 1000**3
_LEAST_EXPIRY = timedelta(minutes=10)
_CAPTIONS_NAME = re.compile(r".+\.([a-z]{2}_[A-Z]{2})\.srt")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class AppUploads:
    """The resumable uploads of the app: a file becomes a handle."""

    def __init__(self, network: Network, faults: Faults, receiver: Receiver) -> None:
        self._network, self._faults, self._receiver = network, faults, receiver

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.post(f"/{APP_ID}/uploads")
        async def initiate(request: Request) -> Response:
            """Open a session."""
            told = await parameters(request)
            async with self._faults.around(Place.INITIATE, request):
                upload = self._open(told)
            return answer({"id": upload.id})

        @router.get("/upload:{session}")
        async def how_far(request: Request, session: str) -> Response:
            """Bytes that have arrived."""
            async with self._faults.around(Place.SESSION, request):
                upload = self._known(session)
            return answer({"id": upload.id, "file_offset": self._network.received(_file(upload))})

        @router.post("/upload:{session}")
        async def receive(
            request: Request,
            session: str,
            offset: Annotated[int, Header(alias="file_offset", convert_underscores=False)],
        ) -> Response:
            """Take the rest of the file."""
            return await self._receive(request, self._known(session), offset)

        return router

    def _open(self, told: dict[str, str]) -> Upload:
        size = told.get("file_length", "")
        if told.get("file_type") != "video/mp4" or not told.get("file_name"):
            raise invalid("The parameters file_name and file_type are required.")
        if not size.isdigit() or not 0 < int(size) <= LARGEST:
            raise invalid("The parameter file_length is required.")
        upload = Upload(id=f"upload:{new_id()}", name=told["file_name"], size=int(size))
        self._network.state.uploads[upload.id] = upload
        self._network.memory.save()
        return upload

    def _known(self, session: str) -> Upload:
        found = self._network.state.uploads.get(f"upload:{session}")
        if found is None:
            raise no_such_thing()
        return found

    async def _receive(self, request: Request, upload: Upload, offset: int) -> Response:
        path = self._network.memory.file(_file(upload))
        if offset != self._network.received(path.name):
            raise ApiError(400, "backendError", "The offset is not where the file ends.")
        try:
            async with self._receiver.receiving(request, path, upload.size):
                if self._network.received(path.name) == upload.size:
                    upload.handle = f"2:{path.name}"
                    self._network.memory.save()
        except SessionExpired:
            del self._network.state.uploads[upload.id]
            self._network.memory.save()
            raise no_such_thing() from None
        if self._network.received(path.name) < upload.size:
            return answer({"id": upload.id, "file_offset": self._network.received(path.name)})
        async with self._faults.around(Place.FINAL, request):
            return answer({"h": upload.handle})


def _file(upload: Upload) -> str:
    return upload.id.replace(":", "-")


class PageVideos:
    """The page's videos that are not reels."""

    def __init__(self, network: Network, faults: Faults) -> None:
        self._network, self._faults = network, faults

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter()

        @router.post(f"/{PAGE_ID}/videos")
        async def create(request: Request) -> Response:
            """Make a video of what was uploaded."""
            told = await parameters(request)
            async with self._faults.around(Place.CREATE, request):
                video = self._create(told)
            return answer({"id": video.id})

        @router.get(f"/{PAGE_ID}/videos")
        async def videos(request: Request) -> Response:
            """The page's videos, newest first; reels and what is not public too."""
            told = await parameters(request)
            async with self._faults.around(Place.LIST, request):
                found = sorted(self._network.state.videos.values(), key=lambda video: video.created, reverse=True)
            return answer(paged([picked(video_node(video), told) for video in found], told))

        @router.post("/{node}/thumbnails")
        async def thumbnails(request: Request, node: str) -> Response:
            """Set the picture by which it is shown."""
            _name, content = await uploaded(request, "source")
            async with self._faults.around(Place.THUMBNAIL, request):
                if not content.startswith(_PICTURES):
                    raise invalid("This is not a picture.")
                self.known(node).thumbnail = True
                self._network.memory.save()
            return answer({"success": True})

        @router.post("/{node}/captions")
        async def captions(request: Request, node: str) -> Response:
            """Add captions; the file's name tells their language."""
            name, content = await uploaded(request, "captions_file")
            async with self._faults.around(Place.CAPTIONS, request):
                match = _CAPTIONS_NAME.fullmatch(name)
                if match is None or b"-->" not in content or content.startswith(b"WEBVTT"):
                    raise invalid("Captions are an SRT file with its locale in its name.")
                self.known(node).captions[match[1]] = content.decode()
                self._network.memory.save()
            return answer({"success": True})

        @router.get("/{node}/video_insights")
        async def insights(request: Request, node: str) -> Response:
            """What was counted."""
            async with self._faults.around(Place.INSIGHTS, request):
                video = self.known(node)
            views = video.views
            known = {"post_video_media_views": views, "post_media_view": views, "post_video_view_time": views * 9000}
            rows = [
                {"name": name, "period": "lifetime", "values": [{"value": value}], "id": f"{node}/{name}"}
                for name, value in known.items()
                if name in self._network.state.conditions.metrics
            ]
            return answer({"data": rows})

        return router

    def known(self, node: str) -> Video:
        """The video. Raises ``ApiError`` when there is none."""
        found = self._network.state.videos.get(node)
        if found is None:
            raise no_such_thing()
        return found

    def node(self, node: str) -> dict[str, Any]:
        """The video with all its fields, and how much of it has arrived."""
        video = self.known(node)
        told = video_node(video)
        received = self._network.received(video.file)
        told["status"]["uploading_phase"] = {
            "status": "complete" if video.size is not None and received >= video.size else "in_progress",
            "bytes_transferred": received,
        }
        return told

    async def change(self, request: Request, video: Video, told: dict[str, str]) -> None:
        """Publish it or let it expire."""
        hides = told.get("expire_now") == "true"
        async with self._faults.around(Place.HIDE if hides else Place.POST, request):
            if hides:
                video.expires_at = datetime.now(UTC)
            if told.get("published") == "true":
                if video.processing != "ready":
                    raise invalid("The video is still being processed.")
                video.published = True
                video.published_at = video.published_at or datetime.now(UTC)
            video.marker = told.get("universal_video_id", video.marker)
            self._network.memory.save()

    def _create(self, told: dict[str, str]) -> Video:
        uploads = self._network.state.uploads.values()
        upload = next((u for u in uploads if u.handle and u.handle == told.get("fbuploader_video_file_chunk")), None)
        if upload is None:
            raise invalid("The handle of the file is not known.")
        published = told.get("published", "true") == "true"
        if not published and told.get("unpublished_content_type", "DRAFT") != "DRAFT":
            raise invalid("Only drafts are practised here.")
        video = Video(
            id=new_id(),
            kind="video",
            created=datetime.now(UTC),
            file=_file(upload),
            size=upload.size,
            title=told.get("title", ""),
            text=told.get("description", ""),
            marker=told.get("universal_video_id", ""),
            published=published,
            expires_at=_expiry(told),
        )
        self._network.arrived(video)
        self._network.state.videos[video.id] = video
        self._network.memory.save()
        return video


def _expiry(told: dict[str, str]) -> datetime | None:
    if "expiration" not in told:
        return None
    try:
        asked = json.loads(told["expiration"])
        at, kind = datetime.fromtimestamp(int(asked["time"]), UTC), asked["type"]
    except (ValueError, KeyError, TypeError):
        raise invalid("The parameter expiration has a time and a type.") from None
    if kind not in ("expire_only", "expire_and_delete") or at < datetime.now(UTC) + _LEAST_EXPIRY:
        raise invalid("A video expires ten minutes from now at the earliest.")
    return at


def video_node(video: Video) -> dict[str, Any]:
    """A video with all its fields, as the page itself sees it."""
    expired = video.expires_at is not None and video.expires_at <= datetime.now(UTC)
    words = {"uploading": "not_started", "processing": "in_progress", "ready": "complete", "error": "error"}
    processing: dict[str, Any] = {"status": words[video.processing]}
    if video.processing == "error":
        processing["errors"] = [{"code": 1363024, "message": video.failure}]
    return {
        "id": video.id,
        "title": video.title,
        "description": video.text,
        "created_time": graph_time(video.created),
        "published": video.published,
        "universal_video_id": video.marker or None,
        "status": {
            "video_status": "expired" if expired else video.processing,
            "processing_phase": processing,
            "publishing_phase": {"status": "complete" if video.published else "not_started"},
        },
        "likes": {"data": [], "summary": {"total_count": video.likes}},
        "comments": {"data": [], "summary": {"total_count": len(video.comments)}},
    }
