"""Long footage over a real Dask cluster, as tasks of a real flow: the same result as in one process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from distributed import LocalCluster
from prefect import flow
from street import SHORT, make_street

from flows.prepare import prepare
from tasks import render as tasks
from tasks import running
from tasks.segments import open_dask
from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.errors import RetryLater
from vrijgave.media import sha256_file
from vrijgave.redaction import analysis as redaction
from vrijgave.redaction.covering import cover_and_prove
from vrijgave.redaction.detectors import default_detectors
from vrijgave.services.analysis import analysis_files, load_analysis
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file
from vrijgave.services.rendering import Covered
from vrijgave.settings import Settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def cluster(prefect_server: None, home: Path) -> Iterator[LocalCluster]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VRIJGAVE_HOME", str(home))
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit=None
        ) as cluster:
            yield cluster


@pytest.fixture
def context(home: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    monkeypatch.setenv("VRIJGAVE_HOME", str(home))
    monkeypatch.setenv("VRIJGAVE_DASK_ADDRESS", cluster.scheduler_address)
    monkeypatch.setenv("VRIJGAVE_SEGMENT_SECONDS", str(SHORT))
    running.application.cache_clear()
    yield build(Settings())
    running.application.cache_clear()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_street(tmp_path_factory.mktemp("clip") / "original.mp4")


@pytest.fixture
def release(context: Context, clip: Path, new_release: Callable[..., Release]) -> Release:
    with context.unit_of_work() as uow:
        release = uow.releases.add(new_release(created_at=context.now()), start=FlowName.PREPARE)
        add_assets(uow, release, [store_file(context.blobs, AssetKind.ORIGINAL, clip, parent=None)], context.now())
        uow.commit()
    return release


def kill_a_worker(cluster: LocalCluster, killed: list[int]) -> None:
    """SIGKILL the first worker that is seen at work."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for worker in cluster.workers.values():
            known = cluster.scheduler.workers.get(worker.worker_address)
            if known is not None and known.processing:
                time.sleep(1)
                killed.append(worker.pid)
                os.kill(killed[0], signal.SIGKILL)
                return
        time.sleep(0.05)


def test_a_flow_over_dask_finds_what_one_process_finds(
    context: Context, release: Release, clip: Path, cluster: LocalCluster
) -> None:
    """One of the workers is killed in the middle of a segment: it is done again."""
    killed: list[int] = []
    killer = Thread(target=kill_a_worker, args=(cluster, killed))
    killer.start()
    prepare(release.id, 1, 1)
    killer.join()
    assert killed
    assert killed[0] not in [worker.pid for worker in cluster.workers.values()]
    with context.reading() as uow:
        assert uow.releases.get(release.id).state is State.IN_REVIEW
        found = load_analysis(context.blobs, uow.assets.latest(release.id, AssetKind.ANALYSIS).sha256)
    alone = redaction.analyse(clip, default_detectors(), segment_seconds=SHORT)
    assert len(redaction.segments_of(found)) == 3
    assert found.to_dict() == alone.to_dict()


def kept_files(context: Context) -> set[str]:
    folder = context.settings.home / "blobs"
    return {path.parent.name + path.name for path in folder.rglob("*") if path.is_file()}


def test_a_flow_over_dask_covers_as_one_process_does(
    context: Context, release: Release, clip: Path, tmp_path: Path
) -> None:
    alone = redaction.analyse(clip, default_detectors(), segment_seconds=SHORT)
    plan = Plan(source_sha256=alone.source_sha256)
    kept = Analysis.from_dict(alone.to_dict())  # as the file store gives it back
    cover_and_prove(clip, tmp_path / "alone.mp4", kept, plan, default_detectors())
    with context.unit_of_work() as uow:
        current = uow.releases.get(release.id)
        add_assets(uow, current, analysis_files(context, clip, alone), context.now())
        uow.commit()
    before = kept_files(context)

    @flow
    def covering() -> Covered:
        return tasks.cover(release.id, 1)

    made = covering()
    assert made.hits == 0
    assert made.file(AssetKind.MASTER).sha256 == sha256_file(tmp_path / "alone.mp4")
    assert kept_files(context) - before <= {file.sha256 for file in made.files}, "a part was left"


def test_a_scheduler_that_is_not_there_is_tried_again_later(context: Context) -> None:
    with pytest.raises(RetryLater, match="DASK_ADDRESS"), open_dask(context, "tcp://127.0.0.1:9", "0" * 64):
        pass
