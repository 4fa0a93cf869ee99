"""The flow that follows what a reviewer drew, on Prefect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from region_clip import HEIGHT, WIDTH, clip, place

from flows.track_region import track_region
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.regions import DrawnBox, Region
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Analysis, SubjectKind
from vrijgave.errors import NotFound
from vrijgave.media import sha256_file
from vrijgave.services import regions, review
from vrijgave.services.analysis import analysis_files
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file

pytestmark = pytest.mark.usefixtures("prefect_server")


@pytest.fixture
def asked(context: Context, tmp_path: Path, new_release: Callable[..., Release]) -> Release:
    """A release in review in which a region was drawn."""
    footage = clip(tmp_path / "original.mp4")
    found = Analysis(source_sha256=sha256_file(footage), width=WIDTH, height=HEIGHT, frame_count=60, tracks=())
    files = [store_file(context.blobs, AssetKind.ORIGINAL, footage, parent=None)]
    files += analysis_files(context, footage, found)
    x0, y0, x1, y1 = place(20)
    region = Region(kind=SubjectKind.FACE, boxes=(DrawnBox(frame=20, xyxy=(x0, y0, x1, y1)),), last=30)
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        add_assets(uow, release, files, context.now())
        for state in (State.ANALYSING, State.IN_REVIEW):
            release = uow.releases.move(release, state, at=context.now(), actor="system", reason="test")
        regions.ask(uow, context.blobs, release.id, region, reason="missed", actor="bas", at=context.now())
        uow.commit()
    return release


def _seen(context: Context, release: Release) -> review.ReviewView:
    with context.reading() as uow:
        return review.view(uow, context.blobs, release.id)


def test_the_flow_adds_the_track_once_however_often_it_runs(context: Context, asked: Release) -> None:
    track_region(asked.id, 1, 1)
    track_region(asked.id, 1, 1)
    seen = _seen(context, asked)
    assert [(track.first, track.last) for track in seen.analysis.tracks] == [(0, 30)]
    assert (seen.release.state, seen.release.message) == (State.IN_REVIEW, None)


def test_a_flow_that_fails_leaves_the_release_in_review_with_a_message(context: Context, asked: Release) -> None:
    with context.reading() as uow:
        original = uow.assets.latest(asked.id, AssetKind.ORIGINAL)
    context.blobs.delete(original.sha256)
    with pytest.raises(NotFound):
        track_region(asked.id, 1, 1)
    seen = _seen(context, asked)
    assert seen.release.state is State.IN_REVIEW
    assert "restore it from the backup" in (seen.release.message or "")
    assert [request.state.value for request in seen.regions] == ["failed"]
