"""Reading releases for the board: filtered, searched, counted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, func, or_, select

from vrijgave.domain.board import BoardEntry, BoardQuery, Reach
from vrijgave.domain.cases import Urgency
from vrijgave.domain.releases import MOVES, State
from vrijgave.store import tables
from vrijgave.store.releases import release_of

_t = tables.release
_steps = tables.transition
_owner = func.coalesce(_t.c.reviewer, _t.c.submitted_by)
ENDED = [state for state, onward in MOVES.items() if not onward]
_SEARCHED = (_t.c.public_case_number, _t.c.offence, _t.c.public_place)


class Board:
    """Releases at a glance; writes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, query: BoardQuery, limit: int) -> list[BoardEntry]:
        """At most ``limit`` entries: what is ended last, urgent ones first, then by age."""
        since = select(func.max(_steps.c.at)).where(_steps.c.release_id == _t.c.id).scalar_subquery()
        chosen = _asked(select(_t, since.label("since")), query)
        ended = _t.c.state.in_(ENDED).cast(Integer)
        calm = (_t.c.urgency == Urgency.NORMAL).cast(Integer)
        rows = self._connection.execute(chosen.order_by(ended, calm, _t.c.created_at, _t.c.id).limit(limit))
        return [BoardEntry(release=release_of(row), since=row.since or row.created_at) for row in rows]

    def counts(self, query: BoardQuery) -> dict[State, int]:
        """State -> how many releases; states without any are left out."""
        asked = _asked(select(_t.c.state, func.count().label("number")), query).group_by(_t.c.state)
        return {row.state: row.number for row in self._connection.execute(asked)}

    def units(self, within: Reach | None) -> list[str]:
        """The units of all releases within reach."""
        return self._distinct(_t.c.unit, within)

    def owners(self, within: Reach | None) -> list[str]:
        """The persons who own a release within reach."""
        return self._distinct(_owner, within)

    def mark(self) -> str:
        """Differs as soon as a release, or its publication on a platform, came or changed."""
        sums = [select(func.count(), func.coalesce(func.sum(t.c.version), 0)) for t in (_t, tables.publication)]
        return ".".join(f"{row[0]}.{row[1]}" for row in (self._connection.execute(each).one() for each in sums))

    def _distinct(self, column: ColumnElement[str], within: Reach | None) -> list[str]:
        asked = _asked(select(column.label("value")).distinct(), BoardQuery(within=within))
        return sorted(str(row.value) for row in self._connection.execute(asked))


def _asked(statement: Select[Any], query: BoardQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if query.states:
        conditions.append(_t.c.state.in_(query.states))
    if query.unit:
        conditions.append(_t.c.unit == query.unit)
    if query.owner:
        conditions.append(_owner == query.owner)
    if query.text.strip():
        conditions.append(_mentions(query.text.strip()))
    if query.within is not None:
        conditions.append(_within(query.within))
    return statement.where(*conditions)


def _mentions(text: str) -> ColumnElement[bool]:
    in_words = [func.lower(column).contains(text.lower(), autoescape=True) for column in _SEARCHED]
    return or_(*in_words, _t.c.id.startswith(text.lower(), autoescape=True))


def _within(reach: Reach) -> ColumnElement[bool]:
    same_unit = func.lower(func.trim(_t.c.unit)) == reach.unit.strip().lower()
    return or_(same_unit, _t.c.submitted_by == reach.name, _t.c.reviewer == reach.name)
