"""What Prometheus reads: read from the database at each scrape, with labels of which there are few, and no case.

What can fall is a gauge, also where it counts: a correction or a second review takes a length back out of the known
ones. So the durations are no histogram, of which a fall reads as a restart, but quantiles of the last days.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import FlowName, State
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Spread
from vrijgave.services.metrics import DAYS, Lengths, Measured

OUTCOMES = ("known", "open", "stopped", "unknown", "contradictory")
QUANTILES = ("0.5", "0.85", "0.9", "0.95")
_RECENT = f"over the releases of the last {DAYS} days"


def registry(measured: Measured) -> CollectorRegistry:
    """A registry of our own that tells ``measured``, and nothing of the process."""
    made = CollectorRegistry(auto_describe=False)
    made.register(_Collector(measured))
    return made


class _Collector(Collector):
    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def collect(self) -> Iterator[Metric]:
        yield from _states(self._measured)
        yield from _failures(self._measured)
        if self._measured.lengths is not None:
            for tell in (_ever, _lead_time, _stages, _queue):
                yield from tell(self._measured.lengths)


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"vrijgave_{name}", what, labels=labels)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    family = _gauge(name, what)
    family.add_metric((), value)
    return family


def _ever(lengths: Lengths) -> Iterator[Metric]:
    yield _one("received_releases", "Releases that ever came in.", lengths.received)
    yield _one("published_releases", "Releases that ever were public.", lengths.published)


def _states(measured: Measured) -> Iterator[Metric]:
    yield _one("example", "1 where all releases and figures of this installation are made up.", measured.example)
    states = _gauge("releases", "Releases by the state in which they are now.", "state")
    for state in State:
        states.add_metric((state.value,), measured.health.states.get(state, 0))
    yield states
    yield _one("held_releases", "Releases that are held on purpose now.", measured.health.held)


def _lead_time(lengths: Lengths) -> Iterator[Metric]:
    tiles = lengths.recent.tiles
    quantiles = _gauge("lead_time_seconds", f"From incident to public, upper bound, {_RECENT}.", "quantile")
    _add_quantiles(quantiles, (), tiles.lead)
    outcomes = _gauge("lead_time_releases", f"How well incident to public is known, {_RECENT}.", "outcome")
    _add_outcomes(outcomes, (), tiles.lead)
    yield from (quantiles, outcomes)
    median = _gauge("lead_time_censored_median_seconds", f"Median with open ones counted (Kaplan-Meier), {_RECENT}.")
    if tiles.lead.kaplan_meier is not None:
        median.add_metric((), tiles.lead.kaplan_meier)
    yield median
    within = _gauge("lead_time_within_target_ratio", f"Share of known lead times within the target, {_RECENT}.")
    if tiles.within_target is not None and tiles.within_target.of:
        within.add_metric((), tiles.within_target.count / tiles.within_target.of)
    yield within


def _stages(lengths: Lengths) -> Iterator[Metric]:
    lines = lengths.recent.stages
    quantiles = _gauge(
        "stage_duration_seconds", f"Length of a stage without holds, upper bound, {_RECENT}.", "stage", "quantile"
    )
    outcomes = _gauge("stage_releases", f"How well the length of a stage is known, {_RECENT}.", "stage", "outcome")
    time = _gauge("stage_time_seconds", f"Known time in a stage together, without holds, {_RECENT}.", "stage", "nature")
    held = _gauge("stage_held_seconds", f"Time held on purpose in a stage together, {_RECENT}.", "stage")
    for line in lines:
        _add_quantiles(quantiles, (line.stage.value,), line.spread)
        _add_outcomes(outcomes, (line.stage.value,), line.spread)
        time.add_metric((line.stage.value, line.nature.value), line.total)
        held.add_metric((line.stage.value,), line.held)
    yield from (quantiles, outcomes, time, held)


def _queue(lengths: Lengths) -> Iterator[Metric]:
    counts = {stage.stage: stage.count for stage in lengths.recent.ageing}
    ages = {stage.stage: wait.age for stage in lengths.recent.ageing for wait in stage.waiting[:1]}  # the oldest first
    count = _gauge("queue_releases", "Releases that are in a stage now.", "stage")
    oldest = _gauge(
        "queue_oldest_age_seconds", "How long the oldest is in a stage, without holds; 0: none is.", "stage"
    )
    for stage in Stage:
        count.add_metric((stage.value,), counts.get(stage, 0))
        oldest.add_metric((stage.value,), ages.get(stage, 0))
    yield from (count, oldest)
    if lengths.late is None:
        return
    late = _gauge("late_releases", "Releases that wait for longer than the target of their stage.", "stage", "told")
    for stage in Stage:
        for told in (True, False):
            late.add_metric((stage.value, str(told).lower()), lengths.late[stage, told])
    yield late


def _failures(measured: Measured) -> Iterator[Metric]:
    health = measured.health
    failed = _gauge("failed_releases", "Releases whose flow failed and that wait for a person.", "flow")
    for flow in FlowName:
        failed.add_metric((flow.value,), health.failed.get(flow, 0))
    sent = _gauge("publications", "Publications by what is certain about them.", "platform", "state")
    for platform in Platform:
        for state in LedgerState:
            sent.add_metric((platform.value, state.value), health.publications.get((platform, state), 0))
    told = CounterMetricFamily("vrijgave_alerts", "How often somebody was told of a wait.", labels=("stage",))
    for stage in Stage:
        told.add_metric((stage.value,), health.alerts.get(stage.value, 0))
    yield from (failed, sent, told)
    age = max(0.0, (measured.now - health.outbox_since).total_seconds()) if health.outbox_since else 0
    yield _one("outbox_messages", "Flows that were asked for and not started yet.", health.outbox)
    yield _one("outbox_oldest_age_seconds", "How long the oldest of them waits; 0: none does.", age)
    yield _one("lead_times_due_releases", "Releases whose kept lead times are behind.", health.due)


def _add_quantiles(family: GaugeMetricFamily, labels: tuple[str, ...], spread: Spread) -> None:
    """Nothing where they are withheld."""
    for quantile, bounds in zip(QUANTILES, (spread.median, spread.p85, spread.p90, spread.p95), strict=True):
        if bounds is not None:
            family.add_metric((*labels, quantile), bounds.high)


def _add_outcomes(family: GaugeMetricFamily, labels: tuple[str, ...], spread: Spread) -> None:
    counts = (spread.n, spread.n_open, spread.n_stopped, spread.n_unknown, spread.n_contradictory)
    for outcome, count in zip(OUTCOMES, counts, strict=True):
        family.add_metric((*labels, outcome), count)
