"""One split: the median of each part with its interval, so that chance is not taken for a difference."""

from __future__ import annotations

from collections.abc import Sequence

from vrijgave.charts.svg import ACCENT, INK, LINE, SOFT, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime.view import Spread

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 250, 90, 30, 28
NAME = 34


def splits_chart(rows: Sequence[tuple[str, Spread]], title: str, says: str) -> str:
    """Rows of names and lead times as SVG; of too few no percentile is drawn."""
    marks = ticks(max((end(spread) for _name, spread in rows), default=0))
    height = TOP + ROW * len(rows) + 40
    parts = []
    for mark in marks:
        x = _x(mark, marks)
        parts.append(tag("line", x1=x, y1=TOP - 6, x2=x, y2=height - 40, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), x, TOP - 12, anchor="middle", class_="soft", size=12))
    for number, (name, spread) in enumerate(rows):
        parts += _row(name, spread, TOP + ROW * number, marks)
    return drawing(WIDTH, height, title, says, parts + _legend(height - 12))


def end(spread: Spread) -> int:
    """As far as a row is drawn."""
    return max((bounds.high for bounds in (spread.p90, spread.interval) if bounds is not None), default=0)


def _x(seconds: int, marks: Sequence[int]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / marks[-1]


def _row(name: str, spread: Spread, top: int, marks: Sequence[int]) -> list[str]:
    y = top + ROW // 2
    short = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    parts = [words(short, LEFT - 10, y + 4, anchor="end")]
    if spread.median is None or spread.interval is None or spread.p90 is None:
        return [*parts, words(_("n = {n}: too few").format(n=spread.n), LEFT + 6, y + 4, class_="soft", size=12)]
    low, high, middle = (_x(at, marks) for at in (spread.interval.low, spread.interval.high, spread.median.high))
    most = _x(spread.p90.high, marks)
    return [
        *parts,
        tag(
            "path", d=f"M{middle:.1f} {y}H{most:.1f}M{most:.1f} {y - 5}v10", stroke=SOFT, fill="none", class_="whisker"
        ),
        tag("rect", x=low, y=y - 5, width=max(1.0, high - low), height=10, fill="#9db4c8", class_="interval"),
        tag("circle", cx=middle, cy=y, r=5, fill=ACCENT, stroke="#ffffff", class_="point"),
        words(f"n = {spread.n}", WIDTH - 8, y + 4, anchor="end", class_="soft", size=12),
    ]


def _legend(y: int) -> list[str]:
    return [
        tag("circle", cx=30, cy=y - 4, r=5, fill=ACCENT, class_="point"),
        words(_("median"), 42, y, size=12),
        tag("rect", x=130, y=y - 9, width=26, height=10, fill="#9db4c8", class_="interval"),
        words(_("where the median lies with 95% certainty"), 164, y, size=12),
        tag("path", d=f"M450 {y - 4}h26m0 -5v10", stroke=INK, fill="none", class_="whisker"),
        words(_("90 of 100 within"), 484, y, size=12),
    ]
