"""Whatever fails, and however often: one video, and none after the take-down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.domain.video_limits import VideoFacts
from vrijgave.errors import Conflict, RetryLater
from vrijgave.publishing.ledger import publish, take_down
from vrijgave.publishing.protocol import (
    Bundle,
    KeepSession,
    Patience,
    Processing,
    Progress,
    RemoteCopy,
    RemoteState,
    SessionLost,
    Sighting,
    marker_for,
)

CONTENT = b"the approved film"
IMPATIENT = Patience(attempts=2, poll=timedelta(), processing=timedelta(), visibility=timedelta())


class Killed(BaseException):
    """The process ends here."""


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def sleep(self, span: timedelta) -> None:
        return None


class Book:
    def __init__(self, row: Publication) -> None:
        self.row = row
        self.proofs: list[Evidence] = []

    def save(self, old: Publication, new: Publication) -> Publication:
        if self.row != old:
            raise Conflict("somebody else was first")
        self.row = new
        return new

    def evidence(self, item: Evidence) -> None:
        self.proofs.append(item)

    def ask(self, publication: Publication, kind: ManualKind, what: str) -> None:
        raise AssertionError(what)


class FragilePlatform:
    """Takes one decision from ``fates`` at every call: fine, fail before acting, fail after acting, or die then."""

    platform = Platform.YOUTUBE
    stages = True

    def __init__(self, fates: list[str]) -> None:
        self._fates = fates
        self.videos: dict[str, bool] = {}
        self.sessions: dict[str, str | None] = {}
        self.most = 0

    def _do(self, action: Callable[[], object]) -> object:
        fate = self._fates.pop(0) if self._fates else "fine"
        if fate == "before":
            raise RetryLater("down", timedelta())
        result = action()
        self.most = max(self.most, len(self.videos))
        if fate == "after":
            raise RetryLater("answer lost", timedelta())
        if fate == "die":
            raise Killed
        return result

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        return ()

    def remains(self, remote_id: str) -> str:
        return ""

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        session = publication.session
        if session is None:
            session = f"s{len(self.sessions)}"
            self._do(lambda: self.sessions.setdefault(session, None))
            keep_session(session)
        return str(self._do(lambda: self._finish(session)))

    def _finish(self, session: str) -> str:
        if session not in self.sessions:
            raise SessionLost
        if self.sessions[session] is None:
            name = f"v{len(self.sessions)}-{len(self.videos)}"
            self.sessions[session] = name
            self.videos[name] = False
        return str(self.sessions[session])

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        self._do(lambda: None)
        return tuple(RemoteCopy(remote_id=name, size=len(CONTENT)) for name in self.videos)

    def abandon(self, publication: Publication) -> str | None:
        self._do(lambda: None)
        return self.sessions.pop(publication.session or "", None)

    def inspect(self, remote_id: str) -> RemoteState | None:
        self._do(lambda: None)
        if remote_id not in self.videos:
            return None
        return RemoteState(processing=Processing.DONE, public=self.videos[remote_id])

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        self._do(lambda: None)

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        remote_id = str(publication.remote_id)
        self._do(lambda: self.videos.update({remote_id: True}))
        return remote_id

    def hide(self, remote_id: str) -> None:
        self._do(lambda: self.videos.update({remote_id: False}) if remote_id in self.videos else None)

    def delete(self, remote_id: str) -> None:
        self._do(lambda: self.videos.pop(remote_id, None))

    def sight(self, remote_id: str) -> Sighting:
        self._do(lambda: None)
        return Sighting(visible=self.videos.get(remote_id, False), detail=remote_id)

    def url(self, remote_id: str) -> str:
        return f"https://example.org/{remote_id}"


def make_row() -> Publication:
    return Publication(
        id="p",
        release_id="r",
        revision=1,
        platform=Platform.YOUTUBE,
        stage=PublicationStage.COVERED,
        state=LedgerState.PLANNED,
        version=1,
        marker=marker_for("p"),
        file_sha256=sha256(CONTENT).hexdigest(),
        file_size=len(CONTENT),
    )


def again_and_again(run: Callable[[], Publication]) -> Publication:
    """As the flow does: until it is done, through failures and deaths."""
    for _ in range(200):
        try:
            return run()
        except (RetryLater, Killed):
            continue
    raise AssertionError("never done")


fates = st.lists(st.sampled_from(["fine", "before", "after", "die"]), max_size=25)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    path = Path(tempfile.mkdtemp()) / "film.mp4"
    path.write_bytes(CONTENT)
    facts = VideoFacts(
        size=len(CONTENT), seconds=Fraction(1), width=16, height=9, rate=Fraction(25), codec="h264", sound=None
    )
    return Bundle(rendition=path, sha256=sha256(CONTENT).hexdigest(), facts=facts, texts=())


@settings(max_examples=150, deadline=None)
@given(out=fates, back=fates)
def test_out_once_and_gone_for_certain(out: list[str], back: list[str], bundle: Bundle) -> None:
    book, platform, clock = Book(make_row()), FragilePlatform(out), Clock()
    live = again_and_again(lambda: publish(book.row, bundle, platform, book, clock, lambda _a, _b: None, IMPATIENT))
    assert live.state is LedgerState.LIVE
    assert platform.videos == {live.remote_id: True}
    assert platform.most == 1
    assert book.proofs[-1].kind is EvidenceKind.PUBLIC

    platform._fates = back
    gone = again_and_again(lambda: take_down(book.row, platform, book, clock, IMPATIENT))
    assert gone.state is LedgerState.GONE
    assert platform.videos == {}
    assert book.proofs[-1].kind is EvidenceKind.READ_BACK


@settings(max_examples=150, deadline=None)
@given(out=fates, back=fates)
def test_a_take_down_in_the_middle_leaves_nothing(out: list[str], back: list[str], bundle: Bundle) -> None:
    book, platform, clock = Book(make_row()), FragilePlatform([*out, "die"]), Clock()
    with suppress(RetryLater, Killed):
        publish(book.row, bundle, platform, book, clock, lambda _a, _b: None, IMPATIENT)
    platform._fates = back
    gone = again_and_again(lambda: take_down(book.row, platform, book, clock, IMPATIENT))
    assert (gone.state, platform.videos) == (LedgerState.GONE, {})


def test_a_session_that_is_lost_is_not_asked_twice(bundle: Bundle) -> None:
    row = replace(make_row(), state=LedgerState.UPLOADING, intent_at=Clock().now(), session="lost")
    book, platform = Book(row), FragilePlatform([])
    live = publish(row, bundle, platform, book, Clock(), lambda _a, _b: None, IMPATIENT)
    assert list(platform.videos) == [live.remote_id]
    assert list(platform.sessions) == ["s0"]


@pytest.mark.parametrize("state", [LedgerState.UPLOADING, LedgerState.UNKNOWN, LedgerState.NEEDS_PERSON])
def test_what_may_have_been_sent_is_looked_for_first(state: LedgerState, bundle: Bundle) -> None:
    row = replace(make_row(), state=state, intent_at=Clock().now())
    book, platform = Book(row), FragilePlatform([])
    platform.videos["there"] = False
    live = publish(row, bundle, platform, book, Clock(), lambda _a, _b: None, IMPATIENT)
    assert (live.remote_id, platform.videos) == ("there", {"there": True})
    assert book.proofs[0].kind is EvidenceKind.RECONCILED
