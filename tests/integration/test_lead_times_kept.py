"""Lead times as they are kept: worked out again when something is recorded, the same however they were made."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Engine, delete, select, update

from vrijgave.cli.output import Output
from vrijgave.cli.reports import lead_times_rebuild, lead_times_verify
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.releases import MOVES, Release, State
from vrijgave.errors import ActionRequired
from vrijgave.leadtime import Kind, lead_times
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.packing import MEASURES, seconds, unpack
from vrijgave.leadtime.view import Hours
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import rebuild, refresh, verify
from vrijgave.settings import Settings
from vrijgave.store import UnitOfWork
from vrijgave.store.clock_tables import lead_time
from vrijgave.store.plain_tables import plain_release, plain_stage

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
OFFICE = working_hours(Settings())


@pytest.fixture
def context(engine: Engine) -> Context:
    """What the service works with, on a fresh database of either kind."""
    made = SimpleNamespace(
        settings=Settings(),
        unit_of_work=lambda: UnitOfWork(engine),
        reading=lambda: UnitOfWork(engine, read_only=True),
        now=lambda: NOW,
    )
    return cast(Context, made)


@pytest.fixture
def history(uow_factory: UowFactory, new_release: Callable[..., Release]) -> Callable[[int, int], list[str]]:
    """Records so many releases with made-up clocks, by a seed."""

    def record(count: int, seed: int) -> list[str]:
        random = Random(seed)
        with uow_factory() as uow:
            ids = [_walk(uow, uow.releases.add(new_release()), random) for _ in range(count)]
            uow.commit()
        return ids

    return record


def _walk(uow: UnitOfWork, release: Release, random: Random) -> str:
    at = T0
    for _ in range(random.randint(0, 12)):
        at += timedelta(seconds=random.uniform(1, 90_000))
        _stamp(uow, release, at, random)
        if random.random() < 0.2:
            hold = uow.holds.begin(release.id, HoldReason.OTHER, "", at, actor="bas", recorded_at=at)
            if random.random() < 0.7:
                uow.holds.finish(hold, at + timedelta(hours=random.uniform(1, 60)), actor="bas", recorded_at=at)
        after = sorted(MOVES[release.state] - {State.FAILED}) or [release.state]
        to = random.choice(after)
        if to is not release.state:
            release = uow.releases.move(release, to, at=at, actor="bas", reason="")
    return release.id


def _stamp(uow: UnitOfWork, release: Release, at: datetime, random: Random) -> None:
    milestone = random.choice(list(Milestone))
    ours = random.choice(["youtube", "press_kit"]) if milestone in ("upload_started", "uploaded", "public") else None
    certainty = random.choice(list(Certainty))
    wide = timedelta(0) if certainty is Certainty.EXACT else timedelta(seconds=random.uniform(0, 9_000))
    uow.stamps.add(
        Stamp(
            release_id=release.id,
            milestone=milestone,
            earliest=at - wide,
            latest=at,
            certainty=certainty,
            source="person:bas",
            recorded_at=at,
            platform=ours,
            revision=release.revision,
        )
    )


def rows(engine: Engine) -> dict[tuple[str, str], bytes]:
    """(release, platform) -> figures."""
    with engine.connect() as connection:
        found = connection.execute(select(lead_time.c.release_id, lead_time.c.platform, lead_time.c.figures))
        return {(row.release_id, row.platform): row.figures for row in found}


def test_a_row_tells_the_lead_times_at_any_moment(
    context: Context, history: Callable[[int, int], list[str]], engine: Engine
) -> None:
    ids = history(60, 1)
    assert refresh(context) == 60
    stored, open_ones = rows(engine), 0
    with context.reading() as uow:
        for release in uow.releases.list():
            for now in (NOW, NOW + timedelta(days=200, seconds=7)):
                for hours in (None, OFFICE):
                    open_ones += _check(uow, release, stored, now, hours)
    assert len(ids) == 60
    assert open_ones > 20, "the made-up clocks have to leave something running"


def _check(
    uow: UnitOfWork, release: Release, stored: dict[tuple[str, str], bytes], now: datetime, hours: WorkingHours | None
) -> int:
    """Compare the rows of a release with its lead times, worked out at ``now``; returns how many of them are open."""
    truth = lead_times(
        release.id,
        uow.stamps.for_release(release.id),
        uow.releases.transitions(release.id),
        now=now,
        targets=[target.value for target in release.targets],
        holds=uow.holds.for_release(release.id),
        hours=hours,
    )
    asked: list[str | None] = [None, *(platform for id_, platform in stored if id_ == release.id and platform)]
    for platform in asked:
        row = unpack(stored[release.id, platform or ""], platform or "")
        for measure in MEASURES:
            time = truth.time(measure, platform)
            told = row.get(measure)
            if told is None:
                assert time is None or measure in unpack(stored[release.id, ""], "")
                continue
            assert time is not None
            assert (told.kind, told.rounds) == (time.duration.kind, time.rounds)
            length = tuple(bound // timedelta(seconds=1) for bound in (*time.duration.bounds, time.held))
            if time.duration.kind.measured:
                assert told.at(seconds(now, hours), Hours.OFFICE if hours else Hours.ELAPSED) == length
    return sum(time.duration.kind is Kind.OPEN for time in truth.times)


def test_only_what_was_touched_is_worked_out_again(
    context: Context, history: Callable[[int, int], list[str]], engine: Engine
) -> None:
    first, *_others = history(5, 2)
    refresh(context)
    assert refresh(context) == 0
    with context.reading() as uow:
        last = uow.lead_times.last()
    with context.unit_of_work() as uow:
        _stamp(uow, uow.releases.get(first), NOW, Random(9))
        uow.commit()
    assert refresh(context) == 1
    with context.reading() as uow:
        assert [row.release_id for some in uow.lead_times.whole_after(last, 2) for row in some] == [first]
        assert {row.release_id for some in uow.lead_times.own_after(last, 2) for row in some} <= {first}


def test_made_anew_they_are_the_same(
    context: Context, history: Callable[[int, int], list[str]], engine: Engine
) -> None:
    for seed in range(3):
        history(10, seed)
        refresh(context)
    step_by_step, heard = rows(engine), list[tuple[int, int]]()
    assert rebuild(context, lambda done, total: heard.append((done, total))) == 30
    assert rows(engine) == step_by_step
    assert heard[-1] == (30, 30)


def test_a_wrong_or_missing_row_is_found(
    context: Context, history: Callable[[int, int], list[str]], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(history(6, 4))
    refresh(context)
    assert verify(context) == (6, [])
    with engine.begin() as connection:
        connection.execute(update(lead_time).where(lead_time.c.release_id == ids[1]).values(figures=b"1"))
        connection.execute(delete(lead_time).where(lead_time.c.release_id == ids[4]))
        connection.execute(update(plain_release).where(plain_release.c.release_id == ids[2]).values(tips=7))
        connection.execute(delete(plain_stage).where(plain_stage.c.release_id == ids[5]))
    assert verify(context) == (6, [ids[1], ids[2], ids[4], ids[5]])
    monkeypatch.setattr("vrijgave.cli.reports.build", lambda _settings: context)
    with pytest.raises(ActionRequired, match="of 4 releases are wrong"):
        lead_times_verify(Namespace(), Settings(), Output(as_json=False))
    assert lead_times_rebuild(Namespace(), Settings(), Output(as_json=False)) == 0
    assert lead_times_verify(Namespace(), Settings(), Output(as_json=False)) == 0


def test_what_is_recorded_while_a_batch_is_written_is_due_again(
    context: Context, history: Callable[[int, int], list[str]]
) -> None:
    [release_id] = history(1, 5)
    recorded = Barrier(2)

    def record() -> None:
        recorded.wait()
        with context.unit_of_work() as uow:  # waits for the one below
            _stamp(uow, uow.releases.get(release_id), NOW, Random(3))
            uow.commit()

    writer = Thread(target=record)
    writer.start()
    with context.unit_of_work() as uow:
        assert uow.lead_times.marked(10) == [release_id]
        recorded.wait()
        uow.lead_times.write({release_id: {"": b"1"}})
        uow.commit()
    writer.join()
    assert refresh(context) == 1
    assert verify(context) == (1, [])


def test_two_who_refresh_at_once_lose_nothing(
    context: Context, history: Callable[[int, int], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vrijgave.services.lead_times.BATCH", 7)
    history(40, 6)
    done: list[int] = []
    both = [Thread(target=lambda: done.append(refresh(context))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sum(done) == 40
    assert verify(context) == (40, [])


@pytest.fixture(autouse=True)
def no_leftovers(engine: Engine) -> Iterator[None]:
    """Close what threads left open."""
    yield
    engine.dispose()
