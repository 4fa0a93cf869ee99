"""What persons have watched of the files that are to go out; never less than before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from vrijgave.domain.watched import Pace, Stretch
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.watched
_pace = tables.watch_pace


class Watched:
    """Stretches by person and file, and how fast each person may report more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._flavour = postgresql if connection.dialect.name == "postgresql" else sqlite

    def stretches(self, actor: str, files: Collection[str]) -> dict[str, tuple[Stretch, ...]]:
        """SHA-256 -> what ``actor`` has watched of it; files of which nothing was watched are left out."""
        query = select(_t).where(_t.c.actor == actor, _t.c.sha256.in_(files))
        return {row.sha256: row.stretches for row in self._connection.execute(query)}

    def keep(self, actor: str, sha256: str, stretches: tuple[Stretch, ...]) -> None:
        """All that ``actor`` has watched of a file."""
        new = self._flavour.insert(_t).values(actor=actor, sha256=sha256, stretches=stretches)
        self._connection.execute(
            new.on_conflict_do_update(
                index_elements=[_t.c.actor, _t.c.sha256], set_={"stretches": new.excluded.stretches}
            )
        )

    def pace(self, actor: str) -> Pace | None:
        """Held until the unit of work ends, so that nothing is counted twice; None before the first report."""
        query = select(_pace).where(_pace.c.actor == actor).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else record(Pace, row)

    def set_pace(self, pace: Pace) -> None:
        """From here on."""
        new = self._flavour.insert(_pace).values(**values(pace))
        self._connection.execute(
            new.on_conflict_do_update(
                index_elements=[_pace.c.actor],
                set_={"at": new.excluded.at, "credit_ms": new.excluded.credit_ms},
            )
        )
