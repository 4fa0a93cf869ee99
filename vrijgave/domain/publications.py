"""The publication ledger: what was sent where, and what is certain about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from vrijgave.domain.cases import PublicationStage


class Platform(StrEnum):
    """Targets that a release can be sent to."""

    YOUTUBE = "youtube"
    PEERTUBE = "peertube"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    X = "x"
    FACEBOOK = "facebook"
    FACEBOOK_REELS = "facebook_reels"
    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    PRESS_KIT = "press_kit"


class LedgerState(StrEnum):
    """What is known of one publication."""

    PLANNED = "planned"
    UPLOADING = "uploading"
    """An intent is written; bytes may have left."""
    PROCESSING = "processing"
    STAGED = "staged"
    """Complete on the platform and not public."""
    LIVE = "live"
    HIDING = "hiding"
    GONE = "gone"
    UNKNOWN = "unknown"
    """An answer was lost: look for our marker before anything is sent again."""
    NEEDS_PERSON = "needs_person"


_L = LedgerState
LEDGER_MOVES: Mapping[LedgerState, frozenset[LedgerState]] = MappingProxyType(
    {
        _L.PLANNED: frozenset({_L.UPLOADING, _L.NEEDS_PERSON, _L.GONE}),
        _L.UPLOADING: frozenset({_L.UPLOADING, _L.PROCESSING, _L.UNKNOWN, _L.NEEDS_PERSON, _L.HIDING}),
        _L.PROCESSING: frozenset({_L.PROCESSING, _L.STAGED, _L.UNKNOWN, _L.NEEDS_PERSON, _L.HIDING}),
        _L.STAGED: frozenset({_L.STAGED, _L.LIVE, _L.UNKNOWN, _L.NEEDS_PERSON, _L.HIDING}),
        _L.LIVE: frozenset({_L.HIDING, _L.NEEDS_PERSON}),
        _L.HIDING: frozenset({_L.HIDING, _L.GONE, _L.NEEDS_PERSON}),
        _L.GONE: frozenset(),
        _L.UNKNOWN: frozenset({_L.UPLOADING, _L.PROCESSING, _L.NEEDS_PERSON, _L.HIDING}),
        _L.NEEDS_PERSON: frozenset({_L.PLANNED, _L.UPLOADING, _L.UNKNOWN, _L.PROCESSING, _L.HIDING}),
    }
)
"""Ledger state -> the states that may follow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One row of the ledger: (release, revision, platform, stage). ``version`` grows with every write.

    ``marker`` is what the platform stores for us and by which we find our video again (YouTube: the file name);
    ``session`` is a secret-bearing upload address and never logged. ``account`` is the force's account that it goes
    out by; None where a platform has no accounts.
    """

    id: str
    release_id: str
    revision: int
    platform: Platform
    stage: PublicationStage
    state: LedgerState
    version: int
    marker: str
    file_sha256: str
    file_size: int
    account: str | None = None
    remote_id: str | None = None
    """What is on the platform now: what was sent, and once public what the public finds."""
    staged_id: str | None = None
    """What was sent, where the platform gives what is public another name."""
    release_at: datetime | None = None
    """When it was first about to be made public; from then on a public copy may exist."""
    url: str | None = None
    session: str | None = field(default=None, repr=False)
    message: str | None = None
    intent_at: datetime | None = None
    """When the first byte was about to leave; None as long as nothing can have been sent."""

    @property
    def address(self) -> str:
        """Where the public finds it; empty where that is none of the web, but a folder of ours."""
        url = self.url or ""
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def mark(self) -> str:
        """By which our copy is known on the platform."""
        return self.url.rsplit("/", 1)[-1] if self.url and not self.address else self.marker

    def told(self, detail: str) -> str:
        """What was observed, without the folder of ours in which it lies, which nobody needs to know."""
        return detail.replace(self.url, self.mark) if self.url and not self.address else detail


class ManualKind(StrEnum):
    """What a person has to do on a platform because nothing else can."""

    REMOVE = "remove"
    """The platform's interface cannot delete."""
    COPIES = "copies"
    """Copies stay that are out of our reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualTask:
    """Work for a person about one publication; open until they say what they did, with proof where they have it."""

    id: str
    publication_id: str
    kind: ManualKind
    what: str
    """A sentence that says what is to be done, or what stays."""
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str = ""
    """What that person saw and did."""
    proof_sha256: str | None = None
    """A file in our own store that shows it."""


class EvidenceKind(StrEnum):
    """What an evidence row proves."""

    UPLOADED = "uploaded"
    PUBLIC = "public"
    HIDDEN = "hidden"
    DELETED = "deleted"
    READ_BACK = "read_back"
    RECONCILED = "reconciled"
    STOPPED = "stopped"
    BY_HAND = "by_hand"
    """A person did on the platform what its interface cannot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation of the outside world about a publication; rows of this kind are only ever added."""

    publication_id: str
    kind: EvidenceKind
    at: datetime
    detail: str


def proof_of_absence(row: Publication, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Looks that were made after the deletion was asked for; nothing before proves that it is gone."""
    if row.state is not LedgerState.GONE:
        return ()
    asked = [number for number, e in enumerate(evidence) if e.kind is EvidenceKind.DELETED]
    after = evidence[asked[0] + 1 :] if asked else evidence
    return tuple(e for e in after if e.kind is EvidenceKind.READ_BACK)
