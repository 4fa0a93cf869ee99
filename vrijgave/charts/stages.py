"""How long each stage takes: a bar until the median, a line until what nine out of ten stay below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vrijgave.charts.svg import INK, LINE, STRIPES, WORKING, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime import Nature, label
from vrijgave.leadtime.view import StageLine

TOP, FOOT = 30, 34


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Room for the names, beside the bars or above them, and for a row."""

    width: int
    left: int
    right: int
    row: int
    above: int
    stripes: str
    legend: tuple[tuple[int, int], ...]
    """(x, y from the bottom) of each line."""


_WIDE = _Shape(
    width=760, left=312, right=30, row=28, above=0, stripes=STRIPES, legend=((312, 12), (458, 12), (602, 12))
)
_NARROW = _Shape(
    width=340, left=6, right=20, row=44, above=18, stripes=f"{STRIPES}-narrow", legend=((6, 32), (146, 32), (6, 8))
)  # fmt: skip


def stages_chart(lines: Iterable[StageLine], says: str, *, narrow: bool = False) -> str:
    """The stages inside the service as SVG; ``says`` is the sentence that says what it shows."""
    shape, rows = (_NARROW if narrow else _WIDE), [line for line in lines if line.stage.in_service]
    marks = ticks(max((line.spread.p90.high for line in rows if line.spread.p90), default=0))
    bottom = TOP + shape.row * len(rows)
    parts = [
        *_grid(marks, bottom, shape),
        *(part for i, line in enumerate(rows) for part in _row(line, i, marks, shape)),
    ]
    height = bottom + FOOT + shape.above
    return drawing(
        shape.width, height, _("Time in each stage"), says, [*parts, *_legend(height, shape)], stripes=shape.stripes
    )


def _x(seconds: int, marks: Sequence[int], shape: _Shape) -> float:
    return shape.left + (shape.width - shape.left - shape.right) * seconds / marks[-1]


def _grid(marks: Sequence[int], bottom: int, shape: _Shape) -> list[str]:
    parts = []
    for mark in marks:
        x = _x(mark, marks, shape)
        parts.append(tag("line", x1=x, y1=TOP - 6, x2=x, y2=bottom, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), x, TOP - 12, anchor="middle", class_="soft", size=12))
    return parts


def _row(line: StageLine, number: int, marks: Sequence[int], shape: _Shape) -> list[str]:
    top, left = TOP + shape.row * number, shape.left
    y, high = top + shape.above, shape.row - shape.above
    name = label(line.stage)
    beside = words(name, left - 10, y + 18, anchor="end")
    parts = [words(name, left, top + 16) if shape.above else beside]
    spread = line.spread
    if spread.median is None or spread.p90 is None:
        too_few = _("n = {n}: too few").format(n=spread.n)
        return [*parts, words(too_few, left + 6, y + 18, class_="soft", size=12)]
    middle, most = _x(spread.median.high, marks, shape), _x(spread.p90.high, marks, shape)
    waits = line.nature is Nature.WAITING
    fill, wide = (f"url(#{shape.stripes})" if waits else WORKING), max(1.5, middle - left)
    kind = "waits" if waits else "working"
    parts.append(tag("rect", x=left, y=y + 6, width=wide, height=high - 12, fill=fill, class_=kind))
    parts.append(
        tag("path", d=f"M{middle:.1f} {y + 14}H{most:.1f}M{most:.1f} {y + 9}v10", stroke=INK, class_="whisker")
    )
    if line.bottleneck:
        parts.append(_bottleneck(most, y, shape))
    return parts


def _bottleneck(most: float, y: int, shape: _Shape) -> str:
    at_end = most > shape.width - 150
    x, anchor = (most - 6, "end") if at_end else (most + 6, "start")
    return words(_("bottleneck"), x, y + (8 if at_end else 18), anchor=anchor, class_="bottleneck", size=12)


def _legend(height: int, shape: _Shape) -> list[str]:
    (x, y), (x2, y2), (x3, y3) = ((x, height - up) for x, up in shape.legend)
    return [
        tag("rect", x=x, y=y - 11, width=22, height=12, fill=f"url(#{shape.stripes})", class_="waits"),
        words(_("waiting, median"), x + 28, y, size=12),
        tag("rect", x=x2, y=y2 - 11, width=22, height=12, fill=WORKING, class_="working"),
        words(_("working, median"), x2 + 28, y2, size=12),
        tag("path", d=f"M{x3} {y3 - 5}h22m0 -5v10", stroke=INK, class_="whisker"),
        words(_("90 of 100 within"), x3 + 28, y3, size=12),
    ]
