"""Regions in the review of a release, on both databases: none is lost, none is followed twice, none is forgotten."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from region_clip import HEIGHT, WIDTH, clip, place
from sqlalchemy import URL

from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.regions import DrawnBox, End, Region, RegionState
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.errors import Conflict, NotFound, Rejected, RetryLater
from vrijgave.media import sha256_file
from vrijgave.redaction.cutouts import cutout_name
from vrijgave.redaction.review_data import review_data
from vrijgave.services import regions, review, stages
from vrijgave.services.analysis import analysis_files, load_analysis
from vrijgave.services.context import Context
from vrijgave.services.dispatch import RunState, dispatch_pending, reconcile
from vrijgave.services.files import add_assets, store_file
from vrijgave.settings import Settings

FLOW = FlowName.TRACK_REGION


class Engine:
    """Starts nothing; remembers what it was asked for."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.says = RunState.WAITING

    def start(self, flow: FlowName, release_id: str, revision: int, attempt: int, key: str) -> str:
        self.keys.append(f"{flow.value}:{attempt}")
        return f"run-{flow.value}-{attempt}"

    def state(self, run_id: str) -> RunState:
        return self.says

    def abandon(self, run_id: str) -> None:
        raise AssertionError(run_id)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("footage") / "original.mp4")


@pytest.fixture
def context(tmp_path: Path, database_url: URL) -> Context:
    return build(
        Settings(home=tmp_path, database_url=database_url.render_as_string(hide_password=False), max_attempts=2)
    )


@pytest.fixture
def release(context: Context, footage: Path, new_release: Callable[..., Release]) -> Release:
    """A release in review in whose footage nothing was found; its analysis took three runs."""
    empty = Analysis(source_sha256=sha256_file(footage), width=WIDTH, height=HEIGHT, frame_count=60, tracks=())
    original = store_file(context.blobs, AssetKind.ORIGINAL, footage, parent=None)
    files = [original, *analysis_files(context, footage, empty)]
    with context.unit_of_work() as uow:
        added = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        add_assets(uow, added, files, context.now())
        claimed = uow.releases.claim(added.id, 1, FlowName.PREPARE, 3, context.now())
        analysing = uow.releases.move(claimed, State.ANALYSING, at=context.now(), actor="system", reason="test")
        waiting = uow.releases.move(analysing, State.IN_REVIEW, at=context.now(), actor="system", reason="test")
        uow.commit()
    return waiting


def box(frame: int, **more: int) -> Region:
    x0, y0, x1, y1 = place(frame)
    drawn = DrawnBox(frame=frame, xyxy=(x0, y0, x1, y1))
    return Region(kind=SubjectKind.FACE, boxes=(drawn,), **more)


def ask(context: Context, release: Release, frame: int, **more: int) -> int:
    with context.unit_of_work() as uow:
        asked = regions.ask(
            uow, context.blobs, release.id, box(frame, **more), reason="missed", actor="bas", at=context.now()
        )
        uow.commit()
    return asked.number


def begin(context: Context, release: Release, attempt: int) -> None:
    with context.unit_of_work() as uow:
        stages.begin(uow, release.id, 1, FLOW, attempt, context.now())
        uow.commit()


def follow(context: Context, release: Release) -> regions.FollowedRegions:
    return regions.follow(context, release.id, lambda _done, _total: None)


def finish(context: Context, release: Release, attempt: int, found: regions.FollowedRegions) -> None:
    with context.unit_of_work() as uow:
        regions.finish(uow, release.id, 1, attempt, found, context.now())
        uow.commit()


def fail(context: Context, release: Release, attempt: int) -> Release:
    with context.unit_of_work() as uow:
        failed = stages.fail(uow, release.id, 1, FLOW, attempt, "the disk is broken", context.now())
        uow.commit()
    return failed


def seen(context: Context, release: Release) -> review.ReviewView:
    with context.reading() as uow:
        return review.view(uow, context.blobs, release.id)


def end_review(context: Context, release: Release) -> Release:
    with context.unit_of_work() as uow:
        return review.finish_review(uow, release.id, "bas", context.now())


def test_what_was_drawn_becomes_a_covered_track_and_the_release_stays_in_review(
    context: Context, release: Release
) -> None:
    engine = Engine()
    number = ask(context, release, 30, last=50)
    assert dispatch_pending(context, engine) == 2
    assert engine.keys[-1] == "track_region:1"
    begin(context, release, 1)
    finish(context, release, 1, follow(context, release))
    shown = seen(context, release)
    (track,) = shown.analysis.tracks
    assert (track.id, track.first, track.last, set(track.sources)) == (1, 0, 50, {Source.MANUAL})
    assert shown.release.state is State.IN_REVIEW
    (request,) = shown.regions
    assert (request.number, request.state, request.track_id) == (number, RegionState.FOLLOWED, 1)
    assert (request.begins, request.ends) == (End.CLIP, End.GIVEN)
    assert shown.data.to_dict() == review_data(shown.analysis).to_dict()
    with context.reading() as uow:
        log = [(e.actor, e.subject.split("/")[-1], e.reason) for e in uow.audit.entries()]
        kept = uow.assets.latest(release.id, AssetKind.REVIEW)
        found = uow.assets.latest(release.id, AssetKind.ANALYSIS)
        assert uow.audit.verify() is None
    assert log == [("bas", f"region:{number}", "asked: missed"), ("system", f"region:{number}", "followed as track 1")]
    assert kept.parent_sha256 == found.sha256
    assert json.loads(context.blobs.read_bytes(kept.sha256)) == shown.data.to_dict()


def test_a_region_asked_for_while_another_is_followed_survives_beside_it(context: Context, release: Release) -> None:
    ask(context, release, 30, first=28, last=32)
    begin(context, release, 1)
    first = follow(context, release)
    ask(context, release, 10, first=8, last=12)
    finish(context, release, 1, first)
    begin(context, release, 2)
    finish(context, release, 2, follow(context, release))
    assert [(t.id, t.first) for t in seen(context, release).analysis.tracks] == [(1, 28), (2, 8)]


def test_a_run_that_was_overtaken_adds_nothing_and_the_later_one_adds_all(context: Context, release: Release) -> None:
    ask(context, release, 30, first=28, last=32)
    begin(context, release, 1)
    first = follow(context, release)
    ask(context, release, 10, first=8, last=12)
    begin(context, release, 2)
    with pytest.raises(Conflict):
        finish(context, release, 1, first)
    second = follow(context, release)
    finish(context, release, 2, second)
    for attempt, result in ((1, first), (2, second)):
        with pytest.raises(Conflict):
            finish(context, release, attempt, result)
    assert [(t.id, t.first) for t in seen(context, release).analysis.tracks] == [(1, 28), (2, 8)]


def test_a_result_for_an_analysis_that_is_no_longer_the_latest_is_void(
    context: Context, release: Release, footage: Path
) -> None:
    ask(context, release, 30, first=28, last=32)
    begin(context, release, 1)
    stale = follow(context, release)
    newer = replace(seen(context, release).analysis, cuts=(40,))
    with context.unit_of_work() as uow:
        add_assets(uow, release, analysis_files(context, footage, newer), context.now())
        uow.commit()
    with pytest.raises(Conflict, match="analysis of release"):
        finish(context, release, 1, stale)
    begin(context, release, 1)
    finish(context, release, 1, follow(context, release))
    latest = seen(context, release).analysis
    assert (latest.cuts, len(latest.tracks)) == ((40,), 1)


def test_a_run_without_anything_to_follow_is_void(context: Context, release: Release) -> None:
    ask(context, release, 30, first=28, last=32)
    begin(context, release, 1)
    finish(context, release, 1, follow(context, release))
    with pytest.raises(Conflict):
        begin(context, release, 1)


def test_two_persons_may_ask_at_the_same_moment(context: Context, release: Release) -> None:
    def one(frame: int) -> int:
        while True:
            try:
                return ask(context, release, frame)
            except (Conflict, RetryLater):  # the person tries again
                continue

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(one, (10, 20, 30, 40)))
    assert len(numbers) == 4
    engine = Engine()
    dispatch_pending(context, engine)
    assert sorted(engine.keys)[1:] == [f"track_region:{n}" for n in (1, 2, 3, 4)]
    begin(context, release, 2)
    finish(context, release, 2, follow(context, release))
    assert len(seen(context, release).analysis.tracks) == 4


def test_the_review_cannot_end_before_what_was_drawn_is_covered(context: Context, release: Release) -> None:
    ask(context, release, 30)
    with pytest.raises(RetryLater, match="still being followed"):
        end_review(context, release)
    begin(context, release, 1)
    finish(context, release, 1, follow(context, release))
    assert end_review(context, release).state is State.RENDERING


def test_a_failure_leaves_the_release_in_review_with_a_message_and_can_be_run_again(
    context: Context, release: Release
) -> None:
    ask(context, release, 30)
    begin(context, release, 1)
    failed = fail(context, release, 1)
    assert (failed.state, failed.message, failed.failed_flow) == (State.IN_REVIEW, "the disk is broken", None)
    with pytest.raises(Rejected, match="could not be followed"):
        end_review(context, release)
    with context.unit_of_work() as uow:
        assert stages.retry(uow, release.id, "bas", context.now()).message is None
        uow.commit()
    engine = Engine()
    dispatch_pending(context, engine)
    assert engine.keys[-1] == "track_region:2"
    begin(context, release, 2)
    finish(context, release, 2, follow(context, release))
    assert end_review(context, release).state is State.RENDERING
    with context.unit_of_work() as uow, pytest.raises(Rejected, match="has not failed"):
        stages.retry(uow, release.id, "bas", context.now())


def test_a_region_that_is_not_followed_can_be_dropped_with_a_reason(context: Context, release: Release) -> None:
    number = ask(context, release, 30)
    begin(context, release, 1)
    fail(context, release, 1)
    with context.unit_of_work() as uow:
        for wrong, why in ((Rejected, ""), (NotFound, "x")):
            with pytest.raises(wrong):
                regions.drop(uow, release.id, number + (why == "x"), reason=why, actor="bas", at=context.now())
        regions.drop(uow, release.id, number, reason="no person", actor="bas", at=context.now())
        with pytest.raises(Rejected, match="dropped"):
            regions.drop(uow, release.id, number, reason="again", actor="bas", at=context.now())
        uow.commit()
    assert seen(context, release).release.message is None
    assert end_review(context, release).state is State.RENDERING


def test_the_reconciler_repeats_a_dead_run_only_while_something_waits(context: Context, release: Release) -> None:
    engine = Engine()
    ask(context, release, 30)
    dispatch_pending(context, engine)
    assert reconcile(context, engine) == 0
    engine.says = RunState.ENDED
    assert reconcile(context, engine) == 1
    dispatch_pending(context, engine)
    assert engine.keys[-1] == "track_region:2"
    assert reconcile(context, engine) == 1
    told = seen(context, release)
    assert "2 times" in (told.release.message or "")
    assert [r.state for r in told.regions] == [RegionState.FAILED]
    assert reconcile(context, engine) == 0


def test_what_cannot_be_followed_is_refused_when_it_is_drawn(context: Context, release: Release) -> None:
    with pytest.raises(Rejected, match="ends at frame 59"):
        ask(context, release, 60)
    with context.unit_of_work() as uow, pytest.raises(Rejected, match="reason"):
        regions.ask(uow, context.blobs, release.id, box(3), reason=" ", actor="bas", at=context.now())
    with context.unit_of_work() as uow:
        uow.releases.move(release, State.WITHDRAWN, at=context.now(), actor="bas", reason="test")
        uow.commit()
    with pytest.raises(Rejected):
        ask(context, release, 30)


def test_pictures_of_the_doubtful_moments_are_a_logged_look(context: Context, release: Release, tmp_path: Path) -> None:
    ask(context, release, 30, first=20, last=40)
    begin(context, release, 1)
    finish(context, release, 1, follow(context, release))
    with pytest.raises(Rejected, match="reason"):
        review.save_cutouts(context, release.id, tmp_path / "look", reason="", actor="bas")
    assert not (tmp_path / "look").exists()
    count = review.save_cutouts(context, release.id, tmp_path / "look", reason="check", actor="bas")
    names = sorted(path.name for path in (tmp_path / "look").iterdir())
    assert len(names) == count >= 3
    assert {"track-1-frame-20.jpg", "track-1-frame-40.jpg"} <= {name.split("-", 1)[1] for name in names}
    assert all((tmp_path / "look" / name).read_bytes()[:2] == b"\xff\xd8" for name in names)
    with context.reading() as uow:
        original = uow.assets.latest(release.id, AssetKind.ORIGINAL)
        entries = [(e.action.value, e.subject, e.reason) for e in uow.audit.entries()]
        pictures = uow.assets.latest(release.id, AssetKind.CUTOUTS)
    assert ("consulted", f"blob:{original.sha256}", "check") in entries
    with context.blobs.open_local(pictures.sha256) as path, zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == count


def test_the_picture_of_a_track_is_of_the_frame_in_which_it_is_clearest_as_kept(
    context: Context, footage: Path
) -> None:
    """What is kept is rounded, which can make two frames equal of which one was a little larger."""
    boxes = np.array([[20, 20, 70, 80], [20, 20, 80.01, 80], [21, 20, 81.04, 80], [21, 20, 71, 80]], np.float32)
    frames, scores = np.arange(10, 14), np.full(4, 0.9, np.float32)
    track = Track(1, SubjectKind.FACE, frames, boxes, scores, (Source.DETECTED,) * 4)
    found = Analysis(source_sha256=sha256_file(footage), width=WIDTH, height=HEIGHT, frame_count=60, tracks=(track,))
    made = {file.kind: file for file in analysis_files(context, footage, found)}
    as_kept = load_analysis(context.blobs, made[AssetKind.ANALYSIS].sha256).tracks[0]
    assert track.clearest != as_kept.clearest
    with context.blobs.open_local(made[AssetKind.CUTOUTS].sha256) as path, zipfile.ZipFile(path) as archive:
        assert cutout_name(1, as_kept.clearest) in archive.namelist()
