"""Lead times for people and for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import State
from vrijgave.i18n import _
from vrijgave.leadtime.durations import Duration, Kind
from vrijgave.leadtime.release import Contradiction, ReleaseLeadTimes
from vrijgave.leadtime.stages import Headline, Measure, Nature, Result, Stage
from vrijgave.leadtime.summary import Summary

MINUTE = timedelta(minutes=1)
FORMULA = "=+-@\t\r\n＝＋－＠"
"""What a cell begins with that a spreadsheet would run."""

RELEASE_COLUMNS = (
    "example",
    "release",
    "measure",
    "platform",
    "nature",
    "rounds",
    "kind",
    "min_seconds",
    "max_seconds",
    "min_iso",
    "max_iso",
)
SUMMARY_COLUMNS = (
    "measure",
    "platform",
    "n",
    "n_open",
    "n_stopped",
    "n_unknown",
    "n_contradictory",
    "median_min_seconds",
    "median_max_seconds",
    "p90_min_seconds",
    "p90_max_seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """One line of a release's table, in words of the current language."""

    label: str
    platform: str
    nature: str
    rounds: int
    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One line of the overview, in words of the current language; ``median`` and ``p90`` are «–» where n is 0."""

    label: str
    platform: str
    n: int
    n_open: int
    n_stopped: int
    n_unknown: int
    n_contradictory: int
    median: str
    p90: str


def release_rows(release: ReleaseLeadTimes) -> Iterator[ReleaseRow]:
    """The table of one release."""
    for time in release.times:
        yield ReleaseRow(
            label=label(time.measure),
            platform=time.platform or "",
            nature=label(time.measure.nature) if isinstance(time.measure, Stage) else "",
            rounds=time.rounds,
            duration=spoken(time.duration),
        )


def summary_rows(summary: Summary) -> Iterator[SummaryRow]:
    """The table of the overview."""
    for line in summary.lines:
        figures = line.figures
        yield SummaryRow(
            label=label(line.measure),
            platform=line.platform or "",
            n=figures.n,
            n_open=figures.n_open,
            n_stopped=figures.n_stopped,
            n_unknown=figures.n_unknown,
            n_contradictory=figures.n_contradictory,
            median="–" if figures.median is None else spoken(figures.median),
            p90="–" if figures.p90 is None else spoken(figures.p90),
        )


def to_csv(releases: Iterable[ReleaseLeadTimes], mark: str = "") -> str:
    """RFC 4180 text: a header of ``RELEASE_COLUMNS``, then a row for each release and measure; ``mark`` stands in all.

    Names and kinds are the fixed English ones of the code, seconds have a decimal point, cells of what was not
    measured are empty; for ``open`` and ``stopped`` the lengths are those of the part so far.
    """
    rows = (
        (
            mark,
            release.release_id,
            time.measure.value,
            time.platform or "",
            time.measure.nature.value if isinstance(time.measure, Stage) else "",
            str(time.rounds),
            time.duration.kind.value,
            *_seconds(time.duration),
            _iso(time.duration.minimum),
            _iso(time.duration.maximum),
        )
        for release in releases
        for time in release.times
    )
    return to_csv_text(RELEASE_COLUMNS, rows)


def summary_to_csv(summary: Summary) -> str:
    """RFC 4180 text: a header of ``SUMMARY_COLUMNS``, then a row for each measure; see ``to_csv``."""
    rows = (
        (
            line.measure.value,
            line.platform or "",
            str(line.figures.n),
            str(line.figures.n_open),
            str(line.figures.n_stopped),
            str(line.figures.n_unknown),
            str(line.figures.n_contradictory),
            *_seconds(line.figures.median),
            *_seconds(line.figures.p90),
        )
        for line in summary.lines
    )
    return to_csv_text(SUMMARY_COLUMNS, rows)


def to_csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text; nothing in it is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """``cell`` with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(tuple(FORMULA)) else cell


def _seconds(duration: Duration | None) -> tuple[str, str]:
    if duration is None:
        return "", ""
    return _decimal(duration.minimum), _decimal(duration.maximum)


def _decimal(length: timedelta | None) -> str:
    if length is None:
        return ""
    whole, rest = divmod(length, timedelta(seconds=1))
    return f"{whole}.{rest.microseconds:06d}".rstrip("0").rstrip(".")


def _iso(length: timedelta | None) -> str:
    """ISO 8601 in hours and smaller: a «day» there is a calendar day, which summer time makes 23 or 25 hours long."""
    if length is None:
        return ""
    hours, rest = divmod(length, timedelta(hours=1))
    minutes, seconds = divmod(rest, MINUTE)
    return f"PT{hours}H{minutes}M{_decimal(seconds)}S"


def spoken(duration: Duration) -> str:
    """``duration`` in words, such as «3 d 4 h 12 min», «still open, 2 h 3 min so far» or «unknown»."""
    match duration.kind:
        case Kind.NOT_BEGUN:
            return _("not begun")
        case Kind.UNKNOWN:
            return _("unknown")
        case Kind.CONTRADICTION:
            return _("contradictory times")
        case Kind.OPEN:
            return _("still open, {time} so far").format(time=_range(duration))
        case Kind.STOPPED:
            return _("stopped after {time}").format(time=_range(duration))
        case Kind.EXACT | Kind.INTERVAL:
            return _range(duration)


def _range(duration: Duration) -> str:
    low, high = (spoken_time(bound) for bound in duration.bounds)
    if low != high:
        return _("between {low} and {high}").format(low=low, high=high)
    return low if duration.kind is not Kind.INTERVAL else _("about {time}").format(time=low)


def spoken_time(length: timedelta) -> str:
    """Days of 24 hours, hours and minutes, rounded to the minute; seconds below one minute."""
    if length < MINUTE:
        return _("{seconds} s").format(seconds=length // timedelta(seconds=1))
    minutes = (length + MINUTE / 2) // MINUTE
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, _("{n} d")), (hours, _("{n} h")), (minutes, _("{n} min")))
    return " ".join(text.format(n=n) for n, text in parts if n)


def label(measure: Measure) -> str:
    """What ``measure`` is called on a page."""
    labels: dict[Measure, str] = {
        Headline.INCIDENT_TO_UPLOADED: _("Incident to upload"),
        Headline.INCIDENT_TO_PUBLIC: _("Incident to public"),
        Nature.WORKING: _("Working time"),
        Nature.WAITING: _("Waiting time"),
        Nature.HELD: _("Held on purpose"),
        Stage.INCIDENT_TO_REPORTED: _("Incident to report"),
        Stage.REPORTED_TO_SECURED: _("Report to securing the footage"),
        Stage.SECURED_TO_RECEIVED: _("Securing to submission"),
        Stage.RECEIVED_TO_ANALYSIS_STARTED: _("Wait for analysis"),
        Stage.ANALYSIS_STARTED_TO_ANALYSED: _("Analysis"),
        Stage.ANALYSED_TO_REVIEW_STARTED: _("Wait for review"),
        Stage.REVIEW_STARTED_TO_REVIEW_DONE: _("Review"),
        Stage.REVIEW_DONE_TO_RENDER_STARTED: _("Wait for rendering"),
        Stage.RENDER_STARTED_TO_RENDERED: _("Rendering"),
        Stage.RENDERED_TO_APPROVED: _("Wait for approval"),
        Stage.APPROVED_TO_AUTHORISED: _("Wait for the permission"),
        Stage.AUTHORISED_TO_PUBLISH_ORDERED: _("Wait for the order to publish"),
        Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED: _("Wait for upload"),
        Stage.UPLOAD_STARTED_TO_UPLOADED: _("Upload"),
        Stage.UPLOADED_TO_PUBLIC: _("Processing by the platform"),
        Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED: _("Take-down"),
        Result.PUBLIC_TO_FIRST_TIP: _("Public to first tip"),
        Result.PUBLIC_TO_FIRST_USABLE_TIP: _("Public to first usable tip"),
        Result.PUBLIC_TO_IDENTIFIED: _("Public to identified"),
    }
    return labels[measure]


def explain(contradiction: Contradiction) -> str:
    """The contradiction as one sentence that says what to do."""
    by = spoken_time(contradiction.by)
    if contradiction.later is None:
        return _("«{earlier}» lies {by} in the future; check the clock it was read from and correct the time.").format(
            earlier=_point(contradiction.earlier), by=by
        )
    return _("«{later}» lies {by} before «{earlier}»; check both clocks and correct the wrong time.").format(
        later=_point(contradiction.later), earlier=_point(contradiction.earlier), by=by
    )


def _point(what: Milestone | State) -> str:
    return _(what.value.replace("_", " "))
