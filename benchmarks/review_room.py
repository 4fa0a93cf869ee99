"""How long the review room waits for the service: every route, over HTTP, with 500 tracks in twenty minutes.

``python -m benchmarks.review_room``. The service runs as ``vrijgave.web`` in a process of its own, on SQLite; the
analysis is that of ``benchmarks.review_edits``, and what is played are random bytes: no video is decoded. One person
makes 200 edits, and another, with the room open too, asks for each change.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import httpx
import numpy as np

from benchmarks.review_edits import EDITS, FRAMES, TRACKS, prepared, proposal
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.edits import change_to_dict
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.services import accounts
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_text
from vrijgave.services.review_media import _json
from vrijgave.services.sign_in import open_session
from vrijgave.web import cookies

PROXY_BYTES = 64 * 1024 * 1024
PIECE = 1024 * 1024
LONGEST_WAIT = 30.0
Times = dict[str, list[float]]


def add_media(context: Context, release: Release) -> None:
    """What a player asks for: a frame map, and bytes in place of the proxy."""
    with context.reading() as uow:
        original = uow.assets.latest(release.id, AssetKind.ORIGINAL).sha256
    proxy, size = context.blobs.put_bytes(np.random.default_rng(3).bytes(PROXY_BYTES))
    mapped = FrameMap(
        source_sha256=original, proxy_sha256=proxy, rate=Fraction(25), time_base=Fraction(1, 25),
        pts=tuple(range(FRAMES)), unreadable=(), source_size=(1920, 1080), proxy_size=(1280, 720), sound=None,
    )  # fmt: skip
    files = [
        MadeFile(kind=AssetKind.PROXY, name="proxy.mp4", sha256=proxy, size=size, parent=original),
        store_text(context.blobs, AssetKind.FRAME_MAP, "frames.json", _json(mapped.to_dict()), parent=original),
    ]
    with context.unit_of_work() as uow:
        add_assets(uow, release, files, context.now())
        uow.commit()


def token_of(context: Context, name: str) -> str:
    """Somebody of the communication staff, signed in."""
    with context.unit_of_work() as uow:
        account = accounts.add(
            uow, name=name, display_name=name, unit="x", roles=[Role.COMMUNICATIE], password_hash=None,
            actor="system", at=context.now(),
        )  # fmt: skip
        token = open_session(uow, account, context.now()).token
        uow.commit()
    return token


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The service in a process of its own; answers its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {**os.environ, "VRIJGAVE_HOME": str(home), "VRIJGAVE_WEB_PORT": str(port)}
    service = subprocess.Popen([sys.executable, "-m", "vrijgave.web"], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        service.terminate()
        service.wait(20)


def _wait_for(address: str) -> None:
    end = perf_counter() + LONGEST_WAIT
    while perf_counter() < end:
        try:
            if httpx.get(f"{address}/health").status_code < 500:
                return
        except httpx.TransportError:
            sleep(0.05)
    raise TimeoutError(address)


class Reviewer:
    """A browser with the room open."""

    def __init__(self, address: str, release: Release, token: str, times: Times) -> None:
        headers = {"x-csrf-token": cookies.csrf_token(token)}
        self._client = httpx.Client(base_url=address, cookies={cookies.SESSION: token}, headers=headers, timeout=60)
        self._page = f"/releases/{release.id}/review"
        self._times = times
        self.version = 0
        self.mark = ""

    def enter(self, reason: str) -> None:
        """Say why, and open the page."""
        self._client.post(f"{self._page}/reason", data={"reason": reason})
        self.ask("the page", "GET", page=True)

    def ask(self, name: str, method: str, path: str = "", *, page: bool = False, **more: Any) -> httpx.Response:
        """One call, timed under ``name``; an edit that is refused counts as well, apart."""
        start = perf_counter()
        answer = self._client.request(method, ("" if page else "/api") + self._page + path, **more)
        milliseconds = 1000 * (perf_counter() - start)
        if answer.status_code not in (409, 422):
            answer.raise_for_status()
        self._times[name if answer.status_code < 400 else f"{name}, refused"].append(milliseconds)
        if answer.status_code < 400 and answer.headers["content-type"] == "application/json":
            self._remember(answer.json())
        return answer

    def send(self, name: str, path: str, **body: Any) -> httpx.Response:
        """A call that changes something."""
        return self.ask(name, "POST", path, json={"base": self.version, "mark": self.mark, **body})

    def poll(self, name: str) -> None:
        """What changed since the last answer."""
        self.ask(name, "GET", f"/changes?mark={self.mark}")

    def _remember(self, answer: Any) -> None:
        if isinstance(answer, dict) and "mark" in answer:
            self.version, self.mark = answer["version"], answer["mark"]


def measured(
    address: str, context: Context, release: Release, found: Any, tokens: tuple[str, str]
) -> tuple[Times, int]:
    """Times of every route in milliseconds, and the bytes of the whole state."""
    times: Times = defaultdict(list)
    rng = np.random.default_rng(8)
    bo, cas = (Reviewer(address, release, token, times) for token in tokens)
    bo.enter("checking")
    size = len(bo.ask("all of it, first of the process", "GET").content)
    cas.enter("checking")
    cas.ask("all of it, first of the process", "GET")
    times["all of it, first of the process"].pop()
    for number in range(EDITS):
        change = change_to_dict(proposal(number, found, rng))
        if bo.send("edit", "/edits", edits=[{"change": change, "reason": "x"}]).status_code == 200:
            cas.poll("its change, for the other")
        cas.poll("nothing changed")
        if number % 10 == 0:
            _besides(bo, cas, number)
    return times, size


def _besides(bo: Reviewer, cas: Reviewer, number: int) -> None:
    """The rest of the routes."""
    bo.ask("all of it", "GET")
    first = number * PIECE // 10
    bo.ask("1 MiB to play", "GET", "/proxy", headers={"range": f"bytes={first}-{first + PIECE - 1}"})
    bo.send("undo", "/undo")
    bo.send("redo", "/redo")
    note = bo.send("note", "/notes", frame=number, text="look here").json()["notes"][-1]["number"]
    bo.send("note resolved", f"/notes/{note}", action="resolved")
    asked = bo.send("region", "/regions", frame=number, box=[10, 10, 60, 60], reason="x").json()["regions"][-1][
        "number"
    ]
    cas.poll("its change, for the other")
    bo.send("region dropped", f"/regions/{asked}/drop", reason="x")


def main() -> int:
    """Print a table in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
        context, release, found = prepared(Path(folder))
        add_media(context, release)
        tokens = (token_of(context, "bo"), token_of(context, "cas"))
        with served(Path(folder)) as address:
            times, size = measured(address, context, release, found, tokens)
    sys.stdout.write(f"{TRACKS} tracks, {FRAMES} frames; all of the room {size / 1e6:.1f} MB\n")
    for name, values in times.items():
        middle, late = np.percentile(values, [50, 95])
        sys.stdout.write(
            f"{name} ({len(values)}): median {middle:.0f} ms, p95 {late:.0f} ms, most {max(values):.0f} ms\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
