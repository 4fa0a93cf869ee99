"""The outbox: which flows have to be started, and which were started and still owe their work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from vrijgave.domain.regions import RegionState
from vrijgave.domain.releases import FLOW_STATES, FlowName, OutboxMessage, Release
from vrijgave.errors import Conflict
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.records import record

_t = tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A started flow whose release still waits for its work.

    ``tries`` counts the runs asked for since the stage was last started by a move; ``message.attempt`` never starts
    over within a revision. ``heartbeat_at`` is None as long as no run of the stage has claimed the release.
    """

    message: OutboxMessage
    tries: int
    heartbeat_at: datetime | None

    @property
    def last_sign(self) -> datetime:
        """The latest moment at which the run is known to have been alive or was handed over."""
        moments = (self.message.created_at, self.message.dispatched_at, self.heartbeat_at)
        return max(moment for moment in moments if moment is not None)


class Outbox:
    """Messages to the dispatcher; ``Releases`` writes them, together with the transition that asks for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pending(self, limit: int = 20) -> list[OutboxMessage]:
        """The oldest messages that were not dispatched yet.

        They stay locked until the unit of work ends, so that of two dispatchers on PostgreSQL each gets others.
        """
        query = (select(_t).where(_t.c.dispatched_at.is_(None)).order_by(_t.c.id).limit(limit)).with_for_update(
            skip_locked=True
        )
        return [record(OutboxMessage, row) for row in self._connection.execute(query)]

    def runs(self, release_id: str, revision: int, flow: FlowName) -> int:
        """How often ``flow`` was asked for in that revision."""
        asked = (_t.c.release_id == release_id, _t.c.revision == revision, _t.c.flow == flow)
        return self._connection.scalar(select(func.count()).select_from(_t).where(*asked)) or 0

    def mark_dispatched(self, message_id: int, flow_run_id: str, at: datetime) -> None:
        """Record which run was started for a message. Raises ``Conflict`` when it was dispatched already."""
        done = self._connection.execute(
            update(_t)
            .where(_t.c.id == message_id, _t.c.dispatched_at.is_(None))
            .values(dispatched_at=at, flow_run_id=flow_run_id)
        )
        if done.rowcount != 1:
            raise Conflict(_("Message {id} was dispatched already; leave it.").format(id=message_id))

    def open_dispatched(self) -> list[OpenRun]:
        """For each release that a flow still owes work: its latest message, if that was dispatched."""
        newer = _t.alias("newer")
        latest = ~(
            select(newer.c.id)
            .where(
                newer.c.release_id == _t.c.release_id,
                newer.c.revision == _t.c.revision,
                newer.c.flow == _t.c.flow,
                newer.c.attempt > _t.c.attempt,
            )
            .exists()
        )
        query = (
            select(_t, tables.release.c.heartbeat_at)
            .join(tables.release, tables.release.c.id == _t.c.release_id)
            .where(
                _t.c.dispatched_at.is_not(None), _t.c.revision == tables.release.c.revision, _owed_to_message(), latest
            )
            .order_by(_t.c.id)
        )
        return [
            OpenRun(message=record(OutboxMessage, row), tries=row.tries, heartbeat_at=row.heartbeat_at)
            for row in self._connection.execute(query)
        ]


def enqueue(connection: Connection, release: Release, flow: FlowName, at: datetime, *, again: bool) -> int:
    """Ask for a run of ``flow`` and return its attempt: one more than there ever was in this revision.

    ``again``: the run repeats the stage for one that died, so ``tries`` counts on. Raises ``Conflict`` when somebody
    else asked for the same attempt.
    """
    runs = (_t.c.release_id == release.id, _t.c.revision == release.revision, _t.c.flow == flow)
    last = connection.execute(
        select(_t.c.attempt, _t.c.tries).where(*runs).order_by(_t.c.attempt.desc()).limit(1)
    ).one_or_none()
    attempt = 1 if last is None else last.attempt + 1
    tries = last.tries + 1 if last is not None and again else 1
    connection.execute(
        insert(_t).values(
            release_id=release.id, revision=release.revision, flow=flow, attempt=attempt, tries=tries, created_at=at
        )
    )
    return int(attempt)


def owed(flow: FlowName) -> ColumnElement[bool]:
    """A release, a row of the enclosing statement, has work for ``flow``."""
    in_state = tables.release.c.state.in_(FLOW_STATES[flow])
    return in_state & _region_waits() if flow is FlowName.TRACK_REGION else in_state


def _region_waits() -> ColumnElement[bool]:
    region = tables.region.c
    waiting = select(region.number).where(region.release_id == tables.release.c.id, region.state == RegionState.WAITING)
    return waiting.correlate(tables.release).exists()


def _owed_to_message() -> ColumnElement[bool]:
    """The release has work to do for the message's flow."""
    return or_(*(and_(_t.c.flow == flow, owed(flow)) for flow in FlowName))
