"""Starting and stopping processes of ours; the whole service is started in the flows' tests."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from vrijgave.errors import ActionRequired
from vrijgave.settings import Settings
from vrijgave.supervisor import Child, child_environment, free_port, running

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", flush=True)
time.sleep(60)
"""


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(home=tmp_path, prefect_port=port, practice_port=free_port(), web_port=free_port())
        with pytest.raises(ActionRequired, match=str(port)), running(settings, lambda _text: None):
            pass
    assert [p.name for p in (tmp_path / "logs").iterdir()] == []


def test_a_process_that_ended_is_told_with_its_log(tmp_path: Path) -> None:
    child = Child("short", [sys.executable, "-c", "print('why')"], dict(os.environ), tmp_path)
    child.process.wait(10)
    with pytest.raises(ActionRequired, match=r"short\.log"):
        child.check()
    assert (tmp_path / "short.log").read_text() == "why\n"
    child.stop()


def test_stopping_insists_and_takes_the_whole_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vrijgave.supervisor.STOP_SECONDS", 1.0)
    child = Child("stubborn", [sys.executable, "-c", STUBBORN], dict(os.environ), tmp_path)
    deadline = time.monotonic() + 20
    while "up" not in (tmp_path / "stubborn.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    family = [psutil.Process(child.process.pid), *psutil.Process(child.process.pid).children(recursive=True)]
    assert len(family) == 2
    child.stop()
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_our_processes_know_where_home_is_and_send_no_telemetry(tmp_path: Path) -> None:
    environment = child_environment(Settings(home=tmp_path / "home"))
    assert environment["VRIJGAVE_HOME"] == str(tmp_path / "home")
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"
