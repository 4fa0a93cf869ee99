"""Spreads from arrays are those of the plain definitions."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from math import comb
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.leadtime import Kind, percentile
from vrijgave.leadtime.spreads import PLACE, kaplan_meier, spread
from vrijgave.leadtime.summary import median_rank
from vrijgave.leadtime.view import Bounds

CASES = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.integers(0, 40), st.integers(0, 30)), max_size=60
)  # short lengths, so that many are equal


def plain_median(ended: list[int], cut_off: list[int]) -> int | None:
    """Kaplan and Meier by their definition, one length at a time."""
    share = Fraction(1)
    for length in sorted(set(ended)):
        left = sum(one >= length for one in (*ended, *cut_off))
        share *= 1 - Fraction(ended.count(length), left)
        if share <= Fraction(1, 2):
            return length
    return None


@given(CASES)
def test_a_spread_is_that_of_the_definitions(cases: list[tuple[Kind, int, int]]) -> None:
    kinds = np.array([PLACE[kind] for kind, _low, _wide in cases], np.int8)
    low = np.array([low for _kind, low, _wide in cases], np.int64)
    told = spread(kinds, low, low + np.array([wide for _kind, _low, wide in cases], np.int64))
    known = [(low, low + wide) for kind, low, wide in cases if kind.known]
    cut_off = [low + wide for kind, low, wide in cases if kind in (Kind.OPEN, Kind.STOPPED)]
    assert told.n == len(known)
    assert told.n_open == sum(kind is Kind.OPEN for kind, _low, _wide in cases)
    assert told.n_unknown == sum(kind is Kind.UNKNOWN for kind, _low, _wide in cases)
    if len(known) < 10:
        assert (told.median, told.p85, told.p90, told.kaplan_meier) == (None, None, None, None)
        return
    rank = median_rank(len(known))
    lows, highs = (sorted(side) for side in zip(*known, strict=True))
    assert told.interval == Bounds(low=lows[rank - 1], high=highs[len(known) - rank])
    for bounds, share in ((told.median, "1/2"), (told.p85, "17/20"), (told.p90, "9/10"), (told.p95, "19/20")):
        assert bounds is not None
        for side, value in enumerate((bounds.low, bounds.high)):
            exact = percentile([timedelta(seconds=one[side]) for one in known], Fraction(share))
            assert value == exact // timedelta(seconds=1)
    assert told.kaplan_meier == plain_median([high for _low, high in known], cut_off)


@pytest.mark.parametrize("n", [*range(10, 200), 1000, 5001])
def test_the_interval_of_the_median_is_as_sure_as_it_says_and_no_wider(n: int) -> None:
    def sure(rank: int) -> Fraction:
        return 1 - Fraction(2 * sum(comb(n, below) for below in range(rank)), 2**n)

    rank = median_rank(n)
    assert sure(rank) >= Fraction(95, 100)
    assert sure(rank + 2) < Fraction(95, 100)


def test_exactly_half_is_enough() -> None:
    ended, cut_off = np.arange(100), np.full(0, 0)
    assert kaplan_meier(ended, cut_off) == 49
    assert kaplan_meier(ended, np.array([200])) == 50
    assert kaplan_meier(np.arange(10), np.full(11, 30)) is None


def test_many_cut_off_between_many_known_ones_take_no_time() -> None:
    random = np.random.default_rng(7)
    ended, cut_off = np.sort(random.integers(0, 10**7, 150_000)), np.sort(random.integers(0, 10**7, 50_000))
    begun = perf_counter()
    assert kaplan_meier(ended, cut_off) is not None
    assert perf_counter() - begun < 2
