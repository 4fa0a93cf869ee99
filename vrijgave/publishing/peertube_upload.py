"""Resumable uploads to PeerTube: only what has not arrived is sent, and nothing of another try is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit

import httpx

from vrijgave.errors import Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.publishing.http import Api
from vrijgave.publishing.peertube_api import json_object, unreadable
from vrijgave.publishing.protocol import Progress, SessionLost

_RANGE = re.compile(r"bytes=0-(\d+)")
_LOST = frozenset({404, 410})
_CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where files come in: ``path`` below the root of the interface."""

    api: Api
    path: str
    chunk_bytes: int

    def open(self, size: int, metadata: Mapping[str, Any]) -> tuple[str, bool]:
        """(the upload's id, whether it is new): the same name and size of the same account are the same upload.

        Only the id is taken from the address that PeerTube gives: what we send goes to the server that we know.
        """
        headers = {"x-upload-content-length": str(size), "x-upload-content-type": "video/mp4"}
        answer = self.api.call("POST", self.path, json=dict(metadata), headers=headers)
        found = parse_qs(urlsplit(answer.headers.get("location", "")).query).get("upload_id")
        if not found:
            raise unreadable(self.api.name)
        return found[0], answer.status_code == httpx.codes.CREATED

    def received(self, upload: str, size: int) -> int | Mapping[str, Any]:
        """How many bytes have arrived, or PeerTube's answer when all have. Raises ``SessionLost``."""
        return self._put(upload, b"", f"bytes */{size}")

    def send(self, upload: str, file: BinaryIO, size: int, progress: Progress, done: int) -> Mapping[str, Any]:
        """Send what comes after the first ``done`` bytes; PeerTube's last answer. Raises ``SessionLost``."""
        while True:
            progress(done, size)
            chunk = _read(file, done, min(self.chunk_bytes, size - done))
            answer = self._put(upload, chunk, f"bytes {done}-{done + len(chunk) - 1}/{size}")
            if not isinstance(answer, int):
                progress(size, size)
                return answer
            if answer <= done:
                raise RetryLater(
                    _("{platform} has only a part of the file; it is tried again.").format(platform=self.api.name)
                )
            done = answer

    def close(self, upload: str) -> None:
        """Drop an upload, so that no late sender can complete it."""
        self.api.call("DELETE", self.path, params={"upload_id": upload}, headers={"content-length": "0"}, also=_LOST)

    def _put(self, upload: str, content: bytes, content_range: str) -> int | Mapping[str, Any]:
        answer = self.api.call(
            "PUT",
            self.path,
            params={"upload_id": upload},
            content=content,
            headers={"content-range": content_range, "content-type": "application/octet-stream"},
            also={308, _CONFLICT, *_LOST},
        )
        if answer.status_code in _LOST:
            raise SessionLost
        if answer.status_code == _CONFLICT:
            raise RetryLater(
                _("{platform} has only a part of the file; it is tried again.").format(platform=self.api.name),
                timedelta(seconds=1),
            )
        if answer.status_code == httpx.codes.PERMANENT_REDIRECT:
            match = _RANGE.fullmatch(answer.headers.get("range", ""))
            return int(match[1]) + 1 if match else 0
        return json_object(self.api.name, answer)


def _read(file: BinaryIO, begin: int, length: int) -> bytes:
    file.seek(begin)
    chunk = file.read(length)
    if len(chunk) != length:
        raise Rejected("file", _("The file changed while it was sent; render the release again."))
    return chunk
