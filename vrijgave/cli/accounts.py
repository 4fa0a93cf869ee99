"""The commands that keep accounts; the first administrator comes from here."""

from __future__ import annotations

import argparse
import getpass
import sys

from vrijgave.bootstrap import build
from vrijgave.cli.acting import actor
from vrijgave.cli.output import Output
from vrijgave.domain.people import Account, Role
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.services import accounts
from vrijgave.settings import Settings


def every(_arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """All accounts."""
    with build(settings).reading() as uow:
        found = uow.accounts.list()
    rows = [
        (a.name, a.display_name, a.unit, ", ".join(sorted(a.roles)), _("yes") if a.enabled else _("no")) for a in found
    ]
    output.table(_("Accounts"), (_("name"), _("person"), _("unit"), _("roles"), _("may sign in")), rows)
    output.data(found)
    return 0


def add(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Add an account."""
    who = actor(arguments, settings)
    made = accounts.prepare_password(_read_password())
    context = build(settings)
    with context.unit_of_work() as uow:
        account = accounts.add(
            uow,
            name=arguments.name,
            display_name=arguments.display_name or arguments.name,
            unit=arguments.unit or settings.force_name,
            roles=[Role(role) for role in arguments.role],
            password_hash=made,
            actor=who,
            at=context.now(),
        )
        uow.commit()
    output.say(_("{name} may sign in.").format(name=account.name))
    return 0


def password(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Another password; whoever is signed in with the account is signed out."""
    who = actor(arguments, settings)
    context = build(settings)
    with context.reading() as uow:
        account = accounts.by_name(uow, arguments.name)
    made = accounts.prepare_password(_read_password())
    with context.unit_of_work() as uow:
        accounts.reset_password(uow, account.id, made, actor=who, at=context.now())
        uow.commit()
    output.say(_("The password of {name} is changed.").format(name=account.name))
    return 0


def disable(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Switch an account off; its sign-in sessions end at once."""
    account = _switch(arguments, settings, enabled=False)
    output.say(_("{name} may no longer sign in.").format(name=account.name))
    return 0


def enable(arguments: argparse.Namespace, settings: Settings, output: Output) -> int:
    """Switch an account on."""
    account = _switch(arguments, settings, enabled=True)
    output.say(_("{name} may sign in.").format(name=account.name))
    return 0


def _switch(arguments: argparse.Namespace, settings: Settings, *, enabled: bool) -> Account:
    who = actor(arguments, settings)
    context = build(settings)
    with context.unit_of_work() as uow:
        found = accounts.by_name(uow, arguments.name)
        changed = accounts.change(
            uow, found.id, display_name=found.display_name, unit=found.unit, roles=found.roles, enabled=enabled,
            actor=who, at=context.now(),
        )  # fmt: skip
        uow.commit()
    return changed


def _read_password() -> str:
    """Asked for twice at a terminal, else the first line of standard input: never an argument that others could see."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass(_("Password: "))
    if typed != getpass.getpass(_("The same again: ")):
        raise Rejected("password", _("The two passwords differ; begin again."))
    return typed
