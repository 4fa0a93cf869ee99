"""The list of kept reports, and a report as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from figures import dashboard
from web_clients import Browser, Clock

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release, State
from vrijgave.services import reports
from vrijgave.services.context import Context
from vrijgave.services.reports import Month


@pytest.fixture
def kept(context: Context, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    reports.keep_month(context, Month(2026, 10), lambda _context, _query: dashboard())


@pytest.mark.usefixtures("kept")
def test_a_report_is_listed_and_downloaded_in_parts(signed_in: Callable[..., Browser], context: Context) -> None:
    client = signed_in(Role.LEIDING)
    page = client.get("/reports").text
    assert "October 2026" in page
    path = "/reports/month/2026-10"
    assert f'href="{path}"' in page
    whole = client.get(path)
    assert whole.content.startswith(b"%PDF")
    assert whole.headers["content-type"] == "application/pdf"
    assert whole.headers["content-disposition"] == 'attachment; filename="doorlooptijden-2026-10.pdf"'
    part = client.get(path, headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")
    with context.reading() as uow:
        assert [e for e in uow.audit.entries() if e.action == "consulted"] == []


def test_what_was_not_made_is_not_found(signed_in: Callable[..., Browser]) -> None:
    client = signed_in(Role.LEIDING)
    assert "There are no reports yet" in client.get("/reports").text
    for path in ("/reports/month/2026-10", "/reports/week/2026-10", "/reports/month/..%2f"):
        assert client.get(path).status_code == 404


def test_the_board_says_what_waits_too_long_until_it_moves(
    signed_in: Callable[..., Browser], context: Context, clock: Clock, new_release: Callable[..., Release]
) -> None:
    release = new_release(state=State.IN_REVIEW, created_at=clock())
    with context.unit_of_work() as uow:
        uow.releases.add(release)
        uow.releases.add(new_release(created_at=clock()))
        uow.alerts.add(release.id, "analysed_to_review_started", clock(), clock() + timedelta(days=2))
        uow.commit()
    client = signed_in(Role.LEIDING)
    assert client.get("/board").text.count("Waits too long") == 1
    with context.unit_of_work() as uow:
        hold = uow.holds.begin(release.id, HoldReason.OTHER, "", clock(), actor="bas", recorded_at=clock())
        uow.commit()
    assert "Waits too long" not in client.get("/board").text
    with context.unit_of_work() as uow:
        uow.holds.finish(hold, clock(), actor="bas", recorded_at=clock())
        uow.commit()
    assert "Waits too long" in client.get("/board").text
    clock.advance(timedelta(days=3))
    with context.unit_of_work() as uow:
        uow.releases.move(release, State.RENDERING, at=clock(), actor="bas", reason="", reviewer="bas")
        uow.commit()
    assert "Waits too long" not in client.get("/board").text
