"""The commands with which people record what the lead times and the account of a publication then tell."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor, release_id
from vrijgave.cli.output import Output
from vrijgave.cli.releases import committed
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import holds, tips
from vrijgave.settings import Settings
from vrijgave.words import hold_reason, moment, outcome, tip_channel, usability


def list_tips(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The tips of a release, without their content on a screen."""
    context = build(settings)
    with context.reading() as uow:
        found = uow.tips.for_release(release_id(uow, arguments.release))
    rows = [
        (
            str(t.number),
            moment(t.received_at, settings),
            tip_channel(t.channel),
            usability(t.usability),
            outcome(t.outcome),
        )
        for t in found
    ]
    output.table(_("Tips"), (_("number"), _("came in"), _("how"), _("usable"), _("what it brought")), rows)
    output.data(found)
    return 0


def add_tip(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Record that a tip came in."""
    with committed(settings) as (context, uow):
        id_, now = release_id(uow, arguments.release), context.now()
        tip = tips.add(
            uow, id_, received_at=_past(arguments.received_at, now), channel=TipChannel(arguments.channel),
            medium=arguments.medium, content=arguments.content, actor=actor(arguments, settings), at=now,
        )  # fmt: skip
    output.say(_("Tip {number} is on record.").format(number=tip.number))
    output.data({"release": id_, "tip": tip.number})
    return 0


def judge_tip(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Record what a tip is worth."""
    with committed(settings) as (context, uow):
        id_, now = release_id(uow, arguments.release), context.now()
        tips.judge(
            uow, id_, arguments.tip, usability=Usability(arguments.usability), outcome=Outcome(arguments.outcome),
            attribution=Attribution(arguments.attribution), follow_up=arguments.follow_up,
            clear_at=_past(arguments.clear_at or now, now), actor=actor(arguments, settings), at=now,
        )  # fmt: skip
    return _done(id_, output)


def list_holds(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """The holds of a release, oldest first."""
    context = build(settings)
    with context.reading() as uow:
        found = uow.holds.for_release(release_id(uow, arguments.release))
    rows = [
        (moment(h.begins, settings), moment(h.ends, settings) if h.ends else "", hold_reason(h.reason), h.note, h.actor)
        for h in found
    ]
    output.table(_("Holds"), (_("from"), _("until"), _("why"), _("first"), _("who")), rows)
    output.data(found)
    return 0


def begin_hold(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Let a release wait on purpose."""
    with committed(settings) as (context, uow):
        id_, reason = release_id(uow, arguments.release), HoldReason(arguments.reason)
        holds.begin(uow, id_, reason, arguments.note, actor=actor(arguments, settings), at=context.now())
    return _done(id_, output)


def end_hold(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Let it go on."""
    with committed(settings) as (context, uow):
        id_ = release_id(uow, arguments.release)
        holds.end(uow, id_, actor=actor(arguments, settings), at=context.now())
    return _done(id_, output)


def _past(at: datetime, now: datetime) -> datetime:
    if at > now:
        raise Rejected("moment", _("This moment lies in the future; check the day and the time."))
    return at.astimezone(UTC)


def _done(id_: str, output: Output) -> int:
    output.say(_("That is on record."))
    output.data({"release": id_})
    return 0
