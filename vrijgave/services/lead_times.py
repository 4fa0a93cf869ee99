"""Lead times of all releases, from transitions and stamps only, never from the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import inf
from time import monotonic, sleep

from vrijgave.errors import RetryLater
from vrijgave.i18n import _
from vrijgave.leadtime import ReleaseLeadTimes, Summary, lead_times, summarise
from vrijgave.leadtime.calendar import WorkingHours
from vrijgave.leadtime.packing import FAR, FARTHER, VERSION, pack
from vrijgave.leadtime.plain import Plain, plain
from vrijgave.leadtime.record import Record, record
from vrijgave.services.context import Context
from vrijgave.services.hours import working_hours
from vrijgave.store.lead_times import Figures
from vrijgave.store.unit_of_work import UnitOfWork

BATCH = 200
"""Releases worked out in one transaction: who records something of one of them waits for it."""
PAUSE = 0.02
"""Seconds to wait for others who work on what is left."""
MANY = 2000
PATIENCE = 5.0
"""Seconds for which one question, or one turn of the dispatcher, works out what was recorded since."""


def report(uow: UnitOfWork, now: datetime) -> tuple[list[ReleaseLeadTimes], Summary]:
    """Each release and the figures over all, oldest first."""
    releases = uow.releases.list()
    ids = [release.id for release in releases]
    stamps, transitions = uow.lead_times.stamps(ids), uow.lead_times.transitions(ids)
    holds = uow.lead_times.holds(ids)
    found = [
        lead_times(
            release.id,
            stamps[release.id],
            transitions[release.id],
            now=now,
            targets=[target.value for target in release.targets],
            holds=holds[release.id],
        )
        for release in releases
    ]
    return found, summarise(found)


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


def bring_up_to_date(context: Context) -> None:
    """Work out what was recorded since, for some seconds at most.

    Raises ``RetryLater`` where much is left, as after an upgrade or with other working hours: half would mislead.
    """
    refresh(context, PATIENCE)
    with context.reading() as uow:
        left = uow.lead_times.count_marked()
    if left > BATCH:
        raise RetryLater(
            _("The lead times of {count} releases have still to be worked out; try again in a minute.").format(
                count=left
            )
        )


def refresh(context: Context, patience: float = inf) -> int:
    """Work out the lead times of every release of which something was recorded since; returns how many.

    Begins no batch after ``patience`` seconds. Several may do so at once. Each batch is a transaction of its own, and
    none is that of a step of the work.
    """
    with context.reading() as uow:
        same = uow.lead_times.basis() == _basis(context)
    if not same:  # made by other working hours, or packed in another way
        _throw_away(context, whatever=False)
    done, deadline = 0, monotonic() + patience
    while monotonic() < deadline and (batch := _refresh_some(context)) is not None:
        done += batch
        if not batch:
            sleep(PAUSE)  # others are at work on all that is left
    return done


def rebuild(context: Context, progress: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Throw all lead times away and make them anew; returns how many releases were worked out.

    ``progress`` hears how many are done, of how many.
    """
    total = _throw_away(context, whatever=True)
    done = 0
    while (batch := _refresh_some(context)) is not None:
        done += batch
        progress(min(done, total), total)
        if not batch:
            sleep(PAUSE)
    return done


def _throw_away(context: Context, *, whatever: bool) -> int:
    """Remove all figures, but those that somebody else has begun to make anew only if ``whatever`` they are."""
    with context.unit_of_work() as uow:
        total = uow.lead_times.mark_all()
        if whatever or uow.lead_times.basis() != _basis(context):
            uow.lead_times.throw_away(_basis(context))
            uow.plain.throw_away()
            uow.commit()
    return total


def _basis(context: Context) -> str:
    return sha256(f"{VERSION} {working_hours(context.settings).fingerprint()}".encode()).hexdigest()


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
            wrong += [id_ for id_, one in found if (stored.get(id_), plain.get(id_)) != (one.figures, one.plain)]
            looked, last = looked + len(ids), ids[-1]
    return looked, wrong


def _refresh_some(context: Context) -> int | None:
    """How many releases were worked out; None where none is due."""
    with context.reading() as uow:  # who only looks keeps nobody waiting
        if not uow.lead_times.count_marked():
            return None
    office = working_hours(context.settings)
    with context.unit_of_work() as uow:
        ids = uow.lead_times.marked(BATCH)
        found = dict(_work_out(uow, ids, office))
        uow.lead_times.write({id_: one.figures for id_, one in found.items()})
        uow.plain.write({id_: one.plain for id_, one in found.items()})
        uow.commit()
    return len(ids)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is kept of one release: packed, and as plain columns."""

    figures: Figures
    plain: Plain


def _work_out(uow: UnitOfWork, ids: Collection[str], office: WorkingHours) -> Iterator[tuple[str, _Found]]:
    both = (_records(uow, ids, at, office) for at in (FAR, FARTHER))
    for far, farther in zip(*both, strict=True):
        packed = pack(far, farther, office)
        yield far.release_id, _Found(packed, plain(far, packed))
