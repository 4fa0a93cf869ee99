"""The audit chain in the database: whole under concurrent writers, and broken visibly by any tampering."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from vrijgave.domain.audit import GENESIS, AuditAction, AuditEntry, seal
from vrijgave.errors import Conflict
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


def append(uow: UnitOfWork, number: int) -> AuditEntry:
    return uow.audit.append(
        "anna", AuditAction.CONSULTED, f"release:{number}", "«waarom»", T0 + timedelta(seconds=number)
    )


@pytest.fixture
def chain(uow_factory: UowFactory) -> list[AuditEntry]:
    """Five entries."""
    with uow_factory() as uow:
        entries = [append(uow, number) for number in range(5)]
        uow.commit()
    return entries


def tamper(engine: Engine, *statements: str, **values: object) -> None:
    """What somebody could do who owns the database: switch the guards off and change rows."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER audit_no_update"))
            connection.execute(text("DROP TRIGGER audit_no_delete"))
        for statement in statements:
            connection.execute(text(statement), values)


def test_an_empty_chain_is_whole(uow_factory: UowFactory) -> None:
    with uow_factory() as uow:
        assert uow.audit.verify() is None
        assert uow.audit.last_hash() == GENESIS
        assert list(uow.audit.entries()) == []


def test_entries_come_back_equal_and_whole(uow_factory: UowFactory, chain: list[AuditEntry]) -> None:
    with uow_factory() as uow:
        assert list(uow.audit.entries()) == chain
        assert uow.audit.verify() is None
        assert uow.audit.last_hash() == chain[-1].hash


def test_the_chain_goes_on_over_transactions(uow_factory: UowFactory, chain: list[AuditEntry]) -> None:
    with uow_factory() as uow:
        entry = append(uow, 9)
        uow.commit()
    assert (entry.number, entry.previous) == (6, chain[-1].hash)


def test_an_entry_that_was_not_committed_leaves_no_gap(uow_factory: UowFactory, chain: list[AuditEntry]) -> None:
    with uow_factory() as uow:
        append(uow, 9)
    with uow_factory() as uow:
        assert append(uow, 10).number == len(chain) + 1
        assert uow.audit.verify() is None


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE audit SET reason = 'another' WHERE number = 3"], 3),
        (["UPDATE audit SET actor = 'bo' WHERE number = 5"], 5),
        (["UPDATE audit SET at = (SELECT at FROM audit WHERE number = 2) WHERE number = 1"], 1),
        (["DELETE FROM audit WHERE number = 2"], 2),
        (["DELETE FROM audit WHERE number = 1"], 1),
        (["DELETE FROM audit WHERE number >= 4"], 4),
        (["DELETE FROM audit"], 1),
        (["DELETE FROM audit WHERE number = 2", "UPDATE audit SET number = number - 1 WHERE number = 3"], 2),
        (
            [
                "UPDATE audit SET number = 6 WHERE number = 5",
                "INSERT INTO audit SELECT 5, at, actor, action, subject, reason, 'p', 'h' FROM audit WHERE number = 4",
            ],
            5,
        ),
    ],
    ids=[
        "altered",
        "altered last",
        "altered time",
        "removed",
        "removed first",
        "cut off",
        "emptied",
        "closed up",
        "inserted",
    ],
)
def test_tampering_is_found(
    engine: Engine, uow_factory: UowFactory, chain: list[AuditEntry], statements: list[str], broken: int
) -> None:
    tamper(engine, *statements)
    with uow_factory() as uow:
        assert uow.audit.verify() == broken


def test_an_entry_slipped_in_at_the_end_is_found(
    engine: Engine, uow_factory: UowFactory, chain: list[AuditEntry]
) -> None:
    extra = seal(
        number=6,
        at=chain[0].at,
        actor="x",
        action=AuditAction.DISCLOSED,
        subject="s",
        reason="",
        previous=chain[-1].hash,
    )
    tamper(
        engine,
        "INSERT INTO audit SELECT 6, at, 'x', 'disclosed', 's', '', :previous, :hash FROM audit WHERE number = 1",
        previous=extra.previous,
        hash=extra.hash,
    )
    with uow_factory() as uow:
        assert uow.audit.verify() == 6


def test_a_fork_is_refused_by_the_database(engine: Engine, chain: list[AuditEntry]) -> None:
    fork = "INSERT INTO audit SELECT 6, at, actor, action, subject, reason, previous, 'h' FROM audit WHERE number = 5"
    with engine.connect() as connection, pytest.raises(Conflict):
        connection.execute(text(fork))


def test_writers_at_once_make_one_whole_chain(uow_factory: UowFactory) -> None:
    writers, each = 6, 8
    gate = Barrier(writers)

    def write(writer: int) -> None:
        gate.wait()
        for number in range(each):
            with uow_factory() as uow:
                append(uow, writer * each + number)
                uow.commit()

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))
    with uow_factory() as uow:
        assert uow.audit.verify() is None
        entries = list(uow.audit.entries())
    assert [entry.number for entry in entries] == list(range(1, writers * each + 1))
    assert len({entry.subject for entry in entries}) == writers * each
