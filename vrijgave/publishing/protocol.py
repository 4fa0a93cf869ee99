"""What every platform has to be able to do, and the value types that go in and out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol

from vrijgave.domain.publications import Evidence, Platform, Publication
from vrijgave.domain.texts import Texts
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _

Progress = Callable[[int, int | None], None]
"""Called with (bytes done, bytes in all)."""
KeepSession = Callable[[str], None]
"""Stores the address of an upload session; returns only when it is stored for good."""


class SessionLost(Exception):
    """The platform no longer knows the upload session; whether the video arrived is to be found out by marker."""


class Processing(StrEnum):
    """How far a platform is with a video that it has received."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """All that goes out with one publication; exactly what the approval covers."""

    rendition: Path
    sha256: str
    texts: tuple[Texts, ...]
    """One for each language; Dutch must be among them."""
    thumbnail: Path | None = None
    stills: tuple[Path, ...] = ()
    conditions: str = ""
    """Conditions under which others may use the material, in Dutch."""
    end_date: date | None = None
    """Last day on which the appeal may be shown."""

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
    """One platform. Every call may raise ``RetryLater``, ``ActionRequired`` or ``Rejected``.

    All calls but ``send`` can be repeated without harm. A publisher belongs to one thread.
    """

    @property
    def platform(self) -> Platform:
        """Which platform this is."""

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
        the finished video taken. ``keep_session`` is called before the first byte of the file leaves. Raises
        ``SessionLost``.
        """

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """Every video of ours that bears the publication's marker."""

    def abandon(self, publication: Publication) -> str | None:
        """Close the publication's upload session; the remote id when the video had already arrived whole."""

    def inspect(self, remote_id: str) -> RemoteState | None:
        """The video as its owner sees it, or None when the platform has no such video."""

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Add what could not be sent along with the file, such as the thumbnail."""

    def release(self, remote_id: str) -> None:
        """Make the video public."""

    def hide(self, remote_id: str) -> None:
        """Make the video invisible to the public. A video that does not exist is no error."""

    def delete(self, remote_id: str) -> None:
        """Remove the video. A video that does not exist is no error."""

    def sight(self, remote_id: str) -> Sighting:
        """Look at the publication as an anonymous viewer, without any credentials."""

    def url(self, remote_id: str) -> str:
        """Where the public finds it."""


class LedgerBook(Protocol):
    """Where rows of the ledger are kept."""

    def save(self, old: Publication, new: Publication) -> Publication:
        """Replace ``old`` by ``new`` and commit before returning what is stored.

        Raises ``errors.Conflict`` when the stored row is no longer ``old`` (compare ``version``).
        """

    def evidence(self, item: Evidence) -> None:
        """Add ``item`` and commit before returning."""


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
