"""What goes wrong at YouTube, one by one, with the real client over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publishing_world import (
    FAST,
    FileBook,
    HurriedClock,
    PlatformView,
    make_bundle,
    make_row,
    make_texts,
    make_youtube,
    no_progress,
)
from pydantic import SecretStr

from vrijgave.domain.publications import EvidenceKind, LedgerState, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.practice.server import PracticeServer, practice_credentials
from vrijgave.publishing.google_upload import CHUNK_UNIT
from vrijgave.publishing.ledger import publish, stage, take_down
from vrijgave.publishing.platforms.youtube import YouTube
from vrijgave.publishing.protocol import Bundle

Publish = Callable[[], Publication]


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle))


@pytest.fixture
def run(row: Publication, bundle: Bundle, youtube: YouTube, book: FileBook, clock: HurriedClock) -> Publish:
    """Publish from wherever the row stands."""
    return lambda: publish(book.get(row.id), bundle, youtube, book, clock, no_progress, FAST)


@pytest.fixture
def remove(row: Publication, youtube: YouTube, book: FileBook, clock: HurriedClock) -> Publish:
    """Take down from wherever the row stands."""
    return lambda: take_down(book.get(row.id), youtube, book, clock, FAST)


def check_one(platform: PlatformView, row: Publication, bundle: Bundle) -> dict[str, Any]:
    (video,) = platform.videos()
    assert (video["id"], video["sha256"]) == (row.remote_id, bundle.sha256)
    assert (row.state, video["status"]["privacyStatus"]) == (LedgerState.LIVE, "public")
    return video


def test_what_youtube_gets(run: Publish, platform: PlatformView, bundle: Bundle, book: FileBook) -> None:
    row = run()
    video = check_one(platform, row, bundle)
    assert video["file_name"] == row.marker
    assert video["notified_subscribers"] is False
    assert video["status"]["selfDeclaredMadeForKids"] is False
    assert video["snippet"]["title"] == "Wie kent deze man?"
    assert video["snippet"]["defaultLanguage"] == "nl"
    assert video["localizations"]["en"]["title"] == "Do you know this man?"
    assert video["thumbnail"] == "image/jpeg"
    assert row.url is not None
    assert row.url.endswith(f"watch?v={row.remote_id}")


def test_session_is_stored_before_the_first_byte(
    run: Publish, platform: PlatformView, book: FileBook, row: Publication
) -> None:
    platform.fault("chunk", "status", status=400, reason="badRequest", after_bytes=0)
    with pytest.raises(Rejected):
        run()
    (session,) = platform.state()["sessions"]
    assert session["received"] == 0
    assert session["id"] in (book.get(row.id).session or "")
    assert session["id"] not in repr(book.get(row.id))


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"at": "initiate", "kind": "status", "status": 503}, id="503-opening"),
        pytest.param({"at": "initiate", "kind": "lost_answer", "times": 2}, id="lost-opening"),
        pytest.param({"at": "initiate", "kind": "cut"}, id="cut-opening"),
        pytest.param({"at": "chunk", "kind": "status", "status": 500}, id="500-first-chunk"),
        pytest.param({"at": "chunk", "kind": "status", "status": 503, "skip": 1, "after_bytes": 9999}, id="503-mid"),
        pytest.param({"at": "chunk", "kind": "cut", "skip": 2, "after_bytes": 70_000}, id="cut-mid"),
        pytest.param({"at": "chunk", "kind": "lost_answer", "skip": 2}, id="lost-chunk-once"),
        pytest.param({"at": "chunk", "kind": "lost_answer", "skip": 2, "times": 3}, id="lost-chunk"),
        pytest.param({"at": "chunk", "kind": "expire", "skip": 3}, id="session-expires"),
        pytest.param({"at": "chunk", "kind": "slow", "times": 3}, id="slow"),
        pytest.param({"at": "final", "kind": "status", "status": 503}, id="503-after-last"),
        pytest.param({"at": "final", "kind": "lost_answer"}, id="lost-final"),
        pytest.param({"at": "final", "kind": "cut"}, id="cut-final"),
        pytest.param({"at": "list", "kind": "status", "status": 502, "times": 2}, id="502-list"),
        pytest.param({"at": "thumbnail", "kind": "status", "status": 500}, id="500-thumbnail"),
        pytest.param({"at": "thumbnail", "kind": "cut"}, id="cut-thumbnail"),
        pytest.param({"at": "update", "kind": "lost_answer", "times": 2}, id="lost-release"),
        pytest.param({"at": "update", "kind": "status", "status": 429, "retry_after": 3}, id="429-release"),
        pytest.param({"at": "token", "kind": "cut"}, id="cut-token"),
        pytest.param({"at": "oembed", "kind": "status", "status": 500}, id="500-read-back"),
    ],
)
def test_a_passing_fault_still_ends_in_one_public_video(
    fault: dict[str, Any], run: Publish, platform: PlatformView, bundle: Bundle
) -> None:
    platform.fault(**fault)
    check_one(platform, run(), bundle)


def test_retry_after_is_waited_for(run: Publish, platform: PlatformView, clock: HurriedClock) -> None:
    platform.fault("initiate", "status", status=429, reason="rateLimitExceeded", retry_after=20)
    run()
    assert clock.slept >= timedelta(seconds=20)


def test_a_long_retry_after_is_handed_to_the_caller(
    run: Publish, platform: PlatformView, book: FileBook, row: Publication, bundle: Bundle
) -> None:
    platform.fault("initiate", "status", status=429, reason="rateLimitExceeded", retry_after=900)
    with pytest.raises(RetryLater) as caught:
        run()
    assert caught.value.after == timedelta(seconds=900)
    assert book.get(row.id).state is LedgerState.UNKNOWN
    check_one(platform, run(), bundle)


def test_an_outage_ends_in_unknown_and_the_next_run_goes_on(
    run: Publish, platform: PlatformView, book: FileBook, row: Publication, bundle: Bundle
) -> None:
    platform.fault("chunk", "cut", skip=2, times=4)
    with pytest.raises(RetryLater):
        run()
    assert book.get(row.id).state is LedgerState.UNKNOWN
    check_one(platform, run(), bundle)
    assert len(platform.state()["sessions"]) == 1


def test_a_hanging_platform_is_given_up_and_asked_again(
    platform: PlatformView, practice: PracticeServer, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    platform.fault("final", "hang")
    impatient = make_youtube(practice.url, timeout=0.5)
    check_one(platform, publish(row, bundle, impatient, book, HurriedClock(), no_progress, FAST), bundle)
    assert LedgerState.UNKNOWN in book.states()


def test_an_answer_lost_and_the_session_with_it_is_found_by_marker(
    run: Publish, platform: PlatformView, bundle: Bundle, book: FileBook, row: Publication
) -> None:
    platform.fault("final", "cut")
    platform.fault("list", "status", status=503, times=1, retry_after=900)
    original = book.save

    def expire_on_doubt(old: Publication, new: Publication) -> Publication:
        if new.state is LedgerState.UNKNOWN:
            platform.post("practice/sessions/expire")
        return original(old, new)

    book.save = expire_on_doubt  # type: ignore[method-assign]
    with pytest.raises(RetryLater):
        run()
    check_one(platform, run(), bundle)
    assert EvidenceKind.RECONCILED in [kind for kind, _ in book.proofs()]


def test_the_marker_is_found_beyond_the_first_page(
    run: Publish, youtube: YouTube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vrijgave.publishing.platforms.youtube.PAGE", 2)
    row = run()
    small = make_bundle(tmp_path / "small", 1000)
    for number in range(4):
        other = make_row(small, name=f"other-{number}")
        with small.rendition.open("rb") as file:
            youtube.send(other, small, file, lambda _: None, no_progress)
    assert [copy.remote_id for copy in youtube.find(row)] == [row.remote_id]


def test_several_videos_with_our_marker_need_a_person(
    run: Publish, platform: PlatformView, youtube: YouTube, bundle: Bundle, book: FileBook, row: Publication
) -> None:
    for _ in range(2):
        with bundle.rendition.open("rb") as file:
            youtube.send(row, bundle, file, lambda _: None, no_progress)
    book.save(row, replace(row, state=LedgerState.UNKNOWN, intent_at=HurriedClock().now(), version=2))
    with pytest.raises(ActionRequired):
        run()
    stored = book.get(row.id)
    assert stored.state is LedgerState.NEEDS_PERSON
    assert stored.message
    assert len(platform.videos()) == 2

    youtube.delete(platform.videos()[0]["id"])
    check_one(platform, run(), bundle)


def test_take_down_removes_every_copy(
    remove: Publish, platform: PlatformView, youtube: YouTube, bundle: Bundle, book: FileBook, row: Publication
) -> None:
    for _ in range(2):
        with bundle.rendition.open("rb") as file:
            youtube.send(row, bundle, file, lambda _: None, no_progress)
    book.save(row, replace(row, state=LedgerState.UNKNOWN, intent_at=HurriedClock().now(), version=2))
    assert remove().state is LedgerState.GONE
    assert platform.videos() == []


@pytest.mark.parametrize(
    ("status", "reason", "error", "state"),
    [
        (403, "quotaExceeded", ActionRequired, LedgerState.NEEDS_PERSON),
        (400, "uploadLimitExceeded", ActionRequired, LedgerState.NEEDS_PERSON),
        (403, "forbidden", ActionRequired, LedgerState.NEEDS_PERSON),
        (400, "invalidTitle", Rejected, LedgerState.NEEDS_PERSON),
    ],
)
def test_what_only_a_person_can_solve_is_not_repeated(
    status: int,
    reason: str,
    error: type[Exception],
    state: LedgerState,
    run: Publish,
    platform: PlatformView,
    book: FileBook,
    row: Publication,
    bundle: Bundle,
) -> None:
    platform.fault("initiate", "status", status=status, reason=reason)
    with pytest.raises(error) as caught:
        run()
    assert type(caught.value) is error
    stored = book.get(row.id)
    assert (stored.state, stored.message) == (state, str(caught.value))
    check_one(platform, run(), bundle)


def test_the_quota_of_the_day_is_counted(run: Publish, platform: PlatformView, bundle: Bundle) -> None:
    platform.conditions(uploads_used=100)
    with pytest.raises(ActionRequired):
        run()
    platform.conditions(uploads_used=0, units_used=10_000)
    with pytest.raises(ActionRequired):
        run()
    platform.conditions(units_used=0)
    check_one(platform, run(), bundle)
    conditions = platform.state()["conditions"]
    assert conditions["uploads_used"] == 1
    assert 100 < conditions["units_used"] < 120


def test_the_upload_limit_of_the_channel(run: Publish, platform: PlatformView) -> None:
    platform.conditions(upload_limit_reached=True)
    with pytest.raises(ActionRequired):
        run()


@pytest.mark.parametrize(
    "changes",
    [{"title": "x" * 101}, {"title": "a <b>"}, {"description": "é" * 2501}, {"tags": ("lang woord",) * 50}],
)
def test_texts_beyond_the_limits_are_refused_before_a_byte_is_sent(
    changes: dict[str, Any],
    row: Publication,
    bundle: Bundle,
    youtube: YouTube,
    book: FileBook,
    clock: HurriedClock,
    platform: PlatformView,
) -> None:
    wrong = replace(bundle, texts=(make_texts("nl", **changes), make_texts("en")))
    with pytest.raises(Rejected):
        publish(row, wrong, youtube, book, clock, no_progress, FAST)
    assert platform.state()["sessions"] == []


def test_slow_processing_is_waited_for(run: Publish, platform: PlatformView, bundle: Bundle) -> None:
    platform.conditions(processing_seconds=0.5)
    check_one(platform, run(), bundle)


def test_endless_processing_is_handed_to_the_caller_and_nothing_is_public(
    row: Publication, bundle: Bundle, youtube: YouTube, book: FileBook, clock: HurriedClock, platform: PlatformView
) -> None:
    platform.conditions(processing_seconds=3600)
    with pytest.raises(RetryLater):
        publish(row, bundle, youtube, book, clock, no_progress, replace(FAST, processing=timedelta(milliseconds=200)))
    assert book.get(row.id).state is LedgerState.PROCESSING
    (video,) = platform.videos()
    assert video["status"]["privacyStatus"] == "private"


def test_failed_processing_needs_a_person_and_can_be_taken_down(
    run: Publish, remove: Publish, platform: PlatformView
) -> None:
    platform.conditions(processing_failure="codec")
    with pytest.raises(ActionRequired, match="codec"):
        run()
    assert remove().state is LedgerState.GONE
    assert platform.videos() == []


def test_a_project_without_audit_is_told_apart(run: Publish, platform: PlatformView, book: FileBook) -> None:
    platform.conditions(locked_private=True)
    with pytest.raises(ActionRequired):
        run()
    assert LedgerState.LIVE not in book.states()
    assert EvidenceKind.PUBLIC not in [kind for kind, _ in book.proofs()]


def test_a_video_that_somebody_deleted_is_sent_again_on_a_persons_order_only(
    row: Publication,
    bundle: Bundle,
    youtube: YouTube,
    book: FileBook,
    clock: HurriedClock,
    platform: PlatformView,
    run: Publish,
) -> None:
    staged = stage(row, bundle, youtube, book, clock, no_progress, FAST)
    book.save(staged, replace(staged, state=LedgerState.NEEDS_PERSON, version=staged.version + 1))
    youtube.delete(staged.remote_id or "")
    with pytest.raises(ActionRequired):
        run()
    assert platform.videos() == []
    check_one(platform, run(), bundle)


def test_an_expired_token_is_refreshed_in_the_middle(
    run: Publish, platform: PlatformView, book: FileBook, bundle: Bundle
) -> None:
    original = book.save

    def expire(old: Publication, new: Publication) -> Publication:
        platform.post("practice/tokens/expire")
        return original(old, new)

    book.save = expire  # type: ignore[method-assign]
    check_one(platform, run(), bundle)


@pytest.mark.parametrize("change", [{"refresh_token": "revoked"}, {"client_secret": "other"}])
def test_refused_credentials_need_a_person_and_are_not_told(
    change: dict[str, str],
    practice: PracticeServer,
    row: Publication,
    bundle: Bundle,
    book: FileBook,
    clock: HurriedClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret = {**practice_credentials(practice.url), **change}
    publisher = YouTube(
        api_root=practice.url,
        watch_root=practice.url,
        credentials=SecretStr(json.dumps(secret)),
        chunk_bytes=CHUNK_UNIT,
    )
    caplog.set_level("DEBUG")
    with pytest.raises(ActionRequired) as caught:
        publish(row, bundle, publisher, book, clock, no_progress, FAST)
    for told in (str(caught.value), book.get(row.id).message or "", caplog.text):
        assert secret["refresh_token"] not in told
        assert secret["client_secret"] not in told


@pytest.mark.parametrize("chunk", [0, 1, CHUNK_UNIT + 1, -CHUNK_UNIT])
def test_chunks_are_whole_multiples(chunk: int, practice: PracticeServer) -> None:
    with pytest.raises(ActionRequired):
        YouTube(
            api_root=practice.url,
            watch_root=practice.url,
            credentials=SecretStr(json.dumps(practice_credentials(practice.url))),
            chunk_bytes=chunk,
        )


@pytest.mark.parametrize(
    "fault",
    [
        {"at": "update", "kind": "status", "status": 503},
        {"at": "update", "kind": "lost_answer", "times": 2},
        {"at": "delete", "kind": "lost_answer"},
        {"at": "delete", "kind": "lost_answer", "times": 2},
        {"at": "delete", "kind": "cut"},
        {"at": "oembed", "kind": "status", "status": 503},
        {"at": "list", "kind": "status", "status": 500},
    ],
)
def test_take_down_survives_passing_faults(
    fault: dict[str, Any], run: Publish, remove: Publish, platform: PlatformView
) -> None:
    run()
    platform.fault(**fault)
    assert remove().state is LedgerState.GONE
    assert platform.videos() == []


def test_take_down_is_never_done_while_the_video_can_be_seen(
    run: Publish, remove: Publish, platform: PlatformView, book: FileBook, row: Publication
) -> None:
    run()
    platform.fault("delete", "status", status=404, reason="videoNotFound", times=2)
    platform.fault("update", "status", status=404, reason="videoNotFound", times=2)
    with pytest.raises(RetryLater):
        remove()
    stored = book.get(row.id)
    assert stored.state is LedgerState.HIDING
    assert stored.message
    assert EvidenceKind.READ_BACK not in [kind for kind, _ in book.proofs()][3:]
    assert platform.videos()[0]["status"]["privacyStatus"] == "public"
    with pytest.raises(RetryLater):
        remove()
    assert remove().state is LedgerState.GONE
    assert platform.videos() == []


def test_take_down_stopped_by_the_quota_stays_open(
    run: Publish, remove: Publish, platform: PlatformView, book: FileBook, row: Publication
) -> None:
    run()
    platform.conditions(units_used=10_000)
    with pytest.raises(ActionRequired):
        remove()
    assert book.get(row.id).state is LedgerState.HIDING
    platform.conditions(units_used=0)
    assert remove().state is LedgerState.GONE


def test_take_down_of_a_half_upload_closes_its_session(
    run: Publish, remove: Publish, platform: PlatformView, book: FileBook, row: Publication
) -> None:
    platform.fault("chunk", "cut", skip=2, times=4)
    with pytest.raises(RetryLater):
        run()
    assert remove().state is LedgerState.GONE
    assert platform.state()["sessions"] == []
    assert book.get(row.id).session is None
    assert EvidenceKind.STOPPED in [kind for kind, _ in book.proofs()]


def test_take_down_of_an_upload_that_had_arrived_unnoticed(
    run: Publish, remove: Publish, platform: PlatformView, book: FileBook
) -> None:
    platform.conditions(processing_seconds=3600)  # so that the marker cannot tell
    platform.fault("final", "status", status=503, retry_after=900)
    with pytest.raises(RetryLater):
        run()
    assert len(platform.videos()) == 1
    assert remove().state is LedgerState.GONE
    assert platform.videos() == []


def test_while_file_names_are_not_told_nothing_is_sent_again(
    run: Publish, platform: PlatformView, book: FileBook, row: Publication, bundle: Bundle, clock: HurriedClock
) -> None:
    platform.conditions(processing_seconds=1.0)
    platform.fault("final", "status", status=503, retry_after=900)
    with pytest.raises(RetryLater):
        run()
    platform.post("practice/sessions/expire")
    check_one(platform, run(), bundle)
    assert EvidenceKind.RECONCILED in [kind for kind, _ in book.proofs()]


def test_take_down_removes_the_known_video_before_it_looks_for_others(
    run: Publish, remove: Publish, platform: PlatformView, youtube: YouTube, tmp_path: Path, book: FileBook
) -> None:
    live = run()
    platform.conditions(processing_seconds=3600)
    small = make_bundle(tmp_path / "small", 1000)
    with small.rendition.open("rb") as file:
        youtube.send(make_row(small, name="other"), small, file, lambda _: None, no_progress)
    with pytest.raises(RetryLater):
        remove()
    assert youtube.inspect(live.remote_id or "") is None
    assert book.get(live.id).state is LedgerState.HIDING


def test_a_missing_thumbnail_is_told(
    row: Publication, bundle: Bundle, youtube: YouTube, book: FileBook, clock: HurriedClock
) -> None:
    with pytest.raises(Rejected):
        publish(row, replace(bundle, thumbnail=Path("absent.jpg")), youtube, book, clock, no_progress, FAST)
    assert book.get(row.id).state is LedgerState.NEEDS_PERSON
