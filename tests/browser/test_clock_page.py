"""The stage clock in Debian's Chromium: a time entered by keyboard; the page on a phone and under axe."""

from __future__ import annotations

import os
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
    if os.environ.get("SHOTS"):
        page.screenshot(path=os.environ["SHOTS"] + "/desk.png")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    if os.environ.get("SHOTS"):
        page.screenshot(path=os.environ["SHOTS"] + "/phone.png", full_page=True)
    expect(page.locator("main")).to_contain_text("02-01-2026 03:04")
