"""The practice platform itself: it has to be as strict, as forgetful and as lasting as the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_row, make_youtube, no_progress

from vrijgave.domain.publications import LedgerState
from vrijgave.practice.server import PracticeServer, practice_credentials
from vrijgave.publishing.ledger import publish, stage
from vrijgave.publishing.protocol import Bundle

UPLOAD = "upload/youtube/v3/videos"


@pytest.fixture
def account(practice: PracticeServer) -> httpx.Client:
    """A signed-in client without any of our own code."""
    asked = {**practice_credentials(practice.url), "grant_type": "refresh_token"}
    token = httpx.post(f"{practice.url}token", data=asked).json()["access_token"]
    return httpx.Client(base_url=practice.url, headers={"authorization": f"Bearer {token}"})


def open_session(account: httpx.Client, size: int, body: dict[str, Any] | None = None) -> str:
    answer = account.post(
        UPLOAD,
        params={"uploadType": "resumable", "part": "snippet,status"},
        json=body or {"snippet": {"title": "Oefening"}},
        headers={"slug": "a.mp4", "x-upload-content-length": str(size)},
    )
    assert answer.status_code == 200
    return answer.headers["location"]


def put(account: httpx.Client, session: str, content: bytes, content_range: str) -> httpx.Response:
    return account.put(session, content=content, headers={"content-range": content_range})


def test_nothing_is_done_without_credentials(practice: PracticeServer) -> None:
    for method, path in (
        ("GET", "youtube/v3/videos?part=id&id=x"),
        ("PUT", "youtube/v3/videos?part=status"),
        ("DELETE", "youtube/v3/videos?id=x"),
        ("GET", "youtube/v3/channels?part=contentDetails&mine=true"),
        ("GET", "youtube/v3/playlistItems?part=snippet&playlistId=UUpractice"),
        ("POST", f"{UPLOAD}?uploadType=resumable&part=snippet"),
        ("PUT", f"{UPLOAD}?upload_id=x"),
        ("POST", "upload/youtube/v3/thumbnails/set?videoId=x"),
    ):
        answer = httpx.request(method, practice.url + path, headers={"authorization": "Bearer wrong"})
        assert answer.status_code == 401
        assert answer.json()["error"]["errors"][0]["reason"] == "authError"


def test_privacy_left_out_is_public(account: httpx.Client, platform: PlatformView) -> None:
    session = open_session(account, 3)
    video = put(account, session, b"abc", "bytes 0-2/3").json()
    assert video["status"]["privacyStatus"] == "public"
    assert platform.videos()[0]["notified_subscribers"] is True


def test_an_update_that_leaves_privacy_out_makes_public(account: httpx.Client, platform: PlatformView) -> None:
    body = {"snippet": {"title": "Oefening"}, "status": {"privacyStatus": "private"}}
    video = put(account, open_session(account, 3, body), b"abc", "bytes 0-2/3").json()
    assert video["status"]["privacyStatus"] == "private"
    account.put("youtube/v3/videos", params={"part": "status"}, json={"id": video["id"], "status": {}})
    assert platform.videos()[0]["status"]["privacyStatus"] == "public"


def test_chunks_ranges_and_status_questions(account: httpx.Client) -> None:
    unit, size = 256 * 1024, 256 * 1024 + 5
    session = open_session(account, size)
    asked = put(account, session, b"", f"bytes */{size}")
    assert (asked.status_code, "range" in asked.headers) == (308, False)
    assert put(account, session, b"x" * 100, f"bytes 0-99/{size}").status_code == 400
    first = put(account, session, b"x" * unit, f"bytes 0-{unit - 1}/{size}")
    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{unit - 1}")
    again = put(account, session, b"x" * unit, f"bytes 0-{unit - 1}/{size}")
    assert (again.status_code, again.headers["range"]) == (308, f"bytes=0-{unit - 1}")
    done = put(account, session, b"yyyyy", f"bytes {unit}-{size - 1}/{size}")
    assert done.status_code == 200
    assert put(account, session, b"", f"bytes */{size}").json()["id"] == done.json()["id"]


def test_a_cancelled_session_is_gone(account: httpx.Client, platform: PlatformView) -> None:
    session = open_session(account, 3)
    assert account.delete(session).status_code == 499
    assert put(account, session, b"", "bytes */3").status_code == 404
    assert platform.state()["sessions"] == []


def test_the_public_sees_only_what_is_public(
    practice: PracticeServer, platform: PlatformView, bundle: Bundle, book: FileBook, clock: HurriedClock
) -> None:
    publisher = make_youtube(practice.url)
    staged = stage(book.add(make_row(bundle)), bundle, publisher, book, clock, no_progress, FAST)
    pages = (f"watch?v={staged.remote_id}", f"practice/videos/{staged.remote_id}.mp4")
    card = f"oembed?url={staged.url}&format=json"
    assert [platform.get(page).status_code for page in pages] == [404, 404]
    assert platform.get(card).status_code == 403
    assert platform.get("oembed?url=http://x/watch?v=none").status_code == 404

    publisher.release(staged, bundle, again=False)
    page, file = (platform.get(path) for path in pages)
    assert (page.status_code, file.content) == (200, bundle.rendition.read_bytes())
    assert platform.get(f"practice/thumbnails/{staged.remote_id}").status_code == 200
    assert platform.get(card).json()["title"] == "Wie kent deze man?"
    assert "Oefenplatform" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_what_is_shown_is_escaped(account: httpx.Client, platform: PlatformView) -> None:
    body = {"snippet": {"title": 'A "quote" & co', "description": "1 & 2"}}
    video = put(account, open_session(account, 3, body), b"abc", "bytes 0-2/3").json()
    text = platform.get(f"watch?v={video['id']}").text
    assert "A &quot;quote&quot; &amp; co" in text


def test_the_state_survives_a_restart(tmp_path: Path, bundle: Bundle, book: FileBook, clock: HurriedClock) -> None:
    row = book.add(make_row(bundle))
    with PracticeServer(tmp_path / "state") as first:
        url = first.url
        staged = stage(row, bundle, make_youtube(url), book, clock, no_progress, FAST)
    with PracticeServer(tmp_path / "state", port=int(url.rstrip("/").rsplit(":", 1)[1])) as second:
        assert second.url == url
        live = publish(staged, bundle, make_youtube(url), book, clock, no_progress, FAST)
        view = PlatformView(url)
        (video,) = view.videos()
        view.close()
    assert (live.state, live.remote_id, video["sha256"]) == (LedgerState.LIVE, video["id"], bundle.sha256)


def test_a_half_upload_survives_a_restart(tmp_path: Path) -> None:
    size, unit = 256 * 1024 + 5, 256 * 1024
    with PracticeServer(tmp_path / "state") as server:
        asked = {**practice_credentials(server.url), "grant_type": "refresh_token"}
        token = httpx.post(f"{server.url}token", data=asked).json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=server.url, headers=headers) as account:
            session = open_session(account, size)
            put(account, session, b"x" * unit, f"bytes 0-{unit - 1}/{size}")
    with PracticeServer(tmp_path / "state") as server:
        path = session.split("/", 3)[3]
        answer = httpx.put(server.url + path, headers={**headers, "content-range": f"bytes */{size}"})
        assert (answer.status_code, answer.headers["range"]) == (308, f"bytes=0-{unit - 1}")
