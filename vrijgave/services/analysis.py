"""Finding all faces and plates in the footage of a release."""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic_core import from_json

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Analysis
from vrijgave.i18n import _
from vrijgave.media import Progress
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.cutouts import write_cutouts
from vrijgave.redaction.review_data import ReviewData, pictured, review_data
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_file, store_text, workspace
from vrijgave.services.stages import SYSTEM, stamp
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork

FILE_NAME = "analysis.json"
REVIEW_NAME = "review.json"
CUTOUTS_NAME = "cutouts.zip"


def analyse_footage(context: Context, release_id: str, progress: Progress) -> list[MadeFile]:
    """Analyse the original and keep what was found and what a review needs. Changes nothing in the database."""
    with context.reading() as uow:
        original = uow.assets.latest(release_id, AssetKind.ORIGINAL)
    with context.blobs.open_local(original.sha256) as path:
        seconds = context.settings.segment_seconds
        with context.workers(original.sha256) as workers:
            found = analyse(path, context.detectors(), context.limits, progress, workers, seconds)
        return analysis_files(context, path, found)


def analysis_files(context: Context, source: Path, analysis: Analysis) -> list[MadeFile]:
    """Keep an analysis of ``source`` as JSON, and made from it what a reviewer needs: doubtful moments, cut-outs."""
    kept = store_text(context.blobs, AssetKind.ANALYSIS, FILE_NAME, _json(analysis), parent=analysis.source_sha256)
    data = review_data(analysis)
    review = store_text(context.blobs, AssetKind.REVIEW, REVIEW_NAME, _json(data), parent=kept.sha256)
    # As it will be read: rounding to tenths of a pixel can move the frame in which a track is clearest.
    as_kept = load_analysis(context.blobs, kept.sha256)
    with workspace() as folder:
        pictures = Path(folder) / CUTOUTS_NAME
        wanted = pictured(data.spans, as_kept.tracks)
        write_cutouts(source, as_kept.tracks, wanted, pictures, context.limits)
        return [kept, review, store_file(context.blobs, AssetKind.CUTOUTS, pictures, parent=kept.sha256)]


def _json(value: Analysis | ReviewData) -> str:
    return json.dumps(value.to_dict(), separators=(",", ":"), sort_keys=True)


def load_analysis(blobs: BlobStore, sha256: str) -> Analysis:
    """The analysis that was kept under ``sha256``."""
    return Analysis.from_dict(_plain(blobs, sha256))


_reading = Lock()


def kept_analysis(blobs: BlobStore, sha256: str) -> Analysis:
    """As ``load_analysis``, kept for the next call: for pages, which ask for the same one again and again.

    Reading a long one takes seconds: who asks meanwhile waits for it and does not read it too.
    """
    with _reading:
        return _kept(blobs, sha256)


@lru_cache(maxsize=4)
def _kept(blobs: BlobStore, sha256: str) -> Analysis:
    return load_analysis(blobs, sha256)


def load_review(blobs: BlobStore, sha256: str | None, analysis: Analysis) -> ReviewData:
    """What a reviewer needs beside ``analysis``, kept under ``sha256``; worked out now where it was not kept."""
    if sha256 is None:
        return review_data(analysis)
    return ReviewData.from_dict(_plain(blobs, sha256))


def _plain(blobs: BlobStore, sha256: str) -> Any:
    """The JSON kept under ``sha256``. Half a million short lists come at once and none is garbage: looking for some
    meanwhile takes three quarters of the time."""
    content = blobs.read_bytes(sha256)
    collecting = gc.isenabled()
    gc.disable()
    try:
        return from_json(content)
    finally:
        if collecting:
            gc.enable()


def made_from(uow: UnitOfWork, analysis: Asset, kind: AssetKind) -> Asset | None:
    """The file of ``kind`` that was made from this analysis."""
    files = uow.assets.list(analysis.release_id, kind=kind)
    return next((file for file in reversed(files) if file.parent_sha256 == analysis.sha256), None)


def finish_analysis(
    uow: UnitOfWork, release_id: str, revision: int, attempt: int, files: Sequence[MadeFile], at: datetime
) -> Release:
    """List what was found and hand the release to a reviewer."""
    release = uow.releases.claim(release_id, revision, FlowName.PREPARE, attempt, at)
    add_assets(uow, release, files, at)
    stamp(uow, release, Milestone.ANALYSED, at, source="flow:prepare")
    return uow.releases.move(
        release, State.IN_REVIEW, at=at, actor=SYSTEM, reason=_("The analysis is ready for review.")
    )
