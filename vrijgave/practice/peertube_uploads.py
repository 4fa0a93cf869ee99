"""Resumable uploads as PeerTube takes them: open, send in chunks, ask how far, go on, cancel."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from vrijgave.practice.base import answer
from vrijgave.practice.faults import ApiError, Faults, SessionExpired
from vrijgave.practice.peertube_state import Instance, Place, Upload, Video
from vrijgave.practice.peertube_wire import body_of, check_metadata, invalid
from vrijgave.practice.receiver import Receiver

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")
_Length = Annotated[int, Header(alias="x-upload-content-length")]


class Uploads:
    """The two doors through which files come in: for new videos, and for a new file of one that is there."""

    def __init__(self, instance: Instance, faults: Faults) -> None:
        self._instance, self._faults, self._receiver = instance, faults, Receiver(faults)

    def router(self) -> APIRouter:
        """Its paths."""
        router = APIRouter(prefix="/videos")

        @router.post("/upload-resumable")
        async def initiate(request: Request, length: _Length) -> Response:
            """Open an upload for a new video."""
            async with self._faults.around(Place.INITIATE, request):
                told = check_metadata(await body_of(request), self._instance.state.conditions.channels)
                return self._opened(request, told, length, None)

        @router.post("/{id}/source/replace-resumable")
        async def initiate_replacement(request: Request, id: str, length: _Length) -> Response:
            """Open an upload for a new file of a video."""
            async with self._faults.around(Place.INITIATE, request):
                video = self._instance.video(id)
                if not self._instance.state.conditions.replaces:
                    raise ApiError(403, "forbidden", "Updating the file of an existing video is not allowed.")
                return self._opened(request, await body_of(request), length, video.id)

        @router.put("/upload-resumable")
        @router.put("/{id}/source/replace-resumable")
        async def receive(request: Request, upload_id: str) -> Response:
            """Take a chunk, or tell how far the upload is."""
            return await self._receive(request, self._known(upload_id))

        @router.delete("/upload-resumable", status_code=204)
        @router.delete("/{id}/source/replace-resumable", status_code=204)
        async def cancel(upload_id: str) -> None:
            """Drop an upload."""
            self._instance.forget(self._known(upload_id))

        return router

    def _opened(self, request: Request, told: dict[str, Any], size: int, replaces: int | None) -> Response:
        name, conditions = str(told.get("filename", "")), self._instance.state.conditions
        if not name.endswith(conditions.extensions):
            raise ApiError(415, "unsupported", "This file type is not supported.")
        if size <= 0:
            raise invalid("The file is empty.")
        quotas = [quota for quota in (conditions.video_quota, conditions.video_quota_daily) if quota >= 0]
        if conditions.quota_spent or any(self._instance.used() + size > quota for quota in quotas):
            raise ApiError(413, "quota_reached", "The user video quota is exceeded with this video.")
        upload, new = self._instance.open_upload(told, size, replaces)
        address = request.url.include_query_params(upload_id=upload.id)
        headers = {"location": f"//{address.netloc}{address.path}?{address.query}"}
        return Response(status_code=201 if new else 200, headers=headers)

    def _known(self, id: str) -> Upload:
        self._instance.settle()
        upload = self._instance.state.uploads.get(id)
        if upload is None:
            raise ApiError(404, "not_found", "Upload not found")
        if upload.whole_at is not None:
            raise ApiError(503, "processing", "The upload is already being processed.", retry_after=1)
        return upload

    def _received(self, upload: Upload) -> int:
        return self._instance.memory.file(upload.id).stat().st_size

    async def _receive(self, request: Request, upload: Upload) -> Response:
        match = _RANGE.fullmatch(request.headers.get("content-range", ""))
        if match is None or int(match[3]) != upload.size:
            raise invalid("The Content-Range header is missing or does not fit.")
        if match[1] is None:
            async with self._faults.around(Place.SESSION, request):
                return self._how_far(upload)
        if int(match[1]) != self._received(upload):
            async for _block in request.stream():
                pass
            raise ApiError(409, "conflict", "The chunk does not begin where the file ends.")
        file = self._instance.memory.file(upload.id)
        try:
            async with self._receiver.receiving(request, file, int(match[2]) + 1):
                if self._received(upload) < upload.size:
                    return self._how_far(upload)
                return await self._whole(request, upload)
        except SessionExpired:
            self._instance.forget(upload)
            raise ApiError(404, "not_found", "Upload not found") from None

    async def _whole(self, request: Request, upload: Upload) -> Response:
        upload.whole_at = datetime.now(UTC) + timedelta(seconds=self._instance.state.conditions.creating_seconds)
        self._instance.memory.save()
        if upload.whole_at > datetime.now(UTC):
            async with self._faults.around(Place.FINAL, request):
                raise ApiError(503, "processing", "The upload is being processed.", retry_after=1)
        video = self._instance.complete(upload)
        async with self._faults.around(Place.FINAL, request):
            return answer(_told(video, upload))

    def _how_far(self, upload: Upload) -> Response:
        received = self._received(upload)
        return Response(status_code=308, headers={"range": f"bytes=0-{received - 1}"} if received else {})


def _told(video: Video, upload: Upload) -> dict[str, Any]:
    if upload.replaces is not None:
        return {"inputFilename": video.file_name, "size": video.size}
    return {"video": {"id": video.id, "uuid": video.uuid, "shortUUID": video.short}}
