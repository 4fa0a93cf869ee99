"""The whole service as a person starts it: one release from file to take-down through ``vrijgave serve`` and commands.

Real Prefect server and worker, real flows, real HTTP to the practice platform.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from vrijgave.practice.footage import make_practice_clip
from vrijgave.supervisor import free_port

START_SECONDS = 120
STAGE_SECONDS = 180
CASE = {
    "registration_number": "INTERN-4711",
    "public_case_number": "2026-0042",
    "unit": "Oefeneenheid",
    "offence": "Winkeldiefstal",
    "public_place": "Oefenstad",
    "incident_from": "2026-03-01T22:15:00+01:00",
    "question": "Wie is dit?",
    "scene": "Iemand loopt voorbij.",
}


class Service:
    """A running ``vrijgave serve`` and the commands of its users."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.practice_port = free_port()
        self.web_port = free_port()
        self.environment = os.environ | {
            "VRIJGAVE_HOME": str(home),
            "VRIJGAVE_PREFECT_PORT": str(free_port()),
            "VRIJGAVE_PRACTICE_PORT": str(self.practice_port),
            "VRIJGAVE_WEB_PORT": str(self.web_port),
            "VRIJGAVE_RECONCILE_INTERVAL": "PT2S",
            "VRIJGAVE_LANGUAGE": "en",
            "COLUMNS": "200",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vrijgave.cli", "serve"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Tests that were started in the background ignore Ctrl-C, and would hand that down.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.said: list[str] = []

    def wait_until_running(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line.startswith("Running"):
                return
        pytest.fail("the service did not start: " + " / ".join(self.said))

    def run(self, *command: str, code: int = 0) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "vrijgave.cli", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == code, f"{command}: {result.returncode}\n{result.stdout}{result.stderr}"
        assert "Traceback" not in result.stderr
        return result.stdout if code == 0 else result.stderr

    def json(self, *command: str) -> Any:
        return json.loads(self.run(*command, "--json"))

    def wait(self, release: str, *wanted: str) -> str:
        deadline = time.monotonic() + STAGE_SECONDS
        seen = ""
        while time.monotonic() < deadline:
            shown = self.json("show", release)
            seen = shown["state"]
            if seen in wanted:
                return seen
            assert seen != "failed", shown["message"]
            time.sleep(0.5)
        raise AssertionError(f"still {seen}, not {wanted}")

    def kill_a_flow(self) -> None:
        """SIGKILL the process in which the flow runs, as soon as there is one."""
        deadline = time.monotonic() + STAGE_SECONDS
        while time.monotonic() < deadline:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                if any("flow_engine" in part or "prefect.engine" in part for part in _command(child)):
                    child.kill()
                    return
            time.sleep(0.05)
        raise AssertionError("no flow was seen to run")

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


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
    if running.process.poll() is None:
        left = running.processes()
        running.process.send_signal(signal.SIGTERM)
        psutil.wait_procs(left, timeout=30)
        for process in left:
            if process.is_running():
                process.kill()


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
        "authorise", release, "--authoriser", "hovj", "--mandate", "m", "--proportionality", "p", "--actor", "cor"
    )
    service.run("publish", release, "--actor", "bas")
    service.wait(release, "published")

    videos = _public_videos(service)
    assert len(videos) == 1
    assert CASE["registration_number"] not in json.dumps(videos)
    ledger = service.json("show", release)["publications"]
    assert {(p["state"], p["stage"]) for p in ledger} == {("live", "recognisable")}

    service.run("take-down", release, "--reason", "identified", "--actor", "bas")
    service.wait(release, "taken_down")
    assert _public_videos(service) == []

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


def _public_videos(service: Service) -> list[dict[str, Any]]:
    state = httpx.get(f"http://127.0.0.1:{service.practice_port}/practice/state", timeout=10).json()
    return [v for v in state["videos"] if v["status"]["privacyStatus"] == "public"]


def _prefect_logs(service: Service) -> str:
    return "".join(log.read_text(errors="replace") for log in (service.home / "logs").glob("*.log"))
