"""Working hours from the settings, and what is said of those that make no sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vrijgave.errors import ActionRequired
from vrijgave.services.hours import working_hours
from vrijgave.settings import Settings


def test_without_settings_a_dutch_office_week() -> None:
    hours = working_hours(Settings())
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    assert hours.flattened(monday + timedelta(days=7)) - hours.flattened(monday) == timedelta(hours=45)


@pytest.mark.parametrize(
    ("name", "value"),
    [("WORKING_DAYS", "[]"), ("WORKING_DAYS", "[8]"), ("WORKING_UNTIL", "07:00"), ("HOLIDAYS", "Atlantis")],
)
def test_hours_that_make_no_sense_are_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"VRIJGAVE_{name}", value)
    with pytest.raises(ActionRequired, match="WORKING_DAYS"):
        working_hours(Settings())
