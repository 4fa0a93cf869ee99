"""Accounts and what belongs to signing in: server-side sessions, counted attempts, requests at an OpenID provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, case, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from vrijgave.domain.people import Account, normalised
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.store import account_tables as tables
from vrijgave.store.records import record, values

_t = tables.account
_sessions = tables.sign_in_session
_attempts = tables.sign_in_attempts
_requests = tables.sign_in_request


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSession:
    """One browser in which somebody is signed in."""

    account: Account
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRequest:
    """A sign-in that went to the OpenID provider and has not come back."""

    state_sha256: str
    browser_sha256: str
    nonce: str
    verifier: str
    onward: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """How often something was tried since ``first_at``."""

    count: int
    first_at: datetime


class Accounts:
    """Secrets come in as they are and are kept as hashes only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, account: Account, password_hash: str | None) -> None:
        """Raises ``Conflict`` when the name is taken."""
        self._connection.execute(insert(_t).values(**values(account), password_hash=password_hash))

    def change(self, account: Account) -> None:
        """Write all fields of an existing account but its password. Raises ``NotFound``."""
        done = self._connection.execute(update(_t).where(_t.c.id == account.id).values(**values(account)))
        if done.rowcount != 1:
            raise _missing()

    def set_password(self, account_id: str, password_hash: str) -> None:
        """Raises ``NotFound``."""
        done = self._connection.execute(update(_t).where(_t.c.id == account_id).values(password_hash=password_hash))
        if done.rowcount != 1:
            raise _missing()

    def get(self, account_id: str) -> Account:
        """Raises ``NotFound``."""
        row = self._connection.execute(select(_t).where(_t.c.id == account_id)).one_or_none()
        if row is None:
            raise _missing()
        return record(Account, row)

    def find(self, name: str) -> tuple[Account, str | None] | None:
        """The account with that sign-in name and its password's hash."""
        row = self._connection.execute(select(_t).where(_t.c.name == normalised(name))).one_or_none()
        return None if row is None else (record(Account, row), row.password_hash)

    def find_external(self, external_id: str) -> Account | None:
        """The account of a person at the OpenID provider."""
        row = self._connection.execute(select(_t).where(_t.c.external_id == external_id)).one_or_none()
        return None if row is None else record(Account, row)

    def list(self) -> list[Account]:
        """All accounts by name."""
        return [record(Account, row) for row in self._connection.execute(select(_t).order_by(_t.c.name))]

    def open_session(self, token: str, account_id: str, at: datetime) -> None:
        """Remember that whoever holds ``token`` is this person."""
        self._connection.execute(
            insert(_sessions).values(token_sha256=hashed(token), account_id=account_id, created_at=at, seen_at=at)
        )

    def session(self, token: str) -> SignInSession | None:
        """Who holds ``token``, expired or not."""
        query = select(_t, _sessions.c.created_at.label("begun_at"), _sessions.c.seen_at)
        query = query.join_from(_sessions, _t).where(_sessions.c.token_sha256 == hashed(token))
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return SignInSession(account=record(Account, row), created_at=row.begun_at, seen_at=row.seen_at)

    def see(self, token: str, at: datetime) -> None:
        """The person behind ``token`` did something."""
        self._connection.execute(update(_sessions).where(_sessions.c.token_sha256 == hashed(token)).values(seen_at=at))

    def close_session(self, token: str) -> None:
        """``token`` is worth nothing from here on."""
        self._connection.execute(delete(_sessions).where(_sessions.c.token_sha256 == hashed(token)))

    def close_sessions(self, account_id: str) -> None:
        """Sign a person out everywhere."""
        self._connection.execute(delete(_sessions).where(_sessions.c.account_id == account_id))

    def forget_before(self, at: datetime) -> None:
        """Clear away sessions that began, and attempts and requests that were made, before ``at``."""
        self._connection.execute(delete(_sessions).where(_sessions.c.created_at < at))
        self._connection.execute(delete(_attempts).where(_attempts.c.first_at < at))
        self._connection.execute(delete(_requests).where(_requests.c.created_at < at))

    def count_attempt(self, key: str, at: datetime, since: datetime) -> Attempts:
        """Count one more; counting begins anew when it began before ``since``. One statement: nothing slips between."""
        flavour = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        begun = flavour.insert(_attempts).values(key=hashed(key), count=1, first_at=at)
        stale = _attempts.c.first_at < since
        row = self._connection.execute(
            begun.on_conflict_do_update(
                index_elements=[_attempts.c.key],
                set_={
                    "count": case((stale, 1), else_=_attempts.c.count + 1),
                    "first_at": case((stale, begun.excluded.first_at), else_=_attempts.c.first_at),
                },
            ).returning(_attempts.c.count, _attempts.c.first_at)
        ).one()
        return Attempts(count=row.count, first_at=row.first_at)  # type: ignore[arg-type]

    def uncount_attempt(self, key: str) -> None:
        """One of the attempts was a person who may."""
        mine = update(_attempts).where(_attempts.c.key == hashed(key), _attempts.c.count > 0)
        self._connection.execute(mine.values(count=_attempts.c.count - 1))

    def forget_attempts(self, key: str) -> None:
        """Begin counting anew."""
        self._connection.execute(delete(_attempts).where(_attempts.c.key == hashed(key)))

    def add_request(self, request: SignInRequest) -> None:
        """A browser leaves for the OpenID provider."""
        self._connection.execute(insert(_requests).values(**values(request)))

    def take_request(self, state: str) -> SignInRequest | None:
        """It came back: each request is good for one return."""
        row = self._connection.execute(
            delete(_requests).where(_requests.c.state_sha256 == hashed(state)).returning(_requests)
        ).one_or_none()
        return None if row is None else record(SignInRequest, row)


def hashed(secret: str) -> str:
    """What is kept of a secret that is random itself: SHA-256, in hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def _missing() -> NotFound:
    return NotFound(_("There is no such account; look at the list of accounts."))
