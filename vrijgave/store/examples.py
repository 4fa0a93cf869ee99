"""Whether what an installation holds is made up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from vrijgave.store import tables
from vrijgave.store.clock_tables import example_history as _t


class Examples:
    """Made-up histories that this installation was filled with."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made_at: datetime, seed: int, releases: int) -> None:
        """Record that a history was made up; from then on everything here counts as example."""
        self._connection.execute(insert(_t).values(made_at=made_at, seed=seed, releases=releases))

    def any(self) -> bool:
        """Whether one was made up here."""
        return self._connection.execute(select(_t.c.number).limit(1)).first() is not None

    def room(self) -> bool:
        """Whether there is nothing here yet that a history could be taken for."""
        return self._connection.execute(select(tables.release.c.id).limit(1)).first() is None
