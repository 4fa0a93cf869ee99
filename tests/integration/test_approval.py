"""Four eyes, and approval of exactly these bytes; on both databases, with the real file store and practice platform."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from clips import Clip, unlike_any_other
from sqlalchemy import URL

from vrijgave import cli
from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Area, Medium, Permission, PublicationStage
from vrijgave.domain.clock import Milestone
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.limits import LIMITS
from vrijgave.domain.publications import LedgerState, Platform
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.spans import Sound
from vrijgave.domain.texts import Texts
from vrijgave.domain.tracks import Analysis, CoverStyle
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.practice.server import PracticeServer
from vrijgave.publishing import preflight
from vrijgave.publishing.registry import PUBLISHERS
from vrijgave.services import approval, holds, in_review, publication, review, stages, take_down
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file, store_text
from vrijgave.services.texts import file_name
from vrijgave.settings import Settings

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticeServer]:
    with PracticeServer(tmp_path / "practice") as server:
        yield server


@pytest.fixture
def context(tmp_path: Path, database_url: URL, practice: PracticeServer) -> Context:
    return build(
        Settings(
            home=tmp_path / "home",
            database_url=database_url.render_as_string(hide_password=False),
            practice_port=int(practice.url.rstrip("/").rsplit(":", 1)[1]),
        )
    )


@pytest.fixture
def reviewed(context: Context, tmp_path: Path, new_release: Callable[..., Release]) -> Release:
    """A release that «bas» reviewed, with all the files that would go out."""
    return _reviewed(context, tmp_path, new_release())


def _reviewed(context: Context, tmp_path: Path, fresh: Release) -> Release:
    files = []
    original = tmp_path / "original.mp4"
    original.write_bytes(os.urandom(1000))
    files.append(store_file(context.blobs, AssetKind.ORIGINAL, original, parent=None))
    parent = files[0].sha256
    found = Analysis(source_sha256=parent, width=16, height=16, frame_count=9, tracks=())
    text = json.dumps(found.to_dict())
    files.append(store_text(context.blobs, AssetKind.ANALYSIS, "analysis.json", text, parent=parent))
    for kind, name in (
        (AssetKind.MASTER, "master.mp4"),
        (AssetKind.RENDITION, "youtube-1920x1080.mp4"),
        (AssetKind.THUMBNAIL, "thumbnail.jpg"),
        (AssetKind.STILL, "still-1.jpg"),
    ):
        path = tmp_path / name
        if path.suffix == ".mp4":
            Clip(pts=range(100)).write(path)
            unlike_any_other(path, 300_000)
        else:
            path.write_bytes(b"\xff\xd8\xff" + os.urandom(300_000))
        files.append(store_file(context.blobs, kind, path, parent=parent))
    for platform in fresh.targets:
        for language in ("nl", "en"):
            texts = Texts(
                platform=platform.value,
                language=language,
                title="Wie herkent deze persoon?",
                description="Bel 0900-8844.",
                tags=("opsporing",),
                alternative_text="Iemand loopt voorbij.",
            )
            files.append(store_text(context.blobs, AssetKind.TEXTS, file_name(texts), texts.to_json(), parent=None))
    with context.unit_of_work() as uow:
        release = uow.releases.add(fresh)
        add_assets(uow, release, files, NOW)
        for state in (State.ANALYSING, State.IN_REVIEW, State.RENDERING):
            release = uow.releases.move(
                release, state, at=NOW, actor="bas", reason="test", reviewer="bas" if state is State.RENDERING else None
            )
        release = uow.releases.move(release, State.AWAITING_APPROVAL, at=NOW, actor="system", reason="test")
        uow.commit()
    return release


def _approve(context: Context, release: Release, who: str = "cor") -> None:
    proven = approval.prove_files(context, release.id)
    with context.unit_of_work() as uow:
        approval.approve(uow, release.id, who, proven, context.now())
        uow.commit()


def _permission(release: Release, **changes: object) -> Permission:
    permission = Permission(
        release_id=release.id,
        requester="anna",
        zaaksofficier="officier",
        authoriser="hoofdofficier",
        mandate="mandaat",
        platforms=frozenset(p.value for p in PUBLISHERS),
        stage=PublicationStage.RECOGNISABLE,
        area=Area.NATIONAL,
        medium=Medium.VIDEO,
        lighter_means="stills",
        proportionality="weegt op",
        granted=True,
        at=NOW,
        recorded_by="cor",
    )
    return replace(permission, **changes)  # type: ignore[arg-type]


def _authorise(context: Context, permission: Permission) -> None:
    with context.unit_of_work() as uow:
        approval.authorise(uow, permission)
        uow.commit()


def _order(context: Context, release: Release) -> None:
    with context.unit_of_work() as uow:
        publication.order(uow, release.id, "bas", context.now())
        uow.commit()


def _state(context: Context, release: Release) -> State:
    with context.reading() as uow:
        return uow.releases.get(release.id).state


def _flip_a_byte(context: Context, sha256: str) -> None:
    with context.blobs.open_local(sha256) as path:
        content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))


def _rendition(context: Context, release: Release) -> str:
    with context.reading() as uow:
        return uow.assets.latest(release.id, AssetKind.RENDITION).sha256


def test_the_reviewer_cannot_approve(context: Context, reviewed: Release) -> None:
    with pytest.raises(Rejected, match=r"tweede|second") as refusal:
        _approve(context, reviewed, "bas")
    assert refusal.value.by == "four_eyes"
    assert _state(context, reviewed) is State.AWAITING_APPROVAL


def test_a_second_person_approves_every_file_text_and_target(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    with context.reading() as uow:
        live = uow.approvals.live(reviewed.id)
        stamps = {s.milestone.value for s in uow.stamps.for_release(reviewed.id)}
    assert live is not None
    assert {name for name, _sha in live.covers} == {
        "file:master.mp4",
        "file:youtube-1920x1080.mp4",
        "file:thumbnail.jpg",
        "file:still-1.jpg",
        *(f"file:texts-{p.value}-{language}.json" for p in reviewed.targets for language in ("nl", "en")),
        *(f"target:{p.value}" for p in reviewed.targets),
    }
    assert "approved" in stamps


def test_a_file_exchanged_while_it_was_looked_at_is_refused(
    context: Context, reviewed: Release, tmp_path: Path
) -> None:
    proven = approval.prove_files(context, reviewed.id)
    other = tmp_path / "other.jpg"
    other.write_bytes(b"other")
    with context.unit_of_work() as uow:
        parent = uow.assets.latest(reviewed.id, AssetKind.ORIGINAL).sha256
        add_assets(uow, reviewed, [store_file(context.blobs, AssetKind.STILL, other, parent=parent)], NOW)
        with pytest.raises(Rejected, match="changed"):
            approval.approve(uow, reviewed.id, "cor", proven, context.now())


def test_a_byte_changed_before_the_approval_is_refused(context: Context, reviewed: Release) -> None:
    _flip_a_byte(context, _rendition(context, reviewed))
    with pytest.raises(Rejected) as refusal:
        _approve(context, reviewed)
    assert refusal.value.by == "integrity"
    assert _state(context, reviewed) is State.AWAITING_APPROVAL


def test_a_byte_changed_after_the_approval_never_leaves(
    context: Context, reviewed: Release, practice: PracticeServer
) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    _flip_a_byte(context, _rendition(context, reviewed))
    with pytest.raises(Rejected) as refusal:
        publication.stage_on_platform(context, reviewed.id, 1, Platform.YOUTUBE, lambda _d, _t: None)
    assert refusal.value.by == "integrity"
    with context.reading() as uow:
        rows = uow.publications.for_release(reviewed.id)
    assert {r.intent_at for r in rows} == {None}, "an intent would mean that bytes may have left"


def test_a_file_put_in_place_of_the_approved_one_is_refused(
    context: Context, reviewed: Release, tmp_path: Path
) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    other = tmp_path / "other.mp4"
    other.write_bytes(b"other")
    with context.unit_of_work() as uow:
        parent = uow.assets.latest(reviewed.id, AssetKind.ORIGINAL).sha256
        add_assets(uow, reviewed, [store_file(context.blobs, AssetKind.RENDITION, other, parent=parent)], NOW)
        uow.commit()
    with pytest.raises(Rejected, match=r"youtube-1920x1080.mp4|other.mp4") as refusal:
        _order(context, reviewed)
    assert refusal.value.by == "approval"


def test_without_permission_nothing_is_ordered(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    with pytest.raises(ActionRequired, match="vrijgave authorise"):
        _order(context, reviewed)
    assert _state(context, reviewed) is State.APPROVED


@pytest.mark.parametrize(
    "changes",
    [
        {"platforms": frozenset({"press_kit"})},
        {"stage": PublicationStage.INTERNAL},
        {"area": Area.REGIONAL},
        {"end_date": date(2020, 1, 1)},
        {"granted": False, "refusal_reason": "te licht"},
    ],
)
def test_a_permission_that_does_not_cover_it_stops_the_order(
    context: Context, reviewed: Release, changes: dict[str, object]
) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _authorise(context, _permission(reviewed, **changes))
    with pytest.raises(Rejected) as refusal:
        _order(context, reviewed)
    assert refusal.value.by == "permission"


@pytest.mark.parametrize(
    "changes",
    [
        {"platforms": frozenset({"press_kit"})},
        {"stage": PublicationStage.INTERNAL},
        {"area": Area.REGIONAL},
        {"end_date": date(2020, 1, 1)},
        {"self_report_until": date(2999, 1, 1)},
        {"granted": False, "refusal_reason": "toch niet"},
    ],
)
def test_it_is_asked_again_before_the_first_byte_and_before_it_is_public(
    context: Context, reviewed: Release, changes: dict[str, object]
) -> None:
    unreached = replace(context, publisher=lambda _platform: pytest.fail("a publisher was asked for"))
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    with context.unit_of_work() as uow:
        uow.permissions.add(_permission(reviewed, **changes))
        uow.commit()
    for step in (publication.stage_on_platform, publication.go_live):
        with pytest.raises(Rejected) as refusal:
            step(unreached, reviewed.id, 1, Platform.YOUTUBE, lambda _done, _all: None)
        assert refusal.value.by == "permission"


def test_the_command_asks_the_platforms_and_orders_only_what_they_take(
    context: Context,
    reviewed: Release,
    database_url: URL,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VRIJGAVE_HOME", str(context.settings.home))
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", database_url.render_as_string(hide_password=False))
    monkeypatch.setenv("VRIJGAVE_PRACTICE_PORT", str(context.settings.practice_port))
    command = ["publish", reviewed.id, "--actor", "bas"]
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    assert cli.main([*command, "--check", "--json"]) == 0
    assert [(each["platform"], each["problems"]) for each in json.loads(capsys.readouterr().out)] == [
        (platform.value, []) for platform in reviewed.targets
    ]
    tight = replace(LIMITS[Platform.YOUTUBE], title_characters=1, alternative_text_characters=1)
    monkeypatch.setattr(preflight, "LIMITS", {**LIMITS, Platform.YOUTUBE: tight})
    assert cli.main([*command, "--check"]) == Rejected.exit_code
    assert cli.main(command) == Rejected.exit_code
    assert capsys.readouterr().err.count("youtube: ") == 4, "title and alternative text in two languages"
    assert _state(context, reviewed) is State.APPROVED


def test_a_regional_permission_reaches_as_far_as_a_press_kit(context: Context, reviewed: Release) -> None:
    with context.reading() as uow:
        release = replace(uow.releases.get(reviewed.id), targets=(Platform.PRESS_KIT,))
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed, area=Area.REGIONAL))
    with context.reading() as uow:
        publication.check_ready(uow, release, context.now())
        with pytest.raises(Rejected, match="regional"):
            publication.check_ready(uow, reviewed, context.now())


def test_a_permission_after_the_order_is_no_moment_of_the_stage_clock(context: Context, reviewed: Release) -> None:
    def authorised() -> int:
        with context.reading() as uow:
            return sum(s.milestone is Milestone.AUTHORISED for s in uow.stamps.for_release(reviewed.id))

    _approve(context, reviewed)
    for _time in range(2):  # a fresh one before the order counts
        _authorise(context, _permission(reviewed))
    assert authorised() == 2
    _order(context, reviewed)
    _authorise(context, _permission(reviewed))
    assert authorised() == 2


def test_a_term_to_report_in_holds_the_release_and_ends_by_itself(context: Context, reviewed: Release) -> None:
    def held() -> list[tuple[HoldReason, bool]]:
        with context.reading() as uow:
            return [(hold.reason, hold.end is None) for hold in uow.holds.for_release(reviewed.id)]

    today = context.now().astimezone().date()
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed, self_report_until=today, at=context.now()))
    assert held() == [(HoldReason.SELF_REPORT, True)]
    with pytest.raises(Rejected, match="held on purpose"):
        _order(context, reviewed)
    with context.unit_of_work() as uow:
        assert holds.end_terms(uow, context.now()) == 0
        assert holds.end_terms(uow, context.now() + timedelta(days=1)) == 1
        assert holds.end_terms(uow, context.now() + timedelta(days=1)) == 0
        [hold] = uow.holds.for_release(reviewed.id)
    assert hold.end is not None
    assert hold.end.at.astimezone() == datetime.combine(today + timedelta(days=1), time()).astimezone()
    tomorrow = replace(context, now=lambda: datetime.now(UTC) + timedelta(days=1))
    _order(tomorrow, reviewed)
    assert held() == [(HoldReason.SELF_REPORT, False)]


def test_who_ends_that_hold_early_is_still_kept_to_the_term(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed, self_report_until=date(2999, 1, 1)))
    with context.unit_of_work() as uow:
        holds.end(uow, reviewed.id, actor="bas", at=context.now())
        uow.commit()
    with pytest.raises(Rejected, match="may report until 2999-01-01"):
        _order(context, reviewed)


def test_what_failed_and_is_held_since_does_not_go_out_when_run_again(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    with context.unit_of_work() as uow:
        running = stages.begin(uow, reviewed.id, 1, FlowName.PUBLISH, 1, context.now())
        stages.fail(uow, reviewed.id, 1, FlowName.PUBLISH, running.attempt, "weg", context.now())
        holds.begin(uow, reviewed.id, HoldReason.INVESTIGATION, "", actor="bas", at=context.now())
        stages.retry(uow, reviewed.id, "bas", context.now())
        uow.commit()
    with pytest.raises(Rejected, match="held on purpose"):
        publication.stage_on_platform(context, reviewed.id, 1, Platform.YOUTUBE, lambda done, total: None)
    with pytest.raises(Rejected, match="held on purpose"):
        publication.go_live(context, reviewed.id, 1, Platform.YOUTUBE, lambda done, total: None)


def test_sending_back_voids_the_approval_and_opens_a_new_revision(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    with context.unit_of_work() as uow:
        approval.send_back(uow, reviewed.id, "cor", "de auto rechts", context.now())
        again = in_review.open_review(uow, reviewed.id, "bas", context.now())
        uow.commit()
    assert (again.state, again.revision, again.reviewer) == (State.IN_REVIEW, 2, None)
    with context.reading() as uow:
        assert uow.approvals.live(reviewed.id) is None
        assert [a.voided_because for a in uow.approvals.list(reviewed.id)] == ["de auto rechts"]


def test_a_decision_after_the_review_is_done_is_refused(context: Context, reviewed: Release) -> None:
    with context.unit_of_work() as uow, pytest.raises(Rejected) as refusal:
        review.set_sound(uow, context.blobs, reviewed.id, Sound.KEEP, reason="toch", actor="bas", at=NOW)
    assert refusal.value.by == "state"


def test_the_reviewer_chooses_the_style_of_covers(context: Context, reviewed: Release) -> None:
    with context.unit_of_work() as uow, pytest.raises(Rejected) as refusal:
        review.set_style(uow, context.blobs, reviewed.id, CoverStyle.MOSAIC, reason="", actor="bas", at=NOW)
    assert refusal.value.by == "state"
    with context.unit_of_work() as uow:
        approval.send_back(uow, reviewed.id, "cor", "liever een mozaïek", context.now())
        review.set_style(
            uow, context.blobs, reviewed.id, CoverStyle.MOSAIC, reason="rustiger", actor="bas", at=context.now()
        )
        assert uow.edits.plan(reviewed.id, 1).style is CoverStyle.OPAQUE
        assert uow.edits.plan(reviewed.id, 2).style is CoverStyle.MOSAIC
        assert uow.audit.verify() is None


def test_published_once_then_taken_down_and_gone(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    for platform in reviewed.targets:
        publication.stage_on_platform(context, reviewed.id, 1, platform, lambda _d, _t: None)
    for platform in reviewed.targets:
        assert publication.go_live(context, reviewed.id, 1, platform, lambda _d, _t: None).state is LedgerState.LIVE
    (kit,) = (context.settings.home / "press-kits").glob("*.zip")
    with zipfile.ZipFile(kit) as content:
        assert {"video.mp4", "thumbnail.jpg", "stills/01.jpg"} <= set(content.namelist())
    with context.unit_of_work() as uow:
        attempt = uow.releases.get(reviewed.id).attempt
        assert publication.finish(uow, reviewed.id, 1, attempt, context.now()).state is State.PUBLISHED
        uow.commit()
    with context.unit_of_work() as uow:
        take_down.order(uow, reviewed.id, "bas", "aangehouden", context.now())
        uow.commit()
    for platform in reviewed.targets:
        assert take_down.take_down_from(context, reviewed.id, platform).state is LedgerState.GONE
    with context.unit_of_work() as uow:
        attempt = uow.releases.get(reviewed.id).attempt
        assert take_down.finish(uow, reviewed.id, 1, attempt, context.now()).state is State.TAKEN_DOWN
        uow.commit()
        readings = uow.stamps.for_release(reviewed.id)
        stamps = {(s.milestone.value, s.platform) for s in readings}
        sources = {s.milestone.value: s.source for s in readings if s.platform is not None}
        assert uow.audit.verify() is None
    for platform in reviewed.targets:
        for milestone in ("upload_started", "uploaded", "public", "take_down_confirmed"):
            assert (milestone, platform.value) in stamps
    assert sources["public"] == "flow:publish"
    assert sources["take_down_confirmed"] == "flow:take_down"


def test_a_failed_publication_is_retried_not_ordered_again(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    with context.unit_of_work() as uow:
        attempt = uow.releases.get(reviewed.id).attempt
        stages.fail(uow, reviewed.id, 1, FlowName.PUBLISH, attempt, "quota", context.now())
        uow.commit()
    with pytest.raises(Rejected, match="vrijgave retry"):
        _order(context, reviewed)
    with context.unit_of_work() as uow:
        assert stages.retry(uow, reviewed.id, "bas", context.now()).state is State.PUBLISHING
        uow.commit()


def test_what_may_be_public_cannot_be_withdrawn(context: Context, reviewed: Release) -> None:
    _approve(context, reviewed)
    _authorise(context, _permission(reviewed))
    _order(context, reviewed)
    publication.stage_on_platform(context, reviewed.id, 1, Platform.PRESS_KIT, lambda _d, _t: None)
    with context.unit_of_work() as uow, pytest.raises(Rejected, match=r"take-down|take down|offline"):
        stages.withdraw(uow, reviewed.id, "bas", "toch niet", context.now())
