"""Tasks of what is made and told by the clock."""

from __future__ import annotations

from prefect import task

from tasks.running import RETRYING, application
from vrijgave.services import alerts, reports
from vrijgave.services.dashboard import dashboard
from vrijgave.services.reports import Month


@task(**RETRYING, timeout_seconds=900)
def keep_month(month: str | None) -> str:
    """Make the report of a month where there is none; answers its SHA-256."""
    context = application()
    wanted = Month.read(month) if month else reports.month_before(context)
    return reports.keep_month(context, wanted, dashboard).sha256


@task(**RETRYING, timeout_seconds=300)
def warn() -> int:
    """Warn of what waits for too long; answers of how many releases."""
    return alerts.warn(application(), dashboard)
