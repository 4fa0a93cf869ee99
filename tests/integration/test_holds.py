"""Deliberate holds, on both databases: one at a time, with a reason, and nothing goes out meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from vrijgave.domain.holds import HoldReason
from vrijgave.domain.releases import Release, State
from vrijgave.errors import Conflict, Rejected
from vrijgave.services import holds, publication
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def approved(uow_factory: UowFactory, new_release: Callable[..., Release]) -> Release:
    with uow_factory() as uow:
        release = uow.releases.add(new_release(state=State.APPROVED, reviewer="bo"))
        uow.commit()
    return release


def test_nothing_is_ordered_out_while_it_is_held(uow_factory: UowFactory, approved: Release) -> None:
    with uow_factory() as uow:
        holds.begin(uow, approved.id, HoldReason.RELATIVES, "De familie weet het nog niet.", actor="bo", at=T0)
        uow.commit()
    with uow_factory() as uow:
        with pytest.raises(Rejected, match="held on purpose"):
            publication.order(uow, approved.id, "bo", T0)
        holds.end(uow, approved.id, actor="cas", at=T0 + timedelta(hours=2))
        uow.commit()
    with uow_factory() as uow:
        (kept,) = uow.holds.for_release(approved.id)
        assert (kept.begins, kept.ends, kept.end and kept.end.actor) == (T0, T0 + timedelta(hours=2), "cas")
        holds.check_not_held(uow, approved.id)
        assert [e.reason for e in uow.audit.entries()] == ["Held on purpose.", "The hold has ended."]


def test_one_hold_at_a_time_and_each_with_a_reason(uow_factory: UowFactory, approved: Release) -> None:
    with uow_factory() as uow:
        for reason, note in ((None, "x"), (HoldReason.OTHER, " "), (HoldReason.OTHER, "x" * 1001)):
            with pytest.raises(Rejected) as error:
                holds.begin(uow, approved.id, reason, note, actor="bo", at=T0)
            assert error.value.by == "hold"
        with pytest.raises(Rejected, match="not held"):
            holds.end(uow, approved.id, actor="bo", at=T0)
        holds.begin(uow, approved.id, HoldReason.OTHER, "Wachten op de burgemeester.", actor="bo", at=T0)
        with pytest.raises(Rejected, match="held already"):
            holds.begin(uow, approved.id, HoldReason.INVESTIGATION, "", actor="bo", at=T0)


@pytest.mark.parametrize(
    "state", [State.PUBLISHING, State.PUBLISHED, State.TAKING_DOWN, State.TAKEN_DOWN, State.WITHDRAWN]
)
def test_what_went_out_or_is_over_cannot_be_held(
    uow_factory: UowFactory, new_release: Callable[..., Release], state: State
) -> None:
    with uow_factory() as uow:
        release = uow.releases.add(new_release(state=state))
        with pytest.raises(Rejected, match="not gone out"):
            holds.begin(uow, release.id, HoldReason.INVESTIGATION, "", actor="bo", at=T0)


def test_who_read_the_release_before_the_hold_cannot_move_it_after(uow_factory: UowFactory, approved: Release) -> None:
    with uow_factory() as uow:
        seen = uow.releases.get(approved.id)
        holds.begin(uow, approved.id, HoldReason.INVESTIGATION, "", actor="bo", at=T0)
        with pytest.raises(Conflict):
            uow.releases.move(seen, State.PUBLISHING, at=T0, actor="bo", reason="")
