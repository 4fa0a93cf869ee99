"""What runs by the clock: its schedules reach a real Prefect server, and a run does its work once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from mail_server import mail_server
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from flows.alerts import alerts
from flows.monthly_report import monthly_report
from tasks import running
from vrijgave import supervisor
from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import Release, State
from vrijgave.domain.reports import ReportKind
from vrijgave.leadtime import Stage
from vrijgave.services.context import Context
from vrijgave.services.stages import stamp
from vrijgave.workflow import ensure_work_pool

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_the_server_knows_what_runs_when(tmp_path: Path) -> None:
    ensure_work_pool()
    where = {"PREFECT_API_URL": str(PREFECT_API_URL.value()), "VRIJGAVE_ROOT": str(supervisor.ROOT)}
    supervisor._deploy({**os.environ, **where}, tmp_path)
    with get_client(sync_client=True) as client:
        found = {name: client.read_deployment_by_name(f"{name}/{name}") for name in ("monthly_report", "alerts")}
    told = {name: [(s.schedule.cron, s.schedule.timezone, s.active) for s in d.schedules] for name, d in found.items()}
    assert told == {
        "monthly_report": [("0 6 1 * *", "Europe/Amsterdam", True)],
        "alerts": [("*/15 * * * *", "Europe/Amsterdam", True)],
    }
    assert found["alerts"].global_concurrency_limit.limit == 1
    assert {name: d.parameters for name, d in found.items()} == {"monthly_report": {}, "alerts": {}}


def test_a_month_is_kept_once_however_often_the_flow_runs(context: Context) -> None:
    for _run in range(2):
        monthly_report("2026-01")
    with context.reading() as uow:
        (kept,) = uow.reports.list()
    assert (kept.kind, kept.period) == (ReportKind.MONTH, "2026-01")
    assert context.blobs.read_bytes(kept.sha256).startswith(b"%PDF")


def test_a_run_warns_once_and_the_log_holds_no_secret(
    context: Context,
    new_release: Callable[..., Release],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with mail_server() as mail:
        monkeypatch.setenv("VRIJGAVE_ALERT_URLS", f"{mail.url}&name=geheim")
        monkeypatch.setenv("VRIJGAVE_STAGE_TARGETS", f'{{"{Stage.ANALYSED_TO_REVIEW_STARTED}": "P1D"}}')
        monkeypatch.setenv("VRIJGAVE_ALERT_HOURS", "elapsed")
        running.application.cache_clear()
        begun = context.now() - timedelta(days=2, minutes=5)
        release = new_release(state=State.IN_REVIEW, created_at=begun)
        with context.unit_of_work() as uow:
            uow.releases.add(release)
            for milestone in (Milestone.RECEIVED, Milestone.ANALYSIS_STARTED, Milestone.ANALYSED):
                stamp(uow, release, milestone, begun, source="flow:prepare")
            uow.commit()
        for _run in range(2):
            alerts()
        (message,) = mail.got
    assert "2026000001: «Wait for review» for 2 d 0 h" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "geheim" not in caplog.text
