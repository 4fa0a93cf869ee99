"""``vrijgave serve`` as a person starts it, and the commands of its users; for tests of the whole way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

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

    def __init__(self, home: Path, language: str = "en") -> None:
        self.home = home
        self.practice_port = free_port()
        self.web_port = free_port()
        self.environment = os.environ | {
            "VRIJGAVE_HOME": str(home),
            "VRIJGAVE_PREFECT_PORT": str(free_port()),
            "VRIJGAVE_PRACTICE_PORT": str(self.practice_port),
            "VRIJGAVE_WEB_PORT": str(self.web_port),
            "VRIJGAVE_RECONCILE_INTERVAL": "PT2S",
            "VRIJGAVE_LANGUAGE": language,
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
            if line.startswith(("Running", "De dienst draait")):
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

    def stop(self) -> None:
        """Ask it to end, and see to it that nothing is left running."""
        if self.process.poll() is not None:
            return
        left = self.processes()
        self.process.send_signal(signal.SIGTERM)
        psutil.wait_procs(left, timeout=30)
        for process in left:
            if process.is_running():
                process.kill()

    def public_videos(self) -> list[dict[str, Any]]:
        """What anybody sees on the practice platform."""
        state = httpx.get(f"http://127.0.0.1:{self.practice_port}/practice/state", timeout=10).json()
        return [v for v in state["videos"] if v["status"]["privacyStatus"] == "public"]

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
