"""Random lives of a publication: calls that fail, processes that die or are overtaken, and people in between.

Three kinds of platform: one that keeps the name of what was sent (as YouTube), one where a post carries what was sent
and nothing but our own look keeps it from being posted twice (as X), and one that can hold nothing unseen and whose
interface cannot delete (as TikTok).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.domain.video_limits import VideoFacts
from vrijgave.errors import ActionRequired, Conflict, Rejected, RetryLater
from vrijgave.publishing import ledger
from vrijgave.publishing.protocol import (
    Bundle,
    ByHand,
    KeepSession,
    Patience,
    Processing,
    Progress,
    RemoteCopy,
    RemoteState,
    SessionLost,
    Sighting,
    known,
    marker_for,
)

T = TypeVar("T")
CONTENT = b"the approved film"
IMPATIENT = Patience(attempts=2, poll=timedelta(), processing=timedelta(), visibility=timedelta())
KINDS = ("keeps", "posts", "at once")
FATES = ("fine", "before", "after", "die before", "die after", "overtaken", "write lost")
FOLDER = Path(tempfile.mkdtemp())
(FOLDER / "film.mp4").write_bytes(CONTENT)
BUNDLE = Bundle(
    rendition=FOLDER / "film.mp4",
    sha256=sha256(CONTENT).hexdigest(),
    facts=VideoFacts(
        size=len(CONTENT), seconds=Fraction(1), width=16, height=9, rate=Fraction(25), codec="h264", sound=None
    ),
    texts=(),
)


class Killed(BaseException):
    """The process ends here."""


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def sleep(self, span: timedelta) -> None:
        return None


class Book:
    """The ledger's store. ``lose`` makes the next write the moment at which its process dies."""

    def __init__(self, row: Publication) -> None:
        self.row = row
        self.proofs: list[Evidence] = []
        self.asked: set[ManualKind] = set()
        self.lose = False

    def save(self, old: Publication, new: Publication) -> Publication:
        if self.lose:
            self.lose = False
            raise Killed
        if self.row != old:
            raise Conflict("somebody else was first")
        self.row = new
        return new

    def evidence(self, item: Evidence) -> None:
        self.proofs.append(item)

    def ask(self, publication: Publication, kind: ManualKind, what: str) -> None:
        self.asked.add(kind)


class World:
    """What is on the platform: things by their id, and whether the public sees them."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.things: dict[str, bool] = {}
        self.posts: dict[str, str] = {}
        """Post -> the thing that it carries."""
        self.sessions: dict[str, str | None] = {}
        self.slow = 0
        self.made = 0
        self.most_public = 0
        self.fates: list[str] = []
        self.overtake: Callable[[], None] = lambda: None
        self.write_lost: Callable[[], None] = lambda: None

    def public(self) -> list[str]:
        return list(self.posts) if self.kind == "posts" else [id_ for id_, seen in self.things.items() if seen]

    def do(self, action: Callable[[], T]) -> T:
        fate = self.fates.pop(0) if self.fates else "fine"
        if fate == "before":
            raise RetryLater("down", timedelta())
        if fate == "die before":
            raise Killed
        result = action()
        self.most_public = max(self.most_public, len(self.public()))
        match fate:
            case "after":
                raise RetryLater("answer lost", timedelta())
            case "die after":
                raise Killed
            case "overtaken":
                self.overtake()
            case "write lost":
                self.write_lost()
        return result

    def new(self) -> str:
        self.made += 1
        return f"t{self.made}"


class AnyPlatform:
    platform = Platform.YOUTUBE

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def stages(self) -> bool:
        return self._world.kind != "at once"

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        return self._world.do(tuple)

    def send(
        self, publication: Publication, bundle: Bundle, file: BinaryIO, keep_session: KeepSession, progress: Progress
    ) -> str:
        world, session = self._world, publication.session
        if session is None:
            session = f"s{len(world.sessions)}"
            world.do(lambda: world.sessions.setdefault(session, None))
            keep_session(session)
        return world.do(lambda: self._finish(session))

    def _finish(self, session: str) -> str:
        world = self._world
        if session not in world.sessions:
            raise SessionLost
        thing = world.sessions[session]
        if thing is None:
            thing = world.sessions[session] = world.new()
            world.things[thing] = world.kind == "at once"
        return thing

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        world = self._world
        found = world.do(lambda: [*world.things, *world.posts])
        return tuple(RemoteCopy(remote_id=id_, size=None) for id_ in found)

    def abandon(self, publication: Publication) -> str | None:
        return self._world.do(lambda: self._world.sessions.pop(publication.session or "", None))

    def inspect(self, remote_id: str) -> RemoteState | None:
        world = self._world
        world.do(lambda: None)
        if remote_id not in world.things and remote_id not in world.posts:
            return None
        world.slow = max(0, world.slow - 1)
        busy = world.slow and remote_id in world.things
        return RemoteState(
            processing=Processing.RUNNING if busy else Processing.DONE, public=remote_id in world.public()
        )

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        self._world.do(lambda: None)

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        world, thing = self._world, known(publication)
        if world.kind != "posts":
            world.do(lambda: world.things.update({thing: True}))
            return thing
        if again:
            carrying = world.do(lambda: [post for post, carried in world.posts.items() if carried == thing])
            if carrying:
                return carrying[0]
        return world.do(lambda: self._post(thing))

    def _post(self, thing: str) -> str:
        post = self._world.new()
        self._world.posts[post] = thing
        return post

    def hide(self, remote_id: str) -> None:
        if self._world.kind == "keeps":
            self._world.do(lambda: self._world.things.update({remote_id: False}) if self._has(remote_id) else None)

    def delete(self, remote_id: str) -> None:
        world = self._world
        if world.kind == "at once":
            raise ByHand("remove it on the platform")
        world.do(lambda: (world.things.pop(remote_id, None), world.posts.pop(remote_id, None)))

    def sight(self, remote_id: str) -> Sighting:
        self._world.do(lambda: None)
        return Sighting(visible=remote_id in self._world.public(), detail=remote_id)

    def url(self, remote_id: str) -> str:
        return f"https://example.org/{remote_id}"

    def remains(self, remote_id: str) -> str:
        return ""

    def _has(self, remote_id: str) -> bool:
        return remote_id in self._world.things


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
        file_sha256=BUNDLE.sha256,
        file_size=len(CONTENT),
    )


fates = st.lists(st.sampled_from(FATES), max_size=12)


class Lives(RuleBasedStateMachine):
    """One publication; every rule is one run of a flow, or something that happens outside."""

    @initialize(kind=st.sampled_from(KINDS))
    def begin(self, kind: str) -> None:
        self.book, self.world, self.ordered_gone = Book(make_row()), World(kind), False
        self.world.overtake = self._other_worker
        self.world.write_lost = lambda: setattr(self.book, "lose", True)

    def _other_worker(self) -> None:
        """Another process works on the same row from what is stored, and is not disturbed."""
        rest, self.world.fates = self.world.fates, []
        self._run([], self._take_down if self.ordered_gone else self._publish)
        self.world.fates = rest

    def _run(self, fates: list[str], step: Callable[[], Publication]) -> None:
        self.world.fates = list(fates)
        with suppress(RetryLater, Killed, Conflict, ActionRequired, Rejected):
            step()
        self.world.fates, self.book.lose = [], False

    def _publish(self) -> Publication:
        return ledger.publish(
            self.book.row, BUNDLE, AnyPlatform(self.world), self.book, Clock(), lambda _a, _b: None, IMPATIENT
        )

    def _take_down(self) -> Publication:
        return ledger.take_down(self.book.row, AnyPlatform(self.world), self.book, Clock(), IMPATIENT)

    @precondition(lambda self: not self.ordered_gone)
    @rule(fates=fates)
    def publish(self, fates: list[str]) -> None:
        self._run(fates, self._publish)

    @precondition(lambda self: not self.ordered_gone)
    @rule(fates=fates)
    def stage(self, fates: list[str]) -> None:
        self._run(
            fates,
            lambda: ledger.stage(
                self.book.row, BUNDLE, AnyPlatform(self.world), self.book, Clock(), lambda _a, _b: None, IMPATIENT
            ),
        )

    @rule(fates=fates)
    def take_down(self, fates: list[str]) -> None:
        self.ordered_gone = True
        self._run(fates, self._take_down)

    @rule()
    def sessions_expire(self) -> None:
        self.world.sessions.clear()

    @rule(looks=st.integers(1, 3))
    def processing_is_slow(self, looks: int) -> None:
        self.world.slow = looks

    @precondition(lambda self: self.world.kind == "at once" and ManualKind.REMOVE in self.book.asked)
    @rule()
    def a_person_removes_it(self) -> None:
        self.world.things.clear()

    @rule()
    def from_an_old_reading(self) -> None:
        """A process that read the row before it changed can do nothing."""
        if self.book.row.version > 1:
            before = (dict(self.world.things), dict(self.world.posts), self.book.row)
            old = replace(make_row(), version=self.book.row.version - 1)
            with suppress(Conflict, RetryLater, ActionRequired):
                ledger.publish(old, BUNDLE, AnyPlatform(self.world), self.book, Clock(), lambda _a, _b: None, IMPATIENT)
            assert before == (self.world.things, self.world.posts, self.book.row)

    @invariant()
    def never_twice(self) -> None:
        assert self.world.most_public <= 1

    @invariant()
    def the_ledger_is_true(self) -> None:
        row, public = self.book.row, self.world.public()
        if row.state is LedgerState.LIVE:
            assert public == [row.remote_id]
            assert self.book.proofs[-1].kind is EvidenceKind.PUBLIC
        if row.state is LedgerState.GONE:
            assert public == []
        if row.intent_at is None:
            assert not self.world.things

    def teardown(self) -> None:
        """However it stands, from here on it ends as it was ordered."""
        for _ in range(12):
            self._run([], self._take_down if self.ordered_gone else self._publish)
            if ManualKind.REMOVE in self.book.asked:
                self.world.things.clear()
        wanted = LedgerState.GONE if self.ordered_gone else LedgerState.LIVE
        assert self.book.row.state is wanted, self.book.row.message
        assert len(self.world.public()) == (0 if self.ordered_gone else 1)


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=2000, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
