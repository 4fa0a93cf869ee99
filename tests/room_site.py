"""A small release in review with real footage, its review media and an analysis: what the room's tests look at."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from clips import Clip, Sound, numbered

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Case, Certainty, Urgency
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.services.analysis import analysis_files
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file
from vrijgave.services.review_media import make_review_media

SIZE = (320, 192)
FRAMES = 60
RELEASE = "ab" * 16


def a_case() -> Case:
    """Facts that nobody else has."""
    return Case(
        registration_number="internal-7", public_case_number="2026-7", unit="Den Haag", offence="robbery",
        public_place="Delft", incident_from=None, incident_to=None, incident_certainty=Certainty.UNKNOWN,
        urgency=Urgency.NORMAL, question="who", scene="street",
    )  # fmt: skip


def standing(number: int, x: float, first: int = 0, last: int = FRAMES - 1) -> Track:
    """Somebody who stands at ``x`` and is seen in every frame."""
    frames = np.arange(first, last + 1, dtype=np.int64)
    boxes = np.tile(np.array([x, 100, x + 40, 150], np.float32), (len(frames), 1))
    scores = np.full(len(frames), 0.9, np.float32)
    return Track(number, SubjectKind.FACE, frames, boxes, scores, (Source.DETECTED,) * len(frames))


def footage(path: Path) -> Path:
    """Frames that carry their number, with a tone."""
    clip = Clip(pts=range(FRAMES), size=SIZE, sound=Sound(length=Fraction(FRAMES, 25)))
    return clip.write(path, (numbered(number, *SIZE) for number in range(FRAMES)))


def in_review(context: Context, folder: Path, case: Case, release_id: str = RELEASE) -> Release:
    """The clip in review: three who stand apart, one of them late."""
    clip = footage(folder / "clip.mp4")
    original = store_file(context.blobs, AssetKind.ORIGINAL, clip, parent=None)
    release = Release(
        id=release_id, case=case, state=State.IN_REVIEW, revision=1, attempt=1, version=1, submitted_by="anna",
        created_at=context.now(),
    )  # fmt: skip
    with context.unit_of_work() as uow:
        added = uow.releases.add(release, reason="handed in")
        add_assets(uow, added, [original], context.now())
        uow.commit()
    found = Analysis(
        source_sha256=original.sha256, width=SIZE[0], height=SIZE[1], frame_count=FRAMES,
        tracks=(standing(1, 20), standing(2, 120), standing(3, 220, 10, 40)), parameters={"rate": 25.0},
    )  # fmt: skip
    files = [*make_review_media(context, release_id, lambda _done, _all: None), *analysis_files(context, clip, found)]
    with context.unit_of_work() as uow:
        add_assets(uow, added, files, context.now())
        uow.commit()
    return added


def without_media(context: Context, release: Release, release_id: str = "cd" * 16) -> Release:
    """Another release of the same case and footage, from before there were review media."""
    with context.unit_of_work() as uow:
        kept = [
            asset for asset in uow.assets.list(release.id) if asset.kind in (AssetKind.ORIGINAL, AssetKind.ANALYSIS)
        ]
        old = uow.releases.add(replace(release, id=release_id), reason="handed in")
        for number, asset in enumerate(kept):
            uow.assets.add(replace(asset, id=f"{number:032x}", release_id=old.id))
        uow.commit()
    return old
