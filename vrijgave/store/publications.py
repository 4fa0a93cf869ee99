"""The publication ledger: one row for each release, platform and stage, and the evidence about it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from vrijgave.domain.publications import LEDGER_MOVES, Evidence, ManualTask, Publication
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.publication
_evidence = tables.evidence
_manual = tables.manual_task
_KNOWLEDGE = ("state", "remote_id", "staged_id", "url", "session", "message", "intent_at", "release_at")
"""What is learnt in the course of a publication; all other fields say which publication it is."""


class Publications:
    """What was sent where, and what is certain about it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, publication: Publication) -> Publication:
        """The row for this release, platform and stage: the one that stands already, else ``publication``.

        Safe to repeat. Raises ``Conflict`` when the row that stands is about another file or revision.
        """
        standing = self._standing(publication)
        if standing is None:
            self._connection.execute(insert(_t).values(**values(publication)))
            return publication
        if (standing.revision, standing.file_sha256) != (publication.revision, publication.file_sha256):
            raise Conflict(
                _("Another file of this release was sent to {platform} before; take that one down first.").format(
                    platform=publication.platform.value
                )
            )
        return standing

    def get(self, publication_id: str) -> Publication:
        """Raises ``NotFound``."""
        row = self._connection.execute(select(_t).where(_t.c.id == publication_id)).one_or_none()
        if row is None:
            raise NotFound(
                _("There is no publication {id}; look at the publications of the release.").format(id=publication_id)
            )
        return record(Publication, row)

    def for_release(self, release_id: str) -> list[Publication]:
        """The ledger of a release, by platform and stage."""
        query = select(_t).where(_t.c.release_id == release_id).order_by(_t.c.platform, _t.c.stage)
        return [record(Publication, row) for row in self._connection.execute(query)]

    def save(self, old: Publication, new: Publication) -> Publication:
        """Replace ``old``, as it was read, by ``new``; returns it with its new version.

        Raises ``Rejected`` for a move that the ledger does not know, ``Conflict`` when the row has changed since.
        """
        _check_move(old, new)
        changed = {name: getattr(new, name) for name in _KNOWLEDGE}
        done = self._connection.execute(
            update(_t)
            .where(_t.c.id == old.id, _t.c.version == old.version, _t.c.state == old.state)
            .values(**changed, version=old.version + 1)
        )
        if done.rowcount != 1:
            raise Conflict(
                _("Publication {id} was changed by another run meanwhile; look again and repeat.").format(id=old.id)
            )
        return replace(new, version=old.version + 1)

    def add_evidence(self, evidence: Evidence) -> None:
        """Record an observation of the outside world."""
        self._connection.execute(insert(_evidence).values(**values(evidence)))

    def evidence(self, publication_id: str) -> list[Evidence]:
        """The observations about a publication, oldest first."""
        query = select(_evidence).where(_evidence.c.publication_id == publication_id).order_by(_evidence.c.number)
        return [record(Evidence, row) for row in self._connection.execute(query)]

    def ask(self, task: ManualTask) -> None:
        """Ask a person for something, unless the same was asked about this publication before."""
        asked = select(_manual.c.id).where(_manual.c.publication_id == task.publication_id, _manual.c.kind == task.kind)
        if self._connection.execute(asked).first() is None:
            self._connection.execute(insert(_manual).values(**values(task)))

    def manual_tasks(self, publication_id: str) -> list[ManualTask]:
        """What persons were asked about a publication, in the order of asking."""
        query = select(_manual).where(_manual.c.publication_id == publication_id).order_by(_manual.c.opened_at)
        return [record(ManualTask, row) for row in self._connection.execute(query)]

    def _standing(self, publication: Publication) -> Publication | None:
        row = self._connection.execute(
            select(_t).where(
                _t.c.release_id == publication.release_id,
                _t.c.platform == publication.platform,
                _t.c.stage == publication.stage,
            )
        ).one_or_none()
        return None if row is None else record(Publication, row)


def _check_move(old: Publication, new: Publication) -> None:
    same = replace(new, version=old.version, **{name: getattr(old, name) for name in _KNOWLEDGE})
    if same != old:
        raise ValueError("a publication keeps its release, revision, platform, stage, marker and file")
    if new.state not in LEDGER_MOVES[old.state]:
        raise Rejected(
            "ledger",
            _("Publication {id} is «{state}» and cannot become «{to}».").format(
                id=old.id, state=_(old.state.value), to=_(new.state.value)
            ),
        )
