"""How many of what there are now, for those who watch the service: each a count that the database makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import FlowName, State
from vrijgave.store import tables
from vrijgave.store.clock_tables import alert, clock_mark, hold, hold_end


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What there is now; without a release in some state, nothing is said of that state."""

    states: Mapping[State, int]
    failed: Mapping[FlowName, int]
    publications: Mapping[tuple[Platform, LedgerState], int]
    alerts: Mapping[str, int]
    """Stage -> how often somebody was ever told of a wait there."""
    outbox: int
    """Messages of which no flow was started yet."""
    outbox_since: datetime | None
    """Since when the oldest of them waits."""
    held: int
    """Releases held on purpose."""
    due: int
    """Releases whose lead times have yet to be worked out again."""


class Counts:
    """Counts over all releases; writes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def health(self) -> Health:
        """All counts at once."""
        release, publication, outbox = tables.release, tables.publication, tables.outbox
        waiting = select(func.count().label("number"), func.min(outbox.c.created_at).label("since"))
        message = self._connection.execute(waiting.where(outbox.c.dispatched_at.is_(None))).one()
        held = select(func.count(hold.c.release_id.distinct())).where(hold.c.number.not_in(select(hold_end.c.hold)))
        return Health(
            states=self._by(release, release.c.state),
            failed=self._by(release, release.c.failed_flow),
            publications=self._by(publication, publication.c.platform, publication.c.state),
            alerts=self._by(alert, alert.c.stage),
            outbox=message.number,
            outbox_since=message.since,
            held=self._connection.scalar(held) or 0,
            due=self._connection.scalar(select(func.count()).select_from(clock_mark)) or 0,
        )

    def _by(self, table: Table, *columns: ColumnElement[str]) -> Counter[Any]:
        query = select(*columns, func.count()).select_from(table).group_by(*columns)
        rows = ((tuple(key), number) for *key, number in self._connection.execute(query))
        return Counter({key if len(key) > 1 else key[0]: number for key, number in rows if None not in key})
