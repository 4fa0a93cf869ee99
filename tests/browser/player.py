"""Debian's Chromium without a window, on a page of ours that reports back; and a server that knows ranges of bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from vrijgave.web.app import STATIC

PAGE = Path(__file__).with_name("shown_frames.html")
PLAYER = STATIC / "js" / "review" / "player.js"
CHROMIUM = shutil.which("chromium")
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 60


@dataclass
class Job:
    """What the page is to show, and what it answered."""

    video: Path
    rate: Fraction
    count: int
    frames: Sequence[int]
    answered: Event = field(default_factory=Event)
    answer: dict[str, Any] = field(default_factory=dict)


def frames_shown(video: Path, rate: Fraction, count: int, frames: Sequence[int], profile: Path) -> dict[str, Any]:
    """Send the player of the review room, which begins at frame 0 of ``count``, to each of ``frames`` in turn.

    ``shown``: for each, the number that is drawn in the picture that was painted, and the frame that the player says it
    is. At the event ``seeked`` a busy browser can still hold the picture before.
    """
    job = Job(video, rate, count, frames)
    with _served(job) as address, _browser(address, profile):
        assert job.answered.wait(PATIENCE), "the browser did not answer"
    return job.answer


@contextmanager
def _served(job: Job) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            match self.path:
                case "/":
                    self._send(200, "text/html", PAGE.read_bytes())
                case "/job.json":
                    rate = [job.rate.numerator, job.rate.denominator]
                    self._send(200, "application/json", json.dumps(
                        {"video": "video.mp4", "rate": rate, "count": job.count, "frames": list(job.frames)}
                    ).encode())  # fmt: skip
                case "/player.js":
                    self._send(200, "text/javascript", PLAYER.read_bytes())
                case "/video.mp4":
                    self._send_part()
                case _:
                    self._send(404, "text/plain", b"")

        def do_POST(self) -> None:
            job.answer.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._send(200, "text/plain", b"")
            job.answered.set()

        def _send_part(self) -> None:
            data = job.video.read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if asked is None:
                self._send(200, "video/mp4", data)
                return
            first, last = int(asked[1]), min(int(asked[2] or len(data) - 1), len(data) - 1)
            self._send(206, "video/mp4", data[first : last + 1], f"bytes {first}-{last}/{len(data)}")

        def _send(self, status: int, kind: str, content: bytes, content_range: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content)))
            if content_range is not None:
                self.send_header("Content-Range", content_range)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _browser(address: str, profile: Path) -> Iterator[None]:
    assert CHROMIUM is not None
    process = subprocess.Popen(
        [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
