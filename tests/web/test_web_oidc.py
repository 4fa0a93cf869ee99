"""Signing in at an OpenID provider: the real exchange over HTTP, and every answer that must not be believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider
from pydantic import SecretStr
from web_clients import Browser, Clock

from vrijgave.domain.people import Account, Role
from vrijgave.services.context import Context
from vrijgave.web import cookies
from vrijgave.web.app import create_app

PERSON = {
    "sub": "4711", "preferred_username": "A.Jansen", "name": "A. Jansen", "unit": "Den Haag",
    "roles": ["VG-Recherche", "Koffie"],
}  # fmt: skip


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider(dict(PERSON))
    yield made
    made.stop()


@pytest.fixture
def browser(provider: Provider, with_settings: Callable[..., Context]) -> Browser:
    context = with_settings(
        oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_roles={"VG-Recherche": "recherche", "VG-Leiding": "leiding"},
    )  # fmt: skip
    return Browser(create_app(context), follow_redirects=False)


def sign_in(browser: Browser, provider: Provider, onward: str = "/board") -> Response:
    away = browser.get("/sign-in/provider", params={"onward": onward})
    assert away.status_code == 303, away.text
    return browser.get("/sign-in/return", params=provider.authorize(away.headers["location"]))


def test_the_first_time_makes_an_account(browser: Browser, provider: Provider, context: Context) -> None:
    assert "force&#39;s account" in browser.get("/sign-in").text
    answer = sign_in(browser, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/board")
    assert "A. Jansen" in browser.get("/board").text
    with context.reading() as uow:
        account, password_hash = uow.accounts.find("a.jansen") or pytest.fail("no account")
    assert account.roles == {Role.RECHERCHE}
    assert account.external_id == f"{provider.issuer} 4711"
    assert password_hash is None


def test_roles_follow_the_provider(browser: Browser, provider: Provider, context: Context) -> None:
    sign_in(browser, provider)
    before = browser.cookies[cookies.SESSION]
    provider.person |= {"roles": "VG-Leiding", "name": "Mw. Jansen"}
    sign_in(browser, provider)
    with context.reading() as uow:
        account, _hash = uow.accounts.find("a.jansen") or pytest.fail("no account")
        assert uow.accounts.session(before) is None
    assert (account.roles, account.display_name) == ({Role.LEIDING}, "Mw. Jansen")


def test_somebody_without_a_role_stays_outside(browser: Browser, provider: Provider) -> None:
    provider.person["roles"] = ["Koffie"]
    answer = sign_in(browser, provider)
    assert answer.status_code == 422
    assert "no role" in answer.text
    assert cookies.SESSION not in browser.cookies


def test_a_local_account_cannot_be_taken_over(
    browser: Browser, provider: Provider, add_account: Callable[..., Account]
) -> None:
    add_account("a.jansen", Role.BEHEER)
    assert "is taken" in sign_in(browser, provider).text
    assert cookies.SESSION not in browser.cookies


def test_an_account_that_is_switched_off_stays_off(
    browser: Browser, provider: Provider, signed_in: Callable[..., Browser], context: Context
) -> None:
    sign_in(browser, provider)
    with context.reading() as uow:
        account, _hash = uow.accounts.find("a.jansen") or pytest.fail("no account")
    boss = signed_in(Role.BEHEER, name="boss")
    boss.submit(f"/accounts/{account.id}", display_name="A", unit="B", roles="recherche")
    assert browser.get("/board").status_code == 303
    assert "switched off" in sign_in(browser, provider).text
    answer = boss.submit(f"/accounts/{account.id}/password", password="a password of no use")
    assert answer.status_code == 422, "who signs in elsewhere gets no second way in"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-service"},
        {"nonce": "of another sign-in"},
        {"exp": int(time.time()) - 3600},
        {"sub": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_that_is_not_for_us_is_refused(browser: Browser, provider: Provider, wrong: dict[str, Any]) -> None:
    provider.wrong = wrong
    refused(sign_in(browser, provider), browser)


def test_a_token_that_the_provider_did_not_sign_is_refused(browser: Browser, provider: Provider) -> None:
    provider.foreign_key = True
    refused(sign_in(browser, provider), browser)
    provider.foreign_key, provider.algorithm = False, "none"
    refused(sign_in(browser, provider), browser)


def test_an_answer_is_good_once_and_in_its_own_browser(browser: Browser, provider: Provider) -> None:
    back = provider.authorize(browser.get("/sign-in/provider").headers["location"])
    other = Browser(browser.app, follow_redirects=False)
    refused(other.get("/sign-in/return", params=back), other)
    refused(browser.get("/sign-in/return", params=back), browser)
    refused(browser.get("/sign-in/return", params={"code": "code", "state": "made up"}), browser)
    refused(browser.get("/sign-in/return", params={"error": "access_denied"}), browser)


def test_a_sign_in_does_not_wait_for_ever(browser: Browser, provider: Provider, clock: Clock) -> None:
    back = provider.authorize(browser.get("/sign-in/provider").headers["location"])
    clock.advance(timedelta(minutes=11))
    refused(browser.get("/sign-in/return", params=back), browser)


def test_a_provider_that_is_away_is_told(browser: Browser, provider: Provider) -> None:
    provider.stop()
    answer = browser.get("/sign-in/provider")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_only_https_or_this_machine(with_settings: Callable[..., Context]) -> None:
    client = Browser(create_app(with_settings(oidc_issuer="http://login.example")), follow_redirects=False)
    assert "https" in client.get("/sign-in/provider").text
    none = Browser(create_app(with_settings(oidc_issuer=None)), follow_redirects=False)
    assert none.get("/sign-in/provider").status_code == 422


def refused(answer: Response, browser: Browser) -> None:
    assert answer.status_code == 422, answer.text
    assert "did not confirm" in answer.text
    assert cookies.SESSION not in browser.cookies
