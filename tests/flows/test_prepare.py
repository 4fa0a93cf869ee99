"""The prepare flow hands a release to its reviewer with all that a review needs, or leaves it whole to a person."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from clips import Clip, Sound

from flows.prepare import prepare
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import ActionRequired
from vrijgave.services import stages
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file

pytestmark = pytest.mark.usefixtures("prefect_server")
CLIP = Clip(pts=range(10), sound=Sound(length=Fraction(1, 2), burst_at=Fraction(0)))
MADE = {
    AssetKind.PROXY,
    AssetKind.FRAME_MAP,
    AssetKind.WAVEFORM,
    AssetKind.ANALYSIS,
    AssetKind.REVIEW,
    AssetKind.CUTOUTS,
}


@pytest.fixture
def handed_in(context: Context, tmp_path: Path, new_release: Callable[..., Release]) -> Release:
    original = store_file(context.blobs, AssetKind.ORIGINAL, CLIP.write(tmp_path / "original.mp4"), parent=None)
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        add_assets(uow, release, [original], context.now())
        uow.commit()
    return release


def _state(context: Context, release: Release) -> tuple[Release, list[AssetKind]]:
    with context.reading() as uow:
        return uow.releases.get(release.id), [asset.kind for asset in uow.assets.list(release.id)]


def test_a_full_disk_is_told_and_a_second_run_makes_everything_once(
    context: Context, handed_in: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise ActionRequired("administrator", "The disk is full; make room and try again.")

    with monkeypatch.context() as patched:
        patched.setattr("vrijgave.services.review_media.make_proxy", full)
        with pytest.raises(ActionRequired):
            prepare(handed_in.id, 1, 1)
    failed, files = _state(context, handed_in)
    assert (failed.state, failed.failed_flow) == (State.FAILED, FlowName.PREPARE)
    assert failed.message == "The disk is full; make room and try again."
    assert files == [AssetKind.ORIGINAL]

    with context.unit_of_work() as uow:
        stages.retry(uow, handed_in.id, "bas", context.now())
        uow.commit()
    for _ in range(2):  # a run that comes twice does its work once
        prepare(handed_in.id, 1, 2)
    ready, files = _state(context, handed_in)
    assert ready.state is State.IN_REVIEW
    assert sorted(files) == sorted({AssetKind.ORIGINAL, *MADE})
