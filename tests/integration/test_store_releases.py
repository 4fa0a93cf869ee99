"""Releases: moves are compare-and-swap, leave a transition, and start flows through the outbox."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest

from vrijgave.domain.cases import Case
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
NewRelease = Callable[..., Release]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def add(uow_factory: UowFactory, release: Release, start: FlowName | None = None) -> Release:
    with uow_factory() as uow:
        stored = uow.releases.add(release, start=start)
        uow.commit()
    return stored


def test_what_was_added_comes_back_equal(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = new_release(targets=(Platform.PRESS_KIT,), reviewer="bo", message="let op: «ü»")
    add(uow_factory, release)
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == release


def test_times_come_back_in_utc(
    uow_factory: UowFactory, new_release: NewRelease, new_case: Callable[..., Case]
) -> None:
    amsterdam = timezone(timedelta(hours=2))
    moment = datetime(2026, 7, 1, 0, 30, 0, 654321, tzinfo=amsterdam)
    release = new_release(case=new_case(reported_at=moment), created_at=moment)
    add(uow_factory, release)
    with uow_factory() as uow:
        found = uow.releases.get(release.id)
    assert found.created_at == moment
    assert found.created_at.tzinfo is UTC
    assert found.case.reported_at == moment


def test_a_moment_without_zone_is_refused(uow_factory: UowFactory, new_release: NewRelease) -> None:
    with uow_factory() as uow, pytest.raises(Exception, match="time zone"):
        uow.releases.add(new_release(created_at=datetime(2026, 1, 1)))


def test_an_unknown_release_is_not_found(uow_factory: UowFactory) -> None:
    with uow_factory() as uow, pytest.raises(NotFound):
        uow.releases.get("0" * 32)


def test_an_id_cannot_be_used_twice(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release())
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.add(release)


def test_adding_writes_the_first_transition_and_the_outbox(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(), start=FlowName.PREPARE)
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == release
        (first,) = uow.releases.transitions(release.id)
        (message,) = uow.outbox.pending()
    assert (first.from_state, first.to_state, first.actor) == (None, State.RECEIVED, "anna")
    assert (message.flow, message.attempt, release.attempt) == (FlowName.PREPARE, 1, 1)


def test_list_is_by_age_and_by_state(uow_factory: UowFactory, new_release: NewRelease) -> None:
    young = add(uow_factory, new_release(created_at=T0, state=State.PUBLISHED))
    old = add(uow_factory, new_release(created_at=T0 - timedelta(days=1)))
    with uow_factory() as uow:
        assert uow.releases.list() == [old, young]
        assert uow.releases.list({State.PUBLISHED}) == [young]
        assert uow.releases.list(set()) == []


def test_a_move_is_kept_with_its_reason(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.IN_REVIEW))
    with uow_factory() as uow:
        moved = uow.releases.move(
            release, State.RENDERING, at=T0, actor="bo", reason="ready", start=FlowName.RENDER, reviewer="bo"
        )
        uow.commit()
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == moved
        last = uow.releases.transitions(release.id)[-1]
        (message,) = uow.outbox.pending()
    assert (moved.state, moved.reviewer, moved.version, moved.attempt) == (State.RENDERING, "bo", 2, 1)
    assert (last.from_state, last.to_state, last.at, last.actor, last.reason) == (
        State.IN_REVIEW,
        State.RENDERING,
        T0,
        "bo",
        "ready",
    )
    assert message.idempotency_key == f"{release.id}:1:render:1"


def test_without_commit_neither_state_nor_transition_nor_message_stays(
    uow_factory: UowFactory, new_release: NewRelease
) -> None:
    release = add(uow_factory, new_release(state=State.IN_REVIEW))
    with uow_factory() as uow:
        uow.releases.move(release, State.RENDERING, at=T0, actor="bo", reason="", start=FlowName.RENDER)
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == release
        assert len(uow.releases.transitions(release.id)) == 1
        assert uow.outbox.pending() == []


def test_an_error_undoes_what_came_before(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = new_release()

    def fail_halfway() -> None:
        with uow_factory() as uow:
            uow.releases.add(release)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with uow_factory() as uow:
        assert uow.releases.list() == []


def test_a_move_that_the_domain_refuses_changes_nothing(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release())
    with uow_factory() as uow, pytest.raises(Rejected):
        uow.releases.move(release, State.PUBLISHED, at=T0, actor="bo", reason="")
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == release


def test_a_flow_starts_only_in_its_own_state(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.IN_REVIEW))
    with uow_factory() as uow, pytest.raises(ValueError, match="does not start"):
        uow.releases.move(release, State.RENDERING, at=T0, actor="bo", reason="", start=FlowName.PUBLISH)


def test_a_stale_release_cannot_be_moved(uow_factory: UowFactory, new_release: NewRelease) -> None:
    stale = add(uow_factory, new_release())
    with uow_factory() as uow:
        uow.releases.claim(stale.id, 1, FlowName.PREPARE, 1, T0)
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.move(stale, State.ANALYSING, at=T0, actor="flow", reason="")


def test_a_new_revision_starts_without_reviewer(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.RENDERING, reviewer="bo"))
    with uow_factory() as uow:
        back = uow.releases.move(
            release, State.CHANGES_REQUESTED, at=T0, actor="cas", reason="leak", message="A face shows."
        )
        again = uow.releases.move(back, State.IN_REVIEW, at=T0, actor="bo", reason="", revision=2)
    assert (back.revision, back.reviewer, back.message) == (1, "bo", "A face shows.")
    assert (again.revision, again.reviewer, again.message) == (2, None, None)


def test_a_revision_cannot_be_made_up(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.IN_REVIEW))
    with uow_factory() as uow, pytest.raises(ValueError, match="revision"):
        uow.releases.move(release, State.RENDERING, at=T0, actor="bo", reason="", revision=5)


def test_failing_remembers_the_flow_and_running_again_uses_a_new_key(
    uow_factory: UowFactory, new_release: NewRelease
) -> None:
    release = add(uow_factory, new_release(), start=FlowName.PREPARE)
    with uow_factory() as uow:
        claimed = uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
        failed = uow.releases.move(claimed, State.FAILED, at=T0, actor="flow", reason="", message="Send another file.")
        again = uow.releases.move(failed, State.RECEIVED, at=T0, actor="anna", reason="", start=FlowName.PREPARE)
        uow.commit()
    assert (failed.failed_flow, failed.message) == (FlowName.PREPARE, "Send another file.")
    assert (again.failed_flow, again.message, again.attempt) == (None, None, 2)
    with uow_factory() as uow:
        assert [m.attempt for m in uow.outbox.pending()] == [1, 2]
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
    with uow_factory() as uow:
        assert uow.releases.claim(release.id, 1, FlowName.PREPARE, 2, T0).attempt == 2


def test_a_claim_takes_over_attempt_and_version(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(), start=FlowName.PREPARE)
    with uow_factory() as uow:
        claimed = uow.releases.claim(release.id, 1, FlowName.PREPARE, 3, T0)
        assert uow.releases.get(release.id) == claimed
    assert (claimed.attempt, claimed.version) == (3, release.version + 1)


@pytest.mark.parametrize(
    ("revision", "flow", "attempt"),
    [(2, FlowName.PREPARE, 2), (1, FlowName.RENDER, 2), (1, FlowName.PREPARE, 1)],
    ids=["other revision", "other flow", "overtaken"],
)
def test_a_claim_that_is_no_longer_wanted_is_refused(
    uow_factory: UowFactory, new_release: NewRelease, revision: int, flow: FlowName, attempt: int
) -> None:
    release = add(uow_factory, new_release(attempt=2))
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.claim(release.id, revision, flow, attempt, T0)


def test_the_later_run_wins_at_the_end(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.ANALYSING), start=None)
    with uow_factory() as uow:
        first = uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
        second = uow.releases.claim(release.id, 1, FlowName.PREPARE, 2, T0)
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.move(first, State.IN_REVIEW, at=T0, actor="flow", reason="")
    with uow_factory() as uow:
        assert uow.releases.move(second, State.IN_REVIEW, at=T0, actor="flow", reason="").state is State.IN_REVIEW


def test_a_heartbeat_leaves_the_claim_valid(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.ANALYSING))
    with uow_factory() as uow:
        claimed = uow.releases.claim(release.id, 1, FlowName.PREPARE, 1, T0)
        uow.commit()
    with uow_factory() as uow:
        uow.releases.beat(release.id, 1, T0 + timedelta(seconds=30))
        uow.commit()
    with uow_factory() as uow:
        assert uow.releases.get(release.id) == claimed
        uow.releases.move(claimed, State.IN_REVIEW, at=T0, actor="flow", reason="")


def test_an_overtaken_or_finished_run_hears_it_at_its_heartbeat(
    uow_factory: UowFactory, new_release: NewRelease
) -> None:
    release = add(uow_factory, new_release(attempt=2))
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.beat(release.id, 1, T0)
    with uow_factory() as uow:
        uow.releases.beat(release.id, 2, T0)
        uow.releases.move(release, State.WITHDRAWN, at=T0, actor="anna", reason="")
        uow.commit()
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.releases.beat(release.id, 2, T0)


def test_of_many_moves_at_once_exactly_one_wins(uow_factory: UowFactory, new_release: NewRelease) -> None:
    release = add(uow_factory, new_release(state=State.IN_REVIEW))
    people = 6
    gate = Barrier(people)

    def move(number: int) -> bool:
        gate.wait()
        try:
            with uow_factory() as uow:
                uow.releases.move(release, State.RENDERING, at=T0, actor=f"p{number}", reason="", start=FlowName.RENDER)
                uow.commit()
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(people) as pool:
        won = list(pool.map(move, range(people)))
    with uow_factory() as uow:
        assert won.count(True) == 1
        assert len(uow.releases.transitions(release.id)) == 2
        assert len(uow.outbox.pending()) == 1
        assert uow.releases.transitions(release.id)[-1].actor == f"p{won.index(True)}"


def test_reading_first_and_writing_later_never_loses_a_write(uow_factory: UowFactory, new_release: NewRelease) -> None:
    """The pattern that dead-locks an SQLite transaction that begins as a reader."""
    release = add(uow_factory, new_release(state=State.ANALYSING, attempt=1))
    workers = 4
    gate = Barrier(workers)

    def work(_number: int) -> int:
        gate.wait()
        done = 0
        for _turn in range(5):
            with uow_factory() as uow:
                seen = uow.releases.get(release.id)
                uow.releases.claim(release.id, seen.revision, FlowName.PREPARE, seen.attempt, T0)
                uow.commit()
                done += 1
        return done

    with ThreadPoolExecutor(workers) as pool:
        assert sum(pool.map(work, range(workers))) == workers * 5
    with uow_factory() as uow:
        assert uow.releases.get(release.id).version == release.version + workers * 5
