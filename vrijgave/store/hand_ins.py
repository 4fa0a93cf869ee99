"""Drafts of hand-ins. Each change is a compare-and-swap on the draft's version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from vrijgave.domain.hand_in import HandIn
from vrijgave.errors import Conflict, NotFound
from vrijgave.i18n import _
from vrijgave.store.hand_in_tables import hand_in
from vrijgave.store.records import record, values

_t = hand_in


class HandIns:
    """Drafts, each for its owner alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, draft: HandIn) -> None:
        """Record a new draft."""
        self._connection.execute(insert(_t).values(**_row(draft)))

    def get(self, draft_id: str, owner: str) -> HandIn:
        """Raises ``NotFound``, also for the draft of somebody else."""
        query = select(_t).where(_t.c.id == draft_id, _t.c.owner == owner)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(_("There is no such draft; look at the list of your drafts."))
        return record(HandIn, row)

    def of_upload(self, upload_id: str, owner: str) -> HandIn:
        """The draft that an upload belongs to. Raises ``NotFound``, also for the draft of somebody else."""
        query = select(_t).where(_t.c.upload_id == upload_id, _t.c.owner == owner)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(_("This upload is no longer there; choose the file again."))
        return record(HandIn, row)

    def open(self, owner: str) -> list[HandIn]:
        """What ``owner`` has not handed in yet, the latest change first."""
        mine = (_t.c.owner == owner, _t.c.release_id.is_(None))
        query = select(_t).where(*mine).order_by(_t.c.changed_at.desc())
        return [record(HandIn, row) for row in self._connection.execute(query)]

    def count_open(self, owner: str) -> int:
        """How many drafts ``owner`` has."""
        mine = (_t.c.owner == owner, _t.c.release_id.is_(None))
        return int(self._connection.execute(select(func.count()).select_from(_t).where(*mine)).scalar_one())

    def untouched(self, since: datetime) -> list[HandIn]:
        """Drafts with a file that nobody has changed after ``since``."""
        old = (_t.c.upload_id.is_not(None), _t.c.changed_at <= since)
        return [record(HandIn, row) for row in self._connection.execute(select(_t).where(*old))]

    def uploads(self) -> frozenset[str]:
        """Ids of all uploads that belong to a draft."""
        return frozenset(self._connection.scalars(select(_t.c.upload_id).where(_t.c.upload_id.is_not(None))))

    def change(self, draft: HandIn) -> None:
        """Replace the draft as it was read, whose version was one less. Raises ``Conflict`` when it was changed."""
        before = (_t.c.id == draft.id, _t.c.version == draft.version - 1, _t.c.release_id.is_(None))
        if self._connection.execute(update(_t).where(*before).values(**_row(draft))).rowcount != 1:
            raise Conflict(_("This draft was changed in another window; load the page again."))

    def remove(self, draft: HandIn) -> None:
        """Forget a draft. Raises ``Conflict`` when it was handed in or changed meanwhile."""
        same = (_t.c.id == draft.id, _t.c.version == draft.version, _t.c.release_id.is_(None))
        if self._connection.execute(delete(_t).where(*same)).rowcount != 1:
            raise Conflict(_("This draft was changed in another window; load the page again."))


def _row(draft: HandIn) -> dict[str, object]:
    return values(draft) | {"upload_id": draft.upload.id if draft.upload else None}
