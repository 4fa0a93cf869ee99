"""How long each stage takes: a bar until the median, a line until what nine out of ten stay below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vrijgave.charts.svg import INK, LINE, STRIPES, WORKING, drawing, length, tag, ticks, words
from vrijgave.i18n import _
from vrijgave.leadtime import Nature, label
from vrijgave.leadtime.view import StageLine

WIDTH, LEFT, RIGHT, TOP, ROW = 760, 312, 30, 30, 28


def stages_chart(lines: Iterable[StageLine], says: str) -> str:
    """The stages inside the service as SVG; ``says`` is the sentence that says what it shows."""
    rows = [line for line in lines if line.stage.in_service]
    marks = ticks(max((line.spread.p90.high for line in rows if line.spread.p90), default=0))
    height = TOP + ROW * len(rows) + 34
    parts = [*_grid(marks, height), *(part for i, line in enumerate(rows) for part in _row(line, i, marks))]
    return drawing(WIDTH, height, _("Time in each stage"), says, [*parts, *_legend(height)])


def _x(seconds: int, marks: Sequence[int]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / marks[-1]


def _grid(marks: Sequence[int], height: int) -> list[str]:
    parts = []
    for mark in marks:
        x = _x(mark, marks)
        parts.append(tag("line", x1=x, y1=TOP - 6, x2=x, y2=height - 34, stroke=LINE, class_="grid"))
        parts.append(words(length(mark), x, TOP - 12, anchor="middle", class_="soft", size=12))
    return parts


def _row(line: StageLine, number: int, marks: Sequence[int]) -> list[str]:
    y = TOP + ROW * number
    name = label(line.stage)
    parts = [words(name, LEFT - 10, y + 18, anchor="end")]
    spread = line.spread
    if spread.median is None or spread.p90 is None:
        too_few = _("n = {n}: too few").format(n=spread.n)
        return [*parts, words(too_few, LEFT + 6, y + 18, class_="soft", size=12)]
    middle, most = _x(spread.median.high, marks), _x(spread.p90.high, marks)
    waits = line.nature is Nature.WAITING
    fill, wide = (f"url(#{STRIPES})" if waits else WORKING), max(1.5, middle - LEFT)
    kind = "waits" if waits else "working"
    parts.append(tag("rect", x=LEFT, y=y + 6, width=wide, height=ROW - 12, fill=fill, class_=kind))
    parts.append(
        tag("path", d=f"M{middle:.1f} {y + 14}H{most:.1f}M{most:.1f} {y + 9}v10", stroke=INK, class_="whisker")
    )
    if line.bottleneck:
        at_end = most > WIDTH - 150
        x, anchor = (most - 6, "end") if at_end else (most + 6, "start")
        parts.append(words(_("bottleneck"), x, y + (8 if at_end else 18), anchor=anchor, class_="bottleneck", size=12))
    return parts


def _legend(height: int) -> list[str]:
    y = height - 12
    return [
        tag("rect", x=LEFT, y=y - 11, width=22, height=12, fill=f"url(#{STRIPES})", class_="waits"),
        words(_("waiting, median"), LEFT + 28, y, size=12),
        tag("rect", x=LEFT + 146, y=y - 11, width=22, height=12, fill=WORKING, class_="working"),
        words(_("working, median"), LEFT + 174, y, size=12),
        tag("path", d=f"M{LEFT + 290} {y - 5}h22m0 -5v10", stroke=INK, class_="whisker"),
        words(_("90 of 100 within"), LEFT + 318, y, size=12),
    ]
