"""Mastodon: what is this platform's own.

Provoked here: a lost answer to the upload and to the post, a key that the server forgot (after the hour), lists that
lag, an upload that was cleaned away, failed and slow processing, a window that is used up, a revoked token, an answer
that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_row, make_texts, no_progress, waits
from worlds import make_mastodon

from vrijgave.domain.publications import EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.errors import ActionRequired, RetryLater
from vrijgave.practice.mastodon_state import TOKEN
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.fediverse import plain
from vrijgave.publishing.ledger import go_live, publish, stage, take_down
from vrijgave.publishing.platforms.mastodon import Mastodon
from vrijgave.publishing.protocol import Bundle, ByHand, Figure


@pytest.fixture
def view(running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(f"{running.url}mastodon/")
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def mastodon(view: PlatformView, running: PracticeServer) -> Mastodon:
    return make_mastodon(running.url, 10.0)


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle, Platform.MASTODON))


@pytest.fixture
def live(mastodon: Mastodon, row: Publication, bundle: Bundle, book: FileBook) -> Publication:
    return publish(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST)


@pytest.fixture
def staged(mastodon: Mastodon, row: Publication, bundle: Bundle, book: FileBook) -> Publication:
    return stage(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST)


def statuses(view: PlatformView) -> list[dict[str, Any]]:
    return list(view.state()["statuses"].values())


def test_text_alternative_and_thumbnail_go_along_and_nobody_sees_it_yet(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    (media,) = view.state()["media"].values()
    assert (media["sha256"], media["thumbnail"]) == (bundle.sha256, True)
    assert media["description"] == "Een man loopt naar binnen."
    assert (staged.remote_id, statuses(view)) == (f"media/{media['id']}", [])
    live = go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    (status,) = statuses(view)
    assert status["text"] == "Op 1 maart is in Utrecht een winkel overvallen.\n\n#overval #UtrechtCentrum"
    assert (status["language"], status["visibility"], status["media"]) == ("nl", "public", [media["id"]])
    assert (live.remote_id, live.staged_id) == (f"status/{status['id']}", staged.remote_id)
    assert view.get(f"public/{status['id']}").status_code == 200
    assert str(live.url).endswith(f"public/{status['id']}")


@pytest.mark.parametrize("remembered", [3600.0, 0.0], ids=["within-the-hour", "after-the-hour"])
def test_a_post_that_went_unheard_is_not_made_twice(
    remembered: float, mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(idempotency_seconds=remembered)
    view.fault("post", "lost_answer")
    live = publish(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert [f"status/{status['id']}" for status in statuses(view)] == [live.remote_id]


def test_a_post_that_arrives_after_it_was_made_again_is_the_same_post(
    running: PracticeServer, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("post", "hang")
    live = go_live(staged, bundle, make_mastodon(running.url, 0.5), book, HurriedClock(), no_progress, FAST)
    assert view.held() == ["post"]
    view.release()
    for _ in waits():
        if not view.held():
            break
    assert [f"status/{status['id']}" for status in statuses(view)] == [live.remote_id]


def test_the_key_alone_makes_it_one_within_the_hour(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle
) -> None:
    root = view.get("practice/state").url
    headers = {"authorization": f"Bearer {TOKEN}", "idempotency-key": "one"}
    address = str(root).replace("practice/state", "api/v1/statuses")
    first, second = (httpx.post(address, data={"status": "Ja"}, headers=headers).json()["id"] for _ in range(2))
    assert first == second
    view.conditions(idempotency_seconds=0.0)
    assert httpx.post(address, data={"status": "Ja"}, headers=headers).json()["id"] != first


def test_while_lists_lag_nothing_is_posted_again(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(idempotency_seconds=0.0, list_lag_seconds=60.0)
    view.fault("post", "lost_answer")
    with pytest.raises(RetryLater):
        go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert len(statuses(view)) == 1
    view.conditions(list_lag_seconds=0.0)
    go_live(book.get("p1"), bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert len(statuses(view)) == 1


def test_a_post_that_went_unheard_before_somebody_had_to_help_is_not_made_twice(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(idempotency_seconds=0.0)
    view.fault("post", "lost_answer")
    view.fault("list", "status", status=403)
    with pytest.raises(ActionRequired):
        go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    live = publish(book.get("p1"), bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert [f"status/{status['id']}" for status in statuses(view)] == [live.remote_id]


def test_an_upload_that_was_cleaned_away_is_sent_once_more(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(media_seconds=0.0)
    with pytest.raises(ActionRequired, match="publish again"):
        go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert statuses(view) == []
    view.conditions(media_seconds=3600.0)
    view.post("practice/reset")
    with pytest.raises(ActionRequired):  # it is seen to have disappeared
        publish(book.get("p1"), bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    live = publish(book.get("p1"), bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert live.state is LedgerState.LIVE
    assert len(statuses(view)) == 1


def test_an_upload_that_went_unheard_is_seen_by_nobody(
    mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("upload", "lost_answer")
    publish(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert sorted(media["status_id"] is None for media in view.state()["media"].values()) == [False, True]
    assert len(statuses(view)) == 1


def test_our_own_statuses_are_looked_through_page_by_page(
    mastodon: Mastodon, view: PlatformView, live: Publication, running: PracticeServer
) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"{running.url}mastodon/api/v1/", headers=headers) as client:
        for number in range(45):
            client.post("statuses", data={"status": f"Bericht {number}"}).raise_for_status()
    assert [copy.remote_id for copy in mastodon.find(live)] == [live.remote_id]


def test_a_take_down_finds_the_post_that_went_unheard(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("post", "lost_answer")
    with pytest.raises(RetryLater):
        go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, replace(FAST, attempts=1))
    assert len(statuses(view)) == 1
    gone = take_down(book.get("p1"), mastodon, book, HurriedClock(), FAST)
    assert gone.state is LedgerState.GONE
    assert (statuses(view), view.state()["media"]) == ([], {})
    assert [kind for kind, _ in book.asked()] == [ManualKind.COPIES]


def test_a_take_down_is_not_done_while_the_post_that_carries_the_video_is_not_listed(
    mastodon: Mastodon, view: PlatformView, staged: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(list_lag_seconds=60.0)
    view.fault("post", "lost_answer")
    with pytest.raises(RetryLater):
        go_live(staged, bundle, mastodon, book, HurriedClock(), no_progress, replace(FAST, attempts=1))
    with pytest.raises(RetryLater):
        take_down(book.get("p1"), mastodon, book, HurriedClock(), FAST)
    assert book.get("p1").state is LedgerState.HIDING
    view.conditions(list_lag_seconds=0.0)
    assert take_down(book.get("p1"), mastodon, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert statuses(view) == []


def test_what_is_shown_is_escaped(
    mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    texts = make_texts("nl", description="<script>1</script>", alternative_text="<b>Een man</b>")
    live = publish(row, replace(bundle, texts=(texts,)), mastodon, book, HurriedClock(), no_progress, FAST)
    page = view.get(f"public/{str(live.remote_id).removeprefix('status/')}").text
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_what_was_only_uploaded_is_deleted_and_leaves_no_copies(
    mastodon: Mastodon, view: PlatformView, staged: Publication, book: FileBook
) -> None:
    assert take_down(staged, mastodon, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert (view.state()["media"], book.asked()) == ({}, [])


def test_copies_on_other_servers_stay_somebodys_work(
    mastodon: Mastodon, view: PlatformView, live: Publication, book: FileBook
) -> None:
    assert take_down(live, mastodon, book, HurriedClock(), FAST).state is LedgerState.GONE
    ((kind, what),) = book.asked()
    assert kind is ManualKind.COPIES
    assert str(live.url) in what
    assert view.state()["media"] == {}
    assert EvidenceKind.READ_BACK in [kind for kind, _ in book.proofs()]


def test_processing_is_awaited(
    mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(processing_seconds=0.3)
    assert publish(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE


def test_what_cannot_be_processed_is_for_a_person(
    mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(processing_failure="x")
    with pytest.raises(ActionRequired, match="Error processing thumbnail"):
        publish(row, bundle, mastodon, book, HurriedClock(), no_progress, FAST)
    assert statuses(view) == []


def test_limits_are_those_of_the_server(mastodon: Mastodon, view: PlatformView, bundle: Bundle) -> None:
    assert mastodon.check(bundle) == ()
    view.conditions(
        max_characters=20,
        description_limit=5,
        video_bytes=1000,
        frame_rate=10,
        matrix=1000,
        image_bytes=10,
        mime_types=["video/webm"],
    )
    fields = sorted(violation.field for violation in mastodon.check(replace(bundle, texts=(make_texts("nl"),))))
    assert fields == ["alternative_text", "description", "thumbnail", "video", "video", "video", "video"]


def test_a_window_that_is_used_up_tells_when_it_ends(
    mastodon: Mastodon, view: PlatformView, row: Publication, bundle: Bundle
) -> None:
    view.conditions(throttled=True)
    with bundle.rendition.open("rb") as file:
        for _ in range(30):
            mastodon.send(row, bundle, file, lambda _session: None, no_progress)
        with pytest.raises(RetryLater) as told:
            mastodon.send(row, bundle, file, lambda _session: None, no_progress)
    assert timedelta(minutes=29) < told.value.after < timedelta(minutes=31)


def test_a_revoked_token_is_for_the_administrator(mastodon: Mastodon, view: PlatformView) -> None:
    view.conditions(token_revoked=True)
    with pytest.raises(ActionRequired) as refused:
        mastodon.account()
    assert refused.value.who == "administrator"
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "error"), [(500, RetryLater), (502, RetryLater), (520, RetryLater), (403, ActionRequired)]
)
def test_what_an_error_means(status: int, error: type[Exception], mastodon: Mastodon, view: PlatformView) -> None:
    view.fault("account", "status", status=status)
    with pytest.raises(error):
        mastodon.account()
    assert mastodon.account().name == "Politie Oefenstad"


def test_a_cut_connection_says_nothing_of_where_it_went(mastodon: Mastodon, view: PlatformView) -> None:
    view.fault("account", "cut")
    with pytest.raises(RetryLater) as cut:
        mastodon.account()
    assert "127.0.0.1" not in str(cut.value)


def test_figures_and_answers(
    mastodon: Mastodon, view: PlatformView, live: Publication, running: PracticeServer
) -> None:
    status = str(live.remote_id)
    for said in (
        {"likes": 12, "shares": 3},
        {"comment": "<p>Dat is <b>Jan</b><br>uit &lt;Utrecht&gt;</p><p>Ja</p>", "author": "Een buur"},
        {"comment": "<p>Dank u.</p>", "ours": True},
    ):
        told = {"id": status.removeprefix("status/"), **said}
        httpx.post(f"{running.url}mastodon/practice/audience", json=told).raise_for_status()
    assert mastodon.figures(status) == {Figure.LIKES: 12, Figure.SHARES: 3, Figure.COMMENTS: 2}
    (answer,) = mastodon.comments(status)
    assert (answer.author, answer.text) == ("Een buur", "Dat is Jan\nuit <Utrecht>\n\nJa")
    assert abs(answer.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert not mastodon.hides_comments
    with pytest.raises(ByHand):
        mastodon.hide_comment(status, answer.remote_id)


def test_html_as_text() -> None:
    assert plain("Zonder tags &amp; zo") == "Zonder tags & zo"
    assert plain("<p>Een</p><p>twee<br />drie</p>") == "Een\n\ntwee\ndrie"


def test_nothing_is_done_without_credentials(running: PracticeServer, view: PlatformView, live: Publication) -> None:
    id = str(live.remote_id).removeprefix("status/")
    for method, path in (
        ("POST", "v2/media"),
        ("GET", "v1/media/1"),
        ("DELETE", "v1/media/1"),
        ("POST", "v1/statuses"),
        ("GET", f"v1/statuses/{id}"),
        ("DELETE", f"v1/statuses/{id}"),
        ("GET", "v1/accounts/verify_credentials"),
        ("GET", "v1/accounts/1000/statuses"),
    ):
        answer = httpx.request(method, f"{running.url}mastodon/api/{path}", headers={"authorization": "Bearer wrong"})
        assert answer.status_code == 401, path


def test_the_state_survives_a_restart(tmp_path: Path, bundle: Bundle, book: FileBook, row: Publication) -> None:
    with PracticeServer(tmp_path / "platform") as server:
        live = publish(row, bundle, make_mastodon(server.url, 10.0), book, HurriedClock(), no_progress, FAST)
    with PracticeServer(tmp_path / "platform") as server:
        assert make_mastodon(server.url, 10.0).sight(str(live.remote_id)).visible
