"""Handing in, in Debian's Chromium: with an upload that breaks off, the keyboard on the still, and what axe finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from clips import Clip
from playwright.sync_api import Page, Route, expect
from sqlalchemy import URL
from test_browser_pages import complaints
from web_clients import make_context
from web_site import DESK, PHONE, Site

from vrijgave.domain.people import Account, Role
from vrijgave.i18n import Language
from vrijgave.services import hand_in

OpenPage = Callable[..., Page]
PIECE = 5000


@pytest.fixture
def site(sqlite_database: URL, tmp_path: Path) -> Iterator[Site]:
    """As the usual one, with small pieces: a small file goes in several."""
    now = lambda: datetime.now(UTC)  # noqa: E731
    made = Site(make_context(sqlite_database, tmp_path, now, language=Language.DUTCH, hand_in_piece_bytes=PIECE))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def anna(site: Site) -> Account:
    return site.add_account("anna", Role.RECHERCHE)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Clip(pts=range(100), size=(640, 360)).write(tmp_path_factory.mktemp("clip") / "camera 1.mp4")


def fits(page: Page, where: str) -> None:
    """Nothing serious for axe, and not wider than a phone."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert complaints(page) == [], where
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], where
    page.set_viewport_size(DESK)


def test_handing_in_from_the_board_to_the_release(site: Site, anna: Account, clip: Path, open_page: OpenPage) -> None:
    page = open_page(anna)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/board")
    page.get_by_role("main").get_by_role("link", name="Beelden aanleveren").click()
    page.get_by_role("button", name="Aanlevering beginnen").click()
    begin_and_break_off(page, clip)
    page.get_by_label("Delict, zoals het publiek het leest").fill("Straatroof")
    expect(page.get_by_text(re.compile("Bewaard om"))).to_be_visible()
    page.unroute("**/api/hand-in/uploads/*")
    page.reload()
    expect(page.get_by_text(re.compile("«camera 1.mp4» is voor .*% gestuurd"))).to_be_visible()
    expect(page.get_by_label("Delict, zoals het publiek het leest")).to_have_value("Straatroof")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if "/uploads" in request.url else None)
    page.set_input_files("#file", clip)
    expect(page.locator("#sha256")).to_have_text(sha256(clip.read_bytes()).hexdigest())
    assert "POST" not in sent, "the upload went on, it did not begin anew"
    point_out_by_keyboard(page)
    fits(page, "complete")
    page.get_by_role("button", name="Aanleveren", exact=True).click()
    summary = page.get_by_role("alert").filter(has_text="Nog niet aangeleverd")
    expect(summary).to_be_focused()
    fits(page, "errors")
    summary.get_by_role("link", name=re.compile("waar het gebeurde")).click()
    expect(page.get_by_label("Plaats, zoals het publiek die leest")).to_be_focused()
    page.keyboard.type("Den Haag, Centrum")
    page.get_by_label("Openbaar zaaknummer").fill("2026-77")
    page.get_by_label("Zaaksofficier").fill("De zaaksofficier")
    page.get_by_role("button", name="Aanleveren", exact=True).dblclick()
    expect(page.get_by_role("heading", name="De beelden zijn aangeleverd")).to_be_visible()
    fits(page, "handed in")
    page.get_by_role("link", name="Naar de release").click()
    expect(page.get_by_role("heading", name="Straatroof, Den Haag, Centrum")).to_be_visible()
    release_id = page.url.rpartition("/")[2]
    with site.context.reading() as uow:
        (note,) = uow.notes.list(release_id)
        asked = uow.permission_requests.latest(release_id)
    assert note.frame == 26
    assert note.box == (256 + 6, 90, 384 + 6, 270 + 6)
    assert "Rode pet" in note.text
    assert asked is not None
    assert asked.zaaksofficier == "De zaaksofficier"


def begin_and_break_off(page: Page, clip: Path) -> None:
    """Two pieces come through, then the line is gone."""
    through: list[str] = []

    def break_off(route: Route) -> None:
        if route.request.method == "PATCH" and len(through) >= 2:
            route.abort("internetdisconnected")
            return
        through.append(route.request.method)
        route.continue_()

    page.route("**/api/hand-in/uploads/*", break_off)
    page.set_input_files("#file", clip)
    expect(page.get_by_text("De verbinding is weg.")).to_be_visible()
    page.get_by_role("button", name="Pauzeren").click()
    expect(page.get_by_role("button", name="Verder gaan")).to_be_focused()
    page.get_by_role("button", name="Aanleveren", exact=True).click()
    expect(page.get_by_text("De beelden zijn nog niet compleet")).to_be_visible()


def point_out_by_keyboard(page: Page) -> None:
    page.get_by_role("button", name="25 beelden verder").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="1 frame verder").focus()
    page.keyboard.press("Space")
    expect(page.locator("#frame-said")).to_contain_text("Frame 26 van 99")
    expect(page.get_by_text("Beeld wordt geladen")).to_be_hidden()
    stage = page.get_by_role("application")
    stage.focus()
    for key in ("Enter", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#picture-said")).to_have_text("Kader: 41% van links, 25% van boven, 20% breed, 52% hoog.")
    page.get_by_label("Hoe ziet de persoon eruit?").fill("Rode pet")
    expect(page.get_by_role("button", name="Persoon 1 · frame 26")).to_be_visible()


def test_drawing_with_the_mouse_and_more_than_one_person(
    site: Site, anna: Account, clip: Path, open_page: OpenPage
) -> None:
    draft = hand_in.begin(site.context, anna).id
    page = open_page(anna, color_scheme="dark")
    page.goto(f"/hand-in/{draft}")
    fits(page, "empty")
    page.set_input_files("#file", clip)
    stage = page.get_by_role("application")
    expect(stage).to_be_visible()
    expect(page.get_by_text("Beeld wordt geladen")).to_be_hidden()
    stage.scroll_into_view_if_needed()
    for left in (0.1, 0.6):
        edge = stage.bounding_box()
        assert edge
        page.mouse.move(edge["x"] + left * edge["width"], edge["y"] + 0.2 * edge["height"])
        page.mouse.down()
        page.mouse.move(edge["x"] + (left + 0.2) * edge["width"], edge["y"] + 0.7 * edge["height"], steps=4)
        page.mouse.up()
        page.get_by_label("Hoe ziet de persoon eruit?").fill(f"bij {left}")
        if left < 0.5:
            page.get_by_role("button", name="Nog iemand aanwijzen").click()
    page.get_by_role("button", name=re.compile("Persoon 1")).click()
    expect(page.get_by_label("Hoe ziet de persoon eruit?")).to_have_value("bij 0.1")
    expect(page.get_by_text(re.compile("Bewaard om"))).to_be_visible()
    page.wait_for_timeout(1000)
    with site.context.reading() as uow:
        marks = uow.hand_ins.get(draft, "anna").marks
    assert [mark.description for mark in marks] == ["bij 0.1", "bij 0.6"]
    assert [round(mark.box[0]) for mark in marks] == pytest.approx([64, 384], abs=4)
    assert [round(mark.box[2]) for mark in marks] == pytest.approx([192, 512], abs=4)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Bestand verwijderen").click()
    expect(page.get_by_text("Het bestand is verwijderd.")).to_be_visible()
    expect(stage).to_be_hidden()
    page.goto("/hand-in")
    fits(page, "drafts")


def test_what_is_no_video_is_refused_in_the_page(site: Site, anna: Account, open_page: OpenPage) -> None:
    page = open_page(anna)
    page.goto(f"/hand-in/{hand_in.begin(site.context, anna).id}")
    said = page.locator("#upload-said")
    for name, content, told in (
        ("leeg.mp4", b"", "leeg"),
        ("<b>pagina.mp4", b"<html>" * 400, "«<b>pagina.mp4» is geen leesbaar videobestand"),
    ):
        page.set_input_files("#file", {"name": name, "mimeType": "video/mp4", "buffer": content})
        expect(said).to_contain_text(told)
    page.evaluate(
        "() => { const file = new File(['x'], 'groot.mp4'); Object.defineProperty(file, 'size', {value: 1e15});"
        " const moved = new DataTransfer(); moved.items.add(file);"
        " const drop = new DragEvent('drop', {bubbles: true, cancelable: true});"
        " Object.defineProperty(drop, 'dataTransfer', {value: {files: [file]}});"
        " document.getElementById('drop').dispatchEvent(drop); }"
    )
    expect(said).to_contain_text("groter dan 64 GB")
