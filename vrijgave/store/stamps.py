"""Readings of the stage clock; rows are only ever added."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.clock import Stamp
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.stamp


class Stamps:
    """When releases reached their milestones."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, stamp: Stamp) -> None:
        """Record a reading; a correction is a newer reading of the same milestone."""
        self._connection.execute(insert(_t).values(**values(stamp)))

    def for_release(self, release_id: str) -> list[Stamp]:
        """Readings of one release in the order of recording."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        return [record(Stamp, row) for row in self._connection.execute(query)]

    def all(self) -> list[Stamp]:
        """Readings of all releases in the order of recording."""
        return [record(Stamp, row) for row in self._connection.execute(select(_t).order_by(_t.c.number))]
