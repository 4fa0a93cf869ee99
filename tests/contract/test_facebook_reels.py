"""Reels of a Facebook page: what is this platform's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_bundle, make_row, no_progress
from worlds import REELS, make_facebook, make_reels

from vrijgave.domain.publications import LedgerState, Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.practice.graph_state import REELS_A_DAY
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.ledger import publish, stage, take_down
from vrijgave.publishing.platforms.facebook_reels import FacebookReels
from vrijgave.publishing.protocol import Bundle, Figure


@pytest.fixture
def view(running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(f"{running.url}meta/")
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def reels(view: PlatformView, running: PracticeServer) -> FacebookReels:
    return make_reels(running.url, 10.0)


@pytest.fixture
def upright(tmp_path: Path) -> Bundle:
    return REELS.fitted(make_bundle(tmp_path / "bundle", 900_000))


@pytest.fixture
def row(book: FileBook, upright: Bundle) -> Publication:
    return book.add(make_row(upright, Platform.FACEBOOK_REELS))


def only_reel(view: PlatformView) -> dict[str, Any]:
    (reel,) = view.state()["videos"].values()
    found: dict[str, Any] = reel
    return found


def test_a_draft_becomes_public(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    staged = stage(row, upright, reels, book, HurriedClock(), no_progress, FAST)
    reel = only_reel(view)
    assert (reel["published"], reel["thumbnail"], reel["sha256"]) == (False, True, upright.sha256)
    assert reel["text"] == "Op 1 maart is in Utrecht een winkel overvallen.\n\n#overval #UtrechtCentrum"
    assert not reels.sight(str(staged.remote_id)).visible
    live = publish(staged, upright, reels, book, HurriedClock(), no_progress, FAST)
    assert live.remote_id == staged.remote_id
    assert only_reel(view)["published"]


def test_only_the_rest_is_sent_again(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", after_bytes=300_000)
    done: list[int] = []
    publish(row, upright, reels, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    assert [there for before, there in pairwise(done) if there <= before] == [300_000]
    assert only_reel(view)["sha256"] == upright.sha256


@pytest.mark.parametrize("place", ["chunk", "final", "create", "post"])
def test_an_answer_that_was_lost_makes_no_second_reel(
    place: str, reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    view.fault(place, "lost_answer")
    done: list[int] = []
    live = publish(row, upright, reels, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    assert live.remote_id == only_reel(view)["id"]
    assert done == sorted(done)


def test_a_reel_that_is_lost_is_made_anew(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "expire", after_bytes=1000)
    assert publish(row, upright, reels, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE
    assert only_reel(view)["sha256"] == upright.sha256


def test_half_a_reel_is_taken_down(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", after_bytes=1000, times=10)
    with pytest.raises(RetryLater):
        publish(row, upright, reels, book, HurriedClock(), no_progress, FAST)
    assert not only_reel(view)["sha256"]
    view.clear()
    assert take_down(book.get(row.id), reels, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert view.state()["videos"] == {}


def test_thirty_a_day_are_waited_for(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook, running: PracticeServer
) -> None:
    httpx.post(f"{running.url}meta/practice/reels", json={"count": REELS_A_DAY - 1}).raise_for_status()
    staged = stage(row, upright, reels, book, HurriedClock(), no_progress, FAST)
    httpx.post(f"{running.url}meta/practice/reels", json={"count": 1}).raise_for_status()
    with pytest.raises(RetryLater) as full:
        reels.check(upright)
    assert full.value.after == timedelta(hours=1)
    with pytest.raises(RetryLater):
        publish(staged, upright, reels, book, HurriedClock(), no_progress, FAST)
    assert book.get(row.id).state is LedgerState.STAGED


def test_a_shape_that_reels_do_not_have_is_refused_before_anything_is_sent(
    reels: FacebookReels, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    assert {violation.field for violation in reels.check(bundle)} == {"video"}
    with pytest.raises(Rejected):
        publish(row, bundle, reels, book, HurriedClock(), no_progress, FAST)
    assert view.state()["videos"] == {}


def test_what_cannot_be_processed_is_for_a_person(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook
) -> None:
    view.conditions(processing_failure="Too dark.")
    with pytest.raises(ActionRequired, match="Too dark"):
        publish(row, upright, reels, book, HurriedClock(), no_progress, FAST)
    assert take_down(book.get(row.id), reels, book, HurriedClock(), FAST).state is LedgerState.GONE


def test_figures_comments_and_account(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook, running: PracticeServer
) -> None:
    reel = str(publish(row, upright, reels, book, HurriedClock(), no_progress, FAST).remote_id)
    said = {"id": reel, "views": 5, "comment": "Ik <u>ken</u> hem"}
    httpx.post(f"{running.url}meta/practice/audience", json=said).raise_for_status()
    assert reels.figures(reel)[Figure.VIEWS] == 5
    (comment,) = reels.comments(reel)
    reels.hide_comment(reel, comment.remote_id)
    assert [(one.text, one.hidden) for one in reels.comments(reel)] == [("Ik <u>ken</u> hem", True)]
    assert reels.account().name == "Politie Oefenstad"


def test_videos_of_the_page_are_not_taken_for_reels(
    reels: FacebookReels, view: PlatformView, row: Publication, upright: Bundle, book: FileBook, running: PracticeServer
) -> None:
    video = book.add(make_row(upright, Platform.FACEBOOK, "p2"))
    publish(video, upright, make_facebook(running.url, 10.0), book, HurriedClock(), no_progress, FAST)
    publish(row, upright, reels, book, HurriedClock(), no_progress, FAST)
    assert take_down(book.get(row.id), reels, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert only_reel(view)["kind"] == "video"
