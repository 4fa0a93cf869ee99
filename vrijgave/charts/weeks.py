"""The trend: median and 85th percentile of the last eight weeks, over how many became public each week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from vrijgave import words as spoken
from vrijgave.charts.svg import ACCENT, LINE, SOFT, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime.view import Bounds, Week

WIDTH, LEFT, RIGHT, TOP, LINES, BARS = 760, 92, 16, 16, 190, 60
BASE = TOP + LINES
FOOT = BASE + 22 + BARS


def weeks_chart(weeks: Iterable[Week], says: str) -> str:
    """The weeks as SVG; ``says`` is the sentence that says what it shows."""
    shown = list(weeks)
    known = [week.spread.p85.high for week in shown if week.spread.p85 is not None]
    marks = ticks(max(known, default=0))
    parts = [
        *_grid(marks),
        *_bars(shown),
        _line(shown, marks, lambda week: week.spread.p85, SOFT, "p85"),
        _line(shown, marks, lambda week: week.spread.median, ACCENT, "median"),
        *_days(shown),
        *_legend(),
    ]
    return drawing(WIDTH, FOOT + 48, _("Trend by week"), says, parts)


def _x(number: int, weeks: Sequence[Week]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (number + 0.5) / max(1, len(weeks))


def _grid(marks: Sequence[int]) -> list[str]:
    parts = []
    for mark in marks:
        y = BASE - LINES * mark / marks[-1]
        parts.append(tag("line", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), LEFT - 8, y + 4, anchor="end", class_="soft", size=12))
    return parts


def _line(
    weeks: Sequence[Week], marks: Sequence[int], chosen: Callable[[Week], Bounds | None], colour: str, class_: str
) -> str:
    """A line that is broken where percentiles are withheld; a point by itself is a dot."""
    path, joined = "", False
    for number, week in enumerate(weeks):
        value = chosen(week)
        if value is not None:
            y = BASE - LINES * value.high / marks[-1]
            path += f"{'L' if joined else 'M'}{_x(number, weeks):.1f} {y:.1f}" + ("" if joined else "h0")
        joined = value is not None
    dashes = {"stroke_dasharray": "6 4"} if class_ == "p85" else {}
    return tag(
        "path", d=path or "M0 0", fill="none", stroke=colour, stroke_width=2.5, stroke_linecap="round", class_=class_,
        **dashes,
    )  # fmt: skip


def _bars(weeks: Sequence[Week]) -> list[str]:
    most = max((week.published for week in weeks), default=0)
    if not most:
        return []
    wide = max(1.0, 0.7 * (WIDTH - LEFT - RIGHT) / len(weeks))
    parts = [words(str(most), LEFT - 8, FOOT - BARS + 10, anchor="end", class_="soft", size=12)]
    for number, week in enumerate(weeks):
        high = BARS * week.published / most
        x, y = _x(number, weeks) - wide / 2, FOOT - high
        parts.append(tag("rect", x=x, y=y, width=wide, height=high, fill="#9db4c8", class_="count"))
    return parts


def _days(weeks: Sequence[Week]) -> list[str]:
    """The first days of some weeks, with room between them."""
    step = max(1, -(-len(weeks) // 6))
    shown = [(n, week) for n, week in enumerate(weeks) if n % step == 0]
    return [
        words(spoken.short_day(week.first), _x(n, weeks), FOOT + 16, anchor="middle", class_="soft", size=12)
        for n, week in shown
    ]


def _legend() -> list[str]:
    y = FOOT + 40
    return [
        tag("path", d=f"M{LEFT} {y - 4}h24", stroke=ACCENT, stroke_width=2.5, class_="median"),
        words(_("median of eight weeks"), LEFT + 30, y, size=12),
        tag("path", d=f"M{LEFT + 190} {y - 4}h24", stroke=SOFT, stroke_width=2.5, stroke_dasharray="6 4", class_="p85"),
        words(_("85 of 100 within"), LEFT + 220, y, size=12),
        tag("rect", x=LEFT + 360, y=y - 11, width=14, height=12, fill="#9db4c8", class_="count"),
        words(_("became public in the week"), LEFT + 380, y, size=12, class_="ink"),
    ]
