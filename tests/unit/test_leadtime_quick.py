"""The quick answer is the slow one, to the second and the last release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

import numpy as np
import pytest

from vrijgave.domain.cases import Certainty, FootageKind, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold, HoldEnd, HoldReason
from vrijgave.domain.releases import MOVES, Release, State, Transition
from vrijgave.leadtime import Headline, reference
from vrijgave.leadtime.columns import Columns, days, rows_of
from vrijgave.leadtime.packing import FAR, FARTHER, NEVER
from vrijgave.leadtime.quick import dashboard
from vrijgave.leadtime.record import Record, record
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.view import Hours, Query
from vrijgave.services.hours import working_hours
from vrijgave.settings import Settings

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 7, 1, 12, 0, 7, tzinfo=UTC)
OFFICE = working_hours(Settings())
TERMS = Terms(zone=OFFICE.zone, target=timedelta(days=5))
WAY = [m for m in Milestone if m is not Milestone.TAKE_DOWN_ORDERED]
Made = Callable[[datetime], Record]
QUERIES = [
    Query(unit=unit, platform=platform, since=since, until=until, headline=headline, hours=hours)
    for (unit, platform), (since, until), (headline, hours) in product(
        [(None, None), ("Oost", None), (None, "youtube"), ("West", "press_kit"), ("Nergens", None)],
        [(None, None), (date(2026, 2, 1), date(2026, 3, 31)), (date(2026, 3, 3), None), (None, date(2026, 4, 1))],
        [(Headline.INCIDENT_TO_PUBLIC, Hours.ELAPSED), (Headline.INCIDENT_TO_UPLOADED, Hours.OFFICE)],
    )
] + [
    Query(footage=FootageKind.PHONE, offence="diefstal"),
    Query(stage=PublicationStage.COVERED, hours=Hours.OFFICE),
    Query(platform="radio"),
]


def made(random: Random, new_release: Callable[..., Release], new_case: Callable[..., object], number: int) -> Made:
    """One made-up release, which can be told at any moment."""
    case = new_case(
        unit=random.choice(["Oost", "West", "Noord"]),
        offence=random.choice(["diefstal", "geweld"]),
        footage_kind=random.choice(list(FootageKind)),
    )
    at = T0 + timedelta(seconds=random.uniform(0, 120 * 86_400))
    release_id, state = f"r{number:05d}", State.RECEIVED
    moves, stamps, holds = [_move(release_id, None, state, at, 1)], list[Stamp](), list[Hold]()
    begun, revision = at, 1
    for _ in range(random.randint(0, 14)):
        at += timedelta(seconds=random.uniform(1, 90_000))
        after = sorted(MOVES[state] - {State.FAILED})
        if not after:
            break
        likely = [to for to in after if to not in (State.WITHDRAWN, State.CHANGES_REQUESTED)] or after
        to = random.choice(likely if random.random() < 0.85 else after)
        revision += (state, to) == (State.CHANGES_REQUESTED, State.IN_REVIEW)
        moves.append(_move(release_id, state, to, at, revision))
        state = to
    step = begun - timedelta(hours=random.uniform(1, 99))
    for milestone in WAY[: random.randint(0, len(WAY))]:
        step += timedelta(seconds=random.uniform(0, 70_000) - random.choice([500] * 30 + [500_000]))
        for platform in ("youtube", "press_kit") if milestone in ("uploaded", "public") else (None,):
            certainty = random.choice([Certainty.EXACT] * 6 + [Certainty.ESTIMATED, Certainty.UNKNOWN])
            wide = timedelta(seconds=random.uniform(0, 9_000) * (certainty is not Certainty.EXACT))
            stamps.append(_stamp(release_id, milestone, step, wide, certainty, platform, revision))
            step += timedelta(hours=random.uniform(0, 9))
    for hold in range(random.choice([0, 0, 0, 1, 2])):
        since = begun + timedelta(hours=random.uniform(0, 200))
        ends = HoldEnd(hold=hold, at=since + timedelta(hours=30), actor="b", recorded_at=since)
        holds.append(
            Hold(
                number=hold,
                release_id=release_id,
                reason=HoldReason.OTHER,
                note="",
                begins=since,
                actor="b",
                recorded_at=since,
                end=ends if random.random() < 0.7 else None,
            )
        )
    release = new_release(id=release_id, case=case, state=state, created_at=begun, revision=revision)
    stage, refusals = random.choice([None, *PublicationStage]), random.choice([0, 0, 1])
    return lambda now: record(
        release, stamps, moves, now=now, hours=OFFICE, stage=stage, holds=holds, refusals=refusals
    )


def _move(release_id: str, before: State | None, to: State, at: datetime, revision: int) -> Transition:
    return Transition(
        release_id=release_id, revision=revision, from_state=before, to_state=to, at=at, actor="b", reason=""
    )


def _stamp(
    release_id: str,
    milestone: Milestone,
    at: datetime,
    wide: timedelta,
    certainty: Certainty,
    platform: str | None,
    revision: int,
) -> Stamp:
    return Stamp(
        release_id=release_id,
        milestone=milestone,
        earliest=at - wide,
        latest=at,
        certainty=certainty,
        source="flow:test",
        recorded_at=at,
        platform=platform,
        revision=revision,
    )


def _columns(pairs: list[tuple[Record, Record]]) -> Columns:
    """Taken in by thirds in another order, some of them twice, the first time on other platforms."""
    found = Columns()
    mixed = Random(2).sample(pairs, len(pairs))
    other = [(replace(far, platforms=frozenset({"radio"})), farther) for far, farther in mixed[:40]]
    for some in (other, mixed[:90], mixed[90:180], mixed[170:]):
        found.take(rows_of(some, OFFICE))
    return found


_kept: list[tuple[list[Record], Columns]] = []


@pytest.fixture
def both(new_release: Callable[..., Release], new_case: Callable[..., object]) -> tuple[list[Record], Columns]:
    """Records as of ``NOW``, and columns of the same releases."""
    if not _kept:
        random = Random(11)
        each = [made(random, new_release, new_case, number) for number in range(260)]
        _kept.append(([one(NOW) for one in each], _columns([(one(FAR), one(FARTHER)) for one in each])))
    return _kept[0]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_the_quick_answer_is_the_slow_one(query: Query, both: tuple[list[Record], Columns]) -> None:
    records, arrays = both
    slow, quick = reference.dashboard(records, query, NOW, TERMS), dashboard(arrays, query, NOW, TERMS, OFFICE)
    for field in fields(slow):
        assert getattr(quick, field.name) == getattr(slow, field.name), field.name


def test_the_made_up_releases_have_something_of_everything(both: tuple[list[Record], Columns]) -> None:
    shown = reference.dashboard(both[0], Query(), NOW, TERMS)
    assert shown.tiles.lead.median is not None
    assert shown.tiles.lead.n_open > 0
    assert shown.tiles.lead.n_contradictory > 0
    assert shown.quality.reworked.count > 0
    assert any(wait.held for stage in shown.ageing for wait in stage.waiting)
    assert shown.flow[-1].published > 20


def test_a_day_begins_at_midnight_by_the_clocks_of_the_zone() -> None:
    spring = datetime(2026, 3, 29, tzinfo=OFFICE.zone)  # has 23 hours
    moments = np.array([int(spring.timestamp()) + s for s in (-1, 0, 23 * 3600 - 1, 23 * 3600)] + [NEVER], np.int64)
    first = (spring.date() - date(1970, 1, 1)).days
    assert days(moments, OFFICE.zone).tolist() == [first - 1, first, first, first + 1, NEVER]
