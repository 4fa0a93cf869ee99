"""The one door to the figures: what is in the store is what is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

from sqlalchemy import Engine

from vrijgave.domain.cases import Certainty, FootageKind
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, TipJudgement, Usability
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Bounds, Query
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.services.figures import Figures
from vrijgave.settings import Settings
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _stamped(uow: UnitOfWork, release_id: str, milestone: Milestone, at: datetime, platform: str | None = None) -> None:
    uow.stamps.add(
        Stamp(
            release_id=release_id,
            milestone=milestone,
            earliest=at,
            latest=at,
            certainty=Certainty.EXACT,
            source="flow:test",
            recorded_at=at,
            platform=platform,
        )
    )


def test_the_door_tells_what_is_in_the_store(
    uow_factory: UowFactory,
    engine: Engine,
    new_release: Callable[..., Release],
    new_case: Callable[..., object],
) -> None:
    with uow_factory() as uow:
        for i in range(12):
            release = uow.releases.add(new_release(case=new_case(footage_kind=FootageKind.CCTV)))
            _stamped(uow, release.id, Milestone.INCIDENT, T0)
            _stamped(uow, release.id, Milestone.PUBLIC, T0 + (i + 1) * HOUR, "youtube")
            if i < 3:
                tip = uow.tips.add(
                    release.id,
                    received_at=T0,
                    channel=TipChannel.PHONE,
                    medium="",
                    content="x",
                    actor="bas",
                    recorded_at=T0,
                )
                worth = TipJudgement(
                    tip=tip.number,
                    usability=Usability.USABLE if i else Usability.NOT_USABLE,
                    outcome=Outcome.OPEN,
                    attribution=Attribution.WEAK,
                    follow_up="",
                    at=T0,
                    actor="bas",
                    recorded_at=T0,
                )
                uow.tips.judge(tip, worth)
        waits = uow.releases.add(new_release(case=new_case(unit="Oost")))
        waits = uow.releases.move(waits, State.ANALYSING, at=T0, actor="flow", reason="")
        waits = uow.releases.move(waits, State.IN_REVIEW, at=T0 + HOUR, actor="flow", reason="")
        _stamped(uow, waits.id, Milestone.RECEIVED, T0)
        _stamped(uow, waits.id, Milestone.ANALYSED, T0 + HOUR)
        uow.holds.begin(waits.id, HoldReason.OTHER, "", NOW - HOUR, actor="bas", recorded_at=NOW)
        uow.commit()
    made = SimpleNamespace(
        settings=Settings(lead_time_target=6 * HOUR),
        unit_of_work=lambda: UnitOfWork(engine),
        figures=Figures(),
        reading=lambda: UnitOfWork(engine, read_only=True),
        now=lambda: NOW,
    )
    told = dashboard(cast(Context, made), Query(since=date(2026, 3, 1), until=date(2026, 3, 31)))
    assert told.tiles.published == 12
    assert told.tiles.lead.n == 12
    assert told.tiles.lead.median == Bounds(low=23400, high=23400)
    assert told.tiles.within_target is not None
    assert (told.tiles.within_target.count, told.tiles.within_target.of) == (6, 12)
    assert (told.results.tips, told.results.usable_tips) == (3, 2)
    [stage] = [line for line in told.ageing if line.stage is Stage.ANALYSED_TO_REVIEW_STARTED]
    [wait] = stage.waiting
    assert (wait.release_id, wait.held, wait.since) == (waits.id, True, T0 + HOUR)
    assert dashboard(cast(Context, made), Query(unit="Oost")).tiles.published == 0
    assert dashboard(cast(Context, made), Query(footage=FootageKind.PHONE)).tiles.received == 0
