"""Keeping accounts: adding, changing, switching off, new passwords. Each deed is in the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.people import Account, Role, check_password, normalised
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.services.passwords import hash_password
from vrijgave.store.unit_of_work import UnitOfWork


def prepare_password(password: str) -> str:
    """The hash to keep of a new password; takes a while, so call it outside a transaction. Raises ``Rejected``."""
    check_password(password)
    return hash_password(password)


def add(
    uow: UnitOfWork,
    *,
    name: str,
    display_name: str,
    unit: str,
    roles: Iterable[Role],
    password_hash: str | None,
    actor: str,
    at: datetime,
    external_id: str | None = None,
) -> Account:
    """A new account. Raises ``Rejected`` when the name is taken or a field is not right."""
    if uow.accounts.find(name) is not None:
        raise Rejected("account", _("The sign-in name «{name}» is taken; choose another.").format(name=name))
    account = Account(
        id=uuid4().hex,
        name=normalised(name),
        display_name=display_name.strip(),
        unit=unit.strip(),
        roles=frozenset(roles),
        enabled=True,
        created_at=at,
        external_id=external_id,
    )
    uow.accounts.add(account, password_hash)
    _log(uow, AuditAction.COLLECTED, account, actor, f"added: {_roles(account)}", at)
    return account


def change(
    uow: UnitOfWork,
    account_id: str,
    *,
    display_name: str,
    unit: str,
    roles: Iterable[Role],
    enabled: bool,
    actor: str,
    at: datetime,
) -> Account:
    """Change what may be changed. Who loses a role or the account is signed out everywhere at once.

    Raises ``Rejected`` when nobody would be left who can manage accounts.
    """
    before = uow.accounts.get(account_id)
    after = replace(
        before, display_name=display_name.strip(), unit=unit.strip(), roles=frozenset(roles), enabled=enabled
    )
    uow.accounts.change(after)
    if _manages(before) and not any(map(_manages, uow.accounts.list())):
        raise Rejected("account", _("Somebody has to manage the accounts; give another account that role first."))
    if not enabled or before.roles - after.roles:
        uow.accounts.close_sessions(account_id)
    state = "enabled" if enabled else "disabled"
    _log(uow, AuditAction.ALTERED, after, actor, f"{state}: {_roles(after)}", at)
    return after


def reset_password(uow: UnitOfWork, account_id: str, password_hash: str, *, actor: str, at: datetime) -> Account:
    """Give an account another password; whoever is signed in with it is signed out."""
    account = uow.accounts.get(account_id)
    if account.external_id is not None:
        raise Rejected("account", _("This person signs in with the force's own sign-in; the password is kept there."))
    uow.accounts.set_password(account_id, password_hash)
    uow.accounts.close_sessions(account_id)
    _log(uow, AuditAction.ALTERED, account, actor, "password reset", at)
    return account


def by_name(uow: UnitOfWork, name: str) -> Account:
    """Raises ``NotFound``."""
    found = uow.accounts.find(name)
    if found is None:
        raise NotFound(_("There is no account «{name}»; «vrijgave account list» lists them.").format(name=name))
    return found[0]


def _manages(account: Account) -> bool:
    return account.enabled and Role.BEHEER in account.roles


def _roles(account: Account) -> str:
    return ", ".join(sorted(account.roles))


def _log(uow: UnitOfWork, action: AuditAction, account: Account, actor: str, what: str, at: datetime) -> None:
    uow.audit.append(actor=actor, action=action, subject=f"account:{account.id}", reason=what, at=at)
