"""Warnings of releases that wait for longer than the target of their stage."""

from __future__ import annotations

from prefect import flow

from tasks import reports as tasks


@flow(name="alerts", persist_result=False)
def alerts() -> None:
    """Tell of each wait once."""
    tasks.warn()
