"""Resumable uploads as Google speaks them: open, send in chunks, ask how far, go on, cancel."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from vrijgave.practice.channel import Channel, Place, Session
from vrijgave.practice.faults import ApiError, ConnectionCut, Fault, Faults, Kind, SessionExpired
from vrijgave.practice.resources import check_metadata, video_resource

CHUNK_UNIT = 256 * 1024
MAX_BYTES = 256 * 1024**3
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


class Uploads:
    """The upload door of the channel."""

    def __init__(self, channel: Channel, faults: Faults) -> None:
        self._channel = channel
        self._faults = faults
        self._senders: dict[str, object] = {}
        """Session -> the request that may write to it; a newer request takes over from one that lingers."""

    async def initiate(self, request: Request, parts: Sequence[str], notify: bool) -> Response:
        """Open a session and tell its address."""
        async with self._faults.around(Place.INITIATE, request):
            size = request.headers.get("x-upload-content-length", "")
            if not size.isdigit() or not 0 < int(size) <= MAX_BYTES:
                raise ApiError(400, "mediaBodyRequired", "The request does not include the video content.")
            metadata = check_metadata(await _json_body(request), parts)
            self._channel.charge_upload()
            name = request.headers.get("slug", "unknown")
            session = self._channel.open_session(metadata, name, int(size), notify)
        address = request.url.remove_query_params("part").include_query_params(upload_id=session.id)
        return Response(status_code=200, headers={"location": str(address)})

    async def receive(self, request: Request, session_id: str) -> Response:
        """Take a chunk, or answer how far the session is."""
        session = self._session(session_id)
        match = _RANGE.fullmatch(request.headers.get("content-range", ""))
        if match is None or int(match[3]) != session.size:
            raise ApiError(400, "invalidContentRange", "The Content-Range header is missing or does not fit.")
        if session.video_id is not None:
            await _drain(request)
            return self._finished(session)
        if match[1] is None:
            return self._how_far(session)
        try:
            return await self._chunk(request, session, int(match[1]), int(match[2]))
        except SessionExpired:
            self._channel.forget_session(session)
            raise ApiError(404, "notFound", "The upload session is not known any more.") from None

    def cancel(self, session_id: str) -> Response:
        """Drop an unfinished session."""
        session = self._session(session_id)
        if session.video_id is None:
            self._senders.pop(session.id, None)
            self._channel.forget_session(session)
        return Response(status_code=499)

    def _session(self, session_id: str) -> Session:
        session = self._channel.state.sessions.get(session_id)
        if session is None:
            raise ApiError(404, "notFound", "The upload session is not known any more.")
        return session

    async def _chunk(self, request: Request, session: Session, first: int, last: int) -> Response:
        if first != self._channel.received(session):
            await _drain(request)
            session.discarded += last + 1 - first
            return self._how_far(session)
        if last + 1 != session.size and (last + 1 - first) % CHUNK_UNIT:
            raise ApiError(400, "badRequest", "A chunk must be a multiple of 256 KiB.")
        fault = self._faults.take(Place.CHUNK)
        complete = await self._write(request, session, fault)
        if fault is not None and fault.kind is Kind.LOST_ANSWER:
            await self._faults.lose_answer(request)
        if not complete or self._channel.received(session) < session.size:
            return self._how_far(session)
        self._channel.complete(session)
        async with self._faults.around(Place.FINAL, request):
            return self._finished(session)

    async def _write(self, request: Request, session: Session, fault: Fault | None) -> bool:
        """Append the body; what has arrived is kept, however the request ends. False when it was overtaken."""
        me = self._senders[session.id] = object()
        left = fault.after_bytes if fault is not None else 0
        with self._channel.upload_path(session).open("ab") as file:
            try:
                async for block in request.stream():
                    if fault is not None and len(block) >= left:
                        file.write(block[:left])
                        block, struck, fault = block[left:], fault, None
                        _to_disk(file)
                        await self._strike(struck, request)
                    if self._senders.get(session.id) is not me:
                        return False
                    file.write(block)
                    left -= len(block)
            except ClientDisconnect:
                raise ConnectionCut from None
            finally:
                _to_disk(file)
        return self._senders.get(session.id) is me

    async def _strike(self, fault: Fault, request: Request) -> None:
        """Let the fault happen; an error answer comes after the whole chunk was read, so that it is received."""
        try:
            await self._faults.strike(fault, request)
        except (ApiError, SessionExpired):
            await _drain(request)
            raise

    def _how_far(self, session: Session) -> Response:
        self._senders.pop(session.id, None)
        received = self._channel.received(session)
        headers = {"range": f"bytes=0-{received - 1}"} if received else {}
        return Response(status_code=308, headers=headers)

    def _finished(self, session: Session) -> Response:
        video = self._channel.state.videos.get(session.video_id or "")
        if video is None:
            raise ApiError(404, "notFound", "The upload session is not known any more.")
        return JSONResponse(video_resource(video, ("snippet", "status", "localizations")))


async def _json_body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise ApiError(400, "parseError", "The request body is no JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "The request body is no JSON object.")
    return body


async def _drain(request: Request) -> None:
    async for _block in request.stream():
        pass


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
