"""Lead times as worked out, and the marks of releases whose lead times have to be worked out again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, func, insert, select, text, update

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.clock import Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.releases import Release, Transition
from vrijgave.domain.tips import Tip
from vrijgave.store import tables
from vrijgave.store.clock_tables import clock_mark as _mark
from vrijgave.store.clock_tables import lead_time as _t
from vrijgave.store.clock_tables import lead_time_head as _head
from vrijgave.store.holds import Holds
from vrijgave.store.records import record
from vrijgave.store.releases import release_of
from vrijgave.store.tips import Tips

CHUNK = 400
"""Releases asked for at once; SQLite takes no more than some thousands of values in a question."""

_MARK_ALL = text(
    "INSERT INTO clock_mark (release_id, times) SELECT id, 1 FROM release WHERE true "
    "ON CONFLICT (release_id) DO UPDATE SET times = clock_mark.times + 1"
)
Figures = Mapping[str, bytes]
"""Platform -> figures; the empty platform is the release as a whole."""


class LeadTimes:
    """What was worked out of the stage clock; all of it can be made anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def marked(self, limit: int) -> list[str]:
        """At most ``limit`` releases of which something was recorded since; held until the unit of work ends.

        What others hold, they are writing or working out: it is left to them. Whoever records something of one that
        is held here waits, and then leaves a new mark.
        """
        query = select(_mark.c.release_id).order_by(_mark.c.release_id).limit(limit)
        return list(self._connection.scalars(query.with_for_update(skip_locked=True)))

    def count_marked(self) -> int:
        """How many releases have a mark."""
        return self._connection.scalars(select(func.count()).select_from(_mark)).one()

    def write(self, found: Mapping[str, Figures]) -> None:
        """Put ``found`` in the place of what there was of these releases, and take their marks away."""
        if not found:
            return
        for some in chunks(found):
            self._connection.execute(delete(_mark).where(_mark.c.release_id.in_(some)))
        seq = self._next()
        for some in chunks(found):
            self._connection.execute(delete(_t).where(_t.c.release_id.in_(some)))
        rows = [
            {"release_id": release, "platform": platform, "seq": seq, "figures": figures}
            for release, rows in found.items()
            for platform, figures in rows.items()
        ]
        self._connection.execute(insert(_t), rows)

    def basis(self) -> str:
        """By what the rows were made, as ``throw_away`` was told."""
        return str(self._connection.execute(select(_head.c.basis)).scalar_one())

    def mark_all(self) -> int:
        """Mark every release, and hold the marks until the unit of work ends; returns how many there are."""
        self._connection.execute(_MARK_ALL)
        return self.count_marked()

    def throw_away(self, basis: str) -> None:
        """Remove all figures; they are to be made by ``basis``. Comes after ``mark_all``, as in ``write``: who held the
        row of ``seq`` before the marks could wait for one who waits for it."""
        self._next()
        self._connection.execute(update(_head).values(basis=basis))
        self._connection.execute(delete(_t))

    def last(self) -> int:
        """The ``seq`` of what was written last."""
        return int(self._connection.execute(select(_head.c.seq)).scalar_one())

    def whole_after(self, seq: int, limit: int) -> Iterator[Sequence[Row[Any]]]:
        """(release_id, figures, number, unit, offence, footage, state) of releases written after ``seq``, at most
        ``limit`` of them at a time."""
        r = tables.release
        case = (r.c.public_case_number.label("number"), r.c.unit, r.c.offence, r.c.footage_kind.label("footage"))
        query = select(_t.c.release_id, _t.c.figures, *case, r.c.state).join_from(_t, r)
        return self._streamed(query.where(_t.c.seq > seq, _t.c.platform == ""), limit)

    def own_after(self, seq: int, limit: int) -> Iterator[Sequence[Row[Any]]]:
        """(release_id, platform, figures) of the platforms of those releases."""
        query = select(_t.c.release_id, _t.c.platform, _t.c.figures)
        return self._streamed(query.where(_t.c.seq > seq, _t.c.platform != ""), limit)

    def _streamed(self, query: Select[Any], limit: int) -> Iterator[Sequence[Row[Any]]]:
        return self._connection.execute(query, execution_options={"yield_per": limit}).partitions()

    def of(self, releases: Collection[str]) -> dict[str, dict[str, bytes]]:
        """What is stored of ``releases``; those without figures are left out."""
        found = defaultdict[str, dict[str, bytes]](dict)
        for row in self._of(_t, releases, _t.c.platform):
            found[row.release_id][row.platform] = row.figures
        return dict(found)

    def ids(self, after: str, limit: int) -> list[str]:
        """The next ``limit`` releases by id, without those that have a mark."""
        release = tables.release
        query = select(release.c.id).where(release.c.id > after, release.c.id.not_in(select(_mark.c.release_id)))
        return list(self._connection.scalars(query.order_by(release.c.id).limit(limit)))

    def every_id(self) -> list[str]:
        """All releases, by id."""
        return list(self._connection.scalars(select(tables.release.c.id).order_by(tables.release.c.id)))

    def releases(self, releases: Collection[str]) -> list[Release]:
        """The rows of ``releases``, by id."""
        t = tables.release
        found = (self._connection.execute(select(t).where(t.c.id.in_(some))) for some in chunks(releases))
        return sorted((release_of(row) for rows in found for row in rows), key=lambda release: release.id)

    def stamps(self, releases: Collection[str]) -> dict[str, list[Stamp]]:
        """Their readings of the stage clock, in the order of recording."""
        found = defaultdict[str, list[Stamp]](list)
        for row in self._of(tables.stamp, releases, tables.stamp.c.number):
            found[row.release_id].append(record(Stamp, row))
        return found

    def transitions(self, releases: Collection[str]) -> dict[str, list[Transition]]:
        """Their changes of state, oldest first."""
        found = defaultdict[str, list[Transition]](list)
        for row in self._of(tables.transition, releases, tables.transition.c.number):
            found[row.release_id].append(record(Transition, row))
        return found

    def holds(self, releases: Collection[str]) -> dict[str, list[Hold]]:
        """Their deliberate holds, in the order of recording."""
        found = defaultdict[str, list[Hold]](list)
        for some in chunks(releases):
            for hold in Holds(self._connection).for_releases(some):
                found[hold.release_id].append(hold)
        return found

    def tips(self, releases: Collection[str]) -> dict[str, list[Tip]]:
        """Their tips, in the order of recording."""
        found = defaultdict[str, list[Tip]](list)
        for some in chunks(releases):
            for tip in Tips(self._connection).for_releases(some):
                found[tip.release_id].append(tip)
        return found

    def stages(self, releases: Collection[str]) -> dict[str, PublicationStage]:
        """The widest stage in which each was published; of one that was not, the stage that its permission allows."""
        found: dict[str, PublicationStage] = {}
        permission, publication = tables.permission, tables.publication
        for row in self._of(permission, releases, permission.c.number):
            if row.granted:
                found[row.release_id] = row.stage
        sent = defaultdict[str, set[PublicationStage]](set)
        for row in self._of(publication, releases, publication.c.id):
            sent[row.release_id].add(row.stage)
        order = list(PublicationStage)
        return found | {id_: max(stages, key=order.index) for id_, stages in sent.items()}

    def refusals(self, releases: Collection[str]) -> Counter[str]:
        """How often permission was refused."""
        permission = tables.permission
        return Counter(row.release_id for row in self._of(permission, releases, permission.c.number) if not row.granted)

    def _next(self) -> int:
        """A new ``seq``; the row of the last one is held, so that numbers become visible in their order."""
        grown = update(_head).values(seq=_head.c.seq + 1).returning(_head.c.seq)
        return int(self._connection.execute(grown).scalar_one())

    def _of(self, table: Table, releases: Collection[str], order: Any) -> Iterator[Any]:
        for some in chunks(releases):
            yield from self._connection.execute(select(table).where(table.c.release_id.in_(some)).order_by(order))


def chunks(ids: Collection[str]) -> Iterator[list[str]]:
    """``ids`` in lists that a question can hold."""
    given = list(ids)
    for start in range(0, len(given), CHUNK):
        yield given[start : start + CHUNK]
