"""The dashboard of lead times in Chromium: under the strict policy, by keyboard, on a phone, in the dark, on paper."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from test_browser_pages import complaints
from web_seed import made_up
from web_site import DESK, PHONE, Site

from vrijgave.bootstrap import build
from vrijgave.domain.people import Account, Role
from vrijgave.domain.releases import State
from vrijgave.services import example
from vrijgave.settings import Settings
from vrijgave.web import cookies

ATTACK = "<b>X</b><a href='https://example.org'>&"
WATCH = "window.refused = []; addEventListener('securitypolicyviolation', e => refused.push(e.violatedDirective), true)"
CHARTS = 8  # what waits, the points, the flow and five splits
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Account]]:
    """A made-up year, with one release more that waits, of which the number is markup."""
    context = build(Settings(home=tmp_path_factory.mktemp("year")))
    example.fill(context, seed=3, releases=160, until=context.now().date())
    bad = made_up(7, State.RECEIVED, context.now())
    bad = replace(bad, case=replace(bad.case, public_case_number=ATTACK, unit=ATTACK))
    with context.unit_of_work() as uow:
        uow.releases.add(bad)
        uow.commit()
    site = Site(context)
    site.start()
    yield site, site.add_account("lien", Role.LEIDING)
    site.stop()


@pytest.fixture
def dashboard(chromium: Browser, year: tuple[Site, Account]) -> Iterator[Open]:
    """Opens the dashboard; fails when the policy had to refuse something, or the console tells of an error."""
    site, account = year
    windows, said = [], []

    def make(path: str = "/lead-times", **options: object) -> Page:
        window = chromium.new_context(**{"viewport": DESK, "base_url": site.url, "locale": "nl-NL", **options})  # type: ignore[arg-type]
        windows.append(window)
        window.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
        window.add_init_script(WATCH)
        page = window.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path)
        return page

    yield make
    refused = [page.evaluate("window.refused || []") for window in windows for page in window.pages if page.url]
    for window in windows:
        window.close()
    assert [one for each in refused for one in each] == []
    assert said == []


def drawn(page: Page, part: str) -> Locator:
    """The chart of one part, as soon as it is drawn."""
    figure = page.locator(f"#{part} figure")
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".main-svg").first).to_be_visible()
    return figure


def draw_all(page: Page) -> None:
    figures = page.locator("figure[data-chart]")
    expect(figures).to_have_count(CHARTS)
    for number in range(CHARTS):
        figures.nth(number).scroll_into_view_if_needed()
        expect(figures.nth(number).locator(".main-svg").first).to_be_visible()


def told(figure: Locator) -> dict[str, list[object]]:
    """The trace that Plotly drew and that a person goes along."""
    return figure.evaluate(  # type: ignore[no-any-return]
        "f => { const told = JSON.parse(f.querySelector('script').textContent);"
        " const t = f.querySelector('.plotly-room').data[told.walk];"
        " return {x: t.x, y: t.y, says: told.says, releases: told.releases}; }"
    )


def rows_of(page: Page, part: str) -> list[dict[str, str]]:
    answer = page.request.get(f"/lead-times/{part}.csv")
    return list(csv.DictReader(io.StringIO(answer.text())))


def table_of(figure: Locator) -> list[list[str]]:
    return figure.evaluate(  # type: ignore[no-any-return]
        "f => [...f.parentElement.querySelectorAll('details tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    )


@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "dark"}, {"viewport": PHONE, "reduced_motion": "reduce"}],
    ids=["in the dark", "on a phone, at rest"],
)
def test_every_chart_is_drawn_under_the_policy_and_axe_has_nothing_serious(
    dashboard: Open, options: dict[str, object]
) -> None:
    page = dashboard(**options)
    assert page.locator("script[src*=plotly]").count() <= 1
    draw_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    wide = page.evaluate("[...document.querySelectorAll('.plotly-room')].map(r => r.scrollWidth - r.clientWidth)")
    assert wide == [0] * CHARTS
    assert complaints(page) == []
    if "reduced_motion" in options:
        moving = "document.getAnimations().filter(a => a.effect.target.closest('.lead-times')).length"
        assert page.evaluate(moving) == 0


def test_without_scripts_the_same_charts_stand_there_as_pictures(dashboard: Open) -> None:
    page = dashboard(java_script_enabled=False)
    for number in range(CHARTS):
        expect(page.locator("figure[data-chart] .chart").nth(number)).to_be_visible()
    expect(page.locator(".chart-with").first).to_be_hidden()


def test_plotly_comes_only_when_a_chart_is_near(dashboard: Open) -> None:
    page = dashboard(viewport={"width": 1366, "height": 200})
    page.wait_for_timeout(300)
    assert page.evaluate("typeof Plotly") == "undefined"
    drawn(page, "scatter")
    assert page.evaluate("typeof Plotly") == "object"


@pytest.mark.parametrize("broken", ["", "window.Plotly = {register() {}, react() { throw new Error('broken'); }};"])
def test_where_plotly_fails_the_picture_stays(chromium: Browser, year: tuple[Site, Account], broken: str) -> None:
    site, account = year
    window = chromium.new_context(viewport=DESK, base_url=site.url)  # type: ignore[arg-type]
    window.add_cookies([{"name": cookies.SESSION, "value": site.token(account), "url": site.url}])
    page = window.new_page()
    answer = {"status": 200 if broken else 404, "body": broken, "content_type": "text/javascript"}
    page.route("**/vendor/plotly.js", lambda route: route.fulfill(**answer))  # type: ignore[arg-type]
    failed: list[object] = []
    page.on("pageerror", lambda error: failed.append(error))
    page.goto("/lead-times")
    page.locator("#scatter").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    assert failed
    expect(page.locator("#scatter .chart-room > .chart")).to_be_visible()
    window.close()


def test_by_keyboard_along_the_points_and_closer(dashboard: Open) -> None:
    page = dashboard()
    figure = drawn(page, "scatter")
    points = told(figure)
    slider = figure.get_by_role("slider", name="Punt voor punt: Elke publicatie")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", str(points["says"][2]))
    expect(figure.locator("output")).to_contain_text(str(points["says"][2]))
    expect(figure.locator(".hoverlayer .hovertext")).to_be_visible()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", str(points["says"][-1]))
    page.keyboard.press("Tab")
    expect(figure.get_by_role("link", name="Open de vrijgave")).to_be_focused()
    page.keyboard.press("Tab")
    expect(figure.get_by_role("button", name="Inzoomen")).to_be_focused()
    span = "r => { const a = r.layout.xaxis.range.map(d => Date.parse(d)); return a[1] - a[0]; }"
    room = figure.locator(".plotly-room")
    whole = room.evaluate(span)
    page.keyboard.press("Enter")
    assert room.evaluate(span) == pytest.approx(whole / 2, rel=0.01)
    figure.get_by_role("button", name="Alle dagen").press("Enter")
    assert room.evaluate(span) == pytest.approx(whole, rel=0.01)
    figure.get_by_role("link", name="Open de vrijgave").press("Enter")
    expect(page).to_have_url(re.compile(f"/releases/{points['releases'][-1]}$"))


def test_a_click_on_a_point_chooses_it(dashboard: Open) -> None:
    page = dashboard()
    figure = drawn(page, "by-unit")
    figure.locator(".scatterlayer .trace").last.locator(".points path").first.click(force=True)
    expect(figure.locator("output")).to_have_text(str(told(figure)["says"][0]))


def test_the_chart_the_table_and_the_file_hold_the_same_figures(dashboard: Open) -> None:
    page = dashboard()
    scatter = told(drawn(page, "scatter"))
    assert list(zip(scatter["x"], scatter["y"], strict=True)) == [
        (row["day"], int(row["seconds"])) for row in rows_of(page, "scatter")
    ]
    flow, days = drawn(page, "flow"), rows_of(page, "flow")
    assert told(flow)["y"] == [int(row["received"]) for row in days]
    steps = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
    assert table_of(flow)[-1][1:] == [days[-1][step] for step in steps]
    ageing, stages = drawn(page, "ageing"), rows_of(page, "ageing")
    waiting = rows_of(page, "waiting")
    ages = [max(60, int(row["age_s"])) for row in waiting]
    assert told(ageing)["x"] == pytest.approx(ages, abs=120)  # the file is asked for a moment later
    assert [row[1] for row in table_of(ageing)] == [row["count"] for row in stages]
    bars = ageing.evaluate("f => f.querySelector('.plotly-room').data.slice(0, 3).map(t => t.x)")
    names = ("p95_high_s", "p85_high_s", "median_high_s")
    assert bars == [[max(60, int(row[name])) if row[name] else None for row in stages] for name in names]
    units = [row for row in rows_of(page, "by-unit") if row["published"] != "0"]
    by_unit = drawn(page, "by-unit")
    medians = [int(row["median_high_s"]) if row["median_high_s"] else None for row in units]
    assert told(by_unit)["x"] == medians
    assert [row[4] for row in table_of(by_unit)][: len(units)] == [row["n"] for row in units]


def test_a_filter_is_in_the_address_and_whoever_opens_it_sees_the_same(dashboard: Open) -> None:
    page = dashboard()
    page.get_by_label("Eenheid", exact=True).select_option(index=2)
    page.get_by_label("Welke uren tellen").select_option("office")
    page.get_by_role("button", name="Tonen").click()
    expect(page).to_have_url(re.compile("unit=.+hours=office"))
    own, other = page, dashboard(page.url)
    assert (
        other.get_by_label("Eenheid", exact=True).input_value()
        == own.get_by_label("Eenheid", exact=True).input_value()
        != ""
    )
    assert other.locator(".tiles").inner_text() == own.locator(".tiles").inner_text()
    assert told(drawn(other, "scatter")) == told(drawn(own, "scatter"))


def test_the_charts_follow_dark_and_light(dashboard: Open) -> None:
    page = dashboard()
    room = drawn(page, "scatter").locator(".plotly-room")
    light = room.evaluate("r => r.layout.paper_bgcolor")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => document.querySelector('#scatter .plotly-room').layout.paper_bgcolor !== light", arg=light
    )
    point = page.locator("#scatter .scatterlayer path.point").first
    assert point.evaluate("p => getComputedStyle(p).fill") == "rgb(122, 184, 236)"


def test_paper_has_the_pictures_in_ink_and_says_that_it_is_an_example(dashboard: Open) -> None:
    page = dashboard(color_scheme="dark")
    drawn(page, "scatter")
    page.emulate_media(media="print")
    for number in range(CHARTS):
        figure = page.locator("figure[data-chart]").nth(number)
        expect(figure.locator(".chart-room > .chart")).to_be_visible()
        expect(figure.locator(".plotly-room")).to_be_hidden()
    ink = page.locator("#scatter .chart .ink").first.evaluate("e => getComputedStyle(e).fill")
    assert ink == "rgb(22, 33, 44)"
    page.emulate_media(media=None)  # type: ignore[arg-type]
    paper = pypdfium2.PdfDocument(page.pdf(format="A4"))
    text = "".join(paper[n].get_textpage().get_text_range() for n in range(len(paper)))
    assert "Voorbeeld" in text
    assert "hier ligt de mediaan met 95% zekerheid" in text
    assert "Tonen" not in text


def test_text_of_people_is_text_in_a_chart_too(dashboard: Open) -> None:
    page = dashboard("/lead-times?period=all")
    figure = drawn(page, "ageing")
    says = [str(each) for each in told(figure)["says"]]
    number = next(n for n, each in enumerate(says) if each.startswith(ATTACK))
    figure.get_by_role("slider").evaluate("(s, n) => { s.value = n; s.dispatchEvent(new Event('input')); }", number)
    expect(figure.locator("output")).to_contain_text(ATTACK)
    hover = figure.locator(".hoverlayer .hovertext")
    expect(hover).to_contain_text("<b>X</b>")
    assert hover.locator("a").count() == 0
