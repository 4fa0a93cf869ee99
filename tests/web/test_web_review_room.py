"""The review room's interface over real HTTP: who may look, what is played, and two who edit at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter
from room_site import FRAMES, RELEASE, a_case, in_review, without_media
from web_clients import Clock, make_context
from web_site import Site

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.services import regions
from vrijgave.services.context import Context
from vrijgave.store import sqlite_url
from vrijgave.web import cookies
from vrijgave.web.views.room_types import RoomChanges, RoomSame, RoomState

LOOKERS = (Role.COMMUNICATIE, Role.OFFICIER, Role.PRIVACY)
ATTACK = "\"'><script>alert(1)</script>{{ 7 * 7 }}"
MEDIA = ("/proxy", "/waveform", "/still/5", "/thumb/1")


@dataclass
class Room:
    """A service with one release in review, and people who come in."""

    site: Site
    clock: Clock
    release: Release
    people: int = 0

    @property
    def context(self) -> Context:
        return self.site.context

    def person(self, *roles: Role, looks: bool = True, release: str = RELEASE) -> Person:
        """Somebody new; ``looks``: they gave a reason and have the room open."""
        self.people += 1
        account = self.site.add_account(f"person{self.people}", *(roles or (Role.COMMUNICATIE,)))
        return Person(self.site, account.name, self.site.token(account), release, looks=looks)


class Person:
    """A browser with the room open."""

    def __init__(self, site: Site, name: str, token: str, release: str, *, looks: bool) -> None:
        headers = {"x-csrf-token": cookies.csrf_token(token)}
        self.name = name
        self.http = httpx.Client(base_url=site.url, cookies={cookies.SESSION: token}, headers=headers, timeout=30)
        self.page = f"/releases/{release}/review"
        self.version, self.mark, self.tracks = 0, "", dict[int, dict[str, Any]]()
        if looks:
            assert self.http.post(f"{self.page}/reason", data={"reason": "checking"}).status_code == 303
            assert self.http.get(self.page).status_code == 200
            self.take(self.get("").json())

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(f"/api{self.page}{path}", headers=headers)

    def post(self, path: str, **body: Any) -> httpx.Response:
        """A call that changes something; what it answers is taken in, as the page does."""
        sent = {"base": self.version, "mark": self.mark, **body}
        answer = self.http.post(f"/api{self.page}{path}", json=sent)
        if answer.status_code == 200 and "mark" in answer.json():
            TypeAdapter(RoomChanges).validate_python(answer.json(), strict=True)
            self.take(answer.json())
        return answer

    def edit(self, *changes: dict[str, Any], reason: str = "seen", **body: Any) -> httpx.Response:
        return self.post("/edits", edits=[{"change": change, "reason": reason} for change in changes], **body)

    def poll(self) -> Any:
        answer = self.get(f"/changes?mark={self.mark}").json()
        TypeAdapter(RoomSame if "same" in answer else RoomChanges).validate_python(answer, strict=True)
        self.take(answer)
        return answer

    def take(self, answer: Any) -> None:
        self.version, self.mark = answer["version"], answer["mark"]
        if answer.get("whole"):
            self.tracks = {}
        for track in answer.get("tracks", ()):
            self.tracks[track["id"]] = track
        for number in answer.get("gone", ()):
            del self.tracks[number]


@pytest.fixture(scope="module")
def footage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the clip in review, to be copied."""
    home = tmp_path_factory.mktemp("footage")
    shutil.copy(sqlite_template, home / "vrijgave.db")
    context = make_context(sqlite_url(home / "vrijgave.db"), home, Clock())
    in_review(context, home, a_case())
    return home


@pytest.fixture
def room(footage: Path, tmp_path: Path) -> Iterator[Room]:
    home = tmp_path / "home"
    shutil.copytree(footage, home)
    clock = Clock()
    context = make_context(sqlite_url(home / "vrijgave.db"), home, clock)
    site = Site(context)
    site.start()
    with context.reading() as uow:
        release = uow.releases.get(RELEASE)
    yield Room(site, clock, release)
    site.stop()


def looks(room: Room, actor: str) -> list[str]:
    """The reasons of all logged looks of ``actor`` at the original."""
    with room.context.reading() as uow:
        original = uow.assets.latest(RELEASE, AssetKind.ORIGINAL).sha256
        return [
            entry.reason
            for entry in uow.audit.entries()
            if entry.actor == actor and entry.action is AuditAction.CONSULTED and entry.subject == f"blob:{original}"
        ]


def started(room: Room) -> list[str]:
    with room.context.reading() as uow:
        return [s.source for s in uow.stamps.for_release(RELEASE) if s.milestone is Milestone.REVIEW_STARTED]


def test_nothing_is_shown_before_somebody_says_why(room: Room) -> None:
    person = room.person(looks=False)
    asked = person.http.get(person.page)
    assert "Why do you look at this footage?" in asked.text
    assert "review-config" not in asked.text
    assert looks(room, person.name) == []
    for path in MEDIA:
        refused = person.get(path)
        assert (refused.status_code, refused.json()["by"]) == (422, "reason"), path
    for reason in ("", "  ", "x" * 1001):
        again = person.http.post(f"{person.page}/reason", data={"reason": reason})
        assert again.status_code == 422
    assert ATTACK not in person.http.post(f"{person.page}/reason", data={"reason": ATTACK * 40}).text
    assert started(room) == []
    assert person.http.post(f"{person.page}/reason", data={"reason": "a tip"}).headers["location"] == person.page
    assert "review-config" in person.http.get(person.page).text
    assert "review-config" in person.http.get(person.page).text
    assert looks(room, person.name) == ["a tip"] * 3, "each opening is a look of its own"
    assert started(room) == [f"person:{person.name}"]
    assert [person.get(path).status_code for path in MEDIA] == [200] * 4
    assert all(person.get(path).headers["cache-control"] == "private, no-store" for path in MEDIA)


def test_a_look_ends_with_the_session(room: Room) -> None:
    person = room.person()
    assert person.get("/proxy").status_code == 200
    room.clock.advance(timedelta(minutes=1))
    with room.context.reading() as uow:
        found = uow.accounts.find(person.name)
    assert found is not None
    later = Person(room.site, person.name, room.site.token(found[0]), RELEASE, looks=False)
    assert later.get("/proxy").status_code == 422
    assert "review-config" in later.http.get(later.page).text, "the reason of this case is known"
    assert later.get("/proxy").status_code == 200


def test_who_may_look_and_who_may_edit(room: Room) -> None:
    for role in Role:
        person = room.person(role, looks=role in LOOKERS)
        wanted = 200 if role in LOOKERS else 403
        assert [person.get(path).status_code for path in ("", "/changes", *MEDIA)] == [wanted] * 6, role
        assert person.http.get(person.page).status_code == wanted
        written = [
            person.edit({"kind": "hide", "track": 1}).status_code,
            person.post("/notes", frame=1, text="x").status_code,
            person.post("/regions", frame=1, box=[10, 10, 40, 40], reason="x").status_code,
            person.post("/undo").status_code,
        ]
        assert written == [200 if role is Role.COMMUNICATIE else 403] * 4, role
    assert len(started(room)) == 1, "only who reviews begins a review"
    officer = room.person(Role.OFFICIER)
    assert '"edit": false' in officer.http.get(officer.page).text.replace("&#34;", '"')


def test_the_footage_comes_in_parts(room: Room) -> None:
    person = room.person()
    whole = person.get("/proxy")
    assert whole.headers["accept-ranges"] == "bytes"
    size, mark = len(whole.content), whole.headers["etag"]
    part = person.get("/proxy", Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{size}"
    assert person.get("/proxy", Range="bytes=-50").content == whole.content[-50:]
    assert person.get("/proxy", Range=f"bytes={size - 10}-").content == whole.content[-10:]
    beyond = person.get("/proxy", Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert person.get("/proxy", Range="bytes=0-9", **{"If-Range": mark}).status_code == 206
    assert person.get("/proxy", Range="bytes=0-9", **{"If-Range": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/releases/..%2f..%2fetc/review/proxy", "/api/releases/%2e%2e/review", f"/api/releases/{RELEASE}%00/review",
        f"/api/releases/{RELEASE}/review/still/..%2f1", f"/api/releases/{RELEASE}/review/still/-1",
        f"/api/releases/{RELEASE}/review/thumb/1.jpg", f"/api/releases/{RELEASE}/review/thumb/99999999999999999999",
        f"/api/releases/{'0' * 32}/review", f"/api/releases/{RELEASE}/review/still/{FRAMES}",
    ],
)  # fmt: skip
def test_nothing_else_can_be_asked_for(shared: Room, path: str) -> None:
    person = shared.person()
    answer = person.http.get(path)
    assert answer.status_code in (404, 422)
    assert set(answer.json()) <= {"message", "by"}


@pytest.fixture(scope="module")
def shared(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A room in which nothing is changed."""
    home = tmp_path_factory.mktemp("shared") / "home"
    shutil.copytree(footage, home)
    clock = Clock()
    site = Site(make_context(sqlite_url(home / "vrijgave.db"), home, clock))
    site.start()
    with site.context.reading() as uow:
        release = uow.releases.get(RELEASE)
    yield Room(site, clock, release)
    site.stop()


def test_all_of_the_room(shared: Room) -> None:
    person = shared.person()
    state = TypeAdapter(RoomState).validate_python(person.get("").json(), strict=True)
    assert [track["id"] for track in state["tracks"]] == [1, 2, 3]
    late = state["tracks"][2]
    assert (late["first"], late["last"], late["parts"], late["origin"]) == (10, 40, [[10, 40]], "found")
    assert late["keys"] == [[10, 220, 100, 260, 150], [40, 220, 100, 260, 150]]
    assert [doubt["why"] for doubt in late["doubts"]] == ["starts_open", "ends_open"]
    assert late["risk"] == late["doubts"][0]["risk"] > 0
    assert state["video"]["frames"] == FRAMES
    assert (state["video"]["rate"], state["video"]["silent"]) == ([25, 1], False)
    assert state["whole"]
    assert state["sound"] == [{"start_ms": 0, "stop_ms": None, "sound": "mute"}]


def test_showing_needs_a_reason_and_can_be_taken_back(room: Room) -> None:
    bo = room.person()
    refused = bo.edit({"kind": "show", "track": 1}, reason="")
    assert (refused.status_code, refused.json()["by"]) == (422, "reason")
    shown = bo.edit({"kind": "show", "track": 1, "anchor": 5}, reason="the suspect").json()
    assert [track["id"] for track in shown["tracks"]] == [1], "only what changed is sent"
    assert bo.tracks[1]["shown_in"] == [[0, FRAMES - 1]]
    assert (bo.tracks[1]["reason"], bo.tracks[1]["anchor"]) == ("the suspect", 5)
    assert (shown["can"], shown["version"]) == ({"undo": True, "redo": False}, 1)
    undone = bo.post("/undo").json()
    assert (bo.tracks[1]["shown"], undone["can"]) == (False, {"undo": False, "redo": True})
    redone = bo.post("/redo").json()
    assert bo.tracks[1]["shown"]
    assert [(edit["words"], edit["holds"]) for edit in redone["edits"]] == [
        ("Track 1 shown", True), ("Taken back: Track 1 shown", False), ("Done again: Track 1 shown", True),
    ]  # fmt: skip
    assert bo.post("/redo").status_code == 422
    fresh = {track["id"]: track for track in bo.get("").json()["tracks"]}
    assert fresh == bo.tracks, "what came bit by bit is what comes at once"


def test_every_way_of_bending_a_track(room: Room) -> None:
    bo = room.person()
    box = {"frame": 20, "xyxy": [210, 90, 270, 160]}
    assert bo.edit({"kind": "move_box", "track": 3, "box": box, "reach": 3}).status_code == 200
    assert bo.tracks[3]["placed"] == [20]
    assert bo.edit({"kind": "split", "track": 1, "frame": 30}).status_code == 200
    made = max(bo.tracks)
    assert (bo.tracks[made]["origin"], bo.tracks[made]["first"], bo.tracks[1]["last"]) == ("made", 30, 29)
    assert bo.edit({"kind": "merge", "track": 1, "other": made}).status_code == 200
    assert made not in bo.tracks
    assert bo.edit({"kind": "extend", "track": 3, "frame": 50, "box": None}).status_code == 200
    assert bo.tracks[3]["last"] == 50
    region = {"kind": "plate", "boxes": [{"frame": 5, "xyxy": [5, 5, 30, 20]}], "first": 2, "last": 9}
    assert bo.edit({"kind": "add_box", "region": region}).status_code == 200
    assert bo.tracks[max(bo.tracks)] | {"origin": "drawn", "first": 2, "last": 9} == bo.tracks[max(bo.tracks)]
    assert bo.edit({"kind": "delete", "track": 2}, reason="a poster").status_code == 200
    assert 2 not in bo.tracks
    assert bo.edit({"kind": "hide", "track": 2}).status_code == 404
    assert bo.edit({"kind": "explode", "track": 2}).status_code == 422
    assert {track["id"]: track for track in bo.get("").json()["tracks"]} == bo.tracks


def test_sound_and_length(room: Room) -> None:
    bo = room.person()
    answer = bo.edit(
        {"kind": "set_sound", "span": {"sound": "keep", "start_ms": 0, "stop_ms": 1000}},
        {"kind": "set_sound", "span": {"sound": "bleep", "start_ms": 200, "stop_ms": 300}},
        {"kind": "set_trim", "trim": {"first": 5, "last": 50}},
        {"kind": "set_style", "style": "mosaic"},
    ).json()
    assert [(s["start_ms"], s["sound"]) for s in answer["sound"]] == [
        (0, "keep"), (200, "bleep"), (300, "keep"), (1000, "mute"),
    ]  # fmt: skip
    assert (answer["trim"], answer["style"], answer["version"]) == ({"first": 5, "last": 50}, "mosaic", 4)
    assert bo.edit({"kind": "set_trim", "trim": {"first": 5, "last": FRAMES}}).status_code == 422
    backwards = bo.edit({"kind": "set_sound", "span": {"sound": "mute", "start_ms": 9, "stop_ms": 3}})
    assert (backwards.status_code, backwards.json()["by"]) == (422, "sound")
    assert bo.poll()["same"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "add_box", "region": {"kind": "face", "boxes": [{"frame": 1, "xyxy": [0, 0, 9, 9]}], "first": -5}},
        {"kind": "add_box", "region": {"kind": "face", "boxes": [{"frame": 1, "xyxy": [0, 0, 1e300, 9]}]}},
        {"kind": "move_box", "track": 1, "box": {"frame": 1, "xyxy": [0, 0, 9, 1e300]}, "reach": 0},
        {"kind": "set_sound", "span": {"sound": "mute", "start_ms": 10**30, "stop_ms": None}},
        {"kind": "set_sound", "span": {"sound": "mute", "start_ms": 0, "stop_ms": 10**30}},
        {"kind": "set_trim", "trim": {"first": 0, "last": 10**30}},
        {"kind": "undo", "edit": 10**30},
        {"kind": "hide", "track": 10**30},
        {"kind": "hide", "track": "1\x00"},
    ],
)
def test_what_no_page_sends_is_refused(shared: Room, change: dict[str, Any]) -> None:
    assert shared.person().edit(change).status_code in (404, 422)


def test_two_reviewers_do_not_overwrite_each_other(room: Room) -> None:
    bo, cas = room.person(), room.person()
    assert cas.poll()["others"] == [{"name": bo.name, "at": "02-03-2026 10:00"}]
    assert bo.edit({"kind": "hide", "track": 1}, reason="by bo").status_code == 200
    assert cas.edit({"kind": "hide", "track": 2}, reason="by cas").status_code == 200, "another track goes through"
    assert cas.tracks[1]["reason"] == "by bo", "and the answer has what bo did"
    clash = bo.edit({"kind": "show", "track": 2, "anchor": 5}, reason="no")
    assert clash.status_code == 409
    assert cas.name in clash.json()["message"]
    heard = bo.poll()
    assert [track["id"] for track in heard["tracks"]] == [2]
    assert bo.tracks == cas.tracks
    assert bo.edit({"kind": "show", "track": 2, "anchor": 5}, reason="after all").status_code == 200
    room.clock.advance(timedelta(seconds=31))
    assert bo.poll()["others"] == [], "who asks no more has left"
    cas.poll()
    assert [one["name"] for one in bo.poll()["others"]] == [cas.name]
    assert bo.edit({"kind": "hide", "track": 3}, base=99).status_code == 422


def test_notes_hold_the_review_until_they_are_resolved(room: Room) -> None:
    bo, cas = room.person(), room.person()
    noted = bo.post("/notes", frame=7, text=ATTACK, box=[1, 2, 30, 40]).json()["notes"]
    assert (noted[0]["frame"], noted[0]["box"], noted[0]["open"]) == (7, [1, 2, 30, 40], True)
    assert cas.poll()["notes"][0]["text"] == ATTACK, "as it was typed; the page escapes it"
    held = bo.post("/finish")
    assert (held.status_code, held.json()["by"]) == (422, "note")
    number = noted[0]["number"]
    answered = cas.post(f"/notes/{number}", action="answered", text="done").json()["notes"][0]
    assert answered["answers"][0] | {"text": "done", "author": cas.name} == answered["answers"][0]
    assert not cas.post(f"/notes/{number}", action="resolved").json()["notes"][0]["open"]
    assert cas.post(f"/notes/{number}", action="resolved").status_code == 422
    assert cas.post(f"/notes/{number}", action="reopened").json()["notes"][0]["open"]
    assert cas.post(f"/notes/{number + 1}", action="resolved").status_code == 404
    assert cas.post("/notes", frame=FRAMES, text="x").status_code == 422
    cas.post(f"/notes/{number}", action="resolved")
    assert bo.post("/finish").json() == {"next": f"/releases/{RELEASE}"}
    with room.context.reading() as uow:
        after = uow.releases.get(RELEASE)
    assert (after.state, after.reviewer) == (State.RENDERING, bo.name)
    assert cas.poll()["state"] == "rendering"
    assert cas.edit({"kind": "hide", "track": 1}).status_code == 422
    assert '"edit": false' in cas.http.get(cas.page).text.replace("&#34;", '"')


def test_what_is_drawn_is_followed_meanwhile(room: Room) -> None:
    bo, cas = room.person(), room.person()
    assert bo.post("/regions", frame=5, box=[10, 10, 60, 60]).json()["by"] == "reason"
    asked = bo.post("/regions", frame=5, box=[10, 10, 60, 60], kind="face", reason="missed").json()["regions"]
    assert [(r["state"], r["frame"], r["box"], r["track"]) for r in asked] == [("waiting", 5, [10, 10, 60, 60], None)]
    with room.context.reading() as uow:
        assert [message.flow.value for message in uow.outbox.pending()] == ["track_region"]
    assert cas.edit({"kind": "hide", "track": 1}).status_code == 200, "others go on meanwhile"
    assert cas.post("/finish").status_code == 503
    dropped = cas.post(f"/regions/{asked[0]['number']}/drop", reason="a poster").json()["regions"]
    assert dropped[0]["state"] == "dropped"
    assert bo.poll()["regions"] == dropped
    assert bo.post(f"/regions/{asked[0]['number']}/drop", reason="x").status_code == 422
    assert bo.post("/regions", frame=5, box=[400, 10, 460, 60], reason="x").status_code == 422


def test_the_track_of_what_was_drawn_arrives(room: Room) -> None:
    bo, cas = room.person(), room.person()
    bo.post("/regions", frame=5, box=[70, 20, 110, 60], reason="missed")
    found = regions.follow(room.context, RELEASE, lambda _done, _all: None)
    assert cas.edit({"kind": "hide", "track": 1}).status_code == 200
    with room.context.unit_of_work() as uow:
        [message] = uow.outbox.pending()
        regions.finish(uow, RELEASE, 1, message.attempt, found, room.context.now())
        uow.commit()
    heard = bo.poll()
    assert heard["regions"][0] | {"state": "followed", "track": 4} == heard["regions"][0]
    assert bo.tracks[4]["origin"] == "drawn"
    assert bo.tracks[1]["reason"] == "seen", "what was edited meanwhile holds"
    assert bo.edit({"kind": "move_box", "track": 4, "box": {"frame": 5, "xyxy": [60, 10, 120, 70]}}).status_code == 200
    assert bo.get("/thumb/4").status_code == 200
    cas.poll()
    assert cas.tracks == bo.tracks == {track["id"]: track for track in bo.get("").json()["tracks"]}


def test_a_release_from_before_the_room_says_what_to_do(room: Room) -> None:
    old = without_media(room.context, room.release)
    person = room.person(looks=False, release=old.id)
    for answer in (person.http.get(person.page), person.get(""), person.get("/changes")):
        assert answer.status_code == 404
        assert "hand its footage in again" in answer.text
    assert [person.get(path).status_code for path in MEDIA] == [404] * 4
