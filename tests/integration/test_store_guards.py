"""The databases themselves refuse to change or remove what may only be added to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, Engine, text

from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Certainty, Medium, Permission, PermissionRequest, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.edits import Hide
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.notes import NoteAction, NoteEntry
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, Platform, Publication
from vrijgave.domain.reach import Reach
from vrijgave.domain.releases import Approval, Release, State
from vrijgave.domain.texts import TextEdit, TextField
from vrijgave.domain.tips import Attribution, Outcome, Tip, TipChannel, TipJudgement, Usability
from vrijgave.errors import Rejected
from vrijgave.i18n import Language
from vrijgave.store import UnitOfWork, make_engine

UowFactory = Callable[[], UnitOfWork]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADD_ONLY = (
    "transition",
    "edit",
    "note",
    "note_entry",
    "text_edit",
    "stamp",
    "permission",
    "permission_request",
    "evidence",
    "audit",
    "hold",
    "hold_end",
    "tip",
    "tip_judgement",
    "reach",
)
A_COLUMN = {"evidence": "detail", "stamp": "source", "hold": "note", "tip": "content"}


@pytest.fixture
def filled(uow_factory: UowFactory, new_release: Callable[..., Release]) -> None:
    """One row in every table that is guarded."""
    with uow_factory() as uow:
        release = uow.releases.add(new_release(state=State.AWAITING_APPROVAL, reviewer="bo"))
        known = uow.edits.log(release.id)
        grown = known.grown([(Hide(track=1), "because")], revision=1, actor="bo", at=T0)
        uow.edits.append(release, known, grown)
        note = uow.notes.add(release.id, 1, 12, "look here", author="cas", at=T0)
        uow.notes.enter(NoteEntry(note=note.number, action=NoteAction.RESOLVED, text="", author="bo", at=T0))
        uow.text_edits.add(_written(release))
        uow.stamps.add(
            Stamp(
                release_id=release.id,
                milestone=Milestone.RECEIVED,
                earliest=T0,
                latest=T0,
                certainty=Certainty.EXACT,
                source="flow:prepare",
                recorded_at=T0,
            )
        )
        uow.permissions.add(_refusal(release))
        uow.permission_requests.add(_request(release))
        uow.approvals.add(
            Approval(release_id=release.id, revision=1, reviewer="bo", approver="cas", at=T0, covers=(("a", "b"),))
        )
        publication = uow.publications.plan(_planned(release))
        uow.publications.add_evidence(
            Evidence(publication_id=publication.id, kind=EvidenceKind.UPLOADED, at=T0, detail="")
        )
        uow.reach.add(Reach(publication_id=publication.id, at=T0, views=12, source="person:bo"))
        hold = uow.holds.begin(release.id, HoldReason.INVESTIGATION, "", T0, actor="bo", recorded_at=T0)
        uow.holds.finish(hold, T0, actor="bo", recorded_at=T0)
        tip = _tip(uow, release)
        uow.tips.judge(tip, _judgement(tip))
        uow.audit.append("bo", AuditAction.CONSULTED, f"release:{release.id}", "review", T0)
        uow.commit()


def _tip(uow: UnitOfWork, release: Release) -> Tip:
    return uow.tips.add(
        release.id, received_at=T0, channel=TipChannel.PHONE, medium="youtube", content="x", actor="bo", recorded_at=T0
    )


def _judgement(tip: Tip) -> TipJudgement:
    return TipJudgement(
        tip=tip.number, usability=Usability.USABLE, outcome=Outcome.CONTRIBUTED, attribution=Attribution.WEAK,
        follow_up="", at=T0, actor="bo", recorded_at=T0,
    )  # fmt: skip


def _written(release: Release) -> TextEdit:
    return TextEdit(
        release_id=release.id, revision=1, platform=Platform.YOUTUBE, language=Language.DUTCH, field=TextField.TITLE,
        version=1, text="Wie?", draft_sha256="a" * 64, actor="bo", at=T0,
    )  # fmt: skip


@pytest.mark.parametrize("table", ADD_ONLY)
@pytest.mark.usefixtures("filled")
def test_rows_cannot_be_changed(engine: Engine, table: str) -> None:
    column = A_COLUMN.get(table, "at")
    refused(engine, f"UPDATE {table} SET {column} = {column}")  # noqa: S608


@pytest.mark.parametrize("table", [*ADD_ONLY, "approval", "audit_head"])
@pytest.mark.usefixtures("filled")
def test_rows_cannot_be_removed(engine: Engine, table: str) -> None:
    refused(engine, f"DELETE FROM {table}")  # noqa: S608
    if engine.dialect.name == "postgresql":
        refused(engine, f"TRUNCATE {table} CASCADE")


def test_replacing_a_row_is_removing_it(sqlite_database: URL) -> None:
    engine = make_engine(sqlite_database)
    refused(engine, "REPLACE INTO audit_head SELECT id, 9, hash FROM audit_head")
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "approver = 'dirk'",
        "covers = '[]'",
        "revision = 2",
        "at = '2026-03-03 00:00:00'",
        "voided_at = NULL, approver = 'x'",
    ],
)
@pytest.mark.usefixtures("filled")
def test_an_approval_cannot_be_rewritten(engine: Engine, change: str) -> None:
    refused(engine, f"UPDATE approval SET {change}")  # noqa: S608


@pytest.mark.usefixtures("filled")
def test_a_voided_approval_stays_void(engine: Engine, uow_factory: UowFactory) -> None:
    with uow_factory() as uow:
        (release,) = uow.releases.list()
        assert uow.approvals.void(release.id, "changed", T0)
        uow.commit()
    refused(engine, "UPDATE approval SET voided_at = NULL, voided_because = NULL")


def refused(engine: Engine, statement: str) -> None:
    with engine.connect() as connection, pytest.raises(Rejected) as error:
        connection.execute(text(statement))
    assert error.value.by == "append_only"


def _request(release: Release) -> PermissionRequest:
    return PermissionRequest(
        release_id=release.id,
        requester="anna",
        zaaksofficier="The prosecutor",
        platforms=frozenset({"youtube"}),
        stage=PublicationStage.COVERED,
        medium=Medium.STILLS,
        lighter_means="",
        proportionality="serious",
        at=T0,
        recorded_by="anna",
    )


def _refusal(release: Release) -> Permission:
    return Permission(
        release_id=release.id,
        requester="anna",
        zaaksofficier="A",
        authoriser="B",
        mandate="",
        platforms=frozenset(),
        stage=PublicationStage.INTERNAL,
        medium=Medium.STILLS,
        lighter_means="",
        proportionality="",
        granted=False,
        at=T0,
        recorded_by="anna",
        refusal_reason="a minor",
    )


def _planned(release: Release) -> Publication:
    return Publication(
        id="p" * 32,
        release_id=release.id,
        revision=1,
        platform=Platform.YOUTUBE,
        stage=PublicationStage.COVERED,
        state=LedgerState.PLANNED,
        version=1,
        marker="m",
        file_sha256="a" * 64,
        file_size=1,
    )


def test_what_touches_the_stage_clock_marks_its_release(
    engine: Engine, uow_factory: UowFactory, new_release: Callable[..., Release]
) -> None:
    def times() -> dict[str, int]:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT release_id, times FROM clock_mark"))
            return {str(row.release_id): int(row.times) for row in rows}

    with uow_factory() as uow:
        one, other = uow.releases.add(new_release()), uow.releases.add(new_release(id="b" * 32))
        uow.commit()
    before = times()
    assert set(before) == {one.id, other.id}
    with uow_factory() as uow:
        hold = uow.holds.begin(one.id, HoldReason.OTHER, "", T0, actor="bo", recorded_at=T0)
        uow.holds.finish(hold, T0, actor="bo", recorded_at=T0)
        tip = _tip(uow, one)
        uow.tips.judge(tip, _judgement(tip))
        uow.commit()
    assert times() == before | {one.id: before[one.id] + 4}
