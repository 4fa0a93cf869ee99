"""The practice Graph refuses what the real one refuses, and speaks as it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from vrijgave.practice.graph import VERSION
from vrijgave.practice.graph_state import APP_ID, INSTAGRAM_ID, PAGE_ID, USER_TOKEN
from vrijgave.practice.server import PracticeServer

FILE = b"x" * 1000


@pytest.fixture
def graph(running: PracticeServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{running.url}meta/", timeout=10) as practice:
        practice.post("practice/reset").raise_for_status()
    signed = {"authorization": f"OAuth {USER_TOKEN}"}
    with httpx.Client(base_url=f"{running.url}meta/{VERSION}/", timeout=10, headers=signed) as client:
        yield client


def error(answer: httpx.Response) -> tuple[int, int, int | None]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told.get("error_subcode")


def handle(graph: httpx.Client) -> str:
    told = {"file_name": "a.mp4", "file_length": len(FILE), "file_type": "video/mp4"}
    session = graph.post(f"{APP_ID}/uploads", params=told).json()["id"]
    answer = graph.post(str(graph.base_url) + session, headers={"file_offset": "0"}, content=FILE)
    return str(answer.json()["h"])


def test_without_a_good_token_everything_is_a_bad_request(graph: httpx.Client) -> None:
    for scheme in ("OAuth wrong", "Bearer wrong", f"Basic {USER_TOKEN}", ""):
        assert error(graph.get("1", headers={"authorization": scheme})) == (400, 190, 463)
    assert error(graph.get(PAGE_ID, params={"fields": "access_token"}, headers={"authorization": "OAuth x"}))[1] == 190
    page = graph.get(PAGE_ID, params={"fields": "access_token,name"}).json()
    assert graph.get(PAGE_ID, headers={"authorization": f"Bearer {page['access_token']}"}).json() == {"id": PAGE_ID}


def test_what_does_not_exist_has_a_code_of_its_own(graph: httpx.Client) -> None:
    for answer in (graph.get("12"), graph.post("12"), graph.delete("12"), graph.get("12/comments")):
        assert error(answer) == (400, 100, 33)


def test_a_file_is_taken_from_where_it_ends(graph: httpx.Client) -> None:
    told = {"file_name": "a.mp4", "file_length": len(FILE), "file_type": "video/mp4"}
    address = str(graph.base_url) + graph.post(f"{APP_ID}/uploads", params=told).json()["id"]
    assert "h" not in graph.post(address, headers={"file_offset": "0"}, content=FILE[:400]).json()
    assert graph.get(address).json()["file_offset"] == 400
    assert graph.post(address, headers={"file_offset": "0"}, content=FILE).status_code == 400
    assert graph.post(address, headers={"file_offset": "400"}, content=FILE).status_code == 400  # more than was told
    assert graph.post(f"{APP_ID}/uploads", params={**told, "file_length": 10**11}).status_code == 400


@pytest.mark.parametrize("kept", [0, 999, 1000])
def test_a_fault_in_a_file_is_answered_wherever_it_strikes(kept: int, graph: httpx.Client) -> None:
    told = {"file_name": "a.mp4", "file_length": len(FILE), "file_type": "video/mp4"}
    address = str(graph.base_url) + graph.post(f"{APP_ID}/uploads", params=told).json()["id"]
    fault = {"at": "chunk", "kind": "status", "after_bytes": kept}
    httpx.post(str(graph.base_url).replace(f"{VERSION}/", "practice/faults"), json=fault).raise_for_status()
    assert graph.post(address, headers={"file_offset": "0"}, content=FILE).status_code == 503
    assert graph.get(address).json()["file_offset"] == kept


@pytest.mark.parametrize(
    "changes",
    [
        {"fbuploader_video_file_chunk": "2:other"},
        {"unpublished_content_type": "SCHEDULED"},
        {"expiration": "soon"},
        {"expiration": json.dumps({"time": int(datetime.now(UTC).timestamp()) + 60, "type": "expire_only"})},
        {"expiration": json.dumps({"time": 4_000_000_000, "type": "never"})},
    ],
)
def test_a_video_that_is_described_wrongly_is_refused(changes: dict[str, str], graph: httpx.Client) -> None:
    told = {"fbuploader_video_file_chunk": handle(graph), "published": "false", "title": "T", **changes}
    assert error(graph.post(f"{PAGE_ID}/videos", data=told))[:2] == (400, 100)


def test_a_published_video_expires_at_its_time(graph: httpx.Client, running: PracticeServer) -> None:
    until = datetime.now(UTC) + timedelta(minutes=20)
    told = {
        "fbuploader_video_file_chunk": handle(graph),
        "expiration": json.dumps({"time": int(until.timestamp()), "type": "expire_only"}),
        "description": "<script>alert(1)</script>",
    }
    video = graph.post(f"{PAGE_ID}/videos", data=told).json()["id"]
    page = httpx.get(f"{running.url}meta/public/{video}")
    assert (page.status_code, "<script>" in page.text) == (200, False)
    graph.post(video, data={"expire_now": "true"}).raise_for_status()
    assert httpx.get(f"{running.url}meta/public/{video}").status_code == 404
    status: dict[str, Any] = graph.get(video, params={"fields": "status,published"}).json()
    assert (status["status"]["video_status"], status["published"]) == ("expired", True)


@pytest.mark.parametrize("caption", ["é" * 2201, " ".join(f"#a{number}" for number in range(31))])
def test_a_caption_has_limits(caption: str, graph: httpx.Client) -> None:
    told = {"media_type": "REELS", "upload_type": "resumable", "caption": caption}
    assert error(graph.post(f"{INSTAGRAM_ID}/media", data=told))[:2] == (400, 100)


def test_a_container_is_published_once_and_when_it_is_ready(graph: httpx.Client) -> None:
    made = graph.post(f"{INSTAGRAM_ID}/media", data={"media_type": "REELS", "upload_type": "resumable"}).json()
    publish = {"creation_id": made["id"]}
    assert error(graph.post(f"{INSTAGRAM_ID}/media_publish", data=publish)) == (400, 9007, 2207027)
    headers = {"offset": "0", "file_size": str(len(FILE))}
    assert graph.post(made["uri"], headers=headers, content=FILE).json()["success"]
    assert graph.post(f"{INSTAGRAM_ID}/media_publish", data=publish).status_code == 200
    assert error(graph.post(f"{INSTAGRAM_ID}/media_publish", data=publish)) == (400, 9007, 2207027)
    assert graph.get(made["id"], params={"fields": "status_code"}).json()["status_code"] == "PUBLISHED"
    (row,) = graph.get(f"{INSTAGRAM_ID}/content_publishing_limit").json()["data"]
    assert (row["quota_usage"], row["config"]["quota_duration"]) == (1, 86400)


def test_a_reel_is_finished_after_its_file_and_published_once(graph: httpx.Client) -> None:
    made = graph.post(f"{PAGE_ID}/video_reels", data={"upload_phase": "start"}).json()
    finish = {"upload_phase": "finish", "video_id": made["video_id"], "video_state": "PUBLISHED"}
    assert graph.post(f"{PAGE_ID}/video_reels", data=finish).status_code == 400
    headers = {"offset": "0", "file_size": str(len(FILE))}
    assert graph.post(made["upload_url"], headers=headers, content=FILE).json() == {"success": True}
    assert graph.post(f"{PAGE_ID}/video_reels", data=finish).status_code == 200
    assert graph.post(f"{PAGE_ID}/video_reels", data=finish).status_code == 400


def test_lists_come_in_pages(graph: httpx.Client) -> None:
    file = handle(graph)
    for number in range(3):
        told = {"fbuploader_video_file_chunk": file, "universal_video_id": f"m{number}"}
        graph.post(f"{PAGE_ID}/videos", data=told).raise_for_status()
    first = graph.get(f"{PAGE_ID}/videos", params={"limit": 2, "fields": "universal_video_id"}).json()
    assert [row["universal_video_id"] for row in first["data"]] == ["m2", "m1"]
    after = first["paging"]["cursors"]["after"]
    last = graph.get(f"{PAGE_ID}/videos", params={"limit": 2, "after": after, "fields": "universal_video_id"}).json()
    assert ([row["universal_video_id"] for row in last["data"]], "next" in last["paging"]) == (["m0"], False)
