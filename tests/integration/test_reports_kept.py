"""A month has one report, however many make it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest
from figures import NOW, dashboard
from sqlalchemy import URL
from web_clients import Clock, make_context

from vrijgave.domain.reports import ReportKind
from vrijgave.errors import NotFound, Rejected
from vrijgave.leadtime.view import Dashboard, Query
from vrijgave.services import reports
from vrijgave.services.context import Context
from vrijgave.services.reports import Month

OCTOBER = Month(2026, 10)


@pytest.fixture
def context(database_url: URL, tmp_path: Path) -> Context:
    return make_context(database_url, tmp_path, Clock(NOW))


def answer(_context: Context, _query: Query) -> Dashboard:
    return dashboard()


def test_two_at_once_keep_one_report(context: Context, tmp_path: Path) -> None:
    together, number = Barrier(2), count(20)

    def ask(_context: Context, query: Query) -> Dashboard:
        if query.since == OCTOBER.first:
            together.wait(20)  # both have seen that there is none
        return dashboard(next(number))  # so that the two differ

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _n: reports.keep_month(context, OCTOBER, ask), range(2))
    assert one == other
    with context.reading() as uow:
        assert uow.reports.list() == [one]
    assert reports.read(context, ReportKind.MONTH, "2026-10")[1].startswith(b"%PDF")
    kept = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert len(kept) == 1, "the bytes of who came second are gone"


def test_a_later_call_makes_nothing(context: Context) -> None:
    first = reports.keep_month(context, OCTOBER, answer)

    def ask(_context: Context, _query: Query) -> Dashboard:
        raise AssertionError("asked")

    assert reports.keep_month(context, OCTOBER, ask) == first


def test_it_asks_for_the_month_the_one_before_and_a_quarter(context: Context) -> None:
    asked: list[tuple[str, str]] = []

    def ask(_context: Context, query: Query) -> Dashboard:
        asked.append((str(query.since), str(query.until)))
        return dashboard()

    reports.keep_month(context, OCTOBER, ask)
    assert asked == [("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30"), ("2026-08-01", "2026-10-31")]


def test_a_month_that_is_not_over_is_refused(context: Context) -> None:
    with pytest.raises(Rejected, match="November 2026 is not over"):
        reports.keep_month(context, Month(2026, 11), answer)
    with pytest.raises(NotFound):
        reports.read(context, ReportKind.MONTH, "2026-11")


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), "2026-10"),  # in Amsterdam November has begun
        (datetime(2026, 10, 31, 22, 30, tzinfo=UTC), "2026-09"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2026-12"),
        (datetime(2028, 3, 1, 0, 0, tzinfo=UTC), "2028-02"),
    ],
)
def test_the_month_before_is_that_of_the_force(sqlite_database: URL, tmp_path: Path, at: datetime, month: str) -> None:
    found = reports.month_before(make_context(sqlite_database, tmp_path, Clock(at)))
    assert str(found) == month
    assert Month.read(month) == found
    assert found.last.day == {"10": 31, "09": 30, "12": 31, "02": 29}[month[-2:]]


@pytest.mark.parametrize("text", ["2026", "2026-13", "oktober", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="Write a month"):
        Month.read(text)
