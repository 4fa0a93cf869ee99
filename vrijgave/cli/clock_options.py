"""The options of ``vrijgave clock``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vrijgave.domain.clock import FROM_TIPS, PEOPLE_KNOW, Milestone
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _


def add(
    kinds: Any, command: Callable[..., argparse.ArgumentParser], moment: Callable[[str], datetime]
) -> list[argparse.ArgumentParser]:
    """The sub-commands that show, enter and correct."""
    show = command(kinds, "show", "clock:show", _("every reading of one release, corrections too"))
    enter = command(kinds, "enter", "clock:enter", _("a time that only people know"), acts=True)
    correct = command(
        kinds, "correct", "clock:correct", _("what a time should have been; the old one stays visible"), acts=True
    )
    for parser in (show, enter, correct):
        parser.add_argument("release", metavar=_("RELEASE"), help=_("id of the release, or its first characters"))
    for parser, those in ((enter, PEOPLE_KNOW), (correct, frozenset(Milestone) - FROM_TIPS)):
        parser.add_argument("milestone", choices=[m.value for m in Milestone if m in those], help=_("which moment"))
        parser.add_argument("--until", type=moment, metavar=_("TIME"), help=_("the latest it can have been"))
        parser.add_argument(
            "--seen", type=int, metavar="N", help=_("how many readings you saw; others since then are a conflict")
        )
    since = _("when it was, or the earliest it can have been, with time zone")
    enter.add_argument("--at", type=moment, required=True, metavar=_("TIME"), help=since)
    either = correct.add_mutually_exclusive_group(required=True)
    either.add_argument("--at", type=moment, metavar=_("TIME"), help=since)
    either.add_argument("--unknown", action="store_true", help=_("the time is not known after all"))
    correct.add_argument("--reason", required=True, metavar=_("TEXT"), help=_("why"))
    correct.add_argument("--platform", choices=[p.value for p in Platform], help=_("only on this platform"))
    correct.add_argument("--revision", type=int, default=1, metavar="N", help=_("which round of the review"))
    return [show, enter, correct]
