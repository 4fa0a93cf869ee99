"""Working hours and targets from the settings, and what is said of those that make no sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vrijgave.errors import ActionRequired
from vrijgave.leadtime import Stage
from vrijgave.services.hours import stage_targets, working_hours
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


def test_targets_are_of_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRIJGAVE_STAGE_TARGETS", '{"rendered_to_approved": "PT4H"}')
    assert stage_targets(Settings()) == {Stage.RENDERED_TO_APPROVED: timedelta(hours=4)}
    monkeypatch.setenv("VRIJGAVE_STAGE_TARGETS", '{"approval": "PT4H"}')
    with pytest.raises(ActionRequired, match="approval"):
        stage_targets(Settings())
