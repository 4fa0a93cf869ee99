"""Approving in Debian's Chromium: what was really played is measured, by keyboard too; pages of errors under axe."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from approve_seed import waiting_for_approval
from playwright.sync_api import Browser, Page, expect
from test_browser_pages import complaints
from web_site import DESK, PHONE, Site

from vrijgave.domain.cases import Area
from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.web import cookies

OpenPage = Callable[..., Page]
FIRST = ".play-file >> nth=0"


def until(page: Page, state: str) -> None:
    """Wait until the video is in that state; the page's policy lets no waiting script in."""
    deadline = time.monotonic() + 8
    while not page.evaluate(f"document.getElementById('video').{state}"):
        assert time.monotonic() < deadline, state
        page.wait_for_timeout(50)


def fits_and_pleases_axe(page: Page) -> None:
    page.wait_for_load_state()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints(page) == []
    page.set_viewport_size(DESK)
    assert complaints(page) == []


def test_watching_everything_by_keyboard_and_approving(site: Site, open_page: OpenPage, tmp_path: Path) -> None:
    release = waiting_for_approval(site.context, tmp_path / "made")
    page = open_page(site.add_account("cor", Role.COMMUNICATIE))
    page.goto("/board")
    page.get_by_role("link", name="Bekijken en goedkeuren").click()
    expect(page.locator("#watch-state")).to_have_text("Bekeken: 0 van de 3 bestanden die naar buiten gaan.")
    page.locator("#screen").focus()

    # What is jumped over, or plays too fast, or cannot be seen, is not watched.
    page.evaluate("document.getElementById('video').playbackRate = 4")
    page.keyboard.press("k")
    until(page, "ended")
    page.evaluate("document.getElementById('video').playbackRate = 2")
    page.keyboard.press("j")
    until(page, "seeking === false")
    page.evaluate("document.getElementById('video').currentTime = 1")
    page.keyboard.press("k")
    until(page, "ended")
    expect(page.locator(FIRST)).to_contain_text(re.compile(r"(4\d|5\d) % bekeken"))

    # The rest, from where the key leads.
    page.keyboard.press("u")
    until(page, "seeking === false")
    assert page.evaluate("document.getElementById('video').currentTime") == 0
    page.keyboard.press("Space")
    expect(page.locator(FIRST)).to_contain_text("helemaal bekeken")
    expect(page.get_by_label("Waarom hebt u niet alles bekeken?")).to_be_visible()
    for number in (1, 2):
        page.locator(".play-file").nth(number).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#picture")).to_be_visible()
        expect(page.locator(".play-file").nth(number).locator(".amount-words")).to_have_text("bekeken")
    expect(page.locator("#watch-sum")).to_have_text("U hebt alles bekeken wat naar buiten gaat.")
    expect(page.get_by_label("Waarom hebt u niet alles bekeken?")).to_be_hidden()
    fits_and_pleases_axe(page)

    # It is kept: the page may be left and opened again.
    page.reload()
    expect(page.locator("#watch-sum")).to_have_text("U hebt alles bekeken wat naar buiten gaat.")
    page.get_by_role("button", name="Keur precies deze bestanden goed").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/releases/{release.id}$"))
    with site.context.reading() as uow:
        assert uow.releases.get(release.id).state is State.APPROVED
        assert uow.releases.transitions(release.id)[-1].reason == "Goedgekeurd."


def test_a_note_a_reviewer_and_sending_back(site: Site, open_page: OpenPage, tmp_path: Path) -> None:
    release = waiting_for_approval(site.context, tmp_path / "made")
    page = open_page(site.add_account("bas", Role.COMMUNICATIE))
    page.goto(f"/releases/{release.id}/approve")
    expect(page.get_by_text("U hebt deze release zelf beoordeeld")).to_be_visible()
    expect(page.get_by_role("button", name="Keur precies deze bestanden goed")).to_have_count(0)
    fits_and_pleases_axe(page)
    page = open_page(site.add_account("cor", Role.COMMUNICATIE), color_scheme="dark")
    page.goto(f"/releases/{release.id}/approve")
    page.locator(".play-file").last.click()
    expect(page.locator("#clock")).to_have_text("0:00 / 0:02")
    page.locator("#seek").evaluate("(e) => { e.value = 1.24; e.dispatchEvent(new Event('input')); }")
    expect(page.locator("#note-at")).to_have_text("0:01")
    page.locator("#screen").focus()
    page.keyboard.press("n")
    page.keyboard.type("Rechts een <b>naambordje</b>")
    page.get_by_role("button", name="Notitie achterlaten").click()
    expect(page.get_by_text("Rechts een <b>naambordje</b>")).to_be_visible()
    expect(page.locator(".play-file").last).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#clock")).to_contain_text("0:01 /")
    with site.context.reading() as uow:
        assert [note.frame for note in uow.notes.list(release.id)] == [31]
    page.get_by_label("Waarom hebt u niet alles bekeken?").fill("Gisteren samen bekeken")
    page.get_by_role("button", name="Keur precies deze bestanden goed").click()
    expect(page.get_by_role("alert").last).to_contain_text("notities open")
    expect(page.get_by_label("Waarom hebt u niet alles bekeken?")).to_have_value("Gisteren samen bekeken")
    for summary in page.locator("summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    fits_and_pleases_axe(page)
    page.get_by_label("Wat moet er veranderen?").fill("Dek het naambordje af")
    page.get_by_role("button", name="Terugsturen", exact=True).click()
    expect(page.get_by_text("Dek het naambordje af").first).to_be_visible()


def test_the_permission_by_keyboard(site: Site, open_page: OpenPage, tmp_path: Path) -> None:
    release = waiting_for_approval(site.context, tmp_path / "made")
    page = open_page(site.add_account("officier", Role.OFFICIER, display_name="Officier Voorbeeld"))
    page.goto(f"/releases/{release.id}")
    page.get_by_role("link", name="Toestemming", exact=True).click()
    expect(page.get_by_label("Nee, ik weiger")).to_be_visible()
    fits_and_pleases_axe(page)
    page.get_by_label("Nee, ik weiger").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Waarom niet?")).to_be_visible()
    expect(page.get_by_label("Waarom is het in verhouding?")).to_be_hidden()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Waarom niet?")).to_be_hidden()
    page.get_by_label("Mandaat waaronder u beslist").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Afgedekt").focus()
    page.keyboard.press("Space")
    page.get_by_label("Landelijk").focus()
    page.keyboard.press("Space")
    page.get_by_label("Waarom is het in verhouding?").fill("Ernstig feit, geen ander spoor")
    page.get_by_label("Zaaksofficier").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Uw beslissing is vastgelegd.")).to_be_visible()
    expect(page.get_by_text("De toestemming dekt wat naar buiten gaat.")).to_be_visible()
    fits_and_pleases_axe(page)
    with site.context.reading() as uow:
        given = uow.permissions.latest(release.id)
    assert given is not None
    assert (given.granted, given.authoriser, given.stage.value) == (True, "Officier Voorbeeld", "covered")
    assert given.area is Area.NATIONAL


def test_pages_of_errors_give_axe_nothing_serious(
    site: Site, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("vrijgave.web.routes.board.board_page", broken)
    account = site.add_account("bas", Role.COMMUNICATIE)
    for scheme in ("light", "dark"):
        window = chromium.new_context(viewport=DESK, base_url=site.url, color_scheme=scheme)  # type: ignore[arg-type]
        window.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
        page = window.new_page()
        for path, status in (("/board", 500), ("/releases/none", 404), ("/no-such-page", 404), ("/accounts", 403)):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status
            fits_and_pleases_axe(page)
        window.close()
