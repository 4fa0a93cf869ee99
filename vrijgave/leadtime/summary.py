"""Many releases together: how many are known, open, stopped or unknown, and what the known ones took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import isqrt

from vrijgave.leadtime.durations import Duration, Kind
from vrijgave.leadtime.release import ReleaseLeadTimes
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage

MEDIAN = Fraction(1, 2)
P90 = Fraction(9, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One measure over many releases; a release that has not begun it is in none of the counts.

    ``median`` and ``p90`` are over the ``n`` known ones only, None where ``n`` is 0, and an interval where some of
    those are. With open releases beside them they are too low rather than too high: the slow ones come in last.
    """

    n: int
    n_open: int
    n_stopped: int
    n_unknown: int
    n_contradictory: int
    median: Duration | None
    p90: Duration | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """The figures of one measure; ``platform`` as in ``LeadTime``."""

    measure: Measure
    platform: str | None
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All measures over ``releases`` releases: headlines, totals, stages; within a measure by platform."""

    releases: int
    lines: tuple[SummaryLine, ...]

    def of(self, measure: Measure, platform: str | None = None) -> Figures:
        """The figures of ``measure``; zero counts where no release has it."""
        found = (line.figures for line in self.lines if line.measure is measure and line.platform == platform)
        return next(found, _figures(()))


def percentile(values: Sequence[timedelta], share: Fraction) -> timedelta:
    """The value below which ``share`` of ``values`` lies, to the microsecond.

    Linear interpolation between the order statistics around position ``(n - 1) * share``, counted from 0: definition 7
    of Hyndman and Fan, «Sample quantiles in statistical packages», The American Statistician 50 (1996). Raises
    ``ValueError`` without values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = position.numerator // position.denominator
    rest = position - below
    if not rest:
        return ordered[below]
    step = ordered[below + 1] - ordered[below]
    return ordered[below] + step * rest.numerator / rest.denominator


def median_rank(n: int) -> int:
    """The place, from the bottom and from the top of ``n`` values in order, between which the median of what they are
    drawn from lies with at least 95% certainty, however it is spread; for ``n`` of 6 and more.

    Order statistics of the sign test, with its binomial taken as normal: Conover, «Practical Nonparametric Statistics»
    (1999), section 3.2. In whole numbers, so that two programs cannot differ.
    """
    return (n - isqrt(38416 * n // 10000)) // 2


def summarise(releases: Iterable[ReleaseLeadTimes]) -> Summary:
    """Counts and percentiles of every measure that any of ``releases`` has."""
    releases = tuple(releases)
    durations: dict[tuple[Measure, str | None], list[Duration]] = {}
    for release in releases:
        for time in release.times:
            durations.setdefault((time.measure, time.platform), []).append(time.duration)
    keys = sorted(durations, key=lambda key: (_PLACE[key[0]], key[1] or ""))
    lines = (SummaryLine(measure=m, platform=p, figures=_figures(durations[m, p])) for m, p in keys)
    return Summary(releases=len(releases), lines=tuple(lines))


_PLACE: dict[Measure, int] = {measure: i for i, measure in enumerate((*Headline, *Nature, *Stage, *Result))}


def _figures(durations: Sequence[Duration]) -> Figures:
    known = [duration for duration in durations if duration.kind.known]
    counts = Counter(duration.kind for duration in durations)
    return Figures(
        n=len(known),
        n_open=counts[Kind.OPEN],
        n_stopped=counts[Kind.STOPPED],
        n_unknown=counts[Kind.UNKNOWN],
        n_contradictory=counts[Kind.CONTRADICTION],
        median=_bounded(known, MEDIAN),
        p90=_bounded(known, P90),
    )


def _bounded(known: Sequence[Duration], share: Fraction) -> Duration | None:
    """The percentile of the lower bounds and that of the upper bounds.

    The true percentile lies between them, wherever each true length lies within its own bounds, because an order
    statistic never falls when a value rises.
    """
    if not known:
        return None
    low = percentile([duration.bounds[0] for duration in known], share)
    high = percentile([duration.bounds[1] for duration in known], share)
    return Duration.known(low, high, exact=all(duration.kind is Kind.EXACT for duration in known))
