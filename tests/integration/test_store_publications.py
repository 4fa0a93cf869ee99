"""The publication ledger: planned once, saved by compare-and-swap, proven by evidence."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier
from uuid import uuid4

import pytest

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, Platform, Publication
from vrijgave.domain.releases import Release
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.store import UnitOfWork

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def planned(release: Release, platform: Platform = Platform.YOUTUBE) -> Publication:
    return Publication(
        id=uuid4().hex,
        release_id=release.id,
        revision=1,
        platform=platform,
        stage=PublicationStage.COVERED,
        state=LedgerState.PLANNED,
        version=1,
        marker="marker.mp4",
        file_sha256="a" * 64,
        file_size=5_000_000_000,
    )


@pytest.fixture
def row(uow_factory: UowFactory, new_release: Callable[..., Release]) -> Publication:
    """A planned publication on YouTube."""
    with uow_factory() as uow:
        publication = uow.publications.plan(planned(uow.releases.add(new_release())))
        uow.commit()
    return publication


def test_planning_again_finds_the_row_that_stands(uow_factory: UowFactory, row: Publication) -> None:
    with uow_factory() as uow:
        assert uow.publications.plan(replace(row, id=uuid4().hex)) == row
        assert uow.publications.for_release(row.release_id) == [row]


@pytest.mark.parametrize("change", [{"file_sha256": "b" * 64}, {"revision": 2}])
def test_another_file_cannot_take_the_place(
    uow_factory: UowFactory, row: Publication, change: dict[str, str | int]
) -> None:
    with uow_factory() as uow, pytest.raises(Conflict):
        uow.publications.plan(replace(row, id=uuid4().hex, **change))  # type: ignore[arg-type]


def test_other_platforms_have_rows_of_their_own(uow_factory: UowFactory, row: Publication) -> None:
    with uow_factory() as uow:
        kit = uow.publications.plan(replace(row, id=uuid4().hex, platform=Platform.PRESS_KIT))
        assert uow.publications.for_release(row.release_id) == [kit, row]


def test_what_is_learnt_is_saved(uow_factory: UowFactory, row: Publication) -> None:
    sending = replace(row, state=LedgerState.UPLOADING, intent_at=T0, session="https://upload.example/secret")
    with uow_factory() as uow:
        saved = uow.publications.save(row, sending)
        uow.commit()
    with uow_factory() as uow:
        assert uow.publications.get(row.id) == saved == replace(sending, version=2)


def test_the_ledger_knows_which_moves_there_are(uow_factory: UowFactory, row: Publication) -> None:
    with uow_factory() as uow, pytest.raises(Rejected) as refused:
        uow.publications.save(row, replace(row, state=LedgerState.LIVE))
    assert refused.value.by == "ledger"


def test_a_publication_stays_the_one_it_was(uow_factory: UowFactory, row: Publication) -> None:
    with uow_factory() as uow, pytest.raises(ValueError, match="keeps"):
        uow.publications.save(row, replace(row, state=LedgerState.UPLOADING, file_sha256="c" * 64))


def test_a_stale_row_cannot_be_saved(uow_factory: UowFactory, row: Publication) -> None:
    sending = replace(row, state=LedgerState.UPLOADING)
    with uow_factory() as uow:
        uow.publications.save(row, sending)
        with pytest.raises(Conflict):
            uow.publications.save(row, sending)


def test_an_unknown_publication_is_not_found(uow_factory: UowFactory) -> None:
    with uow_factory() as uow, pytest.raises(NotFound):
        uow.publications.get("0" * 32)


def test_of_two_uploads_at_once_one_may_begin(uow_factory: UowFactory, row: Publication) -> None:
    gate = Barrier(4)

    def begin(_number: int) -> bool:
        gate.wait()
        try:
            with uow_factory() as uow:
                uow.publications.save(row, replace(row, state=LedgerState.UPLOADING, intent_at=T0))
                uow.commit()
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(begin, range(4))).count(True) == 1


def test_planning_at_once_makes_one_row(uow_factory: UowFactory, row: Publication) -> None:
    gate = Barrier(4)

    def plan(_number: int) -> str | None:
        gate.wait()
        try:
            with uow_factory() as uow:
                found = uow.publications.plan(replace(row, id=uuid4().hex, platform=Platform.PRESS_KIT))
                uow.commit()
        except Conflict:
            return None
        return found.id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(plan, range(4))) - {None}
    with uow_factory() as uow:
        rows = uow.publications.for_release(row.release_id)
    assert len(rows) == 2
    assert ids == {rows[0].id}


def test_evidence_is_kept_in_order(uow_factory: UowFactory, row: Publication) -> None:
    seen = [
        Evidence(publication_id=row.id, kind=kind, at=T0, detail="vid-1")
        for kind in (EvidenceKind.UPLOADED, EvidenceKind.PUBLIC, EvidenceKind.READ_BACK)
    ]
    with uow_factory() as uow:
        for one in seen:
            uow.publications.add_evidence(one)
        uow.commit()
    with uow_factory() as uow:
        assert uow.publications.evidence(row.id) == seen
