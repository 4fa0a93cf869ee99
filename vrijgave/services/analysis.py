"""Finding all faces and plates in the footage of a release."""

from __future__ import annotations

import json
from datetime import datetime

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Analysis
from vrijgave.i18n import _
from vrijgave.media import Progress
from vrijgave.redaction.analysis import analyse
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, read_text, store_text
from vrijgave.services.stages import SYSTEM, stamp
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork

FILE_NAME = "analysis.json"


def analyse_footage(context: Context, release_id: str, progress: Progress) -> MadeFile:
    """Analyse the original and keep what was found. Changes nothing in the database."""
    with context.reading() as uow:
        original = uow.assets.latest(release_id, AssetKind.ORIGINAL)
    with context.blobs.open_local(original.sha256) as path:
        found = analyse(path, context.detectors(), context.limits, progress)
    return store_analysis(context.blobs, found)


def store_analysis(blobs: BlobStore, analysis: Analysis) -> MadeFile:
    """Keep an analysis as JSON, made from its source."""
    text = json.dumps(analysis.to_dict(), separators=(",", ":"), sort_keys=True)
    return store_text(blobs, AssetKind.ANALYSIS, FILE_NAME, text, parent=analysis.source_sha256)


def load_analysis(blobs: BlobStore, sha256: str) -> Analysis:
    """The analysis that was kept under ``sha256``."""
    return Analysis.from_dict(json.loads(read_text(blobs, sha256)))


def finish_analysis(
    uow: UnitOfWork, release_id: str, revision: int, attempt: int, file: MadeFile, at: datetime
) -> Release:
    """List what was found and hand the release to a reviewer."""
    release = uow.releases.claim(release_id, revision, FlowName.PREPARE, attempt, at)
    add_assets(uow, release, [file], at)
    stamp(uow, release, Milestone.ANALYSED, at, source="flow:prepare")
    return uow.releases.move(
        release, State.IN_REVIEW, at=at, actor=SYSTEM, reason=_("The analysis is ready for review.")
    )
