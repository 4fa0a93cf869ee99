"""The outbox: messages wait for the dispatcher, and the reconciler sees which runs still owe their work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL

from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Conflict
from vrijgave.store import UnitOfWork, make_engine

UowFactory = Callable[[], UnitOfWork]
NewRelease = Callable[..., Release]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = T0 + timedelta(minutes=5)


@pytest.fixture
def waiting(uow_factory: UowFactory, new_release: NewRelease) -> Release:
    """A release whose first flow was asked for."""
    with uow_factory() as uow:
        release = uow.releases.add(new_release(created_at=T0), start=FlowName.PREPARE)
        uow.commit()
    return release


def dispatch(uow_factory: UowFactory, at: datetime = T0) -> None:
    with uow_factory() as uow:
        for message in uow.outbox.pending():
            uow.outbox.mark_dispatched(message.id, f"run-{message.attempt}", at)
        uow.commit()


def test_pending_is_in_order_and_limited(uow_factory: UowFactory, new_release: NewRelease) -> None:
    with uow_factory() as uow:
        releases = [uow.releases.add(new_release(), start=FlowName.PREPARE) for _ in range(3)]
        uow.commit()
    with uow_factory() as uow:
        assert [m.release_id for m in uow.outbox.pending(2)] == [r.id for r in releases[:2]]


def test_a_dispatched_message_is_not_pending_and_keeps_its_run(uow_factory: UowFactory, waiting: Release) -> None:
    dispatch(uow_factory, LATER)
    with uow_factory() as uow:
        assert uow.outbox.pending() == []
        (run,) = uow.outbox.open_dispatched()
    assert (run.message.release_id, run.message.flow_run_id, run.message.dispatched_at) == (waiting.id, "run-1", LATER)
    assert (run.heartbeat_at, run.last_sign, run.tries) == (None, LATER, 1)


def test_a_message_is_dispatched_once(uow_factory: UowFactory, waiting: Release) -> None:
    with uow_factory() as uow:
        (message,) = uow.outbox.pending()
    dispatch(uow_factory)
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.outbox.mark_dispatched(message.id, "another", LATER)


def test_a_heartbeat_is_the_last_sign(uow_factory: UowFactory, waiting: Release) -> None:
    dispatch(uow_factory)
    with uow_factory() as uow:
        uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 1, T0)
        uow.releases.beat(waiting.id, 1, LATER)
        uow.commit()
    with uow_factory() as uow:
        (run,) = uow.outbox.open_dispatched()
    assert run.last_sign == run.heartbeat_at == LATER


def test_finished_work_is_not_open(uow_factory: UowFactory, waiting: Release) -> None:
    dispatch(uow_factory)
    with uow_factory() as uow:
        claimed = uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 1, T0)
        analysing = uow.releases.move(claimed, State.ANALYSING, at=T0, actor="flow", reason="")
        assert len(uow.outbox.open_dispatched()) == 1
        uow.releases.move(analysing, State.IN_REVIEW, at=T0, actor="flow", reason="")
        assert uow.outbox.open_dispatched() == []


def test_work_of_an_earlier_revision_is_not_open(uow_factory: UowFactory, new_release: NewRelease) -> None:
    with uow_factory() as uow:
        release = uow.releases.add(new_release(state=State.IN_REVIEW))
        release = uow.releases.move(release, State.RENDERING, at=T0, actor="b", reason="", start=FlowName.RENDER)
        uow.commit()
    dispatch(uow_factory)
    with uow_factory() as uow:
        for to in (State.CHANGES_REQUESTED, State.IN_REVIEW):
            release = uow.releases.move(release, to, at=T0, actor="b", reason="")
        release = uow.releases.move(release, State.RENDERING, at=T0, actor="b", reason="", start=FlowName.RENDER)
        assert uow.outbox.open_dispatched() == []
        (message,) = uow.outbox.pending()
    assert (message.revision, message.attempt) == (2, 1)


def test_a_requeued_run_replaces_the_dead_one(uow_factory: UowFactory, waiting: Release) -> None:
    dispatch(uow_factory)
    with uow_factory() as uow:
        dead = uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 1, T0)
        uow.commit()
    with uow_factory() as uow:
        assert uow.releases.requeue(dead, FlowName.PREPARE, LATER) == 2
        uow.commit()
    with uow_factory() as uow:
        assert uow.outbox.open_dispatched() == []
    dispatch(uow_factory, LATER)
    with uow_factory() as uow:
        (run,) = uow.outbox.open_dispatched()
        assert (run.message.attempt, run.tries, run.last_sign) == (2, 2, LATER)
        uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 2, LATER)
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.move(dead, State.ANALYSING, at=LATER, actor="flow", reason="")


def test_a_run_that_was_thought_dead_may_still_end_first(uow_factory: UowFactory, waiting: Release) -> None:
    with uow_factory() as uow:
        slow = uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 1, T0)
        uow.releases.requeue(slow, FlowName.PREPARE, LATER)
        analysing = uow.releases.move(slow, State.ANALYSING, at=LATER, actor="flow", reason="")
        uow.releases.move(analysing, State.IN_REVIEW, at=LATER, actor="flow", reason="")
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 2, LATER)


def test_tries_start_over_with_a_new_start_but_attempts_do_not(uow_factory: UowFactory, waiting: Release) -> None:
    with uow_factory() as uow:
        uow.releases.requeue(waiting, FlowName.PREPARE, T0)
        failed = uow.releases.move(waiting, State.FAILED, at=T0, actor="reconciler", reason="")
        uow.releases.move(failed, State.RECEIVED, at=T0, actor="anna", reason="", start=FlowName.PREPARE)
        uow.commit()
    dispatch(uow_factory)
    with uow_factory() as uow:
        (run,) = uow.outbox.open_dispatched()
    assert (run.message.attempt, run.tries) == (3, 1)


def test_a_changed_release_is_not_requeued(uow_factory: UowFactory, waiting: Release) -> None:
    with uow_factory() as uow:
        uow.releases.claim(waiting.id, 1, FlowName.PREPARE, 1, T0)
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.requeue(waiting, FlowName.PREPARE, LATER)


def test_two_dispatchers_get_different_messages(postgres_database: URL, new_release: NewRelease) -> None:
    engine = make_engine(postgres_database)
    with UnitOfWork(engine) as uow:
        for _ in range(4):
            uow.releases.add(new_release(), start=FlowName.PREPARE)
        uow.commit()
    with UnitOfWork(engine) as one, UnitOfWork(engine) as two:
        first = {m.id for m in one.outbox.pending(2)}
        second = {m.id for m in two.outbox.pending(10)}
    engine.dispose()
    assert (len(first), len(second)) == (2, 2)
    assert not first & second
