"""The files of releases; rows are added in the order in which the files were made."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.asset


class Assets:
    """What each file is, of which release and revision, and what it was made from."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, asset: Asset) -> None:
        """Record a file. Raises ``Rejected`` when its parent is no file of the release, ``Conflict`` for a second
        original: decisions are about the tracks of one source.
        """
        if asset.parent_sha256 is not None and not self._has(asset.release_id, asset.parent_sha256):
            raise Rejected(
                "asset",
                _("The file from which «{name}» was made is not recorded with this release; record it first.").format(
                    name=asset.name
                ),
            )
        self._connection.execute(insert(_t).values(**values(asset)))

    def get(self, asset_id: str) -> Asset:
        """Raises ``NotFound``."""
        row = self._connection.execute(select(_t).where(_t.c.id == asset_id)).one_or_none()
        if row is None:
            raise NotFound(_("There is no file {id}; look at the list of the release's files.").format(id=asset_id))
        return record(Asset, row)

    def list(self, release_id: str, *, revision: int | None = None, kind: AssetKind | None = None) -> list[Asset]:
        """Files of a release in the order of recording, of one revision or kind where given."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.number)
        if revision is not None:
            query = query.where(_t.c.revision == revision)
        if kind is not None:
            query = query.where(_t.c.kind == kind)
        return [record(Asset, row) for row in self._connection.execute(query)]

    def latest(self, release_id: str, kind: AssetKind, *, revision: int | None = None) -> Asset:
        """The file of ``kind`` that was recorded last. Raises ``NotFound``."""
        found = self.list(release_id, revision=revision, kind=kind)
        if not found:
            raise NotFound(
                _("Release {id} has no file of the kind «{kind}» yet; let the stage that makes it run first.").format(
                    id=release_id, kind=_(kind.value)
                )
            )
        return found[-1]

    def originals(self, public_case_number: str) -> frozenset[str]:
        """SHA-256 of the originals of all releases of a case."""
        query = (
            select(_t.c.sha256)
            .join(tables.release, tables.release.c.id == _t.c.release_id)
            .where(_t.c.kind == AssetKind.ORIGINAL, tables.release.c.public_case_number == public_case_number)
        )
        return frozenset(self._connection.scalars(query))

    def users(self, sha256: str) -> frozenset[str]:
        """Ids of the releases that have a file with these bytes; to be asked before the bytes are destroyed."""
        query = select(_t.c.release_id).where(_t.c.sha256 == sha256).distinct()
        return frozenset(self._connection.scalars(query))

    def _has(self, release_id: str, sha256: str) -> bool:
        query = select(_t.c.number).where(_t.c.release_id == release_id, _t.c.sha256 == sha256).limit(1)
        return self._connection.execute(query).first() is not None
