"""Who has which review room open, as far as their pages said lately. Rows come and go; nothing is derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from vrijgave.store import tables

_t = tables.room_presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A person in a room."""

    actor: str
    seen_at: datetime


class Presences:
    """One row for each release and person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def see(self, release_id: str, actor: str, at: datetime) -> None:
        """``actor`` has the room open at ``at``."""
        flavour = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        there = flavour.insert(_t).values(release_id=release_id, actor=actor, seen_at=at)
        self._connection.execute(
            there.on_conflict_do_update(index_elements=[_t.c.release_id, _t.c.actor], set_={"seen_at": at})
        )

    def seen(self, release_id: str, actor: str) -> datetime | None:
        """When ``actor`` was last written down as there."""
        query = select(_t.c.seen_at).where(_t.c.release_id == release_id, _t.c.actor == actor)
        return self._connection.execute(query).scalar_one_or_none()

    def list(self, release_id: str, *, since: datetime, besides: str) -> list[Presence]:
        """Who else was there at ``since`` or later, by name."""
        query = select(_t.c.actor, _t.c.seen_at).where(
            _t.c.release_id == release_id, _t.c.seen_at >= since, _t.c.actor != besides
        )
        rows = self._connection.execute(query.order_by(_t.c.actor))
        return [Presence(actor=row.actor, seen_at=row.seen_at) for row in rows]

    def forget_before(self, at: datetime) -> None:
        """Clear away who left."""
        self._connection.execute(delete(_t).where(_t.c.seen_at < at))
