"""The report of a month, made on the first day of the next one."""

from __future__ import annotations

from prefect import flow

from tasks import reports as tasks


@flow(name="monthly_report", persist_result=False)
def monthly_report(month: str | None = None) -> None:
    """Make and keep the report of ``month`` (``2026-10``), by default the one before; once, however often it runs."""
    tasks.keep_month(month)
