"""``python tests/screenshots.py FOLDER``: every page at both sizes, with made-up releases, for a person to look at."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright
from texts_seed import exhibits, write_title
from web_clients import make_context
from web_seed import seed
from web_site import DESK, PHONE, Site

from vrijgave.domain.people import Role
from vrijgave.domain.releases import State
from vrijgave.i18n import Language
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
            _take(site, folder)
        finally:
            site.stop()


def _take(site: Site, folder: Path) -> None:
    releases = {release.state: release.id for release in seed(site.context, datetime.now(UTC))}
    bas = site.add_account("bas", Role.COMMUNICATIE, display_name="Communicatie Voorbeeld")
    shown = exhibits(site.context)
    write_title(site.context, shown["writing"], "Straatroof op klaarlichte dag: wie herkent deze persoon?")
    boss = site.add_account("beheer", Role.BEHEER, display_name="Beheer Voorbeeld", unit="Beheer")
    pages = (
        ("sign-in", None, "/sign-in"),
        ("board", bas, "/board"),
        ("release", bas, f"/releases/{releases[State.FAILED]}"),
        ("texts", bas, f"/releases/{shown['writing']}/texts"),
        ("texts-fixed", bas, f"/releases/{shown['fixed']}/texts"),
        ("publication-ready", bas, f"/releases/{shown['ready']}/publication"),
        ("publication", bas, f"/releases/{shown['live']}/publication"),
        ("publication-stuck", bas, f"/releases/{shown['stuck']}/publication"),
        ("publication-gone", bas, f"/releases/{shown['gone']}/publication"),
        ("me", bas, "/me"),
        ("accounts", boss, "/accounts"),
        ("account-new", boss, "/accounts/new"),
        ("account", boss, f"/accounts/{bas.id}"),
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
                page.wait_for_timeout(400)  # fonts, and the board's line to the server
                _keep(page.screenshot(), folder / f"{name}-{label}.png")
                window.close()
        browser.close()


def _keep(png: bytes, path: Path) -> None:
    """In few colours: a page has no more, and the file is a third."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
