"""The figures of all releases as this process keeps them in memory, brought up to date before each use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from vrijgave.leadtime.columns import FACTS, Columns, Rows, numbers
from vrijgave.leadtime.packing import OWN, WHOLE
from vrijgave.store.unit_of_work import UnitOfWork

MANY = 5_000
"""Rows fetched at once."""
_TEXTS = ("number", *FACTS)


class Figures:
    """One for each process; the database is the truth, and tells by ``seq`` what has changed since."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._columns, self._seen = Columns(), 0

    @contextmanager
    def open(self, reading: Callable[[], UnitOfWork]) -> Iterator[Columns]:
        """The columns as of now, for one thread at a time."""
        with self._lock:
            with reading() as uow:
                self._catch_up(uow)
            yield self._columns

    def _catch_up(self, uow: UnitOfWork) -> None:
        last = uow.lead_times.last()
        if last == self._seen:
            return
        seen, self._seen = self._seen, 0  # should this fail half-way, all is read anew
        if last < seen or not seen:
            self._columns, seen = Columns(), 0
        for some in uow.lead_times.whole_after(seen, MANY):
            self._columns.take(_whole(some))
        for some in uow.lead_times.own_after(seen, MANY):
            self._columns.take(_own(some))
        self._seen = last


def _whole(rows: Sequence[Any]) -> Rows:
    return Rows(
        ids=[row.release_id for row in rows],
        facts={name: [str(getattr(row, name)) for row in rows] for name in _TEXTS},
        whole=numbers([row.figures for row in rows], WHOLE),
        owners=(),
        platforms=(),
        own=numbers((), OWN),
    )


def _own(rows: Sequence[Any]) -> Rows:
    return Rows(
        ids=(),
        facts=dict.fromkeys(_TEXTS, ()),
        whole=numbers((), WHOLE),
        owners=[row.release_id for row in rows],
        platforms=[row.platform for row in rows],
        own=numbers([row.figures for row in rows], OWN),
    )
