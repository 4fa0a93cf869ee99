"""Text that wraps, and shrinks until it fits its area.

Lines are broken here and not by moviepy: its own wrapping takes the place of a space in the whole text for one in
the current line, and so breaks words in the middle from the second line on.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import chain

from moviepy import TextClip
from PIL import ImageFont

from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.rendition.profiles import CardStyle, Colour, Role, Weight

_SHRINK = 0.95
_QUOTED = 60
_LINE_GAP = 0.12
"""Between two lines of a paragraph, in sizes of the font."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One paragraph on a card; ``label`` stands in a column of its own before it."""

    role: Role
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Part of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Text of one look, already broken into lines, with its place in pixels."""

    text: str
    font: str
    size: int
    colour: Colour
    x: int
    y: int
    width: int
    height: int

    def clip(self) -> TextClip:
        """The paragraph as a moviepy clip at its place; its background is transparent.

        The size is given because the one that moviepy finds cuts off what hangs below the last line.
        """
        clip = TextClip(
            font=self.font,
            text=self.text,
            font_size=self.size,
            size=(self.width, self.height),
            horizontal_align="left",
            vertical_align="top",
            color=self.colour,
            interline=_gap(self.size),
        )
        return clip.with_position((self.x, self.y))


def font_file(weight: Weight) -> str:
    """Path of the font, which the package font-source-sans-pro carries."""
    return str(files("font_source_sans_pro") / "files" / f"SourceSansPro-{weight.value}.ttf")


@cache
def _font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(weight), size)


def _gap(size: int) -> int:
    return round(size * _LINE_GAP)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """``text`` with a line break wherever the next word would not fit ``width`` pixels."""
    lines: list[str] = []
    current = ""
    for piece in chain.from_iterable(_pieces(word, font, width) for word in text.split()):
        longer = f"{current} {piece}" if current else piece
        if font.getlength(longer) <= width:
            current = longer
        else:
            lines.append(current)
            current = piece
    return "\n".join([*lines, current])


def _pieces(word: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """``word`` itself, or parts of it where it alone is wider than ``width``."""
    if font.getlength(word) <= width:
        yield word
        return
    start = 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and font.getlength(word[start:end]) > width:
            yield word[start : end - 1]
            start = end - 1
    yield word[start:]


def typeset(lines: Sequence[Line], area: Area, style: CardStyle, unit: float, *, centred: bool) -> list[Paragraph]:
    """``lines`` below each other in ``area``, as large as fits.

    ``unit`` is the number of pixels of this picture for one of ``style``. Raises ``Rejected`` when the text does
    not fit at the smallest readable size either.
    """
    scales = _scales(lines, style)
    first = bisect_left(scales, True, key=lambda scale: _column(lines, area, style, unit, scale)[1] <= area.height)
    if first == len(scales):
        longest = max((line.text for line in lines), key=len)
        raise Rejected(
            "card", _("The text «{text}» is too long for its picture; shorten it.").format(text=_shortened(longest))
        )
    paragraphs, height = _column(lines, area, style, unit, scales[first])
    shift = (area.height - height) // 2 if centred else 0
    return [replace(p, y=p.y + shift) for p in paragraphs]


def _scales(lines: Sequence[Line], style: CardStyle) -> list[float]:
    """Factors for the sizes of the text: from 1 down to where every line has the smallest size."""
    smallest = style.smallest / max(style.roles[line.role].size for line in lines)
    steps = math.ceil(math.log(min(1.0, smallest), _SHRINK))
    return [_SHRINK**step for step in range(steps + 1)]


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED] + "…"


def _column(
    lines: Sequence[Line], area: Area, style: CardStyle, unit: float, scale: float
) -> tuple[list[Paragraph], int]:
    """The paragraphs from the top of ``area`` on, and the height that they take together."""
    paragraphs: list[Paragraph] = []
    y = space = 0
    for line in lines:
        row = list(_row(line, area, style, unit, scale, area.y + y + space))
        y += space + max(p.y + p.height for p in row) - row[0].y
        space = round(style.roles[line.role].space_after * unit * scale)
        paragraphs += row
    return paragraphs, y


def _row(line: Line, area: Area, style: CardStyle, unit: float, scale: float, y: int) -> Iterator[Paragraph]:
    """The text of ``line`` and, where it has one, its label before it."""
    role = style.roles[line.role]
    size = _size(style, line.role, unit, scale)
    indent = round(style.label_width * unit) if line.label else 0
    yield _paragraph(line.text, role.weight, size, role.colour, area.x + indent, y, area.width - indent)
    if line.label:
        width = indent - round(style.smallest * unit)
        yield _paragraph(line.label, Weight.SEMIBOLD, round(size * 0.75), style.accent, area.x, y, width, line_of=size)


def _paragraph(
    text: str, weight: Weight, size: int, colour: Colour, x: int, y: int, width: int, line_of: int | None = None
) -> Paragraph:
    """Broken to ``width``; with ``line_of`` its first baseline is that of text of that size at the same ``y``."""
    font = _font(weight, size)
    broken = wrap(text, font, width)
    ascent, descent = font.getmetrics()
    drop = 0 if line_of is None else _font(Weight.BOLD, line_of).getmetrics()[0] - ascent
    step = round(font.getbbox("A")[3]) + _gap(size)
    height = ascent + descent + step * broken.count("\n")
    return Paragraph(
        text=broken, font=font_file(weight), size=size, colour=colour, x=x, y=y + drop, width=width, height=height
    )


def _size(style: CardStyle, role: Role, unit: float, scale: float) -> int:
    return max(round(style.roles[role].size * unit * scale), round(style.smallest * unit))
