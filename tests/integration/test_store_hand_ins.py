"""Drafts of hand-ins and requests for permission, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from vrijgave.domain.cases import Medium, PermissionRequest, PublicationStage
from vrijgave.domain.hand_in import HandIn, Mark, Upload
from vrijgave.domain.releases import Release
from vrijgave.errors import Conflict, NotFound
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UPLOAD = Upload(id="a" * 32, name="«één».mp4", size=5 * 10**10, modified=2**41, media={"video": {"width": 640}})


def new_draft(number: int = 1, owner: str = "anna", upload: Upload | None = UPLOAD) -> HandIn:
    return HandIn(
        id=f"{number:032d}",
        owner=owner,
        version=1,
        created_at=T0,
        changed_at=T0 + timedelta(minutes=number),
        facts={"offence": "«diefstal»"},
        marks=(Mark(frame=3, box=(1.5, 2, 30, 40), description="pet", minor=True),),
        upload=upload,
    )


@pytest.fixture
def kept(uow_factory: UowFactory) -> HandIn:
    draft = new_draft()
    with uow_factory() as uow:
        uow.hand_ins.add(draft)
        uow.hand_ins.add(new_draft(2, upload=None))
        uow.hand_ins.add(new_draft(3, owner="dirk", upload=replace(UPLOAD, id="b" * 32)))
        uow.commit()
    return draft


def test_a_draft_comes_back_as_it_was(uow_factory: UowFactory, kept: HandIn) -> None:
    with uow_factory() as uow:
        assert uow.hand_ins.get(kept.id, "anna") == kept
        assert uow.hand_ins.of_upload(UPLOAD.id, "anna") == kept
        assert [draft.id for draft in uow.hand_ins.open("anna")] == [new_draft(2).id, kept.id]
        assert uow.hand_ins.count_open("anna") == 2
        assert uow.hand_ins.uploads() == {"a" * 32, "b" * 32}
        assert uow.hand_ins.get(new_draft(2).id, "anna").upload is None


def test_a_draft_of_somebody_else_is_not_there(uow_factory: UowFactory, kept: HandIn) -> None:
    with uow_factory() as uow:
        with pytest.raises(NotFound):
            uow.hand_ins.get(kept.id, "dirk")
        with pytest.raises(NotFound):
            uow.hand_ins.of_upload(UPLOAD.id, "dirk")
        for strange in ("\0", "../" + kept.id, "\ud800", kept.id + "\n"):
            with pytest.raises(NotFound):
                uow.hand_ins.get(strange, "anna")
            with pytest.raises(NotFound):
                uow.hand_ins.of_upload(strange, "anna")


def test_only_the_draft_as_it_was_read_is_changed(uow_factory: UowFactory, kept: HandIn) -> None:
    with uow_factory() as uow:
        uow.hand_ins.change(replace(kept, version=2, upload=None))
        with pytest.raises(Conflict):
            uow.hand_ins.change(replace(kept, version=2, facts={}))
        with pytest.raises(Conflict):
            uow.hand_ins.remove(kept)
        assert uow.hand_ins.uploads() == {"b" * 32}
        uow.commit()


def test_what_was_handed_in_is_a_draft_no_more(
    uow_factory: UowFactory, kept: HandIn, new_release: Callable[..., Release]
) -> None:
    with uow_factory() as uow:
        release = uow.releases.add(new_release())
        done = replace(kept, version=2, release_id=release.id)
        uow.hand_ins.change(done)
        assert [draft.id for draft in uow.hand_ins.open("anna")] == [new_draft(2).id]
        for again in (uow.hand_ins.change, uow.hand_ins.remove):
            with pytest.raises(Conflict):
                again(replace(done, version=3))
        uow.commit()


def test_old_drafts_with_a_file_are_found(uow_factory: UowFactory, kept: HandIn) -> None:
    with uow_factory() as uow:
        assert uow.hand_ins.untouched(T0) == []
        assert [draft.id for draft in uow.hand_ins.untouched(T0 + timedelta(minutes=2))] == [kept.id]


def test_the_latest_request_counts(uow_factory: UowFactory, new_release: Callable[..., Release]) -> None:
    with uow_factory() as uow:
        release = uow.releases.add(new_release())
        assert uow.permission_requests.latest(release.id) is None
        first = PermissionRequest(
            release_id=release.id,
            requester="Anna",
            zaaksofficier="The prosecutor",
            platforms=frozenset({"youtube", "press_kit"}),
            stage=PublicationStage.COVERED,
            medium=Medium.STILLS,
            lighter_means="",
            proportionality="serious",
            at=T0,
            recorded_by="anna",
            end_date=date(2026, 6, 1),
        )
        uow.permission_requests.add(first)
        second = replace(first, conditions="none", stage=PublicationStage.RECOGNISABLE)
        uow.permission_requests.add(second)
        assert uow.permission_requests.latest(release.id) == second
