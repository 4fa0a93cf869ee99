"""What runs by the clock: its schedules reach a real Prefect server, and a run does its work once."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from figures import dashboard
from mail_server import mail_server
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from flows.alerts import alerts
from flows.monthly_report import monthly_report
from tasks import running
from vrijgave import supervisor
from vrijgave.domain.releases import Release
from vrijgave.domain.reports import ReportKind
from vrijgave.leadtime import Stage
from vrijgave.services.context import Context
from vrijgave.workflow import ensure_work_pool

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures made by hand in place of those of the store."""
    door = types.ModuleType("vrijgave.services.dashboard")
    door.dashboard = lambda _context, _query: dashboard()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, door.__name__, door)


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
        running.application.cache_clear()
        with context.unit_of_work() as uow:
            uow.releases.add(new_release(id="a" * 32))
            uow.commit()
        for _run in range(2):
            alerts()
        assert len(mail.got) == 1
    assert "geheim" not in caplog.text
