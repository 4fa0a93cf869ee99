"""The stage clock and the tips in Debian's Chromium: recorded by keyboard; the pages on a phone and under axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from test_browser_pages import complaints
from web_seed import seed
from web_site import PHONE, Site

from vrijgave.domain.people import Role
from vrijgave.domain.releases import State

OpenPage = Callable[..., Page]


def test_a_time_is_entered_by_keyboard_and_the_page_fits_a_phone(site: Site, open_page: OpenPage) -> None:
    anna = site.add_account("anna", Role.RECHERCHE)
    [release] = seed(site.context, datetime.now(UTC), (State.PUBLISHED,))
    page = open_page(anna)
    page.goto(f"/releases/{release.id}/clock")
    page.get_by_label("Welk tijdstip?").select_option("incident::1")
    page.get_by_label("Wanneer, of het vroegste").fill("2026-01-02T03:04")
    page.get_by_label("Waarom verbetert u het?").fill("De camera liep achter.")
    page.get_by_role("button", name="Tijdstip vastleggen").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/clock?kept=1")
    assert complaints(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator("main")).to_contain_text("02-01-2026 03:04")


def test_a_tip_is_recorded_and_judged_by_keyboard(site: Site, open_page: OpenPage) -> None:
    anna = site.add_account("anna", Role.RECHERCHE)
    [release] = seed(site.context, datetime.now(UTC), (State.PUBLISHED,))
    page = open_page(anna)
    page.goto(f"/releases/{release.id}")
    page.get_by_role("link", name="Tips", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Per telefoon").focus()
    page.keyboard.press("Space")
    page.get_by_label("Inhoud").fill("De man werkt in een winkel.")
    page.get_by_role("button", name="Tip vastleggen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Dat is vastgelegd.")
    page.get_by_text("Deze tip beoordelen").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Bruikbaar voor de opsporing").select_option("usable")
    page.get_by_label("Wat het opleverde").select_option("identified")
    page.wait_for_load_state()
    assert complaints(page) == []
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints(page) == []
    page.get_by_role("button", name="Oordeel vastleggen").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Persoon geïdentificeerd")
