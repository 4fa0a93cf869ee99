"""Permissions to publish; rows are only ever added, the latest of a release counts."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, insert, select

from vrijgave.domain.cases import Permission
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.permission


class Permissions:
    """Who allowed or refused what."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, permission: Permission) -> None:
        """Record a permission or a refusal; it replaces the earlier ones of the release."""
        self._connection.execute(insert(_t).values(**values(permission)))

    def latest(self, release_id: str) -> Permission | None:
        """The one that counts, or None where nobody has decided yet."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else record(Permission, row)

    def list(self, release_id: str) -> list[Permission]:
        """All that were recorded, newest first."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number.desc())
        return [record(Permission, row) for row in self._connection.execute(query)]

    def granted(self, releases: Collection[str]) -> frozenset[str]:
        """Those of ``releases`` whose latest decision is a permission."""
        newest = select(func.max(_t.c.number)).where(_t.c.release_id.in_(releases)).group_by(_t.c.release_id)
        return frozenset(self._connection.scalars(select(_t.c.release_id).where(_t.c.number.in_(newest), _t.c.granted)))
