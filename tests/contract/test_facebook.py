"""Videos on a Facebook page: what is this platform's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_row, no_progress
from worlds import make_facebook

from vrijgave.domain.publications import EvidenceKind, LedgerState, Platform, Publication
from vrijgave.errors import ActionRequired, RetryLater
from vrijgave.i18n import Language
from vrijgave.practice.accounts import practice_account
from vrijgave.practice.graph_state import USER_TOKEN
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.graph_video import expiry, srt
from vrijgave.publishing.ledger import publish, stage, take_down
from vrijgave.publishing.platforms.facebook import Facebook
from vrijgave.publishing.protocol import Bundle, Captions, Figure

WEBVTT = (
    "WEBVTT\n\n00:01.000 --> 00:02.500 line:80%\nEen <b>man</b>\nloopt.\n\n"
    "1\n01:00:00.000 --> 01:00:01.000\nHij rent.\n"
)


@pytest.fixture
def view(running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(f"{running.url}meta/")
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def facebook(view: PlatformView, running: PracticeServer) -> Facebook:
    return make_facebook(running.url, 10.0)


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle, Platform.FACEBOOK))


def only_video(view: PlatformView) -> dict[str, Any]:
    (video,) = view.state()["videos"].values()
    found: dict[str, Any] = video
    return found


def test_texts_captions_thumbnail_and_end_date_go_along(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook, tmp_path: Path
) -> None:
    captions = tmp_path / "nl.vtt"
    captions.write_text(WEBVTT)
    dressed = replace(bundle, captions=(Captions(language=Language.DUTCH, file=captions),), end_date=date(2099, 1, 31))
    stage(row, dressed, facebook, book, HurriedClock(), no_progress, FAST)
    video = only_video(view)
    text = "Op 1 maart is in Utrecht een winkel overvallen.\n\n#overval #UtrechtCentrum"
    assert (video["title"], video["text"]) == ("Wie kent deze man?", text)
    assert video["thumbnail"]
    assert video["captions"] == {"nl_NL": srt(WEBVTT)}
    assert datetime.fromisoformat(video["expires_at"]) == expiry(date(2099, 1, 31))
    assert (video["published"], video["marker"]) == (False, row.marker)
    assert row.marker not in view.get("public").text


def test_subrip_of_webvtt() -> None:
    assert srt(WEBVTT) == (
        "1\n00:00:01,000 --> 00:00:02,500\nEen <b>man</b>\nloopt.\n\n2\n01:00:00,000 --> 01:00:01,000\nHij rent.\n"
    )


def test_it_expires_by_itself(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    live = publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST)
    assert live.remote_id is not None
    facebook.hide(live.remote_id)
    assert not facebook.sight(live.remote_id).visible
    state = facebook.inspect(live.remote_id)
    assert state is not None
    assert not state.public
    assert take_down(live, facebook, book, HurriedClock(), FAST).state is LedgerState.GONE


def test_only_the_rest_is_sent_again(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", after_bytes=700_000)
    done: list[int] = []
    publish(row, bundle, facebook, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    assert len(view.state()["uploads"]) == 1
    resumed = [there for before, there in pairwise(done) if there <= before]
    assert resumed == [700_000]
    assert only_video(view)["sha256"] == bundle.sha256


def test_a_video_whose_making_went_unheard_is_found_by_its_marker(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("create", "lost_answer")
    live = publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST)
    assert live.remote_id == only_video(view)["id"]
    assert EvidenceKind.RECONCILED in [kind for kind, _ in book.proofs()]


def test_a_lost_session_begins_anew(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "expire", after_bytes=1000)
    assert publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE
    assert only_video(view)["sha256"] == bundle.sha256


def test_an_expired_page_token_is_renewed_once(facebook: Facebook, view: PlatformView, row: Publication) -> None:
    assert facebook.find(row) == ()
    view.post("practice/tokens/expire")
    view.fault("token", "status", status=503, skip=1)
    assert facebook.find(row) == ()
    assert facebook.find(row) == ()


def test_without_the_person_who_connected_it_somebody_has_to_connect_it_again(
    facebook: Facebook, view: PlatformView, row: Publication
) -> None:
    view.conditions(user_token_expired=True)
    with pytest.raises(ActionRequired) as refused:
        facebook.find(row)
    assert refused.value.who == "administrator"
    assert USER_TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("reason", "error"), [("pageLimit", RetryLater), ("backendError", RetryLater), ("permission", ActionRequired)]
)
def test_the_code_tells_what_a_bad_request_means(
    reason: str, error: type[Exception], facebook: Facebook, view: PlatformView, row: Publication
) -> None:
    view.fault("list", "status", status=400, reason=reason)
    with pytest.raises(error):
        facebook.find(row)
    assert facebook.find(row) == ()


@pytest.mark.parametrize(("asked", "wait"), [(None, 60), (180, 3)])
def test_a_limit_that_is_reached_says_when_to_come_back(
    asked: int | None, wait: int, facebook: Facebook, view: PlatformView, row: Publication
) -> None:
    view.fault("list", "status", status=400, reason="pageLimit", retry_after=asked)
    with pytest.raises(RetryLater) as full:
        facebook.find(row)
    assert full.value.after == timedelta(minutes=wait)


def test_what_cannot_be_processed_is_for_a_person(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(processing_failure="The codec is not known.")
    with pytest.raises(ActionRequired, match="The codec is not known"):
        publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST)
    assert not only_video(view)["published"]


def test_processing_is_awaited(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(processing_seconds=0.3)
    assert publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE


def test_figures_and_comments(
    facebook: Facebook, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook, running: PracticeServer
) -> None:
    live = publish(row, bundle, facebook, book, HurriedClock(), no_progress, FAST)
    video = str(live.remote_id)
    for said in (
        {"views": 1200, "likes": 7},
        {"comment": "<b>Dat is Jan</b>", "author": "Een buur"},
        {"comment": "Ja"},
    ):
        httpx.post(f"{running.url}meta/practice/audience", json={"id": video, **said}).raise_for_status()
    assert facebook.figures(video) == {Figure.VIEWS: 1200, Figure.LIKES: 7, Figure.COMMENTS: 2}
    first, second = facebook.comments(video)
    assert (first.author, first.text, first.hidden, second.text) == ("Een buur", "<b>Dat is Jan</b>", False, "Ja")
    assert abs(first.at - datetime.now(UTC)) < timedelta(minutes=1)
    facebook.hide_comment(video, first.remote_id)
    assert [comment.hidden for comment in facebook.comments(video)] == [True, False]

    view.conditions(metrics=["views"])
    assert facebook.figures(video) == {Figure.LIKES: 7, Figure.COMMENTS: 2}
    view.fault("insights", "status", status=400, reason="invalidParameter")
    assert facebook.figures(video) == {Figure.LIKES: 7, Figure.COMMENTS: 2}


def test_the_account_and_how_long_it_may_be_used(facebook: Facebook, view: PlatformView) -> None:
    view.conditions(data_access_days=6.0)
    state = facebook.account()
    assert (state.name, state.warnings) == ("Politie Oefenstad", ())
    assert state.expires_at is not None
    assert timedelta(days=5.9) < state.expires_at - datetime.now(UTC) <= timedelta(days=6)
    view.conditions(scopes=["pages_read_engagement"])
    (warning,) = facebook.account().warnings
    assert "pages_manage_posts" in warning


def test_visitors_who_are_asked_to_sign_in_prove_nothing(
    facebook: Facebook, view: PlatformView, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = httpx.Response(200, request=httpx.Request("GET", "https://example.org/login/?next=1"))
    monkeypatch.setattr("vrijgave.publishing.graph.look", lambda *_rest: login)
    with pytest.raises(RetryLater):
        facebook.sight("1")


def test_the_state_survives_a_restart(tmp_path: Path, bundle: Bundle, book: FileBook, row: Publication) -> None:
    with PracticeServer(tmp_path / "platform") as server:
        live = publish(row, bundle, make_facebook(server.url, 10.0), book, HurriedClock(), no_progress, FAST)
    with PracticeServer(tmp_path / "platform") as server:
        assert make_facebook(server.url, 10.0).sight(str(live.remote_id)).visible
        state = PlatformView(f"{server.url}meta/").state()
    assert "tokens" not in state
    assert USER_TOKEN not in json.dumps(state)


def test_an_account_without_its_page_says_so(running: PracticeServer) -> None:
    account, vault = practice_account(Platform.FACEBOOK, running.url)
    with pytest.raises(ActionRequired, match="page"):
        Facebook(replace(account, facts={"app": "1"}), vault)
