"""The force's accounts on platforms. Credentials come in and go out encrypted; no key is known here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from vrijgave.domain.platform_accounts import KeptAccount, PlatformAccount
from vrijgave.domain.publications import Platform
from vrijgave.errors import Conflict, NotFound
from vrijgave.i18n import _
from vrijgave.store.account_tables import platform_account as _t
from vrijgave.store.engine import LOCK_SECONDS
from vrijgave.store.file_lock import alone
from vrijgave.store.records import record, values


class PlatformAccounts:
    """Accounts are added, changed and switched off, never removed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, kept: KeptAccount) -> None:
        """Raises ``Conflict`` when the platform has an account of that name."""
        self._connection.execute(insert(_t).values(**_columns(kept)))

    def get(self, account_id: str, *, for_update: bool = False) -> KeptAccount:
        """``for_update``: nobody else writes it until this unit of work ends. Raises ``NotFound``."""
        query = select(_t).where(_t.c.id == account_id)
        row = self._connection.execute(query.with_for_update() if for_update else query).one_or_none()
        if row is None:
            raise NotFound(_("There is no such platform account; «vrijgave accounts list» lists them."))
        return _kept(row)

    def find(self, platform: Platform, name: str) -> KeptAccount:
        """Raises ``NotFound``."""
        row = self._connection.execute(select(_t).where(_t.c.platform == platform, _t.c.name == name)).one_or_none()
        if row is None:
            raise NotFound(
                _("There is no account «{name}» on {platform}; «vrijgave accounts list» lists them.").format(
                    name=name, platform=platform.value
                )
            )
        return _kept(row)

    def list(self) -> list[KeptAccount]:
        """All accounts, also those that are off, by platform and name."""
        return [_kept(row) for row in self._connection.execute(select(_t).order_by(_t.c.platform, _t.c.name))]

    def save(self, old: KeptAccount, new: KeptAccount) -> KeptAccount:
        """Replace ``old``, as it was read, by ``new``. Raises ``Conflict`` when it has changed since."""
        written = replace(new, version=old.version + 1)
        done = self._connection.execute(
            update(_t).where(_t.c.id == old.account.id, _t.c.version == old.version).values(**_columns(written))
        )
        if done.rowcount != 1:
            raise Conflict(
                _("The account «{name}» was changed meanwhile; look again and repeat.").format(name=old.account.name)
            )
        return written

    def lock(self) -> None:
        """Let nobody else write any account until this unit of work ends; on SQLite every one that writes does so."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE platform_account IN EXCLUSIVE MODE"))

    @contextmanager
    def renewing(self, account_id: str) -> Iterator[None]:
        """Nobody else renews this account meanwhile, in whatever process; everybody may read and write it.

        Other than a lock on its row this holds nobody else up on SQLite, where who writes keeps all others waiting.
        Raises ``RetryLater`` where another is at it for too long.
        """
        if self._connection.dialect.name == "postgresql":
            number = int.from_bytes(sha256(f"platform_account {account_id}".encode()).digest()[:8], signed=True)
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
            yield
        else:
            database = self._connection.engine.url.database
            with alone(Path(f"{database}-renewing-{account_id}"), LOCK_SECONDS):
                yield


def _columns(kept: KeptAccount) -> dict[str, Any]:
    own = values(kept)
    return {**values(own.pop("account")), **own}


def _kept(row: Row[Any]) -> KeptAccount:
    return record(KeptAccount, row, account=record(PlatformAccount, row))
