"""The dashboard of lead times over HTTP: filters in the address, tables as files, and text of people as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from web_clients import Browser

from vrijgave.domain.people import Role
from vrijgave.domain.releases import Release
from vrijgave.leadtime.tables import PARTS
from vrijgave.leadtime.view import Query, Split
from vrijgave.services import example
from vrijgave.services.context import Context
from vrijgave.services.dashboard import dashboard

SPARKS = 5  # came in, became public, median, 85 and 90 of 100
ATTACK = "=1+1<script>alert(1)</script>"


@pytest.fixture
def leiding(context: Context, signed_in: Callable[..., Browser]) -> Browser:
    example.fill(context, seed=5, releases=60, until=min(date(2026, 10, 1), context.now().date()))
    return signed_in(Role.LEIDING)


def rows(client: Browser, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_page_tells_what_the_figures_say(leiding: Browser, context: Context) -> None:
    page = leiding.get("/lead-times?period=all").text
    shown = dashboard(context, Query())
    assert f'<strong class="tile-value">{shown.tiles.published}</strong>' in page
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="chart"') == 2 * 2 + 3 + len(Split) + SPARKS
    assert "All releases and figures here are made up." in page
    assert (
        f'href="/releases/{max((w for s in shown.ageing for w in s.waiting), key=lambda w: w.age).release_id}"' in page
    )
    assert " style=" not in page


def test_the_address_holds_what_was_chosen(leiding: Browser, context: Context) -> None:
    unit = dict(dashboard(context, Query()).splits)[Split.UNIT][0].value
    page = leiding.get("/lead-times", params={"period": "all", "unit": unit, "hours": "office"}).text
    assert f'<option value="{unit}" selected>' in page
    assert '<option value="office" selected>' in page
    asked = f"/lead-times/stages.csv?period=all&amp;unit={unit.replace(' ', '+')}&amp;hours=office"
    assert f'href="{asked}"' in page
    nonsense = leiding.get("/lead-times?period=never&since=soon&footage=eye&headline=x&hours=y&stage=z")
    assert nonsense.status_code == 200


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_table_comes_as_a_file(leiding: Browser, part: str) -> None:
    answer = leiding.get(f"/lead-times/{part}.csv?period=all")
    assert answer.status_code == 200
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert len(lines) > 1
    assert len({len(line) for line in lines}) == 1


def test_files_hold_the_figures_of_the_page(leiding: Browser, context: Context) -> None:
    shown = dashboard(context, Query())
    told = {row["stage"]: row for row in rows(leiding, "/lead-times/stages.csv?period=all")}
    for line in shown.stages:
        assert int(told[line.stage.value]["total_s"]) == line.total
        median = line.spread.median
        assert told[line.stage.value]["median_high_s"] == ("" if median is None else str(median.high))
    lead = next(r for r in rows(leiding, "/lead-times/tiles.csv?period=all") if r["measure"] == "lead")
    assert (int(lead["published"]), int(lead["n"])) == (shown.tiles.published, shown.tiles.lead.n)
    assert len(rows(leiding, "/lead-times/scatter.csv?period=all")) == len(shown.scatter.points)
    assert leiding.get("/lead-times/nothing.csv").status_code == 404


def test_names_of_people_stay_text(
    context: Context, signed_in: Callable[..., Browser], new_release: Callable[..., Release]
) -> None:
    release = new_release(created_at=context.now())
    attacked = replace(release, case=replace(release.case, unit=ATTACK, offence=ATTACK, public_case_number=ATTACK))
    with context.unit_of_work() as uow:
        uow.releases.add(attacked)
        uow.commit()
    client = signed_in(Role.LEIDING)
    page = client.get("/lead-times", params={"unit": ATTACK}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert [row["unit"] for row in rows(client, "/lead-times/by-unit.csv")] == [f"'{ATTACK}"]


def test_an_empty_installation_says_so(signed_in: Callable[..., Browser]) -> None:
    page = signed_in(Role.LEIDING).get("/lead-times").text
    assert "Nothing is under way." in page
    assert "There are too few releases to tell a trend." in page


def test_detectives_and_administrators_do_not_see_it(signed_in: Callable[..., Browser]) -> None:
    for role in (Role.RECHERCHE, Role.BEHEER):
        assert signed_in(role).get("/lead-times").status_code == 403


@pytest.mark.parametrize("asked", ["since=0001-01-01", "until=9999-12-31", "since=2026-05-02&until=2026-05-01"])
def test_days_without_any_figure_break_nothing(signed_in: Callable[..., Browser], asked: str) -> None:
    assert signed_in(Role.LEIDING).get(f"/lead-times?{asked}").status_code == 200
