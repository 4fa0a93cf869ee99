"""The options of ``vrijgave tip`` and ``vrijgave hold``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.i18n import _

Command = Callable[..., argparse.ArgumentParser]
Moment = Callable[[str], datetime]


def add_tip(kinds: Any, command: Command, moment: Moment) -> None:
    """A sub-command for listing, recording and judging."""
    _release(command(kinds, "list", "records:list_tips", _("the tips of a release")))
    parser = command(kinds, "add", "records:add_tip", _("record a tip"), acts=True)
    _release(parser)
    parser.add_argument("--received-at", type=moment, required=True, metavar=_("TIME"), help=_("when it came in"))
    parser.add_argument("--channel", choices=[c.value for c in TipChannel], required=True, help=_("how it came in"))
    parser.add_argument(
        "--medium", default="", metavar=_("TEXT"), help=_("where its giver says to have seen the appeal")
    )
    parser.add_argument("--content", default="", metavar=_("TEXT"), help=_("nothing that leads back to who gave it"))
    parser = command(kinds, "judge", "records:judge_tip", _("record what a tip is worth"), acts=True)
    _release(parser)
    parser.add_argument("tip", type=int, metavar=_("NUMBER"), help=_("as «vrijgave tip list» lists it"))
    parser.add_argument("--usability", choices=[u.value for u in Usability], required=True, help=_("can it be used"))
    parser.add_argument(
        "--outcome", choices=[o.value for o in Outcome], default=Outcome.OPEN, help=_("what it brought")
    )
    parser.add_argument(
        "--attribution", choices=[a.value for a in Attribution], default=Attribution.UNKNOWN,
        help=_("how sure it is that the medium brought it"),
    )  # fmt: skip
    parser.add_argument("--follow-up", default="", metavar=_("TEXT"), help=_("what was done with it"))
    parser.add_argument("--clear-at", type=moment, metavar=_("TIME"), help=_("since when that is clear (default: now)"))


def add_hold(kinds: Any, command: Command) -> None:
    """A sub-command for listing, beginning and ending."""
    _release(command(kinds, "list", "records:list_holds", _("the holds of a release")))
    parser = command(kinds, "begin", "records:begin_hold", _("hold a release from now on"), acts=True)
    _release(parser)
    parser.add_argument("--reason", choices=[r.value for r in HoldReason], required=True, help=_("why"))
    parser.add_argument("--note", default="", metavar=_("TEXT"), help=_("what has to happen first"))
    _release(command(kinds, "end", "records:end_hold", _("let a release go on"), acts=True))


def _release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", metavar=_("RELEASE"), help=_("id of the release, or its first characters"))
    parser.add_argument("--json", action="store_true", help=_("print JSON for a script"))
