"""Approving in the browser: four eyes, watching that cannot be claimed, exactly these bytes, and files in parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from approve_seed import waiting_for_approval
from sqlalchemy import URL
from test_web_pages import ATTACK, Markup
from web_clients import Browser, Clock

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.domain.watched import Pace
from vrijgave.errors import Rejected
from vrijgave.services import watching
from vrijgave.services.context import Context
from vrijgave.store import UnitOfWork, make_engine

SignedIn = Callable[..., Browser]


@pytest.fixture
def release(context: Context, tmp_path: Path) -> Release:
    return waiting_for_approval(context, tmp_path / "made")


@pytest.fixture
def cor(signed_in: SignedIn) -> Browser:
    """The second person."""
    return signed_in(Role.COMMUNICATIE, name="cor")


def report(client: Browser, release: Release, sha256: str, *stretches: tuple[int, int]):  # type: ignore[no-untyped-def]
    return client.post(
        f"/api/releases/{release.id}/watched",
        json={"sha256": sha256, "played": list(stretches)},
        headers={"x-csrf-token": client.csrf},
    )


def watch_all(client: Browser, release: Release, clock: Clock) -> None:
    """As the page does it: a report when it begins, then what was played, in time with the clock."""
    for file in client.get(f"/api/releases/{release.id}/watched").json():
        assert report(client, release, file["sha256"]).status_code == 200
        for start in range(0, file["length"], 1000):
            clock.advance(timedelta(seconds=1))
            stop = min(start + 1000, file["length"])
            assert report(client, release, file["sha256"], (start, stop)).status_code == 200


def state(context: Context, release: Release) -> State:
    with context.reading() as uow:
        return uow.releases.get(release.id).state


def file_of(context: Context, release: Release, kind: AssetKind) -> str:
    with context.reading() as uow:
        return uow.assets.latest(release.id, kind).sha256


def test_who_has_watched_everything_approves_without_a_reason(
    context: Context, release: Release, cor: Browser, clock: Clock
) -> None:
    refused = cor.submit(f"/releases/{release.id}/approve")
    assert refused.status_code == 422
    assert "You have not watched everything yet" in refused.text
    watch_all(cor, release, clock)
    answer = cor.submit(f"/releases/{release.id}/approve")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/releases/{release.id}")
    with context.reading() as uow:
        approval = uow.approvals.live(release.id)
        steps = uow.releases.transitions(release.id)
    assert approval
    assert approval.approver == "cor"
    assert (steps[-1].to_state, steps[-1].reason) == (State.APPROVED, "Approved.")
    shown = cor.get(f"/releases/{release.id}/approve")
    assert "cor approved exactly these files" in shown.text
    assert "Approve exactly these files" not in shown.text


def test_who_has_not_watched_everything_says_why_and_it_stays_on_record(
    context: Context, release: Release, cor: Browser
) -> None:
    assert cor.submit(f"/releases/{release.id}/approve", reason="  ").status_code == 422
    assert cor.submit(f"/releases/{release.id}/approve", reason="Gisteren samen gezien").status_code == 303
    with context.reading() as uow:
        steps = uow.releases.transitions(release.id)
        entries = list(uow.audit.entries())
    said = "Approved without watching everything: Gisteren samen gezien"
    assert steps[-1].reason == said
    assert entries[-1].reason == said


def test_the_reviewer_sees_why_not_and_the_server_refuses_too(
    context: Context, release: Release, signed_in: SignedIn, clock: Clock
) -> None:
    bas = signed_in(Role.COMMUNICATIE, name="bas")
    page = bas.get(f"/releases/{release.id}/approve").text
    assert "You reviewed this release yourself" in page
    assert f'action="/releases/{release.id}/approve"' not in page
    for fields in ({}, {"reason": "toch"}, None, {"reason": "toch"}):
        if fields is None:  # having watched everything changes nothing
            watch_all(bas, release, clock)
            fields = {}
        made_by_hand = bas.submit(f"/releases/{release.id}/approve", **fields)
        assert made_by_hand.status_code == 422
        assert f"You reviewed release {release.id} yourself" in made_by_hand.text
    assert state(context, release) is State.AWAITING_APPROVAL
    with context.reading() as uow:
        assert uow.approvals.live(release.id) is None


@pytest.mark.parametrize("kind", [AssetKind.RENDITION, AssetKind.MASTER, AssetKind.STILL])
def test_changed_bytes_are_refused_with_a_sentence(
    context: Context, release: Release, cor: Browser, clock: Clock, kind: AssetKind
) -> None:
    watch_all(cor, release, clock)
    sha256 = file_of(context, release, kind)
    path = context.blobs.local_path(sha256)
    assert path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))
    for address in (f"/releases/{release.id}/approve/files/{sha256}", f"/api/releases/{release.id}/watched"):
        answer = cor.get(address)
        assert answer.status_code == 422
        assert "was altered or damaged" in answer.text
    answer = cor.submit(f"/releases/{release.id}/approve", reason="toch")
    assert answer.status_code == 422
    assert "was altered or damaged" in answer.text
    assert state(context, release) is State.AWAITING_APPROVAL


def test_a_claim_of_all_at_once_does_not_count(context: Context, release: Release, cor: Browser, clock: Clock) -> None:
    sha256 = file_of(context, release, AssetKind.RENDITION)
    whole = (0, 2000)
    assert report(cor, release, sha256, whole).status_code == 422, "nothing was played before"
    for _again in range(5):
        answer = report(cor, release, sha256, whole)
        assert answer.status_code == 422, "repeating it costs no time either"
        assert "faster than anybody can watch" in answer.json()["message"]
    clock.advance(timedelta(minutes=20))
    assert report(cor, release, sha256, whole).status_code == 422, "a silence is not watching"
    clock.advance(timedelta(seconds=1))
    assert report(cor, release, sha256, (0, 1900)).status_code == 200, "twice the pace is allowed"
    (left,) = [f["left"] for f in cor.get(f"/api/releases/{release.id}/watched").json() if f["sha256"] == sha256]
    assert left == []  # what is left is shorter than a hole that counts
    other = file_of(context, release, AssetKind.MASTER)
    clock.advance(timedelta(minutes=1))
    for number, status in enumerate((200, 422, 422)):
        part = (700 * number, 700 * number + 1000)
        assert report(cor, release, other, part).status_code == status, "small claims run dry too"
    assert report(cor, release, other, whole).status_code == 422, "nobody watches two files at once"


def test_what_was_watched_is_kept_for_each_person_and_file(
    context: Context, release: Release, cor: Browser, signed_in: SignedIn, clock: Clock
) -> None:
    sha256 = file_of(context, release, AssetKind.RENDITION)
    report(cor, release, sha256)
    clock.advance(timedelta(seconds=2))
    report(cor, release, sha256, (0, 700), (1200, 1500))
    clock.advance(timedelta(seconds=2))
    assert report(cor, release, sha256, (500, 900)).json()["seen"] == [[0, 900], [1200, 1500]]
    other = signed_in(Role.COMMUNICATIE, name="dirk").get(f"/api/releases/{release.id}/watched").json()
    assert {tuple(map(tuple, file["seen"])) for file in other} == {()}
    assert report(cor, release, "0" * 64).status_code == 404
    assert report(cor, release, sha256, (-1, 5)).status_code == 422
    assert report(cor, release, sha256, *[(0, 1)] * (watching.MOST_STRETCHES + 1)).status_code == 422


def test_a_note_lies_at_the_frame_that_is_seen_and_keeps_it_from_being_approved(
    context: Context, release: Release, cor: Browser, signed_in: SignedIn
) -> None:
    rendition, master = (file_of(context, release, kind) for kind in (AssetKind.RENDITION, AssetKind.MASTER))
    path = f"/releases/{release.id}/approve/notes"
    for sha256, at, text in (
        (rendition, 5420, "op de kaart volgt beeld"),
        (rendition, 100, "kaart"),
        (master, 980, "m"),
    ):
        answer = cor.submit(path, sha256=sha256, at=at, text=text)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith(f"approve?file={sha256}&at={at}#notes")
    with context.reading() as uow:
        notes = uow.notes.list(release.id)
    assert [note.frame for note in notes] == [10, 0, 24]
    assert cor.submit(path, sha256=rendition, at=0, text=" ").status_code == 422
    assert cor.submit(path, sha256="0" * 64, at=0, text="x").status_code == 404
    refused = cor.submit(f"/releases/{release.id}/approve", reason="toch")
    assert "Notes are still open" in refused.text
    for note in notes:
        assert cor.submit(f"{path}/{note.number}/resolve").status_code == 303
    assert cor.submit(f"{path}/{notes[0].number}/resolve").status_code == 422
    assert cor.submit(f"/releases/{release.id}/approve", reason="toch").status_code == 303


def test_sending_back_needs_a_reason(context: Context, release: Release, cor: Browser) -> None:
    assert cor.submit(f"/releases/{release.id}/approve/send-back", reason=" ").status_code == 422
    assert cor.submit(f"/releases/{release.id}/approve/send-back", reason="De auto rechts").status_code == 303
    assert state(context, release) is State.CHANGES_REQUESTED
    with context.reading() as uow:
        assert uow.releases.get(release.id).message == "De auto rechts"
    page = cor.get(f"/releases/{release.id}/approve").text
    assert "There is nothing to approve yet" in page
    assert "<video" not in page


def test_all_that_is_approved_stands_side_by_side(context: Context, release: Release, cor: Browser) -> None:
    page = cor.get(f"/releases/{release.id}/approve").text
    for said in (
        "Nothing found: the covered video was searched anew", "1 covered, 1 shown", "42 of 50", "0:00–0:01 mute",
        "De verdachte.", "track 7 removed: a false find", "covers less than was found", "There is no permission yet",
        "Wie herkent de persoon in de gele jas?", "Press kit, English", file_of(context, release, AssetKind.RENDITION),
    ):  # fmt: skip
        assert said in page, said
    with context.reading() as uow:
        last = list(uow.audit.entries())[-1]
    assert (last.actor, last.action, last.subject) == ("cor", "consulted", f"release:{release.id}")


def test_what_people_type_never_becomes_code_when_approving(context: Context, tmp_path: Path, cor: Browser) -> None:
    release = waiting_for_approval(context, tmp_path / "evil", words=ATTACK)
    path = f"/releases/{release.id}/approve"
    sha256 = file_of(context, release, AssetKind.MASTER)
    assert cor.submit(f"{path}/notes", sha256=sha256, at=0, text=ATTACK).status_code == 303
    pages = [
        cor.get(path, params={"file": ATTACK, "at": 3}).text,
        cor.submit(path, reason=ATTACK).text,  # a note is open
        cor.submit(f"{path}/send-back", reason=f" {ATTACK}").headers["location"],
        cor.get(f"/releases/{release.id}").text,
    ]
    for page in pages:
        markup = _WithPictures()
        markup.feed(page)
        assert markup.dangerous == []
    assert pages[0].count("&lt;script&gt;") > 8


class _WithPictures(Markup):
    """As ``Markup``; the page has one picture, whose address its script fills in."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img" or {name for name, _value in attrs} != {"id", "alt", "hidden"}:
            super().handle_starttag(tag, attrs)


def test_a_file_in_parts(context: Context, release: Release, cor: Browser) -> None:
    sha256 = file_of(context, release, AssetKind.RENDITION)
    content = context.blobs.read_bytes(sha256)
    size, path = len(content), f"/releases/{release.id}/approve/files/{sha256}"
    whole = cor.get(path)
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, content, "video/mp4")
    assert (whole.headers["etag"], whole.headers["accept-ranges"]) == (f'"{sha256}"', "bytes")
    assert whole.headers["cache-control"] == "no-store"
    for asked, first, stop in (
        ("bytes=0-99", 0, 100), ("bytes=100-", 100, size), ("bytes=-7", size - 7, size),
        ("bytes=5-999999999999", 5, size), (f"bytes=-{size * 9}", 0, size),
    ):  # fmt: skip
        part = cor.get(path, headers={"range": asked})
        assert (part.status_code, part.content) == (206, content[first:stop]), asked
        assert part.headers["content-range"] == f"bytes {first}-{stop - 1}/{size}"
        assert part.headers["content-length"] == str(stop - first)
    for asked in (f"bytes={size}-", "bytes=9-3", "bytes=-0"):
        outside = cor.get(path, headers={"range": asked})
        assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{size}"), asked
    for asked in ("bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=" + "9" * 5000 + "-"):
        assert cor.get(path, headers={"range": asked}).status_code == 200
    other = cor.get(path, headers={"range": "bytes=0-1", "if-range": '"of another file"'})
    assert (other.status_code, len(other.content)) == (200, size)
    assert cor.get(path, headers={"if-none-match": f'"x", W/"{sha256}"'}).status_code == 304


def test_no_other_file_of_the_store_is_handed_out(
    context: Context, release: Release, cor: Browser, signed_in: SignedIn
) -> None:
    original = file_of(context, release, AssetKind.ORIGINAL)
    names = [
        original, "../" + original, "%2e%2e%2f" + original, "..%2f..%2ftest.db", "%00", original.upper(), "0" * 64,
        "../../../../etc/passwd", "%2fetc%2fpasswd",
    ]  # fmt: skip
    for name in names:
        answer = cor.get(f"/releases/{release.id}/approve/files/{name}")
        assert answer.status_code == 404, name
        assert "root:" not in answer.text
    rendition = file_of(context, release, AssetKind.RENDITION)
    assert signed_in(Role.OFFICIER).get(f"/releases/{release.id}/approve/files/{rendition}").status_code == 200
    assert signed_in(Role.LEIDING).get(f"/releases/{release.id}/approve/files/{rendition}").status_code == 403


@pytest.mark.parametrize("database", ["sqlite_database", "postgres_database"])
def test_watching_is_kept_in_both_databases(database: str, request: pytest.FixtureRequest) -> None:
    engine = make_engine(request.getfixturevalue(database))
    at = datetime(2026, 3, 2, tzinfo=UTC)
    for number in (1, 2):
        with UnitOfWork(engine) as uow:
            uow.watched.keep("cor", "a" * 64, ((0, 5), (7, 8 + number)))
            uow.watched.set_pace(Pace(actor="cor", at=at, credit_ms=number))
            uow.commit()
    with UnitOfWork(engine) as uow:
        assert uow.watched.stretches("cor", ["a" * 64, "b" * 64]) == {"a" * 64: ((0, 5), (7, 10))}
        assert uow.watched.pace("cor") == Pace(actor="cor", at=at, credit_ms=2)
        assert uow.watched.pace("bas") is None
    engine.dispose()


def test_a_character_that_postgresql_cannot_keep_is_told(postgres_database: URL) -> None:
    engine = make_engine(postgres_database)
    with UnitOfWork(engine) as uow, pytest.raises(Rejected, match="cannot be kept"):
        uow.releases.get("a\0b")
    engine.dispose()
