"""Of which waits somebody was warned; the database refuses a second row for the same wait."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from vrijgave.store.clock_tables import alert as _t
from vrijgave.store.clock_tables import hold as _hold
from vrijgave.store.clock_tables import hold_end as _end
from vrijgave.store.lead_times import chunks


class Alerts:
    """Warnings by (release, stage, since when it waits there)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, release_id: str, stage: str, since: datetime, at: datetime) -> None:
        """Record that somebody was told. Raises ``Conflict`` where that was recorded before."""
        self._connection.execute(insert(_t).values(release_id=release_id, stage=stage, since=since, at=at))

    def newest(self, releases: Collection[str]) -> dict[str, datetime]:
        """Release -> when somebody was last told of it; without those held now, or of which nobody was told."""
        ended = select(_end.c.hold)
        held = select(_hold.c.release_id).where(_hold.c.release_id.in_(releases), _hold.c.number.not_in(ended))
        query = select(_t.c.release_id, func.max(_t.c.at).label("at")).where(
            _t.c.release_id.in_(releases), _t.c.release_id.not_in(held)
        )
        return {row.release_id: row.at for row in self._connection.execute(query.group_by(_t.c.release_id))}

    def of(self, releases: Collection[str]) -> set[tuple[str, str, datetime]]:
        """(release, stage, since when it waits there) of every wait of ``releases`` that somebody was told of."""
        query = select(_t.c.release_id, _t.c.stage, _t.c.since)
        rows = (self._connection.execute(query.where(_t.c.release_id.in_(some))) for some in chunks(releases))
        return {(row.release_id, row.stage, row.since) for found in rows for row in found}

    def told(self, release_id: str, stage: str, since: datetime) -> bool:
        """Whether somebody was told of this wait."""
        wait = (_t.c.release_id == release_id, _t.c.stage == stage, _t.c.since == since)
        return self._connection.execute(select(_t.c.number).where(*wait)).first() is not None
