"""The quick answer through the store is that of the slow reference, whatever was recorded since, on both databases."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, update

from vrijgave.bootstrap import build
from vrijgave.domain.cases import Certainty, FootageKind, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.releases import Release, State
from vrijgave.errors import RetryLater
from vrijgave.leadtime import Headline, reference
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.view import Dashboard, Hours, Query
from vrijgave.services import example, lead_times
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard, warm
from vrijgave.services.figures import Figures
from vrijgave.services.hours import working_hours
from vrijgave.settings import Settings
from vrijgave.store import make_engine, tables
from vrijgave.store.lead_times import LeadTimes

UNTIL = date(2026, 10, 1)
QUERIES = (
    Query(),
    Query(since=date(2026, 6, 1), until=date(2026, 8, 31), hours=Hours.OFFICE),
    Query(platform="youtube", headline=Headline.INCIDENT_TO_UPLOADED),
    Query(platform="mastodon"),
    Query(footage=FootageKind.PHONE),
    Query(stage=PublicationStage.COVERED, since=date(2026, 1, 1)),
    Query(unit="Nergens"),
)


@pytest.fixture
def context(tmp_path: Path, database_url: URL) -> Context:
    made = build(Settings(home=tmp_path, database_url=database_url.render_as_string(hide_password=False)))
    example.fill(made, seed=5, releases=60, until=UNTIL)
    return made


def slow(context: Context, query: Query, told: Dashboard) -> Dashboard:
    office = working_hours(context.settings)
    terms = Terms(zone=ZoneInfo(context.settings.time_zone), target=context.settings.lead_time_target)
    with context.reading() as uow:
        return reference.dashboard(lead_times.records(uow, told.now, office), query, told.now, terms)


def same(context: Context) -> None:
    for query in QUERIES:
        told = dashboard(context, query)
        expected = slow(context, query, told)
        for field in fields(told):
            assert getattr(told, field.name) == getattr(expected, field.name), (query, field.name)


def of(context: Context, *states: State) -> list[Release]:
    with context.reading() as uow:
        return uow.releases.list(states)


def test_whatever_is_recorded_is_told_as_the_slow_way_tells_it(context: Context) -> None:
    same(context)
    now = context.now()
    waits, public = of(context, State.IN_REVIEW, State.APPROVED), of(context, State.PUBLISHED)
    with context.unit_of_work() as uow:
        begun = Stamp(
            release_id=public[0].id, milestone=Milestone.INCIDENT, earliest=public[0].created_at - timedelta(days=9),
            latest=public[0].created_at - timedelta(days=8), certainty=Certainty.ESTIMATED, source="person:bo",
            recorded_at=now, reason="Andere klok",
        )  # fmt: skip
        uow.stamps.add(begun)
        uow.holds.begin(waits[0].id, HoldReason.INVESTIGATION, "", now - timedelta(days=2), actor="bo", recorded_at=now)
        uow.commit()
    same(context)
    with context.unit_of_work() as uow:
        uow.releases.move(public[1], State.TAKING_DOWN, at=now, actor="bo", reason="")
        uow.releases.move(waits[1], State.WITHDRAWN, at=now, actor="bo", reason="")
        granted = uow.permissions.latest(public[2].id)
        assert granted is not None
        uow.permissions.add(replace(granted, release_id=waits[0].id, granted=False, refusal_reason="Nee", at=now))
        uow.commit()
    same(context)


def test_a_fact_that_is_corrected_counts_at_once(context: Context) -> None:
    before = dashboard(context, Query(footage=FootageKind.BODYCAM)).tiles.received
    other = next(r for r in of(context, State.PUBLISHED) if r.case.footage_kind is not FootageKind.BODYCAM)
    engine = make_engine(context.settings.database_url.get_secret_value() if context.settings.database_url else "")
    with engine.begin() as connection:
        table = tables.release
        connection.execute(update(table).where(table.c.id == other.id).values(footage_kind=FootageKind.BODYCAM))
    engine.dispose()
    assert dashboard(context, Query(footage=FootageKind.BODYCAM)).tiles.received == before + 1
    same(context)


def test_other_working_hours_make_all_figures_anew(context: Context) -> None:
    dashboard(context, Query())
    short = context.settings.model_copy(update={"working_until": time(12), "holidays": ""})
    other = replace(context, settings=short, figures=Figures())
    same(other)
    with context.reading() as uow:
        assert uow.lead_times.basis() != ""
    same(context)


def test_two_processes_tell_the_same(context: Context) -> None:
    other = replace(context, figures=Figures())
    same(other)
    with context.unit_of_work() as uow:
        uow.releases.move(of(context, State.IN_REVIEW)[0], State.WITHDRAWN, at=context.now(), actor="bo", reason="")
        uow.commit()
    same(context)
    same(other)


def test_a_process_reads_all_before_anybody_asks(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    warm(context)
    with context.reading() as uow:
        last = uow.lead_times.last()

    def nothing(_seq: int, _limit: int) -> None:
        raise AssertionError("it was read already")

    monkeypatch.setattr(LeadTimes, "whole_after", nothing)
    with context.figures.open(context.reading) as columns:
        assert (len(columns), last > 0) == (60, True)


def test_many_at_once_are_answered_alike(context: Context) -> None:
    told: list[Dashboard] = []
    now = context.now()
    context = replace(context, now=lambda: now)
    asking = [Thread(target=lambda: told.append(dashboard(context, Query()))) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(told) == 4
    assert {one.tiles for one in told} == {told[0].tiles}


def test_what_is_half_worked_out_is_not_told(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead_times, "BATCH", 10)
    monkeypatch.setattr(lead_times, "PATIENCE", 0)
    with pytest.raises(RetryLater, match="lead times of 60 releases"):
        dashboard(context, Query())
    lead_times.refresh(context)
    same(context)
