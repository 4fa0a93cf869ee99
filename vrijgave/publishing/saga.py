"""One run over one row of the ledger: the steps, their retries, and what is written down in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from hashlib import file_digest
from typing import Any, BinaryIO, NoReturn, TypeVar

from vrijgave.domain.publications import LEDGER_MOVES, Evidence, EvidenceKind, LedgerState, ManualKind, Publication
from vrijgave.errors import ActionRequired, Conflict, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.publishing.protocol import (
    Bundle,
    ByHand,
    Clock,
    LedgerBook,
    Patience,
    Processing,
    Progress,
    Publisher,
    RemoteState,
    SessionLost,
    Sighting,
)

T = TypeVar("T")
_S = LedgerState


class Saga:
    """The steps of a publication; ``row`` is the row as last stored."""

    def __init__(
        self, row: Publication, publisher: Publisher, book: LedgerBook, clock: Clock, patience: Patience
    ) -> None:
        self.row = row
        self._publisher = publisher
        self._book = book
        self._clock = clock
        self._patience = patience

    def move(self, state: LedgerState, *, message: str | None = None, **changes: Any) -> None:
        """Store the row with its new state and changed fields. Raises ``Conflict`` when it has moved meanwhile."""
        if state not in LEDGER_MOVES[self.row.state]:
            raise Rejected(
                "ledger",
                _("A publication that is «{state}» cannot become «{to}».").format(
                    state=_(self.row.state.value), to=_(state.value)
                ),
            )
        new = replace(self.row, state=state, message=message, version=self.row.version + 1, **changes)
        self.row = self._book.save(self.row, new)

    def note(self, kind: EvidenceKind, detail: str) -> None:
        """Add an evidence row."""
        self._book.evidence(Evidence(publication_id=self.row.id, kind=kind, at=self._clock.now(), detail=detail))

    @contextmanager
    def failure_recorded(self) -> Iterator[None]:
        """Write down what a person has to do, unless another process owns the row by now."""
        try:
            yield
        except Conflict:
            raise
        except (ActionRequired, Rejected) as error:
            if self.row.state is not _S.NEEDS_PERSON:
                self.move(_S.NEEDS_PERSON, message=str(error))
            raise

    @contextmanager
    def unfinished_recorded(self) -> Iterator[None]:
        """Write down why a take-down is not done; the row stays ``HIDING``."""
        try:
            yield
        except Conflict:
            raise
        except (RetryLater, ActionRequired, Rejected) as error:
            self.move(_S.HIDING, message=str(error))
            raise

    def repeat(self, step: Callable[[], T]) -> T:
        """Do a safe or idempotent step, again after a passing failure."""
        failures = 0
        while True:
            try:
                return step()
            except RetryLater as error:
                failures += 1
                self._pause(error, failures)

    def check(self, bundle: Bundle) -> None:
        """Raise ``Rejected`` with every limit of the platform that would be exceeded, before anything leaves."""
        found = self.repeat(lambda: self._publisher.check(bundle))
        if found:
            raise Rejected("limits", " ".join(violation.message for violation in found))

    def deliver(self, bundle: Bundle, progress: Progress) -> str:
        """Bring the approved file to the platform once, however often an answer is lost; the remote id."""
        headway = _Headway(progress)
        with _approved_file(self.row, bundle) as file:
            if self.row.intent_at is not None:
                self._doubt()
            while True:
                try:
                    return self._deliver_once(bundle, file, headway)
                except SessionLost:
                    self._doubt(session=None)
                    lost = RetryLater(_("The upload session is lost; it is tried again."), timedelta(seconds=1))
                    self._pause(lost, headway.failed())
                except RetryLater as error:
                    self._doubt(message=str(error))
                    self._pause(error, headway.failed())

    def await_processing(self, remote_id: str) -> None:
        """Wait until the platform can show the video."""
        try:
            state = self._until(lambda: self._processed(remote_id), self._patience.processing)
        except _Absent:
            self._vanished()
        if state is None:
            raise RetryLater(_("The platform is still processing the video; it is looked at again."), _MINUTE)
        if state.processing is Processing.FAILED:
            raise ActionRequired(
                "communication",
                _("The platform could not process the video ({problem}); take it down and render it again.").format(
                    problem=state.problem
                ),
            )

    def release(self, bundle: Bundle) -> str:
        """Make it public once, however often an answer is lost; the remote id of what the public finds."""
        if self.row.staged_id is not None and self.row.remote_id is not None:
            return self.row.remote_id
        staged_id = self.row.remote_id
        again = self.row.release_at is not None
        if not again:
            self.move(self.row.state, release_at=self._clock.now())
        failures = 0
        while True:
            try:
                public_id = self._publisher.release(self.row, bundle, again)
                break
            except RetryLater as error:
                again, failures = True, failures + 1
                self._pause(error, failures)
        if public_id != staged_id:
            self.move(self.row.state, remote_id=public_id, staged_id=staged_id, url=self._publisher.url(public_id))
        return public_id

    def await_public(self, remote_id: str) -> Sighting:
        """Wait until an anonymous viewer can see the video."""
        sighting = self._until(lambda: self._seen(remote_id), self._patience.visibility)
        if sighting is not None:
            return sighting
        state = self.repeat(lambda: self._publisher.inspect(remote_id))
        if state is not None and state.public:
            raise RetryLater(_("The video is released but visitors do not see it yet; it is looked at again."), _MINUTE)
        raise ActionRequired(
            "administrator",
            _("The platform keeps the video private although it was released; check the account's rights there."),
        )

    def remove_everything(self) -> None:
        """Remove every copy that may be ours, the known one first, until the account shows none with our marker."""
        removed: set[str] = set()
        for copy in self._copies():
            if copy not in removed:  # those that the account lists may be the one that the row knows
                self._remove(copy)
                removed.add(copy)
        if self.repeat(lambda: self._publisher.find(self.row)):
            raise _still_there()
        self.note(EvidenceKind.READ_BACK, f"nothing with marker {self.row.marker} in the account")

    def _pause(self, error: RetryLater, failures: int) -> None:
        if failures >= self._patience.attempts or error.after > self._patience.longest_pause:
            raise error
        self._clock.sleep(error.after * failures)

    def _until(self, look: Callable[[], T | None], span: timedelta) -> T | None:
        """What ``look`` sees as soon as it sees something; None when ``span`` is over."""
        deadline = self._clock.now() + span
        while (seen := self.repeat(look)) is None and self._clock.now() < deadline:
            self._clock.sleep(self._patience.poll)
        return seen

    def _doubt(self, *, message: str | None = None, **changes: Any) -> None:
        """From here on the platform is asked before anything is sent."""
        if self.row.state is not _S.UNKNOWN:
            self.move(_S.UNKNOWN, message=message, **changes)

    def _deliver_once(self, bundle: Bundle, file: BinaryIO, progress: Progress) -> str:
        known = self._recognised() if self.row.state is _S.UNKNOWN and self.row.session is None else None
        if known is not None:
            self._arrived(known)
            self.note(EvidenceKind.RECONCILED, f"{known} found by marker {self.row.marker}")
            return known
        self.move(_S.UPLOADING, intent_at=self.row.intent_at or self._clock.now())
        sent = self._publisher.send(self.row, bundle, file, self._keep_session, progress)
        self._arrived(sent)
        self.note(EvidenceKind.UPLOADED, f"{sent}: {self.row.file_size} bytes, sha256 {self.row.file_sha256}")
        return sent

    def _keep_session(self, session: str) -> None:
        self.move(_S.UPLOADING, session=session)

    def _arrived(self, remote_id: str) -> None:
        self.move(_S.PROCESSING, remote_id=remote_id, url=self._publisher.url(remote_id), session=None)

    def _recognised(self) -> str | None:
        """Remote id of the one video that has our marker and size; None when there is none."""
        copies = [copy for copy in self._publisher.find(self.row) if copy.size in (None, self.row.file_size)]
        if len(copies) > 1:
            raise ActionRequired(
                "communication",
                _("{count} videos on the platform are this publication; delete all but one and publish again.").format(
                    count=len(copies)
                ),
            )
        return copies[0].remote_id if copies else None

    def _processed(self, remote_id: str) -> RemoteState | None:
        """The video once the platform is done with it, well or not; None as long as it is busy."""
        state = self._publisher.inspect(remote_id)
        if state is None:
            raise _Absent(_("The platform does not list the video; it is looked at again."), timedelta(seconds=2))
        return None if state.processing is Processing.RUNNING else state

    def _vanished(self) -> NoReturn:
        """The video was there and is not: somebody removed it. Sending it again is for a person to order."""
        message = _("The video has disappeared from the platform; publish again to send it once more.")
        self.move(_S.NEEDS_PERSON, message=message, remote_id=None, url=None)
        raise ActionRequired("communication", message)

    def _seen(self, remote_id: str) -> Sighting | None:
        sighting = self._publisher.sight(remote_id)
        return sighting if sighting.visible else None

    def _copies(self) -> Iterator[str]:
        """Remote ids: the one we know, that of an upload that had arrived unnoticed, and all with our marker."""
        if self.row.remote_id is not None:
            yield self.row.remote_id
        arrived = self.repeat(lambda: self._publisher.abandon(self.row))
        if self.row.session is not None:
            self.note(EvidenceKind.STOPPED, "asked to close the upload session")
        if arrived is not None:
            yield arrived
        for copy in self.repeat(lambda: self._publisher.find(self.row)):
            yield copy.remote_id

    def _remove(self, remote_id: str) -> None:
        """Hide, delete and read back one video."""
        if self.row.remote_id is None:
            self.move(_S.HIDING, remote_id=remote_id, url=self._publisher.url(remote_id))
        remains = self._publisher.remains(remote_id)
        self.repeat(lambda: self._publisher.hide(remote_id))
        self.note(EvidenceKind.HIDDEN, f"asked to hide {remote_id}")
        try:
            self.repeat(lambda: self._publisher.delete(remote_id))
            self.note(EvidenceKind.DELETED, f"asked to delete {remote_id}")
        except ByHand as error:
            self._left_to_a_person(remote_id, error)
        self._prove_gone(remote_id)
        if remains:
            self._book.ask(self.row, ManualKind.COPIES, remains)

    def _left_to_a_person(self, remote_id: str, error: ByHand) -> None:
        """Ask for it, unless it is seen to be done."""
        self._book.ask(self.row, ManualKind.REMOVE, error.what)
        if self.repeat(lambda: self._unseen(remote_id)) is None:
            raise error
        self.note(EvidenceKind.BY_HAND, f"a person removed {remote_id}")

    def _prove_gone(self, remote_id: str) -> None:
        """Neither an anonymous viewer nor the owner finds it: an answer to the deletion itself proves nothing."""
        sighting = self._until(lambda: self._unseen(remote_id), self._patience.visibility)
        if sighting is None:
            raise _still_there()
        self.note(EvidenceKind.READ_BACK, sighting.detail)

    def _unseen(self, remote_id: str) -> Sighting | None:
        sighting = self._publisher.sight(remote_id)
        if sighting.visible:
            return None
        left = self._publisher.inspect(remote_id)
        return sighting if left is None or left.lapses else None


class _Absent(RetryLater):
    """The platform does not know a video that it gave us the id of."""


class _Headway:
    """Passes progress on, and counts the failures since the last byte that was new."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._furthest = 0
        self._failures = 0

    def __call__(self, done: int, total: int | None) -> None:
        if done > self._furthest:
            self._furthest, self._failures = done, 0
        self._progress(done, total)

    def failed(self) -> int:
        """Count one failure more; how many there were in a row."""
        self._failures += 1
        return self._failures


_MINUTE = timedelta(minutes=1)


def _still_there() -> RetryLater:
    return RetryLater(_("The platform still shows the video after its deletion; it is looked at again."), _MINUTE)


@contextmanager
def _approved_file(row: Publication, bundle: Bundle) -> Iterator[BinaryIO]:
    """The open rendition, proven to be the one that was approved. Raises ``Rejected`` when a byte differs."""
    try:
        file = bundle.rendition.open("rb")
    except OSError:
        raise Rejected("file", _("The rendition cannot be read; render the release again.")) from None
    with file:
        actual = file_digest(file, "sha256").hexdigest()
        if not actual == row.file_sha256 == bundle.sha256 or file.tell() != row.file_size:
            raise Rejected("file", _("The file is not the one that was approved; render the release again."))
        yield file
