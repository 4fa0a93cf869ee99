"""Accounts and kept reports in Chromium: what axe finds, the phone, the dark, and a download by the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from figures import dashboard
from playwright.sync_api import Page, expect
from report_seed import seed_account
from test_browser_pages import complaints
from web_site import DESK, PHONE, Site

from vrijgave.domain.people import Role
from vrijgave.services import reports

OpenPage = Callable[..., Page]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_gives_axe_something_serious_and_none_is_wider_than_a_phone(
    site: Site, open_page: OpenPage, scheme: str
) -> None:
    release_id = seed_account(site.context)
    reports.keep_month(site.context, reports.month_before(site.context), lambda _context, _query: dashboard())
    page = open_page(site.add_account("leiding", Role.LEIDING), color_scheme=scheme)
    for path in ("/reports", "/accountability", f"/releases/{release_id}/accountability"):
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.goto(path)
            assert complaints(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path


def test_from_a_release_to_its_account_on_paper_by_the_keyboard(site: Site, open_page: OpenPage) -> None:
    release_id = seed_account(site.context)
    page = open_page(site.add_account("leiding", Role.LEIDING))
    page.goto(f"/releases/{release_id}")
    page.get_by_role("link", name="Verantwoording").press("Enter")
    expect(page.get_by_role("heading", name="Verantwoording van een publicatie: zaak 2026-2006")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Downloaden als pdf").press("Enter")
    assert started.value.suggested_filename == f"verantwoording-{release_id[:10]}.pdf"
    page.goto("/accountability")
    page.get_by_label("Jaar").select_option(index=1)
    page.get_by_role("button", name="Tonen").click()
    expect(page.get_by_text("is niets vastgelegd")).to_be_visible()
