"""The same figures by unit, platform, offence, camera and stage of publication."""

from __future__ import annotations

from collections.abc import Sequence

from vrijgave import words
from vrijgave.charts import splits_chart
from vrijgave.charts.figures import splits_figure
from vrijgave.domain.cases import FootageKind, PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.i18n import _
from vrijgave.leadtime.view import FEWEST, Dashboard, Split, SplitLine
from vrijgave.reports.document import Picture, Section, Table, columns, figures
from vrijgave.reports.summary import bounds, share

MOST_LINES = 15
"""What a chart has room for; the table has all."""


def splits_sections(shown: Dashboard) -> tuple[Section, ...]:
    """All splits as tables under one heading, for paper."""
    tables = tuple(_table(split, lines, narrow=True) for split, lines in shown.splits if lines)
    return (Section(title=_("Split"), tables=tables),) if tables else ()


def split_section(split: Split, lines: Sequence[SplitLine]) -> Section:
    """One split with its chart."""
    drawn = [(_value(split, line.value), line.lead) for line in lines if line.published][:MOST_LINES]
    if not drawn:
        return Section(title=_split(split), text=(_("Nothing became public in this period."),))
    says = _says(drawn_of=len([line for line in lines if line.published]), lines=lines[: len(drawn)])
    picture = Picture(svg=splits_chart(drawn, _split(split), says), says=says, figure=splits_figure(drawn))
    return Section(title=_split(split), pictures=(picture,), tables=(_table(split, lines),))


def _says(*, drawn_of: int, lines: Sequence[SplitLine]) -> str:
    told = [line.lead.interval for line in lines if line.lead.interval is not None]
    few = len(lines) - len(told)
    parts = []
    if len(told) > 1:
        apart = max(each.low for each in told) > min(each.high for each in told)
        parts.append(
            _("The bars of at least two do not overlap: their medians probably differ.")
            if apart
            else _("All bars overlap: what differs between these medians may be chance.")
        )
    if few:
        parts.append(_("Parts with fewer than {n} known lengths: {few}; their percentiles are withheld.").format(
            few=few, n=FEWEST
        ))  # fmt: skip
    if drawn_of > len(lines):
        parts.append(_("The {shown} with most publications are drawn; the table has all {all}.").format(
            shown=len(lines), all=drawn_of
        ))  # fmt: skip
    return " ".join(parts) or _("There is one part of which enough is known.")


def _table(split: Split, lines: Sequence[SplitLine], *, narrow: bool = False) -> Table:
    """``narrow``: without the interval, for which a sheet of paper is too small."""
    between = () if narrow else (_("Between (95% certain)"),)
    heads = columns(_("Part")) + figures(
        _("Came in"), _("Became public"), _("Open"), "n", _("Median"), *between, _("90 of 100"), _("Within target"),
    )  # fmt: skip
    return Table(title=_split(split), columns=heads, rows=tuple(_row(split, line, narrow=narrow) for line in lines))


def _row(split: Split, line: SplitLine, *, narrow: bool) -> tuple[str, ...]:
    lead = line.lead
    between = () if narrow else (bounds(lead.interval),)
    return (
        _value(split, line.value), str(line.received), str(line.published), str(line.open), str(lead.n),
        bounds(lead.median), *between, bounds(lead.p90), share(line.within_target),
    )  # fmt: skip


def _value(split: Split, value: str) -> str:
    if not value:
        return _("not known")
    match split:
        case Split.PLATFORM:
            return words.platform_name(Platform(value))
        case Split.FOOTAGE:
            return words.footage_kind(FootageKind(value))
        case Split.STAGE:
            return words.spoken(PublicationStage(value))
        case _:
            return value


def _split(split: Split) -> str:
    match split:
        case Split.UNIT:
            return _("By unit")
        case Split.PLATFORM:
            return _("By platform")
        case Split.OFFENCE:
            return _("By offence")
        case Split.FOOTAGE:
            return _("By kind of camera")
        case Split.STAGE:
            return _("By stage of publication")
