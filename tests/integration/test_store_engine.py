"""The engine: isolation, locks between processes, reading without locks, and errors that say what to do."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import URL, Engine, text
from sqlalchemy.exc import DBAPIError

from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import ActionRequired, RetryLater, VrijgaveError
from vrijgave.settings import Settings
from vrijgave.store import UnitOfWork, database_url, engine, make_engine, sqlite_url

UowFactory = Callable[[], UnitOfWork]
NewRelease = Callable[..., Release]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLAIMS = 12
WORKER = f"""
import sys
from datetime import UTC, datetime
from vrijgave.domain.releases import FlowName, State
from vrijgave.errors import Rejected
from vrijgave.store import UnitOfWork, make_engine

engine, now = make_engine(sys.argv[1]), datetime.now(UTC)

def read_then_write(write):
    with UnitOfWork(engine) as uow:
        write(uow, uow.releases.get(sys.argv[2]))
        uow.commit()

try:
    for turn in range({CLAIMS}):
        read_then_write(lambda uow, seen: uow.releases.claim(seen.id, 1, FlowName.PREPARE, seen.attempt, now))
    read_then_write(lambda uow, seen: uow.releases.move(seen, State.IN_REVIEW, at=now, actor="flow", reason=""))
    print("won")
except Rejected:
    print("lost")
"""


def test_the_embedded_database_lies_in_home(tmp_path: Path) -> None:
    url = database_url(Settings(home=tmp_path))
    assert url == sqlite_url(tmp_path / "vrijgave.db")


def test_a_wrong_address_is_explained_without_showing_it() -> None:
    with pytest.raises(ActionRequired) as error:
        database_url(Settings(database_url=SecretStr("nonsense s3cret")))
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("url", ["mysql://u:s3cret@host/x", "postgresql://u:s3cret@h:port/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ActionRequired) as error:
        make_engine(url)
    assert "s3cret" not in str(error.value)


def test_a_server_that_does_not_answer_is_for_later(tmp_path: Path) -> None:
    unreachable = make_engine(f"postgresql://nobody@/x?host={tmp_path}")
    with pytest.raises(RetryLater), UnitOfWork(unreachable):
        pass


def test_a_database_file_that_cannot_be_made_is_for_the_administrator(tmp_path: Path) -> None:
    folder = tmp_path / "is-a-folder.db"
    folder.mkdir()
    with pytest.raises(ActionRequired), UnitOfWork(make_engine(sqlite_url(folder))):
        pass


def test_sqlite_is_set_up_for_durable_concurrent_use(sqlite_database: URL) -> None:
    made = make_engine(sqlite_database)
    with made.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout", "recursive_triggers")
        }
    made.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": engine.LOCK_SECONDS * 1000,
        "recursive_triggers": 1,
    }


def test_values_stay_out_of_errors(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(text("SELECT no_such_column, :secret FROM release"), {"secret": "s3cret"})
    assert "s3cret" not in str(error.value)


def test_reading_does_not_wait_for_a_writer(engine: Engine, new_release: NewRelease) -> None:
    release = new_release()
    with UnitOfWork(engine) as writer:
        writer.releases.add(release)
        with UnitOfWork(engine, read_only=True) as reader:
            assert reader.releases.list() == []
            writer.commit()
            assert reader.releases.list() == []
    with UnitOfWork(engine, read_only=True) as reader:
        assert reader.releases.list() == [release]


def test_reading_only_refuses_to_write(engine: Engine, new_release: NewRelease) -> None:
    with UnitOfWork(engine, read_only=True) as reader, pytest.raises((DBAPIError, VrijgaveError)):
        reader.releases.add(new_release())
    with UnitOfWork(engine) as writer:
        writer.releases.add(new_release())
        writer.commit()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_lock_that_is_held_too_long_is_for_later(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, new_release: NewRelease
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS", 1)
    made = make_engine(request.getfixturevalue(f"{kind}_database"))
    with UnitOfWork(made) as uow:
        release = uow.releases.add(new_release())
        uow.commit()
    with UnitOfWork(made) as first, UnitOfWork(made) as second:
        first.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
        with pytest.raises(RetryLater):
            second.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
    made.dispose()


def test_a_dead_lock_is_for_later(postgres_database: URL, new_release: NewRelease) -> None:
    made = make_engine(postgres_database)
    with UnitOfWork(made) as uow:
        one, two = uow.releases.add(new_release()), uow.releases.add(new_release())
        uow.commit()
    gate = threading.Barrier(2)
    outcomes: list[type[BaseException] | None] = []

    def cross(first: Release, second: Release) -> None:
        try:
            with UnitOfWork(made) as uow:
                uow.releases.claim(first.id, 1, FlowName.PREPARE, 1, T0)
                gate.wait()
                uow.releases.claim(second.id, 1, FlowName.PREPARE, 1, T0)
                uow.commit()
            outcomes.append(None)
        except VrijgaveError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=cross, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.dispose()
    assert sorted(outcomes, key=str) == sorted([None, RetryLater], key=str)


def test_processes_share_one_database(database_url: URL, uow_factory: UowFactory, new_release: NewRelease) -> None:
    with uow_factory() as uow:
        release = uow.releases.add(new_release(state=State.ANALYSING, attempt=1))
        uow.commit()
    address = database_url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WORKER, address, release.id]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [worker.communicate(timeout=120) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], answers
    assert sorted(out.strip() for out, _errors in answers) == ["lost", "won"]
    with uow_factory() as uow:
        assert uow.releases.get(release.id).state is State.IN_REVIEW
        assert len(uow.releases.transitions(release.id)) == 2
