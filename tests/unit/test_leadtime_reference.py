"""What management is told, on a few releases of which every figure is known by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.cases import Case, Certainty, FootageKind, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold, HoldReason
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State, Transition
from vrijgave.domain.tips import Attribution, Outcome, Tip, TipChannel, TipJudgement, Usability
from vrijgave.leadtime import Headline, Stage
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.record import Record, record
from vrijgave.leadtime.reference import Terms, dashboard, kaplan_meier, percentile
from vrijgave.leadtime.view import LONGEST_POINTS, MOST_POINTS, Bounds, Dashboard, Hours, Query, Share, Split

ZONE = ZoneInfo("Europe/Amsterdam")
HOURS = WorkingHours(frozenset(range(5)), time(8), time(17), ZONE, "NL")
M = Milestone
T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)  # nine o'clock in the morning
NOW = T0 + timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TERMS = Terms(zone=ZONE, target=2 * DAY)
STEPS = (
    M.RECEIVED, M.ANALYSIS_STARTED, M.ANALYSED, M.REVIEW_STARTED, M.REVIEW_DONE, M.RENDER_STARTED, M.RENDERED,
    M.APPROVED, M.PUBLISH_ORDERED, M.UPLOAD_STARTED, M.UPLOADED, M.PUBLIC,
)  # fmt: skip
STATES = {M.PUBLIC: State.PUBLISHED, M.RECEIVED: State.RECEIVED, M.RENDERED: State.AWAITING_APPROVAL}


def stamp(id_: str, milestone: Milestone, at: datetime) -> Stamp:
    return Stamp(
        release_id=id_, milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT, source="flow:test",
        recorded_at=at,
    )  # fmt: skip


def one(number: int, hours: Iterable[int], **more: object) -> Record:
    """A release whose incident was at ``T0`` plus ``number`` days; each step took so many hours."""
    at, id_ = T0 + number * DAY, f"{number:032d}"
    stamps, moves = [stamp(id_, M.INCIDENT, at), stamp(id_, M.REPORTED, at), stamp(id_, M.SECURED, at)], []
    state = State.RECEIVED
    for milestone, gap in zip(STEPS, hours, strict=False):
        at += gap * HOUR
        stamps.append(stamp(id_, milestone, at))
        if milestone in STATES:
            state = STATES[milestone]
            moves.append(
                Transition(
                    release_id=id_, revision=1, from_state=None, to_state=state, at=at, actor="system", reason=""
                )
            )
    case = Case(
        registration_number="", public_case_number=f"N-{number}", unit=str(more.pop("unit", "Noord")),
        offence="Diefstal", public_place="Stad", footage_kind=FootageKind.CCTV,
    )  # fmt: skip
    release = Release(
        id=id_, case=case, state=state, revision=1, attempt=1, version=1, submitted_by="anna", created_at=T0,
        targets=(Platform.YOUTUBE,),
    )  # fmt: skip
    return record(release, stamps, moves, now=NOW, hours=HOURS, **more)  # type: ignore[arg-type]


DONE = [one(n, [n + 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], stage=PublicationStage.COVERED) for n in range(12)]
"""The lead time of number n is n + 12 hours: one of working, waiting and so on, and n before it came in."""


def told(records: Iterable[Record], query: Query | None = None, terms: Terms = TERMS) -> Dashboard:
    return dashboard(records, query or Query(), NOW, terms)


def test_tiles_of_twelve_published_releases() -> None:
    tiles = told(DONE).tiles
    assert (tiles.received, tiles.published, tiles.lead.n) == (12, 12, 12)
    assert tiles.lead.median == Bounds(low=63_000, high=63_000)
    assert tiles.lead.kaplan_meier == 17 * 3600
    assert tiles.within_target == Share(count=12, of=12)
    assert told(DONE, terms=Terms(zone=ZONE, target=16 * HOUR)).tiles.within_target == Share(count=5, of=12)
    assert told(DONE, terms=Terms(zone=ZONE)).tiles.within_target is None


def test_under_ten_no_percentile_is_told() -> None:
    tiles = told(DONE[:9]).tiles
    assert (tiles.lead.n, tiles.lead.median, tiles.lead.p90, tiles.lead.kaplan_meier) == (9, None, None, None)


def test_a_release_belongs_to_the_period_in_which_it_went_public() -> None:
    late = one(3, [24 * 20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    waiting = one(4, [2, 1, 1])
    march = Query(since=date(2026, 3, 5), until=date(2026, 3, 10))
    found = told([late, waiting], march).tiles
    assert (found.received, found.published, found.lead.n, found.lead.n_open) == (1, 0, 0, 1)
    last = told([late, waiting], Query(since=date(2026, 3, 20), until=date(2026, 3, 31)))
    assert (last.tiles.received, last.tiles.published, last.tiles.lead.n_open) == (1, 1, 0)
    assert last.previous is not None
    assert (last.previous.received, last.previous.published) == (0, 0)
    assert told([late], replace(march, since=date(2026, 4, 1), until=None)).tiles.published == 0


def test_stages_add_up_and_the_longest_is_the_bottleneck() -> None:
    slow = [one(n, [1, 1, 1, 30, 1, 1, 1, 1, 1, 1, 1, 1]) for n in range(3)]
    lines = {line.stage: line for line in told(slow).stages}
    wait = lines[Stage.ANALYSED_TO_REVIEW_STARTED]
    assert (wait.total, wait.held, wait.bottleneck) == (3 * 30 * 3600, 0, True)
    assert sum(line.bottleneck for line in lines.values()) == 1
    assert lines[Stage.SECURED_TO_RECEIVED].total == 3 * 3600


def hold(number: int, begins: datetime) -> Hold:
    return Hold(
        number=1, release_id=f"{number:032d}", reason=HoldReason.OTHER, note="", begins=begins, actor="bo",
        recorded_at=begins,
    )  # fmt: skip


def test_what_waits_now_is_shown_oldest_first_without_its_holds() -> None:
    held_since = T0 + 2 * DAY + 9 * HOUR
    held = one(2, [2, 1, 1], holds=[hold(2, held_since)])
    ageing = told([*DONE, one(5, [2, 1, 1]), held]).ageing
    assert [stage.stage for stage in ageing] == [Stage.ANALYSED_TO_REVIEW_STARTED]
    first, second = ageing[0].waiting
    assert (first.number, first.held) == ("N-5", False)
    assert first.age == (NOW - (T0 + 5 * DAY + 4 * HOUR)) // timedelta(seconds=1)
    assert (second.number, second.held, second.age) == ("N-2", True, 5 * 3600)
    assert ageing[0].spread.median == Bounds(low=3600, high=3600)
    assert (ageing[0].count, ageing[0].held) == (2, 1)
    assert (ageing[0].beyond_p85, ageing[0].beyond_p95) == (2, 2)
    office = told([held], Query(hours=Hours.OFFICE)).ageing[0].waiting[0]
    assert office.age == 4 * 3600  # from one until six, four of them at work
    assert office.total < second.total


def under_way(stamps: list[Stamp], state: State, **more: object) -> Record:
    """A release for two platforms that stands in ``state``."""
    case = Case(registration_number="", public_case_number="N-1", unit="Noord", offence="Diefstal", public_place="Stad")
    release = Release(
        id=f"{1:032d}", case=case, state=state, revision=1, attempt=1, version=1, submitted_by="anna", created_at=T0,
        targets=(Platform.YOUTUBE, Platform.PRESS_KIT),
    )  # fmt: skip
    moves = [
        Transition(release_id=release.id, revision=1, from_state=None, to_state=state, at=T0, actor="bo", reason="")
    ]
    return record(release, stamps, moves, now=NOW, hours=HOURS, **more)  # type: ignore[arg-type]


def on(platform: Platform, milestone: Milestone, at: datetime) -> Stamp:
    return replace(stamp(f"{1:032d}", milestone, at), platform=platform.value)


@pytest.mark.parametrize("done", list((Platform.YOUTUBE, Platform.PRESS_KIT)))
def test_a_platform_that_hangs_is_not_forgotten_for_one_that_is_done(done: Platform) -> None:
    """Whether the other is still to be taken down or still to be sent, the release waits for it."""
    other = Platform.PRESS_KIT if done is Platform.YOUTUBE else Platform.YOUTUBE
    public = [on(done, M.PUBLIC, T0), on(other, M.PUBLIC, T0 + HOUR)]
    ordered = stamp(f"{1:032d}", M.TAKE_DOWN_ORDERED, T0 + DAY)
    half_gone = [*public, ordered, on(done, M.TAKE_DOWN_CONFIRMED, T0 + DAY + HOUR)]
    standing = under_way(half_gone, State.TAKING_DOWN).standing
    assert standing is not None
    assert (standing.stage, standing.since) == (Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED, T0 + DAY)
    both = [*half_gone, on(other, M.TAKE_DOWN_CONFIRMED, T0 + 2 * DAY)]
    assert under_way(both, State.TAKING_DOWN).standing is None
    half_sent = [public[0], on(other, M.UPLOAD_STARTED, T0 + HOUR)]
    standing = under_way(half_sent, State.PUBLISHING).standing
    assert standing is not None
    assert (standing.stage, standing.since) == (Stage.UPLOAD_STARTED_TO_UPLOADED, T0 + HOUR)


def test_a_hold_while_somebody_works_makes_that_no_younger() -> None:
    stamps = [stamp(f"{1:032d}", M.REVIEW_STARTED, T0)]
    held = under_way(stamps, State.IN_REVIEW, holds=[hold(1, T0 + HOUR)]).standing
    assert held is not None
    assert (held.stage, held.held, held.ages[Hours.ELAPSED]) == (Stage.REVIEW_STARTED_TO_REVIEW_DONE, True, NOW - T0)


def test_the_flow_never_shows_more_than_the_step_before() -> None:
    days = told([*DONE, one(14, [2, 1, 1])], Query(since=date(2026, 3, 4))).flow
    assert days[0].day == date(2026, 3, 4)
    for day in days:
        steps = (day.received, day.analysed, day.reviewed, day.rendered, day.approved, day.published)
        assert list(steps) == sorted(steps, reverse=True)
    assert (days[-1].received, days[-1].analysed, days[-1].published) == (11, 11, 10)  # two were public before


def test_weeks_count_their_own_and_measure_eight() -> None:
    weeks = told(DONE).weeks
    assert [(w.first, w.published) for w in weeks[:3]] == [
        (date(2026, 3, 2), 6), (date(2026, 3, 9), 6), (date(2026, 3, 16), 0)
    ]  # fmt: skip
    assert [w.spread.n for w in weeks] == [6, 12, 12, 12, 12]


def test_splits_hold_every_release_once() -> None:
    records = [*DONE, one(12, [1] * 12, unit="Zuid"), one(13, [1, 1], unit="Zuid")]
    splits = dict(told(records).splits)
    assert [(u.value, u.published, u.open) for u in splits[Split.UNIT]] == [("Noord", 12, 0), ("Zuid", 1, 1)]
    assert [(s.value, s.received) for s in splits[Split.STAGE]] == [("covered", 12), ("", 2)]
    assert [(p.value, p.published) for p in splits[Split.PLATFORM]] == [("youtube", 13)]
    assert told(records, Query(unit="Zuid")).tiles.published == 1
    assert told(records, Query(platform="press_kit")).tiles.received == 0


def tip(usability: Usability) -> Tip:
    judged = TipJudgement(
        tip=1, usability=usability, outcome=Outcome.OPEN, attribution=Attribution.WEAK, follow_up="", at=T0,
        actor="bo", recorded_at=T0,
    )  # fmt: skip
    return Tip(
        number=1, release_id="", received_at=T0, channel=TipChannel.PHONE, medium="", content="", actor="bo",
        recorded_at=T0, judgements=(judged,),
    )  # fmt: skip


def test_results_and_quality_are_counted_over_what_they_are_of() -> None:
    asked = one(20, [1] * 12, tips=[tip(Usability.USABLE), tip(Usability.NOT_USABLE)], refusals=2)
    found = told([*DONE, asked, one(21, [1, 1])])
    assert (found.results.tips, found.results.usable_tips) == (2, 1)
    assert found.results.with_tip == found.results.with_usable_tip == Share(count=1, of=13)
    assert found.results.first_tip.n_open == 13
    assert found.quality.refused == Share(count=1, of=14)
    assert found.quality.reworked == Share(count=0, of=13)


def test_many_points_are_thinned_and_the_slow_ones_stay() -> None:
    shape = DONE[0]
    many = [replace(shape, release_id=f"{n:032d}") for n in range(MOST_POINTS + 5)]
    slow = replace(DONE[11], release_id="z" * 32)
    scatter = told([*many, slow]).scatter
    assert scatter.of == len(many) + 1
    longest = LONGEST_POINTS - 1 - LONGEST_POINTS // 2  # of the equal ones, those that would not have been shown
    assert len(scatter.points) == MOST_POINTS // 2 + 3 + longest + 1
    assert scatter.points[-1].release_id == slow.release_id


def test_the_other_headline_is_asked_for_by_name() -> None:
    tiles = told(DONE, Query(headline=Headline.INCIDENT_TO_UPLOADED)).tiles
    assert tiles.lead.median == Bounds(low=59_400, high=59_400)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.lists(st.integers(0, 50), max_size=30))
def test_kaplan_meier_is_what_walking_along_the_days_gives(reached: list[int], cut_off: list[int]) -> None:
    alive = Fraction(1)
    half: int | None = None
    for day in range(51):
        risk = len([t for t in reached if t >= day]) + len([t for t in cut_off if t >= day])
        if risk:
            alive -= alive * Fraction(len([t for t in reached if t == day]), risk)
        if half is None and 2 * alive <= 1:
            half = day
    assert kaplan_meier(reached, cut_off) == half


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_with_nobody_cut_off_kaplan_meier_is_a_middle_value(values: list[int]) -> None:
    found = kaplan_meier(values, [])
    assert found == sorted(values)[(len(values) + 1) // 2 - 1]
    assert found is not None
    assert found <= percentile(values, Fraction(1, 2)) or len(values) % 2
