"""What a report says, before it has a shape: a page in the browser and a PDF are made from the same value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vrijgave import words
from vrijgave.charts.figures import Figure
from vrijgave.i18n import Language, _, current_language
from vrijgave.settings import Settings

Pairs = Sequence[tuple[str, str]]
"""Labels and values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a list of facts."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Facts that belong together, under a small heading."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure that is seen first, and what it stands on."""

    label: str
    value: str
    note: str = ""
    trend: str = ""
    """SVG of ``vrijgave.charts``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table; figures stand right."""

    title: str
    figure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts, as long as ``columns``; the first cell of a row names it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing of our own (SVG of ``vrijgave.charts``, escaped there) and the sentence that says what it shows.

    ``narrow``: another drawing, for a phone. ``figure``: the same for Plotly, where a page may draw it.
    """

    svg: str
    says: str
    narrow: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part under a heading, in the order of its fields."""

    title: str
    text: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    facts: tuple[Fact, ...] = ()
    groups: tuple[Group, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report. ``summary`` is read first; ``mark`` stands on every page where what it says is not real."""

    title: str
    subtitle: str
    language: Language
    force: str
    period: str
    made: str
    mark: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]


def facts(pairs: Pairs) -> tuple[Fact, ...]:
    """Lines of labels and values; what is empty was not recorded, and says so."""
    return tuple(Fact(label=name, value=value.strip() or _("not recorded")) for name, value in pairs)


def columns(*titles: str) -> tuple[Column, ...]:
    """Columns of texts."""
    return tuple(Column(title=title) for title in titles)


def figures(*titles: str) -> tuple[Column, ...]:
    """Columns of figures."""
    return tuple(Column(title=title, figure=True) for title in titles)


def document(
    title: str,
    subtitle: str,
    settings: Settings,
    now: datetime,
    *,
    period: str,
    summary: tuple[str, ...],
    sections: tuple[Section, ...],
    example: bool,
) -> Document:
    """A report of this installation, made at ``now``, in the language that is spoken now."""
    practice = _("Practice mode: nothing of this reached a real platform.") if settings.practice else ""
    return Document(
        title=title,
        subtitle=subtitle,
        language=current_language(),
        force=settings.force_name,
        period=period,
        made=words.moment(now, settings),
        mark=_("Example: all that stands here is made up.") if example else practice,
        summary=summary,
        sections=sections,
    )
