"""Working hours, holds and results on the stage clock, against counting minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.holds import Hold, HoldEnd, HoldReason
from vrijgave.domain.releases import State, Transition
from vrijgave.leadtime import Duration, Headline, Kind, Nature, Result, Stage, lead_times
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.durations import ZERO

ZONE = ZoneInfo("Europe/Amsterdam")
OFFICE = WorkingHours(frozenset(range(5)), time(8), time(17), ZONE, "NL")
NIGHT = WorkingHours(frozenset(range(7)), time(1, 30), time(0), ZONE, None)
M = Milestone
T0 = datetime(2026, 3, 2, 9, tzinfo=ZONE)  # a Monday
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
UTC_MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2041, 1, 1), timezones=st.just(UTC))


def counted(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """Minute by minute, by the clock on the wall: both are whole minutes."""
    free = {(12, 25), (12, 26), (1, 1), (4, 27)} if hours.country else set()
    at, total = start.astimezone(UTC), ZERO
    while at < end:
        wall = at.astimezone(ZONE)
        within = hours.opens <= wall.time() and (hours.closes == time(0) or wall.time() < hours.closes)
        if wall.weekday() in hours.days and within and (wall.month, wall.day) not in free:
            total += MINUTE
        at += MINUTE
    return total


@pytest.mark.parametrize(
    ("hours", "start", "end"),
    [
        (OFFICE, datetime(2026, 3, 27, 16, 30, tzinfo=ZONE), datetime(2026, 3, 30, 9, 10, tzinfo=ZONE)),
        (NIGHT, datetime(2026, 3, 28, 22, tzinfo=ZONE), datetime(2026, 3, 29, 9, 10, tzinfo=ZONE)),  # an hour less
        (NIGHT, datetime(2026, 10, 24, 22, tzinfo=ZONE), datetime(2026, 10, 25, 9, 10, tzinfo=ZONE)),  # an hour more
        (OFFICE, datetime(2028, 2, 28, 12, tzinfo=ZONE), datetime(2028, 3, 1, 12, tzinfo=ZONE)),  # a leap day
        (OFFICE, datetime(2026, 12, 24, 12, tzinfo=ZONE), datetime(2026, 12, 28, 12, tzinfo=ZONE)),  # Christmas
        (OFFICE, datetime(2026, 4, 24, 12, tzinfo=ZONE), datetime(2026, 4, 28, 12, tzinfo=ZONE)),  # the King's day
    ],
)
def test_working_time_is_what_counting_minutes_gives(hours: WorkingHours, start: datetime, end: datetime) -> None:
    assert hours.flattened(end) - hours.flattened(start) == counted(hours, start, end) > ZERO


@given(UTC_MOMENTS, UTC_MOMENTS)
def test_the_flat_axis_never_runs_back_nor_faster_than_time(one: datetime, other: datetime) -> None:
    early, late = sorted((one, other))
    for hours in (OFFICE, NIGHT):
        assert ZERO <= hours.flattened(late) - hours.flattened(early) <= late - early


@given(st.lists(UTC_MOMENTS, min_size=1, max_size=20))
def test_many_at_once_are_what_each_is(moments: list[datetime]) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    micros = np.array([(m - epoch) // timedelta(microseconds=1) for m in moments], np.int64)
    each = [(OFFICE.flattened(m) - epoch) // timedelta(microseconds=1) for m in moments]
    assert OFFICE.passed(micros).tolist() == each


@pytest.mark.parametrize(("days", "closes"), [(frozenset[int](), time(17)), ({7}, time(17)), ({0}, time(8))])
def test_hours_that_make_no_sense_are_refused(days: frozenset[int], closes: time) -> None:
    with pytest.raises(ValueError, match="working"):
        WorkingHours(frozenset(days), time(8), closes, ZONE, None)


def stamp(milestone: Milestone, at: datetime, platform: str | None = None) -> Stamp:
    return Stamp(
        release_id="r", milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT, source="flow:test",
        recorded_at=at, platform=platform,
    )  # fmt: skip


def hold(begins: datetime, ends: datetime | None) -> Hold:
    end = ends and HoldEnd(hold=1, at=ends, actor="bo", recorded_at=ends)
    return Hold(
        number=1, release_id="r", reason=HoldReason.INVESTIGATION, note="", begins=begins, actor="bo",
        recorded_at=begins, end=end,
    )  # fmt: skip


WAY = (
    M.INCIDENT, M.REPORTED, M.SECURED, M.RECEIVED, M.ANALYSIS_STARTED, M.ANALYSED, M.REVIEW_STARTED, M.REVIEW_DONE,
    M.RENDER_STARTED, M.RENDERED, M.APPROVED, M.AUTHORISED, M.PUBLISH_ORDERED, M.UPLOAD_STARTED, M.UPLOADED, M.PUBLIC,
)  # fmt: skip


def life(gaps: list[int]) -> list[Stamp]:
    """One release that reached each milestone so many minutes after the one before."""
    at, stamps = T0, []
    for milestone, gap in zip(WAY, gaps, strict=True):
        at += gap * MINUTE
        stamps.append(stamp(milestone, at))
    return stamps


GAPS = st.lists(st.integers(0, 5000), min_size=len(WAY), max_size=len(WAY))
HOLDS = st.lists(st.tuples(st.integers(-500, 20_000), st.none() | st.integers(0, 9000)), max_size=4)


def held_spans(spans: list[tuple[int, int | None]]) -> list[Hold]:
    return [hold(T0 + a * MINUTE, None if n is None else T0 + (a + n) * MINUTE) for a, n in spans]


@settings(max_examples=60)
@given(GAPS, HOLDS)
def test_working_waiting_and_held_make_up_the_time_inside_the_service(
    gaps: list[int], spans: list[tuple[int, int | None]]
) -> None:
    stamps, holds = life(gaps), held_spans(spans)
    now = T0 + 200_000 * MINUTE
    known = {s.milestone: s.earliest for s in stamps}
    for hours in (None, OFFICE):
        found = lead_times("r", stamps, [], now=now, holds=holds, hours=hours)
        inside = [known[M.RECEIVED], known[M.PUBLIC]]
        start, end = (hours.flattened(m) if hours else m.astimezone(UTC) for m in inside)
        parts = [found.of(nature) for nature in Nature]
        assert sum((p.bounds[1] for p in parts), ZERO) == end - start
        assert {p.kind for p in parts} == {Kind.EXACT}
        headline = found.time(Headline.INCIDENT_TO_PUBLIC)
        assert headline is not None
        assert headline.duration.bounds[1] == sum((found.of(s).bounds[1] for s in Stage if s in _TO_PUBLIC), ZERO)


_TO_PUBLIC = [s for s in Stage if s is not Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED]


@settings(max_examples=60)
@given(GAPS, HOLDS, st.randoms(use_true_random=False))
def test_what_was_held_is_what_counting_minutes_gives(
    gaps: list[int], spans: list[tuple[int, int | None]], rng
) -> None:  # type: ignore[no-untyped-def]
    stamps, holds = life(gaps), held_spans(spans)
    now = T0 + 200_000 * MINUTE
    expected = 0
    for earlier, later in pairwise(stamps[3:]):
        stage = Stage(f"{earlier.milestone.value}_to_{later.milestone.value}")
        if stage.nature is not Nature.WAITING:
            continue
        minutes = range(int((earlier.earliest - T0) / MINUTE), int((later.earliest - T0) / MINUTE))
        expected += sum(any(a <= m and (n is None or m < a + n) for a, n in spans) for m in minutes)
    rng.shuffle(holds)
    found = lead_times("r", stamps, [], now=now, holds=holds)
    assert found.of(Nature.HELD) == Duration(Kind.EXACT, expected * MINUTE, expected * MINUTE)


@settings(max_examples=60)
@given(GAPS, HOLDS, st.integers(0, 100_000))
def test_office_hours_are_as_well_known_and_never_more(
    gaps: list[int], spans: list[tuple[int, int | None]], after: int
) -> None:
    now = T0 + after * MINUTE
    stamps = life(gaps)
    elapsed, office = (
        lead_times("r", stamps, [], now=now, holds=held_spans(spans), hours=hours) for hours in (None, OFFICE)
    )
    for a, b in zip(elapsed.times, office.times, strict=True):
        assert (a.measure, a.platform, a.rounds, a.duration.kind) == (b.measure, b.platform, b.rounds, b.duration.kind)
        assert b.held <= a.held
        assert all(low <= high for low, high in zip(b.duration.bounds, a.duration.bounds, strict=True))


def test_a_hold_while_somebody_works_holds_nothing_up() -> None:
    stamps = [stamp(M.REVIEW_STARTED, T0), stamp(M.REVIEW_DONE, T0 + 4 * HOUR)]
    found = lead_times("r", stamps, [], now=T0 + 5 * HOUR, holds=[hold(T0, T0 + 3 * HOUR)])
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == Duration(Kind.EXACT, 4 * HOUR, 4 * HOUR)
    review = found.time(Stage.REVIEW_STARTED_TO_REVIEW_DONE)
    assert review is not None
    assert review.held == ZERO


def test_a_hold_that_lasts_counts_until_now() -> None:
    stamps = [stamp(M.RECEIVED, T0), stamp(M.APPROVED, T0 + HOUR)]
    found = lead_times("r", stamps, [], now=T0 + 9 * HOUR, holds=[hold(T0 + 3 * HOUR, None)])
    waiting = found.time(Stage.APPROVED_TO_AUTHORISED)
    assert waiting is not None
    assert (waiting.duration, waiting.held) == (Duration(Kind.OPEN, 8 * HOUR, 8 * HOUR), 6 * HOUR)


def move(to: State, at: datetime) -> Transition:
    return Transition(release_id="r", revision=1, from_state=None, to_state=to, at=at, actor="system", reason="")


def test_what_the_public_brings_is_counted_from_the_first_platform() -> None:
    stamps = [
        stamp(M.PUBLIC, T0, "youtube"),
        stamp(M.PUBLIC, T0 - HOUR, "press_kit"),
        stamp(M.FIRST_TIP, T0 + 2 * HOUR),
    ]
    found = lead_times("r", stamps, [], now=T0 + 9 * HOUR)
    assert found.first == "press_kit"
    assert found.of(Result.PUBLIC_TO_FIRST_TIP) == Duration(Kind.EXACT, 3 * HOUR, 3 * HOUR)
    assert found.of(Result.PUBLIC_TO_FIRST_USABLE_TIP) == Duration(Kind.OPEN, 10 * HOUR, 10 * HOUR)
    down = lead_times("r", stamps, [move(State.TAKING_DOWN, T0 + 4 * HOUR)], now=T0 + 9 * HOUR)
    assert down.of(Result.PUBLIC_TO_FIRST_USABLE_TIP) == Duration(Kind.STOPPED, 5 * HOUR, 5 * HOUR)
    assert lead_times("r", [], [], now=T0).of(Result.PUBLIC_TO_IDENTIFIED).kind is Kind.NOT_BEGUN


def test_the_first_platform_is_not_one_whose_clock_was_wrong() -> None:
    stamps = [stamp(M.INCIDENT, T0), stamp(M.PUBLIC, T0 - HOUR, "a"), stamp(M.PUBLIC, T0 + HOUR, "b")]
    assert lead_times("r", stamps, [], now=T0 + 9 * HOUR).first == "b"
