"""The credentials of an account in our own store: renewed by one process, and stored before anybody uses them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from vrijgave.errors import ActionRequired, RetryLater
from vrijgave.publishing.accounts import Credentials, Renewal
from vrijgave.services.sealing import Keys
from vrijgave.store.unit_of_work import UnitOfWork

STORE_ATTEMPTS = 5
PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreVault:
    """See ``Vault``."""

    account_id: str
    unit_of_work: Callable[[], UnitOfWork]
    reading: Callable[[], UnitOfWork]
    keys: Keys

    def read(self) -> Credentials:
        """See ``Vault``."""
        try:
            return self._read()
        except ActionRequired:  # the keys may have been changed between reading the one and the other
            return self._read()

    def renew(self, stale: Credentials, renewal: Renewal) -> Credentials:
        """See ``Vault``. Nothing is locked in the database for the others while the platform is asked.

        Where a platform takes each refresh token once, its answer must not get lost: what stops this process between
        that answer and our commit costs the account's connection. So storing is tried again where the database is busy.
        """
        with self.unit_of_work() as waiting, waiting.platform_accounts.renewing(self.account_id):
            now = self.read()
            if now != stale:
                return now
            fresh = {**stale, **renewal(stale)}
            return self._surely_stored(stale, fresh)

    def _read(self) -> Credentials:
        with self.reading() as uow:
            kept = uow.platform_accounts.get(self.account_id)
        return self.keys.open(kept)

    def _surely_stored(self, stale: Credentials, fresh: Credentials) -> Credentials:
        for _attempt in range(STORE_ATTEMPTS - 1):
            with suppress(RetryLater):
                return self._store(stale, fresh)
            time.sleep(PAUSE_SECONDS)
        return self._store(stale, fresh)

    def _store(self, stale: Credentials, fresh: Credentials) -> Credentials:
        """``fresh``, stored; or what a person has connected meanwhile, which counts."""
        with self.unit_of_work() as uow:
            kept = uow.platform_accounts.get(self.account_id, for_update=True)
            now = self.keys.open(kept)
            if now != stale:
                return now
            uow.platform_accounts.save(kept, replace(kept, sealed=self.keys.seal(kept.account, fresh)))
            uow.commit()
        return fresh
