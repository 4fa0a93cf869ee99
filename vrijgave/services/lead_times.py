"""Lead times of all releases, from transitions and stamps only, never from the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from vrijgave.domain.clock import Stamp
from vrijgave.domain.holds import Hold
from vrijgave.domain.releases import Release, Transition
from vrijgave.leadtime import ReleaseLeadTimes, Summary, lead_times, summarise
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.packing import FAR, At, pack
from vrijgave.leadtime.plain import Plain, plain
from vrijgave.leadtime.record import Record, record
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.store.lead_times import Rows
from vrijgave.store.unit_of_work import UnitOfWork

BATCH = 200
"""Releases worked out in one transaction: who records something of one of them waits for it."""
MANY = 2000


def report(uow: UnitOfWork, now: datetime) -> tuple[list[ReleaseLeadTimes], Summary]:
    """Each release and the figures over all, oldest first."""
    ids = [release.id for release in uow.releases.list()]
    found = {id_: at(now, None) for id_, at in _clocks(uow, ids)}
    releases = [found[id_] for id_ in ids]
    return releases, summarise(releases)


def records(uow: UnitOfWork, now: datetime, office: WorkingHours) -> Iterator[Record]:
    """Every release as management counts it, by id; in some questions for each ``MANY`` of them."""
    every = uow.lead_times.every_id()
    for start in range(0, len(every), MANY):
        yield from _records(uow, every[start : start + MANY], now, office)


def _records(uow: UnitOfWork, ids: Collection[str], now: datetime, office: WorkingHours) -> Iterator[Record]:
    kept = uow.lead_times
    stamps, transitions, holds = kept.stamps(ids), kept.transitions(ids), kept.holds(ids)
    tips, stages, refusals = kept.tips(ids), kept.stages(ids), kept.refusals(ids)
    for release in kept.releases(ids):
        yield record(
            release,
            stamps[release.id],
            transitions[release.id],
            now=now,
            hours=office,
            stage=stages.get(release.id),
            holds=holds[release.id],
            tips=tips[release.id],
            refusals=refusals[release.id],
        )


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
        uow.plain.throw_away()
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
    office = working_hours(context.settings)
    looked, wrong, last = 0, list[str](), ""
    with context.reading() as uow:
        while ids := uow.lead_times.ids(last, MANY):
            stored = uow.lead_times.of(ids)
            plain = uow.plain.of(ids)
            found = _work_out(uow, ids, office)
            wrong += [id_ for id_, one in found if (stored.get(id_), plain.get(id_)) != (one.rows, one.plain)]
            looked, last = looked + len(ids), ids[-1]
    return looked, wrong


def _refresh_some(context: Context) -> int:
    with context.reading() as uow:  # who only looks keeps nobody waiting
        if not uow.lead_times.count_marked():
            return 0
    office = working_hours(context.settings)
    with context.unit_of_work() as uow:
        ids = uow.lead_times.marked(BATCH)
        found = dict(_work_out(uow, ids, office))
        uow.lead_times.write({id_: one.rows for id_, one in found.items()})
        uow.plain.write({id_: one.plain for id_, one in found.items()})
        uow.commit()
    return len(ids)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is kept of one release: packed, and as plain columns."""

    rows: Rows
    plain: Plain


def _work_out(uow: UnitOfWork, ids: Collection[str], office: WorkingHours) -> Iterator[tuple[str, _Found]]:
    told = {record.release_id: record for record in _records(uow, ids, FAR, office)}
    for id_, at in _clocks(uow, ids):
        rows = pack(at, office)
        yield id_, _Found(rows, plain(told[id_], rows))


def _clocks(uow: UnitOfWork, ids: Collection[str]) -> Iterator[tuple[str, At]]:
    """Each of the releases with how to tell its lead times; all of them in a few questions."""
    stamps, transitions = uow.lead_times.stamps(ids), uow.lead_times.transitions(ids)
    holds = uow.lead_times.holds(ids)
    for release in uow.lead_times.releases(ids):
        yield release.id, _clock(release, stamps[release.id], transitions[release.id], holds[release.id])


def _clock(release: Release, stamps: list[Stamp], transitions: list[Transition], holds: list[Hold]) -> At:
    targets = [target.value for target in release.targets]

    def at(now: datetime, hours: WorkingHours | None) -> ReleaseLeadTimes:
        return lead_times(release.id, stamps, transitions, now=now, targets=targets, holds=holds, hours=hours)

    return at
