"""Writing the texts of a release in the browser: what the page shows and what its script is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from test_web_pages import ATTACK, Markup
from texts_seed import add_probed, finish_review
from web_clients import Browser

from vrijgave.domain.people import Role
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State
from vrijgave.services import approval
from vrijgave.services.context import Context

WHERE = {"platform": "youtube", "language": "nl"}


@pytest.fixture
def release(context: Context, new_release: Callable[..., Release]) -> Release:
    return add_probed(context, new_release(state=State.IN_REVIEW))


def send(client: Browser, release: Release, field: str, text: str | None, version: int = 0, **where: str) -> Any:
    return client.post(
        f"/api/releases/{release.id}/texts",
        json={**WHERE, "field": field, "text": text, "version": version, **where},
        headers={"x-csrf-token": client.csrf},
    )


def test_the_page_shows_the_draft_of_each_platform_and_language(
    release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas = signed_in(Role.COMMUNICATIE)
    page = bas.get(f"/releases/{release.id}/texts").text
    assert "Wie weet meer? diefstal met geweld, Den Haag, Centrum" in page
    for shown in ("YouTube", "Press kit", "Dutch", "English", "of 100 characters", "of 5000 bytes", "1:12"):
        assert shown in page
    assert "readonly" not in page
    english = bas.get(f"/releases/{release.id}/texts?platform=press_kit&language=en").text
    assert "of 250 characters" in english
    assert "Request for attention" in english or "diefstal met geweld" in english


def test_what_is_kept_is_told_with_counts_problems_and_advice(
    release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas = signed_in(Role.COMMUNICATIE, name="bas")
    answer = send(bas, release, "title", " Wie  herkent deze man? ").json()
    assert answer["kept"]
    part = answer["part"]
    assert (part["text"], part["version"], part["edited"], part["length"]) == ("Wie herkent deze man?", 1, True, 21)
    assert part["by"].startswith("Written by bas, ")
    assert {a["what"]: a["standing"] for a in part["advice"]}["The title names the offence"] == "open"
    refused = send(bas, release, "title", "x" * 103, 1).json()
    assert not refused["kept"]
    assert refused["part"]["problems"] == ["The title is 3 characters too long (103 of at most 100)."]
    page = bas.get(f"/releases/{release.id}/texts").text
    assert "Wie herkent deze man?" in page
    assert "x" * 103 not in page
    assert "Who wrote what" in page


def test_the_second_of_two_hears_who_was_first_and_can_read_it(
    release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas, cor = signed_in(Role.COMMUNICATIE, name="bas"), signed_in(Role.COMMUNICATIE, name="cor")
    assert send(bas, release, "title", "Van Bas").status_code == 200
    late = send(cor, release, "title", "Van Cor")
    assert late.status_code == 409
    assert late.json()["message"] == "bas changed this text meanwhile; choose which of the two stays."
    present = cor.get(f"/api/releases/{release.id}/texts?platform=youtube&language=nl").json()
    assert (present["title"]["text"], present["title"]["version"]) == ("Van Bas", 1)
    assert send(cor, release, "title", "Van Cor", 1).json()["part"]["version"] == 2


def test_others_read_along_and_management_does_not(release: Release, signed_in: Callable[..., Browser]) -> None:
    for role in (Role.RECHERCHE, Role.OFFICIER, Role.PRIVACY):
        client = signed_in(role)
        page = client.get(f"/releases/{release.id}/texts")
        assert page.status_code == 200
        assert page.text.count("readonly") == 4
        assert "js/texts/page.js" not in page.text
        assert send(client, release, "title", "Wie?").status_code == 403
    assert signed_in(Role.LEIDING).get(f"/releases/{release.id}/texts").status_code == 403
    elsewhere = signed_in(Role.RECHERCHE, name="ver", unit="Utrecht")
    for path in (f"/releases/{release.id}/texts", f"/api/releases/{release.id}/texts?platform=youtube&language=nl"):
        assert elsewhere.get(path).status_code == 404
    assert '/texts"' in signed_in(Role.COMMUNICATIE).get(f"/releases/{release.id}").text


def test_from_the_second_person_on_it_is_fixed_and_can_be_sent_back(
    context: Context, release: Release, signed_in: Callable[..., Browser]
) -> None:
    bas, officer = signed_in(Role.COMMUNICATIE, name="bas"), signed_in(Role.OFFICIER)
    finish_review(context, release.id)
    page = bas.get(f"/releases/{release.id}/texts").text
    assert "These texts lie before the second person" in page
    assert page.count("readonly") == 4
    assert "send the release back" in send(bas, release, "title", "Wie?").json()["message"]
    path = f"/releases/{release.id}/texts/send-back"
    assert path not in officer.get(f"/releases/{release.id}/texts").text
    assert officer.submit(path, reason="nee").status_code == 403
    empty = bas.submit(path, reason="  ")
    assert empty.status_code == 422
    assert "Say what has to change" in empty.text
    with context.unit_of_work() as uow:
        approval.approve(uow, release.id, "cor", approval.coverage(uow, release.id), context.now())
        uow.commit()
    assert "These texts are approved" in bas.get(f"/releases/{release.id}/texts").text
    assert bas.submit(path, reason="tikfout in de titel").status_code == 303
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.CHANGES_REQUESTED
        assert uow.approvals.live(release.id) is None
    assert send(bas, release, "title", "Wie?").json()["kept"]


def test_what_people_type_in_texts_never_becomes_code(
    context: Context, new_release: Callable[..., Release], signed_in: Callable[..., Browser]
) -> None:
    release = add_probed(context, new_release(state=State.IN_REVIEW, targets=(Platform.PRESS_KIT,)))
    bas = signed_in(Role.COMMUNICATIE)
    for field in ("title", "description", "tags", "alternative_text"):
        assert send(bas, release, field, ATTACK, platform="press_kit").json()["kept"]
    page = bas.get(f"/releases/{release.id}/texts").text
    markup = Markup()
    markup.feed(page)
    assert markup.dangerous == []
    assert "{{ 7 * 7 }}" in page
    finish_review(context, release.id)
    fixed = bas.submit(f"/releases/{release.id}/texts/send-back", reason=ATTACK)
    assert fixed.status_code == 303
    history = Markup()
    history.feed(bas.get(f"/releases/{release.id}").text)
    assert history.dangerous == []


@pytest.mark.parametrize(
    "body",
    [
        {}, {"field": "owner"}, {"platform": "tv"}, {"language": "fr"}, {"version": "x"}, {"version": 10**30},
        {"version": -1}, {"text": 7}, {"text": "\x00"}, {"text": "\ud800"}, {"text": "x" * 200_000},
    ],
    ids=str,
)  # fmt: skip
def test_odd_requests_are_refused_and_never_a_mistake_of_ours(
    body: dict[str, object], release: Release, signed_in: Callable[..., Browser]
) -> None:
    client = signed_in(Role.COMMUNICATIE)
    whole = {**WHERE, "field": "title", "version": 0, "text": "Wie?"} if body else {}
    answer = client.post(
        f"/api/releases/{release.id}/texts",
        content=json.dumps({**whole, **body}),
        headers={"x-csrf-token": client.csrf, "content-type": "application/json"},
    )
    assert answer.status_code in (200, 409, 422)
    assert client.get(f"/releases/{release.id}/texts?platform=tv").status_code == 422
    assert client.get(f"/releases/{release.id}/texts").text.count("Wie?") == 0


def test_a_form_from_elsewhere_changes_nothing(release: Release, signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.COMMUNICATIE)
    body = {**WHERE, "field": "title", "version": 0, "text": "Wie?"}
    assert client.post(f"/api/releases/{release.id}/texts", json=body).status_code == 403
