"""The review room in Debian's Chromium: exact frames, every correction, notes, sound, length, two at once, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from review_seed import FRAMES, seed_small_review
from test_browser_pages import complaints
from web_site import DESK, PHONE, Site

from vrijgave.domain.people import Account, Role
from vrijgave.domain.releases import Release, State
from vrijgave.services import edits, room
from vrijgave.web import cookies
from vrijgave.web.app import STATIC
from vrijgave.web.pages import TEMPLATES

OpenPage = Callable[..., Page]
NUMBER = """() => {
  const video = document.getElementById("video");
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  const row = pen.getImageData(0, Math.floor((canvas.height * 3) / 16), canvas.width, 1).data;
  let number = 0;
  for (let bit = 0; bit < 10; bit += 1) {
    if (row[4 * Math.floor(((bit + 0.5) * canvas.width) / 10) + 1] > 128) number |= 1 << bit;
  }
  return number;
}"""
"""The number that is drawn in what the player shows."""
PREVIEW = """([x, y]) => {
  const canvas = document.getElementById("covered");
  const [left, top] = [Math.round((x * canvas.width) / 320), Math.round((y * canvas.height) / 192)];
  return [...canvas.getContext("2d").getImageData(left, top, 1, 1).data.slice(0, 3)];
}"""
"""The colour of a point of the footage in what goes out, as the room draws it."""
GREY = [72, 72, 72]


@pytest.fixture
def release(site: Site, tmp_path: Path) -> Release:
    return seed_small_review(site.context, tmp_path)


@pytest.fixture
def enter(site: Site, release: Release, open_page: OpenPage) -> Callable[..., Page]:
    """Opens the room for somebody who gave a reason before."""

    def opened(account: Account, **options: object) -> Page:
        with site.context.unit_of_work() as uow:
            room.first_look(uow, release.id, account.name, "Controle", site.context.now())
            uow.commit()
        page = open_page(account, **options)
        page.goto(f"/releases/{release.id}/review")
        return ready(page)

    return opened


def ready(page: Page) -> Page:
    page.locator("#room[data-ready]").wait_for()
    return page


def shows(page: Page, frame: int) -> None:
    """The page says that it shows ``frame``, and that is what stands in the picture."""
    expect(page.locator("#room")).to_have_attribute("data-frame", str(frame))
    assert page.evaluate(NUMBER) == frame
    expect(page.locator("#frame")).to_have_value(str(frame))


def said(page: Page, words: str) -> None:
    expect(page.locator("#live-region")).to_contain_text(words)
    expect(page.locator("#saved")).to_have_text("Opgeslagen")


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the footage lies in the window."""
    box = page.locator("#overlay").bounding_box()
    assert box
    return box["x"] + x * box["width"] / 320, box["y"] + y * box["height"] / 192


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*on_screen(page, *start))
    page.mouse.down()
    page.mouse.move(*on_screen(page, *end), steps=4)
    page.mouse.up()


def give_reason(page: Page, words: str) -> None:
    page.locator("dialog[open]").get_by_label("Waarom?").fill(words)
    page.keyboard.press("Enter")


def box_of(site: Site, release: Release, track: int, frame: int) -> list[int]:
    with site.context.reading() as uow:
        found = edits.effective(uow, site.context.blobs, release.id).analysis.track(track)
    assert found is not None
    box = found.box_at(frame)
    assert box is not None
    return [round(float(side)) for side in box]


def test_from_the_reason_to_the_end_of_the_review(site: Site, release: Release, open_page: OpenPage) -> None:
    bas = site.add_account("bas", Role.COMMUNICATIE)
    page = open_page(bas)
    page.goto(f"/releases/{release.id}/review")
    assert complaints(page) == []
    page.get_by_role("textbox").fill("Controle van de afdekking")
    page.get_by_role("main").get_by_role("button").click()
    ready(page)
    press = page.keyboard.press

    # Exact frames: by keys, by the queue, by typing a number, after playing.
    shows(page, 0)
    for key, frame in (
        ("ArrowRight", 1), ("Shift+ArrowRight", 11), ("ArrowLeft", 10), ("End", 99), ("Shift+ArrowLeft", 89),
        ("Home", 0),
    ):  # fmt: skip
        press(key)
        shows(page, frame)
    press("l")
    page.wait_for_function("() => document.getElementById('video').currentTime > 0.6")
    press("k")
    expect(page.get_by_role("button", name="Afspelen")).to_be_visible()
    page.wait_for_timeout(150)
    assert page.evaluate(NUMBER) == int(page.locator("#frame").input_value()) > 10
    press("n")
    expect(page.locator("#queue li.here")).to_contain_text("Gezicht 2")
    shows(page, 10)
    left = page.locator("#queue-count").inner_text()
    press("v")
    expect(page.locator("#queue-count")).not_to_have_text(left)
    page.locator("#frame").fill("30")
    press("Enter")
    shows(page, 30)

    # Moving by hand: at once with the server.
    x, y = on_screen(page, 148, 120)
    page.mouse.click(x, y)
    expect(page.get_by_role("heading", name="Gezicht 2")).to_be_visible()
    before = box_of(site, release, 2, 30)
    drag(page, (138, 128), (148, 138))
    give_reason(page, "Zat scheef")  # it no longer covers all that was found
    expect(page.locator("#saved")).to_have_text("Opgeslagen")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")
    expect(page.locator("#undo")).to_be_enabled()
    assert [new - old for new, old in zip(box_of(site, release, 2, 30), before, strict=True)] == pytest.approx(
        [10] * 4, abs=1
    )

    # Splitting, undo, redo, deleting.
    press("x")
    said(page, "Het spoor is gesplitst.")
    expect(page.locator("#tracks-count")).to_contain_text("4 van 4")
    press("Control+z")
    said(page, "Ongedaan gemaakt.")
    expect(page.locator("#tracks-count")).to_contain_text("3 van 3")
    press("Control+Shift+z")
    said(page, "Opnieuw uitgevoerd.")
    expect(page.locator("#tracks-count")).to_contain_text("4 van 4")
    press("Delete")
    give_reason(page, "Een affiche")
    said(page, "Het spoor is verwijderd.")

    # Showing, with a reason that is markup, and covering again.
    page.get_by_role("tab", name="Sporen").click()
    page.get_by_role("option", name="Gezicht 1").first.click()
    press("p")
    page.wait_for_timeout(150)
    assert page.evaluate(PREVIEW, [44, 135]) == GREY
    assert page.evaluate(PREVIEW, [90, 135]) != GREY
    page.get_by_role("button", name="Zichtbaar laten").click()
    give_reason(page, "De <b>verdachte</b>")
    said(page, "Het spoor blijft zichtbaar")
    expect(page.locator("#track-reason")).to_have_text("Reden: De <b>verdachte</b>")
    expect(page.locator("#track-here")).to_have_text("Zichtbaar in dit frame.")
    page.wait_for_timeout(150)
    assert page.evaluate(PREVIEW, [44, 135]) != GREY
    press("p")
    page.get_by_label("Toon in de lijst").select_option("shown")
    expect(page.locator("#tracks .row")).to_have_count(1)
    page.get_by_label("Toon in de lijst").select_option("all")

    # Drawing: in place, and to be followed.
    page.get_by_role("button", name="Vlak tekenen").click()
    drag(page, (200, 20), (240, 60))
    page.get_by_label("Wat moet er gebeuren").select_option("hold")
    page.get_by_label("Tot en met frame").fill("50")
    give_reason(page, "Spiegeling")
    said(page, "Het vlak dekt deze plek af.")
    press("b")
    drag(page, (20, 20), (60, 60))
    page.get_by_label("Wat moet er gebeuren").select_option("note")
    page.get_by_label("Wat wilt u zeggen?").fill("Wie is dit? <script>alert(1)</script>")
    press("Enter")
    said(page, "De notitie is opgeslagen.")

    # Sound and length.
    page.get_by_role("tab", name="Geluid").click()
    press("[")
    press("Shift+ArrowRight")
    shows(page, 40)
    press("]")
    page.get_by_role("button", name="Piep").click()
    expect(page.locator("#sounds")).to_contain_text("piep 0:01,200 – 0:01,640")
    page.get_by_role("button", name="Behouden").click()
    give_reason(page, "Niets gezegd")
    expect(page.locator("#sounds")).to_contain_text("behouden 0:01,200 – 0:01,640")
    page.locator("#trim-to").click()
    expect(page.locator("#trim-now")).to_contain_text("frame 0 tot 40")

    # An open note keeps the review open; then it ends.
    page.get_by_role("button", name="Controle afronden").click()
    expect(page.locator("#finish-lines")).to_contain_text("Open notities (1)")
    page.get_by_role("button", name="Verder controleren").click()
    page.get_by_role("tab", name=re.compile("Notities")).click()
    expect(page.locator(".note-text")).to_have_text("Wie is dit? <script>alert(1)</script>")
    page.get_by_role("button", name="Antwoorden").click()
    page.get_by_label("Tekst").fill("Een <i>affiche</i>")
    page.locator("#note-go").click()
    expect(page.locator(".answers")).to_contain_text("Een <i>affiche</i>")
    page.get_by_role("button", name="Afgehandeld").click()
    expect(page.locator("#notes-count")).to_have_text("0 open van 1")
    page.get_by_role("tab", name="Bewerkingen").click()
    expect(page.locator("#edits li")).not_to_have_count(0)
    page.get_by_role("button", name="Controle afronden").click()
    page.locator("#finish-go").click()
    expect(page).to_have_url(re.compile(f"/releases/{release.id}$"))
    with site.context.reading() as uow:
        assert uow.releases.get(release.id).state is State.RENDERING
        plan = edits.effective(uow, site.context.blobs, release.id).plan
    assert plan.trim is not None
    assert (plan.trim.first, plan.trim.last) == (0, 40)
    assert plan.shown_tracks() == (1,)


def test_with_the_keyboard_only(site: Site, release: Release, enter: Callable[..., Page]) -> None:
    page = enter(site.add_account("bas", Role.COMMUNICATIE))
    press = page.keyboard.press
    for _ in range(60):
        press("Tab")
        if page.evaluate("document.activeElement.id") == "overlay":
            break
    said(page, "2 vlakken" if page.locator("#frame").input_value() != "0" else "1 vlakken")
    press("Tab")
    expect(page.get_by_role("heading", name="Gezicht 1")).to_be_visible()
    before = box_of(site, release, 1, 0)
    press("Enter")
    for _ in range(3):
        press("ArrowLeft")
    press("Shift+ArrowRight")
    press("Enter")
    expect(page.locator("#reason-dialog")).to_be_visible()
    page.keyboard.type("Te ver naar rechts")
    press("Enter")
    expect(page.locator("#undo")).to_be_enabled()
    assert [new - old for new, old in zip(box_of(site, release, 1, 0), before, strict=True)] == [-6, 0, -4, 0]
    press("b")
    for _ in range(5):
        press("ArrowUp")
    press("Enter")
    expect(page.locator("#drawn-dialog")).to_be_visible()
    press("ArrowDown")  # hold in place
    for _ in range(4):
        press("Tab")
    page.keyboard.type("Tatoeage")
    press("Enter")
    said(page, "Het vlak dekt deze plek af.")
    press("m")
    expect(page.locator("#note-dialog")).to_be_visible()
    page.keyboard.type("Klopt dit?")
    press("Tab")
    press("Enter")
    said(page, "De notitie is opgeslagen.")
    press("?")
    expect(page.get_by_role("heading", name="Toetsen")).to_be_visible()
    press("n")  # nothing: a form is open
    press("Escape")
    page.locator("#timeline").focus()
    press("ArrowDown")
    press("+")
    expect(page.locator("#timeline")).to_have_attribute("aria-valuetext", re.compile(r"Frame \d+"))
    press("Escape")
    page.get_by_role("tab", name=re.compile("Notities")).focus()
    press("Enter")
    expect(page.locator(".note-text")).to_have_text("Klopt dit?")


def test_two_at_once_lose_nothing(site: Site, release: Release, enter: Callable[..., Page], chromium: Browser) -> None:
    bas, eva = (site.add_account(name, Role.COMMUNICATIE) for name in ("bas", "eva"))
    one, two = enter(bas), enter(eva)
    for page in (one, two):
        page.get_by_role("tab", name="Sporen").click()
        page.get_by_role("option", name="Gezicht 2").first.click()
        page.locator("#frame").fill("30")
        page.keyboard.press("Enter")
        shows(page, 30)
    # Whoever comes second works on what they saw: the page's question for changes is held back.
    nothing = {"same": True, "version": 0, "mark": "", "others": []}
    two.route("**/changes?*", lambda route: route.fulfill(json=nothing))
    one.get_by_role("button", name="Hier splitsen").click()
    said(one, "Het spoor is gesplitst.")
    two.keyboard.press("ArrowRight")
    shows(two, 31)
    two.get_by_role("button", name="Hier splitsen").click()
    expect(two.get_by_role("alert").filter(has_text="bas")).to_contain_text("Uw wijziging is niet uitgevoerd.")
    expect(two.locator("#tracks-count")).to_contain_text("4 van 4")
    expect(two.locator("#saved")).to_have_text("Opgeslagen")
    expect(two.locator("#others")).to_contain_text("bas")
    two.get_by_role("button", name="Toch uitvoeren").click()
    expect(two.locator("#told-text")).to_contain_text("Spoor 2")  # it ends at frame 29 now: told, not lost


def test_what_cannot_be_sent_is_kept(
    site: Site, release: Release, enter: Callable[..., Page], chromium: Browser
) -> None:
    bas = site.add_account("bas", Role.COMMUNICATIE)
    enter(bas).close()
    context = chromium.new_context(viewport=DESK, base_url=site.url)  # type: ignore[arg-type]
    context.add_cookies([{"name": cookies.SESSION, "value": site.token(bas), "url": site.url}])
    page = context.new_page()
    page.goto(f"/releases/{release.id}/review")
    ready(page)
    page.set_default_timeout(8000)
    page.get_by_role("tab", name="Geluid").click()
    page.keyboard.press("Shift+ArrowRight")
    shows(page, 10)  # what stands in the picture counts, and only a connection may bring that picture
    context.set_offline(True)
    page.locator("#trim-from").click()
    expect(page.locator("#saved")).to_contain_text("Niet opgeslagen (1): geen verbinding")
    context.set_offline(False)
    expect(page.locator("#saved")).to_have_text("Opgeslagen")
    expect(page.locator("#trim-now")).to_contain_text(f"frame 10 tot {FRAMES - 1}")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_is_enough_to_decide(
    site: Site, enter: Callable[..., Page], scheme: str
) -> None:
    page = enter(site.add_account("bas", Role.COMMUNICATIE), color_scheme=scheme)
    page.keyboard.press("n")
    assert complaints(page) == []
    page.keyboard.press("m")
    assert complaints(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints(page) == []
    page.get_by_role("button", name="Gezien, volgende").click()
    page.get_by_role("button", name="Zichtbaar laten").click()
    give_reason(page, "De verdachte")
    expect(page.locator("#track-state, #told-text").filter(visible=True).first).to_be_visible()
    page.get_by_role("tab", name=re.compile("Notities")).click()
    page.get_by_role("button", name="Notitie bij dit frame").click()
    page.get_by_label("Tekst").fill("Nog eens kijken")
    page.locator("#note-go").click()
    expect(page.locator("#notes-count")).to_have_text("1 open van 1")
    assert complaints(page) == []


def test_the_scripts_say_what_the_page_has_words_for() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((STATIC / "js" / "review").glob("*.js")))
    words = set(re.findall(r'^  "([\w-]+)":', (TEMPLATES / "review_words.html.j2").read_text(encoding="utf-8"), re.M))
    literal = set(re.findall(r'\btext\(\s*"([\w-]+)"', sources))
    assert literal - words == set()
    assert {
        word for word in words if f'"{word}"' not in sources and not re.match(r"(kind|short|risk|sound)-", word)
    } == set()
