"""The command with which people read the stage clock of a release, and enter or correct its times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.i18n import _
from vrijgave.leadtime.stages import EACH_REVISION
from vrijgave.services import clock_entries
from vrijgave.services.context import Context
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.words import moment, spoken


def show(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Every reading in the order of the milestones; of a corrected one the old value stays."""
    context = build(settings)
    with context.reading() as uow:
        stamps = uow.stamps.for_release(release_id(uow, arguments.release))
    holding = clock_entries.latest(stamps)
    order = list(Milestone)
    rows = sorted(stamps, key=lambda s: (order.index(s.milestone), s.revision, s.platform or "", s.recorded_at))
    output.table(
        _("Stage clock"),
        (_("Moment"), _("Time"), _("Platform"), _("Source"), _("Recorded"), _("Standing"), _("Reason")),
        [
            (
                spoken(s.milestone), when(s, settings), s.platform or "", s.source, moment(s.recorded_at, settings),
                _("holds") if holding[clock_entries.place(s)] is s else _("replaced"), s.reason,
            )
            for s in rows
        ],
    )  # fmt: skip
    output.data([_data(s, holds=holding[clock_entries.place(s)] is s) for s in rows])
    return 0


def enter(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """A time that only people know."""

    def act(uow: UnitOfWork, context: Context) -> Stamp:
        return clock_entries.enter(
            uow, release_id(uow, arguments.release), Milestone(arguments.milestone), earliest=_utc(arguments.at),
            until=arguments.until and _utc(arguments.until), seen=arguments.seen, actor=actor(arguments, settings),
            at=context.now(),
        )  # fmt: skip

    return _do(act, settings, output)


def correct(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """What a time should have been, and why."""
    milestone = Milestone(arguments.milestone)
    of = (milestone, arguments.platform, arguments.revision if milestone in EACH_REVISION else 1)

    def act(uow: UnitOfWork, context: Context) -> Stamp:
        return clock_entries.correct(
            uow, release_id(uow, arguments.release), of, earliest=arguments.at and _utc(arguments.at),
            until=arguments.until and _utc(arguments.until), reason=arguments.reason, seen=arguments.seen,
            actor=actor(arguments, settings), at=context.now(),
        )  # fmt: skip

    return _do(act, settings, output)


def when(stamp: Stamp, settings: Settings) -> str:
    """The moment of a reading on the clock of the force, as sure as it is."""
    if stamp.certainty is Certainty.UNKNOWN:
        return _("unknown")
    if stamp.earliest == stamp.latest:
        return moment(stamp.earliest, settings)
    return _("between {begin} and {end}").format(
        begin=moment(stamp.earliest, settings), end=moment(stamp.latest, settings)
    )


def _do(act: Callable[[UnitOfWork, Context], Stamp], settings: Settings, output: Output) -> int:
    context = build(settings)
    with context.unit_of_work() as uow:
        stamp = act(uow, context)
        uow.commit()
    output.say(f"{spoken(stamp.milestone)}: {when(stamp, settings)}")
    output.data(_data(stamp, holds=True))
    return 0


def _data(stamp: Stamp, *, holds: bool) -> dict[str, object]:
    known = stamp.certainty is not Certainty.UNKNOWN
    return {
        "milestone": stamp.milestone, "platform": stamp.platform, "revision": stamp.revision,
        "earliest": stamp.earliest if known else None, "latest": stamp.latest if known else None,
        "certainty": stamp.certainty, "source": stamp.source, "recorded_at": stamp.recorded_at,
        "reason": stamp.reason, "holds": holds,
    }  # fmt: skip


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
