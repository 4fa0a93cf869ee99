"""Releases: every change of state is a compare-and-swap that leaves a transition behind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from vrijgave.domain.cases import Case, FootageKind
from vrijgave.domain.releases import FLOW_START, FLOW_STATES, FlowName, Release, State, Transition
from vrijgave.errors import Conflict, NotFound
from vrijgave.i18n import _
from vrijgave.store import tables
from vrijgave.store.outbox import enqueue, owed
from vrijgave.store.records import record, values

_t = tables.release
_WORKING = frozenset().union(*FLOW_STATES.values())
# Rows are locked with ``key_share``: PostgreSQL shares a row's key with all who wrote a row that refers to it, and two
# who both did so and then locked it whole would wait for each other.


class Changes(TypedDict, total=False):
    """What a move may set besides the state."""

    reviewer: str | None
    message: str | None
    failed_flow: FlowName | None
    revision: int


class Releases:
    """The releases and their history."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, release: Release, *, reason: str = "", start: FlowName | None = None) -> Release:
        """Record a new release with its first transition; ``start`` asks for a flow. Returns it as stored.

        Raises ``Conflict`` when the id exists.
        """
        row = values(release) | values(release.case)
        del row["case"]
        self._connection.execute(insert(_t).values(**row))
        self._remember(None, release, at=release.created_at, actor=release.submitted_by, reason=reason)
        return self._begin(release, start, release.created_at) if start else release

    def get(self, release_id: str, *, lock: bool = False) -> Release:
        """Raises ``NotFound``. With ``lock``, nobody else changes the release before the unit of work ends."""
        query = select(_t).where(_t.c.id == release_id)
        row = self._connection.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
        if row is None:
            raise NotFound(_("There is no release {id}; look at the list of releases.").format(id=release_id))
        return release_of(row)

    def transitions(self, release_id: str) -> list[Transition]:
        """The history of a release, oldest first."""
        t = tables.transition
        query = select(t).where(t.c.release_id == release_id).order_by(t.c.number)
        return [record(Transition, row) for row in self._connection.execute(query)]

    def move(
        self,
        release: Release,
        to: State,
        *,
        at: datetime,
        actor: str,
        reason: str,
        start: FlowName | None = None,
        **changes: Unpack[Changes],
    ) -> Release:
        """Bring ``release``, as it was read or claimed, to ``to``; with ``start``, ask for that flow.

        Row, transition and outbox message are written together. ``message`` and ``failed_flow`` belong to one state
        and are cleared unless given. From ``changes_requested`` to ``in_review`` the revision grows by one and the
        reviewer is cleared. Raises ``Rejected`` for a move that the domain does not know and ``Conflict`` when the
        release was changed since it was read, or when another run has claimed it.
        """
        release.check_move(to)
        if start is not None and FLOW_START[start] is not to:
            raise ValueError(f"{start} does not start in {to}")
        after = _moved(release, to, changes)
        self._swap(release, after)
        self._remember(release.state, after, at=at, actor=actor, reason=reason)
        return self._begin(after, start, at) if start else after

    def claim(self, release_id: str, revision: int, flow: FlowName, attempt: int, at: datetime) -> Release:
        """Begin the work of ``flow`` in the name of run ``attempt``; pass the answer to ``move`` at the end.

        A later claim voids an earlier one. Raises ``Conflict`` when the release no longer waits for this run: its
        work is done, it was withdrawn, or a later run has overtaken it.
        """
        row = self._connection.execute(
            update(_t)
            .where(
                _t.c.id == release_id,
                _t.c.revision == revision,
                owed(flow),
                _t.c.attempt <= attempt,
            )
            .values(attempt=attempt, heartbeat_at=at, version=_t.c.version + 1)
            .returning(_t)
        ).one_or_none()
        if row is None:
            raise _overtaken(release_id, attempt)
        return release_of(row)

    def beat(self, release_id: str, attempt: int, at: datetime) -> None:
        """Say that run ``attempt`` is alive; leaves ``version`` alone, so that the run's own claim stays valid.

        Raises ``Conflict`` when the run has been overtaken or nothing is owed any more: it may stop.
        """
        done = self._connection.execute(
            update(_t)
            .where(_t.c.id == release_id, _t.c.attempt == attempt, _t.c.state.in_(_WORKING))
            .values(heartbeat_at=at)
        )
        if done.rowcount != 1:
            raise _overtaken(release_id, attempt)

    def requeue(self, release: Release, flow: FlowName, at: datetime) -> int:
        """Ask for another run of ``flow`` in place of one that died; returns its attempt.

        The release itself is left as it is: should the earlier run be alive after all and end first, its work counts
        and the new one finds nothing to do. Raises ``Conflict`` when the release has changed since it was read.
        """
        self._hold(release, owed(flow))
        return enqueue(self._connection, release, flow, at, again=True)

    def ask(self, release: Release, flow: FlowName, at: datetime) -> None:
        """Ask for a run of ``flow`` for work that is about to be recorded; the release stays where it is.

        Where such work is under way already, its run may still end and the new one comes after it. Raises
        ``Conflict`` when the release has changed since it was read.
        """
        self._hold(release, _t.c.state.in_(FLOW_STATES[flow]))
        under_way = self._connection.execute(select(_t.c.id).where(_t.c.id == release.id, owed(flow))).first()
        attempt = enqueue(self._connection, release, flow, at, again=False)
        if under_way is None:  # the number of the stage before says nothing about this flow
            mine = update(_t).where(_t.c.id == release.id)
            self._connection.execute(mine.values(attempt=attempt, heartbeat_at=None))

    def tell(self, release: Release, message: str | None) -> Release:
        """Leave a message for the person at whom the release waits, or none. Raises ``Conflict`` as ``move``."""
        after = replace(release, message=message, version=release.version + 1)
        self._swap(release, after)
        return after

    def correct_footage_kind(self, release: Release, kind: FootageKind) -> None:
        """Raises ``Conflict`` when the release has changed since it was read."""
        same = (_t.c.id == release.id, _t.c.version == release.version)
        changed = update(_t).where(*same).values(footage_kind=kind, version=_t.c.version + 1)
        if self._connection.execute(changed).rowcount != 1:
            raise _changed(release.id)

    def list(self, states: Collection[State] | None = None) -> list[Release]:
        """All releases, or those in one of ``states``; oldest first."""
        query = select(_t).order_by(_t.c.created_at, _t.c.id)
        if states is not None:
            query = query.where(_t.c.state.in_(states))
        return [release_of(row) for row in self._connection.execute(query)]

    def _hold(self, release: Release, condition: ColumnElement[bool]) -> None:
        """Lock the row as it was read until the unit of work ends."""
        held = self._connection.execute(
            select(_t.c.id)
            .where(_t.c.id == release.id, _t.c.version == release.version, condition)
            .with_for_update(of=_t, key_share=True)
        ).one_or_none()
        if held is None:
            raise _changed(release.id)

    def _begin(self, release: Release, flow: FlowName, at: datetime) -> Release:
        """Write the outbox row; the release takes over its attempt, so that runs of before cannot claim it."""
        begun = replace(release, attempt=enqueue(self._connection, release, flow, at, again=False))
        self._connection.execute(
            update(_t).where(_t.c.id == release.id).values(attempt=begun.attempt, heartbeat_at=None)
        )
        return begun

    def _swap(self, before: Release, after: Release) -> None:
        done = self._connection.execute(
            update(_t)
            .where(
                _t.c.id == before.id,
                _t.c.state == before.state,
                _t.c.revision == before.revision,
                _t.c.version == before.version,
            )
            .values(
                state=after.state,
                revision=after.revision,
                version=after.version,
                reviewer=after.reviewer,
                failed_flow=after.failed_flow,
                message=after.message,
            )
        )
        if done.rowcount != 1:
            raise _changed(before.id)

    def _remember(self, before: State | None, after: Release, *, at: datetime, actor: str, reason: str) -> None:
        step = Transition(
            release_id=after.id,
            revision=after.revision,
            from_state=before,
            to_state=after.state,
            at=at,
            actor=actor,
            reason=reason,
        )
        self._connection.execute(insert(tables.transition).values(**values(step)))


def release_of(row: Row[tuple[object, ...]]) -> Release:
    return record(Release, row, case=record(Case, row))


def _moved(release: Release, to: State, changes: Changes) -> Release:
    """``release`` after the move: what belongs to the old state or the old revision is gone unless given."""
    new_revision = (release.state, to) == (State.CHANGES_REQUESTED, State.IN_REVIEW)
    revision = release.revision + int(new_revision)
    if changes.get("revision", revision) != revision:
        raise ValueError(f"the revision becomes {revision} by this move, not {changes['revision']}")
    failed = _owner(release.state) if to is State.FAILED else None
    return replace(
        release,
        state=to,
        revision=revision,
        version=release.version + 1,
        reviewer=changes.get("reviewer", None if new_revision else release.reviewer),
        failed_flow=changes.get("failed_flow") or failed,
        message=changes.get("message"),
    )


def _owner(state: State) -> FlowName:
    return next(flow for flow in FLOW_START if state in FLOW_STATES[flow])


def _changed(release_id: str) -> Conflict:
    return Conflict(
        _("Release {id} was changed by somebody else meanwhile; look again and repeat.").format(id=release_id)
    )


def _overtaken(release_id: str, attempt: int) -> Conflict:
    return Conflict(
        _("Run {attempt} of release {id} was overtaken: its work is done already or not wanted any more.").format(
            attempt=attempt, id=release_id
        )
    )
