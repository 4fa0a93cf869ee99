"""An account of the force on a platform, and the credentials that let us use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from vrijgave.domain.platform_accounts import PlatformAccount

__all__ = ("Credentials", "OwnVault", "PlatformAccount", "Renewal", "Vault")

Credentials = Mapping[str, str]
"""What a platform asks of who signs in, by its own names, such as ``access_token``; never logged."""
Renewal = Callable[[Credentials], Credentials]
"""Asks the platform for new credentials in place of those that it no longer takes."""


class Vault(Protocol):
    """Keeps the credentials of one account."""

    def read(self) -> Credentials:
        """As they are now."""

    def renew(self, stale: Credentials, renewal: Renewal) -> Credentials:
        """Credentials in place of ``stale``: those that somebody else has renewed meanwhile, or else what
        ``renewal`` gives, which is stored before this returns. One process renews at a time."""


class OwnVault:
    """Credentials that live as long as this process, as those of the practice platforms do."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = dict(credentials)
        self._lock = threading.Lock()

    def read(self) -> Credentials:
        """See ``Vault``."""
        return dict(self._credentials)

    def renew(self, stale: Credentials, renewal: Renewal) -> Credentials:
        """See ``Vault``."""
        with self._lock:
            if self._credentials == stale:
                self._credentials = {**self._credentials, **renewal(stale)}
            return dict(self._credentials)
