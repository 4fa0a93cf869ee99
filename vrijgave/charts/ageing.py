"""What is under way now: each release by how long it is in its stage, over bands of what that stage usually takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from vrijgave.charts.svg import ACCENT, INK, LINE, drawing, length, steep_ticks, tag, words
from vrijgave.i18n import _
from vrijgave.leadtime import label
from vrijgave.leadtime.view import AgeingStage, Bounds, Spread, Waiting

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 312, 24, 30, 28
BANDS = ("#cfe0ee", "#e3d9b8", "#f0c9a0")
"""Until half of them are done, until 85 and until 95 of 100."""
MOST_DRAWN = 50
"""Of each stage, the oldest."""
LANES = 5
"""In so many heights the points of one stage lie, so that equal ones can be told apart."""


def ageing_chart(stages: Sequence[AgeingStage], says: str) -> str:
    """The stages in which something is, as SVG; further right is longer, in steps that grow."""
    most = max((top for stage in stages for top in _tops(stage)), default=0)
    marks = steep_ticks(most)
    height = TOP + ROW * len(stages) + 60
    parts = []
    for number, stage in enumerate(stages):
        parts += _bands(stage.spread, TOP + ROW * number, marks)
    for mark in marks:
        x = _x(mark, marks)
        parts.append(tag("line", x1=x, y1=TOP - 6, x2=x, y2=height - 60, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), x, TOP - 12, anchor="middle", class_="soft", size=12))
    for number, stage in enumerate(stages):
        y = TOP + ROW * number
        parts.append(words(f"{label(stage.stage)} ({stage.count})", LEFT - 10, y + 18, anchor="end"))
        parts += [_point(w, n, stage.spread, y, marks) for n, w in enumerate(stage.waiting[:MOST_DRAWN])]
    return drawing(WIDTH, height, _("Under way, beside what a stage usually takes"), says, parts + _legend(height))


def beyond(age: int, spread: Spread) -> int:
    """0: not longer than 85 of 100, or not to be told; 1: longer than that; 2: longer than 95 of 100."""
    return sum(bounds is not None and age > bounds.high for bounds in (spread.p85, spread.p95))


def _tops(stage: AgeingStage) -> list[int]:
    usual = [stage.spread.p95.high] if stage.spread.p95 else []
    return [*usual, *(wait.age for wait in stage.waiting)]


def _x(seconds: int, marks: Sequence[int]) -> float:
    """What is shorter than the first mark stands at it."""
    if len(marks) < 2:
        return LEFT
    share = log(max(seconds, marks[0]) / marks[0]) / log(marks[-1] / marks[0])
    return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, share)


def _bands(spread: Spread, y: int, marks: Sequence[int]) -> list[str]:
    ends: tuple[Bounds | None, ...] = (spread.median, spread.p85, spread.p95)
    parts, begin = [], float(LEFT)
    for number, (end, colour) in enumerate(zip(ends, BANDS, strict=True)):
        if end is not None:
            x = _x(end.high, marks)
            wide = max(0.0, x - begin)
            parts.append(
                tag("rect", x=begin, y=y + 3, width=wide, height=ROW - 6, fill=colour, class_=f"band-{number}")
            )
            begin = max(begin, x)
    return parts


def _point(wait: Waiting, number: int, spread: Spread, top: int, marks: Sequence[int]) -> str:
    x, y = _x(wait.age, marks), top + 7 + (ROW - 14) * (number * 2 % LANES) / (LANES - 1)
    return _mark(beyond(wait.age, spread), x, y, held=wait.held)


def _mark(level: int, x: float, y: float, *, held: bool) -> str:
    """A dot, a diamond or a triangle, so that it needs no colour; hollow where it is held."""
    fill, class_ = ("none", "held-mark") if held else (ACCENT, "point")
    shapes = (
        f"M{x - 4:.1f} {y:.1f}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z",
        f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5Z",
        f"M{x:.1f} {y - 5:.1f}l5 9h-10Z",
    )
    return tag("path", d=shapes[level], fill=fill, stroke=INK if held else "#ffffff", stroke_width=1, class_=class_)


def _legend(height: int) -> list[str]:
    first, second = height - 32, height - 10
    parts = []
    names = (_("half of them were done"), _("85 of 100 were done"), _("95 of 100 were done"))
    for number, (name, colour) in enumerate(zip(names, BANDS, strict=True)):
        x = 20 + 240 * number
        parts.append(tag("rect", x=x, y=first - 11, width=22, height=12, fill=colour, class_=f"band-{number}"))
        parts.append(words(name, x + 28, first, size=12))
    marks = ((0, False, _("usual")), (1, False, _("beyond 85 of 100")), (2, False, _("beyond 95 of 100")))
    for number, (level, held, name) in enumerate((*marks, (0, True, _("hollow: held on purpose")))):
        x = 31 + 160 * number
        parts.append(_mark(level, x, second - 4, held=held))
        parts.append(words(name, x + 17, second, size=12))
    return parts
