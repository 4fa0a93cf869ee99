"""The whole way of a release as four signed-in people walk it in the browser, on the real service with its practice
platforms: real detectors, flows, proofs and HTTP.

Each step is a function of its own. Those that still go over the command line have the shape of the page that takes
their place: who does it, and what is true of the release afterwards.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from running_service import CASE, STAGE_SECONDS, Service
from web_clients import PASSWORD
from web_site import DESK

from vrijgave.bootstrap import build
from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.practice.footage import make_practice_clip
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


@dataclass
class Walk:
    """One release on its way, and the windows of the people who work on it."""

    service: Service
    context: Context
    clip: Path
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
    make_practice_clip(clip, seconds=2)
    walk = Walk(service, context, clip, {name: window(name) for name in PEOPLE})
    hand_in(walk, tmp_path)
    review(walk)
    permit(walk)
    approve(walk)
    publish(walk)
    take_down(walk)
    seen_by_the_detective(walk)


def hand_in(walk: Walk, folder: Path) -> None:
    """Anna hands the footage in."""
    facts = folder / "case.json"
    facts.write_text(json.dumps(CASE))
    (submitted,) = walk.service.json("submit", str(walk.clip), "--case", str(facts), "--actor", "anna")
    walk.release = submitted["id"]
    walk.wait(State.IN_REVIEW)


def review(walk: Walk) -> None:
    """Bas shows the suspect, with a reason, and declares the review done; again where the second look finds more."""
    tracks = walk.service.json("review", walk.release, "--actor", "bas")["tracks"]
    suspect = next(str(track["id"]) for track in tracks if track["kind"] == "face")
    walk.service.run("review", walk.release, "--show", suspect, "--reason", "De verdachte", "--actor", "bas")
    for _round in range(3):
        walk.service.run("review", walk.release, "--done", "--actor", "bas")
        if walk.wait(State.AWAITING_APPROVAL, State.CHANGES_REQUESTED) is State.AWAITING_APPROVAL:
            return
    raise AssertionError("the second look keeps finding something")


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
    expect(page.get_by_text("De verdachte (bas)")).to_be_visible()
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
    """Bas orders publication; it is public on every platform, without a word of what is internal."""
    walk.service.run("publish", walk.release, "--actor", "bas")
    walk.wait(State.PUBLISHED)
    videos = walk.service.public_videos()
    assert len(videos) == 1
    assert CASE["registration_number"] not in json.dumps(videos)


def take_down(walk: Walk) -> None:
    """Bas orders take-down; nothing is left on any platform."""
    walk.service.run("take-down", walk.release, "--reason", "Aangehouden", "--actor", "bas")
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
