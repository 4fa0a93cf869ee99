"""PeerTube: what is this platform's own.

Provoked here: a cut in the middle of a chunk, a server that is still making the video (503), a lost session, a chunk
that does not fit (409), a refresh token that was spent unheard, a full quota, failed processing, too many requests,
rights that are lacking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_row, make_texts, no_progress
from worlds import make_peertube

from vrijgave.domain.publications import EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language
from vrijgave.practice.accounts import practice_account
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.accounts import OwnVault, PlatformAccount
from vrijgave.publishing.ledger import publish, stage, take_down
from vrijgave.publishing.platforms.peertube import PeerTube
from vrijgave.publishing.protocol import Bundle, ByHand, Captions, Figure, RemoteCopy

WEBVTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nEen <b>man</b> loopt.\n"


@pytest.fixture
def view(running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(f"{running.url}peertube/")
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def peertube(view: PlatformView, running: PracticeServer) -> PeerTube:
    return make_peertube(running.url, 10.0)


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle, Platform.PEERTUBE))


@pytest.fixture
def live(peertube: PeerTube, row: Publication, bundle: Bundle, book: FileBook) -> Publication:
    return publish(row, bundle, peertube, book, HurriedClock(), no_progress, FAST)


def only_video(view: PlatformView) -> dict[str, Any]:
    (video,) = view.state()["videos"].values()
    found: dict[str, Any] = video
    return found


def say(view: PlatformView, running: PracticeServer, publication: Publication, **said: Any) -> int:
    told = {"id": publication.remote_id, **said}
    answer = httpx.post(f"{running.url}peertube/practice/audience", json=told)
    number: int = answer.raise_for_status().json()["id"]
    return number


def test_texts_captions_and_thumbnail_go_along_and_nobody_sees_it_yet(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook, tmp_path: Path
) -> None:
    captions = tmp_path / "nl.vtt"
    captions.write_text(WEBVTT)
    dressed = replace(bundle, captions=(Captions(language=Language.DUTCH, file=captions),))
    staged = stage(row, dressed, peertube, book, HurriedClock(), no_progress, FAST)
    video = only_video(view)
    assert (video["name"], video["language"]) == ("Wie kent deze man?", "nl")
    assert video["description"] == "Op 1 maart is in Utrecht een winkel overvallen."
    assert (video["tags"], video["download"]) == (["overval", "Utrecht centrum"], False)
    assert (video["thumbnail"], video["captions"], video["file_name"]) == (True, {"nl": WEBVTT}, row.marker)
    assert (video["privacy"], video["short"]) == (3, staged.remote_id)
    assert not peertube.sight(str(staged.remote_id)).visible
    assert "Er staat niets" in view.get("public").text


def test_only_the_rest_is_sent_again(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", after_bytes=100_000, skip=2)
    done: list[int] = []
    publish(row, bundle, peertube, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    resumed = [there for before, there in pairwise(done) if there - before == 100_000]
    assert resumed == [2 * 262_144 + 100_000]
    assert only_video(view)["sha256"] == bundle.sha256


def test_a_server_that_is_still_making_the_video_is_waited_for(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(creating_seconds=0.05)
    made = publish(row, bundle, peertube, book, HurriedClock(), no_progress, replace(FAST, attempts=30))
    assert made.remote_id == only_video(view)["short"]
    assert EvidenceKind.RECONCILED in [kind for kind, _ in book.proofs()]


def test_a_take_down_waits_for_a_video_that_is_being_made(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(creating_seconds=0.3)
    with pytest.raises(RetryLater):
        publish(row, bundle, peertube, book, HurriedClock(), no_progress, replace(FAST, attempts=1))
    assert view.state()["videos"] == {}
    patient = replace(FAST, attempts=60)
    assert take_down(book.get("p1"), peertube, book, HurriedClock(), patient).state is LedgerState.GONE
    assert (view.state()["videos"], view.state()["uploads"]) == ({}, {})


def test_a_half_upload_is_cancelled_by_a_take_down(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", skip=1)
    with pytest.raises(RetryLater):
        publish(row, bundle, peertube, book, HurriedClock(), no_progress, replace(FAST, attempts=1))
    assert len(view.state()["uploads"]) == 1
    assert take_down(book.get("p1"), peertube, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert view.state()["uploads"] == {}


def test_a_session_that_was_opened_unheard_is_taken_up(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("initiate", "lost_answer")
    assert publish(row, bundle, peertube, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE
    assert only_video(view)["sha256"] == bundle.sha256


def test_what_a_forgotten_session_holds_is_not_sent_again(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle
) -> None:
    view.fault("chunk", "cut", skip=2)
    done: list[int] = []
    with bundle.rendition.open("rb") as file:
        with pytest.raises(RetryLater):
            peertube.send(row, bundle, file, lambda _session: None, no_progress)
        peertube.send(row, bundle, file, lambda _session: None, lambda sent, _all: done.append(sent))
    assert done[0] == 2 * 262_144
    assert only_video(view)["sha256"] == bundle.sha256


@pytest.mark.parametrize(("kind", "more"), [("expire", {"after_bytes": 1000}), ("status", {"status": 409})])
def test_a_session_that_is_lost_or_disagrees(
    kind: str,
    more: dict[str, int],
    peertube: PeerTube,
    view: PlatformView,
    row: Publication,
    bundle: Bundle,
    book: FileBook,
) -> None:
    view.fault("chunk", kind, skip=1, **more)
    assert publish(row, bundle, peertube, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE
    assert only_video(view)["sha256"] == bundle.sha256


def test_tokens_are_renewed_once_and_a_refresh_that_went_unheard_is_mended(
    running: PracticeServer, view: PlatformView, row: Publication
) -> None:
    account, vault = account_of(running)
    peertube = PeerTube(account, vault, 262_144)
    assert peertube.find(row) == ()
    first = vault.read()
    assert peertube.find(row) == ()
    assert vault.read() == first
    view.post("practice/tokens/expire")
    view.fault("token", "lost_answer")
    with pytest.raises(RetryLater):
        peertube.find(row)
    assert peertube.find(row) == ()
    assert vault.read()["refresh_token"] != first["refresh_token"]


def test_without_a_password_a_spent_refresh_token_is_for_the_administrator(
    running: PracticeServer, view: PlatformView, row: Publication
) -> None:
    account, vault = account_of(running)
    secret = "a-token-that-was-spent"
    spent = OwnVault({**vault.read(), "password": "", "refresh_token": secret})
    with pytest.raises(ActionRequired) as refused:
        PeerTube(account, spent, 262_144).find(row)
    assert refused.value.who == "administrator"
    assert secret not in str(refused.value)


def account_of(running: PracticeServer) -> tuple[PlatformAccount, OwnVault]:
    account, vault = practice_account(Platform.PEERTUBE, running.url)
    assert isinstance(vault, OwnVault)
    return account, vault


def test_limits_are_those_of_the_server(peertube: PeerTube, view: PlatformView, bundle: Bundle, tmp_path: Path) -> None:
    assert peertube.check(bundle) == ()
    captions = tmp_path / "nl.vtt"
    captions.write_text(WEBVTT)
    view.conditions(image_bytes=10, captions_bytes=10, video_quota=1_000_000, extensions=[".webm"])
    wrong = replace(
        bundle,
        captions=(Captions(language=Language.DUTCH, file=captions),),
        texts=(make_texts("nl", title="ab", description="a" * 10_001, tags=("a", "b" * 31, "cc", "dd", "ee", "ff")),),
    )
    fields = sorted(violation.field for violation in peertube.check(wrong))
    assert fields == ["captions", "description", "tags", "tags", "tags", "thumbnail", "title", "video", "video"]


def test_a_full_account_is_for_the_administrator(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(quota_spent=True)
    with pytest.raises(ActionRequired) as full:
        publish(row, bundle, peertube, book, HurriedClock(), no_progress, FAST)
    assert full.value.who == "administrator"
    assert view.state()["videos"] == {}


def test_too_many_requests_are_waited_out(peertube: PeerTube, view: PlatformView, row: Publication) -> None:
    view.conditions(moderator=False)
    for _ in range(49):  # the first one asked for a token, too
        peertube.find(row)
    with pytest.raises(RetryLater) as told:
        peertube.find(row)
    assert timedelta(seconds=5) < told.value.after <= timedelta(seconds=11)


def test_what_cannot_be_processed_is_for_a_person(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(processing_failure="x", processing_seconds=0.1)
    with pytest.raises(ActionRequired, match="TRANSCODING_FAILED"):
        publish(row, bundle, peertube, book, HurriedClock(), no_progress, FAST)
    assert only_video(view)["privacy"] == 3


def test_the_file_is_exchanged_and_the_address_stays(
    peertube: PeerTube, view: PlatformView, live: Publication, bundle: Bundle, tmp_path: Path
) -> None:
    better = tmp_path / "better.mp4"
    better.write_bytes(bundle.rendition.read_bytes()[::-1])
    corrected = replace(
        bundle,
        rendition=better,
        sha256=sha256(better.read_bytes()).hexdigest(),
        facts=replace(bundle.facts, size=better.stat().st_size),
        texts=(make_texts("nl", title="Wie kent deze vrouw?"),),
    )
    view.fault("chunk", "cut", skip=1, after_bytes=5_000)
    with better.open("rb") as file, pytest.raises(RetryLater):
        peertube.replace(live, corrected, file, no_progress)
    assert only_video(view)["sha256"] == bundle.sha256
    with better.open("rb") as file:
        peertube.replace(live, corrected, file, no_progress)
    video = only_video(view)
    assert (video["sha256"], video["short"], video["name"]) == (
        corrected.sha256,
        live.remote_id,
        "Wie kent deze vrouw?",
    )
    assert peertube.sight(str(live.remote_id)).visible
    assert peertube.find(live) == (RemoteCopy(remote_id=str(live.remote_id), size=corrected.facts.size),)
    assert view.state()["uploads"] == {}


def test_a_server_that_exchanges_no_files_says_so(
    peertube: PeerTube, view: PlatformView, live: Publication, bundle: Bundle
) -> None:
    view.conditions(replaces=False)
    with bundle.rendition.open("rb") as file, pytest.raises(ActionRequired):
        peertube.replace(live, bundle, file, no_progress)


def test_figures_and_comments(
    peertube: PeerTube, view: PlatformView, live: Publication, running: PracticeServer
) -> None:
    video = str(live.remote_id)
    first = say(view, running, live, views=1200, likes=7, comment="<b>Dat is Jan</b>", author="Een buur")
    say(view, running, live, comment="<p>Ja &amp; nee</p>", host="elders.example", answers=first)
    assert peertube.figures(video) == {Figure.VIEWS: 1200, Figure.LIKES: 7, Figure.COMMENTS: 2}
    one, answer = peertube.comments(video)
    assert (one.author, one.text, one.hidden, answer.text) == ("Een buur", "<b>Dat is Jan</b>", False, "Ja & nee")
    assert abs(one.at - datetime.now(UTC)) < timedelta(minutes=1)
    peertube.hide_comment(video, one.remote_id)
    peertube.hide_comment(video, one.remote_id)
    assert peertube.comments(video) == (answer,)
    view.conditions(removes_comments=False)
    with pytest.raises(ByHand):
        peertube.hide_comment(video, answer.remote_id)


def test_the_account(peertube: PeerTube, view: PlatformView) -> None:
    state = peertube.account()
    assert (state.name, state.warnings) == ("Politie Oefenstad", ())
    assert state.expires_at is not None
    assert timedelta(days=13) < state.expires_at - datetime.now(UTC) <= timedelta(days=14)
    view.conditions(channels=[12])
    (warning,) = peertube.account().warnings
    assert "11" in warning


def test_what_is_shown_is_escaped(
    peertube: PeerTube, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    texts = make_texts("nl", title="<b>Wie</b>", description="<script>1</script>", tags=("<i>a</i>",))
    live = publish(row, replace(bundle, texts=(texts,)), peertube, book, HurriedClock(), no_progress, FAST)
    page = view.get(f"public/{live.remote_id}").text
    assert "&lt;b&gt;Wie" in page
    assert "<script" not in page


def test_copies_on_other_servers_stay_somebodys_work(
    peertube: PeerTube, view: PlatformView, live: Publication, book: FileBook
) -> None:
    assert take_down(live, peertube, book, HurriedClock(), FAST).state is LedgerState.GONE
    ((kind, what),) = book.asked()
    assert kind is ManualKind.COPIES
    assert str(live.url) in what


def test_a_visitor_who_gets_an_error_has_seen_nothing(
    peertube: PeerTube, view: PlatformView, live: Publication
) -> None:
    view.fault("public", "status", status=502)
    with pytest.raises(RetryLater):
        peertube.sight(str(live.remote_id))


def test_nothing_is_done_without_credentials(running: PracticeServer, view: PlatformView, live: Publication) -> None:
    root = f"{running.url}peertube/api/v1/"
    for method, path in (
        ("GET", "users/me"),
        ("GET", "users/me/videos"),
        ("POST", "videos/upload-resumable"),
        ("PUT", "videos/upload-resumable?upload_id=x"),
        ("POST", f"videos/{live.remote_id}/source/replace-resumable"),
        ("GET", f"videos/{live.remote_id}/source"),
        ("PUT", f"videos/{live.remote_id}"),
        ("PUT", f"videos/{live.remote_id}/captions/nl"),
        ("DELETE", f"videos/{live.remote_id}"),
    ):
        headers = {"authorization": "Bearer wrong", "x-upload-content-length": "3"}
        assert httpx.request(method, root + path, headers=headers).status_code == 401, path


def test_what_the_server_would_not_take_is_refused(peertube: PeerTube, row: Publication, bundle: Bundle) -> None:
    wrong = replace(bundle, texts=(make_texts("nl", title="ab"),))
    with bundle.rendition.open("rb") as file, pytest.raises(Rejected):
        peertube.send(row, wrong, file, lambda _session: None, no_progress)


def test_the_state_survives_a_restart(tmp_path: Path, bundle: Bundle, book: FileBook, row: Publication) -> None:
    with PracticeServer(tmp_path / "platform") as server:
        live = publish(row, bundle, make_peertube(server.url, 10.0), book, HurriedClock(), no_progress, FAST)
    with PracticeServer(tmp_path / "platform") as server:
        assert make_peertube(server.url, 10.0).sight(str(live.remote_id)).visible
