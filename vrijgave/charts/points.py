"""Lead time by day of publication: a point for each release, with lines at the percentiles."""

from __future__ import annotations

from datetime import date

from vrijgave import words as spoken
from vrijgave.charts.svg import ACCENT, LINE, SOFT, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime.view import Bounds, Scatter, Spread

WIDTH, LEFT, RIGHT, TOP, LINES = 760, 92, 36, 16, 240
BASE = TOP + LINES
FEW_DAYS = 6


def points_chart(scatter: Scatter, lead: Spread, says: str) -> str:
    """The points as SVG; ``lead`` gives the lines, which are left out where they are withheld."""
    shown = scatter.points
    marks = ticks(max((point.seconds for point in shown), default=0))
    first, last = min((p.day for p in shown), default=None), max((p.day for p in shown), default=None)
    parts = []
    for mark in marks:
        y = _y(mark, marks)
        parts.append(tag("line", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), LEFT - 8, y + 4, anchor="end", class_="soft", size=12))
    if first is not None and last is not None:
        for point in shown:
            x, y = _x(point.day, first, last), _y(point.seconds, marks)
            parts.append(tag("circle", cx=x, cy=y, r=3, fill=ACCENT, fill_opacity=0.55, class_="point"))
        parts += _days(first, last)
    parts += [*_level(lead.median, marks, ACCENT, "median"), *_level(lead.p90, marks, SOFT, "p90"), *_legend()]
    return drawing(WIDTH, BASE + 64, _("Lead time by day of publication"), says, parts)


def _x(day: date, first: date, last: date) -> float:
    return LEFT + 6 + (WIDTH - LEFT - RIGHT - 12) * (day - first).days / max(1, (last - first).days)


def _y(seconds: int, marks: list[int]) -> float:
    return BASE - LINES * seconds / marks[-1]


def _days(first: date, last: date) -> list[str]:
    days = sorted({first + (last - first) * n // (FEW_DAYS - 1) for n in range(FEW_DAYS)})
    return [
        words(spoken.short_day(day), _x(day, first, last), BASE + 18, anchor="middle", class_="soft", size=12)
        for day in days
    ]


def _level(bounds: Bounds | None, marks: list[int], colour: str, class_: str) -> list[str]:
    if bounds is None or bounds.high > marks[-1]:
        return []
    y = _y(bounds.high, marks)
    dashes = {"stroke_dasharray": "6 4"} if class_ == "p90" else {}
    return [tag("path", d=f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}", stroke=colour, stroke_width=2, class_=class_, **dashes)]


def _legend() -> list[str]:
    y = BASE + 50
    return [
        tag("circle", cx=LEFT + 6, cy=y - 4, r=3, fill=ACCENT, fill_opacity=0.55, class_="key"),
        words(_("one release"), LEFT + 18, y, size=12),
        tag("path", d=f"M{LEFT + 130} {y - 4}h24", stroke=ACCENT, stroke_width=2, class_="median"),
        words(_("median"), LEFT + 160, y, size=12),
        tag("path", d=f"M{LEFT + 240} {y - 4}h24", stroke=SOFT, stroke_width=2, stroke_dasharray="6 4", class_="p90"),
        words(_("90 of 100 within"), LEFT + 270, y, size=12),
    ]
