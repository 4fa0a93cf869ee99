"""The lead times of a release as plain columns, for programs that ask the database by SQL.

Lengths are packed as in ``packing``: whole seconds times two, plus one where they grow with the time; it is then what
to add to the seconds since 1970. So a row stays true while time goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.packing import Packed, unpack
from vrijgave.leadtime.record import Record
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage
from vrijgave.leadtime.view import Hours

WHOLE: tuple[Measure, ...] = (*Headline, *Nature, *Result)
"""What a release has once."""
WAY = ("received", "analysed", "reviewed", "rendered", "approved", "published", "ended")


Plain = tuple[Mapping[str, object], tuple[Mapping[str, object], ...]]
"""Column -> value: of the release, and of each stage that it began, by platform and name."""


def plain(record: Record, rows: Mapping[str, bytes]) -> Plain:
    """The columns of ``record`` as it stands at ``packing.FAR``, with its packed ``rows`` by platform."""
    packed = {platform: unpack(row, platform) for platform, row in rows.items()}
    way, standing = record.way, record.standing
    release: dict[str, object] = {
        "release_id": record.release_id,
        **{f"{name}_at": getattr(way, name) for name in WAY},
        "in_stage": standing and standing.stage.value,
        "in_stage_since": standing and standing.since,
        "review_rounds": record.rounds,
        "times_sent_back": record.sent_back,
        "times_returned_by_check": record.rescans,
        "tips": record.tips,
        "usable_tips": record.usable_tips,
        "identified": record.identified,
    }
    for measure in WHOLE:
        found = packed[""][measure]
        low, high, _held = _lengths(found)[:3]
        release |= {f"{measure.value}_kind": found.kind.value, f"{measure.value}_low": low, measure.value: high}
    return release, tuple(_stages(record, packed))


def _stages(record: Record, packed: Mapping[str, Mapping[Measure, Packed]]) -> Iterator[Mapping[str, object]]:
    for platform, measures in sorted(packed.items()):
        for stage in sorted(Stage):
            if stage not in measures or (stage.per_platform and not platform and len(packed) > 1):
                continue  # the row of the whole release has those of its first platform once more
            found = measures[stage]
            if found.kind is Kind.NOT_BEGUN:
                continue
            low, high, held, office_low, office_high, office_held = _lengths(found)
            yield {
                "release_id": record.release_id,
                "stage": stage.value,
                "platform": platform,
                "nature": stage.nature.value,
                "kind": found.kind.value,
                "rounds": found.rounds,
                "of_first": platform in ("", record.times[Hours.ELAPSED].first),
                "low": low,
                "high": high,
                "held": held,
                "office_low": office_low,
                "office_high": office_high,
                "office_held": office_held,
            }


def _lengths(found: Packed) -> tuple[int | None, ...]:
    return found.lengths if found.kind.measured else (None,) * 6
