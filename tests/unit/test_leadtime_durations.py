"""Durations: between bounds, cut off, added up; time zones, summer time and leap days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vrijgave.leadtime.durations import (
    CONTRADICTION,
    NOT_BEGUN,
    UNKNOWN,
    ZERO,
    Duration,
    Kind,
    Moment,
    add_up,
    between,
    cut_off,
    in_utc,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

moments = st.integers(0, 2_000_000).map(lambda s: T0 + timedelta(seconds=s))


@st.composite
def spans(draw: st.DrawFn) -> Moment:
    """A moment between two bounds, estimated unless they are equal and luck has it."""
    low, high = sorted((draw(moments), draw(moments)))
    return Moment(low, high, exact=draw(st.booleans()))


def exactly(hours: float) -> Duration:
    return Duration(Kind.EXACT, hours * HOUR, hours * HOUR)


def vague(low: float, high: float) -> Duration:
    return Duration(Kind.INTERVAL, low * HOUR, high * HOUR)


@given(spans(), spans())
def test_bounds_hold_for_every_possible_pair_of_moments(start: Moment, end: Moment) -> None:
    found = between(start, end)
    corners = [e - s for s in (start.earliest, start.latest) for e in (end.earliest, end.latest)]
    possible = [length for length in corners if length >= ZERO]
    if not possible:
        assert found == CONTRADICTION
        return
    assert found.bounds == (max(min(corners), ZERO), max(corners))
    assert found.kind is (Kind.EXACT if start.exact and end.exact and found.minimum == found.maximum else Kind.INTERVAL)


def test_equal_moments_are_zero_apart_and_no_contradiction() -> None:
    assert between(Moment.at(T0), Moment.at(T0)) == exactly(0)


def test_a_negative_duration_is_a_contradiction_even_by_a_microsecond() -> None:
    assert between(Moment.at(T0), Moment.at(T0 - timedelta(microseconds=1))) == CONTRADICTION


def test_an_estimate_of_one_moment_stays_an_estimate() -> None:
    guessed = Moment(T0, T0, exact=False)
    assert between(guessed, Moment.at(T0 + HOUR)) == Duration(Kind.INTERVAL, HOUR, HOUR)


@pytest.mark.parametrize("kind", [Kind.OPEN, Kind.STOPPED])
def test_cut_off_counts_the_part_so_far(kind: Kind) -> None:
    assert cut_off(Moment.at(T0), T0 + HOUR, kind) == Duration(kind, HOUR, HOUR)
    assert cut_off(Moment.at(T0), T0 - HOUR, kind) == CONTRADICTION


@given(st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)), st.integers(0, 10_000_000))
def test_summer_time_and_leap_days_do_not_matter(local: datetime, seconds: int) -> None:
    """Whatever the wall clocks in Amsterdam say, what passed is what passed."""
    start = local.replace(tzinfo=AMSTERDAM)
    assume(start.astimezone(UTC).astimezone(AMSTERDAM).replace(fold=0) == local.replace(tzinfo=AMSTERDAM))
    end = (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(AMSTERDAM)
    elapsed = timedelta(seconds=int(end.timestamp()) - int(start.timestamp()))
    found = between(Moment.at(start.replace(microsecond=0)), Moment.at(end.replace(microsecond=0)))
    assert found == Duration(Kind.EXACT, elapsed, elapsed)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 23),  # the clock goes forward
        (datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 25),  # the clock goes back
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1), 1),  # the hour that comes twice
        (datetime(2028, 2, 28, 12), datetime(2028, 3, 1, 12), 48),  # a leap year
        (datetime(2026, 2, 28, 12), datetime(2026, 3, 1, 12), 24),
    ],
)
def test_known_days(start: datetime, end: datetime, hours: int) -> None:
    found = between(Moment.at(start.replace(tzinfo=AMSTERDAM)), Moment.at(end.replace(tzinfo=AMSTERDAM)))
    assert found == exactly(hours)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        in_utc(datetime(2026, 3, 1, 12))


@pytest.mark.parametrize(
    ("parts", "at_least", "total"),
    [
        ([], Kind.NOT_BEGUN, NOT_BEGUN),
        ([], Kind.OPEN, NOT_BEGUN),
        ([NOT_BEGUN, NOT_BEGUN], Kind.OPEN, NOT_BEGUN),
        ([exactly(1), exactly(2)], Kind.NOT_BEGUN, exactly(3)),
        ([exactly(1), NOT_BEGUN], Kind.NOT_BEGUN, exactly(1)),
        ([exactly(1), NOT_BEGUN], Kind.OPEN, Duration(Kind.OPEN, HOUR, HOUR)),
        (
            [exactly(1), Duration(Kind.INTERVAL, HOUR, 2 * HOUR)],
            Kind.NOT_BEGUN,
            Duration(Kind.INTERVAL, 2 * HOUR, 3 * HOUR),
        ),
        ([Duration(Kind.OPEN, HOUR, HOUR), exactly(1)], Kind.NOT_BEGUN, Duration(Kind.OPEN, 2 * HOUR, 2 * HOUR)),
        ([Duration(Kind.STOPPED, ZERO, HOUR), exactly(1)], Kind.NOT_BEGUN, Duration(Kind.STOPPED, HOUR, 2 * HOUR)),
        ([UNKNOWN, exactly(1)], Kind.NOT_BEGUN, UNKNOWN),
        ([UNKNOWN, Duration(Kind.OPEN, HOUR, HOUR)], Kind.NOT_BEGUN, UNKNOWN),
        ([exactly(1), CONTRADICTION, UNKNOWN], Kind.NOT_BEGUN, CONTRADICTION),
    ],
)
def test_a_sum_is_of_its_weakest_kind(parts: list[Duration], at_least: Kind, total: Duration) -> None:
    assert add_up(parts, at_least) == total


@pytest.mark.parametrize(
    ("kind", "minimum", "maximum"),
    [
        (Kind.EXACT, None, None),
        (Kind.OPEN, HOUR, None),
        (Kind.UNKNOWN, ZERO, ZERO),
        (Kind.NOT_BEGUN, None, HOUR),
        (Kind.INTERVAL, 2 * HOUR, HOUR),
        (Kind.INTERVAL, -HOUR, HOUR),
        (Kind.EXACT, HOUR, 2 * HOUR),
    ],
)
def test_an_impossible_duration_cannot_be_made(
    kind: Kind, minimum: timedelta | None, maximum: timedelta | None
) -> None:
    with pytest.raises(ValueError, match=r"bounds|length"):
        Duration(kind, minimum, maximum)
