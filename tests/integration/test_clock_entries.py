"""Times that people enter and correct, on both databases: nothing is lost, and the lead times follow the last word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Engine

from vrijgave.cli import main
from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import Release
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.leadtime import lead_times
from vrijgave.services import clock_entries
from vrijgave.services.context import Context
from vrijgave.services.lead_times import rebuild, refresh, verify
from vrijgave.settings import Settings
from vrijgave.store import UnitOfWork
from vrijgave.store.clock_tables import lead_time

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = T0 + timedelta(days=10)
INCIDENT = (Milestone.INCIDENT, None, 1)


def hours(count: float) -> datetime:
    return T0 + timedelta(hours=count)


@pytest.fixture
def release(uow_factory: UowFactory, new_release: Callable[..., Release]) -> Release:
    """Received at ``T0``, public two days later; nobody said when the incident was."""
    with uow_factory() as uow:
        added = uow.releases.add(new_release())
        for milestone, at in ((Milestone.RECEIVED, T0), (Milestone.PUBLIC, hours(48))):
            uow.stamps.add(
                Stamp(
                    release_id=added.id, milestone=milestone, earliest=at, latest=at, certainty=Certainty.EXACT,
                    source="flow:publish", recorded_at=at,
                )
            )  # fmt: skip
        uow.commit()
    return added


def test_figures_follow_each_correction_however_they_are_made(
    engine: Engine, uow_factory: UowFactory, release: Release
) -> None:
    context = cast(
        Context,
        SimpleNamespace(
            settings=Settings(), now=lambda: NOW, unit_of_work=lambda: UnitOfWork(engine),
            reading=lambda: UnitOfWork(engine, read_only=True),
        ),
    )  # fmt: skip
    refresh(context)
    with uow_factory() as uow:
        clock_entries.enter(uow, release.id, Milestone.INCIDENT, earliest=hours(-5), actor="anna", at=NOW)
        uow.commit()
    assert refresh(context) == 1
    with uow_factory() as uow:
        clock_entries.correct(
            uow, release.id, INCIDENT, earliest=hours(-9), until=hours(-8), reason="De camera liep achter.",
            actor="bo", at=NOW,
        )  # fmt: skip
        uow.commit()
    assert refresh(context) == 1
    assert verify(context)[1] == []
    with engine.connect() as connection:
        kept = {(r.release_id, r.platform): r.figures for r in connection.execute(lead_time.select())}
    rebuild(context)
    with engine.connect() as connection:
        assert {(r.release_id, r.platform): r.figures for r in connection.execute(lead_time.select())} == kept
    with uow_factory() as uow:
        stamps = uow.stamps.for_release(release.id)
        told = [(s.earliest, s.reason) for s in stamps if s.milestone is Milestone.INCIDENT]
        assert told == [(hours(-5), ""), (hours(-9), "De camera liep achter.")]
        spans = [
            lead_times(release.id, those, (), now=NOW)
            for those in (stamps, [s for s in stamps if s.earliest != hours(-5)])
        ]
        assert spans[0] == spans[1]


def test_what_a_flow_recorded_can_be_found_unknown_with_a_reason(uow_factory: UowFactory, release: Release) -> None:
    of = (Milestone.PUBLIC, None, 1)
    with uow_factory() as uow:
        with pytest.raises(Rejected, match="why"):
            clock_entries.correct(uow, release.id, of, earliest=None, reason=" ", actor="bo", at=NOW)
        clock_entries.correct(uow, release.id, of, earliest=None, reason="Nooit openbaar.", actor="bo", at=NOW)
        old, new = (s for s in uow.stamps.for_release(release.id) if s.milestone is Milestone.PUBLIC)
    assert (old.source, old.earliest) == ("flow:publish", hours(48))
    assert (new.source, new.certainty) == ("person:bo", Certainty.UNKNOWN)


@pytest.mark.parametrize(
    ("earliest", "until", "match"),
    [
        (hours(1), None, "cannot lie after"),
        (hours(-1), hours(-2), "end lies before"),
        (NOW + timedelta(hours=1), None, "future"),
    ],
)
def test_what_cannot_be_is_refused(
    uow_factory: UowFactory, release: Release, earliest: datetime, until: datetime | None, match: str
) -> None:
    with uow_factory() as uow, pytest.raises(Rejected, match=match):
        clock_entries.enter(
            uow, release.id, Milestone.INCIDENT, earliest=earliest, until=until, actor="anna", at=NOW
        )  # fmt: skip


def test_an_interval_that_overlaps_contradicts_nothing(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        clock_entries.enter(
            uow, release.id, Milestone.SECURED, earliest=hours(-1), until=hours(1), actor="anna", at=NOW
        )
        with pytest.raises(Rejected, match="on the clock already"):
            clock_entries.enter(uow, release.id, Milestone.SECURED, earliest=hours(-2), actor="anna", at=NOW)
        with pytest.raises(Rejected, match="only be corrected"):
            clock_entries.enter(uow, release.id, Milestone.APPROVED, earliest=hours(2), actor="anna", at=NOW)
        with pytest.raises(NotFound):
            clock_entries.correct(uow, release.id, INCIDENT, earliest=hours(-2), reason="x", actor="anna", at=NOW)


def test_who_did_not_see_the_last_reading_is_told(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        clock_entries.enter(uow, release.id, Milestone.INCIDENT, earliest=hours(-2), seen=2, actor="a", at=NOW)
        with pytest.raises(Conflict):
            clock_entries.correct(
                uow, release.id, INCIDENT, earliest=hours(-3), reason="x", seen=2, actor="b", at=NOW
            )  # fmt: skip


def test_the_command_enters_corrects_and_shows(
    release: Release, engine: Engine, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    said = ["--at", "2026-03-02T03:00+01:00", "--actor", "anna"]
    assert main(["clock", "enter", release.id, "incident", *said]) == 0
    assert main(["clock", "enter", release.id, "incident", *said]) == 4
    assert (
        main(["clock", "correct", release.id, "incident", "--unknown", "--reason", "Niet zeker.", "--seen", "2"]) == 6
    )
    assert main(["clock", "correct", release.id, "incident", "--unknown", "--reason", "Niet zeker."]) == 0
    assert main(["clock", "correct", release.id, "reported", "--unknown", "--reason", "x"]) == 5
    capsys.readouterr()
    assert main(["clock", "show", release.id]) == 0
    shown = capsys.readouterr().out
    assert "02-03-2026" in shown
    assert "Niet" in shown
