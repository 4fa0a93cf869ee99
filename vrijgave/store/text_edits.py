"""What persons wrote in place of the drafts; rows are only ever added."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.releases import Release
from vrijgave.domain.texts import TextEdit
from vrijgave.errors import Conflict
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.text_edit
_release = tables.release


class TextEdits:
    """The edits of each release. Those of earlier revisions hold in later ones until somebody edits anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self, release: Release) -> list[TextEdit]:
        """All edits of a release as they are now; nobody else can add one before the unit of work ends.

        Raises ``Conflict`` when the release has left the state or revision in which it was read.
        """
        same = (_release.c.id == release.id, _release.c.state == release.state, _release.c.revision == release.revision)
        held = select(_release.c.id).where(*same).with_for_update(of=_release, key_share=True)
        if self._connection.execute(held).one_or_none() is None:
            raise Conflict(
                _("Release {id} was changed by somebody else meanwhile; look again and repeat.").format(id=release.id)
            )
        return self.list(release.id, release.revision)

    def add(self, edit: TextEdit) -> None:
        """Record an edit of a release that is held."""
        self._connection.execute(insert(_t).values(**values(edit)))

    def list(self, release_id: str, revision: int) -> list[TextEdit]:
        """The edits up to and with ``revision``, oldest first."""
        query = select(_t).where(_t.c.release_id == release_id, _t.c.revision <= revision).order_by(_t.c.number)
        return [record(TextEdit, row) for row in self._connection.execute(query)]
