"""``/metrics`` over HTTP: behind its token, well-formed, and with the figures of the database and the dashboard."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain
from pydantic import SecretStr
from web_clients import Browser, Clock, make_context
from web_site import Site

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import RetryLater
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Dashboard, Hours, Query
from vrijgave.services import example
from vrijgave.services.alerts import late, targets
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard
from vrijgave.services.lead_times import refresh
from vrijgave.services.metrics import DAYS, measure
from vrijgave.store import UnitOfWork, sqlite_url
from vrijgave.web.metrics import registry

RELEASES = 100
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
"""What a Prometheus says that it reads."""
TOKEN = "een-lang-en-toevallig-geheim"
NOW = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
TARGETS = {stage.value: timedelta(hours=4) for stage in Stage}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The pages of a made-up year, with a token for those who watch."""
    home = tmp_path_factory.mktemp("metrics")
    shutil.copyfile(sqlite_template, home / "test.db")
    settings = {"metrics_token": SecretStr(TOKEN), "stage_targets": TARGETS, "lead_time_target": timedelta(days=5)}
    context = make_context(sqlite_url(home / "test.db"), home, Clock(NOW), **settings)
    example.fill(context, seed=7, releases=RELEASES, until=date(2026, 10, 1))
    refresh(context)
    site = Site(context)
    site.start()
    yield site
    site.stop()


def scrape(site: Site, accept: str = "") -> httpx.Response:
    return httpx.get(f"{site.url}/metrics", headers={"authorization": f"Bearer {TOKEN}", "accept": accept}, timeout=60)


@pytest.fixture(scope="module")
def families(site: Site) -> list[Metric]:
    """What one scrape tells."""
    return list(plain(scrape(site).text))


def samples(families: Iterable[Metric]) -> Samples:
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def told(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"vrijgave_{name}", frozenset(labels.items())))


def recent(context: Context) -> Dashboard:
    return dashboard(context, Query(since=NOW.date() - timedelta(days=DAYS - 1)))


def test_only_who_shows_the_token_reads(site: Site, browser: Browser, context: Context) -> None:
    url = f"{site.url}/metrics"
    for shown in (None, "", "Bearer", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer é"):
        answer = httpx.get(url, headers={} if shown is None else {"authorization": shown.encode()}, timeout=60)
        assert (answer.status_code, answer.text) == (401, "")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert scrape(site).status_code == 200
    for nothing in (None, SecretStr(""), SecretStr("  ")):
        without = replace(context, settings=context.settings.model_copy(update={"metrics_token": nothing}))
        browser.app.state.context = without  # type: ignore[attr-defined]
        for shown in ("", "Bearer ", "Bearer", "Bearer None", f"Bearer {TOKEN}"):
            assert browser.get("/metrics", headers={"authorization": shown}).status_code == 404


def test_both_formats_are_well_formed_and_say_the_same(site: Site, families: list[Metric]) -> None:
    strict = scrape(site, PROMETHEUS)
    assert strict.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert strict.text.endswith("# EOF\n")
    told = [(f.name, f.type, f.documentation, f.samples) for f in openmetrics(strict.text)]
    assert told == [(f.name, f.type, f.documentation, f.samples) for f in families]
    assert len(told) > 15


def test_names_labels_and_types_are_as_is_usual(families: list[Metric]) -> None:
    allowed = {
        "stage": {s.value for s in Stage}, "state": {s.value for s in (*State, *LedgerState)},
        "flow": {f.value for f in FlowName}, "platform": {p.value for p in Platform}, "told": {"true", "false"},
        "nature": {"working", "waiting"}, "quantile": {"0.5", "0.85", "0.9", "0.95"},
        "outcome": {"known", "open", "stopped", "unknown", "contradictory"},
    }  # fmt: skip
    for family in families:
        assert re.fullmatch(r"vrijgave_[a-z_]+", family.name)
        assert family.documentation.endswith(".")
        assert not re.search(r"_(milliseconds|minutes|hours|days|percent)$", family.name)
        assert family.type in ("gauge", "counter")
        for sample in family.samples:
            assert sample.name.endswith("_total") == (family.type == "counter")
            assert all(value in allowed[label] for label, value in sample.labels.items())


def test_figures_are_those_of_the_dashboard(site: Site, families: list[Metric]) -> None:
    found, shown, ever = samples(families), recent(site.context), dashboard(site.context, Query())
    assert told(found, "published_releases") == ever.tiles.published > 0
    assert told(found, "received_releases") == RELEASES
    lead = shown.tiles.lead
    assert lead.median is not None
    assert lead.p90 is not None
    assert shown.tiles.within_target is not None
    assert told(found, "lead_time_seconds", quantile="0.5") == lead.median.high
    assert told(found, "lead_time_seconds", quantile="0.9") == lead.p90.high
    assert told(found, "lead_time_censored_median_seconds") == lead.kaplan_meier
    assert told(found, "lead_time_releases", outcome="open") == lead.n_open
    within = shown.tiles.within_target
    assert told(found, "lead_time_within_target_ratio") == pytest.approx(within.count / within.of)
    for line in shown.stages:
        p85 = told(found, "stage_duration_seconds", stage=line.stage.value, quantile="0.85")
        assert p85 == (line.spread.p85.high if line.spread.p85 else None)
        assert told(found, "stage_releases", stage=line.stage.value, outcome="known") == line.spread.n
        assert told(found, "stage_time_seconds", stage=line.stage.value, nature=line.nature.value) == line.total
        assert told(found, "stage_held_seconds", stage=line.stage.value) == line.held
    assert any(line.spread.p85 is None for line in shown.stages), "something is withheld"
    ageing = {stage.stage: stage for stage in ever.ageing}
    for stage in Stage:
        there = ageing.get(stage)
        assert told(found, "queue_releases", stage=stage.value) == (there.count if there else 0)
        assert told(found, "queue_oldest_age_seconds", stage=stage.value) == (there.waiting[0].age if there else 0)
    assert len(ageing) > 3
    with site.context.reading() as uow:
        sent = Counter((p.platform, p.state) for r in uow.releases.list() for p in uow.publications.for_release(r.id))
    for platform in Platform:
        for state in LedgerState:
            count = told(found, "publications", platform=platform.value, state=state.value)
            assert count == sent[platform, state]
    assert sent[Platform.YOUTUBE, LedgerState.LIVE] > 0


def test_late_waits_are_told_apart_by_whether_somebody_was_told(site: Site) -> None:
    context = site.context
    shown = dashboard(context, Query(hours=Hours.OFFICE))
    waits = [one.wait for one in late(shown.ageing, targets(context.settings))]
    with context.unit_of_work() as uow:
        uow.alerts.add(waits[0].release_id, waits[0].stage.value, waits[0].since, NOW)
        uow.alerts.add(waits[0].release_id, waits[0].stage.value, waits[0].since - timedelta(days=1), NOW)
        uow.commit()
    found = samples(plain(scrape(site).text))
    stage = waits[0].stage
    assert told(found, "late_releases", stage=stage.value, told="true") == 1
    assert told(found, "late_releases", stage=stage.value, told="false") == sum(w.stage is stage for w in waits) - 1
    assert told(found, "alerts_total", stage=stage.value) == 2


def test_made_up_figures_say_so(families: list[Metric], context: Context) -> None:
    assert told(samples(families), "example") == 1
    real = replace(context, settings=context.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)}))
    other = Site(real)
    other.start()
    answer = scrape(other)
    other.stop()
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(plain(answer.text))
    assert told(found, "example") == 0
    assert told(found, "published_releases") == 0
    assert told(found, "lead_time_seconds", quantile="0.5") is None
    assert told(found, "late_releases", stage="rendered_to_approved", told="false") is None


def test_failures_are_told_while_lead_times_are_behind(context: Context) -> None:
    def behind(_context: Context, _query: Query) -> Dashboard:
        raise RetryLater("later")

    found = samples(registry(measure(context, behind)).collect())
    assert told(found, "failed_releases", flow="render") == 0
    assert told(found, "lead_times_due_releases") == 0
    assert told(found, "example") == 0
    assert not any(name.startswith(("vrijgave_lead_time_", "vrijgave_stage_", "vrijgave_queue_")) for name, _l in found)


def test_counts_are_those_of_the_database(
    uow_factory: Callable[[], UnitOfWork], new_release: Callable[..., Release]
) -> None:
    with uow_factory() as uow:
        assert uow.counts.health().outbox_since is None
        uow.releases.add(new_release(state=State.IN_REVIEW))
        for days in range(3):
            uow.releases.add(new_release(created_at=NOW + timedelta(days=days)), start=FlowName.PREPARE)
        waits = uow.releases.add(new_release())
        moved = uow.releases.move(waits, State.ANALYSING, at=NOW, actor="flow", reason="")
        uow.releases.move(moved, State.FAILED, at=NOW, actor="flow", reason="x", failed_flow=FlowName.PREPARE)
        uow.holds.begin(waits.id, HoldReason.OTHER, "", NOW, actor="bas", recorded_at=NOW)
        uow.holds.begin(waits.id, HoldReason.OTHER, "", NOW, actor="bas", recorded_at=NOW)
        ended = uow.releases.add(new_release())
        over = uow.holds.begin(ended.id, HoldReason.OTHER, "", NOW, actor="bas", recorded_at=NOW)
        uow.holds.finish(over, NOW, actor="bas", recorded_at=NOW)
        uow.alerts.add(waits.id, "rendered_to_approved", NOW, NOW)
        uow.outbox.mark_dispatched(uow.outbox.pending(1)[0].id, "run", NOW)
        uow.commit()
    with uow_factory() as uow:
        health = uow.counts.health()
        assert health.states == {State.RECEIVED: 4, State.IN_REVIEW: 1, State.FAILED: 1}
        assert health.failed == {FlowName.PREPARE: 1}
        assert health.alerts == {"rendered_to_approved": 1}
        assert health.held == 1
        assert health.due == 6
        assert health.publications == {}
        assert (health.outbox, health.outbox_since) == (2, NOW + timedelta(days=1))
