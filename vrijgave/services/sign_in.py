"""Signing in and out. Sessions live in the database, so that they end when somebody says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from secrets import token_urlsafe

from vrijgave.domain.people import MAX_PASSWORD, Account, Role, normalised
from vrijgave.errors import NotSignedIn, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.services import accounts
from vrijgave.services.context import Context
from vrijgave.services.passwords import is_password
from vrijgave.store.unit_of_work import UnitOfWork

WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 30
SEEN_EVERY = timedelta(seconds=30)
"""A session that was seen so recently is not written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh sign-in session. ``token`` is the only key to it and is kept nowhere."""

    account: Account
    token: str


def sign_in(context: Context, name: str, password: str, address: str) -> SignedIn:
    """Check name and password, and begin a session under a new token.

    Three transactions: an attempt counts before it is known how it ends, and hashing holds no lock. Raises
    ``RetryLater`` after too many attempts, ``Rejected`` in the same words and time for whatever is not right.
    """
    keys = (f"account:{normalised(name)}", f"address:{address}")
    sentence = _("Too many attempts to sign in; wait {minutes} minutes and try again.")
    _count(context, keys, (TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS), sentence)
    with context.reading() as uow:
        found = uow.accounts.find(name)
    account, known = found or (None, None)
    right = is_password(known, password[: MAX_PASSWORD + 1])
    if account is None or not right or not account.enabled:
        raise Rejected("sign_in", _("The name or the password is not right."))
    with context.unit_of_work() as uow:
        uow.accounts.forget_attempts(keys[0])
        uow.accounts.uncount_attempt(keys[1])
        opened = open_session(uow, account, context.now())
        uow.commit()
    return opened


def open_session(uow: UnitOfWork, account: Account, at: datetime) -> SignedIn:
    """Begin a session for a person who has proven who they are."""
    if not account.enabled:
        raise Rejected("sign_in", _("This account is switched off; ask the administrator."))
    token = token_urlsafe(32)
    uow.accounts.open_session(token, account.id, at)
    return SignedIn(account=account, token=token)


def who_is(context: Context, token: str, *, active: bool) -> Account | None:
    """Who is signed in with ``token`` now. ``active``: the person did something, so that the session stays open."""
    now = context.now()
    with context.reading() as uow:
        session = uow.accounts.session(token)
    if session is None or not session.account.enabled:
        return None
    idle, age = now - session.seen_at, now - session.created_at
    if idle > context.settings.session_idle or age > context.settings.session_length:
        sign_out(context, token)
        return None
    if active and idle > SEEN_EVERY:
        with context.unit_of_work() as uow:
            uow.accounts.see(token, now)
            uow.commit()
    return session.account


def signed_in_since(uow: UnitOfWork, token: str) -> datetime:
    """When the session of ``token`` began. Raises ``NotSignedIn`` when it has ended."""
    session = uow.accounts.session(token)
    if session is None:
        raise NotSignedIn(_("Sign in to go on."))
    return session.created_at


def check_present(context: Context, account: Account, password: str) -> None:
    """Whoever changes their own password shows that they know it; attempts are counted as those to sign in.

    Raises ``RetryLater`` after too many of them, ``Rejected`` when the password is not right.
    """
    key = f"password:{account.id}"
    _count(context, (key,), (TRIES_PER_ACCOUNT,), _("Too many attempts; wait {minutes} minutes and try again."))
    with context.reading() as uow:
        _account, known = uow.accounts.find(account.name) or (None, None)
    if not is_password(known, password[: MAX_PASSWORD + 1]):
        raise Rejected("password", _("The present password is not right."))
    with context.unit_of_work() as uow:
        uow.accounts.forget_attempts(key)
        uow.commit()


def sign_out(context: Context, token: str) -> None:
    """End the session at once."""
    with context.unit_of_work() as uow:
        uow.accounts.close_session(token)
        uow.commit()


def tidy(uow: UnitOfWork, context: Context, now: datetime) -> None:
    """Clear away what has expired."""
    uow.accounts.forget_before(now - max(WINDOW, context.settings.session_length))


def sign_in_external(
    uow: UnitOfWork, external_id: str, *, name: str, display_name: str, unit: str, roles: Iterable[Role], at: datetime
) -> SignedIn:
    """Begin a session for a person whom the OpenID provider knows; the first time makes an account.

    Name and roles are as the provider says now. Raises ``Rejected`` when it gives no role, or when the name belongs to
    another account: nobody gets a colleague's deeds to their name.
    """
    given = frozenset(roles)
    if not given:
        raise Rejected("sign_in", _("You have no role in this service; ask the administrator for one."))
    known = uow.accounts.find_external(external_id)
    if known is None:
        account = accounts.add(
            uow, name=name, display_name=display_name, unit=unit, roles=given, password_hash=None,
            actor="system", at=at, external_id=external_id,
        )  # fmt: skip
    else:
        account = replace(known, display_name=display_name, unit=unit, roles=given)
        uow.accounts.change(account)
        if known.roles - given:
            uow.accounts.close_sessions(account.id)
    return open_session(uow, account, at)


def _count(context: Context, keys: Sequence[str], limits: Sequence[int], sentence: str) -> None:
    """Count an attempt for each of ``keys``. Raises ``RetryLater`` with ``sentence`` when it is one too many."""
    now = context.now()
    with context.unit_of_work() as uow:
        tidy(uow, context, now)
        made = [uow.accounts.count_attempt(key, now, now - WINDOW) for key in keys]
        uow.commit()
    waits = [a.first_at + WINDOW - now for a, most in zip(made, limits, strict=True) if a.count > most]
    if waits:
        minutes = max(1, ceil(max(waits) / timedelta(minutes=1)))
        raise RetryLater(sentence.format(minutes=minutes), after=max(waits))
