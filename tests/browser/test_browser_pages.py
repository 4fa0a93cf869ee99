"""The pages in Debian's Chromium: signing in, the live board, languages, keyboard, phone, and what axe finds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from web_clients import PASSWORD
from web_seed import seed
from web_site import DESK, PHONE, Site

from vrijgave.domain.people import Role
from vrijgave.domain.releases import State

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}
OpenPage = Callable[..., Page]


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Wachtwoord").fill(password)
    page.get_by_role("button", name="Aanmelden").click()


def complaints(page: Page) -> list[str]:
    """What axe calls serious or worse. Run by the test's own channel: the page's policy lets no other script in."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found["violations"] if v["impact"] in SERIOUS]


def test_from_signing_in_to_a_release_and_out(site: Site, open_page: OpenPage) -> None:
    site.add_account("bas", Role.COMMUNICATIE)
    seed(site.context, datetime.now(UTC), (State.IN_REVIEW, State.FAILED))
    page = open_page()
    page.goto("/")
    sign_in(page, "bas", "niet het wachtwoord")
    expect(page.get_by_role("alert").first).to_contain_text("klopt niet")
    sign_in(page, "bas")
    expect(page).to_have_url(re.compile("/board$"))
    page.get_by_role("link", name="2026-1043").click()
    expect(page.get_by_text("De schijf is vol")).to_be_visible()
    page.get_by_role("button", name="Opnieuw uitvoeren").click()
    expect(page.get_by_role("button", name="Opnieuw uitvoeren")).to_have_count(0)
    page.get_by_text("Deze release intrekken").click()
    page.get_by_label("Waarom?").fill("Zaak opgelost <b>zonder</b> beelden")
    page.get_by_role("button", name="Intrekken").click()
    expect(page.get_by_text("Zaak opgelost <b>zonder</b> beelden")).to_be_visible()
    page.get_by_role("button", name="Afmelden").click()
    expect(page.get_by_role("heading", name="Aanmelden")).to_be_visible()
    page.goto("/board")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_the_board_follows_what_happens_elsewhere(site: Site, open_page: OpenPage) -> None:
    (release,) = seed(site.context, datetime.now(UTC), (State.IN_REVIEW,))
    page = open_page(site.add_account("bas", Role.COMMUNICATIE))
    page.goto("/board")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    for state, shown in ((State.RENDERING, "video wordt gemaakt"), (State.AWAITING_APPROVAL, "wacht op goedkeuring")):
        with site.context.unit_of_work() as uow:
            found = uow.releases.get(release.id)
            uow.releases.move(found, state, at=site.context.now(), actor="bas", reason="")
            uow.commit()
        expect(page.locator(f"#release-{release.id} .state")).to_have_text(shown)


def test_an_open_board_goes_to_the_sign_in_page_when_the_account_is_switched_off(
    site: Site, open_page: OpenPage
) -> None:
    account = site.add_account("bas", Role.COMMUNICATIE)
    page = open_page(account)
    page.goto("/board")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    with site.context.unit_of_work() as uow:
        uow.accounts.close_sessions(account.id)
        uow.commit()
    expect(page).to_have_url(re.compile("/sign-in"), timeout=12000)


def test_searching_as_one_types_and_without_scripts(site: Site, open_page: OpenPage) -> None:
    seed(site.context, datetime.now(UTC))
    bas = site.add_account("bas", Role.COMMUNICATIE)
    page = open_page(bas)
    page.goto("/board")
    page.get_by_label("Zoeken").press_sequentially("2026-1045")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("text=2026-1045"))
    page.get_by_label("Zoeken").fill("")
    page.get_by_label("Toestand").select_option("in_review")
    expect(page.locator("tbody tr")).to_have_count(1)
    plain = open_page(bas, java_script_enabled=False)
    plain.goto("/board")
    plain.get_by_label("Zoeken").fill("2026-1044")
    plain.get_by_role("button", name="Zoeken").click()
    expect(plain.locator("tbody tr")).to_have_count(1)
    plain.get_by_role("link", name="2026-1044", exact=True).click()
    expect(plain.get_by_role("heading", name="Feiten")).to_be_visible()


def test_the_language_can_be_switched_before_and_after_signing_in(site: Site, open_page: OpenPage) -> None:
    site.add_account("bas", Role.COMMUNICATIE)
    page = open_page()
    page.goto("/sign-in")
    assert page.locator("html").get_attribute("lang") == "nl"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Name").fill("bas")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Board")).to_be_visible()
    page.goto("/board?state=failed")
    page.get_by_role("button", name="Nederlands").click()
    expect(page).to_have_url(re.compile("state=failed"))
    expect(page.get_by_role("heading", name="Overzicht")).to_be_visible()


def test_with_the_keyboard_only(site: Site, open_page: OpenPage) -> None:
    seed(site.context, datetime.now(UTC), (State.IN_REVIEW,))
    site.add_account("bas", Role.COMMUNICATIE)
    page = open_page()
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Naar de inhoud")).to_be_in_viewport()
    page.keyboard.press("Enter")
    for text in ("bas", PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overzicht")).to_be_visible()
    page.wait_for_load_state()  # a heading can be there before its looks are
    for _step in range(30):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.textContent, s.outlineStyle, parseFloat(s.outlineWidth)]; }"
        )
        assert focused[1] == "solid", focused
        assert focused[2] >= 2, focused
        if focused[0] == "2026-1042":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Feiten")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_gives_axe_something_serious_and_none_is_wider_than_a_phone(
    site: Site, open_page: OpenPage, scheme: str
) -> None:
    releases = {release.state: release for release in seed(site.context, datetime.now(UTC))}
    bas = site.add_account("bas", Role.COMMUNICATIE)
    beheer = site.add_account("beheer", Role.BEHEER)
    pages = (
        (None, ("/sign-in",)),
        (bas, ("/board", "/board?text=nothing", "/me", "/no-such-page", "/accounts")),
        (bas, tuple(f"/releases/{releases[state].id}" for state in (State.PUBLISHED, State.FAILED))),
        (site.add_account("lien", Role.LEIDING), ("/lead-times?period=all",)),
        (beheer, ("/accounts", "/accounts/new", f"/accounts/{bas.id}")),
    )
    for account, paths in pages:
        page = open_page(account, color_scheme=scheme)
        for path in paths:
            page.set_viewport_size(DESK)
            page.goto(path)
            assert complaints(page) == [], path
            page.set_viewport_size(PHONE)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            assert complaints(page) == [], path


def test_the_menu_stays_within_a_phone_in_a_wider_font(site: Site, open_page: OpenPage) -> None:
    page = open_page(site.add_account("lien", Role.LEIDING, Role.RECHERCHE, Role.BEHEER))
    page.set_viewport_size(PHONE)
    page.goto("/me")
    page.evaluate("document.documentElement.style.fontFamily = 'monospace'")
    page.evaluate("document.body.style.fontFamily = 'monospace'")
    assert page.evaluate("document.querySelector('.menu').scrollWidth") <= PHONE["width"]
