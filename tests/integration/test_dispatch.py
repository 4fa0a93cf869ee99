"""Dispatcher and reconciler, on both databases; the workflow engine is a fake that keeps keys as Prefect does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Conflict, RetryLater
from vrijgave.services import stages
from vrijgave.services.context import Context
from vrijgave.services.dispatch import RunState, dispatch_pending, reconcile
from vrijgave.settings import Settings


@dataclass
class Engine:
    """Starts nothing; the same key finds the same run."""

    runs: dict[str, str] = field(default_factory=dict)
    states: dict[str, RunState] = field(default_factory=dict)
    down: bool = False

    def start(self, flow: FlowName, release_id: str, revision: int, attempt: int, key: str) -> str:
        if self.down:
            raise RetryLater("down")
        run = self.runs.setdefault(key, f"run-{len(self.runs) + 1}")
        self.states.setdefault(run, RunState.RUNNING)
        return run

    def abandon(self, run_id: str) -> None:
        self.states[run_id] = RunState.ENDED

    def state(self, run_id: str) -> RunState:
        return self.states.get(run_id, RunState.MISSING)


@pytest.fixture
def context(tmp_path: Path, database_url: URL) -> Context:
    return build(
        Settings(home=tmp_path, database_url=database_url.render_as_string(hide_password=False), max_attempts=2)
    )


@pytest.fixture
def release(context: Context, new_release: Callable[..., Release]) -> Release:
    with context.unit_of_work() as uow:
        added = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        uow.commit()
    return added


def _begin(context: Context, release: Release, attempt: int) -> None:
    with context.unit_of_work() as uow:
        stages.begin(uow, release.id, 1, FlowName.PREPARE, attempt, context.now())
        uow.commit()


def _now(context: Context, release: Release) -> Release:
    with context.reading() as uow:
        return uow.releases.get(release.id)


def test_a_message_is_dispatched_once(context: Context, release: Release) -> None:
    engine = Engine()
    assert dispatch_pending(context, engine) == 1
    assert dispatch_pending(context, engine) == 0
    assert list(engine.runs) == [f"{release.id}:1:prepare:1"]


def test_an_engine_that_is_down_loses_nothing(context: Context, release: Release) -> None:
    engine = Engine(down=True)
    with pytest.raises(RetryLater):
        dispatch_pending(context, engine)
    engine.down = False
    assert dispatch_pending(context, engine) == 1


def test_a_run_that_ended_without_its_work_is_started_again(context: Context, release: Release) -> None:
    engine = Engine()
    dispatch_pending(context, engine)
    engine.states["run-1"] = RunState.ENDED
    assert reconcile(context, engine) == 1
    dispatch_pending(context, engine)
    assert list(engine.runs) == [f"{release.id}:1:prepare:1", f"{release.id}:1:prepare:2"]


def test_a_living_run_is_left_alone(context: Context, release: Release) -> None:
    engine = Engine()
    dispatch_pending(context, engine)
    _begin(context, release, 1)
    assert reconcile(context, engine) == 0


def test_a_waiting_run_is_left_alone_however_long(context: Context, release: Release) -> None:
    engine = Engine()
    dispatch_pending(context, engine)
    engine.states["run-1"] = RunState.WAITING
    assert reconcile(_later(context), engine) == 0


def test_a_silent_run_is_overtaken_and_its_result_is_void(context: Context, release: Release) -> None:
    engine = Engine()
    dispatch_pending(context, engine)
    _begin(context, release, 1)
    assert reconcile(_later(context), engine) == 1
    assert engine.states["run-1"] is RunState.ENDED, "a dead run must not hold a place in the queue"
    dispatch_pending(context, engine)
    _begin(context, release, 2)
    with context.unit_of_work() as uow, pytest.raises(Conflict):
        uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, context.now())


def test_after_the_last_attempt_a_person_has_to_look_and_can_run_it_again(context: Context, release: Release) -> None:
    engine = Engine()
    for run in ("run-1", "run-2"):
        dispatch_pending(context, engine)
        engine.states[run] = RunState.ENDED
        assert reconcile(context, engine) == 1
    failed = _now(context, release)
    assert (failed.state, failed.failed_flow) == (State.FAILED, FlowName.PREPARE)
    assert "2" in (failed.message or "")
    with context.unit_of_work() as uow:
        stages.retry(uow, release.id, "bas", context.now())
        uow.commit()
    dispatch_pending(context, engine)
    assert list(engine.runs)[-1] == f"{release.id}:1:prepare:3"
    _begin(context, release, 3)
    assert _now(context, release).state is State.ANALYSING


def test_a_run_that_finished_meanwhile_is_not_repeated(context: Context, release: Release) -> None:
    engine = Engine()
    dispatch_pending(context, engine)
    _begin(context, release, 1)
    with context.unit_of_work() as uow:
        held = uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, context.now())
        uow.releases.move(held, State.IN_REVIEW, at=context.now(), actor="system", reason="klaar")
        uow.commit()
    engine.states["run-1"] = RunState.ENDED
    assert reconcile(context, engine) == 0


def _later(context: Context) -> Context:
    """The same service five minutes on."""
    return replace(context, now=lambda: context.now() + timedelta(minutes=5))
