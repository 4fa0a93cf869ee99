"""The trend: median and 85th percentile of the last eight weeks, over how many became public each week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vrijgave import words as spoken
from vrijgave.charts.svg import ACCENT, LINE, SOFT, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime.view import Bounds, Week

RIGHT, TOP, LINES, BARS = 16, 16, 190, 60
BASE = TOP + LINES
FOOT = BASE + 22 + BARS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    width: int
    left: int
    days: int
    """About so many are named."""
    legend: tuple[tuple[int, int], ...]
    """(x, y below the bars) of each line."""

    @property
    def wide(self) -> int:
        return self.width - self.left - RIGHT


_WIDE = _Shape(width=760, left=92, days=6, legend=((92, 40), (282, 40), (452, 40)))
_NARROW = _Shape(width=340, left=44, days=3, legend=((6, 40), (186, 40), (6, 60)))


def weeks_chart(weeks: Iterable[Week], says: str, *, narrow: bool = False) -> str:
    """The weeks as SVG; ``says`` is the sentence that says what it shows."""
    shape, shown = (_NARROW if narrow else _WIDE), list(weeks)
    known = [week.spread.p85.high for week in shown if week.spread.p85 is not None]
    marks = ticks(max(known, default=0))
    parts = [
        *_grid(marks, shape),
        *_bars(shown, shape),
        _line(shown, marks, shape, lambda week: week.spread.p85, SOFT, "p85"),
        _line(shown, marks, shape, lambda week: week.spread.median, ACCENT, "median"),
        *_days(shown, shape),
        *_legend(shape),
    ]
    return drawing(shape.width, FOOT + 8 + shape.legend[-1][1], _("Trend by week"), says, parts)


def _x(number: int, weeks: Sequence[Week], shape: _Shape) -> float:
    return shape.left + shape.wide * (number + 0.5) / max(1, len(weeks))


def _grid(marks: Sequence[int], shape: _Shape) -> list[str]:
    parts = []
    for mark in marks:
        y = BASE - LINES * mark / marks[-1]
        parts.append(tag("line", x1=shape.left, y1=y, x2=shape.width - RIGHT, y2=y, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), shape.left - 8, y + 4, anchor="end", class_="soft", size=12))
    return parts


def _line(
    weeks: Sequence[Week],
    marks: Sequence[int],
    shape: _Shape,
    chosen: Callable[[Week], Bounds | None],
    colour: str,
    class_: str,
) -> str:
    """A line that is broken where percentiles are withheld; a point by itself is a dot."""
    path, joined = "", False
    for number, week in enumerate(weeks):
        value = chosen(week)
        if value is not None:
            y = BASE - LINES * value.high / marks[-1]
            path += f"{'L' if joined else 'M'}{_x(number, weeks, shape):.1f} {y:.1f}" + ("" if joined else "h0")
        joined = value is not None
    dashes = {"stroke_dasharray": "6 4"} if class_ == "p85" else {}
    return tag(
        "path", d=path or "M0 0", fill="none", stroke=colour, stroke_width=2.5, stroke_linecap="round", class_=class_,
        **dashes,
    )  # fmt: skip


def _bars(weeks: Sequence[Week], shape: _Shape) -> list[str]:
    most = max((week.published for week in weeks), default=0)
    if not most:
        return []
    wide = max(1.0, 0.7 * shape.wide / len(weeks))
    parts = [words(str(most), shape.left - 8, FOOT - BARS + 10, anchor="end", class_="soft", size=12)]
    for number, week in enumerate(weeks):
        high = BARS * week.published / most
        x, y = _x(number, weeks, shape) - wide / 2, FOOT - high
        parts.append(tag("rect", x=x, y=y, width=wide, height=high, fill="#9db4c8", class_="count"))
    return parts


def _days(weeks: Sequence[Week], shape: _Shape) -> list[str]:
    """The first days of some weeks, with room between them."""
    step = max(1, -(-len(weeks) // shape.days))
    shown = [(n, week) for n, week in enumerate(weeks) if n % step == 0]
    return [
        words(spoken.short_day(week.first), _x(n, weeks, shape), FOOT + 16, anchor="middle", class_="soft", size=12)
        for n, week in shown
    ]


def _legend(shape: _Shape) -> list[str]:
    (x, y), (x2, y2), (x3, y3) = ((x, FOOT + below) for x, below in shape.legend)
    return [
        tag("path", d=f"M{x} {y - 4}h24", stroke=ACCENT, stroke_width=2.5, class_="median"),
        words(_("median of eight weeks"), x + 30, y, size=12),
        tag("path", d=f"M{x2} {y2 - 4}h24", stroke=SOFT, stroke_width=2.5, stroke_dasharray="6 4", class_="p85"),
        words(_("85 of 100 within"), x2 + 30, y2, size=12),
        tag("rect", x=x3, y=y3 - 11, width=14, height=12, fill="#9db4c8", class_="count"),
        words(_("became public in the week"), x3 + 20, y3, size=12, class_="ink"),
    ]
