"""What every platform has to be able to do, and the value types that go in and out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Evidence, ManualKind, Platform, Publication
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import VideoFacts
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import Language, _

Progress = Callable[[int, int | None], None]
"""Called with (bytes done, bytes in all)."""
KeepSession = Callable[[str], None]
"""Stores the address of an upload session; returns only when it is stored for good."""


class SessionLost(Exception):
    """The platform no longer knows the upload session; whether the video arrived is to be found out by marker."""


class ByHand(ActionRequired):
    """The platform's interface cannot do this: a person has to, on the platform itself."""

    def __init__(self, what: str) -> None:
        super().__init__("communication", what)


class Processing(StrEnum):
    """How far a platform is with a video that it has received."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """Captions of the rendition in one language: a WebVTT file."""

    language: Language
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All that goes out with one publication; exactly what the approval covers."""

    rendition: Path
    sha256: str
    facts: VideoFacts
    texts: tuple[Texts, ...]
    """One for each language; Dutch must be among them."""
    thumbnail: Path | None = None
    captions: tuple[Captions, ...] = ()
    stills: tuple[Path, ...] = ()
    conditions: str = ""
    """Conditions under which others may use the material, in Dutch."""
    end_date: date | None = None
    """Last day on which the appeal may be shown."""
    place: str = ""
    """Where it happened, as coarse as the public may know."""
    happened_on: date | None = None
    synthetic: bool = False
    """Whether it shows, in part, what no camera saw: a reconstruction."""

    def text(self, language: Language) -> Texts:
        """The texts in ``language``. Raises ``Rejected`` when they are missing."""
        for text in self.texts:
            if text.language == language.value:
                return text
        raise Rejected("texts", _("The texts in «{language}» are missing; write them.").format(language=language.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteState:
    """A video as the platform describes it to its owner. ``problem`` is the platform's word for what went wrong."""

    processing: Processing
    public: bool
    problem: str = ""
    lapses: bool = False
    """A draft that nobody can delete, nobody but us could make public, and the platform forgets by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCopy:
    """A video on the platform that bears our marker; ``size`` in bytes, None where the platform does not say."""

    remote_id: str
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What an anonymous viewer meets at a publication's address; ``detail`` is fit for an evidence row."""

    visible: bool
    detail: str


class Publisher(Protocol):
    """One account on one platform. Every call may raise ``RetryLater``, ``ActionRequired`` or ``Rejected``.

    All calls but ``send`` can be repeated without harm. A publisher belongs to one thread.

    Remote ids are the publisher's own words for what is on the platform: opaque to everybody else, and enough to find
    the thing again. Where the public finds something else than what was sent (a post that carries an uploaded video),
    ``send`` gives the id of the one and ``release`` that of the other.
    """

    @property
    def platform(self) -> Platform:
        """Which platform this is."""

    @property
    def stages(self) -> bool:
        """Whether the platform can hold a complete video that nobody sees yet. If not, ``send`` makes it public."""

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """Every limit that what is to go out exceeds, read live where the platform tells; nothing is sent."""

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """Bring ``file`` to the platform, not public, and return the remote id.

        With ``publication.session`` the platform is asked first how far that session came: the rest is sent, or
        the finished video taken. ``keep_session`` is called before the first byte of the file leaves, where there
        are sessions. Raises ``SessionLost``.
        """

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """Everything of ours that bears the publication's marker, public or not, as far as the platform can tell."""

    def abandon(self, publication: Publication) -> str | None:
        """Close the publication's upload session; the remote id when the video had already arrived whole."""

    def inspect(self, remote_id: str) -> RemoteState | None:
        """The thing as its owner sees it, or None when the platform has no such thing."""

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Add what could not be sent along with the file, such as the thumbnail."""

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Make ``publication.remote_id`` public and return the remote id of what the public finds.

        ``again``: it was tried before and may have succeeded without our hearing. What is public already is found by
        the publication's marker, record key or idempotency key, and never made twice.
        """

    def hide(self, remote_id: str) -> None:
        """Make it invisible to the public. What does not exist, or cannot be seen anyhow, is no error.

        A platform that cannot hide does nothing here and deletes in ``delete``.
        """

    def delete(self, remote_id: str) -> None:
        """Remove it. What does not exist is no error. Raises ``ByHand`` where only a person can."""

    def sight(self, remote_id: str) -> Sighting:
        """Look at it as an anonymous viewer, without any credentials."""

    def url(self, remote_id: str) -> str:
        """Where the public finds it."""

    def remains(self, remote_id: str) -> str:
        """What stays out of reach after a deletion, as a sentence for a person; empty where nothing does."""


class Figure(StrEnum):
    """What platforms count."""

    VIEWS = "views"
    LIKES = "likes"
    SHARES = "shares"
    COMMENTS = "comments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody from the public wrote below a publication. ``author`` is the name that they show there."""

    remote_id: str
    author: str
    text: str
    at: datetime
    """Aware UTC."""
    hidden: bool = False


@runtime_checkable
class Watchable(Protocol):
    """A publisher whose platform tells how the public receives what is live."""

    @property
    def hides_comments(self) -> bool:
        """Whether ``hide_comment`` works."""

    def figures(self, remote_id: str) -> Mapping[Figure, int]:
        """What the platform counts now; what it does not tell is left out."""

    def comments(self, remote_id: str) -> tuple[Comment, ...]:
        """All comments of the public, oldest first."""

    def hide_comment(self, remote_id: str, comment_id: str) -> None:
        """Hide one comment from the public. Raises ``ByHand`` where the interface cannot."""


@runtime_checkable
class Replaceable(Protocol):
    """A publisher whose platform can exchange the file of a video and keep its address."""

    def replace(self, publication: Publication, bundle: Bundle, file: BinaryIO, progress: Progress) -> None:
        """Put ``file`` in the place of the video that is there, with the bundle's texts. Can be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """What a platform says of the account that we use: its own name for it, and until when we may use it."""

    name: str
    expires_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    """Sentences about what does not work as it should, such as rights that are lacking."""


@runtime_checkable
class Connected(Protocol):
    """A publisher that signs in to an account."""

    def account(self) -> AccountState:
        """Ask the platform who we are. Raises ``ActionRequired`` when it does not let us in."""


class LedgerBook(Protocol):
    """Where rows of the ledger are kept."""

    def save(self, old: Publication, new: Publication) -> Publication:
        """Replace ``old`` by ``new`` and commit before returning what is stored.

        Raises ``errors.Conflict`` when the stored row is no longer ``old`` (compare ``version``).
        """

    def evidence(self, item: Evidence) -> None:
        """Add ``item`` and commit before returning."""

    def ask(self, publication: Publication, kind: ManualKind, what: str) -> None:
        """Ask a person to do ``what``, and commit before returning; once for each kind and publication."""


class Clock(Protocol):
    """Time as the saga needs it."""

    def now(self) -> datetime:
        """Aware UTC."""

    def sleep(self, span: timedelta) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

    def sleep(self, span: timedelta) -> None:
        """Wait."""
        time.sleep(span.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one call of the saga waits itself before it hands the waiting to its caller by ``RetryLater``."""

    attempts: int = 4
    """Attempts at one step without any headway."""
    longest_pause: timedelta = timedelta(seconds=30)
    """A platform that asks for a longer pause is tried again later."""
    poll: timedelta = timedelta(seconds=3)
    processing: timedelta = timedelta(minutes=15)
    visibility: timedelta = timedelta(minutes=2)
    """How long a change of visibility may take to reach an anonymous viewer."""


def marker_for(publication_id: str) -> str:
    """File name by which a publication is found again: says nothing of the case, the same for the same publication."""
    return f"vrijgave-{sha256(publication_id.encode()).hexdigest()[:20]}.mp4"


def known(publication: Publication) -> str:
    """The remote id that the row holds. Raises ``Rejected`` where nothing was sent."""
    if publication.remote_id is None:
        raise Rejected("ledger", _("This publication is not ready on the platform; publish it first."))
    return publication.remote_id
