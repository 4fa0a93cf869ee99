"""One temporary Prefect server, and a service of its own for each test, where flows run in the tests' own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from tasks import running
from vrijgave.bootstrap import build
from vrijgave.services.context import Context
from vrijgave.settings import Settings


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=90):
        yield


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A service with an empty home, and flows that find it."""
    monkeypatch.setenv("VRIJGAVE_HOME", str(tmp_path / "home"))
    running.application.cache_clear()
    yield build(Settings())
    running.application.cache_clear()
