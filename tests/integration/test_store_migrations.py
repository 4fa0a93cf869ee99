"""The migrations make the tables that the program uses, on both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, inspect, text

from vrijgave.domain.assets import Asset
from vrijgave.domain.audit import AuditEntry
from vrijgave.domain.cases import Case, Permission
from vrijgave.domain.clock import Stamp
from vrijgave.domain.publications import Evidence, Publication
from vrijgave.domain.releases import Approval, OutboxMessage, Release, Transition
from vrijgave.domain.tracks import Decision
from vrijgave.errors import ActionRequired
from vrijgave.store import make_engine, sqlite_url, tables
from vrijgave.store.migrations import check, differences, upgrade


def test_nothing_differs_after_the_migrations(engine: Engine) -> None:
    assert differences(engine) == []


def test_a_missing_column_is_a_difference(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE release DROP COLUMN team"))
    assert any("team" in found for found in differences(engine))


def test_check_needs_no_database_of_its_own() -> None:
    assert check() == []


def test_upgrade_can_be_repeated(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_head")) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_processes_may_upgrade_at_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "fresh.db") if kind == "sqlite" else _empty(request.getfixturevalue("postgres_server"))
    engines = [make_engine(url) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, engines))
    assert "release" in inspect(engines[0]).get_table_names()
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ActionRequired):
        upgrade(engine)


def test_a_database_without_tables_says_what_to_run(tmp_path: Path) -> None:
    engine = make_engine(sqlite_url(tmp_path / "empty.db"))
    with engine.connect() as connection, pytest.raises(ActionRequired, match="migrations upgrade"):
        connection.execute(text("SELECT * FROM release"))
    engine.dispose()


@pytest.mark.parametrize(
    ("kind", "table", "elsewhere"),
    [
        (Case, tables.release, set()),
        (Release, tables.release, {"case"}),
        (Transition, tables.transition, set()),
        (OutboxMessage, tables.outbox, set()),
        (Asset, tables.asset, set()),
        (Decision, tables.decision, set()),
        (Stamp, tables.stamp, set()),
        (Permission, tables.permission, set()),
        (Approval, tables.approval, set()),
        (Publication, tables.publication, set()),
        (Evidence, tables.evidence, set()),
        (AuditEntry, tables.audit, set()),
    ],
)
def test_every_field_has_its_column(kind: type, table: object, elsewhere: set[str]) -> None:
    names = {field.name for field in fields(kind)} - elsewhere
    assert names <= {column.name for column in table.columns}  # type: ignore[attr-defined]


def test_the_command_upgrades_a_database(tmp_path: Path) -> None:
    path = tmp_path / "new" / "command.db"
    done = _command("upgrade", f"sqlite:///{path}")
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]
    connection.close()


def test_the_command_explains_a_wrong_address() -> None:
    done = _command("upgrade", "not an address with s3cret")
    assert done.returncode == ActionRequired.exit_code
    assert "s3cret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vrijgave.store.migrations", *arguments], capture_output=True, text=True, check=False
    )


def _empty(server: URL) -> URL:
    maintenance = create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS upgrade_twice"))
        connection.execute(text("CREATE DATABASE upgrade_twice TEMPLATE template0"))
    maintenance.dispose()
    return server.set(database="upgrade_twice")
