"""Approvals: the second person's yes. The database refuses a reviewer who approves, and a second live approval."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from vrijgave.domain.releases import Approval
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.approval
_release = tables.release


class Approvals:
    """Approvals of revisions; they can be voided, never changed or removed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, approval: Approval) -> None:
        """Record an approval of the release's present revision.

        Raises ``Rejected("four_eyes", …)`` when it names the reviewer as approver or another reviewer than the
        release does, ``Rejected("approval", …)`` for another revision, ``Conflict`` when one is live already.
        """
        row = self._connection.execute(
            select(_release.c.reviewer, _release.c.revision).where(_release.c.id == approval.release_id)
        ).one_or_none()
        if row is not None and row.revision != approval.revision:
            raise Rejected("approval", _("The release has changed since it was shown; look at the newest revision."))
        if row is not None and row.reviewer != approval.reviewer:
            raise Rejected(
                "four_eyes", _("The approval names another reviewer than the release; look at the release again.")
            )
        self._connection.execute(insert(_t).values(**values(approval)))

    def live(self, release_id: str) -> Approval | None:
        """The approval of the present revision that was not voided, or None."""
        query = (
            select(_t)
            .join(_release, (_release.c.id == _t.c.release_id) & (_release.c.revision == _t.c.revision))
            .where(_t.c.release_id == release_id, _t.c.voided_at.is_(None))
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else record(Approval, row)

    def list(self, release_id: str) -> list[Approval]:
        """All approvals of a release, voided ones too; oldest first."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        return [record(Approval, row) for row in self._connection.execute(query)]

    def void(self, release_id: str, because: str, at: datetime) -> bool:
        """Void what is live, whatever its revision; False where nothing was."""
        done = self._connection.execute(
            update(_t)
            .where(_t.c.release_id == release_id, _t.c.voided_at.is_(None))
            .values(voided_at=at, voided_because=because)
        )
        return done.rowcount > 0
