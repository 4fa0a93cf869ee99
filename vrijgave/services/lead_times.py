"""Lead times of all releases, from transitions and stamps only, never from the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial

from vrijgave.domain.clock import Stamp
from vrijgave.domain.releases import Transition
from vrijgave.leadtime import ReleaseLeadTimes, Summary, lead_times, summarise
from vrijgave.leadtime.packing import pack
from vrijgave.services.context import Context
from vrijgave.store.lead_times import Rows
from vrijgave.store.unit_of_work import UnitOfWork

BATCH = 200
"""Releases worked out in one transaction: who records something of one of them waits for it."""
MANY = 2000

Worked = Callable[[datetime], ReleaseLeadTimes]
"""The lead times of one release as they stand at a moment."""


def report(uow: UnitOfWork, now: datetime) -> tuple[list[ReleaseLeadTimes], Summary]:
    """Each release and the figures over all, oldest first."""
    ids = [release.id for release in uow.releases.list()]
    found = {id_: at(now) for id_, at in _clocks(uow, ids)}
    releases = [found[id_] for id_ in ids]
    return releases, summarise(releases)


def refresh(context: Context) -> int:
    """Work out the lead times of every release of which something was recorded since; returns how many.

    Several may do so at once. Each batch is a transaction of its own, and none is that of a step of the work.
    """
    done = 0
    while batch := _refresh_some(context):
        done += batch
    return done


def rebuild(context: Context, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Throw all lead times away and make them anew; returns how many releases were worked out.

    ``progress`` hears how many are done, of how many.
    """
    with context.unit_of_work() as uow:
        total = uow.lead_times.throw_away()
        uow.commit()
    done = 0
    while batch := _refresh_some(context):
        done += batch
        progress(min(done, total), total)
    return done


def verify(context: Context) -> tuple[int, list[str]]:
    """Work all lead times out again and compare: how many releases were looked at, and which differ from their rows.

    A release of which something was recorded since its last turn is due, not wrong, and is not looked at.
    """
    looked, wrong, last = 0, list[str](), ""
    with context.reading() as uow:
        while ids := uow.lead_times.ids(last, MANY):
            stored = uow.lead_times.of(ids)
            wrong += [id_ for id_, rows in _work_out(uow, ids) if stored.get(id_) != rows]
            looked, last = looked + len(ids), ids[-1]
    return looked, wrong


def _refresh_some(context: Context) -> int:
    with context.reading() as uow:  # who only looks keeps nobody waiting
        if not uow.lead_times.count_marked():
            return 0
    with context.unit_of_work() as uow:
        ids = uow.lead_times.marked(BATCH)
        uow.lead_times.write(dict(_work_out(uow, ids)))
        uow.commit()
    return len(ids)


def _work_out(uow: UnitOfWork, ids: Collection[str]) -> Iterator[tuple[str, Rows]]:
    for id_, at in _clocks(uow, ids):
        yield id_, pack(at)


def _clocks(uow: UnitOfWork, ids: Collection[str]) -> Iterator[tuple[str, Worked]]:
    """Each of the releases with how to tell its lead times; all of them in a few questions."""
    stamps, transitions = uow.lead_times.stamps(ids), uow.lead_times.transitions(ids)
    for release in uow.lead_times.releases(ids):
        targets = [target.value for target in release.targets]
        rows = stamps.get(release.id, ()), transitions.get(release.id, ())
        yield release.id, partial(_at, release.id, *rows, targets)


def _at(
    release_id: str, stamps: Sequence[Stamp], transitions: Sequence[Transition], targets: Sequence[str], now: datetime
) -> ReleaseLeadTimes:
    return lead_times(release_id, stamps, transitions, now=now, targets=targets)
