"""``python tests/screenshots.py FOLDER``: every page at both sizes, with made-up releases, for a person to look at."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from approve_seed import waiting_for_approval
from hand_in_seed import seed_hand_ins
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from report_seed import add_account_facts
from review_seed import seed_practice_review
from texts_seed import exhibits, write_title
from web_clients import make_context
from web_seed import seed
from web_site import DESK, PHONE, Site

from vrijgave.bootstrap import build
from vrijgave.domain.cases import Area, Medium, PermissionRequest, PublicationStage
from vrijgave.domain.edits import SetSound, SetTrim, Show
from vrijgave.domain.people import Account, Role
from vrijgave.domain.releases import State
from vrijgave.domain.spans import Sound, SoundSpan, Trim
from vrijgave.i18n import Language
from vrijgave.practice.footage import make_practice_clip
from vrijgave.services import edits, example, notes, room
from vrijgave.services.edits import Proposal
from vrijgave.settings import Settings
from vrijgave.store import make_engine, sqlite_url
from vrijgave.store.migrations import upgrade
from vrijgave.web import cookies

COLOURS = 128


def take(folder: Path) -> None:
    """Write ``<page>-<size>.png`` for each page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as home:
        url = sqlite_url(Path(home) / "shots.db")
        upgrade(make_engine(url))
        site = Site(make_context(url, Path(home), lambda: datetime.now(UTC), language=Language.DUTCH))
        site.start()
        try:
            _take(site, folder, Path(home))
        finally:
            site.stop()
    take_lead_times(folder)


def take_lead_times(folder: Path) -> None:
    """The dashboard of a made-up year."""
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as home:
        site = Site(build(Settings(home=Path(home))))
        example.fill(site.context, seed=1, releases=400, until=site.context.now().date())
        site.start()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                leiding = site.add_account("leiding", Role.LEIDING, display_name="Leiding Voorbeeld")
                for label, size in (("1366x768", DESK), ("390x844", PHONE)):
                    window = browser.new_context(viewport=size, base_url=site.url, locale="nl-NL")  # type: ignore[arg-type]
                    value = site.token(leiding)
                    window.add_cookies([{"name": cookies.SESSION, "value": value, "url": site.url}])
                    page = window.new_page()
                    page.goto("/lead-times")
                    _keep(page.screenshot(), folder / f"lead-times-{label}.png")
                    for part in ("ageing", "stages", "scatter", "flow", "by-unit"):
                        _keep(_part(page, part), folder / f"lead-times-{part}-{label}.png")
                    window.close()
                browser.close()
        finally:
            site.stop()


def _part(page: Page, part: str) -> bytes:
    """One part of the dashboard at the top of the window, with its chart drawn."""
    page.evaluate(f"document.querySelector('#{part}').scrollIntoView()")
    if page.locator(f"#{part} figure[data-chart]").count():
        page.locator(f"#{part} .main-svg").first.wait_for()
    page.wait_for_timeout(300)
    page.evaluate(f"document.querySelector('#{part}').scrollIntoView()")  # what is above it may have grown
    return page.screenshot()


def _take(site: Site, folder: Path, home: Path) -> None:
    releases = {release.state: release.id for release in seed(site.context, datetime.now(UTC))}
    bas = site.add_account("bas", Role.COMMUNICATIE, display_name="Communicatie Voorbeeld")
    shown = exhibits(site.context)
    write_title(site.context, shown["writing"], "Straatroof op klaarlichte dag: wie herkent deze persoon?")
    boss = site.add_account("beheer", Role.BEHEER, display_name="Beheer Voorbeeld", unit="Beheer")
    anna = site.add_account("anna", Role.RECHERCHE, display_name="Recherche Voorbeeld")
    drafts = seed_hand_ins(site.context, anna)
    covered, manifest = _covered(home)
    waiting = waiting_for_approval(site.context, home / "made", footage=covered, manifest=manifest, number=90)
    cor = site.add_account("cor", Role.COMMUNICATIE, display_name="Tweede Voorbeeld")
    officer = site.add_account("officier", Role.OFFICIER, display_name="Officier Voorbeeld")
    _ask(site, waiting.id)
    add_account_facts(site.context, shown["gone"])
    leiding = site.add_account("leiding", Role.LEIDING, display_name="Leiding Voorbeeld")
    pages = (
        ("sign-in", None, "/sign-in"),
        ("board", bas, "/board"),
        ("release", bas, f"/releases/{releases[State.FAILED]}"),
        ("clock", bas, f"/releases/{shown['live']}/clock"),
        ("texts", bas, f"/releases/{shown['writing']}/texts"),
        ("texts-fixed", bas, f"/releases/{shown['fixed']}/texts"),
        ("publication-ready", bas, f"/releases/{shown['ready']}/publication"),
        ("publication", bas, f"/releases/{shown['live']}/publication"),
        ("publication-stuck", bas, f"/releases/{shown['stuck']}/publication"),
        ("publication-gone", bas, f"/releases/{shown['gone']}/publication"),
        ("approve", cor, f"/releases/{waiting.id}/approve"),
        ("permission", officer, f"/releases/{waiting.id}/permission"),
        ("me", bas, "/me"),
        ("accounts", boss, "/accounts"),
        ("account-new", boss, "/accounts/new"),
        ("account", boss, f"/accounts/{bas.id}"),
        ("hand-ins", anna, "/hand-in"),
        ("hand-in", anna, f"/hand-in/{drafts['empty']}"),
        ("hand-in-suspect", anna, f"/hand-in/{drafts['complete']}#part-suspect"),
        ("handed-in", anna, f"/hand-in/{drafts['handed']}"),
        ("accountability", leiding, f"/releases/{shown['gone']}/accountability"),
        ("accountability-year", leiding, "/accountability"),
        ("reports", leiding, "/reports"),
        ("not-found", bas, "/no-such-page"),
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, account, path in pages:
            for label, size in (("1366x768", DESK), ("390x844", PHONE)):
                window = browser.new_context(viewport=size, base_url=site.url)  # type: ignore[arg-type]
                if account is not None:
                    window.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
                page = window.new_page()
                page.goto(path)
                page.wait_for_load_state("networkidle" if "hand-in/" in path else "load")
                page.wait_for_timeout(400)  # fonts, and the board's line to the server
                if name == "approve":
                    page.locator("#play").click()
                    page.wait_for_timeout(3500)
                    page.locator("#play").click()
                    page.wait_for_timeout(500)
                _keep(page.screenshot(), folder / f"{name}-{label}.png")
                window.close()
        _take_review(site, browser, bas, folder)
        browser.close()


def _take_review(site: Site, browser: Browser, account: Account, folder: Path) -> None:
    """The review room at work: somebody shown, a note, sound and trim chosen."""
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as clips:
        release = seed_practice_review(site.context, Path(clips))
    at, blobs = site.context.now(), site.context.blobs
    chosen = (
        Proposal(Show(track=1, anchor=75), "De verdachte, zoals de rechercheur aanwees"),
        Proposal(SetSound(span=SoundSpan(sound=Sound.KEEP, start_ms=2000, stop_ms=6000)), "Er wordt niets gezegd"),
        Proposal(SetSound(span=SoundSpan(sound=Sound.BLEEP, start_ms=4000, stop_ms=4600))),
        Proposal(SetTrim(trim=Trim(first=6, last=140))),
    )
    with site.context.unit_of_work() as uow:
        room.first_look(uow, release.id, account.name, "Controle van de afdekking", at)
        edits.apply(uow, blobs, release.id, chosen, 0, actor=account.name, at=at)
        notes.add(uow, blobs, release.id, 62, "Is de spiegeling in de ruit te herkennen?", author="eva", at=at)
        settled = notes.add(uow, blobs, release.id, 20, "Kenteken links ook afdekken?", author="eva", at=at)
        notes.answer(uow, release.id, settled.number, "Ja, dat is gedaan.", author=account.name, at=at)
        notes.resolve(uow, release.id, settled.number, author=account.name, at=at)
        uow.commit()
    looks: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, dict[str, int]], ...]], ...] = (
        ("review", ("n", "o"), (("1366x768", DESK), ("390x844", PHONE))),
        ("review-beside", ("n", "n", "p"), (("1366x768", DESK),)),
        ("review-notes", ("End", "Shift+ArrowLeft"), (("1366x768", DESK),)),
        ("review-keys", ("?",), (("1366x768", DESK),)),
    )
    for name, keys, sizes in looks:
        for label, size in sizes:
            window = browser.new_context(viewport=size, base_url=site.url)  # type: ignore[arg-type]
            window.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
            page = window.new_page()
            page.goto(f"/releases/{release.id}/review")
            page.locator("#room[data-ready]").wait_for()
            for key in keys:
                page.keyboard.press(key)
                page.wait_for_timeout(400)
            if name == "review-notes":
                page.locator("#tab-notes").click()
                page.wait_for_timeout(400)
            _keep(page.screenshot(), folder / f"{name}-{label}.png")
            window.close()


def _covered(home: Path) -> tuple[Path, dict[str, Any]]:
    """The practice street with everybody covered but the suspect, and its manifest."""
    clip, covered, manifest = (home / name for name in ("street.mp4", "covered.mp4", "manifest.json"))
    show = make_practice_clip(clip, seconds=8).show_option
    command = ("redact", str(clip), str(covered), "--show", show, "--manifest", str(manifest))
    subprocess.run([sys.executable, "-m", "vrijgave.cli", *command], check=True, capture_output=True)
    return covered, json.loads(manifest.read_text())


def _ask(site: Site, release_id: str) -> None:
    with site.context.unit_of_work() as uow:
        uow.permission_requests.add(
            PermissionRequest(
                release_id=release_id, requester="Districtsrecherche", zaaksofficier="De zaaksofficier",
                platforms=frozenset({"youtube", "press_kit"}), stage=PublicationStage.RECOGNISABLE, medium=Medium.VIDEO,
                area=Area.NATIONAL,
                lighter_means="Foto's intern gedeeld, zonder gevolg.",
                proportionality="Derde feit in twee weken; de verdachte is nog onbekend.", at=site.context.now(),
                recorded_by="anna",
            )
        )  # fmt: skip
        uow.commit()


def _keep(png: bytes, path: Path) -> None:
    """In few colours: a page has no more, and the file is a third."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
