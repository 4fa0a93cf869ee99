"""Browsers, a clock and the real application's context, for all tests of the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import URL

from vrijgave.domain.limits import Violation
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform
from vrijgave.i18n import Language
from vrijgave.machine import limits
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import Bundle
from vrijgave.publishing.registry import PUBLISHERS
from vrijgave.services.context import Context
from vrijgave.settings import Settings
from vrijgave.store import UnitOfWork, make_engine
from vrijgave.store.blobs import BlobStore
from vrijgave.web import cookies

HOST = "testserver.local"
"""Under which the client keeps the cookies of the application."""
PASSWORD = "een lange zin als wachtwoord"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


class Browser(TestClient):
    """A client that knows the secret that the forms of its pages carry."""

    account: Account

    @property
    def csrf(self) -> str:
        name = cookies.SESSION if cookies.SESSION in self.cookies else cookies.BROWSER
        return cookies.csrf_token(self.cookies[name])

    def submit(self, path: str, **fields: object) -> Response:
        """Post a form of ours."""
        return self.post(path, data={"csrf": self.csrf, **fields})


class Unreached:
    """A platform of which only the limits are known."""

    stages = True

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        return violations(self.platform, bundle)


def make_context(url: URL, home: Path, clock: Callable[[], datetime], **changes: object) -> Context:
    """The application's context on ``url``; nothing here looks at footage."""
    settings = Settings(home=home, **{"language": Language.ENGLISH, **changes})  # type: ignore[arg-type]
    engine = make_engine(url)
    unused: Callable[..., object] = lambda *_arguments: pytest.fail("not for the pages")  # noqa: E731
    return Context(
        settings=settings,
        unit_of_work=partial(UnitOfWork, engine),
        reading=partial(UnitOfWork, engine, read_only=True),
        blobs=BlobStore(str(home / "blobs")),
        limits=limits(settings),
        now=clock,
        detectors=unused,  # type: ignore[arg-type]
        described=unused,  # type: ignore[arg-type]
        workers=unused,  # type: ignore[arg-type]
        platforms=lambda: tuple(PUBLISHERS),
        publisher=Unreached,  # type: ignore[arg-type]
        signing_key=unused,  # type: ignore[arg-type]
    )
