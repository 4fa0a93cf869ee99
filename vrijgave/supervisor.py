"""One machine as a whole service: Prefect server and worker, dispatcher, pages, practice platforms, under one roof."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from vrijgave.bootstrap import build
from vrijgave.errors import ActionRequired, RetryLater
from vrijgave.i18n import _
from vrijgave.services.context import Context
from vrijgave.services.dispatch import keep_dispatching
from vrijgave.settings import Settings
from vrijgave.workflow import WORK_POOL, PrefectTrigger, ensure_work_pool

ROOT = Path(__file__).resolve().parents[1]
DEPLOYMENTS = ("prefect.yaml", "vrijgave/prefect.yaml")
"""Where the deployments stand in a checkout and in an installed wheel."""
START_SECONDS = 120.0
STOP_SECONDS = 10.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything listens."""

    prefect: str
    web: str
    practice: str | None


class Child:
    """A process of ours with its own log file and process group."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                command,
                env=dict(environment),
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ``ActionRequired`` when the process has ended by itself."""
        if self.process.poll() is not None:
            raise ActionRequired(
                "administrator",
                _("{name} has stopped; {log} says why.").format(name=self.name, log=self.log),
            )

    def stop(self) -> None:
        """Ask the whole group to end, then insist."""
        for sign, patience in (
            (signal.SIGINT, STOP_SECONDS),
            (signal.SIGTERM, STOP_SECONDS / 3),
            (signal.SIGKILL, STOP_SECONDS),
        ):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                return


def _stop(children: list[Child]) -> None:
    """The worker first, which was started last and tells the server that it ends; then the others together, so that
    one that does not listen keeps nobody waiting for more than its own time."""
    if children:
        children[-1].stop()
        with ThreadPoolExecutor(len(children)) as pool:
            list(pool.map(Child.stop, children[:-1]))


@contextmanager
def running(settings: Settings, say: Say) -> Iterator[tuple[Context, Addresses]]:
    """The whole service for as long as the body runs; stops cleanly whatever happens in it."""
    with ExitStack() as stack:
        logs = settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        _check_free(settings)
        environment = child_environment(settings)
        os.environ.update(prefect_environment(settings))
        addresses = Addresses(
            prefect=f"http://{settings.host}:{settings.prefect_port}",
            web=f"http://{settings.host}:{settings.web_port}",
            practice=f"http://{settings.host}:{settings.practice_port}" if settings.practice else None,
        )
        children: list[Child] = []
        stack.callback(_stop, children)

        def start(name: str, *command: str) -> Child:
            child = Child(name, [sys.executable, "-m", *command], environment, logs)
            children.append(child)
            return child

        port = str(settings.prefect_port)
        server = start("prefect-server", "prefect", "server", "start", "--host", settings.host, "--port", port)
        if settings.practice:
            practice = start(
                "practice", "vrijgave.practice", "--host", settings.host,
                "--port", str(settings.practice_port), "--state", str(settings.home / "practice"),
            )  # fmt: skip
            _wait(practice, f"{addresses.practice}/practice/state", say)
        context = build(settings)
        web = start("web", "vrijgave.web")
        _wait(web, f"{addresses.web}/health", say)
        _wait(server, f"{addresses.prefect}/api/health", say)
        ensure_work_pool()
        start("worker", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", "vrijgave")
        _deploy(environment, logs)
        stack.enter_context(_dispatching(context, children))
        yield context, addresses


def prefect_environment(settings: Settings) -> dict[str, str]:
    """What Prefect has to know on this machine; no telemetry on either of its channels."""
    home = settings.home.resolve() / "prefect"
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://{settings.host}:{settings.prefect_port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of our processes: ours, and what a caller may have chosen without it."""
    chosen = {
        "ROOT": str(ROOT),
        "HOME": str(settings.home.resolve()),
        "HOST": settings.host,
        "LANGUAGE": settings.language.value,
        "PRACTICE": str(settings.practice).lower(),
        "PRACTICE_PORT": str(settings.practice_port),
        "WEB_PORT": str(settings.web_port),
    }
    ours = {f"VRIJGAVE_{name}": value for name, value in chosen.items()}
    return {**os.environ, **prefect_environment(settings), **ours}


def _check_free(settings: Settings) -> None:
    ports = [settings.prefect_port, settings.web_port] + ([settings.practice_port] if settings.practice else [])
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                raise ActionRequired(
                    "administrator",
                    _(
                        "Port {port} is in use; choose others with VRIJGAVE_PREFECT_PORT, VRIJGAVE_WEB_PORT and "
                        "VRIJGAVE_PRACTICE_PORT."
                    ).format(port=port),
                ) from error


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _wait(child: Child, url: str, say: Say) -> None:
    say(_("Waiting for {name} …").format(name=child.name))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        child.check()
        try:
            if httpx.get(url, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise RetryLater(_("{name} did not start in time; {log} says why.").format(name=child.name, log=child.log))


def _deploy(environment: Mapping[str, str], logs: Path) -> None:
    """Register the deployments of ``prefect.yaml``."""
    deployments = next(path for name in DEPLOYMENTS if (path := ROOT / name).is_file())
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "prefect",
            "--no-prompt",
            "deploy",
            "--all",
            "--prefect-file",
            str(deployments),
        ],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    (logs / "deploy.log").write_text(result.stdout + result.stderr)
    if result.returncode:
        raise ActionRequired(
            "administrator",
            _("The flows could not be registered; {log} says why.").format(log=logs / "deploy.log"),
        )


@contextmanager
def _dispatching(context: Context, children: list[Child]) -> Iterator[None]:
    """Dispatch in a thread until the body ends, and say in the log when a process of ours has ended."""
    stop = threading.Event()

    def watch() -> None:
        for child in children:
            child.check()

    thread = threading.Thread(
        target=keep_dispatching, args=(context, PrefectTrigger(), stop, watch), name="dispatcher", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)  # it may be waiting for an answer of the server; what it does is safe to break off
