"""What was recorded of a stretch of time, over all releases: for the account of a year. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, select

from vrijgave.domain.cases import Permission
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import Transition
from vrijgave.store import tables
from vrijgave.store.clock_tables import reach as _reach
from vrijgave.store.records import record

CHUNK = 400
"""Releases asked for at once; SQLite takes no more than some thousands of values in a question."""


class Years:
    """Many releases in few questions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def public_between(self, since: datetime, before: datetime) -> list[str]:
        """Ids of the releases with any reading of public in that time; a later correction may have moved it out."""
        t = tables.stamp
        query = select(t.c.release_id).where(
            t.c.milestone == Milestone.PUBLIC, t.c.latest >= since, t.c.latest < before
        )
        return list(self._connection.scalars(query.distinct().order_by(t.c.release_id)))

    def refused_between(self, since: datetime, before: datetime) -> list[tuple[str, Permission]]:
        """(public case number, decision) of the permissions refused in that time, oldest first."""
        t, release = tables.permission, tables.release
        query = (
            select(t, release.c.public_case_number)
            .join(release, release.c.id == t.c.release_id)
            .where(t.c.granted.is_(False), t.c.at >= since, t.c.at < before)
        )
        found = self._connection.execute(query.order_by(t.c.at, t.c.number))
        return [(row.public_case_number, record(Permission, row)) for row in found]

    def stamps(self, releases: Collection[str]) -> dict[str, list[Stamp]]:
        """Their readings of the stage clock, in the order of recording."""
        return {id_: [record(Stamp, row) for row in rows] for id_, rows in self._of(tables.stamp, releases).items()}

    def transitions(self, releases: Collection[str]) -> dict[str, list[Transition]]:
        """Their changes of state, oldest first."""
        found = self._of(tables.transition, releases).items()
        return {id_: [record(Transition, row) for row in rows] for id_, rows in found}

    def views(self, releases: Collection[str]) -> dict[str, int]:
        """The newest reading of each publication, added up for each release; those without any are left out."""
        ours, total = tables.publication, defaultdict[str, int](int)
        for some in _chunks(releases):
            newest = select(func.max(_reach.c.number)).group_by(_reach.c.publication_id)
            query = (
                select(ours.c.release_id, _reach.c.views)
                .join(ours, ours.c.id == _reach.c.publication_id)
                .where(ours.c.release_id.in_(some), _reach.c.number.in_(newest))
            )
            for row in self._connection.execute(query):
                total[row.release_id] += row.views
        return dict(total)

    def _of(self, table: Table, releases: Collection[str]) -> dict[str, list[Any]]:
        found = defaultdict[str, list[Any]](list)
        for some in _chunks(releases):
            query = select(table).where(table.c.release_id.in_(some)).order_by(table.c.number)
            for row in self._connection.execute(query):
                found[row.release_id].append(row)
        return found


def _chunks(ids: Collection[str]) -> Iterator[list[str]]:
    given = list(ids)
    for start in range(0, len(given), CHUNK):
        yield given[start : start + CHUNK]
