"""Charts as SVG: well formed, without inline style, true to their figures, with text of people escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

from figures import dashboard, spread
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.charts import flow_chart, points_chart, stages_chart, weeks_chart
from vrijgave.charts.svg import tag, ticks
from vrijgave.leadtime.view import Bounds, FlowDay, Point, Scatter, Week

SVG = "{http://www.w3.org/2000/svg}"
HOUR = 3600


def week(number: int, published: int, hours: int | None) -> Week:
    figures = spread(42 if hours is not None else 3, hours or 1)
    return Week(first=date(2026, 1, 5) + timedelta(days=7 * number), received=1, published=published, spread=figures)


def parsed(svg: str) -> ElementTree.Element:
    found = ElementTree.fromstring(svg)  # noqa: S314 -- our own
    assert not [element for element in found.iter() if "style" in element.attrib]
    return found


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in svg.iter() if element.get("class") == name]


def test_a_bar_is_as_long_as_its_median() -> None:
    lines = [line for line in dashboard().stages if line.stage.in_service]
    svg = parsed(stages_chart(lines, "a & b"))
    bars = [e for e in svg.iter(f"{SVG}rect") if e.get("class") in ("waits", "working")][: len(lines)]
    median = [line.spread.median.high for line in lines if line.spread.median]
    wide = [float(bar.get("width") or 0) for bar in bars]
    scale = wide[-1] / median[-1]
    assert all(abs(w - m * scale) < 0.2 for w, m in zip(wide, median, strict=True))
    assert svg.findtext(f"{SVG}desc") == "a & b"
    assert [e.text for e in of_class(svg, "bottleneck")] == ["bottleneck"]


def test_withheld_figures_are_said_to_be_so() -> None:
    lines = [replace(line, spread=spread(3)) for line in dashboard().stages]
    svg = parsed(stages_chart(lines, ""))
    assert sum("too few" in (e.text or "") for e in svg.iter(f"{SVG}text")) == sum(
        line.stage.in_service for line in lines
    )


def test_the_line_of_the_trend_breaks_where_percentiles_are_withheld() -> None:
    svg = parsed(weeks_chart([week(n, n, None if n == 3 else 50) for n in range(8)], ""))
    median = of_class(svg, "median")[0].get("d") or ""
    assert median.count("M") == 2
    assert median.count("L") == 2 + 3
    counts = [float(e.get("height") or 0) for e in of_class(svg, "count")][:-1]
    assert [round(7 * c / counts[-1]) for c in counts] == list(range(8))


def test_a_point_stands_at_its_day_and_length() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 21))
    points = tuple(Point(release_id="a", number="1", day=d, seconds=n * HOUR) for n, d in enumerate(days, start=1))
    svg = parsed(points_chart(Scatter(points=points, of=3), spread(3), ""))
    x, y = ([float(e.get(key) or 0) for e in of_class(svg, "point")] for key in ("cx", "cy"))
    assert abs((x[1] - x[0]) - (x[2] - x[1])) < 0.2 < x[1] - x[0]
    assert abs((y[0] - y[1]) - (y[1] - y[2])) < 0.2 < y[0] - y[1]
    assert len(of_class(svg, "median")) == 1, "only the legend: percentiles are withheld"


def test_each_band_of_the_flow_is_as_high_as_its_count() -> None:
    counts = {"received": 10, "analysed": 8, "reviewed": 6, "rendered": 4, "approved": 2, "published": 0}
    flow = [FlowDay(day=date(2026, 1, day), ended=0, **counts) for day in (1, 2)]
    bands = [e for e in parsed(flow_chart(flow, "")).iter() if (e.get("class") or "").startswith("band")]
    tops = [float((band.get("d") or "").split("L")[1].split(" ")[1]) for band in bands]
    assert [round((tops[-1] - top) / (tops[-1] - tops[0]) * 10) for top in tops] == list(counts.values())


def test_nothing_to_draw_is_still_a_picture() -> None:
    assert parsed(weeks_chart([], "")).tag == f"{SVG}svg"
    assert parsed(weeks_chart([week(0, 0, None)], "")).tag == f"{SVG}svg"
    assert parsed(points_chart(Scatter(points=(), of=0), spread(3), "")).tag == f"{SVG}svg"
    assert parsed(flow_chart([], "")).tag == f"{SVG}svg"
    assert parsed(stages_chart([], "")).tag == f"{SVG}svg"


@given(st.integers(0, 10**9))
def test_ticks_reach_beyond_the_longest_and_are_few(most: int) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert most <= marks[-1]
    assert 2 <= len(marks) <= 7 or most > 5 * 7000 * 86400


def test_what_people_wrote_is_text_and_nothing_else() -> None:
    assert tag("text", "<script>", title='"><b>') == '<text title="&quot;&gt;&lt;b&gt;">&lt;script&gt;</text>'


def test_bounds_that_differ_are_drawn_by_the_upper_one() -> None:
    one, other = (week(n, 1, 50) for n in (0, 1))
    wide = replace(other, spread=replace(other.spread, median=Bounds(low=0, high=50 * HOUR)))
    drawn = parsed(weeks_chart([one, wide], ""))
    heights = [
        part.split(" ")[1] for part in (of_class(drawn, "median")[0].get("d") or "").replace("L", " L").split(" L")
    ]
    assert len({height.removesuffix("h0") for height in heights}) == 1
