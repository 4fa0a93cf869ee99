"""What was asked of the authoriser; rows are only ever added, the latest of a release counts."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.cases import PermissionRequest
from vrijgave.store.hand_in_tables import permission_request
from vrijgave.store.records import record, values

_t = permission_request


class PermissionRequests:
    """Who asks for which permission; none of them is a permission."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: PermissionRequest) -> None:
        """Record a request; it replaces the earlier ones of the release."""
        self._connection.execute(insert(_t).values(**values(request)))

    def latest(self, release_id: str) -> PermissionRequest | None:
        """The one that counts, or None where nobody has asked yet."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else record(PermissionRequest, row)
