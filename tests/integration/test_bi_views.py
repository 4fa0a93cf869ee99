"""The views for BI tools: what they tell is what the dashboard tells, on both databases, and to whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError
from web_clients import make_context

from vrijgave.domain.cases import Medium, Permission, PublicationStage
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import LedgerState, Platform, Publication
from vrijgave.domain.releases import Release
from vrijgave.leadtime import Kind, Stage
from vrijgave.leadtime.record import Record
from vrijgave.leadtime.view import Hours, Query, Split
from vrijgave.services import example
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import records, refresh
from vrijgave.store import UnitOfWork

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "bi.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```sql ([\w-]+)\n(.*?)```", GUIDE, re.DOTALL))
ON_POSTGRES = ("median", "stage-median")
"""SQLite has no percentiles."""
DAY = timedelta(days=1)


def now() -> datetime:
    """The databases ask their own clocks."""
    return datetime.now(UTC)


@pytest.fixture
def context(database_url: URL, tmp_path: Path) -> Context:
    made = make_context(database_url, tmp_path, now, lead_time_target=5 * DAY)
    example.fill(made, seed=7, releases=80, until=now().astimezone(ZoneInfo("Europe/Amsterdam")).date())
    refresh(made)
    return made


@pytest.fixture
def ask(context: Context, engine: Engine) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Asks the database by SQL; times come as text or naive, as BI tools get them."""
    with engine.connect() as connection:
        yield lambda query: [dict(row._mapping) for row in connection.execute(text(query))]


def moment(value: Any) -> datetime | None:
    if value is None:
        return None
    naive = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert naive.tzinfo is None
    return naive.replace(tzinfo=UTC)


def test_questions_of_the_guide_are_answered_as_on_the_dashboard(
    context: Context, ask: Callable[[str], list[dict[str, Any]]], engine: Engine
) -> None:
    shown = dashboard(context, Query())
    told = {name: ask(block) for name, block in BLOCKS.items() if name not in ("role", *ON_POSTGRES)}
    assert set(told) | {"role", *ON_POSTGRES} == set(BLOCKS)
    tiles = shown.tiles
    assert told["received-published"] == [{"received": tiles.received, "published": tiles.published}]
    assert tiles.published > 40
    stages = {line.stage.value: (line.spread.n, line.total, line.held) for line in shown.stages if line.spread.n}
    assert {r["stage"]: (r["n"], r["total"], r["held"]) for r in told["stages"]} == stages
    assert sum(held for _n, _total, held in stages.values()) > 0
    waiting = {s.stage.value: (s.count, sum(w.held for w in s.waiting)) for s in shown.ageing}
    assert {r["in_stage"]: (r["releases"], r["held"]) for r in told["waiting"]} == waiting
    assert tiles.within_target is not None
    assert told["within-target"] == [{"within": tiles.within_target.count, "of_known": tiles.within_target.of}]
    units = {u.value: (u.received, u.published, u.open) for u in dict(shown.splits)[Split.UNIT]}
    assert {r["unit"]: (r["received"], r["published"], r["under_way"]) for r in told["units"]} == units
    quality = shown.quality
    assert told["quality"] == [
        {"reworked": quality.reworked.count, "reviewed": quality.reworked.of, "refused": quality.refused.count}
    ]
    results = shown.results
    assert told["results"] == [
        {"tips": results.tips, "usable_tips": results.usable_tips, "identified": results.identified.count}
    ]
    if engine.dialect.name == "postgresql":
        lead = tiles.lead
        assert lead.median is not None
        assert lead.p90 is not None
        assert ask(BLOCKS["median"]) == [{"n": lead.n, "median": lead.median.high, "p90": lead.p90.high}]
        medians = {s.stage.value: s.spread.median.high for s in shown.stages if s.spread.median is not None}
        assert {r["stage"]: r["median"] for r in ask(BLOCKS["stage-median"])} == medians
        assert len(medians) > 10


def test_each_row_is_that_of_the_stage_clock(context: Context, ask: Callable[[str], list[dict[str, Any]]]) -> None:
    releases = {row["release_id"]: row for row in ask("SELECT * FROM bi_release")}
    stages = {(r["release_id"], r["stage"], r["platform"]): r for r in ask("SELECT * FROM bi_stage")}
    at = now().replace(microsecond=0)
    with context.reading() as uow:
        found = list(records(uow, at, working_hours(context.settings)))
    assert set(releases) == {record.release_id for record in found}
    for record in found:
        _check_release(record, releases[record.release_id])
    count = sum(_check_stages(record, stages) for record in found)
    assert count == len(stages) > 500
    kinds = {row["kind"] for row in stages.values()}
    assert kinds >= {"exact", "interval", "open", "stopped"}


def _check_release(record: Record, row: dict[str, Any]) -> None:
    assert (row["case_number"], row["unit"], row["offence"]) == (record.number, record.unit, record.offence)
    assert (row["footage"], row["state"]) == (record.footage.value, record.state.value)
    assert row["publication_stage"] == (record.stage and record.stage.value)
    for name in ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended"):
        assert moment(row[f"{name}_at"]) == getattr(record.way, name)
    standing = record.standing
    assert row["in_stage"] == (standing and standing.stage.value)
    assert moment(row["in_stage_since"]) == (standing and standing.since)
    assert row["held_now"] == (standing is not None and standing.held)
    assert (row["review_rounds"], row["times_sent_back"]) == (record.rounds, record.sent_back)
    assert (row["times_returned_by_check"], row["times_refused"]) == (record.rescans, record.refusals)
    assert (row["tips"], row["usable_tips"], row["identified"]) == (record.tips, record.usable_tips, record.identified)
    for name in ("incident_to_uploaded", "incident_to_public", "working", "waiting", "held", "public_to_identified"):
        time = next(t for t in record.times[Hours.ELAPSED].times if t.measure.value == name)
        time = record.times[Hours.ELAPSED].time(time.measure) or time
        assert row[f"{name}_kind"] == time.duration.kind.value
        columns = (f"{name}_seconds_low", f"{name}_seconds", f"{name}_so_far_seconds")
        _check_lengths(time.duration.kind, time.duration.bounds, tuple(row[column] for column in columns))
    assert (row["behind"], row["example"]) == (0, 1)


def _check_stages(record: Record, rows: dict[tuple[str, str, str | None], dict[str, Any]]) -> int:
    seen = 0
    for time in record.times[Hours.ELAPSED].times:
        kind = time.duration.kind
        if not isinstance(time.measure, Stage) or kind is Kind.NOT_BEGUN:
            continue
        row = rows[record.release_id, time.measure.value, time.platform]
        assert (row["kind"], row["is_open"], row["rounds"]) == (kind.value, kind is Kind.OPEN, time.rounds)
        assert row["nature"] == time.measure.nature.value
        assert row["on_first_platform"] == (time.platform in (None, record.times[Hours.ELAPSED].first))
        told = (row["seconds_low"], row["seconds"], row["so_far_seconds"])
        _check_lengths(kind, time.duration.bounds, told)
        office = record.times[Hours.OFFICE].time(time.measure, time.platform)
        assert office is not None
        told = (row["office_seconds_low"], row["office_seconds"], None)
        _check_lengths(kind if kind.known else Kind.UNKNOWN, office.duration.bounds, told)
        if kind.measured:
            assert abs(row["held_seconds"] - time.held.total_seconds()) < 60
        seen += 1
    return seen


def _check_lengths(kind: Kind, bounds: tuple[timedelta, timedelta], told: tuple[Any, ...]) -> None:
    """What is known is told to the second; what grows has grown a little since; what is unknown is nothing."""
    low, high = (bound // timedelta(seconds=1) for bound in bounds)
    if kind.known:
        assert told == (low, high, None)
    elif kind.measured:
        assert told[:2] == (None, None)
        assert abs(told[2] - high) < 60
    else:
        assert told == (None, None, None)


def test_what_was_recorded_since_says_that_it_is_behind(
    uow_factory: Callable[[], UnitOfWork], engine: Engine, new_release: Callable[..., Release], tmp_path: Path
) -> None:
    made = make_context(engine.url, tmp_path, now)
    with uow_factory() as uow:
        release = uow.releases.add(new_release())
        uow.commit()
    row = _only(engine)
    assert (row["behind"], row["example"], row["received_at"], row["review_rounds"]) == (1, 0, None, None)
    refresh(made)
    row = _only(engine)
    assert (row["behind"], moment(row["received_at"]), row["identified"]) == (0, release.created_at, 0)
    with uow_factory() as uow:
        uow.holds.begin(release.id, HoldReason.OTHER, "", now() - DAY, actor="bas", recorded_at=now())
        uow.holds.finish(
            uow.holds.begin(release.id, HoldReason.OTHER, "", now() - 3 * DAY, actor="bas", recorded_at=now()),
            now() - 2 * DAY,
            actor="bas",
            recorded_at=now(),
        )
        uow.commit()
    row = _only(engine)
    assert (row["behind"], row["held_now"]) == (1, 1)


def test_the_stage_of_publication_is_the_widest_that_was_published(
    uow_factory: Callable[[], UnitOfWork], engine: Engine, new_release: Callable[..., Release]
) -> None:
    def told() -> str | None:
        with uow_factory() as uow:
            stages = uow.lead_times.stages([release.id])
        stage: str | None = _only(engine)["publication_stage"]
        assert stage == stages.get(release.id)
        return stage

    with uow_factory() as uow:
        release = uow.releases.add(new_release())
        uow.commit()
    assert told() is None
    for granted, stage in ((True, "recognisable"), (True, "covered"), (False, "recognisable")):
        with uow_factory() as uow:
            uow.permissions.add(_permission(release.id, PublicationStage(stage), granted))
            uow.commit()
    assert told() == "covered"
    for stage in ("covered", "recognisable", "internal"):
        with uow_factory() as uow:
            uow.publications.plan(_publication(release.id, PublicationStage(stage)))
            uow.commit()
    assert told() == "recognisable"


def _permission(release_id: str, stage: PublicationStage, granted: bool) -> Permission:
    return Permission(
        release_id=release_id, requester="bas", zaaksofficier="x", authoriser="petra", mandate="m",
        platforms=frozenset({"youtube"}), stage=stage, medium=Medium.VIDEO, lighter_means="x", proportionality="x",
        granted=granted, at=now(), recorded_by="petra", refusal_reason="" if granted else "x",
    )  # fmt: skip


def _publication(release_id: str, stage: PublicationStage) -> Publication:
    return Publication(
        id=uuid4().hex, release_id=release_id, revision=1, platform=Platform.YOUTUBE, stage=stage,
        state=LedgerState.PLANNED, version=1, marker="m", file_sha256="0" * 64, file_size=1,
    )  # fmt: skip


def _only(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        return dict(connection.execute(text("SELECT * FROM bi_release")).one()._mapping)


def test_no_person_and_no_internal_fact_is_in_them(engine: Engine) -> None:
    found = {view: {c["name"] for c in inspect(engine).get_columns(view)} for view in ("bi_release", "bi_stage")}
    described = {
        view: set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", part, re.MULTILINE))))
        for view, part in zip(
            ("bi_release", "bi_stage"), re.split(r"^## `bi_\w+`$", GUIDE, flags=re.MULTILINE)[1:], strict=True
        )
    }
    measures = re.findall(r"`(\w+)`", GUIDE.split("M is each of ")[1].split("\n\n")[0])
    spelled = {name.replace("M", measure, 1) for name in described["bi_release"] for measure in measures}
    assert found == {"bi_release": spelled, "bi_stage": described["bi_stage"]}
    for name in ("registration", "place", "team", "submitted", "reviewer", "actor", "content", "question", "scene"):
        assert not any(name in column for columns in found.values() for column in columns)


@pytest.fixture
def reader(postgres_shared: Engine) -> Iterator[URL]:
    """The role of the guide, in the database of the tests; gone afterwards."""
    with postgres_shared.begin() as connection:
        for statement in BLOCKS["role"].split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    yield postgres_shared.url.set(username="vrijgave_bi", password="choose-another")
    with postgres_shared.begin() as connection:
        connection.execute(text("DROP OWNED BY vrijgave_bi"))
        connection.execute(text("DROP ROLE vrijgave_bi"))


def test_the_role_of_the_guide_reads_the_views_and_nothing_else(
    reader: URL, postgres_database: URL, postgres_shared: Engine, new_release: Callable[..., Release]
) -> None:
    engine = create_engine(postgres_database)
    with UnitOfWork(engine) as uow:
        uow.releases.add(new_release())
        uow.commit()
    tables = inspect(postgres_shared).get_table_names()
    role = create_engine(reader)
    with role.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == "vrijgave_bi"
        assert connection.scalar(text("SELECT count(*) FROM bi_release")) == 1
        assert connection.scalar(text("SELECT count(*) FROM bi_stage")) == 0
    assert len(tables) > 20
    refused = [f"SELECT 1 FROM {table}" for table in tables]  # noqa: S608
    refused += ["DELETE FROM bi_release", "UPDATE bi_stage SET rounds = 1", "CREATE TABLE x (y int)"]
    refused += ["SET ROLE postgres", "CREATE VIEW z AS SELECT 1", "CREATE ROLE other"]
    with role.connect() as connection:
        for statement in refused:
            connection.execute(text("SET TRANSACTION READ WRITE"))  # the role's own setting is no wall
            with pytest.raises(DBAPIError, match=r"permission denied|cannot delete from view"):
                connection.execute(text(statement))
            connection.rollback()
    role.dispose()
    engine.dispose()
