"""Stored files over HTTP: proven, in pieces of at most 1 MiB, and in parts where a player asks for them."""

from __future__ import annotations

import re

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from vrijgave.store.proven import ProvenBlobs

MEDIA_TYPES = {
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "png": "image/png",
    "json": "application/json",
    "pdf": "application/pdf",
}
"""By the ending of a file's name; whatever else is a download."""
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def stored_file(request: Request, blobs: ProvenBlobs, sha256: str, name: str) -> Response:
    """The file with that hash, or the part of it that ``request`` asks for; ``name`` tells what it is.

    Its mark is its hash, so that a browser never joins parts of two files. Raises what ``ProvenBlobs`` raises, before
    anything is sent.
    """
    size, mark = blobs.size(sha256), f'"{sha256}"'
    headers = {"accept-ranges": "bytes", "etag": mark}
    if _holds(request.headers.get("if-none-match", ""), mark):
        return Response(status_code=304, headers=headers)
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", mark) != mark:
        return _send(blobs, sha256, (0, size), 200, name, headers)
    first, stop = _part(asked[1], asked[2], size)
    if first >= stop:
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{size}"})
    return _send(
        blobs, sha256, (first, stop), 206, name, headers | {"content-range": f"bytes {first}-{stop - 1}/{size}"}
    )


def _send(
    blobs: ProvenBlobs, sha256: str, part: tuple[int, int], status: int, name: str, headers: dict[str, str]
) -> Response:
    return StreamingResponse(
        blobs.read(sha256, *part),
        status_code=status,
        media_type=MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
        headers=headers | {"content-length": str(part[1] - part[0])},
    )


def _part(first: str, last: str, size: int) -> tuple[int, int]:
    """First byte, and the one after the last; without a first one the last so many bytes are meant."""
    if not first:
        return max(0, size - int(last or 0)), size
    return int(first), min(int(last) + 1, size) if last else size


def _holds(marks: str, mark: str) -> bool:
    return any(one.strip().removeprefix("W/") in (mark, "*") for one in marks.split(","))
