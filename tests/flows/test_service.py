"""The whole service as a person starts it: one release from file to take-down through ``vrijgave serve`` and commands.

Real Prefect server and worker, real flows, real HTTP to the practice platform.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from running_service import CASE, Service

from vrijgave.practice.footage import make_practice_clip


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "a camera.mp4"
    make_practice_clip(path, seconds=2)
    return path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path / "home")
    running.wait_until_running()
    yield running
    running.stop()


@pytest.mark.timeout(600)
def test_one_release_from_footage_to_take_down(service: Service, clip: Path) -> None:
    facts = service.home.parent / "case.json"
    facts.write_text(json.dumps(CASE))

    pages = httpx.get(f"http://127.0.0.1:{service.web_port}/sign-in", timeout=10)
    assert "Sign in" in pages.text
    (submitted,) = service.json("submit", str(clip), "--case", str(facts), "--actor", "anna")
    release = submitted["id"]
    service.kill_a_flow()
    service.wait(release, "in_review")

    tracks = service.json("review", release, "--actor", "bas")["tracks"]
    suspect = next(str(t["id"]) for t in tracks if t["kind"] == "face")
    sheet = service.home.parent / "sheet.jpg"
    assert "reason" in service.run("review", release, "--sheet", str(sheet), "--actor", "bas", code=4)
    service.run("review", release, "--sheet", str(sheet), "--reason", "review", "--actor", "bas")
    assert sheet.read_bytes()[:2] == b"\xff\xd8"

    assert "reason" in service.run("review", release, "--show", suspect, "--actor", "bas", code=4)
    service.run("review", release, "--show", suspect, "--reason", "the suspect", "--actor", "bas")
    for _round in range(3):
        service.run("review", release, "--done", "--actor", "bas")
        if service.wait(release, "awaiting_approval", "changes_requested") == "awaiting_approval":
            break

    assert "second person" in service.run("approve", release, "--actor", "bas", code=4)
    service.run("approve", release, "--actor", "cor")
    assert "authorise" in service.run("publish", release, "--actor", "bas", code=3)
    service.run(
        "authorise",
        release,
        "--authoriser",
        "hovj",
        "--mandate",
        "m",
        "--proportionality",
        "p",
        "--area",
        "national",
        "--actor",
        "cor",
    )
    service.run("publish", release, "--actor", "bas")
    service.wait(release, "published")

    videos = service.public_videos()
    assert len(videos) == 1
    assert CASE["registration_number"] not in json.dumps(videos)
    ledger = service.json("show", release)["publications"]
    assert {(p["state"], p["stage"]) for p in ledger} == {("live", "recognisable")}

    service.run("take-down", release, "--reason", "identified", "--actor", "bas")
    service.wait(release, "taken_down")
    assert service.public_videos() == []

    assert "whole" in service.run("audit", "verify")
    csv = service.run("lead-times", "--csv")
    assert f"{release},incident_to_public,youtube," in csv
    assert CASE["registration_number"] not in _prefect_logs(service)
    assert CASE["public_place"] not in _prefect_logs(service)

    left = service.processes()
    service.process.send_signal(signal.SIGINT)
    assert service.process.wait(60) == 0
    _gone, alive = psutil.wait_procs(left, timeout=10)
    assert not alive, f"left running: {alive}"


def _prefect_logs(service: Service) -> str:
    return "".join(log.read_text(errors="replace") for log in (service.home / "logs").glob("*.log"))
