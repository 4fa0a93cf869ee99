"""The options of ``vrijgave account``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from vrijgave.domain.people import Role
from vrijgave.i18n import _


def add(actions: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """The sub-commands that change something."""
    adding = command(
        actions, "add", "accounts:add", _("add an account; the password is asked for, or read from input"), acts=True
    )
    _name(adding)
    adding.add_argument("--display-name", metavar=_("NAME"), help=_("name as colleagues know it (default: the same)"))
    adding.add_argument("--unit", default="", metavar=_("TEXT"), help=_("unit of the force"))
    adding.add_argument("--role", action="append", required=True, choices=[r.value for r in Role], help=_("a role"))
    for name, help_ in (
        ("password", _("give an account another password")),
        ("disable", _("switch an account off and sign it out")),
        ("enable", _("switch an account on again")),
    ):
        _name(command(actions, name, f"accounts:{name}", help_, acts=True))


def _name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar=_("NAME"), help=_("name to sign in with"))
