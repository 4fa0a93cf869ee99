"""Deliberate holds; rows are only ever added."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, Select, insert, select

from vrijgave.domain.holds import Hold, HoldEnd, HoldReason
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.store.clock_tables import hold as _t
from vrijgave.store.clock_tables import hold_end as _end
from vrijgave.store.records import record


class Holds:
    """When releases waited on purpose."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(
        self, release_id: str, reason: HoldReason, note: str, begins: datetime, *, actor: str, recorded_at: datetime
    ) -> Hold:
        """Record that a release waits on purpose from ``begins`` on."""
        row = self._connection.execute(
            insert(_t)
            .values(
                release_id=release_id, reason=reason, note=note, begins=begins, actor=actor, recorded_at=recorded_at
            )
            .returning(_t)
        ).one()
        return record(Hold, row, end=None)

    def finish(self, hold: Hold, at: datetime, *, actor: str, recorded_at: datetime) -> None:
        """Record its end. Raises ``Rejected`` where it has one already."""
        self._connection.execute(
            insert(_end).values(
                hold=hold.number, release_id=hold.release_id, at=at, actor=actor, recorded_at=recorded_at
            )
        )

    def for_release(self, release_id: str) -> list[Hold]:
        """All holds of a release in the order of recording."""
        return self._read(_query().where(_t.c.release_id == release_id))

    def for_releases(self, releases: Collection[str]) -> list[Hold]:
        """All holds of these releases in the order of recording."""
        return self._read(_query().where(_t.c.release_id.in_(releases)))

    def lasting(self, reason: HoldReason) -> list[Hold]:
        """All holds for ``reason`` that have not ended, in the order of recording."""
        return self._read(_query().where(_t.c.reason == reason, _end.c.hold.is_(None)))

    def get(self, release_id: str, number: int) -> Hold:
        """Raises ``NotFound``."""
        found = [hold for hold in self.for_release(release_id) if hold.number == number]
        if not found:
            raise NotFound(_("There is no hold {number} of this release.").format(number=number))
        return found[0]

    def _read(self, query: Select[tuple[object, ...]]) -> list[Hold]:
        return [_hold(row) for row in self._connection.execute(query.order_by(_t.c.number))]


def _query() -> Select[tuple[object, ...]]:
    ends = [_end.c[name].label(f"end_{name}") for name in ("at", "actor", "recorded_at")]
    return select(_t, *ends).outerjoin(_end, _end.c.hold == _t.c.number)


def _hold(row: Row[tuple[object, ...]]) -> Hold:
    end = row.end_at and HoldEnd(hold=row.number, at=row.end_at, actor=row.end_actor, recorded_at=row.end_recorded_at)
    return record(Hold, row, end=end)
