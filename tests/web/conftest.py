"""The real application on a real database, and people who are signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL
from web_clients import HOST, PASSWORD, Browser, Clock, make_context

from vrijgave.domain.people import Account, Role
from vrijgave.services import accounts
from vrijgave.services.context import Context
from vrijgave.services.sign_in import open_session
from vrijgave.web import cookies
from vrijgave.web.app import create_app


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(sqlite_database: URL, tmp_path: Path, clock: Clock) -> Context:
    return make_context(sqlite_database, tmp_path, clock)


@pytest.fixture(scope="session")
def password_hash() -> str:
    return accounts.prepare_password(PASSWORD)


@pytest.fixture
def add_account(context: Context, password_hash: str) -> Callable[..., Account]:
    """Adds an account with ``PASSWORD``."""

    def add(name: str, *roles: Role, unit: str = "Den Haag") -> Account:
        with context.unit_of_work() as uow:
            account = accounts.add(
                uow, name=name, display_name=name.title(), unit=unit, roles=roles, password_hash=password_hash,
                actor="system", at=context.now(),
            )  # fmt: skip
            uow.commit()
        return account

    return add


@pytest.fixture
def browser(context: Context) -> Iterator[Browser]:
    """A browser in which nobody is signed in."""
    with Browser(create_app(context), follow_redirects=False) as client:
        yield client


@pytest.fixture
def signed_in(context: Context, add_account: Callable[..., Account]) -> Callable[..., Browser]:
    """Makes browsers in which somebody with the given roles is signed in."""
    app = create_app(context)

    def make(*roles: Role, name: str = "", unit: str = "Den Haag") -> Browser:
        account = add_account(name or "-".join(sorted(roles)), *roles, unit=unit)
        client = Browser(app, follow_redirects=False, raise_server_exceptions=False)
        client.account = account
        with context.unit_of_work() as uow:
            token = open_session(uow, account, context.now()).token
            client.cookies.set(cookies.SESSION, token, domain=HOST)
            uow.commit()
        return client

    return make


@pytest.fixture
def with_settings(context: Context) -> Callable[..., Context]:
    """The same service with other settings."""
    return lambda **changes: replace(context, settings=context.settings.model_copy(update=changes))
