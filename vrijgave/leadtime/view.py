"""What management asks of the lead times, and the shape of the answer.

Two programs answer it: ``reference``, slow and plain, from the lead times of each release; and ``columns``, quick, from
arrays. Tests hold them equal. Lengths are whole seconds, cut off below: what is between 0 and 1 s counts as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.leadtime.stages import Headline, Nature, Stage

FEWEST = 10
"""Below so many known lengths no percentile is told: it would say more of single cases than of the work."""


class Hours(StrEnum):
    """Which hours count."""

    ELAPSED = "elapsed"
    """All."""
    OFFICE = "office"
    """Those in which the force works, by its own settings."""


class Split(StrEnum):
    """By what the figures can be split; never by person."""

    UNIT = "unit"
    PLATFORM = "platform"
    OFFENCE = "offence"
    FOOTAGE = "footage"
    STAGE = "stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The question. ``since`` and ``until`` (both included) are days in the installation's zone.

    A release belongs to the period in which it went public (on ``platform`` where that is given, else on its first);
    one that is not public to that in which it came in. None: no bound, or all.
    """

    since: date | None = None
    until: date | None = None
    unit: str | None = None
    platform: str | None = None
    offence: str | None = None
    footage: FootageKind | None = None
    stage: PublicationStage | None = None
    headline: Headline = Headline.INCIDENT_TO_PUBLIC
    """Which of the two lead times the tiles, trend, scatter and splits are about."""
    hours: Hours = Hours.ELAPSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A length between two bounds in whole seconds; equal where it is known exactly."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """One measure over releases. Percentiles are over the ``n`` known ones, None below ``FEWEST`` of them.

    On «all platforms» a headline is that on whichever was soonest; what each platform has for itself (its upload, its
    totals) is that of ``ReleaseLeadTimes.first``, so that the parts fit the whole.

    ``kaplan_meier`` is the median with open ones counted as «at least so long» (and stopped ones too), of the upper
    bounds; None below ``FEWEST`` known ones, or where fewer than half ever get there.
    """

    n: int
    n_open: int
    n_stopped: int
    n_unknown: int
    n_contradictory: int
    median: Bounds | None
    p85: Bounds | None
    p90: Bounds | None
    p95: Bounds | None
    interval: Bounds | None
    """Where the median of more such work lies with 95% certainty: by ``summary.median_rank`` from either end."""
    kaplan_meier: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many; ``of`` 0: there is no share."""

    count: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """The figures of one period. ``within_target`` is None where the force has set no target; it counts the known ones
    whose upper bound is within it."""

    received: int
    published: int
    lead: Spread
    within_target: Share | None
    waiting: Spread
    working: Spread
    held: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage over the releases of the period. ``total`` and ``held`` are sums over the known ones (upper bounds), in
    seconds: ``spread`` and ``total`` are without what was held. ``bottleneck`` is true for the stage of the service
    that takes most."""

    stage: Stage
    nature: Nature
    spread: Spread
    total: int
    held: int
    bottleneck: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A release that is under way now. ``age`` is how long it has been in ``stage`` (without holds), ``total`` since it
    came in; both in seconds of the asked hours. ``held``: it is held now."""

    release_id: str
    number: str
    unit: str
    stage: Stage
    since: datetime
    age: int
    total: int
    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingStage:
    """What is in one stage now, oldest first, beside how long that stage took, without holds, in the period.

    ``held``: how many of all ``count`` are held now. ``beyond_p85`` and ``beyond_p95``: how many of them are there for
    longer than 85 and 95 of 100 took; None where those percentiles are withheld.
    """

    stage: Stage
    spread: Spread
    count: int
    held: int
    beyond_p85: int | None
    beyond_p95: int | None
    waiting: tuple[Waiting, ...]
    """At most ``MOST_WAITING``, the oldest."""


MOST_WAITING = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One published release in the scatter, of a known lead time. ``seconds`` is the upper bound."""

    release_id: str
    number: str
    day: date
    seconds: int


MOST_POINTS = 2000
LONGEST_POINTS = 100
TRAILING_WEEKS = 8
MOST_WEEKS = 156
"""Of a longer period the last weeks are told."""
MOST_DAYS = 400
"""Of a longer period every k-th day of the flow is told, the last one always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Lead time by day of publication. Of more than ``MOST_POINTS`` every k-th in order of (day, release id) is shown,
    and the ``LONGEST_POINTS`` longest, of equal ones the first in that order; ``of`` says how many there are."""

    points: tuple[Point, ...]
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week (Monday ``first``). ``spread`` is over the releases published in the eight weeks up to and including it,
    so that percentiles stand on enough cases; ``received`` and ``published`` are of the week alone."""

    first: date
    received: int
    published: int
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDay:
    """How many releases had got so far at the end of this day; each number is at most the one before it.

    What was public or over before the period began is left out.
    """

    day: date
    received: int
    analysed: int
    reviewed: int
    rendered: int
    approved: int
    published: int
    ended: int
    """Taken down or withdrawn; may be more than ``published``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLine:
    """One value of a split, most published first; an empty ``value`` is «not known».

    ``open``: under way now, whenever it came in. A platform counts its own publications: a release on two of them is in
    both lines.
    """

    value: str
    received: int
    published: int
    open: int
    lead: Spread
    within_target: Share | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Rework and what became of it. ``reworked``: releases whose review was done more than once, of those reviewed.
    ``sent_back``: by a person, of those rendered. ``rescan``: sent back by the second look at the covered output, of
    those that were rendered at all. ``refused``: permission refused at least once. ``taken_down``: of those public."""

    reworked: Share
    sent_back: Share
    rescan: Share
    refused: Share
    withdrawn: Share
    taken_down: Share
    take_down: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the public brought. Shares are of the published releases of the period."""

    tips: int
    usable_tips: int
    with_tip: Share
    with_usable_tip: Share
    identified: Share
    first_tip: Spread
    first_usable_tip: Spread
    identification: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """The whole answer, as of ``now``. ``previous`` is the period of the same length before; None without ``since``."""

    query: Query
    now: datetime
    tiles: Tiles
    previous: Tiles | None
    stages: tuple[StageLine, ...]
    ageing: tuple[AgeingStage, ...]
    scatter: Scatter
    weeks: tuple[Week, ...]
    flow: tuple[FlowDay, ...]
    splits: tuple[tuple[Split, tuple[SplitLine, ...]], ...]
    quality: Quality
    results: Results
