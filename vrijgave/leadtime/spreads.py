"""The spread of one measure over many releases, quickly: from arrays of kinds and bounds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.summary import median_rank
from vrijgave.leadtime.view import FEWEST, Bounds, Spread

Seconds = NDArray[np.int64]
Kinds = NDArray[np.int8]
"""Places in ``Kind``."""

MEDIAN, P85, P90, P95 = Fraction(1, 2), Fraction(85, 100), Fraction(9, 10), Fraction(95, 100)
PLACE = {kind: place for place, kind in enumerate(Kind)}
HALF = 0.5 + 1e-9
"""Half, with room for how floating point rounds."""
KNOWN = np.array([kind.known for kind in Kind])
"""By the place of a kind: whether the whole length can be told."""
_CUT_OFF = np.array([kind.measured and not kind.known for kind in Kind])


def spread(kinds: Kinds, low: Seconds, high: Seconds) -> Spread:
    """The spread over releases with these kinds and bounds; all three of one length, [releases]."""
    counts = np.bincount(kinds, minlength=len(PLACE))
    known = KNOWN[kinds]
    n = int(known.sum())
    cut = high[_CUT_OFF[kinds]]
    if n < len(kinds):
        low, high = low[known], high[known]
    highs = np.sort(high)
    lows = highs if np.array_equal(low, high) else np.sort(low)
    median, p85, p90, p95 = (_bounds(lows, highs, share) for share in (MEDIAN, P85, P90, P95))
    return Spread(
        n=n,
        n_open=int(counts[PLACE[Kind.OPEN]]),
        n_stopped=int(counts[PLACE[Kind.STOPPED]]),
        n_unknown=int(counts[PLACE[Kind.UNKNOWN]]),
        n_contradictory=int(counts[PLACE[Kind.CONTRADICTION]]),
        median=median,
        p85=p85,
        p90=p90,
        p95=p95,
        interval=_interval(lows, highs),
        kaplan_meier=kaplan_meier(highs, np.sort(cut)) if n >= FEWEST else None,
    )


def percentile(ordered: Seconds, share: Fraction) -> int:
    """As ``summary.percentile``, of whole seconds in ascending order, cut off below. Raises without values."""
    below, rest = divmod((len(ordered) - 1) * share.numerator, share.denominator)
    low = int(ordered[below])
    return low if not rest else low + (int(ordered[below + 1]) - low) * rest // share.denominator


def kaplan_meier(ended: Seconds, cut_off: Seconds) -> int | None:
    """The shortest length that at most half exceed, where ``cut_off`` are only known to last at least so long; both in
    ascending order. None where more than half exceed every length seen.

    The product-limit estimate of Kaplan and Meier, «Nonparametric estimation from incomplete observations», Journal of
    the American Statistical Association 53 (1958). One cut off at a length counts as still under way at it.
    """
    if not len(cut_off):
        return int(ended[(len(ended) - 1) // 2]) if len(ended) else None
    first = np.flatnonzero(np.diff(ended, prepend=ended[:1] - 1))
    lengths, ends = ended[first], np.diff(first, append=len(ended))
    left = len(ended) + len(cut_off) - first - np.searchsorted(cut_off, lengths)
    exceed = np.cumprod(1 - ends / left)
    reached = np.flatnonzero(exceed <= HALF)
    return int(lengths[reached[0]]) if len(reached) else None


def _interval(lows: Seconds, highs: Seconds) -> Bounds | None:
    if len(lows) < FEWEST:
        return None
    rank = median_rank(len(lows))
    return Bounds(low=int(lows[rank - 1]), high=int(highs[-rank]))


def _bounds(lows: Seconds, highs: Seconds, share: Fraction) -> Bounds | None:
    if len(lows) < FEWEST:
        return None
    return Bounds(low=percentile(lows, share), high=percentile(highs, share))
