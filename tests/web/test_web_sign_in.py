"""Signing in: sessions that end, tokens that change, attempts that are counted, forms that are ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL
from web_clients import HOST, PASSWORD, Browser, Clock, make_context

from vrijgave.domain.people import Account, Role
from vrijgave.services import accounts, passwords
from vrijgave.services.context import Context
from vrijgave.services.sign_in import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS, WINDOW
from vrijgave.store.accounts import hashed
from vrijgave.web import cookies
from vrijgave.web.app import create_app

UNKNOWN = "The name or the password is not right."


@pytest.fixture
def anna(add_account: Callable[..., Account]) -> Account:
    return add_account("anna", Role.RECHERCHE)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that takes no time, where the test is about counting."""
    monkeypatch.setattr("vrijgave.services.sign_in.is_password", lambda _known, password: password == PASSWORD)


def sign_in(browser: Browser, name: str = "anna", password: str = PASSWORD, onward: str = "/"):  # type: ignore[no-untyped-def]
    secret = re.search(r'name="csrf" value="(\w+)"', browser.get("/sign-in").text)[1]
    return browser.post("/sign-in", data={"csrf": secret, "name": name, "password": password, "onward": onward})


@pytest.mark.parametrize("database", ["sqlite_database", "postgres_database"])
def test_from_the_form_to_the_board_and_out(
    database: str, request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> None:
    url: URL = request.getfixturevalue(database)
    context = make_context(url, tmp_path, clock)
    with context.unit_of_work() as uow:
        made = accounts.prepare_password(PASSWORD)
        accounts.add(
            uow, name="Anna", display_name="Anna", unit="Den Haag", roles=[Role.RECHERCHE], password_hash=made,
            actor="system", at=clock(),
        )  # fmt: skip
        uow.commit()
    browser = Browser(create_app(context), follow_redirects=False)
    assert browser.get("/board").headers["location"] == "/sign-in?onward=%2Fboard"
    answer = sign_in(browser, name=" ANNA ", onward="/board")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    board = browser.get("/board")
    assert board.status_code == 200
    assert "Anna" in board.text
    token = browser.cookies[cookies.SESSION]
    assert browser.submit("/sign-out").headers["location"] == "/sign-in"
    browser.cookies.set(cookies.SESSION, token, domain=HOST)
    assert browser.get("/board").status_code == 303, "a copied token has to be worth nothing after signing out"
    assert sign_in(browser, password="wrong").status_code == 422


@pytest.mark.usefixtures("anna")
def test_the_same_words_for_a_wrong_password_an_unknown_name_and_a_disabled_account(
    browser: Browser, context: Context, add_account: Callable[..., Account]
) -> None:
    gone = add_account("gone", Role.LEIDING)
    with context.unit_of_work() as uow:
        uow.accounts.change(replace(gone, enabled=False))
        uow.commit()
    for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        answer = sign_in(browser, name, password)
        assert answer.status_code == 422
        assert UNKNOWN in answer.text
        assert cookies.SESSION not in browser.cookies


def test_an_unknown_name_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = type(passwords._hasher).verify
    spy = lambda self, known, typed: checked.append(known) or verify(self, known, typed)  # noqa: E731
    monkeypatch.setattr(type(passwords._hasher), "verify", spy)
    assert passwords.is_password(None, "anything") is False
    assert checked[0].startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.usefixtures("anna")
def test_signing_in_gives_a_new_token(browser: Browser, context: Context) -> None:
    browser.get("/sign-in")
    planted = browser.cookies[cookies.BROWSER]
    browser.cookies.set(cookies.SESSION, "planted", domain=HOST)
    browser.post("/sign-in", data={"csrf": cookies.csrf_token(planted), "name": "anna", "password": PASSWORD})
    token = browser.cookies[cookies.SESSION]
    assert token not in ("planted", planted)
    with context.reading() as uow:
        assert uow.accounts.session("planted") is None
        assert uow.accounts.session(token) is not None


@pytest.mark.usefixtures("anna", "quick")
def test_signing_in_again_ends_the_session_of_before(browser: Browser, context: Context) -> None:
    sign_in(browser)
    before = browser.cookies[cookies.SESSION]
    browser.submit("/sign-in", name="anna", password=PASSWORD)
    with context.reading() as uow:
        assert uow.accounts.session(before) is None


def test_only_the_hash_of_a_token_is_kept(signed_in: Callable[..., Browser], tmp_path: Path) -> None:
    token = signed_in(Role.LEIDING).cookies[cookies.SESSION]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
    assert hashed(token).encode() in kept
    assert token.encode() not in kept


def test_a_session_ends_after_idling(signed_in: Callable[..., Browser], clock: Clock, context: Context) -> None:
    client = signed_in(Role.LEIDING)
    idle = context.settings.session_idle
    for _request in range(3):
        clock.advance(idle - timedelta(seconds=1))
        assert client.get("/board").status_code == 200
    clock.advance(idle + timedelta(seconds=1))
    assert client.get("/board").status_code == 303


def test_a_board_that_refreshes_itself_does_not_keep_the_session_open(
    signed_in: Callable[..., Browser], clock: Clock, context: Context
) -> None:
    client = signed_in(Role.LEIDING)
    for _request in range(2):
        clock.advance(context.settings.session_idle * 0.6)
        answer = client.get("/board/rows", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in"


def test_a_session_ends_whatever_its_person_does(
    signed_in: Callable[..., Browser], clock: Clock, context: Context
) -> None:
    client = signed_in(Role.LEIDING)
    step = context.settings.session_idle / 2
    for _request in range(int(context.settings.session_length / step)):
        clock.advance(step)
        assert client.get("/board").status_code == 200
    clock.advance(step)
    assert client.get("/board").status_code == 303


@pytest.mark.usefixtures("anna", "quick")
def test_too_many_attempts_on_one_account(browser: Browser, context: Context, clock: Clock) -> None:
    for _attempt in range(TRIES_PER_ACCOUNT):
        assert sign_in(browser, password="wrong").status_code == 422
    clock.advance(timedelta(minutes=5))
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert "wait 10 minutes" in answer.text
    assert answer.headers["retry-after"] == "600"
    restarted = Browser(create_app(context), follow_redirects=False)
    assert sign_in(restarted).status_code == 429, "counting has to survive a restart"
    clock.advance(WINDOW)
    assert sign_in(browser).status_code == 303


@pytest.mark.usefixtures("anna", "quick")
def test_too_many_attempts_from_one_address(browser: Browser) -> None:
    for attempt in range(TRIES_PER_ADDRESS):
        assert sign_in(browser, name=f"name{attempt}", password="wrong").status_code == 422
    assert sign_in(browser).status_code == 429


@pytest.mark.usefixtures("anna", "quick")
def test_an_unknown_name_is_counted_in_the_same_words(browser: Browser) -> None:
    for _attempt in range(TRIES_PER_ACCOUNT):
        sign_in(browser, name="nobody")
        sign_in(browser, name="anna", password="wrong")
    assert sign_in(browser, name="nobody").text == sign_in(browser, name="anna").text.replace(
        'value="anna"', 'value="nobody"'
    )


@pytest.mark.usefixtures("anna", "quick")
def test_those_who_get_in_are_not_counted(browser: Browser) -> None:
    for _attempt in range(TRIES_PER_ADDRESS + 5):
        assert sign_in(browser).status_code == 303
        browser.cookies.clear()


@pytest.mark.usefixtures("anna")
def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    browser.get("/sign-in")
    for secret in ("", "wrong", cookies.csrf_token("another browser's token")):
        answer = browser.post("/sign-in", data={"csrf": secret, "name": "anna", "password": PASSWORD})
        assert answer.status_code == 403
    browser.cookies.clear()
    assert browser.post("/sign-in", data={"name": "anna", "password": PASSWORD}).status_code == 403


def test_the_secret_belongs_to_one_session(signed_in: Callable[..., Browser]) -> None:
    mine, other = signed_in(Role.BEHEER, name="mine"), signed_in(Role.BEHEER, name="other")
    for secret in (other.csrf, "", None):
        assert mine.post("/sign-out", data={"csrf": secret} if secret is not None else None).status_code == 403
        assert mine.post("/sign-out", headers={"x-csrf-token": secret or ""}).status_code == 403
    assert mine.get("/accounts").status_code == 200
    assert mine.post("/sign-out", headers={"x-csrf-token": mine.csrf}).status_code == 303


def test_switching_an_account_off_signs_it_out_at_once(signed_in: Callable[..., Browser]) -> None:
    boss, client = signed_in(Role.BEHEER), signed_in(Role.LEIDING)
    assert client.get("/board").status_code == 200
    form = {"display_name": "L", "unit": "Den Haag", "roles": "leiding"}
    assert boss.submit(f"/accounts/{client.account.id}", **form).status_code == 200
    assert client.get("/board").status_code == 303


def test_losing_a_role_signs_out(signed_in: Callable[..., Browser]) -> None:
    boss, client = signed_in(Role.BEHEER), signed_in(Role.LEIDING, Role.OFFICIER)
    form = {"display_name": "L", "unit": "Den Haag", "roles": "leiding", "enabled": "true"}
    boss.submit(f"/accounts/{client.account.id}", **form)
    assert client.get("/board").status_code == 303


@pytest.mark.usefixtures("anna", "quick")
@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb", ""])
def test_nobody_is_sent_elsewhere(browser: Browser, onward: str) -> None:
    assert sign_in(browser, onward=onward).headers["location"] == "/"


def test_cookies_over_https_stay_there(with_settings: Callable[..., Context]) -> None:
    client = Browser(create_app(with_settings(web_url="https://vrijgave.example")), base_url="https://vrijgave.example")
    answer = client.get("/sign-in")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-vrijgave_browser=")
    for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert flag in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


def test_one_changes_the_own_password(signed_in: Callable[..., Browser], context: Context, browser: Browser) -> None:
    client = signed_in(Role.LEIDING, name="lies")
    old = client.cookies[cookies.SESSION]
    assert client.submit("/me/password", present="wrong", password="another long sentence").status_code == 422
    assert client.submit("/me/password", present=PASSWORD, password="short").status_code == 422
    assert client.submit("/me/password", present=PASSWORD, password="another long sentence").status_code == 303
    assert client.get("/me").status_code == 200
    with context.reading() as uow:
        assert uow.accounts.session(old) is None
    assert sign_in(browser, "lies").status_code == 422
    assert sign_in(browser, "lies", "another long sentence").status_code == 303
