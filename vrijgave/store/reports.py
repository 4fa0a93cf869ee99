"""Reports that are kept; the database refuses a second one of a kind and period."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.reports import Report, ReportKind
from vrijgave.store.clock_tables import report as _t
from vrijgave.store.records import record, values


class Reports:
    """Which reports were made, and where their bytes are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, report: Report) -> None:
        """Record a report. Raises ``Conflict`` where there is one of its kind and period."""
        self._connection.execute(insert(_t).values(**values(report)))

    def find(self, kind: ReportKind, period: str) -> Report | None:
        """The report, or None where it was not made."""
        row = self._connection.execute(select(_t).where(_t.c.kind == kind, _t.c.period == period)).one_or_none()
        return None if row is None else record(Report, row)

    def list(self) -> list[Report]:
        """All, the newest period first."""
        query = select(_t).order_by(_t.c.period.desc(), _t.c.kind)
        return [record(Report, row) for row in self._connection.execute(query)]
