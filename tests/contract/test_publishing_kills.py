"""The saga is killed with SIGKILL at five moments; run again, exactly one video is public and the ledger is right."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from publishing_world import FileBook, PlatformView, make_row, waits
from saga_process import main

from vrijgave.domain.publications import EvidenceKind, LedgerState
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.protocol import Bundle

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["saga_process"])


def start(url: str, folder: Path, die_before: str = "") -> ForkServerProcess:
    process = PROCESSES.Process(target=main, args=(url, folder, die_before))
    process.start()
    return process


def end(process: ForkServerProcess) -> int | None:
    process.join(60)
    return process.exitcode


def kill_while_held(process: ForkServerProcess, platform: PlatformView) -> None:
    for _ in waits():
        if platform.state()["held"]:
            break
    assert process.is_alive()
    process.kill()
    assert end(process) == -signal.SIGKILL
    platform.release()


def check_once_and_public(practice: PracticeServer, folder: Path, platform: PlatformView, bundle: Bundle) -> FileBook:
    assert end(start(practice.url, folder)) == 0
    (video,) = platform.videos()
    assert (video["sha256"], video["status"]["privacyStatus"]) == (bundle.sha256, "public")
    book = FileBook(folder / "ledger.sqlite")
    row = book.get("p1")
    assert (row.state, row.remote_id, row.session) == (LedgerState.LIVE, video["id"], None)
    assert platform.get(f"watch?v={video['id']}").status_code == 200
    kinds = [kind for kind, _ in book.proofs()]
    assert kinds[-2:] == [EvidenceKind.READ_BACK, EvidenceKind.PUBLIC]
    return book


@pytest.fixture(autouse=True)
def _planned(book: FileBook, bundle: Bundle) -> None:
    book.add(make_row(bundle))


@pytest.mark.parametrize(
    ("fault", "state_left"),
    [
        pytest.param({"at": "initiate"}, LedgerState.UPLOADING, id="before-the-first-byte"),
        pytest.param({"at": "chunk"}, LedgerState.UPLOADING, id="in-the-first-chunk"),
        pytest.param({"at": "chunk", "skip": 2, "after_bytes": 100_000}, LedgerState.UPLOADING, id="mid-chunk"),
        pytest.param({"at": "final"}, LedgerState.UPLOADING, id="after-the-last-byte"),
        pytest.param({"at": "thumbnail"}, LedgerState.PROCESSING, id="before-the-thumbnail"),
        pytest.param({"at": "update"}, LedgerState.STAGED, id="before-public"),
    ],
)
def test_killed_while_the_platform_holds_its_answer(
    fault: dict[str, object],
    state_left: LedgerState,
    practice: PracticeServer,
    platform: PlatformView,
    tmp_path: Path,
    book: FileBook,
    bundle: Bundle,
) -> None:
    platform.fault(kind="hang", **fault)  # type: ignore[arg-type]
    kill_while_held(start(practice.url, tmp_path), platform)
    left = book.get("p1")
    assert left.state is state_left
    assert left.intent_at is not None
    check_once_and_public(practice, tmp_path, platform, bundle)


def test_killed_before_the_remote_id_is_stored(
    practice: PracticeServer, platform: PlatformView, tmp_path: Path, book: FileBook, bundle: Bundle
) -> None:
    assert end(start(practice.url, tmp_path, "remote_id")) == -signal.SIGKILL
    assert len(platform.videos()) == 1
    assert book.get("p1").remote_id is None
    check_once_and_public(practice, tmp_path, platform, bundle)


def test_killed_before_the_remote_id_is_stored_and_the_session_expires(
    practice: PracticeServer, platform: PlatformView, tmp_path: Path, book: FileBook, bundle: Bundle
) -> None:
    assert end(start(practice.url, tmp_path, "remote_id")) == -signal.SIGKILL
    platform.post("practice/sessions/expire")
    after = check_once_and_public(practice, tmp_path, platform, bundle)
    assert EvidenceKind.RECONCILED in [kind for kind, _ in after.proofs()]


def test_what_arrived_before_the_kill_is_not_sent_again(
    practice: PracticeServer, platform: PlatformView, tmp_path: Path, book: FileBook, bundle: Bundle
) -> None:
    platform.fault(at="chunk", kind="hang", skip=2, after_bytes=100_000)
    kill_while_held(start(practice.url, tmp_path), platform)
    (session,) = platform.state()["sessions"]
    assert session["received"] >= 2 * 256 * 1024 + 100_000
    check_once_and_public(practice, tmp_path, platform, bundle)
    assert [(s["id"], s["discarded"]) for s in platform.state()["sessions"]] == [(session["id"], 0)]
