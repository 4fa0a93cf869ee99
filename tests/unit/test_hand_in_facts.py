"""What a person types becomes the facts of a case, or a sentence at the field that is not right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from vrijgave.domain.cases import Certainty, Medium, PublicationStage, Urgency
from vrijgave.domain.publications import Platform
from vrijgave.services.hand_in_facts import FACTS, LONG, SHORT, Reading, read

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LEAST = {
    "public_case_number": "2026-1",
    "offence": "Straatroof",
    "public_place": "Den Haag, Centrum",
    "unit": "Den Haag",
    "targets": "youtube press_kit",
}


def reading(**facts: str) -> Reading:
    return read(LEAST | facts, ZONE, NOW)


def test_the_least_that_is_needed_is_enough() -> None:
    found = reading()
    assert found.problems == {}
    assert found.case is not None
    assert found.case.incident_certainty is Certainty.UNKNOWN
    assert found.case.incident_from is None
    assert found.targets == (Platform.YOUTUBE, Platform.PRESS_KIT)
    assert found.asked is None


def test_every_mistake_is_told_at_once_and_at_its_field() -> None:
    found = read({"end_date": "2026-03-09", "incident_from": "yesterday", "secured_at": "2026-03-11T10:00"}, ZONE, NOW)
    assert set(found.problems) == {
        "public_case_number", "offence", "public_place", "unit", "targets", "end_date", "incident_from", "secured_at",
    }  # fmt: skip
    assert found.case is None
    assert set(found.problems) <= FACTS


def test_times_are_read_on_the_clock_of_the_force() -> None:
    case = reading(incident_from="2026-03-01T22:15", incident_to="2026-03-01T22:40", incident_certainty="exact").case
    assert case is not None
    assert case.incident_from == datetime(2026, 3, 1, 21, 15, tzinfo=UTC)
    assert case.incident_to == datetime(2026, 3, 1, 21, 40, tzinfo=UTC)
    assert case.incident_certainty is Certainty.EXACT


def test_one_moment_is_an_incident_that_begins_and_ends_then() -> None:
    case = reading(incident_from="2026-03-01T22:15").case
    assert case is not None
    assert case.incident_to == case.incident_from
    assert case.incident_certainty is Certainty.ESTIMATED


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"incident_to": "2026-03-01T22:15"}, "incident_from"),
        ({"incident_from": "2026-03-02T10:00", "incident_to": "2026-03-01T10:00"}, "incident_to"),
        ({"incident_from": "0001-01-01T00:00"}, "incident_from"),
        ({"reported_at": "2026-13-01T00:00"}, "reported_at"),
        ({"self_report_until": "soon"}, "self_report_until"),
        ({"registration_number": "2026-1"}, "public_case_number"),
        ({"targets": "no_platform"}, "targets"),
        ({"offence": "two\nlines"}, "offence"),
        *[({name: "x" * (most + 1)}, name) for name, most in (SHORT | LONG).items()],  # type: ignore[operator]
    ],
)
def test_what_is_not_right_is_told(facts: dict[str, str], field: str) -> None:
    assert list(reading(**facts).problems) == [field]


def test_choices_that_no_page_offers_become_the_usual_ones() -> None:
    found = reading(urgency="extreme", stage="naked", medium="opera", conditions="none")
    assert found.case is not None
    assert found.case.urgency is Urgency.NORMAL
    assert found.asked is not None
    assert (found.asked.stage, found.asked.medium) == (PublicationStage.RECOGNISABLE, Medium.VIDEO)


def test_a_request_is_made_when_something_of_it_is_filled_in() -> None:
    asked = reading(proportionality=" Serious. ", end_date="2026-03-10", stage="covered", medium="stills").asked
    assert asked is not None
    assert asked.proportionality == "Serious."
    assert asked.end_date == date(2026, 3, 10)
    assert (asked.stage, asked.medium) == (PublicationStage.COVERED, Medium.STILLS)
