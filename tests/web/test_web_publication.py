"""Ordering a publication and a take-down in the browser, with the real ledger and a practice platform behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL
from test_web_pages import ATTACK, Markup
from texts_seed import add_probed, finish_review, permission
from web_clients import Browser

from vrijgave.bootstrap import build
from vrijgave.domain.limits import LIMITS
from vrijgave.domain.people import Role
from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.video_limits import VIDEO_LIMITS, VideoLimits
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing import preflight
from vrijgave.publishing.protocol import Publisher
from vrijgave.services import approval, publication, stages, take_down
from vrijgave.services import preflight as before
from vrijgave.services.context import Context
from vrijgave.settings import Settings
from vrijgave.web.pages import environment
from vrijgave.web.views.preflight import check_part


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeServer]:
    with PracticeServer(tmp_path / "practice") as server:
        yield server


@pytest.fixture
def context(tmp_path: Path, sqlite_database: URL, practice: PracticeServer) -> Context:
    made = build(
        Settings(
            home=tmp_path / "home",
            database_url=sqlite_database.render_as_string(hide_password=False),
            practice_port=int(practice.url.rstrip("/").rsplit(":", 1)[1]),
            language=Language.ENGLISH,
        )
    )
    return replace(made, now=lambda: datetime.now(UTC))


@pytest.fixture
def release(context: Context, new_release: Callable[..., Release]) -> Release:
    """One that «bas» reviewed; nobody has approved it yet."""
    kept = add_probed(context, new_release(state=State.IN_REVIEW))
    finish_review(context, kept.id)
    return kept


def approve(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow:
        approval.approve(uow, release.id, "cor", approval.coverage(uow, release.id), context.now())
        uow.commit()


def authorise(context: Context, release: Release, **changes: object) -> None:
    with context.unit_of_work() as uow:
        approval.authorise(uow, permission(release.id, **changes))
        uow.commit()


def publish(context: Context, release: Release) -> None:
    """What the flow does."""
    for platform in release.targets:
        publication.stage_on_platform(context, release.id, 1, platform, lambda _done, _all: None)
    for platform in release.targets:
        publication.go_live(context, release.id, 1, platform, lambda _done, _all: None)
    with context.unit_of_work() as uow:
        publication.finish(uow, release.id, 1, 1, context.now())
        uow.commit()


def remove(context: Context, release: Release) -> None:
    """What the flow does."""
    for platform in release.targets:
        take_down.take_down_from(context, release.id, platform)
    with context.unit_of_work() as uow:
        take_down.finish(uow, release.id, 1, 1, context.now())
        uow.commit()


def page(client: Browser, release: Release) -> str:
    return client.get(f"/releases/{release.id}/publication").text


def test_from_approval_to_proof_that_it_is_gone(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas, path = signed_in(Role.COMMUNICATIE, name="bas"), f"/releases/{release.id}/publication"
    assert "Publish now" not in page(bas, release)
    assert bas.submit(path).status_code == 422
    approve(context, release)
    waiting = page(bas, release)
    assert "Approved by cor" in waiting
    assert "Nobody has recorded a permission yet." in waiting
    assert "Publish now" not in waiting
    assert bas.submit(path).status_code == 409, "the server refuses too"
    authorise(context, release, end_date=date(2099, 12, 31))
    ready = page(bas, release)
    assert "Permission of hoofdofficier, up to and including 31-12-2099" in ready
    assert "Publish now" in ready
    assert "Take down everywhere" not in ready
    assert bas.submit(path).status_code == 303
    assert "Ready to be sent" in page(bas, release)
    publish(context, release)
    live = page(bas, release)
    with context.reading() as uow:
        rows = uow.publications.for_release(release.id)
    youtube = next(row for row in rows if row.platform is Platform.YOUTUBE)
    assert f'href="{youtube.url}"' in live
    assert live.count(f"<code>{youtube.file_sha256}</code>") == 2
    assert "Public since" in live
    assert "file://" not in live, "no folder of the server is shown"
    assert "Proof that it is gone" not in live
    assert "Looked whether it is there" in live
    refused = bas.submit(f"{path}/take-down", reason="  ")
    assert refused.status_code == 422
    assert "Say why it is taken down" in refused.text
    assert bas.submit(f"{path}/take-down", reason=f"herkend {ATTACK}").status_code == 303
    going = page(bas, release)
    assert "Proof that it is gone" not in going, "not before it was seen"
    remove(context, release)
    gone = page(bas, release)
    assert gone.count("Proof that it is gone") == 2
    assert re.search(r"Seen to be gone: \d\d-\d\d-\d{4} \d\d:\d\d\.", gone)
    proofs = re.findall(r'<div class="proof">(.*?)</div>', gone, re.DOTALL)
    assert "404" in proofs[0]
    assert ": 200" not in proofs[0], "a look before the deletion proves nothing"
    assert "absent" in proofs[1]
    assert "200" in gone
    assert gone.count("1 to publish, 1 to take down") == 2
    assert "Take down everywhere" not in gone
    markup = Markup()
    markup.feed(gone)
    assert markup.dangerous == []
    assert "herkend &#34;" in gone


def test_every_platform_is_asked_before_anything_is_ordered(
    context: Context, release: Release, signed_in: Callable[..., Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    bas, anna, path = signed_in(Role.COMMUNICATIE), signed_in(Role.RECHERCHE), f"/releases/{release.id}/publication"
    assert "Only what is approved" in bas.get(f"{path}/check").text
    assert bas.get(f"/api/releases/{release.id}/preflight").status_code == 422
    approve(context, release)
    authorise(context, release)
    assert f'hx-get="{path}/check"' in page(bas, release)
    assert f'hx-get="{path}/check"' not in page(anna, release)
    assert anna.get(f"{path}/check").status_code == 403
    assert anna.get(f"/api/releases/{release.id}/preflight").status_code == 403
    fits = bas.get(f"{path}/check").text
    assert "All platforms take it." in fits
    assert "<html" not in fits
    assert "One of the 100 uploads that YouTube allows in a day." in fits
    tight = replace(LIMITS[Platform.YOUTUBE], title_characters=3, post=10, alternative_text_characters=1)
    monkeypatch.setattr(preflight, "LIMITS", {**LIMITS, Platform.YOUTUBE: tight})
    monkeypatch.setattr(preflight, "VIDEO_LIMITS", {**VIDEO_LIMITS, Platform.YOUTUBE: VideoLimits(longest=Fraction(1))})
    told = ("The title is", "The description is", "The text alternative is", "The video takes")
    refused = bas.get(f"{path}/check").text
    assert "1 of 2 platforms do not take it as it is" in refused
    youtube, kit = bas.get(f"/api/releases/{release.id}/preflight").json()
    assert (kit["platform"], kit["problems"]) == ("press_kit", [])
    assert any("newsrooms" in sentence for sentence in kit["cannot"])
    ordered = bas.submit(path)
    assert ordered.status_code == 422
    for sentence in told:
        assert sentence in refused
        assert any(problem.startswith(sentence) for problem in youtube["problems"])
        assert sentence in ordered.text, "every problem at once"
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.APPROVED
        assert uow.publications.for_release(release.id) == []


def test_a_platform_that_lets_us_not_in_stops_the_order_and_one_that_is_slow_does_not(
    context: Context, release: Release
) -> None:
    def slow(_platform: Platform) -> Publisher:
        raise RetryLater(f"later {ATTACK}")

    def closed(_platform: Platform) -> Publisher:
        raise ActionRequired("administrator", "Connect the account.")

    approve(context, release)
    for found in before.preflight(replace(context, publisher=slow), release.id):
        assert found.problems == ()
        assert "later" in found.warnings[0]
    part = check_part(before.preflight(replace(context, publisher=slow), release.id))
    shown = {field.name: getattr(part, field.name) for field in fields(part)}
    markup = Markup()
    markup.feed(environment().get_template(part.template).render(shown))
    assert markup.dangerous == []
    before.demand(replace(context, publisher=slow), release.id)
    with pytest.raises(Rejected, match=r"youtube: Connect the account\. press_kit: Connect"):
        before.demand(replace(context, publisher=closed), release.id)


def test_the_part_that_updates_itself_holds_the_same(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    approve(context, release)
    authorise(context, release)
    bas = signed_in(Role.COMMUNICATIE)
    part = bas.get(f"/releases/{release.id}/publication/ledger").text
    assert part in page(bas, release)
    assert "<html" not in part


def test_each_step_of_the_ledger_tells_open_pages(context: Context, release: Release) -> None:
    approve(context, release)
    authorise(context, release)
    with context.unit_of_work() as uow:
        publication.order(uow, release.id, "bas", context.now())
        uow.commit()

    def mark() -> str:
        with context.reading() as uow:
            return uow.board.mark()

    before = mark()
    publication.stage_on_platform(context, release.id, 1, Platform.PRESS_KIT, lambda _done, _all: None)
    assert mark() != before


def test_what_failed_is_run_again_by_communication_only(
    context: Context, release: Release, practice: PracticeServer, signed_in: Callable[..., Browser]
) -> None:
    approve(context, release)
    authorise(context, release)
    bas, officer, anna = (signed_in(role) for role in (Role.COMMUNICATIE, Role.OFFICIER, Role.RECHERCHE))
    path = f"/releases/{release.id}/publication"
    bas.submit(path)
    with context.unit_of_work() as uow:
        stages.fail(uow, release.id, 1, FlowName.PUBLISH, 1, f"Geen quotum {ATTACK}", context.now())
        row = uow.publications.for_release(release.id)[0]
        uow.publications.save(row, replace(row, state=LedgerState.NEEDS_PERSON, message=ATTACK))
        uow.commit()
    shown = page(bas, release)
    assert "Waits for a person" in shown
    assert "Geen quotum" in shown
    assert "Run it again" in shown
    markup = Markup()
    markup.feed(shown)
    assert markup.dangerous == []
    for other in (officer, anna):
        assert "Run it again" not in page(other, release)
        assert other.submit(f"{path}/retry").status_code == 403
    assert bas.submit(f"{path}/retry").status_code == 303
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.PUBLISHING
    assert "<dd>2 to publish</dd>" in page(bas, release), "the second attempt is counted"
    assert bas.submit(f"{path}/retry").status_code == 422


def test_who_may_order_what(context: Context, release: Release, signed_in: Callable[..., Browser]) -> None:
    approve(context, release)
    authorise(context, release)
    path = f"/releases/{release.id}/publication"
    for role in (Role.RECHERCHE, Role.OFFICIER, Role.LEIDING, Role.PRIVACY):
        client = signed_in(role)
        assert "Publish now" not in page(client, release)
        assert client.submit(path).status_code == 403
    signed_in(Role.COMMUNICATIE).submit(path)
    for role in (Role.RECHERCHE, Role.LEIDING, Role.PRIVACY):
        client = signed_in(role, name=f"{role}2")
        assert "Take down everywhere" not in page(client, release)
        assert client.submit(f"{path}/take-down", reason="nu").status_code == 403
    officer = signed_in(Role.OFFICIER, name="officier2")
    assert "Take down everywhere" in page(officer, release), "who gave the permission can end it at once"
    assert officer.submit(f"{path}/take-down", reason="in opdracht").status_code == 303
    elsewhere = signed_in(Role.RECHERCHE, name="ver", unit="Utrecht")
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.get(f"{path}/ledger").status_code == 404


def test_a_permission_that_has_ended_is_told(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    approve(context, release)
    authorise(context, release, end_date=date(2026, 3, 3))
    shown = page(signed_in(Role.COMMUNICATIE), release)
    assert "The permission ended on 2026-03-03" in shown
    assert "Publish now" not in shown


def test_a_look_is_logged(context: Context, release: Release, signed_in: Callable[..., Browser]) -> None:
    page(signed_in(Role.PRIVACY, name="petra"), release)
    with context.reading() as uow:
        last = list(uow.audit.entries())[-1]
    assert (last.actor, last.subject) == ("petra", f"release:{release.id}")


def test_practice_mode_is_told_on_every_page(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    client = signed_in(Role.COMMUNICATIE)
    paths = ("/board", "/me", f"/releases/{release.id}", f"/releases/{release.id}/texts", "/no-such-page", "/accounts")
    for path in (*paths, f"/releases/{release.id}/publication"):
        assert "Nothing that you publish here reaches a real platform." in client.get(path).text, path
    assert "Practice mode" in Browser(client.app).get("/sign-in").text
    client.app.state.context = replace(context, settings=context.settings.model_copy(update={"practice": False}))
    for path in (*paths, "/sign-in"):
        assert "Practice mode" not in client.get(path).text, path


def test_views_are_recorded_and_earlier_ones_stay(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas, leiding = signed_in(Role.COMMUNICATIE, name="bas"), signed_in(Role.LEIDING)
    path = f"/releases/{release.id}/publication/reach"
    zone = ZoneInfo(context.settings.time_zone)
    assert bas.submit(path, platform="youtube", views="3").status_code == 422
    approve(context, release)
    authorise(context, release)
    assert bas.submit(f"/releases/{release.id}/publication").status_code == 303
    publish(context, release)
    now = (context.now() + timedelta(seconds=61)).astimezone(zone)  # to the minute it is after the publication
    later = replace(context, now=lambda: now.astimezone(UTC) + timedelta(minutes=1))
    bas.app.state.context = leiding.app.state.context = later  # type: ignore[attr-defined]
    typed = {"platform": "youtube", "read_at": now.strftime("%Y-%m-%dT%H:%M")}
    for wrong, said in (
        ({"views": "veel"}, "whole number"),
        ({"views": "-1"}, "whole number"),
        ({"views": "5", "platform": "radio"}, "Choose a platform"),
        ({"views": "5", "read_at": "2001-01-01T10:00"}, "before it was public"),
        ({"views": "5", "read_at": "2099-01-01T10:00"}, "in the future"),
    ):
        answer = bas.submit(path, **typed | wrong)
        assert (answer.status_code, said in answer.text) == (422, True), wrong
    assert bas.submit(path, **typed, views="1.234").status_code == 303
    assert bas.submit(path, **typed, views="5600").status_code == 303
    seen = page(leiding, release)
    assert "<strong>5,600</strong>" in seen
    assert "1,234" in seen
    assert 'name="views"' not in seen
    assert leiding.submit(path, **typed, views="7").status_code == 403
    assert "5600" in leiding.get(f"/releases/{release.id}/accountability").text
