"""Granting and refusing, mandates, what is lacking, and the way to the next page for the right person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from approve_seed import waiting_for_approval
from test_web_approve import _WithPictures
from test_web_pages import ATTACK
from web_clients import HOST, PASSWORD, START, Browser, Clock
from web_seed import seed

from vrijgave.domain.cases import Medium, PermissionRequest, PublicationStage
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.services import permission
from vrijgave.services.context import Context
from vrijgave.services.sign_in import TRIES_PER_ACCOUNT, WINDOW
from vrijgave.web import cookies
from vrijgave.web.app import create_app
from vrijgave.web.permissions import RULES
from vrijgave.web.views.actions import USED_IN

SignedIn = Callable[..., Browser]
MANDATE = "Hoofdofficier van justitie"
GRANT: dict[str, object] = {
    "decision": "grant", "mandate": MANDATE, "platforms": ["youtube", "press_kit"], "stage": "covered",
    "medium": "video", "area": "national", "proportionality": "Ernstig feit.", "lighter_means": "Foto's intern gedeeld",
    "zaaksofficier": "mr. Voorbeeld", "conditions": "Geen reacties", "end_date": "2026-06-01",
}  # fmt: skip


@pytest.fixture
def release(context: Context, tmp_path: Path) -> Release:
    return waiting_for_approval(context, tmp_path / "made")


@pytest.fixture
def officer(signed_in: SignedIn) -> Browser:
    return signed_in(Role.OFFICIER, name="officier")


def ask(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow:
        uow.permission_requests.add(
            PermissionRequest(
                release_id=release.id, requester="Team Oost", zaaksofficier="mr. Gevraagd",
                platforms=frozenset({"press_kit"}), stage=PublicationStage.RECOGNISABLE, medium=Medium.STILLS,
                lighter_means="Buurtonderzoek", proportionality="Drie keer dezelfde dader.", at=START,
                recorded_by="anna", conditions="Alleen overdag",
            )
        )  # fmt: skip
        uow.commit()


def test_the_form_is_filled_with_what_was_asked(context: Context, release: Release, officer: Browser) -> None:
    path = f"/releases/{release.id}/permission"
    before = officer.get(path).text
    assert "anna handed in the footage; nobody has put a request on record." in before
    assert not re.search(r'name="stage" value="\w+" checked', before), "how far it goes is chosen, not proposed"
    ask(context, release)
    page = officer.get(path).text
    assert "Team Oost asked for this on 02-03-2026 10:00." in page
    for said in ("Buurtonderzoek</textarea>", "Drie keer dezelfde dader.</textarea>", "Alleen overdag</textarea>"):
        assert said in page
    assert 'value="mr. Gevraagd"' in page
    assert re.findall(r'name="(\w+)" value="(\w+)" checked', page) == [
        ("stage", "recognisable"), ("area", "regional"), ("platforms", "press_kit"), ("medium", "stills"),
    ]  # fmt: skip


def test_granting_then_refusing_stays_on_record(context: Context, release: Release, officer: Browser) -> None:
    path = f"/releases/{release.id}/permission"
    ask(context, release)
    answer = officer.submit(path, **GRANT)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?decided=1")
    page = officer.get(answer.headers["location"]).text
    assert "Your decision is on record." in page
    assert "The permission covers what goes out." in page
    assert officer.submit(path, decision="refuse", mandate=MANDATE, refusal_reason=" ").status_code == 422
    assert officer.submit(path, decision="refuse", mandate=MANDATE, refusal_reason="Te licht").status_code == 303
    with context.reading() as uow:
        refused, granted = uow.permissions.list(release.id)
        authorised = [s for s in uow.stamps.for_release(release.id) if s.milestone.value == "authorised"]
    assert (granted.authoriser, granted.recorded_by, granted.requester) == ("Officier", "officier", "Team Oost")
    assert (granted.stage, granted.area, granted.medium) == ("covered", "national", "video")
    assert granted.platforms == {"youtube", "press_kit"}
    assert (granted.conditions, str(granted.end_date)) == ("Geen reacties", "2026-06-01")
    assert (refused.granted, refused.refusal_reason) == (False, "Te licht")
    assert len(authorised) == 1
    history = officer.get(path).text
    assert history.index(": refused") < history.index(": granted")
    assert "Publication was refused by Officier: Te licht" in history


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"decision": ""}, "Choose whether you grant"), ({"mandate": ""}, "the mandate and the platforms"),
        ({"mandate": "King"}, "Choose the mandate"), ({"stage": ""}, "Choose how far"),
        ({"stage": "world"}, "Choose how far"), ({"platforms": []}, "and the platforms"),
        ({"platforms": ["tv"]}, "Choose how far"), ({"proportionality": " "}, "proportionate"),
        ({"end_date": "2026-02-30"}, "is no day"), ({"end_date": "2026-03-01"}, "lies in the past"),
        ({"conditions": "x" * 4001}, "at most 4000"), ({"stage": "recognisable"}, "reaches as far as"),
    ],
    ids=str,
)  # fmt: skip
def test_a_decision_that_cannot_be_comes_back_as_typed(
    context: Context, release: Release, officer: Browser, wrong: dict[str, object], said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(context.settings.mandates, MANDATE, "covered")
    answer = officer.submit(f"/releases/{release.id}/permission", **(GRANT | wrong))
    assert answer.status_code == 422
    assert said in answer.text
    assert "Foto&#39;s intern gedeeld</textarea>" in answer.text
    with context.reading() as uow:
        assert uow.permissions.list(release.id) == []


def test_a_wider_stage_or_another_day_needs_fresh_permission(
    context: Context, release: Release, officer: Browser, clock: Clock
) -> None:
    path = f"/releases/{release.id}/permission"
    assert officer.submit(path, **(GRANT | {"stage": "internal", "platforms": ["youtube"]})).status_code == 303
    page = officer.get(path).text
    assert "The permission covers «internal», not «covered»; ask for a new one." in page
    assert "The permission does not cover press_kit; ask for a new one." in page
    assert officer.submit(path, **(GRANT | {"end_date": "2026-03-02"})).status_code == 303
    assert "The permission covers what goes out." in officer.get(path).text
    with context.reading() as uow:
        tomorrow = (clock() + timedelta(days=1)).date()
        assert permission.lacks(uow, release.id, tomorrow) == (
            "The permission ended on 2026-03-02; ask for a new one.",
        )


def test_only_the_officer_decides_and_nothing_after_the_end(
    context: Context, release: Release, officer: Browser, signed_in: SignedIn
) -> None:
    path = f"/releases/{release.id}/permission"
    for role in (Role.COMMUNICATIE, Role.PRIVACY):
        other = signed_in(role)
        page = other.get(path).text
        assert f'action="{path}"' not in page
        assert "The public prosecutor decides" in page
        assert other.submit(path, **GRANT).status_code == 403
    with context.unit_of_work() as uow:
        found = uow.releases.get(release.id)
        uow.releases.move(found, State.WITHDRAWN, at=START, actor="bas", reason="")
        uow.commit()
    assert f'action="{path}"' not in officer.get(path).text
    assert "there is nothing left to permit" in officer.submit(path, **GRANT).text


def test_what_an_officer_types_never_becomes_code(context: Context, release: Release, officer: Browser) -> None:
    path = f"/releases/{release.id}/permission"
    texts = ("zaaksofficier", "proportionality", "lighter_means", "conditions")
    evil = GRANT | dict.fromkeys(texts, ATTACK)
    refused = {"decision": "refuse", "refusal_reason": ATTACK, "mandate": MANDATE}
    pages = [officer.submit(path, **(evil | {"end_date": ATTACK, "mandate": ATTACK})).text]
    for form in (evil, refused):
        assert officer.submit(path, **form).status_code == 303
        pages += [officer.get(path).text, officer.get(f"/releases/{release.id}").text]
    for page in pages:
        markup = _WithPictures()
        markup.feed(page)
        assert [found for found in markup.dangerous if not found.startswith("<video")] == []
        assert page.count("&lt;script&gt;") >= 1


def test_each_person_finds_the_page_of_their_next_step(context: Context, signed_in: SignedIn, officer: Browser) -> None:
    releases = {release.state: release for release in seed(context, START)}
    waits, approved = releases[State.AWAITING_APPROVAL], releases[State.APPROVED]
    cor = signed_in(Role.COMMUNICATIE, name="cor")
    bas = signed_in(Role.COMMUNICATIE, name="bas")
    main = f'class="button" href="/releases/{waits.id}/'
    assert f'{main}approve"' in cor.get(f"/releases/{waits.id}").text
    assert main not in bas.get(f"/releases/{waits.id}").text, "the reviewer cannot approve"
    assert f'href="/releases/{waits.id}/approve"' in bas.get(f"/releases/{waits.id}").text
    assert f'{main}permission"' in officer.get(f"/releases/{waits.id}").text
    assert f'class="go" href="/releases/{waits.id}/approve"' in cor.get("/board").text
    assert f'class="go" href="/releases/{waits.id}/approve"' not in bas.get("/board").text
    assert f'class="go" href="/releases/{waits.id}/permission"' in officer.get("/board").text
    assert f'class="go" href="/releases/{approved.id}/permission"' not in officer.get("/board").text, "was granted"
    anna = signed_in(Role.RECHERCHE, name="anna").get(f"/releases/{waits.id}").text
    for page in ("approve", "permission"):
        assert f"/releases/{waits.id}/{page}" not in anna


def test_links_lead_only_to_pages_that_there_are(context: Context, signed_in: SignedIn) -> None:
    client = signed_in(*Role)
    routes = {path for method, path in RULES if method == "GET"}
    for release in seed(context, START):
        page = client.get(f"/releases/{release.id}").text
        linked = set(re.findall(rf'href="/releases/{release.id}/(\w+)"', page))
        assert linked == {"clock"} | {
            page
            for page, states in USED_IN.items()
            if release.state in states and f"/releases/{{release_id}}/{page}" in routes
        }


def test_guessing_a_present_password_is_counted(
    signed_in: SignedIn, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vrijgave.services.sign_in.is_password", lambda _known, typed: typed == PASSWORD)
    client = signed_in(Role.LEIDING, name="lies")
    wrong = {"present": "no", "password": "another long sentence"}
    for _attempt in range(TRIES_PER_ACCOUNT):
        assert client.submit("/me/password", **wrong).status_code == 422
    right = wrong | {"present": PASSWORD}
    answer = client.submit("/me/password", **right)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(int(WINDOW.total_seconds()))
    assert "wait 15 minutes" in answer.text
    clock.advance(WINDOW + timedelta(seconds=1))
    assert client.submit("/me/password", **right).status_code == 303
    for _attempt in range(TRIES_PER_ACCOUNT):
        assert client.submit("/me/password", **wrong).status_code == 422, "who got in begins anew"


FORMS = (
    ("approve", {"reason": "x"}), ("approve/send-back", {"reason": "x"}),
    ("approve/notes", {"text": "x"}), ("approve/notes/1/resolve", {}), ("permission", GRANT),
)  # fmt: skip


@pytest.mark.parametrize(("path", "fields"), FORMS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_no_page_of_ours_sent_changes_nothing(
    context: Context, release: Release, signed_in: SignedIn, path: str, fields: dict[str, object]
) -> None:
    client = signed_in(Role.COMMUNICATIE, Role.OFFICIER, name="cor")
    other = signed_in(Role.COMMUNICATIE, Role.OFFICIER, name="dirk")
    address = f"/releases/{release.id}/{path}"
    for secret in ("", "wrong", other.csrf):
        assert client.post(address, data={"csrf": secret, **fields}).status_code == 403
        assert client.post(address, data=fields, headers={"x-csrf-token": secret}).status_code == 403
    assert client.post(address, data=fields).status_code == 403
    too_much = client.submit(address, **{name: "x" * 2_200_000 for name in fields or ("reason",)})
    assert too_much.status_code == 413
    api = client.post(f"/api/releases/{release.id}/watched", json={"sha256": "0" * 64, "played": []})
    assert api.status_code == 403
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.AWAITING_APPROVAL
        assert uow.permissions.list(release.id) == []
        assert uow.notes.list(release.id) == []


@pytest.mark.parametrize("release_id", ["..%2f..%2fetc", "%2e%2e", "%00", "'%20OR%201=1", "x" * 3000])
def test_addresses_that_are_no_release(signed_in: SignedIn, release_id: str) -> None:
    client = signed_in(Role.COMMUNICATIE, Role.OFFICIER, name="cor")
    for page in ("approve", "permission", "approve/files/" + "0" * 64):
        assert client.get(f"/releases/{release_id}/{page}").status_code == 404
    assert client.get(f"/api/releases/{release_id}/watched").status_code == 404


def test_a_session_planted_before_signing_in_is_worth_nothing_for_approving(
    context: Context, release: Release, signed_in: SignedIn
) -> None:
    """Session fixation: who knows the token that a browser had before signing in does not act as its person."""
    signed_in(Role.COMMUNICATIE, name="cor")
    victim = Browser(create_app(context), follow_redirects=False)
    victim.cookies.set(cookies.SESSION, "planted", domain=HOST)
    victim.get("/sign-in")
    secret = cookies.csrf_token(victim.cookies[cookies.BROWSER])
    assert victim.post("/sign-in", data={"csrf": secret, "name": "cor", "password": PASSWORD}).status_code == 303
    thief = Browser(victim.app, follow_redirects=False)
    thief.cookies.set(cookies.SESSION, "planted", domain=HOST)
    path = f"/releases/{release.id}/approve"
    assert thief.get(path).headers["location"].startswith("/sign-in")
    assert thief.submit(path, reason="x").status_code in (303, 403)
    assert victim.get(path).status_code == 200
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.AWAITING_APPROVAL
