"""Reels on Instagram: what is this platform's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from publishing_world import FAST, FileBook, HurriedClock, PlatformView, make_row, make_texts, no_progress
from worlds import make_instagram

from vrijgave.domain.publications import EvidenceKind, LedgerState, ManualKind, Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing.ledger import publish, stage, take_down
from vrijgave.publishing.platforms.instagram import Instagram
from vrijgave.publishing.protocol import Bundle, Figure


@pytest.fixture
def view(running: PracticeServer) -> Iterator[PlatformView]:
    found = PlatformView(f"{running.url}meta/")
    found.post("practice/reset")
    yield found
    found.post("practice/reset")
    found.close()


@pytest.fixture
def instagram(view: PlatformView, running: PracticeServer) -> Instagram:
    return make_instagram(running.url, 10.0)


@pytest.fixture
def row(book: FileBook, bundle: Bundle) -> Publication:
    return book.add(make_row(bundle, Platform.INSTAGRAM))


def only_medium(view: PlatformView) -> dict[str, Any]:
    (medium,) = view.state()["media"].values()
    found: dict[str, Any] = medium
    return found


def test_a_container_becomes_a_medium(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    staged = stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert not instagram.sight(str(staged.remote_id)).visible
    assert view.state()["media"] == {}
    live = publish(staged, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    medium = only_medium(view)
    assert live.remote_id == f"{medium['id']}-{medium['shortcode']}"
    assert live.staged_id == staged.remote_id
    assert str(live.url).endswith(f"/public/{medium['shortcode']}")
    assert medium["text"] == "Op 1 maart is in Utrecht een winkel overvallen.\n\n#overval #UtrechtCentrum"


@pytest.mark.parametrize("at", ["post", "status"])
def test_what_was_published_unheard_is_not_published_again(
    at: str, instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    staged = stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.fault(at, "lost_answer")
    live = publish(staged, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert str(live.remote_id).startswith(only_medium(view)["id"])


def test_words_with_a_mention_are_known_again(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    mention = replace(bundle, texts=(make_texts("nl", description="Kijk  ook bij @politie.\n\n Weet u iets?"),))
    view.fault("post", "lost_answer")
    live = publish(row, mention, instagram, book, HurriedClock(), no_progress, FAST)
    assert str(live.remote_id).startswith(only_medium(view)["id"])


def test_the_same_words_of_others_are_not_taken_for_ours(
    instagram: Instagram,
    view: PlatformView,
    row: Publication,
    bundle: Bundle,
    book: FileBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vrijgave.publishing.platforms.instagram.LISTED_WITHIN", timedelta())
    other = book.add(make_row(bundle, Platform.INSTAGRAM, "p2"))
    publish(other, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.fault("post", "lost_answer")
    with pytest.raises(ActionRequired):
        publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    with pytest.raises(ActionRequired):
        take_down(book.get("p1"), instagram, book, HurriedClock(), FAST)
    assert len(view.state()["media"]) == 2
    assert take_down(book.get("p2"), instagram, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert take_down(book.get("p1"), instagram, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert view.state()["media"] == {}


def test_the_same_words_of_long_ago_are_not_ours(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook, running: PracticeServer
) -> None:
    other = book.add(make_row(bundle, Platform.INSTAGRAM, "p2"))
    publish(other, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    past = {"id": only_medium(view)["id"], "hours": 1.0}
    httpx.post(f"{running.url}meta/practice/audience", json=past).raise_for_status()
    view.fault("post", "lost_answer")
    live = publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert live.remote_id not in (None, book.get("p2").remote_id)
    assert len(view.state()["media"]) == 2


def test_only_the_rest_is_sent_again(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "cut", after_bytes=700_000)
    done: list[int] = []
    publish(row, bundle, instagram, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    assert [there for before, there in pairwise(done) if there <= before] == [700_000]
    assert only_medium(view)["sha256"] == bundle.sha256
    assert len(view.state()["containers"]) == 1


@pytest.mark.parametrize("place", ["chunk", "final"])
def test_a_video_that_arrived_unheard_is_not_sent_again(
    place: str, instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault(place, "lost_answer")
    done: list[int] = []
    publish(row, bundle, instagram, book, HurriedClock(), lambda sent, _all: done.append(sent), FAST)
    assert done == sorted(done)
    assert len(view.state()["containers"]) == 1


def test_a_container_that_is_lost_is_made_anew(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.fault("chunk", "expire", after_bytes=1000)
    assert publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST).state is LedgerState.LIVE
    assert only_medium(view)["sha256"] == bundle.sha256


def test_a_draft_older_than_a_day_is_sent_again_when_a_person_says_so(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    staged = stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.post("practice/containers/expire")
    for _attempt in range(2):
        with pytest.raises(ActionRequired):
            publish(book.get(staged.id), bundle, instagram, book, HurriedClock(), no_progress, FAST)
    live = publish(book.get(staged.id), bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert live.state is LedgerState.LIVE
    assert len(view.state()["media"]) == 1


def test_a_day_that_is_full_is_waited_for_before_anything_is_sent(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    view.conditions(posts_a_day=0)
    with pytest.raises(RetryLater, match="0") as full:
        publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert full.value.after == timedelta(hours=1)
    assert book.get(row.id).state is LedgerState.PLANNED
    assert view.state()["containers"] == {}


def test_a_day_that_fills_up_meanwhile_is_waited_for(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    staged = stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.conditions(quota_spent=True)
    with pytest.raises(RetryLater):
        publish(staged, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.conditions(quota_spent=False)
    assert publish(book.get(row.id), bundle, instagram, book, HurriedClock(), no_progress, FAST).remote_id


def test_limits_are_named_before_anything_is_sent(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    long = replace(bundle, texts=(make_texts("nl", description="é" * 2300),), facts=replace(bundle.facts, width=2400))
    assert {violation.field for violation in instagram.check(long)} == {"description", "video"}
    with pytest.raises(Rejected):
        publish(row, long, instagram, book, HurriedClock(), no_progress, FAST)
    assert view.state()["containers"] == {}


def test_a_draft_that_nobody_sees_is_gone_as_far_as_we_can(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    staged = stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert take_down(staged, instagram, book, HurriedClock(), FAST).state is LedgerState.GONE


@pytest.fixture
def unheard(instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook) -> Publication:
    """Public, while the ledger knows only the container."""
    stage(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.fault("post", "lost_answer")
    view.fault("status", "status", status=503, times=10)
    with pytest.raises(RetryLater):
        publish(book.get(row.id), bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.clear()
    assert only_medium(view)
    return book.get(row.id)


@pytest.mark.parametrize("forgotten", [False, True], ids=["container-known", "container-forgotten"])
def test_a_take_down_finds_what_was_published_unheard(
    forgotten: bool,
    unheard: Publication,
    instagram: Instagram,
    view: PlatformView,
    book: FileBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if forgotten:
        view.post("practice/containers/forget")
    else:
        with pytest.raises(RetryLater):  # gone, but as long as another may not be listed yet, that is not proven
            take_down(unheard, instagram, book, HurriedClock(), FAST)
        monkeypatch.setattr("vrijgave.publishing.platforms.instagram.LISTED_WITHIN", timedelta())
    assert take_down(book.get(unheard.id), instagram, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert view.state()["media"] == {}


@pytest.mark.parametrize("forgotten", [False, True], ids=["container-known", "container-forgotten"])
def test_what_was_published_unheard_is_known_even_when_its_container_is_forgotten(
    forgotten: bool, unheard: Publication, instagram: Instagram, view: PlatformView, bundle: Bundle, book: FileBook
) -> None:
    if forgotten:
        view.post("practice/containers/forget")
    live = publish(unheard, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    assert str(live.remote_id).startswith(only_medium(view)["id"])


@pytest.mark.parametrize("reason", ["noCapability", "permission", "noSuchThing"])
def test_where_instagram_refuses_to_delete_a_person_does(
    reason: str, instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook
) -> None:
    live = publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST)
    view.fault("delete", "status", status=400, reason=reason, times=100)
    with pytest.raises(ActionRequired):
        take_down(live, instagram, book, HurriedClock(), FAST)
    assert book.get(row.id).state is LedgerState.HIDING
    ((kind, what),) = book.asked()
    assert (kind, str(live.url) in what) == (ManualKind.REMOVE, True)
    view.clear()
    instagram.delete(str(live.remote_id))  # the person, in the app
    view.fault("delete", "status", status=400, reason=reason, times=100)
    assert take_down(book.get(row.id), instagram, book, HurriedClock(), FAST).state is LedgerState.GONE
    assert EvidenceKind.READ_BACK in [kind for kind, _ in book.proofs()]


def test_figures_and_comments(
    instagram: Instagram, view: PlatformView, row: Publication, bundle: Bundle, book: FileBook, running: PracticeServer
) -> None:
    reel = str(publish(row, bundle, instagram, book, HurriedClock(), no_progress, FAST).remote_id)
    medium = only_medium(view)["id"]
    for said in ({"views": 90, "likes": 3}, {"comment": "<i>AB-12-CD</i>", "author": "buur"}):
        httpx.post(f"{running.url}meta/practice/audience", json={"id": medium, **said}).raise_for_status()
    assert instagram.figures(reel) == {Figure.VIEWS: 90, Figure.LIKES: 3, Figure.SHARES: 0, Figure.COMMENTS: 1}
    view.conditions(metrics=["likes"])
    assert instagram.figures(reel) == {Figure.LIKES: 3}
    (comment,) = instagram.comments(reel)
    assert (comment.author, comment.text, comment.hidden) == ("buur", "<i>AB-12-CD</i>", False)
    instagram.hide_comment(reel, comment.remote_id)
    assert instagram.comments(reel)[0].hidden


def test_the_account(instagram: Instagram, view: PlatformView) -> None:
    state = instagram.account()
    assert (state.name, state.warnings, state.expires_at is not None) == ("politie.oefenstad", (), True)
    view.conditions(scopes=["instagram_basic"])
    assert "instagram_content_publish" in instagram.account().warnings[0]
