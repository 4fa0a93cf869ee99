"""What waits, splits and trends as SVG and as figures for Plotly: true to their figures, bounded, text escaped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from json import dumps
from typing import Any
from xml.etree import ElementTree

from figures import HOUR, dashboard, spread

from vrijgave.charts import ageing_chart, sparkline, splits_chart, stages_chart, weeks_chart
from vrijgave.charts.figures import Figure, ageing_figure, flow_figure, plotly_locale, points_figure, splits_figure
from vrijgave.charts.svg import steep_ticks
from vrijgave.i18n import Language, use_language
from vrijgave.leadtime.view import AgeingStage, Bounds, FlowDay, Point, Scatter, Split
from vrijgave.reports.days import points_section
from vrijgave.reports.splits import MOST_LINES, split_section, splits_sections
from vrijgave.reports.summary import beyond

ATTACK = "<b>&"


def stage(*hours: float, held: int = 0) -> AgeingStage:
    """Releases that are there for so long, the first ``held`` of them held; half took 6 h, 85 of 100 12, 95 24."""
    first = dashboard().ageing[0]
    waiting = tuple(
        replace(first.waiting[0], age=int(each * HOUR), held=n < held, release_id=f"{n:032d}")
        for n, each in enumerate(hours)
    )
    return replace(first, count=len(hours), held=held, waiting=waiting, beyond_p85=1, beyond_p95=0)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 -- our own


def of_class(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in parsed(svg).iter() if element.get("class") == name]


def walked(figure: Figure) -> dict[str, Any]:
    return dict(figure.data[figure.walk])


def test_what_waits_is_marked_by_its_shape_and_hollow_where_it_is_held() -> None:
    there = stage(3, 13, 30, 30, held=1)
    symbols = walked(ageing_figure([there]))["marker"]["symbol"]
    assert symbols == ["circle-open", "diamond", "triangle-up", "triangle-up"]
    drawn = ageing_chart([there], "")
    heads = [(e.get("d") or "").count("l") for e in of_class(drawn, "point")]
    assert heads[:3] == [3, 1, 1], "a diamond, two triangles; the circle is held"
    assert len(of_class(drawn, "held-mark")) == 1 + 1, "and one in the legend"


def test_bands_end_at_the_percentiles_and_are_left_out_where_those_are_withheld() -> None:
    few = replace(stage(1), spread=spread(9), beyond_p85=None, beyond_p95=None)
    figure = ageing_figure([stage(3), few])
    ends = [list(trace["x"]) for trace in figure.data[:3]]  # type: ignore[call-overload]
    assert ends == [[24 * HOUR, None], [12 * HOUR + 60, None], [6 * HOUR, None]]
    assert len(of_class(ageing_chart([few], ""), "band-0")) == 1, "the legend alone"
    assert walked(ageing_figure([few]))["marker"]["symbol"] == ["circle"]
    assert "too few" in beyond([few])


def test_on_the_steep_scale_further_right_is_longer_and_nothing_falls_off() -> None:
    drawn = ageing_chart([stage(0, 0.5, 5, 50, 500, 50_000)], "")
    x = [float((e.get("d") or "M").split(" ")[0][1:]) for e in of_class(drawn, "point")][:6]
    assert x == sorted(x)
    assert max(x) < 760
    assert steep_ticks(0) == [60]
    assert steep_ticks(10**12)[-1] == 3500 * 86400


def test_what_is_not_drawn_is_told() -> None:
    many = replace(stage(1, 2), count=900)
    assert "Drawn are the 2 oldest." in beyond([many])
    there = stage(*range(1, 200))
    assert len(ageing_figure([there]).says) == len(of_class(ageing_chart([there], ""), "point")) - 3 == 50
    assert "Drawn are the 50 oldest." in beyond([there])
    shown = dashboard()
    points = tuple(Point(release_id=f"{n:032d}", number=str(n), day=date(2026, 1, 1), seconds=n) for n in range(20))
    sampled = replace(shown, scatter=Scatter(points=points, of=200_000))
    assert "20 of them" in points_section(sampled).pictures[0].says
    line = shown.splits[0][1][0]
    lines = [replace(line, value=f"Delict {n}") for n in range(60)]
    section = split_section(Split.OFFENCE, lines)
    assert len(of_class(section.pictures[0].svg, "interval")) == MOST_LINES + 1, "and one in the legend"
    assert len(section.tables[0].rows) == 60
    assert "all 60" in section.pictures[0].says


def test_a_split_tells_the_interval_and_withholds_what_rests_on_few() -> None:
    rows = [("Oost", spread(40, 76)), ("West", spread(9))]
    figure = splits_figure(rows)
    likely, most, dots = figure.data
    assert (likely["base"], likely["x"]) == ([73 * HOUR, None], [6 * HOUR, None])
    assert (most["x"], dots["x"]) == ([3 * 76 * HOUR, None], [76 * HOUR, None])
    assert "n = 9" in figure.says[1]
    assert "76" not in figure.says[1]
    assert len(of_class(splits_chart(rows, "", ""), "point")) == 1 + 1


def test_a_table_on_paper_leaves_out_what_would_not_fit() -> None:
    (paper,), page = splits_sections(dashboard()), split_section(*dashboard().splits[0])
    titles = [column.title for column in page.tables[0].columns]
    assert [column.title for column in paper.tables[0].columns] == [t for t in titles if "95%" not in t]
    assert "Between (95% certain)" in titles


def test_bars_apart_are_told_from_bars_that_overlap() -> None:
    line = dashboard().splits[0][1][0]

    def said(*intervals: tuple[int, int]) -> str:
        lines = [
            replace(line, value=str(n), lead=replace(line.lead, interval=Bounds(low=low, high=high)))
            for n, (low, high) in enumerate(intervals)
        ]
        return split_section(Split.UNIT, lines).pictures[0].says

    assert "do not overlap" in said((0, 10), (11, 20))
    assert "may be chance" in said((0, 10), (10, 20))
    assert said((0, 10)) == "There is one part of which enough is known."


def test_text_of_people_is_escaped_for_plotly_and_cut_where_it_is_long() -> None:
    text = dumps(splits_figure([(ATTACK, spread(40)), ("x" * 300, spread(40))]).layout)
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text
    assert "x" * 60 not in text
    svg = splits_chart([("x" * 300, spread(40))], "", "")
    assert "x" * 60 not in svg


def test_each_figure_says_something_of_each_of_its_points() -> None:
    days = tuple(
        FlowDay(day=date(2026, 1, 1) + timedelta(days=n), received=n, analysed=0, reviewed=0, rendered=0, approved=0,
                published=0, ended=0)
        for n in range(5)
    )  # fmt: skip
    point = Point(release_id="a" * 32, number="N-1", day=date(2026, 1, 1), seconds=HOUR)
    for figure in (
        flow_figure(days), points_figure(Scatter(points=(point,), of=1), spread(40)), ageing_figure([stage(1, 2)]),
        splits_figure([("a", spread(40)), ("b", spread(3))]),
    ):  # fmt: skip
        assert len(figure.says) == len(walked(figure)["x"]) == len(walked(figure)["y"])
        assert len(figure.releases) in (0, len(figure.says))
        assert dumps(figure.json)


def test_nothing_to_draw_is_still_a_figure() -> None:
    assert ageing_figure([]).says == splits_figure([]).says == flow_figure([]).says == ()
    assert points_figure(Scatter(points=(), of=0), spread(3)).says == ()
    assert parsed(ageing_chart([], "")).tag.endswith("svg")
    assert parsed(splits_chart([], "", "")).tag.endswith("svg")


def test_a_sparkline_breaks_where_a_value_is_withheld_and_needs_two() -> None:
    assert sparkline([None, 3], "") == ""
    line = of_class(sparkline([1, 2, None, 3], ""), "median")[0].get("d") or ""
    assert line.count("M") == 2
    assert "title" in sparkline([1, 2], "by week")


def test_a_phone_gets_pictures_of_its_own_width() -> None:
    shown = dashboard()
    for narrow in (stages_chart(shown.stages, "", narrow=True), weeks_chart(shown.weeks, "", narrow=True)):
        assert parsed(narrow).get("viewBox", "").startswith("0 0 340 ")
    wide = stages_chart(shown.stages, "")
    assert 'id="stripes"' in wide
    assert 'id="stripes-narrow"' in stages_chart(shown.stages, "", narrow=True), "a name may be there once"


def test_days_and_numbers_are_written_in_the_language_of_the_page() -> None:
    use_language(Language.DUTCH)
    try:
        written: Any = plotly_locale()
    finally:
        use_language(Language.ENGLISH)
    assert written["name"] == "nl"
    assert written["format"]["shortMonths"][2] == "mrt"
    assert written["format"]["days"][0] == "zondag"
    assert (written["format"]["decimal"], written["format"]["thousands"]) == (",", ".")
