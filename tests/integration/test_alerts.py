"""Warnings: once for each wait, again after a failure, never of what is held; by real mail and real HTTP."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from figures import NOW, dashboard
from mail_server import MailServer, mail_server
from pydantic import SecretStr
from sqlalchemy import URL
from web_clients import Clock, make_context

from vrijgave.domain.releases import Release
from vrijgave.errors import ActionRequired
from vrijgave.leadtime import Stage
from vrijgave.leadtime.view import Dashboard, Hours, Query
from vrijgave.services import alerts
from vrijgave.services.asking import Ask
from vrijgave.services.context import Context

DAY = timedelta(days=1)
TARGETS = {Stage.ANALYSED_TO_REVIEW_STARTED.value: DAY}
PASSWORD = "geheim-van-de-mail"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def context(sqlite_database: URL, tmp_path: Path, mail: MailServer, new_release: Callable[..., Release]) -> Context:
    urls = SecretStr(mail.url)
    settings = {"alert_urls": urls, "stage_targets": TARGETS, "web_url": "https://vrijgave.force.test"}
    made = make_context(sqlite_database, tmp_path, Clock(NOW), **settings)
    with made.unit_of_work() as uow:
        for letter in "ab":
            uow.releases.add(new_release(id=letter * 32))
        uow.commit()
    return made


def with_urls(context: Context, *urls: str) -> Context:
    changes = {"alert_urls": SecretStr(" ".join(urls))}
    return replace(context, settings=context.settings.model_copy(update=changes))


def answered(shown: Dashboard, asked: list[Query] | None = None) -> Ask:
    def ask(_context: Context, query: Query) -> Dashboard:
        if asked is not None:
            asked.append(query)
        return shown

    return ask


def waits(**changes: object) -> Dashboard:
    """The dashboard in which the first of two releases waits like that; the other is held."""
    shown = dashboard()
    stage = shown.ageing[0]
    first = replace(stage.waiting[0], **changes)  # type: ignore[arg-type]
    return replace(shown, ageing=(replace(stage, waiting=(first, *stage.waiting[1:])),))


def test_a_wait_is_told_once(context: Context, mail: MailServer) -> None:
    asked: list[Query] = []
    assert alerts.warn(context, answered(waits(), asked)) == 1
    assert alerts.warn(context, answered(waits())) == 0
    assert asked[0].hours is Hours.OFFICE
    (message,) = mail.got
    assert message["Subject"] == "Vrijgave: 1 waiting for longer than the target"
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "2026-1042: «Wait for review» for 1 d 6 h, the target is 1 d 0 h." in text
    assert f"https://vrijgave.force.test/releases/{'a' * 32}" in text
    for fact in ("diefstal", "Den Haag", "PL1500"):
        assert fact not in message.as_string()


def test_a_new_wait_in_the_same_stage_is_told_anew(context: Context, mail: MailServer) -> None:
    alerts.warn(context, answered(waits()))
    assert alerts.warn(context, answered(waits(since=NOW - 2 * DAY))) == 1
    assert len(mail.got) == 2


@pytest.mark.parametrize("changes", [{"held": True}, {"age": 24 * 3600}])
def test_what_is_held_or_within_its_target_is_not_told(
    context: Context, mail: MailServer, changes: dict[str, object]
) -> None:
    assert alerts.warn(context, answered(waits(**changes))) == 0
    assert mail.got == []


@pytest.mark.parametrize("changes", [{"stage_targets": {}}, {"alert_urls": None}])
def test_without_an_address_or_a_target_nothing_is_asked(context: Context, changes: dict[str, object]) -> None:
    def ask(_context: Context, _query: Query) -> Dashboard:
        raise AssertionError("asked")

    assert alerts.warn(replace(context, settings=context.settings.model_copy(update=changes)), ask) == 0


def test_a_target_for_no_stage_is_told(context: Context) -> None:
    wrong = context.settings.model_copy(update={"stage_targets": {"lunch": DAY}})
    with pytest.raises(ActionRequired, match="no stage «lunch»"):
        alerts.warn(replace(context, settings=wrong), answered(waits()))


def test_what_could_not_be_sent_is_tried_again_and_no_secret_is_logged(
    context: Context, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    closed = with_urls(context, f"json://vrijgave:{PASSWORD}@127.0.0.1:9/alerts", f"slack://{PASSWORD}/x")
    mail.full = True
    assert alerts.warn(context, answered(waits())) == 0
    assert alerts.warn(closed, answered(waits())) == 0
    assert "2 of 2 addresses did not take the message" in caplog.text
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(closed.settings)
    mail.full = False
    assert alerts.warn(context, answered(waits())) == 1
    assert len(mail.got) == 1


def test_one_address_that_takes_it_is_enough(context: Context, mail: MailServer, hook: tuple[str, list[str]]) -> None:
    url, got = hook
    both = with_urls(context, "json://127.0.0.1:9/", url, mail.url)
    assert alerts.warn(both, answered(waits())) == 1
    assert alerts.warn(both, answered(waits())) == 0
    assert len(mail.got) == 1
    assert "2026-1042" in json.loads(got[0])["message"]


@pytest.fixture
def hook() -> Iterator[tuple[str, list[str]]]:
    """A place that takes JSON: its address as Apprise writes it, and what it got."""
    got: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_address[1]}/", got
        server.shutdown()
