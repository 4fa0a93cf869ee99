"""The migrations make the tables that the program uses, on both databases."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, insert, inspect, text

from vrijgave.domain.assets import Asset
from vrijgave.domain.audit import AuditEntry
from vrijgave.domain.cases import Case, Permission, PermissionRequest
from vrijgave.domain.clock import Stamp
from vrijgave.domain.edits import Edit, Hide, SetSound, SetStyle, Show
from vrijgave.domain.hand_in import HandIn
from vrijgave.domain.notes import Note, NoteEntry
from vrijgave.domain.publications import Evidence, Publication
from vrijgave.domain.regions import RegionRequest
from vrijgave.domain.releases import Approval, OutboxMessage, Release, Transition
from vrijgave.domain.spans import Sound, SoundSpan
from vrijgave.domain.texts import TextEdit
from vrijgave.domain.tracks import CoverStyle
from vrijgave.errors import ActionRequired
from vrijgave.store import UnitOfWork, hand_in_tables, make_engine, sqlite_url, tables
from vrijgave.store.migrations import check, differences, upgrade
from vrijgave.store.records import values


def test_nothing_differs_after_the_migrations(engine: Engine) -> None:
    assert differences(engine) == []


def test_a_missing_column_is_a_difference(own_database: URL) -> None:
    engine = make_engine(own_database)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE release DROP COLUMN team"))
    found = differences(engine)
    engine.dispose()
    assert any("team" in difference for difference in found)


def test_check_needs_no_database_of_its_own() -> None:
    assert check() == []


def test_upgrade_can_be_repeated(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_head")) == 1


def test_two_processes_may_upgrade_at_once(own_database: URL) -> None:
    engines = [make_engine(own_database) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(upgrade, engines))
    assert "release" in inspect(engines[0]).get_table_names()
    for engine in engines:
        engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(own_database: URL) -> None:
    engine = make_engine(own_database)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ActionRequired):
        upgrade(engine)
    engine.dispose()


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
        (Edit, tables.edit, set()),
        (Note, tables.note, {"entries"}),
        (NoteEntry, tables.note_entry, set()),
        (RegionRequest, tables.region, set()),
        (TextEdit, tables.text_edit, set()),
        (Stamp, tables.stamp, set()),
        (Permission, tables.permission, set()),
        (PermissionRequest, hand_in_tables.permission_request, set()),
        (HandIn, hand_in_tables.hand_in, set()),
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
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0020",)]
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


@pytest.fixture(params=["sqlite", "postgres"])
def own_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """A database without tables, for tests that change the schema."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "own.db")
        return
    maintenance = create_engine(request.getfixturevalue("postgres_server"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text("CREATE DATABASE own TEMPLATE template0"))
        yield maintenance.url.set(database="own")
        connection.execute(text("DROP DATABASE own WITH (FORCE)"))
    maintenance.dispose()


def test_decisions_of_before_become_the_first_edits(own_database: URL, new_release: Callable[..., Release]) -> None:
    """A database of the version before keeps what was decided in it."""
    engine = make_engine(own_database)
    upgrade(engine, "0004")
    fresh = new_release()
    columns = {column["name"] for column in inspect(engine).get_columns("release")}
    row = {name: value for name, value in (values(fresh) | values(fresh.case)).items() if name in columns}
    with engine.begin() as connection:
        connection.execute(insert(tables.release).values(**row))
    common = {"release_id": fresh.id, "revision": 1, "actor": "bo", "reason": "because"}
    with engine.begin() as connection:
        for minute, table, row in (
            (1, "decision", {"track_id": 7, "action": "show", "anchor": 12}),
            (3, "decision", {"track_id": 7, "action": "cover", "anchor": None}),
            (2, "sound_choice", {"sound": "keep"}),
            (4, "style_choice", {"style": "mosaic"}),
        ):
            given = common | row | {"at": f"2026-03-02 09:0{minute}:00+00"}
            names = ", ".join(given)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES (:{', :'.join(given)})"), given)  # noqa: S608
    upgrade(engine)
    with UnitOfWork(engine) as uow:
        log = uow.edits.log(fresh.id)
    engine.dispose()
    whole = SoundSpan(sound=Sound.KEEP)
    assert [edit.change for edit in log.edits] == [
        Show(track=7, anchor=12), SetSound(span=whole), Hide(track=7), SetStyle(style=CoverStyle.MOSAIC),
    ]  # fmt: skip
    assert [edit.number for edit in log.edits] == [1, 2, 3, 4]


def test_lead_times_of_before_are_due_for_their_columns(own_database: URL, new_release: Callable[..., Release]) -> None:
    """The views tell nothing wrong of releases that were there before them: they are behind until worked out."""
    engine = make_engine(own_database)
    upgrade(engine, "0012")
    old = new_release()
    columns = {column["name"] for column in inspect(engine).get_columns("release")}
    row = {name: value for name, value in (values(old) | values(old.case)).items() if name in columns}
    with engine.begin() as connection:
        connection.execute(insert(tables.release).values(**row))
        connection.execute(text("DELETE FROM clock_mark"))
    upgrade(engine)
    with engine.connect() as connection:
        told = connection.execute(text("SELECT release_id, behind, received_at FROM bi_release")).all()
    engine.dispose()
    assert [tuple(row) for row in told] == [(old.id, 1, None)]
