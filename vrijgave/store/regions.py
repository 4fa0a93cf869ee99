"""The regions that persons drew in reviews, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from vrijgave.domain.regions import End, Region, RegionRequest, RegionState
from vrijgave.errors import Conflict, NotFound
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record

_t = tables.region
OPEN = (RegionState.WAITING, RegionState.FAILED)
"""States in which something that a person wants covered is not covered yet."""


class Regions:
    """Requests by number; a number is never used twice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, release_id: str, revision: int, region: Region, *, reason: str, actor: str, at: datetime
    ) -> RegionRequest:
        """Record what a person drew; it waits to be followed."""
        row = self._connection.execute(
            insert(_t)
            .values(
                release_id=release_id,
                revision=revision,
                region=region,
                reason=reason,
                actor=actor,
                at=at,
                state=RegionState.WAITING,
            )
            .returning(_t)
        ).one()
        return record(RegionRequest, row)

    def list(self, release_id: str, *states: RegionState) -> list[RegionRequest]:
        """All requests of a release in the order of asking, or those in one of ``states``."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        if states:
            query = query.where(_t.c.state.in_(states))
        return [record(RegionRequest, row) for row in self._connection.execute(query)]

    def get(self, release_id: str, number: int) -> RegionRequest:
        """Raises ``NotFound``."""
        found = [request for request in self.list(release_id) if request.number == number]
        if not found:
            raise NotFound(_("There is no region {number}; «vrijgave review» lists them.").format(number=number))
        return found[0]

    def followed(self, number: int, track_id: int, begins: End, ends: End) -> None:
        """A waiting request became a track. Raises ``Conflict`` when it waits no longer."""
        changes = {"state": RegionState.FOLLOWED, "track_id": track_id, "begins": begins, "ends": ends}
        done = self._connection.execute(update(_t).where(_is(number, RegionState.WAITING)).values(**changes))
        if done.rowcount != 1:
            raise _changed(number)

    def change(self, release_id: str, before: RegionState, after: RegionState) -> int:
        """Bring all requests of a release that are ``before`` to ``after``; answers how many."""
        mine = (_t.c.release_id == release_id, _t.c.state == before)
        return int(self._connection.execute(update(_t).where(*mine).values(state=after)).rowcount)

    def drop(self, request: RegionRequest) -> None:
        """Give a request up. Raises ``Conflict`` when it was changed since it was read."""
        done = self._connection.execute(
            update(_t).where(_is(request.number, request.state)).values(state=RegionState.DROPPED)
        )
        if done.rowcount != 1:
            raise _changed(request.number)


def _is(number: int, state: RegionState) -> ColumnElement[bool]:
    return (_t.c.number == number) & (_t.c.state == state)


def _changed(number: int) -> Conflict:
    return Conflict(_("Region {number} was changed meanwhile; look again and repeat.").format(number=number))
