"""Files sent in pieces over real HTTP: gone on with, refused at once, and out of everybody else's reach."""

from __future__ import annotations

import io
import socket
import struct
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from clips import Clip
from hand_in_clients import TUS, UPLOADS, Sender
from web_clients import make_context
from web_site import Site

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.people import Role
from vrijgave.services import uploads
from vrijgave.store import make_engine, sqlite_url
from vrijgave.store.migrations import upgrade

LIMIT = 8_000_000
PIECE_LIMIT = 6_000_000
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("hand-in")
    url = sqlite_url(home / "web.db")
    upgrade(make_engine(url))
    settings = {"hand_in_max_bytes": LIMIT, "hand_in_piece_bytes": PIECE_LIMIT}
    made = Site(make_context(url, home, lambda: datetime.now(UTC), **settings))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def anna(site: Site) -> Iterator[Sender]:
    with Sender(site, site.add_account("anna", Role.RECHERCHE)) as sender:
        yield sender


@pytest.fixture(scope="module")
def dirk(site: Site) -> Iterator[Sender]:
    with Sender(site, site.add_account("dirk", Role.RECHERCHE)) as sender:
        yield sender


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Clip().write(tmp_path_factory.mktemp("clip") / "clip.mp4").read_bytes()


def kept(site: Site) -> set[str]:
    return {path.name for path in uploads.folder(site.context.settings).iterdir()}


def test_a_file_in_pieces_is_the_file(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    made = anna.announce(draft, len(video), "../../etc/Camera 1.MP4")
    assert made.status_code == 201
    where = made.headers["location"]
    assert where.startswith(UPLOADS + "/")
    middle = len(video) // 3
    assert anna.piece(where, video[:middle]).headers["upload-offset"] == str(middle)
    assert anna.offset(where) == middle
    assert anna.piece(where, video[middle:], middle).status_code == 204
    found = anna.outcome(draft)
    assert found["sha256"] == sha256(video).hexdigest()
    assert found["name"] == "Camera 1.MP4"
    assert (found["video"]["frames"], found["video"]["width"]) == (25, 160)
    with site.context.reading() as uow:
        entries = [e for e in uow.audit.entries() if e.subject == f"blob:{found['sha256']}"]
    assert [(e.actor, e.action) for e in entries] == [("anna", AuditAction.COLLECTED)]


def test_a_broken_connection_costs_nothing_that_came_in(site: Site, anna: Sender, video: bytes) -> None:
    draft, half = anna.draft(), len(video) // 2
    where = anna.announce(draft, len(video)).headers["location"]
    address = urlsplit(site.url)
    head = (
        f"PATCH {where} HTTP/1.1\r\nhost: {address.netloc}\r\ncookie: vrijgave_session={anna.token}\r\n"
        f"x-csrf-token: {anna.headers['x-csrf-token']}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n"
        f"content-type: application/offset+octet-stream\r\ncontent-length: {len(video)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0)) as line:
        line.sendall(head.encode() + video[:half])
        _until(lambda: uploads.received(site.context.settings, _upload(site, draft)) == half)
    _until(lambda: anna.offset(where) == half)
    assert anna.piece(where, video[half:], half).status_code == 204
    assert anna.outcome(draft)["sha256"] == sha256(video).hexdigest()


def test_what_a_dead_process_wrote_but_did_not_count_is_written_anew(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    where = anna.announce(draft, len(video)).headers["location"]
    anna.piece(where, video[:1000])
    with (uploads.folder(site.context.settings) / where.rpartition("/")[2]).open("ab") as file:
        file.write(b"half a piece")
    assert anna.offset(where) == 1000
    assert anna.piece(where, video[1000:], 1000).status_code == 204
    assert anna.outcome(draft)["sha256"] == sha256(video).hexdigest()


def test_a_piece_that_does_not_follow_is_refused(anna: Sender, video: bytes) -> None:
    where = anna.announce(anna.draft(), len(video)).headers["location"]
    assert anna.piece(where, video[:100]).status_code == 204
    assert anna.piece(where, video[50:100], 50).status_code == 409
    assert anna.piece(where, video[200:300], 200).status_code == 409
    assert anna.offset(where) == 100


def test_more_than_was_announced_is_refused_and_changes_nothing(anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    where = anna.announce(draft, len(video)).headers["location"]
    assert anna.piece(where, video[:100]).status_code == 204
    assert anna.piece(where, video[100:] + b"more", 100).status_code == 400
    assert anna.offset(where) == 100
    assert anna.piece(where, video[100:], 100).status_code == 204
    assert anna.outcome(draft)["sha256"] == sha256(video).hexdigest()


def test_somebody_else_can_neither_send_nor_look_nor_cancel(anna: Sender, dirk: Sender, video: bytes) -> None:
    draft = anna.draft()
    assert dirk.announce(draft, 10).status_code == 404
    where = anna.announce(draft, len(video)).headers["location"]
    assert dirk.piece(where, video).status_code == 404
    assert dirk.head(where, headers=TUS).status_code == 404
    assert dirk.delete(where).status_code == 404
    for path in ("", "/check", "/still/0"):
        method = "POST" if path == "/check" else "GET"
        assert dirk.request(method, f"/api/hand-in/{draft}{path}").status_code == 404, path
    assert dirk.post(f"/api/hand-in/{draft}", json={"changes": {"offence": "x"}}).status_code == 404
    assert anna.offset(where) == 0


def test_nothing_reads_a_file_back(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    where = anna.announce(draft, len(video)).headers["location"]
    anna.piece(where, video)
    for method, headers in (("GET", {}), ("POST", {"x-http-method-override": "GET"}), ("OPTIONS", {})):
        answer = anna.request(method, where, headers=TUS | headers)
        assert answer.status_code in (404, 405), method
        assert video[:20] not in answer.content
    concat = {"upload-concat": f"final;{where}"}
    assert anna.announce(anna.draft(), len(video), **concat).status_code == 422
    assert anna.head(where, headers=TUS | {"x-http-method-override": "GET"}).content == b""


def test_without_the_secret_of_our_pages_nothing_is_taken(site: Site, anna: Sender, video: bytes) -> None:
    where = anna.announce(anna.draft(), len(video)).headers["location"]
    for answer in (anna.piece(where, video, **{"x-csrf-token": "0"}), anna.delete(where, headers={"x-csrf-token": ""})):
        assert answer.status_code == 403
    assert anna.offset(where) == 0


@pytest.mark.parametrize("size", [0, LIMIT + 1, 10**30, -5])
def test_empty_and_too_large_are_refused_before_the_first_byte(site: Site, anna: Sender, size: int) -> None:
    before = kept(site)
    answer = anna.announce(anna.draft(), size)
    assert answer.status_code == 422
    assert ("empty" if size <= 0 else "larger than") in answer.json()["message"]
    assert kept(site) == before


def test_pieces_and_announcements_have_bounds(anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    where = anna.announce(draft, LIMIT).headers["location"]
    assert anna.piece(where, b"x" * (PIECE_LIMIT + 1)).status_code == 422
    assert anna.piece(where, video, **{"content-type": "video/mp4"}).status_code == 422
    assert anna.patch(where, content=(part for part in [video]), headers=TUS).status_code in (413, 422)
    body = {"content-type": "application/offset+octet-stream"}
    headers = {**TUS, **body, "upload-length": "10"}
    assert anna.post(UPLOADS, content=b"x" * 10, headers=headers).status_code == 422
    assert anna.post(UPLOADS, headers={"upload-length": "10"}).status_code == 422, "no version"
    assert anna.announce(draft, 10, name="").status_code == 422
    assert anna.offset(where) == 0


@pytest.mark.parametrize(
    "path",
    ["../../web.db", "..%2f..%2fweb.db", "%2e%2e/web.db", "../hand-in/x.info", ".locks", "%00", "a" * 5000, "x.ready"],
)
def test_no_address_leads_out_of_the_folder(site: Site, anna: Sender, path: str) -> None:
    before = kept(site)
    for answer in (
        anna.piece(f"{UPLOADS}/{path}", b"x"),
        anna.head(f"{UPLOADS}/{path}", headers=TUS),
        anna.delete(f"{UPLOADS}/{path}"),
        anna.announce(path, 10),
    ):
        assert answer.status_code in (404, 405), answer.text
    assert kept(site) == before
    assert (site.context.settings.home / "web.db").stat().st_size > 0


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("video.mp4", b"\0" * 500)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("clip.mp4", HTML),
        ("clip.mkv", zipped()),
        ("clip.mp4", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" * 20),
        ("clip.mp4", b"\x7fELF" + bytes(900)),
        ("clip.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(4)),
        ("<img src=x onerror=alert(1)>.mp4", b"no video"),
    ],
    ids=["html", "zip", "pdf", "program", "head-only", "markup-in-name"],
)
def test_what_is_no_video_is_thrown_away_with_the_reason(site: Site, anna: Sender, name: str, content: bytes) -> None:
    draft = anna.draft()
    before = kept(site)
    found = anna.upload(draft, content, name)
    assert f"«{name}»" in found["refused"]
    assert found["sha256"] is None
    assert kept(site) == before
    assert "<img" not in anna.get(f"/hand-in/{draft}").text
    assert anna.get(f"/api/hand-in/{draft}/still/0").status_code == 404


def test_the_beginning_of_a_large_file_is_enough_to_refuse_it(site: Site, anna: Sender) -> None:
    draft = anna.draft()
    where = anna.announce(draft, LIMIT).headers["location"]
    page = HTML + b"<!-- " + b"x" * (uploads.EARLY_BYTES - len(HTML))
    assert anna.piece(where, page).status_code == 204
    upload = anna.post(f"/api/hand-in/{draft}/check").json()["upload"]
    assert "not a video" in upload["refused"]
    assert anna.piece(where, b"x", len(page)).status_code == 404
    assert where.rpartition("/")[2] not in kept(site)


def test_the_beginning_of_a_video_is_not_refused(anna: Sender, video: bytes) -> None:
    """Recorders write the index last: until then such a file cannot be read."""
    draft = anna.draft()
    where = anna.announce(draft, LIMIT).headers["location"]
    head = video[:32]
    assert anna.piece(where, head + struct.pack(">I4s", LIMIT - len(head), b"mdat") + bytes(uploads.EARLY_BYTES))
    assert anna.post(f"/api/hand-in/{draft}/check").json()["upload"]["refused"] == ""


def test_a_checked_file_takes_no_piece_any_more(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    found = anna.upload(draft, video)
    assert {name for name in kept(site) if found["id"] in name} == {f"{found['id']}.ready", f"{found['id']}.info"}
    where = f"{UPLOADS}/{found['id']}"
    assert anna.piece(where, b"", len(video)).status_code == 409
    assert anna.head(where, headers=TUS).status_code == 409
    assert anna.delete(where).status_code == 204
    assert found["id"] not in str(kept(site))
    assert anna.get(f"/api/hand-in/{draft}").json()["upload"] is None


def test_another_file_takes_the_place_of_the_first(site: Site, anna: Sender, video: bytes) -> None:
    draft = anna.draft()
    first = anna.upload(draft, video)
    marked = {"marks": [{"frame": 0, "box": [1, 1, 50, 50]}]}
    assert len(anna.post(f"/api/hand-in/{draft}", json=marked).json()["marks"]) == 1
    assert anna.announce(draft, 500).status_code == 201
    state = anna.get(f"/api/hand-in/{draft}").json()
    assert (state["upload"]["size"], state["marks"]) == (500, [])
    assert first["id"] not in str(kept(site))


def test_stills_are_of_the_file_and_each_look_is_logged_once(site: Site, dirk: Sender, video: bytes) -> None:
    draft = dirk.draft()
    digest = dirk.upload(draft, video)["sha256"]
    for frame in (0, 24):
        answer = dirk.get(f"/api/hand-in/{draft}/still/{frame}")
        assert (answer.headers["content-type"], answer.content[:2]) == ("image/jpeg", b"\xff\xd8")
        assert answer.headers["cache-control"] == "no-store"
    assert dirk.get(f"/api/hand-in/{draft}/still/25").status_code == 404
    assert dirk.get(f"/api/hand-in/{draft}/still/-1").status_code == 404
    assert dirk.get(f"/api/hand-in/{draft}/still/{10**30}").status_code == 404
    with site.context.reading() as uow:
        looks = [e for e in uow.audit.entries() if e.actor == "dirk" and e.action is AuditAction.CONSULTED]
    assert [look.subject for look in looks] == [f"blob:{digest}"]


def test_files_that_nobody_came_back_to_are_removed(
    site: Site, dirk: Sender, video: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, fresh = dirk.draft(), dirk.draft()
    dirk.announce(old, len(video))
    stray = uploads.folder(site.context.settings) / "0123456789abcdef0123456789abcdef"
    stray.write_bytes(b"left by a process that died")
    late = site.context.now() + site.context.settings.hand_in_keep + timedelta(hours=1)
    monkeypatch.setattr("vrijgave.services.uploads._grows", lambda *_arguments: False)
    later = replace(site.context, now=lambda: late)
    uploads.begin(later, fresh, "dirk", name="b.mp4", size=5, modified=0)
    uploads.sweep(later)
    assert dirk.get(f"/api/hand-in/{old}").json()["upload"] is None
    assert dirk.get(f"/api/hand-in/{fresh}").json()["upload"]["size"] == 5
    assert not stray.exists()


def _upload(site: Site, draft: str):  # type: ignore[no-untyped-def]
    with site.context.reading() as uow:
        return uow.hand_ins.get(draft, "anna").upload


def _until(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
