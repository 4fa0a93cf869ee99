"""The same charts as figures for Plotly, which a page draws in place of the SVG: plain values, for JSON in the page.

Colours are names of variables of the style sheet («--action»), so that dark and light follow it. All text is escaped
here, since Plotly reads it as markup. ``walk`` is the trace along which a person can go point by point: what is said of
each point, and of which release it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from html import escape
from math import log10
from textwrap import wrap

from vrijgave import words
from vrijgave.charts import flow
from vrijgave.charts.ageing import LANES, MOST_DRAWN, beyond
from vrijgave.charts.splits import end
from vrijgave.charts.svg import length, steep_ticks, ticks
from vrijgave.i18n import _, current_language
from vrijgave.leadtime import label
from vrijgave.leadtime.view import AgeingStage, FlowDay, Scatter, Spread, Waiting

Json = Mapping[str, object]
LINE = 26
"""Letters of a name beside an axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What Plotly is given. ``says`` and ``releases`` are as long as the trace ``walk`` (empty: of no release)."""

    data: tuple[Json, ...]
    layout: Json
    walk: int
    says: tuple[str, ...]
    releases: tuple[str, ...] = ()
    zooms: bool = False
    """Whether a stretch of days can be chosen to look at closely."""

    @property
    def json(self) -> Json:
        """For the page."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def points_figure(scatter: Scatter, lead: Spread) -> Figure:
    """Lead time by day of publication."""
    points = scatter.points
    marks = ticks(max((point.seconds for point in points), default=0))
    levels = ((lead.median, _("median"), "--action", "solid"), (lead.p90, _("90 of 100 within"), "--ink-soft", "dash"))
    days = [point.day for point in points]
    dots: Json = {
        "type": "scatter", "mode": "markers", "name": _text(_("one release")), "x": [day.isoformat() for day in days],
        "y": [point.seconds for point in points],
        "marker": {"color": "--action", "size": 8, "opacity": 0.65, "line": {"width": 0}},
    }  # fmt: skip
    lines = tuple(_level(bounds.high, *rest, days=days) for bounds, *rest in levels if bounds is not None)
    return Figure(
        data=(dots, *lines),
        layout=_layout(360, xaxis=_days(), yaxis=_lengths(marks)),
        walk=0,
        says=tuple(f"{p.number}: {words.day(p.day)}, {length(p.seconds)}" for p in points),
        releases=tuple(point.release_id for point in points),
        zooms=True,
    )


def _level(at: int, name: str, colour: str, dash: str, *, days: Sequence[date]) -> Json:
    x = [min(days).isoformat(), max(days).isoformat()] if days else []
    line = {"color": colour, "width": 2, "dash": dash}
    return {"type": "scatter", "mode": "lines", "name": _text(f"{name}: {length(at)}"), "x": x, "y": [at, at],
            "line": line, "hoverinfo": "skip"}  # fmt: skip


def flow_figure(days: Sequence[FlowDay]) -> Figure:
    """The cumulative flow."""
    names = flow.names()
    each = [day.day.isoformat() for day in days]
    data: tuple[Json, ...] = tuple(
        {
            "type": "scatter", "mode": "lines", "name": _text(name), "x": each, "y": [chosen(day) for day in days],
            "fill": "tozeroy", "fillcolor": f"--flow-{n}", "line": {"color": "--surface", "width": 0.75},
            "hoverinfo": "skip",
        }
        for n, (name, (chosen, _colour)) in enumerate(zip(names, flow.BANDS, strict=True))
    )  # fmt: skip
    counts = [", ".join(f"{name} {chosen(d)}" for name, (chosen, _c) in zip(names, flow.BANDS, strict=True))
              for d in days]  # fmt: skip
    return Figure(
        data=data,
        layout=_layout(
            360,
            xaxis=_days(),
            yaxis={"rangemode": "tozero", "gridcolor": "--line", "fixedrange": True, "automargin": True},
            hovermode="x",
        ),
        walk=0,
        says=tuple(f"{words.day(day.day)}: {count}" for day, count in zip(days, counts, strict=True)),
        zooms=True,
    )


def ageing_figure(stages: Sequence[AgeingStage]) -> Figure:
    """What is under way, over what its stage usually takes."""
    bands = ((lambda s: s.median, _("half of them were done")), (lambda s: s.p85, _("85 of 100 were done")),
             (lambda s: s.p95, _("95 of 100 were done")))  # fmt: skip
    rows = list(range(len(stages)))
    placed = [
        (row, n, wait, stage) for row, stage in enumerate(stages) for n, wait in enumerate(stage.waiting[:MOST_DRAWN])
    ]
    tops = [stage.spread.p95.high for stage in stages if stage.spread.p95 is not None]
    most = max([*tops, *(wait.age for _row, _n, wait, _stage in placed)], default=0)
    marks = steep_ticks(most)
    span = [log10(marks[0]), log10(max(most, 2 * marks[0])) + 0.2]
    data: list[Json] = []
    for number, (chosen, name) in reversed(list(enumerate(bands))):
        ends = [chosen(stage.spread) for stage in stages]
        data.append(
            {
                "type": "bar", "orientation": "h", "name": _text(name), "y": rows, "hoverinfo": "skip", "width": 0.78,
                "x": [None if bounds is None else max(marks[0], bounds.high) for bounds in ends],
                "marker": {"color": f"--band-{number}", "line": {"width": 0}}, "legendrank": number,
            }
        )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "markers", "name": _text(_("one release")), "showlegend": False,
            "x": [max(marks[0], wait.age) for _row, _n, wait, _stage in placed],
            "y": [row + 0.26 * ((n * 2 % LANES) / (LANES - 1) * 2 - 1) for row, n, _wait, _stage in placed],
            "marker": {
                "symbol": [_symbol(wait, stage.spread) for _row, _n, wait, stage in placed], "size": 10,
                "color": "--action", "line": {"width": 1.5, "color": "--action"},
            },
        }
    )  # fmt: skip
    data += [
        _key(symbol, name)
        for symbol, name in (
            ("circle", _("usual")),
            ("diamond", _("beyond 85 of 100")),
            ("triangle-up", _("beyond 95 of 100")),
            ("circle-open", _("hollow: held on purpose")),
        )
    ]
    called = {stage.stage: label(stage.stage) for stage in stages}
    names = [f"{called[stage.stage]} ({stage.count})" for stage in stages]
    return Figure(
        data=tuple(data),
        layout=_layout(
            70 + 34 * max(1, len(stages)), barmode="overlay",
            xaxis={"type": "log", "gridcolor": "--line", "fixedrange": True, "side": "top", "range": span,
                   "tickvals": marks, "ticktext": [_text(length(mark)) for mark in marks]},
            yaxis=_names(names),
        ),
        walk=len(bands),
        says=tuple(_waits(wait, stage.spread, called[wait.stage]) for _row, _n, wait, stage in placed),
        releases=tuple(wait.release_id for _row, _n, wait, _stage in placed),
    )  # fmt: skip


def _key(symbol: str, name: str) -> Json:
    """A line of the legend alone."""
    marker = {"symbol": symbol, "size": 10, "color": "--action", "line": {"width": 1.5, "color": "--action"}}
    return {"type": "scatter", "mode": "markers", "name": _text(name), "x": [None], "y": [0], "marker": marker,
            "hoverinfo": "skip"}  # fmt: skip


def _symbol(wait: Waiting, spread: Spread) -> str:
    shape = ("circle", "diamond", "triangle-up")[beyond(wait.age, spread)]
    return f"{shape}-open" if wait.held else shape


def _waits(wait: Waiting, spread: Spread, stage: str) -> str:
    told = [_("{number}: {age} in «{stage}»").format(number=wait.number, age=length(wait.age), stage=stage)]
    level = beyond(wait.age, spread)
    if level:
        told.append(_("longer than {share} of 100 took").format(share=(85, 95)[level - 1]))
    if wait.held:
        told.append(_("held on purpose"))
    return ", ".join(told)


def splits_figure(rows: Sequence[tuple[str, Spread]]) -> Figure:
    """The median of each part with its interval."""
    marks = ticks(max((end(spread) for _name, spread in rows), default=0))
    told = [(row, spread) for row, (_name, spread) in enumerate(rows)]
    middles = [spread.median.high if spread.median else None for _row, spread in told]
    dots: Json = {
        "type": "scatter", "mode": "markers", "name": _text(_("median")), "x": middles,
        "y": [row for row, _spread in told], "marker": {"size": 11, "color": "--action"},
    }  # fmt: skip
    likely: Json = {
        "type": "bar", "orientation": "h", "name": _text(_("where the median lies with 95% certainty")), "width": 0.4,
        "y": [row for row, _spread in told], "hoverinfo": "skip",
        "base": [spread.interval.low if spread.interval else None for _row, spread in told],
        "x": [spread.interval.high - spread.interval.low if spread.interval else None for _row, spread in told],
        "marker": {"color": "--band-0", "line": {"width": 1, "color": "--line-strong"}},
    }  # fmt: skip
    most: Json = {
        "type": "scatter", "mode": "markers", "name": _text(_("90 of 100 within")), "hoverinfo": "skip",
        "x": [spread.p90.high if spread.p90 else None for _row, spread in told],
        "y": [row for row, _spread in told],
        "marker": {"symbol": "line-ns", "size": 13, "line": {"width": 2, "color": "--ink-soft"}},
    }  # fmt: skip
    few: list[Json] = [
        {
            "x": 0, "y": row, "xanchor": "left", "showarrow": False, "xshift": 6,
            "text": _text(_("n = {n}: too few").format(n=spread.n)),
        }
        for row, spread in told
        if spread.median is None
    ]  # fmt: skip
    axis = {**_lengths(marks), "side": "top"}
    return Figure(
        data=(likely, most, dots),
        layout=_layout(
            90 + 32 * max(1, len(rows)), xaxis=axis, annotations=few,
            yaxis=_names([f"{name} (n = {spread.n})" for name, spread in rows]),
        ),
        walk=2,
        says=tuple(split_says(name, spread) for name, spread in rows),
    )  # fmt: skip


def split_says(name: str, spread: Spread) -> str:
    """One part in a sentence."""
    if spread.median is None or spread.interval is None or spread.p90 is None:
        return f"{name}: " + _("n = {n}: too few").format(n=spread.n)
    told = _("{name}: median {median} (n = {n}), with 95% certainty between {low} and {high}; 90 of 100 within {p90}")
    return told.format(
        name=name, median=length(spread.median.high), n=spread.n, low=length(spread.interval.low),
        high=length(spread.interval.high), p90=length(spread.p90.high),
    )  # fmt: skip


def _layout(height: int, **more: object) -> Json:
    margin = {"l": 8, "r": 16, "t": 28, "b": 72, "pad": 4}
    return {
        "height": height + 60, "margin": margin, "dragmode": False, "hovermode": "closest", "barmode": "overlay",
        "paper_bgcolor": "--surface", "plot_bgcolor": "--surface", "font": {"color": "--ink", "size": 14},
        "hoverlabel": {"bgcolor": "--ink", "bordercolor": "--ink", "font": {"color": "--surface", "size": 14},
                       "align": "left"},
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "itemclick": False,
                   "itemdoubleclick": False, "traceorder": "normal"},
        **more,
    }  # fmt: skip


def _lengths(marks: Sequence[int]) -> Json:
    return {
        "tickvals": list(marks), "ticktext": [_text(length(mark)) for mark in marks], "gridcolor": "--line",
        "zerolinecolor": "--line-strong", "range": [0, marks[-1] * 1.02],
        "fixedrange": True, "automargin": True,
    }  # fmt: skip


def _days() -> Json:
    formats = [{"dtickrange": [None, "M1"], "value": "%-d %b"}, {"dtickrange": ["M1", None], "value": "%b %Y"}]
    return {"type": "date", "tickformatstops": formats, "nticks": 8, "gridcolor": "--line", "fixedrange": True}


def _names(names: Sequence[str]) -> Json:
    """Rows from the top, with long names over two lines."""
    lines = [wrap(name, LINE, max_lines=2, placeholder="…") or [""] for name in names]
    text = ["<br>".join(_text(part) for part in each) for each in lines]
    return {
        "tickvals": list(range(len(names))), "ticktext": text, "range": [len(names) - 0.5, -0.5], "fixedrange": True,
        "showgrid": False, "automargin": True,
    }  # fmt: skip


def _text(text: str) -> str:
    return escape(text, quote=False)


def plotly_locale() -> Json:
    """How Plotly writes numbers and days in the language that is spoken now."""
    from babel import Locale

    locale = Locale.parse(current_language().value)
    months, days = locale.months["format"], locale.days["format"]
    order = (6, 0, 1, 2, 3, 4, 5)
    return {
        "moduleType": "locale", "name": current_language().value, "dictionary": {},
        "format": {
            "months": [months["wide"][n] for n in range(1, 13)],
            "shortMonths": [months["abbreviated"][n].rstrip(".") for n in range(1, 13)],
            "days": [days["wide"][n] for n in order], "shortDays": [days["abbreviated"][n] for n in order],
            "decimal": locale.number_symbols["latn"]["decimal"], "thousands": locale.number_symbols["latn"]["group"],
            "date": "%d-%m-%Y",
        },
    }  # fmt: skip
