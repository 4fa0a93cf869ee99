"""The cumulative flow: how far all releases had got at the end of each day, as bands above each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vrijgave import words as spoken
from vrijgave.charts.svg import INK, LINE, drawing, tag, words
from vrijgave.i18n import _
from vrijgave.leadtime.view import FlowDay

WIDTH, LEFT, RIGHT, TOP, LINES = 760, 60, 30, 16, 240
BASE = TOP + LINES
ABOUT = 5
BANDS: tuple[tuple[Callable[[FlowDay], int], str], ...] = (
    (lambda d: d.received, "#dbe6f0"),
    (lambda d: d.analysed, "#b5cde2"),
    (lambda d: d.reviewed, "#86aed0"),
    (lambda d: d.rendered, "#568cb9"),
    (lambda d: d.approved, "#2d6a9d"),
    (lambda d: d.published, "#0d3c66"),
)
"""From light to dark in the order of the work, so that the order is seen without hues; the last is public."""


def flow_chart(days: Sequence[FlowDay], says: str) -> str:
    """The days as SVG; a wide band is work that waits for its next step, or stopped there."""
    step = _step(max((day.received for day in days), default=0))
    top = step * max(1, -(-max((day.received for day in days), default=0) // step))
    parts = []
    for mark in range(0, top + 1, step):
        y = _y(mark, top)
        parts.append(tag("line", x1=LEFT, y1=y, x2=WIDTH - RIGHT, y2=y, stroke=LINE, class_="grid"))
        parts.append(words(str(mark), LEFT - 8, y + 4, anchor="end", class_="soft", size=12))
    if days:
        parts += [_band(days, chosen, n, top) for n, (chosen, _colour) in enumerate(BANDS)]
        every = max(1, -(-len(days) // ABOUT))
        parts += [
            words(spoken.short_day(day.day), _x(n, days), BASE + 18, anchor="middle", class_="soft", size=12)
            for n, day in enumerate(days)
            if n % every == 0
        ]
    return drawing(WIDTH, BASE + 74, _("How far the releases had got"), says, parts + _legend())


def names() -> tuple[str, ...]:
    """What the bands are called, in their order."""
    return (_("came in"), _("analysed"), _("reviewed"), _("video made"), _("approved"), _("became public"))


def _step(most: int) -> int:
    """A round number of releases between two lines."""
    steps = (several * ten for ten in (1, 10, 100, 1000, 10_000, 100_000) for several in (1, 2, 5))
    return next(step for step in steps if most <= step * ABOUT)


def _x(number: int, days: Sequence[FlowDay]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * number / max(1, len(days) - 1)


def _y(count: int, top: int) -> float:
    return BASE - LINES * count / top


def _band(days: Sequence[FlowDay], chosen: Callable[[FlowDay], int], number: int, top: int) -> str:
    line = "L".join(f"{_x(n, days):.1f} {_y(chosen(day), top):.1f}" for n, day in enumerate(days))
    path = f"M{LEFT} {BASE}L{line}L{_x(len(days) - 1, days):.1f} {BASE}Z"
    colour, class_ = BANDS[number][1], f"band flow-{number}"
    return tag("path", d=path, fill=colour, stroke="#ffffff", stroke_width=0.75, class_=class_)


def _legend() -> list[str]:
    parts = []
    for number, (name, (_chosen, colour)) in enumerate(zip(names(), BANDS, strict=True)):
        x, y = LEFT + 200 * (number % 3), BASE + 44 + 20 * (number // 3)
        parts.append(
            tag(
                "rect",
                x=x,
                y=y - 11,
                width=14,
                height=12,
                fill=colour,
                stroke=INK,
                stroke_width=0.5,
                class_=f"flow-{number}",
            )
        )
        parts.append(words(name, x + 20, y, size=12))
    return parts
