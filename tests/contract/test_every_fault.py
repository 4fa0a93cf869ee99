"""Whatever goes wrong on whichever platform: one thing public, known to the ledger, and afterwards nothing."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_bundle, make_row, no_progress, waits
from saga_process import main
from worlds import WORLDS, World

from vrijgave.domain.publications import LedgerState, Publication
from vrijgave.errors import RetryLater
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.ledger import publish, take_down
from vrijgave.publishing.protocol import Bundle

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["saga_process"])
KINDS = {
    "busy": {"kind": "status", "status": 503},
    "asked-to-wait": {"kind": "status", "status": 429, "reason": "rateLimitExceeded", "retry_after": 1},
    "cut": {"kind": "cut"},
    "answer-lost": {"kind": "lost_answer"},
}
TRIES = 40


@pytest.fixture(params=WORLDS, ids=lambda world: world.id)
def world(request: pytest.FixtureRequest) -> World:
    made: World = request.param
    return made


@pytest.fixture
def view(world: World, running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(running.url + world.path)
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def bundle(world: World, tmp_path: Path) -> Bundle:
    return world.fitted(make_bundle(tmp_path / "bundle"))


@pytest.fixture
def row(book: FileBook, bundle: Bundle, world: World) -> Publication:
    return book.add(make_row(bundle, world.platform))


def until_done(step: Callable[[Publication], Publication], book: FileBook) -> Publication:
    for _ in range(TRIES):
        with suppress(RetryLater):
            return step(book.get("p1"))
    raise AssertionError("it never ended")


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_fails_once(
    kind: str,
    world: World,
    view: PlatformView,
    running: PracticeServer,
    row: Publication,
    bundle: Bundle,
    book: FileBook,
    clock: HurriedClock,
) -> None:
    publisher = world.make(running.url, 10.0)
    for place in world.places:
        view.fault(at=place, **KINDS[kind])
    live = until_done(lambda r: publish(r, bundle, publisher, book, clock, no_progress, FAST), book)
    assert live.state is LedgerState.LIVE
    assert world.shown(view.state()) == [bundle.sha256]
    assert publisher.sight(str(live.remote_id)).visible

    view.clear()
    for place in world.removal:
        view.fault(at=place, **KINDS[kind])
    gone = until_done(lambda r: take_down(r, publisher, book, clock, FAST), book)
    assert gone.state is LedgerState.GONE
    assert world.shown(view.state()) == []


def start(url: str, folder: Path, world: World, withdraw: bool = False) -> ForkServerProcess:
    process = PROCESSES.Process(target=main, args=(url, folder, "", world.platform.value, withdraw))
    process.start()
    return process


def kill_while_held(process: ForkServerProcess, view: PlatformView) -> bool:
    """Whether the platform held a request of the process when it was killed; else it ended by itself."""
    for _ in waits():
        if view.held():
            process.kill()
            process.join(60)
            assert process.exitcode == -signal.SIGKILL
            view.release()
            return True
        if not process.is_alive():
            assert process.exitcode == 0
            return False
    raise AssertionError("it neither ended nor was held")


def test_killed_at_every_step(
    world: World,
    view: PlatformView,
    running: PracticeServer,
    tmp_path: Path,
    row: Publication,
    bundle: Bundle,
    book: FileBook,
) -> None:
    """The process is killed again and again, each time at another step; the next one goes on from the ledger."""
    for place in world.places:
        view.clear()
        view.fault(at=place, kind="hang")
        assert kill_while_held(start(running.url, tmp_path, world), view), place
    view.clear()
    last = start(running.url, tmp_path, world)
    last.join(60)
    assert last.exitcode == 0
    assert book.get("p1").state is LedgerState.LIVE
    assert world.shown(view.state()) == [bundle.sha256]

    for place in world.removal:
        view.clear()
        view.fault(at=place, kind="hang")
        assert kill_while_held(start(running.url, tmp_path, world, withdraw=True), view), place
    view.clear()
    last = start(running.url, tmp_path, world, withdraw=True)
    last.join(60)
    assert last.exitcode == 0
    assert book.get("p1").state is LedgerState.GONE
    assert world.shown(view.state()) == []
