"""Counts and percentiles over many releases."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.leadtime import (
    Duration,
    Headline,
    Kind,
    LeadTime,
    Nature,
    ReleaseLeadTimes,
    Result,
    Stage,
    lead_times,
    percentile,
    summarise,
)
from vrijgave.leadtime.durations import CONTRADICTION, NOT_BEGUN, UNKNOWN

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PUBLIC = Headline.INCIDENT_TO_PUBLIC
lengths = st.integers(0, 10**12).map(lambda us: timedelta(microseconds=us))


def release(duration: Duration, platform: str | None = None) -> ReleaseLeadTimes:
    time = LeadTime(measure=PUBLIC, platform=platform, duration=duration, rounds=1)
    return ReleaseLeadTimes(release_id="r", now=T0, first=None, times=(time,), contradictions=())


def exactly(hours: float) -> Duration:
    return Duration(Kind.EXACT, hours * HOUR, hours * HOUR)


def test_no_release_gives_no_line_and_empty_figures() -> None:
    summary = summarise([])
    assert (summary.releases, summary.lines) == (0, ())
    figures = summary.of(PUBLIC)
    assert (figures.n, figures.n_open, figures.n_unknown, figures.median, figures.p90) == (0, 0, 0, None, None)


def test_every_kind_is_counted_and_only_the_known_ones_measured() -> None:
    so_far = Duration(Kind.OPEN, 99 * HOUR, 99 * HOUR)
    stopped = Duration(Kind.STOPPED, 98 * HOUR, 98 * HOUR)
    kinds = [exactly(1), exactly(3), so_far, so_far, so_far, stopped, UNKNOWN, UNKNOWN, CONTRADICTION, NOT_BEGUN]
    figures = summarise(map(release, kinds)).of(PUBLIC)
    assert (figures.n, figures.n_open, figures.n_stopped) == (2, 3, 1)
    assert (figures.n_unknown, figures.n_contradictory) == (2, 1)
    assert figures.median == exactly(2)
    assert figures.p90 == exactly(2.8)


def test_only_open_ones_have_no_median() -> None:
    figures = summarise([release(Duration(Kind.OPEN, HOUR, HOUR))]).of(PUBLIC)
    assert (figures.n, figures.n_open, figures.median, figures.p90) == (0, 1, None, None)


def test_one_known_release_is_its_own_median_and_p90() -> None:
    figures = summarise([release(exactly(5))]).of(PUBLIC)
    assert (figures.n, figures.median, figures.p90) == (1, exactly(5), exactly(5))


def test_platforms_have_lines_of_their_own() -> None:
    summary = summarise([release(exactly(1), "youtube"), release(exactly(2), "press_kit"), release(exactly(3))])
    assert [line.platform for line in summary.lines] == [None, "press_kit", "youtube"]
    assert summary.of(PUBLIC, "youtube").median == exactly(1)


@given(st.lists(lengths, min_size=2, max_size=40))
def test_percentiles_agree_with_the_standard_library(values: list[timedelta]) -> None:
    """``statistics`` computes the same definition in floating point, over seconds."""
    seconds = [value.total_seconds() for value in values]
    tenths = statistics.quantiles(seconds, n=10, method="inclusive")
    assert percentile(values, Fraction(9, 10)).total_seconds() == pytest.approx(tenths[8], rel=1e-9, abs=2e-6)
    assert percentile(values, Fraction(1, 2)).total_seconds() == pytest.approx(
        statistics.median(seconds), rel=1e-9, abs=2e-6
    )


@given(st.lists(lengths, min_size=1, max_size=40), st.fractions(0, 1, max_denominator=1000))
def test_a_percentile_lies_among_its_values(values: list[timedelta], share: Fraction) -> None:
    found = percentile(values, share)
    assert min(values) <= found <= max(values)
    if len(set(values)) == 1:
        assert found == values[0]


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], Fraction(1, 2))


@given(st.lists(st.tuples(lengths, lengths, st.fractions(0, 1, max_denominator=1000)), min_size=1, max_size=20))
def test_an_interval_percentile_holds_the_true_one(rows: list[tuple[timedelta, timedelta, Fraction]]) -> None:
    """Wherever the true lengths lie within their bounds, their percentile lies within the one that is told."""
    known, true = [], []
    for a, b, place in rows:
        low, high = sorted((a, b))
        known.append(release(Duration(Kind.INTERVAL, low, high)))
        true.append(low + (high - low) * place.numerator / place.denominator)
    figures = summarise(known).of(PUBLIC)
    for told, share in ((figures.median, Fraction(1, 2)), (figures.p90, Fraction(9, 10))):
        assert told is not None
        assert told.kind is Kind.INTERVAL
        low, high = told.bounds
        assert low <= percentile(true, share) <= high


def test_lines_follow_the_order_of_the_stage_clock() -> None:
    stamps = [
        Stamp(
            release_id="r",
            milestone=milestone,
            earliest=T0 + i * HOUR,
            latest=T0 + i * HOUR,
            certainty=Certainty.EXACT,
            source="flow:test",
            recorded_at=T0,
        )
        for i, milestone in enumerate(Milestone)
    ]
    now = T0 + 99 * HOUR
    summary = summarise([lead_times("r", stamps, [], now=now)])
    assert [line.measure for line in summary.lines] == [*Headline, *Nature, *Stage, *Result]
    assert all(line.figures.n == 1 for line in summary.lines)
    both = summarise(lead_times("r", stamps, [], now=now, targets=[p]) for p in ("youtube", "press_kit"))
    assert [line.measure for line in both.lines] == sorted((line.measure for line in both.lines), key=_place)
    assert {line.platform for line in both.lines if line.measure is Stage.UPLOADED_TO_PUBLIC} == {
        "youtube",
        "press_kit",
    }


def _place(measure: object) -> int:
    return [*Headline, *Nature, *Stage, *Result].index(measure)  # type: ignore[arg-type]
