"""Of which waits somebody was warned; the database refuses a second row for the same wait."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from vrijgave.store.clock_tables import alert as _t


class Alerts:
    """Warnings by (release, stage, since when it waits there)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, release_id: str, stage: str, since: datetime, at: datetime) -> None:
        """Record that somebody was told. Raises ``Conflict`` where that was recorded before."""
        self._connection.execute(insert(_t).values(release_id=release_id, stage=stage, since=since, at=at))

    def told(self, release_id: str, stage: str, since: datetime) -> bool:
        """Whether somebody was told of this wait."""
        wait = (_t.c.release_id == release_id, _t.c.stage == stage, _t.c.since == since)
        return self._connection.execute(select(_t.c.number).where(*wait)).first() is not None
