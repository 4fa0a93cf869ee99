"""The edits of releases; rows are only ever added, each on the version of the log that its writer knew."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.edits import Edit, EditLog, planned
from vrijgave.domain.releases import Release
from vrijgave.domain.tracks import Plan
from vrijgave.errors import Conflict
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.assets import Assets
from vrijgave.store.records import record, values

_t = tables.edit
_release = tables.release


class Edits:
    """The log of each release. Edits of earlier revisions hold in later ones until somebody edits anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def log(self, release_id: str, revision: int | None = None) -> EditLog:
        """All edits of a release, or those up to and with ``revision``."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        if revision is not None:
            query = query.where(_t.c.revision <= revision)
        return EditLog(tuple(record(Edit, row) for row in self._connection.execute(query)))

    def version(self, release_id: str) -> int:
        """Of the log of a release, as ``EditLog.version``."""
        query = select(func.count()).where(_t.c.release_id == release_id)
        return int(self._connection.execute(query).scalar_one())

    def hold(self, release: Release) -> EditLog:
        """The log of a release as it is now; nobody else can add to it before the unit of work ends.

        Raises ``Conflict`` when the release has left the state or revision in which it was read.
        """
        self._lock(release)
        return self.log(release.id)

    def append(self, release: Release, known: EditLog, grown: EditLog) -> None:
        """Add what ``grown`` has more than the log as it was ``known``.

        Raises ``Conflict`` when the log or the release has changed since.
        """
        self._lock(release)
        if self.version(release.id) != known.version:
            raise _changed(release.id)
        added = [{"release_id": release.id, **values(edit)} for edit in grown.edits[known.version :]]
        if added:
            self._connection.execute(insert(_t), added)

    def _lock(self, release: Release) -> None:
        same = (_release.c.id == release.id, _release.c.state == release.state, _release.c.revision == release.revision)
        held = select(_release.c.id).where(*same).with_for_update(of=_release, key_share=True)
        if self._connection.execute(held).one_or_none() is None:
            raise _changed(release.id)

    def plan(self, release_id: str, revision: int) -> Plan:
        """What holds for the release's original in ``revision``; unless somebody chose otherwise, all of it plays,
        muted, with opaque covers.

        Raises ``NotFound`` when no original was recorded.
        """
        original = Assets(self._connection).latest(release_id, AssetKind.ORIGINAL)
        return planned(self.log(release_id, revision).in_force, original.sha256)


def _changed(release_id: str) -> Conflict:
    return Conflict(
        _("Release {id} was changed by somebody else meanwhile; look again and repeat.").format(id=release_id)
    )
