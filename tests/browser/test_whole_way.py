"""The whole way of a release as four signed-in people walk it in the browser, on the real service with its practice
platforms: real detectors, flows, proofs and HTTP.

Each step is a function of its own: who does it, and what is true of the release afterwards.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from running_service import CASE, STAGE_SECONDS, Service
from web_clients import PASSWORD
from web_site import DESK

from vrijgave.bootstrap import build
from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.practice.footage import PracticeTruth, make_practice_clip
from vrijgave.services import accounts
from vrijgave.services.context import Context
from vrijgave.settings import Settings

PEOPLE = {
    "anna": (Role.RECHERCHE, "Anna van Recherche"),
    "bas": (Role.COMMUNICATIE, "Bas van Communicatie"),
    "cor": (Role.COMMUNICATIE, "Cor van Communicatie"),
    "officier": (Role.OFFICIER, "Officier Voorbeeld"),
}
PATIENCE = 20_000
TITLE = "Winkeldiefstal in Oefenstad: wie herkent deze man in het oranje?"
Point = tuple[float, float]


@dataclass
class Walk:
    """One release on its way, and the windows of the people who work on it."""

    service: Service
    context: Context
    clip: Path
    truth: PracticeTruth
    pages: dict[str, Page]
    release: str = ""

    @property
    def address(self) -> str:
        return f"/releases/{self.release}"

    def wait(self, *wanted: State) -> State:
        """Until the release stands in one of these states."""
        deadline = time.monotonic() + STAGE_SECONDS
        while time.monotonic() < deadline:
            with self.context.reading() as uow:
                release = uow.releases.get(self.release)
            if release.state in wanted:
                return release.state
            assert release.state is not State.FAILED, release.message
            time.sleep(0.3)
        raise AssertionError(f"still {release.state}, not {wanted}")

    def open(self, who: str, path: str = "") -> Page:
        page = self.pages[who]
        page.goto(self.address + path)
        return page


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path / "home", "nl")
    try:
        running.wait_until_running()
        yield running
    finally:
        running.stop()


@pytest.fixture
def context(service: Service) -> Context:
    """The same database and files, to look whether the service is done; people are known there."""
    context = build(Settings(home=service.home))
    made_hash = accounts.prepare_password(PASSWORD)
    with context.unit_of_work() as uow:
        for name, (role, display_name) in PEOPLE.items():
            accounts.add(
                uow, name=name, display_name=display_name, unit=CASE["unit"], roles=[role], password_hash=made_hash,
                actor="system", at=datetime.now(UTC),
            )  # fmt: skip
        uow.commit()
    return context


@pytest.fixture
def window(service: Service, context: Context, chromium: Browser) -> Iterator[Callable[[str], Page]]:
    """Signs people in by the form; fails when a page said something in the console that it should not."""
    windows, said = [], []

    def sign_in(name: str) -> Page:
        context = chromium.new_context(viewport=DESK, base_url=f"http://127.0.0.1:{service.web_port}")  # type: ignore[arg-type]
        windows.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/")
        page.get_by_label("Naam").fill(name)
        page.get_by_label("Wachtwoord").fill(PASSWORD)
        page.get_by_role("button", name="Aanmelden").click()
        expect(page.get_by_role("link", name=PEOPLE[name][1])).to_be_visible()
        return page

    yield sign_in
    for context in windows:
        context.close()
    assert [text for text in said if "status of 4" not in text and text != "[object Event]"] == []


@pytest.mark.timeout(280)
def test_from_footage_to_published_and_taken_down(
    service: Service, context: Context, window: Callable[[str], Page], tmp_path: Path
) -> None:
    clip = tmp_path / "a camera.mp4"
    truth = make_practice_clip(clip, seconds=2)
    walk = Walk(service, context, clip, truth, {name: window(name) for name in PEOPLE})
    hand_in(walk)
    review(walk)
    permit(walk)
    approve(walk)
    publish(walk)
    take_down(walk)
    seen_by_the_detective(walk)


def hand_in(walk: Walk) -> None:
    """Anna sends the footage, says what happened, points out the suspect on a still and asks the prosecutor."""
    frame, x, y = walk.truth.show
    page = walk.pages["anna"]
    page.goto("/board")
    page.get_by_role("main").get_by_role("link", name="Beelden aanleveren").click()
    page.get_by_role("button", name="Aanlevering beginnen").click()
    page.set_input_files("#file", walk.clip)
    expect(page.locator("#sha256")).to_have_text(sha256(walk.clip.read_bytes()).hexdigest())
    for field in ("offence", "public_place", "public_case_number", "registration_number", "question", "scene"):
        page.locator(f"#{field}").fill(CASE[field])
    page.locator("#frame").fill(str(frame))
    expect(page.locator("#frame-said")).to_contain_text(f"Frame {frame} van {walk.truth.frame_count - 1}")
    expect(page.get_by_text("Beeld wordt geladen")).to_be_hidden()
    drag(page, "#picture", (x - 30, y - 40), (x + 30, y + 40), walk)
    page.get_by_label("Hoe ziet de persoon eruit?").fill("Oranje jas")
    expect(page.get_by_role("button", name=f"Persoon 1 · frame {frame}")).to_be_visible()
    page.get_by_label("Zaaksofficier").fill("De zaaksofficier")
    page.get_by_role("button", name="Aanleveren", exact=True).click()
    expect(page.get_by_role("heading", name="De beelden zijn aangeleverd")).to_be_visible()
    page.get_by_role("link", name="Naar de release").click()
    expect(page.locator(".meta .state")).to_be_visible()
    walk.release = page.url.rpartition("/")[2]
    walk.wait(State.IN_REVIEW)


def review(walk: Walk) -> None:
    """Bas shows whom the detective pointed out, covers what nobody found, sees to sound, note and title, and is done;
    again where the second look finds more."""
    page = walk.open("bas")
    page.get_by_role("link", name="Beoordelingsruimte openen").first.click()
    page.get_by_role("textbox").fill("Controle van de afdekking")
    page.get_by_role("main").get_by_role("button").click()
    page.locator("#room[data-ready]").wait_for()
    correct(walk, page)
    page.goto(f"{walk.address}/texts")
    title = page.get_by_role("textbox", name="Titel").first
    title.fill(TITLE)
    expect(page.get_by_text("Alles is bewaard").first).to_be_visible()
    for _round in range(3):
        page.goto(f"{walk.address}/review")
        page.locator("#room[data-ready]").wait_for()
        page.get_by_role("button", name="Controle afronden").click()
        page.locator("#finish-go").click()
        expect(page).to_have_url(re.compile(f"{walk.address}$"))
        if walk.wait(State.AWAITING_APPROVAL, State.CHANGES_REQUESTED) is State.AWAITING_APPROVAL:
            return
    raise AssertionError("the second look keeps finding something")


def correct(walk: Walk, page: Page) -> None:
    """All corrections of the review, on what the detectors found in the practice street."""
    frame, x, y = walk.truth.show
    page.get_by_role("tab", name=re.compile("Notities")).click()
    expect(page.locator(".note-text")).to_contain_text("Oranje jas")
    page.locator("#frame").fill(str(frame))
    page.keyboard.press("Enter")
    expect(page.locator("#room")).to_have_attribute("data-frame", str(frame))
    page.mouse.click(*on_screen(page, "#overlay", (x, y), walk))
    page.get_by_role("button", name="Zichtbaar laten").click()
    reason(page, "De verdachte, zoals de rechercheur aanwees")
    expect(page.locator("#track-reason")).to_contain_text("De verdachte")

    page.get_by_role("button", name="Vlak tekenen").click()
    drag(page, "#overlay", (960, 60), (1060, 130), walk)
    page.get_by_label("Wat moet er gebeuren").select_option("follow")
    reason(page, "Een naambord")
    expect(page.get_by_text("Het getekende vlak is gevolgd").first).to_be_visible(timeout=STAGE_SECONDS * 1000)
    with walk.context.reading() as uow:
        (region,) = uow.regions.list(walk.release)
    assert region.track_id is not None

    page.get_by_role("tab", name="Geluid").click()
    for key in ("Home", "[", "Shift+ArrowRight", "]"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Behouden").click()
    reason(page, "Er wordt niets gezegd")
    expect(page.locator("#sounds")).to_contain_text("behouden")
    page.keyboard.press("Control+z")
    expect(page.locator("#sounds")).not_to_contain_text("behouden")

    page.get_by_role("button", name="Controle afronden").click()
    expect(page.locator("#finish-lines")).to_contain_text("Open notities (1)")
    page.get_by_role("button", name="Verder controleren").click()
    page.get_by_role("tab", name=re.compile("Notities")).click()
    page.get_by_role("button", name="Afgehandeld").click()
    expect(page.locator("#notes-count")).to_have_text("0 open van 1")
    expect(page.locator("#saved")).to_have_text("Opgeslagen")


def on_screen(page: Page, where: str, point: Point, walk: Walk) -> Point:
    """Where a pixel of the footage lies in the window, inside the element ``where`` that shows it."""
    page.locator(where).scroll_into_view_if_needed()
    box = page.locator(where).bounding_box()
    assert box
    width, height = walk.truth.width, walk.truth.height
    return box["x"] + point[0] * box["width"] / width, box["y"] + point[1] * box["height"] / height


def drag(page: Page, where: str, start: Point, end: Point, walk: Walk) -> None:
    page.mouse.move(*on_screen(page, where, start, walk))
    page.mouse.down()
    page.mouse.move(*on_screen(page, where, end, walk), steps=4)
    page.mouse.up()


def reason(page: Page, words: str) -> None:
    page.locator("dialog[open]").get_by_label("Waarom?").fill(words)
    page.keyboard.press("Enter")


def permit(walk: Walk) -> None:
    """The officer sees what would go out, and permits it up to recognisable."""
    page = walk.open("officier")
    page.get_by_role("link", name="Toestemming", exact=True).click()
    expect(page.get_by_text("De beoordeling vraagt om: herkenbaar.")).to_be_visible()
    page.get_by_label("Ja, ik geef toestemming").check()
    page.get_by_label("Mandaat waaronder u beslist").select_option("Hoofdofficier van justitie")
    page.get_by_label("Herkenbaar").check()
    page.get_by_label("Waarom is het in verhouding?").fill("Ernstig feit, geen ander spoor")
    page.get_by_role("button", name="Leg de beslissing vast").click()
    expect(page.get_by_text("De toestemming dekt wat naar buiten gaat.")).to_be_visible()


def approve(walk: Walk) -> None:
    """Bas cannot; Cor watches all of what goes out, at twice its pace, and approves."""
    page = walk.open("bas", "/approve")
    expect(page.get_by_text("een tweede persoon moet haar goedkeuren")).to_be_visible()
    expect(page.get_by_role("button", name="Keur precies deze bestanden goed")).to_have_count(0)

    page = walk.open("cor")
    page.get_by_role("link", name="Bekijken en goedkeuren").click()
    expect(page.get_by_text("Niets gevonden: de afgedekte video is opnieuw doorzocht")).to_be_visible()
    expect(page.get_by_text("De verdachte, zoals de rechercheur aanwees (bas)")).to_be_visible()
    expect(page.get_by_text(TITLE).first).to_be_visible()
    expect(page.locator("#watch-state")).to_contain_text("Bekeken: 0 van")
    page.get_by_label("Snelheid").select_option("2")
    page.get_by_role("button", name="Afspelen").click()
    files = page.locator(".play-file")
    expect(files.first.locator(".amount-words")).to_have_text("helemaal bekeken", timeout=PATIENCE)
    for number in range(1, files.count()):
        file = files.nth(number)
        if file.get_attribute("data-video"):
            continue  # the master, which stays here
        file.click()
        expect(file.locator(".amount-words")).to_have_text("bekeken")
    expect(page.locator("#watch-sum")).to_have_text("U hebt alles bekeken wat naar buiten gaat.")
    page.get_by_role("button", name="Keur precies deze bestanden goed").click()
    expect(page).to_have_url(re.compile(f"{walk.address}$"))
    with walk.context.reading() as uow:
        assert uow.releases.transitions(walk.release)[-1].reason == "Goedgekeurd."


def publish(walk: Walk) -> None:
    """Cor publishes; it is public on every platform, with the title that Bas wrote and no word of what is internal."""
    page = walk.open("cor", "/publication")
    page.get_by_role("button", name=re.compile("Nu publiceren op YouTube")).click()
    expect(page.locator("#state")).to_have_text("gepubliceerd", timeout=STAGE_SECONDS * 1000)
    walk.wait(State.PUBLISHED)
    videos = walk.service.public_videos()
    assert len(videos) == 1
    assert TITLE in json.dumps(videos, ensure_ascii=False)
    assert CASE["registration_number"] not in json.dumps(videos)


def take_down(walk: Walk) -> None:
    """Bas takes it down, with the reason; nothing is left on any platform, and the page shows how that is known."""
    page = walk.open("bas", "/publication")
    page.get_by_label("Waarom gaat de video offline?").fill("Aangehouden")
    page.get_by_role("button", name="Overal offline halen").click()
    expect(page.locator("#state")).to_have_text("offline gehaald", timeout=STAGE_SECONDS * 1000)
    expect(page.get_by_text("Bewijs dat hij weg is").first).to_be_visible()
    walk.wait(State.TAKEN_DOWN)
    assert walk.service.public_videos() == []
    with walk.context.reading() as uow:
        assert uow.audit.verify() is None


def seen_by_the_detective(walk: Walk) -> None:
    """Anna sees what became of it, who did what, and that it ended."""
    page = walk.open("anna")
    for who in ("anna", "bas", "cor"):
        expect(page.locator(".history").get_by_text(who, exact=True).first).to_be_visible()
    expect(page.get_by_text("Aangehouden")).to_be_visible()
    expect(page.locator(".meta .state")).to_have_text("offline gehaald")
