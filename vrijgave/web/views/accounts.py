"""The pages on which an administrator keeps accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from vrijgave.domain.people import MIN_PASSWORD, Account, Role
from vrijgave.web import words
from vrijgave.web.pages import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account at a glance."""

    id: str
    name: str
    display_name: str
    unit: str
    roles: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """A role to tick."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage(Page):
    """All accounts."""

    template: ClassVar[str] = "accounts.html.j2"
    accounts: tuple[AccountRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccountPage(Page):
    """The form for a new account, also after something was not right."""

    template: ClassVar[str] = "account_new.html.j2"
    name: str = ""
    display_name: str = ""
    unit: str = ""
    roles: tuple[RoleChoice, ...]
    least: int = MIN_PASSWORD
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage(Page):
    """One account, to change."""

    template: ClassVar[str] = "account.html.j2"
    id: str
    name: str
    display_name: str
    unit: str
    roles: tuple[RoleChoice, ...]
    enabled: bool
    has_password: bool
    least: int = MIN_PASSWORD
    error: str = ""
    notice: str = ""


def accounts_page(accounts: Collection[Account]) -> AccountsPage:
    """The list."""
    return AccountsPage(
        accounts=tuple(
            AccountRow(
                id=account.id,
                name=account.name,
                display_name=account.display_name,
                unit=account.unit,
                roles=", ".join(words.role_name(role) for role in Role if role in account.roles),
                enabled=account.enabled,
            )
            for account in accounts
        )
    )


def account_page(account: Account, *, error: str = "", notice: str = "") -> AccountPage:
    """One account as it is."""
    return AccountPage(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        unit=account.unit,
        roles=role_choices(account.roles),
        enabled=account.enabled,
        has_password=account.external_id is None,
        error=error,
        notice=notice,
    )


def role_choices(chosen: Collection[str]) -> tuple[RoleChoice, ...]:
    """All roles, those of ``chosen`` ticked."""
    return tuple(
        RoleChoice(value=role.value, label=words.role_name(role), chosen=role.value in chosen) for role in Role
    )
