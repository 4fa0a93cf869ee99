"""Pieces of SVG. Colours are attributes, which a style sheet may overrule by class; nothing is styled inline."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from vrijgave.leadtime import spoken
from vrijgave.leadtime.durations import Duration, Kind

INK, SOFT, LINE = "#16212c", "#4a5967", "#d3dae1"
WAITING, WORKING, ACCENT = "#c98a1b", "#3f4f8c", "#0f5a94"
STRIPES = "stripes"
STEPS = (
    60, 300, 600, 1800, 3600, 2 * 3600, 6 * 3600, 12 * 3600,
    *(n * 86400 for n in (1, 2, 5, 7, 14, 28, 56, 140, 280, 700, 1400, 3500, 7000)),
)  # fmt: skip
"""Distances between ticks, in seconds, that people count in."""
STEEP = (60, 600, 3600, 6 * 3600, *(n * 86400 for n in (1, 7, 28, 140, 700, 3500)))


def tag(name: str, text: str | None = None, **attributes: object) -> str:
    """One element, escaped. In the name of an attribute ``_`` stands for ``-``, and a last one for nothing."""
    told = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(v))}"' for key, v in attributes.items())
    return f"<{name}{told}/>" if text is None else f"<{name}{told}>{escape(text)}</{name}>"


def _plain(value: object) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def drawing(width: int, height: int, title: str, says: str, parts: list[str], *, stripes: str = "") -> str:
    """A whole picture with what a screen reader says of it; made to fit the width that it gets.

    ``stripes``: by which name, that no other picture of the page has, its parts fill with them.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height}" role="img" '
        'font-family="Source Sans Pro">'
    )
    return "".join(
        (head, tag("title", title), tag("desc", says), _stripes(stripes) if stripes else "", *parts, "</svg>")
    )


def _stripes(name: str) -> str:
    """What waiting is filled with: told apart from working without its colour too."""
    lines = tag("rect", width=6, height=6, fill=WAITING, class_="waiting") + tag(
        "path", d="M0 6L6 0", stroke="#ffffff", stroke_width=1.5
    )
    return f'<defs><pattern id="{name}" width="6" height="6" patternUnits="userSpaceOnUse">{lines}</pattern></defs>'


def words(text: str, x: float, y: float, *, anchor: str = "start", class_: str = "ink", size: int = 13) -> str:
    """Text at (x, y), which is its base line."""
    colour = SOFT if class_ == "soft" else INK
    return tag("text", text, x=x, y=y, text_anchor=anchor, class_=class_, fill=colour, font_size=size)


def ticks(most: int, about: int = 5) -> list[int]:
    """From 0 until at least ``most`` seconds, about so many, at distances that people count in."""
    step = next((step for step in STEPS if most <= step * about), STEPS[-1])
    return list(range(0, max(most, 1) + step, step))


def steep_ticks(most: int) -> list[int]:
    """As ``ticks``, on a scale on which each step is some times the one before; from one minute."""
    above = next((at for at in STEEP if at >= most), STEEP[-1])
    return [at for at in STEEP if at <= above]


def rounded(seconds: int) -> timedelta:
    """From a day on to whole hours: more would only be read past."""
    return timedelta(seconds=seconds if seconds < 86400 else (seconds + 1800) // 3600 * 3600)


def length(seconds: int) -> str:
    """A length in words."""
    whole = rounded(seconds)
    return spoken(Duration(Kind.EXACT, whole, whole)) if seconds else "0"
