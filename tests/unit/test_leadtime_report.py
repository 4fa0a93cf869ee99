"""Lead times in words and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave import i18n
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.i18n import Language, use_language
from vrijgave.leadtime import (
    Contradiction,
    Duration,
    Headline,
    Kind,
    Nature,
    ReleaseLeadTimes,
    Stage,
    explain,
    label,
    lead_times,
    release_rows,
    spoken,
    summarise,
    summary_rows,
    summary_to_csv,
    to_csv,
)
from vrijgave.leadtime.durations import CONTRADICTION, NOT_BEGUN, UNKNOWN
from vrijgave.leadtime.report import RELEASE_COLUMNS, SUMMARY_COLUMNS

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
M = Milestone


def reading(milestone: Milestone, at: datetime, platform: str | None = None, release_id: str = "r") -> Stamp:
    return Stamp(
        release_id=release_id,
        milestone=milestone,
        earliest=at,
        latest=at,
        certainty=Certainty.EXACT,
        source="flow:test",
        recorded_at=at,
        platform=platform,
    )


def example(release_id: str = "r", platform: str = "youtube") -> ReleaseLeadTimes:
    stamps = [
        reading(M.INCIDENT, T0, release_id=release_id),
        reading(M.PUBLISH_ORDERED, T0 + HOUR, release_id=release_id),
        reading(M.UPLOAD_STARTED, T0 + HOUR, platform, release_id=release_id),
        reading(M.UPLOADED, T0 + timedelta(hours=1, seconds=90, microseconds=500_000), platform, release_id=release_id),
    ]
    return lead_times(release_id, stamps, [], now=T0 + timedelta(hours=3, minutes=4, seconds=30))


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=900), "0 s"),
        (timedelta(seconds=59, milliseconds=999), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=89), "1 min"),
        (timedelta(seconds=90), "2 min"),
        (timedelta(minutes=59, seconds=31), "1 h"),
        (timedelta(hours=2, minutes=3), "2 h 3 min"),
        (timedelta(days=3, hours=4, minutes=12), "3 d 4 h 12 min"),
        (timedelta(days=3, minutes=12), "3 d 12 min"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_a_length_in_words(length: timedelta, text: str) -> None:
    assert spoken(Duration(Kind.EXACT, length, length)) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (NOT_BEGUN, "not begun"),
        (UNKNOWN, "unknown"),
        (CONTRADICTION, "contradictory times"),
        (Duration(Kind.OPEN, 2 * HOUR, 2 * HOUR), "still open, 2 h so far"),
        (Duration(Kind.OPEN, HOUR, 2 * HOUR), "still open, between 1 h and 2 h so far"),
        (Duration(Kind.STOPPED, 2 * HOUR, 2 * HOUR), "stopped after 2 h"),
        (Duration(Kind.INTERVAL, HOUR, 2 * HOUR), "between 1 h and 2 h"),
        (Duration(Kind.INTERVAL, HOUR, HOUR), "about 1 h"),
        (Duration(Kind.INTERVAL, HOUR, HOUR + timedelta(seconds=9)), "about 1 h"),
    ],
)
def test_each_kind_has_its_words(duration: Duration, text: str) -> None:
    assert spoken(duration) == text


def test_words_go_through_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    dutch = {
        "still open, {time} so far": "nog open, {time} tot nu",
        "{n} d": "{n} d",
        "{n} h": "{n} u",
        "{n} min": "{n} min",
    }
    monkeypatch.setattr(i18n, "catalogue", lambda language: dutch if language is Language.DUTCH else {})
    use_language(Language.DUTCH)
    length = timedelta(days=3, hours=4, minutes=12)
    assert spoken(Duration(Kind.OPEN, length, length)) == "nog open, 3 d 4 u 12 min tot nu"


def test_every_measure_has_a_label_of_its_own() -> None:
    labels = [label(measure) for measure in (*Headline, *Nature, *Stage)]
    assert len(set(labels)) == len(labels)


def test_the_table_of_a_release() -> None:
    rows = {(row.label, row.platform): row for row in release_rows(example())}
    upload = rows["Upload", "youtube"]
    assert (upload.nature, upload.rounds, upload.duration) == ("Working time", 1, "2 min")
    assert rows["Processing by the platform", "youtube"].duration == "still open, 2 h 3 min so far"
    assert rows["Incident to public", ""].nature == ""


def test_the_table_of_the_overview_shows_n_and_a_dash_without_any() -> None:
    rows = {(row.label, row.platform): row for row in summary_rows(summarise([example()]))}
    uploaded = rows["Incident to upload", ""]
    assert (uploaded.n, uploaded.median, uploaded.p90) == (1, "1 h 2 min", "1 h 2 min")
    public = rows["Incident to public", ""]
    assert (public.n, public.n_open, public.median, public.p90) == (0, 1, "–", "–")


def test_csv_of_no_release_is_its_header() -> None:
    assert to_csv([]) == ",".join(RELEASE_COLUMNS) + "\r\n"
    assert summary_to_csv(summarise([])) == ",".join(SUMMARY_COLUMNS) + "\r\n"


def test_csv_has_a_row_for_each_release_and_measure() -> None:
    rows = parsed(to_csv([example("a"), example("b")]))
    assert [row["release"] for row in rows] == ["a"] * (len(rows) // 2) + ["b"] * (len(rows) // 2)
    by_measure = {(row["measure"], row["platform"]): row for row in rows}
    upload = by_measure["upload_started_to_uploaded", "youtube"]
    assert upload["kind"] == "exact"
    assert upload["nature"] == "working"
    assert (upload["min_seconds"], upload["max_iso"]) == ("90.5", "PT0H1M30.5S")
    processing = by_measure["uploaded_to_public", "youtube"]
    assert (processing["kind"], processing["max_iso"]) == ("open", "PT2H2M59.5S")
    unknown = by_measure["incident_to_reported", ""]
    assert [unknown[c] for c in ("kind", "min_seconds", "max_seconds", "min_iso")] == ["unknown", "", "", ""]


def test_csv_of_the_overview_leaves_what_is_not_known_empty() -> None:
    rows = {(row["measure"], row["platform"]): row for row in parsed(summary_to_csv(summarise([example()])))}
    assert rows["incident_to_uploaded", ""]["median_min_seconds"] == "3690.5"
    public = rows["incident_to_public", ""]
    assert (public["n"], public["n_open"], public["median_min_seconds"], public["p90_max_seconds"]) == (
        "0",
        "1",
        "",
        "",
    )


@given(st.text(min_size=1).filter(lambda t: "\x00" not in t))
def test_no_cell_starts_a_formula_and_nothing_is_lost(name: str) -> None:
    """Names read back whole, but for the apostrophe that keeps a spreadsheet from running them."""
    rows = parsed(to_csv([example(platform=name)]))
    platforms = {row["platform"] for row in rows} - {""}
    assert platforms in ({name}, {f"'{name}"})
    (cell,) = platforms
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"])
def test_formulas_are_disarmed(name: str) -> None:
    assert f"'{name}" in {row["platform"] for row in parsed(to_csv([example(platform=name)]))}


def test_a_contradiction_is_a_sentence_that_says_what_to_do() -> None:
    apart = Contradiction(earlier=M.INCIDENT, later=M.ANALYSIS_STARTED, platform=None, by=24 * HOUR)
    assert explain(apart) == (
        "«analysis started» lies 1 d before «incident»; check both clocks and correct the wrong time."
    )
    ahead = Contradiction(earlier=M.INCIDENT, later=None, platform=None, by=HOUR)
    assert explain(ahead) == (
        "«incident» lies 1 h in the future; check the clock it was read from and correct the time."
    )
