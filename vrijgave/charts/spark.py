"""A trend without words, beside a figure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from vrijgave.charts.svg import ACCENT, drawing, tag

WIDTH, HEIGHT, EDGE = 160, 36, 4


def sparkline(values: Sequence[int | None], says: str) -> str:
    """The values from old to new as SVG, broken where one is withheld; empty where there are fewer than two."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    most = max(*known, 1)
    placed = [(n, value) for n, value in enumerate(values)]
    runs = (list(run) for told, run in groupby(placed, lambda pair: pair[1] is not None) if told)
    path = "".join(_run([_at(n, value or 0, len(values), most) for n, value in run]) for run in runs)
    last = next((n, value) for n, value in reversed(placed) if value is not None)
    x, y = _at(*last, len(values), most)
    line = tag("path", d=path, fill="none", stroke=ACCENT, stroke_width=2, stroke_linejoin="round", class_="median")
    return drawing(WIDTH, HEIGHT, says, says, [line, tag("circle", cx=x, cy=y, r=3, fill=ACCENT, class_="point")])


def _run(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("h0" if len(points) == 1 else "")


def _at(number: int, value: int, count: int, most: int) -> tuple[float, float]:
    x = EDGE + (WIDTH - 2 * EDGE) * number / max(1, count - 1)
    return x, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / most
