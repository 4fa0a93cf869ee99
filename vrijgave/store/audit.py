"""The audit log in the database: one chain, however many processes write to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from vrijgave.domain.audit import GENESIS, AuditAction, AuditEntry, first_broken, seal
from vrijgave.store import tables
from vrijgave.store.records import record, values

_t = tables.audit
_head = tables.audit_head
_BATCH = 500


class Audit:
    """The chain of entries. The head row is the lock of all writers and remembers the chain's last hash."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, actor: str, action: AuditAction, subject: str, reason: str, at: datetime) -> AuditEntry:
        """Seal and add an entry. All other writers wait until this unit of work ends, so append last and commit."""
        head = self._read_head(for_update=True)
        entry = seal(
            number=head.number + 1,
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            reason=reason,
            previous=head.hash,
        )
        self._connection.execute(insert(_t).values(**values(entry)))
        self._connection.execute(update(_head).values(number=entry.number, hash=entry.hash))
        return entry

    def entries(self) -> Iterator[AuditEntry]:
        """All entries by number, read in batches."""
        query = select(_t).order_by(_t.c.number).execution_options(yield_per=_BATCH)
        for row in self._connection.execute(query):
            yield record(AuditEntry, row)

    def latest(self, actor: str, action: AuditAction, subjects: Collection[str]) -> AuditEntry | None:
        """The last thing of this kind that ``actor`` did to any of ``subjects``."""
        query = select(_t).where(_t.c.actor == actor, _t.c.action == action, _t.c.subject.in_(subjects))
        row = self._connection.execute(query.order_by(_t.c.number.desc()).limit(1)).one_or_none()
        return None if row is None else record(AuditEntry, row)

    def verify(self) -> int | None:
        """Number of the first entry that was altered, removed or put in between; None when the chain is whole.

        A chain that was cut off at its end shows too, as long as the head row was left alone; against somebody who
        changed both, compare ``last_hash`` with one that was noted elsewhere.
        """
        broken = first_broken(self.entries())
        if broken is not None:
            return broken
        return self._broken_end()

    def last_hash(self) -> str:
        """Hash of the last entry, to be kept elsewhere; 64 zeros while there is none."""
        return str(self._read_head().hash)

    def _broken_end(self) -> int | None:
        """Number from which the chain's end and the head differ; one statement, so that no append comes between."""
        newest = select(func.max(_t.c.number)).scalar_subquery()
        query = select(_head.c.number, _head.c.hash, _t.c.number.label("last"), _t.c.hash.label("last_hash"))
        row = self._connection.execute(query.outerjoin_from(_head, _t, _t.c.number == newest)).one()
        last, last_hash = (0, GENESIS) if row.last is None else (row.last, row.last_hash)
        if (row.number, row.hash) == (last, last_hash):
            return None
        return int(min(row.number, last)) + 1

    def _read_head(self, *, for_update: bool = False) -> Row[tuple[int, int, str]]:
        query = select(_head)
        return self._connection.execute(query.with_for_update() if for_update else query).one()
