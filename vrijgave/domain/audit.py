"""The audit log of the Wpg (art. 32a): who did what to which data, and why; each entry seals the one before it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

GENESIS = "0" * 64


class AuditAction(StrEnum):
    """The verbs that the law asks to log."""

    COLLECTED = "collected"
    ALTERED = "altered"
    CONSULTED = "consulted"
    DISCLOSED = "disclosed"
    COMBINED = "combined"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry. ``hash`` covers all other fields and ``previous``, the hash of the entry before it."""

    number: int
    at: datetime
    actor: str
    action: AuditAction
    subject: str
    """What it was done to: an opaque id, such as ``release:…`` or ``blob:…``."""
    reason: str
    previous: str
    hash: str


def seal(
    *, number: int, at: datetime, actor: str, action: AuditAction, subject: str, reason: str, previous: str
) -> AuditEntry:
    """The entry with its hash: SHA-256 over stable JSON of the fields, the time in UTC to the microsecond."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    body = json.dumps([number, moment, actor, action.value, subject, reason, previous], ensure_ascii=False)
    return AuditEntry(
        number=number,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        reason=reason,
        previous=previous,
        hash=sha256(body.encode()).hexdigest(),
    )


def first_broken(entries: Iterable[AuditEntry]) -> int | None:
    """Number of the first entry that was altered, removed or put in between; None when the chain is whole.

    Entries come in order of their number, from 1. A chain cut off at its end shows only against a hash that was
    kept elsewhere: compare the last hash with the one noted before.
    """
    previous, expected = GENESIS, 1
    for entry in entries:
        same = seal(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            reason=entry.reason,
            previous=previous,
        )
        if entry.number != expected or entry.hash != same.hash or entry.previous != previous:
            return expected
        previous, expected = entry.hash, expected + 1
    return None
