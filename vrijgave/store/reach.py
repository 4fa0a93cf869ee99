"""What platforms said of the reach of publications; rows are only ever added."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.reach import Reach
from vrijgave.store import tables
from vrijgave.store.clock_tables import reach as _t
from vrijgave.store.records import record, values


class Reaches:
    """Readings of views."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, reading: Reach) -> None:
        """Record a reading."""
        self._connection.execute(insert(_t).values(**values(reading)))

    def for_release(self, release_id: str) -> list[Reach]:
        """Readings of all publications of a release, oldest first."""
        ours = tables.publication
        query = select(_t).join(ours, ours.c.id == _t.c.publication_id).where(ours.c.release_id == release_id)
        return [record(Reach, row) for row in self._connection.execute(query.order_by(_t.c.at, _t.c.number))]
