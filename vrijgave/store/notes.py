"""The notes of releases; rows are only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from vrijgave.domain.notes import Note, NoteEntry
from vrijgave.domain.regions import Corners
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.note
_entry = tables.note_entry


class Notes:
    """Notes by number; a number is never used twice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        release_id: str,
        revision: int,
        frame: int,
        text: str,
        *,
        author: str,
        at: datetime,
        box: Corners | None = None,
    ) -> Note:
        """Record a note; it is open."""
        row = self._connection.execute(
            insert(_t)
            .values(release_id=release_id, revision=revision, frame=frame, text=text, author=author, at=at, box=box)
            .returning(_t)
        ).one()
        return record(Note, row, entries=())

    def enter(self, entry: NoteEntry) -> None:
        """Record what happened to a note."""
        self._connection.execute(insert(_entry).values(**values(entry)))

    def list(self, release_id: str) -> list[Note]:
        """All notes of a release in the order of writing."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        rows = list(self._connection.execute(query))
        told = select(_entry).join(_t, _t.c.number == _entry.c.note).where(_t.c.release_id == release_id)
        entries = [record(NoteEntry, row) for row in self._connection.execute(told.order_by(_entry.c.number))]
        return [record(Note, row, entries=tuple(e for e in entries if e.note == row.number)) for row in rows]

    def get(self, release_id: str, number: int) -> Note:
        """Raises ``NotFound``."""
        found = [note for note in self.list(release_id) if note.number == number]
        if not found:
            raise NotFound(_("There is no note {number}; «vrijgave note» lists them.").format(number=number))
        return found[0]
