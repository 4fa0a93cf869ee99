"""What persons record about a release: files' lineage, decisions, stamps, permissions and approvals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.cases import Certainty, Medium, Permission, PublicationStage
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.edits import Change, EditLog, Hide, SetSound, SetStyle, Show
from vrijgave.domain.releases import Approval, Release, State
from vrijgave.domain.spans import Sound, SoundSpan
from vrijgave.domain.tracks import CoverStyle, Plan
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.store import UnitOfWork, tables

UowFactory = Callable[[], UnitOfWork]
NewRelease = Callable[..., Release]
T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


@pytest.fixture
def release(uow_factory: UowFactory, new_release: NewRelease) -> Release:
    """A release that waits for its approval, reviewed by bo."""
    with uow_factory() as uow:
        stored = uow.releases.add(new_release(state=State.AWAITING_APPROVAL, reviewer="bo"))
        uow.commit()
    return stored


def asset_of(release: Release, kind: AssetKind, name: str, parent: str | None, revision: int = 1) -> Asset:
    return Asset(
        id=uuid4().hex,
        release_id=release.id,
        revision=revision,
        kind=kind,
        name=name,
        sha256=digest(name),
        size=3 * 1024**3,
        parent_sha256=parent,
        created_at=T0,
    )


def test_files_come_back_equal_and_in_order(uow_factory: UowFactory, release: Release) -> None:
    original = asset_of(release, AssetKind.ORIGINAL, "cam.mp4", None)
    first = asset_of(release, AssetKind.MASTER, "master.mp4", original.sha256)
    second = asset_of(release, AssetKind.MASTER, "a-master.mp4", original.sha256, revision=2)
    with uow_factory() as uow:
        for asset in (original, first, second):
            uow.assets.add(asset)
        uow.commit()
    with uow_factory() as uow:
        assert uow.assets.list(release.id) == [original, first, second]
        assert uow.assets.list(release.id, kind=AssetKind.MASTER, revision=1) == [first]
        assert uow.assets.latest(release.id, AssetKind.MASTER) == second
        assert uow.assets.get(first.id) == first
        assert uow.assets.users(original.sha256) == {release.id}
        assert uow.assets.users(digest("unknown")) == frozenset()


def test_files_that_do_not_exist_are_not_found(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        with pytest.raises(NotFound):
            uow.assets.get("0" * 32)
        with pytest.raises(NotFound):
            uow.assets.latest(release.id, AssetKind.MANIFEST)


def test_a_parent_must_be_a_file_of_the_same_release(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow, pytest.raises(Rejected):
        uow.assets.add(asset_of(release, AssetKind.MASTER, "master.mp4", digest("elsewhere")))


def test_a_release_has_one_original(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        uow.assets.add(asset_of(release, AssetKind.ORIGINAL, "one.mp4", None))
        with pytest.raises(Conflict):
            uow.assets.add(asset_of(release, AssetKind.ORIGINAL, "two.mp4", None))


@pytest.mark.parametrize(("kind", "parent"), [(AssetKind.ORIGINAL, digest("x")), (AssetKind.STILL, None)])
def test_lineage_is_checked_in_the_value_and_in_the_database(
    engine: Engine, release: Release, kind: AssetKind, parent: str | None
) -> None:
    with pytest.raises(Rejected):
        asset_of(release, kind, "x", parent)
    row = {"id": "i", "release_id": release.id, "revision": 1, "kind": kind, "name": "x", "sha256": digest("x")}
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(insert(tables.asset).values(**row, size=1, parent_sha256=parent, created_at=T0))


def test_an_unknown_release_has_no_files(uow_factory: UowFactory, new_release: NewRelease) -> None:
    with uow_factory() as uow, pytest.raises(NotFound):
        uow.assets.add(asset_of(new_release(), AssetKind.ORIGINAL, "cam.mp4", None))


def added(uow: UnitOfWork, release: Release, revision: int, *changes: Change) -> EditLog:
    known = uow.edits.log(release.id)
    grown = known.grown([(change, "because") for change in changes], revision=revision, actor="bo", at=T0)
    uow.edits.append(release, known, grown)
    return grown


def test_a_plan_holds_the_edits_up_to_its_revision(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        uow.assets.add(asset_of(release, AssetKind.ORIGINAL, "cam.mp4", None))
        added(uow, release, 1, Show(track=7, anchor=12), SetSound(span=SoundSpan(sound=Sound.KEEP)))
        added(uow, release, 2, Hide(track=7), SetStyle(style=CoverStyle.MOSAIC))
        added(uow, release, 3, Show(track=8, anchor=1), SetSound(span=SoundSpan(sound=Sound.MUTE)))
        uow.commit()
    with uow_factory() as uow:
        plans = [uow.edits.plan(release.id, revision) for revision in (1, 2, 3)]
        assert [uow.edits.log(release.id, revision).version for revision in (1, 2, 3)] == [2, 4, 6]
    assert [[d.track_id for d in plan.shown()] for plan in plans] == [[7], [], [8]]
    assert [plan.style for plan in plans] == [CoverStyle.OPAQUE, CoverStyle.MOSAIC, CoverStyle.MOSAIC]
    assert [plan.sound for plan in plans] == [Sound.KEEP, Sound.KEEP, Sound.MUTE]


def test_a_plan_without_edits_covers_and_mutes(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        uow.assets.add(asset_of(release, AssetKind.ORIGINAL, "cam.mp4", None))
        assert uow.edits.plan(release.id, 1) == Plan(source_sha256=digest("cam.mp4"))


def test_without_an_original_there_is_no_plan(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow, pytest.raises(NotFound):
        uow.edits.plan(release.id, 1)


def test_an_edit_on_an_older_log_or_another_state_is_a_conflict(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        old = uow.edits.log(release.id)
        added(uow, release, 1, Hide(track=1))
        with pytest.raises(Conflict):
            uow.edits.append(release, old, old.grown([(Hide(track=2), "")], revision=1, actor="bo", at=T0))
        with pytest.raises(Conflict):
            uow.edits.hold(replace(release, state=State.APPROVED))


def test_stamps_come_back_equal_and_in_order(
    uow_factory: UowFactory, release: Release, new_release: NewRelease
) -> None:
    def stamp(release_id: str, milestone: Milestone, platform: str | None = None) -> Stamp:
        return Stamp(
            release_id=release_id,
            milestone=milestone,
            earliest=T0,
            latest=T0 + timedelta(microseconds=1),
            certainty=Certainty.ESTIMATED,
            source="person:anna",
            recorded_at=T0,
            platform=platform,
            revision=2,
        )

    with uow_factory() as uow:
        other = uow.releases.add(new_release())
        stamps = [
            stamp(release.id, Milestone.PUBLIC, "youtube"),
            stamp(other.id, Milestone.INCIDENT),
            stamp(release.id, Milestone.INCIDENT),
        ]
        for one in stamps:
            uow.stamps.add(one)
        uow.commit()
    with uow_factory() as uow:
        assert uow.stamps.for_release(release.id) == [stamps[0], stamps[2]]
        assert uow.stamps.all() == stamps


def test_the_latest_permission_counts(uow_factory: UowFactory, release: Release) -> None:
    granted = Permission(
        release_id=release.id,
        requester="anna",
        zaaksofficier="mr. A",
        authoriser="mr. B",
        mandate="hoofdofficier",
        platforms=frozenset({"youtube", "press_kit"}),
        stage=PublicationStage.COVERED,
        medium=Medium.VIDEO,
        lighter_means="posters",
        proportionality="serious",
        granted=True,
        at=T0,
        recorded_by="anna",
        end_date=date(2026, 6, 1),
    )
    refused = replace(granted, granted=False, refusal_reason="a minor", self_report_until=date(2026, 3, 9))
    with uow_factory() as uow:
        assert uow.permissions.latest(release.id) is None
        uow.permissions.add(granted)
        assert uow.permissions.latest(release.id) == granted
        uow.permissions.add(refused)
        assert uow.permissions.latest(release.id) == refused


def approval(release: Release, approver: str = "cas", **changes: object) -> Approval:
    plain = Approval(
        release_id=release.id,
        revision=release.revision,
        reviewer=release.reviewer or "",
        approver=approver,
        at=T0,
        covers=(("master.mp4", digest("m")), ("texts", digest("t"))),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_an_approval_is_live_until_it_is_voided(uow_factory: UowFactory, release: Release) -> None:
    given = approval(release)
    with uow_factory() as uow:
        assert uow.approvals.live(release.id) is None
        uow.approvals.add(given)
        assert uow.approvals.live(release.id) == given
        assert uow.approvals.void(release.id, "the title changed", T0)
        assert uow.approvals.live(release.id) is None
        assert not uow.approvals.void(release.id, "again", T0)
        uow.approvals.add(approval(release, "dirk"))
        uow.commit()
    with uow_factory() as uow:
        voided, second = uow.approvals.list(release.id)
    assert (voided.voided_at, voided.voided_because, second.approver) == (T0, "the title changed", "dirk")


def test_a_second_live_approval_is_refused(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        uow.approvals.add(approval(release))
        with pytest.raises(Conflict):
            uow.approvals.add(approval(release, "dirk"))


@pytest.mark.parametrize("approver", ["bo", "Bo", " BO "])
def test_the_reviewer_cannot_approve(uow_factory: UowFactory, release: Release, approver: str) -> None:
    with uow_factory() as uow, pytest.raises(Rejected) as refused:
        uow.approvals.add(approval(release, approver))
    assert refused.value.by == "four_eyes"


def test_the_database_itself_refuses_the_reviewer(engine: Engine, release: Release) -> None:
    statement = text(
        "INSERT INTO approval (release_id, revision, reviewer, approver, at, covers) "
        "VALUES (:id, 1, :reviewer, :approver, '2026-03-02 09:00:00', '[]')"
    )
    with engine.begin() as connection, pytest.raises(Rejected) as refused, connection.begin_nested():
        connection.execute(statement, {"id": release.id, "reviewer": "bo", "approver": "bo"})
    assert refused.value.by == "four_eyes"
    with engine.begin() as connection:
        connection.execute(statement, {"id": release.id, "reviewer": "bo", "approver": "cas"})


def test_an_approval_cannot_name_another_reviewer(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow, pytest.raises(Rejected) as refused:
        uow.approvals.add(approval(release, "bo", reviewer="somebody"))
    assert refused.value.by == "four_eyes"


def test_an_approval_is_for_the_present_revision(uow_factory: UowFactory, release: Release) -> None:
    with uow_factory() as uow:
        with pytest.raises(Rejected):
            uow.approvals.add(approval(release, revision=2))
        uow.approvals.add(approval(release))
        back = uow.releases.move(release, State.CHANGES_REQUESTED, at=T0, actor="cas", reason="")
        uow.releases.move(back, State.IN_REVIEW, at=T0, actor="bo", reason="")
        assert uow.approvals.live(release.id) is None
