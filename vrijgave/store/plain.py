"""Lead times as plain columns, beside the packed ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select

from vrijgave.store.lead_times import chunks
from vrijgave.store.plain_tables import plain_release as _release
from vrijgave.store.plain_tables import plain_stage as _stage

Plain = tuple[Mapping[str, object], tuple[Mapping[str, object], ...]]
"""Column -> value: of a release, and of each of its stages."""


class PlainRows:
    """What other programs read through the views; all of it can be made anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, found: Mapping[str, Plain]) -> None:
        """Put ``found`` in the place of what there was of these releases."""
        for some in chunks(found):
            for table in (_release, _stage):
                self._connection.execute(delete(table).where(table.c.release_id.in_(some)))
            self._connection.execute(insert(_release), [found[id_][0] for id_ in some])
            stages = [stage for id_ in some for stage in found[id_][1]]
            if stages:
                self._connection.execute(insert(_stage), stages)

    def throw_away(self) -> None:
        """Remove all."""
        for table in (_release, _stage):
            self._connection.execute(delete(table))

    def of(self, releases: Collection[str]) -> dict[str, Plain]:
        """What is stored of ``releases``, stages by platform and name; those without are left out."""
        stages = defaultdict[str, list[Mapping[str, object]]](list)
        found: dict[str, Plain] = {}
        for some in chunks(releases):
            ordered = select(_stage).where(_stage.c.release_id.in_(some)).order_by(_stage.c.platform, _stage.c.stage)
            for row in self._connection.execute(ordered):
                stages[row.release_id].append(dict(row._mapping))
            for row in self._connection.execute(select(_release).where(_release.c.release_id.in_(some))):
                found[row.release_id] = (dict(row._mapping), tuple(stages[row.release_id]))
        return found
