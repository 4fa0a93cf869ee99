"""Sending files as a browser does, for the tests of handing in."""

from __future__ import annotations

import base64
import time
from typing import Any

import httpx
from web_site import Site

from vrijgave.domain.people import Account
from vrijgave.services import hand_in
from vrijgave.web import cookies

UPLOADS = "/api/hand-in/uploads"
TUS = {"tus-resumable": "1.0.0"}
PIECE = {**TUS, "content-type": "application/offset+octet-stream"}


class Sender(httpx.Client):
    """Somebody who is signed in, over real HTTP."""

    def __init__(self, site: Site, account: Account) -> None:
        token = site.token(account)
        super().__init__(base_url=site.url, headers={"x-csrf-token": cookies.csrf_token(token)}, timeout=20)
        self.cookies.set(cookies.SESSION, token)
        self.token = token
        self.site, self.account = site, account

    def draft(self) -> str:
        """Id of a new draft of this person."""
        return hand_in.begin(self.site.context, self.account).id

    def announce(self, draft: str, size: int, name: str = "camera.mp4", **headers: str) -> httpx.Response:
        """Make an upload."""
        told = {"filename": name, "filetype": "video/mp4", "draft": draft, "modified": "17"}
        metadata = ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in told.items() if text)
        sent = {**TUS, "upload-length": str(size), "upload-metadata": metadata, **headers}
        return self.post(UPLOADS, headers=sent)

    def piece(self, where: str, content: bytes, offset: int = 0, **headers: str) -> httpx.Response:
        """Send bytes from ``offset`` on."""
        return self.patch(where, content=content, headers={**PIECE, "upload-offset": str(offset), **headers})

    def offset(self, where: str) -> int:
        """How far the upload is."""
        answer = self.head(where, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    def upload(self, draft: str, content: bytes, name: str = "camera.mp4") -> dict[str, Any]:
        """Send all of ``content`` and wait for what becomes of it."""
        where = self.announce(draft, len(content), name).headers["location"]
        assert self.piece(where, content).status_code == 204
        return self.outcome(draft)

    def outcome(self, draft: str) -> dict[str, Any]:
        """The file of a draft once it is looked into."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            upload: dict[str, Any] = self.post(f"/api/hand-in/{draft}/check").json()["upload"]
            if upload["sha256"] or upload["refused"]:
                return upload
            time.sleep(0.05)
        raise AssertionError("nobody looked into the file")
