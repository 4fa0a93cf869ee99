"""The releases behind the figures as a file, a row for each: Parquet with typed columns, or CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import reduce
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from vrijgave import __version__
from vrijgave.leadtime.columns import Columns, Fact, Places, told
from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.packing import KINDS, MEASURES, NEVER, NOWHERE, WAY
from vrijgave.leadtime.quick import Asked, asked
from vrijgave.leadtime.reference import Terms
from vrijgave.leadtime.report import FORMULA
from vrijgave.leadtime.spreads import KNOWN, Seconds
from vrijgave.leadtime.stages import Headline, Stage
from vrijgave.leadtime.view import Query
from vrijgave.services.context import Context
from vrijgave.services.example import mark
from vrijgave.services.hours import working_hours
from vrijgave.services.lead_times import bring_up_to_date

MOMENT = pa.timestamp("ms", tz="UTC")
LENGTH = pa.duration("s")
_STAGES = (*(stage.value for stage in Stage), None)
"""By the number of the stage in which a release is; ``NOWHERE`` counts from the end."""
_CUT_OFF = np.array([kind in (Kind.OPEN, Kind.STOPPED) for kind in Kind])


class Format(StrEnum):
    """How the file is written."""

    CSV = "csv"
    PARQUET = "parquet"


def export(context: Context, query: Query, format_: Format) -> tuple[bytes, int]:
    """The releases that the tiles of ``query`` are about: the file, and how many there are."""
    settings, now = context.settings, context.now().replace(microsecond=0)
    office = working_hours(settings)
    with context.reading() as uow:
        word = mark(uow)
    terms = Terms(zone=ZoneInfo(settings.time_zone), target=settings.lead_time_target)
    bring_up_to_date(context)
    with context.figures.open(context.reading) as found:
        table = _table(found, asked(found, query, now, terms, office), query, word)
    return (_csv(table) if format_ is Format.CSV else _parquet(table, query, now, word)), table.num_rows


def _table(c: Columns, chosen: Asked, query: Query, word: str) -> pa.Table:
    return pa.table(dict(_facts(c, chosen, word)) | dict(_measures(c, chosen, query)))


def _facts(c: Columns, chosen: Asked, word: str) -> Iterator[tuple[str, pa.Array]]:
    places = chosen.places
    yield "example", pa.array([word] * len(places), pa.string())
    yield "release_id", pa.array([c.ids[place] for place in places], pa.string())
    yield "case_number", pa.array([c.numbers[place] or None for place in places], pa.string())
    names = {"unit": "unit", "offence": "offence", "footage": "footage"}
    for name, fact in (names | {"publication_stage": "stage", "state": "state"}).items():
        yield name, _texts(c.facts[fact], places)
    for name in WAY:
        own = c.public(chosen.slot) if name == "published" else c.rest(name)
        yield f"{name}_at", _moments(own[places], own[places] != NEVER)
    stage = c.rest("stage")[places]
    there = stage != NOWHERE
    yield "in_stage", pa.array([_STAGES[s] for s in stage], pa.string())
    yield "in_stage_since", _moments(c.rest("since")[places] // 1_000_000, there)
    yield "held_now", pa.array(c.rest("held")[places] > 0)
    counts = {
        "review_rounds": "rounds", "times_sent_back": "sent_back", "times_returned_by_check": "rescans",
        "times_refused": "refusals", "tips": "tips", "usable_tips": "usable_tips",
    }  # fmt: skip
    for name, count in counts.items():
        yield name, pa.array(c.rest(count)[places], pa.int32())
    yield "identified", pa.array(c.rest("identified")[places] > 0)


def _measures(c: Columns, chosen: Asked, query: Query) -> Iterator[tuple[str, pa.Array]]:
    for measure in MEASURES:
        cells = c.cells(measure, chosen.slot, query.hours, chosen.places)
        kinds, has = cells.kinds, cells.kinds != NOWHERE
        low, high, held = (told(side, chosen.at) for side in (cells.low, cells.high, cells.held))
        known, cut_off = has & KNOWN[kinds], has & _CUT_OFF[kinds]
        names = pa.DictionaryArray.from_arrays(pa.array(kinds, mask=~has), [kind.value for kind in KINDS])
        yield f"{measure.value}_kind", names
        yield f"{measure.value}_seconds_low", _lengths(low, known)
        yield f"{measure.value}_seconds", _lengths(high, known)
        yield f"{measure.value}_so_far_seconds", _lengths(high, cut_off)
        if isinstance(measure, (Headline, Stage)):
            yield f"{measure.value}_held_seconds", _lengths(held, known | cut_off)


def _texts(fact: Fact, places: Places) -> pa.Array:
    values = [value or None for value in fact.values]
    return pa.array([values[code] for code in fact.codes[places]], pa.string())


def _lengths(seconds: Seconds, there: Places) -> pa.Array:
    return pa.array(seconds, mask=~there).cast(LENGTH)


def _moments(seconds: Seconds, there: Places) -> pa.Array:
    return pa.array(np.where(there, seconds, 0) * 1000, mask=~there).cast(MOMENT)


def _parquet(table: pa.Table, query: Query, now: datetime, word: str) -> bytes:
    asked_ = {name: str(value) for name, value in _plain(query) if value is not None}
    about = {"made_by": f"Vrijgave {__version__}", "made_at": now.isoformat(), "example": word, **asked_}
    table = table.replace_schema_metadata({f"vrijgave.{name}": value for name, value in about.items()})
    sink = io.BytesIO()
    pa.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _plain(query: Query) -> Iterator[tuple[str, object]]:
    return ((name, getattr(query, name)) for name in Query.__dataclass_fields__)


def _csv(table: pa.Table) -> bytes:
    """Times in ISO 8601 with Z, lengths in seconds; what is not known is empty, and nothing is a formula."""
    sink = io.BytesIO()
    told_ = {name: _as_text(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    pa.csv.write_csv(pa.table(told_), sink)
    return sink.getvalue()


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_duration(kind):
        return column.cast(pa.int64())
    if pa.types.is_boolean(kind):
        return column.cast(pa.int8())
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string())
    if pa.types.is_string(kind):
        begins = (pc.starts_with(column, sign) for sign in FORMULA)
        return pc.if_else(reduce(pc.or_, begins), pc.binary_join_element_wise("'", column, ""), column)
    return column
