"""The parts of the answer to management's question as tables for spreadsheets: fixed English names, whole seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vrijgave.leadtime.report import to_csv_text
from vrijgave.leadtime.view import Bounds, Dashboard, Share, Split, Spread, Tiles

Cell = str | int | None
SPREAD = (
    "n", "n_open", "n_stopped", "n_unknown", "n_contradictory", "median_low_s", "median_high_s", "p85_low_s",
    "p85_high_s", "p90_low_s", "p90_high_s", "p95_low_s", "p95_high_s", "interval_low_s", "interval_high_s",
    "kaplan_meier_s",
)  # fmt: skip
SHARE = ("within_target", "within_target_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: names of its columns, and rows as long."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]


def sheet_csv(part: str, shown: Dashboard, mark: str) -> str:
    """The part named ``part`` of ``PARTS`` as RFC 4180 text; what is withheld or not known is an empty cell.

    ``mark`` stands in every row: what says that all is made up, or nothing.
    """
    sheet = PARTS[part](shown)
    rows = ([mark, *("" if cell is None else str(cell) for cell in row)] for row in sheet.rows)
    return to_csv_text(("example", *sheet.columns), rows)


def _bounds(bounds: Bounds | None) -> tuple[Cell, Cell]:
    return (None, None) if bounds is None else (bounds.low, bounds.high)


def _spread(spread: Spread) -> tuple[Cell, ...]:
    counts = (spread.n, spread.n_open, spread.n_stopped, spread.n_unknown, spread.n_contradictory)
    percentiles = (*_bounds(spread.median), *_bounds(spread.p85), *_bounds(spread.p90))
    more = (*_bounds(spread.p95), *_bounds(spread.interval))
    return (*counts, *percentiles, *more, spread.kaplan_meier)


def _share(share: Share | None) -> tuple[Cell, Cell]:
    return (None, None) if share is None else (share.count, share.of)


def _tiles(shown: Dashboard) -> Sheet:
    def rows() -> Iterator[tuple[Cell, ...]]:
        for period, tiles in (("asked", shown.tiles), ("previous", shown.previous)):
            if tiles is not None:
                yield from _measures(period, tiles)

    columns = ("period", "received", "published", *SHARE, "measure", *SPREAD)
    return Sheet(columns=columns, rows=rows())


def _measures(period: str, tiles: Tiles) -> Iterator[tuple[Cell, ...]]:
    each = {"lead": tiles.lead, "waiting": tiles.waiting, "working": tiles.working, "held": tiles.held}
    for name, spread in each.items():
        yield (period, tiles.received, tiles.published, *_share(tiles.within_target), name, *_spread(spread))


def _stages(shown: Dashboard) -> Sheet:
    rows = (
        (s.stage.value, s.nature.value, s.total, s.held, int(s.bottleneck), *_spread(s.spread)) for s in shown.stages
    )
    return Sheet(columns=("stage", "nature", "total_s", "held_s", "bottleneck", *SPREAD), rows=rows)


def _waiting(shown: Dashboard) -> Sheet:
    rows = (
        (w.number, w.release_id, w.unit, w.stage.value, w.since.isoformat(), w.age, w.total, int(w.held))
        for stage in shown.ageing
        for w in stage.waiting
    )
    columns = ("number", "release", "unit", "stage", "since", "age_s", "total_s", "held_now")
    return Sheet(columns=columns, rows=rows)


def _ageing(shown: Dashboard) -> Sheet:
    rows = ((a.stage.value, a.count, a.held, a.beyond_p85, a.beyond_p95, *_spread(a.spread)) for a in shown.ageing)
    return Sheet(columns=("stage", "count", "held_now", "beyond_p85", "beyond_p95", *SPREAD), rows=rows)


def _weeks(shown: Dashboard) -> Sheet:
    rows = ((w.first.isoformat(), w.received, w.published, *_spread(w.spread)) for w in shown.weeks)
    return Sheet(columns=("week_from", "received", "published", *SPREAD), rows=rows)


def _flow(shown: Dashboard) -> Sheet:
    rows = (
        (d.day.isoformat(), d.received, d.analysed, d.reviewed, d.rendered, d.approved, d.published, d.ended)
        for d in shown.flow
    )
    columns = ("day", "received", "analysed", "reviewed", "rendered", "approved", "published", "ended")
    return Sheet(columns=columns, rows=rows)


def _scatter(shown: Dashboard) -> Sheet:
    rows = ((p.day.isoformat(), p.number, p.release_id, p.seconds) for p in shown.scatter.points)
    return Sheet(columns=("day", "number", "release", "seconds"), rows=rows)


def _split(split: Split) -> Callable[[Dashboard], Sheet]:
    def sheet(shown: Dashboard) -> Sheet:
        lines = next((lines for each, lines in shown.splits if each is split), ())
        rows = ((s.value, s.received, s.published, s.open, *_share(s.within_target), *_spread(s.lead)) for s in lines)
        return Sheet(columns=(split.value, "received", "published", "open", *SHARE, *SPREAD), rows=rows)

    return sheet


def _quality(shown: Dashboard) -> Sheet:
    shares = {
        name: getattr(shown.quality, name)
        for name in ("reworked", "sent_back", "rescan", "refused", "withdrawn", "taken_down")
    }
    return Sheet(columns=("what", "count", "of"), rows=((name, *_share(share)) for name, share in shares.items()))


def _results(shown: Dashboard) -> Sheet:
    found = shown.results
    shares = {"with_tip": found.with_tip, "with_usable_tip": found.with_usable_tip, "identified": found.identified}
    counts = {"tips": found.tips, "usable_tips": found.usable_tips}
    spreads = {
        "first_tip": found.first_tip,
        "first_usable_tip": found.first_usable_tip,
        "identification": found.identification,
    }
    empty = (None,) * len(SPREAD)
    rows: list[tuple[Cell, ...]] = [(name, number, None, *empty) for name, number in counts.items()]
    rows += [(name, *_share(share), *empty) for name, share in shares.items()]
    rows += [(name, None, None, *_spread(spread)) for name, spread in spreads.items()]
    return Sheet(columns=("what", "count", "of", *SPREAD), rows=iter(rows))


PARTS: Mapping[str, Callable[[Dashboard], Sheet]] = MappingProxyType(
    {
        "tiles": _tiles,
        "ageing": _ageing,
        "waiting": _waiting,
        "stages": _stages,
        "weeks": _weeks,
        "scatter": _scatter,
        "flow": _flow,
        **{f"by-{split.value}": _split(split) for split in Split},
        "quality": _quality,
        "results": _results,
    }
)
"""Name in an address -> the table."""
