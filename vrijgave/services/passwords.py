"""Hashing passwords with Argon2id, in the parameters that RFC 9106 recommends for machines with little memory."""

from __future__ import annotations

from functools import cache
from secrets import token_urlsafe
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_at_once = BoundedSemaphore(2)
"""Each takes 64 MiB: a flood of sign-ins waits here instead of taking the machine's memory."""


def hash_password(password: str) -> str:
    """A salted hash in the PHC format."""
    with _at_once:
        return _hasher.hash(password)


def is_password(known: str | None, password: str) -> bool:
    """Whether ``known`` is a hash of ``password``. Takes as long where nothing is known, and is then always False."""
    nobodys = _nobodys()
    with _at_once:
        try:
            return _hasher.verify(known or nobodys, password) and known is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys() -> str:
    return _hasher.hash(token_urlsafe())
