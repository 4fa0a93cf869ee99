"""Running the practice platform: as a service, or beside a demonstration or a test."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI, Response

from vrijgave.errors import RetryLater
from vrijgave.i18n import _
from vrijgave.practice import graph, mastodon, peertube
from vrijgave.practice.base import page
from vrijgave.practice.wire import CuttableProtocol
from vrijgave.practice.youtube import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, create_app

START_SECONDS = 20

PLATFORMS: Mapping[str, tuple[str, Callable[[Path, float], FastAPI]]] = MappingProxyType(
    {
        "meta": (graph.NAME, graph.create_app),
        "peertube": (peertube.NAME, peertube.create_app),
        "mastodon": (mastodon.NAME, mastodon.create_app),
    }
)
"""Path -> a platform's name and what makes its app out of its folder and the seconds that processing takes.

YouTube, whose client wants the root, is the app on which the others are mounted.
"""


def platforms(state_folder: Path, processing_seconds: float = 0.0) -> FastAPI:
    """All practice platforms as one app, each with its state in a folder of its own."""
    app = create_app(state_folder, processing_seconds=processing_seconds)
    for path, (_name, make) in PLATFORMS.items():
        app.mount(f"/{path}", make(state_folder / path, processing_seconds))

    @app.get("/")
    async def index() -> Response:
        """Where the public sees what was published."""
        links = "".join(f'<li><a href="/{path}/public">{name}</a></li>' for path, (name, _make) in PLATFORMS.items())
        return page(_NAME, "Oefenplatforms", f"<h1>Oefenplatforms</h1>\n<ul>{links}</ul>")

    return app


_NAME = "platform"


def run(host: str, port: int, state_folder: Path, *, processing_seconds: float = 0.0) -> None:
    """Serve the practice platform until the process is told to stop."""
    _server(state_folder, processing_seconds, host=host, port=port).run()


def practice_credentials(url: str) -> dict[str, str]:
    """Authorised-user JSON of the practice account at ``url``."""
    return {
        "type": "authorized_user",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
        "token_uri": f"{url.rstrip('/')}/token",
    }


class PracticeServer:
    """The practice platform in a thread of this process, on a free port of this machine: ``with`` starts and stops it.

    ``url`` is both the root of the interface and of the watch pages.
    """

    def __init__(self, state_folder: Path, *, port: int = 0, processing_seconds: float = 0.0) -> None:
        # named as TCP, or asyncio leaves Nagle's delay on and every answer takes 40 ms
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._server = _server(state_folder, processing_seconds)
        self._thread = threading.Thread(target=self._serve, name="practice-platform", daemon=True)

    @property
    def url(self) -> str:
        """Root address, with its closing slash."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/"

    def __enter__(self) -> Self:
        """Start, and wait until it answers."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RetryLater(_("The practice platform did not start; try again."))
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; requests that are held are let go of."""
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def _server(state_folder: Path, processing_seconds: float, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Server:
    config = uvicorn.Config(
        platforms(state_folder, processing_seconds),
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
