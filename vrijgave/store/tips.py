"""Tips and what became of them; rows are only ever added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select

from vrijgave.domain.tips import Tip, TipChannel, TipJudgement
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.store.clock_tables import tip as _t
from vrijgave.store.clock_tables import tip_judgement as _judgement
from vrijgave.store.records import record, values


class Tips:
    """Tips by number; a number is never used twice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        release_id: str,
        *,
        received_at: datetime,
        channel: TipChannel,
        medium: str,
        content: str,
        actor: str,
        recorded_at: datetime,
    ) -> Tip:
        """Record a tip; nobody has judged it yet."""
        row = self._connection.execute(
            insert(_t)
            .values(
                release_id=release_id,
                received_at=received_at,
                channel=channel,
                medium=medium,
                content=content,
                actor=actor,
                recorded_at=recorded_at,
            )
            .returning(_t)
        ).one()
        return record(Tip, row, judgements=())

    def judge(self, tip: Tip, judgement: TipJudgement) -> None:
        """Record what a tip is worth."""
        self._connection.execute(insert(_judgement).values(release_id=tip.release_id, **values(judgement)))

    def for_release(self, release_id: str) -> list[Tip]:
        """All tips of a release in the order of recording."""
        return self.for_releases([release_id])

    def for_releases(self, releases: Collection[str]) -> list[Tip]:
        """All tips of these releases in the order of recording."""
        rows = list(self._connection.execute(select(_t).where(_t.c.release_id.in_(releases)).order_by(_t.c.number)))
        said = select(_judgement).where(_judgement.c.release_id.in_(releases)).order_by(_judgement.c.number)
        judged = defaultdict[int, list[TipJudgement]](list)
        for row in self._connection.execute(said):
            judged[row.tip].append(record(TipJudgement, row))
        return [record(Tip, row, judgements=tuple(judged[row.number])) for row in rows]

    def get(self, release_id: str, number: int) -> Tip:
        """Raises ``NotFound``."""
        found = [tip for tip in self.for_release(release_id) if tip.number == number]
        if not found:
            raise NotFound(_("There is no tip {number} of this release.").format(number=number))
        return found[0]
