"""A platform's token endpoint over real HTTP, where each refresh token is good for one exchange."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs

import httpx

from vrijgave.publishing.accounts import Credentials
from vrijgave.publishing.http import credentials_refused

FIRST = {"access_token": "access-0", "refresh_token": "refresh-0"}


class TokenServer(ThreadingHTTPServer):
    """``exchanged`` and ``refused`` count what was asked; ``delay`` is how long an answer takes, in seconds."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.good = FIRST["refresh_token"]
        self.exchanged = self.refused = 0
        self.delay = 0.0
        self.numbers = count(1)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        with self.server.lock:
            known = asked.get("refresh_token") == [self.server.good]
            if known:
                number = next(self.server.numbers)
                self.server.good = f"refresh-{number}"
                self.server.exchanged += 1
                answer = {"access_token": f"access-{number}", "refresh_token": self.server.good}
            else:
                self.server.refused += 1
                answer = {"error": "invalid_grant"}
        time.sleep(self.server.delay)
        body = json.dumps(answer).encode()
        self.send_response(200 if known else 400)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def token_server() -> Iterator[TokenServer]:
    """It runs for as long as the body."""
    server = TokenServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def exchange(url: str, stale: Credentials) -> Credentials:
    """What the platform gives for the refresh token of ``stale``."""
    answer = httpx.post(url, data={"refresh_token": stale["refresh_token"]}, timeout=20)
    if answer.is_error:
        raise credentials_refused("The practice platform")
    fresh: Credentials = answer.json()
    return fresh
