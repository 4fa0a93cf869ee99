"""The application over real HTTP, and Debian's Chromium to look at it with."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import URL
from web_clients import make_context
from web_site import DESK, Site

from vrijgave.domain.people import Account
from vrijgave.i18n import Language
from vrijgave.web import cookies


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, Prefect takes the thread for one with an event loop."""
    path = shutil.which("chromium")
    assert path, "the tests of the pages need Chromium: apt-get install chromium, as «make test» does"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(sqlite_database: URL, tmp_path: Path) -> Iterator[Site]:
    context = make_context(sqlite_database, tmp_path, lambda: datetime.now(UTC), language=Language.DUTCH)
    made = Site(context)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens windows; fails when a page says something in the console that it should not."""
    contexts = []
    said: list[str] = []

    def make(account: Account | None = None, *, size: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(viewport=size, base_url=site.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        if account is not None:
            context.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    # An error page that was asked for, the live feed that the server ended, and a line that a test cut.
    expected = re.compile(r"status of 4|INTERNET_DISCONNECTED|^\[object Event\]$")
    complaints = [text for text in said if not expected.search(text)]
    assert complaints == []
