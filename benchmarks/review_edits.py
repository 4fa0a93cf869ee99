"""How long a reviewer waits: reading a review of twenty minutes with 500 tracks, and taking one edit down.

``python -m benchmarks.review_edits``. The analysis is made up: 500 faces of 20 to 120 seconds that walk and wobble, as
many at once as in a crowded street. The database is SQLite in a temporary folder.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np

from vrijgave.bootstrap import build
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Case, Certainty, Urgency
from vrijgave.domain.edits import Change, Extend, Hide, MoveBox, Show, Split
from vrijgave.domain.regions import DrawnBox
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.redaction.outline import outline
from vrijgave.redaction.review_data import review_data
from vrijgave.services import edits
from vrijgave.services.context import Context
from vrijgave.services.edits import Proposal
from vrijgave.services.files import add_assets, store_text
from vrijgave.settings import Settings

FRAMES = 30_000
TRACKS = 500
EDITS = 200
Result = TypeVar("Result")


def made_up(source_sha256: str) -> Analysis:
    """500 tracks over 30,000 frames; the same at every run."""
    rng = np.random.default_rng(7)
    tracks = tuple(_walker(number, rng) for number in range(1, TRACKS + 1))
    return Analysis(
        source_sha256=source_sha256,
        width=1920,
        height=1080,
        frame_count=FRAMES,
        tracks=tracks,
        parameters={"rate": 25.0},
    )


def _walker(number: int, rng: np.random.Generator) -> Track:
    length = int(rng.integers(500, 3000))
    first = int(rng.integers(0, FRAMES - length))
    steps = rng.normal(0, 1.2, (length, 2)).cumsum(axis=0) + rng.uniform((0, 0), (1800, 950))
    low = np.clip(steps, 0, (1860, 1000))
    side = float(rng.uniform(25, 70))
    detected = rng.random(length) < 0.3
    return Track(
        number,
        SubjectKind.FACE,
        np.arange(first, first + length, dtype=np.int64),
        np.concatenate([low, low + side], axis=1).astype(np.float32),
        np.where(detected, 0.8, 0).astype(np.float32),
        tuple(Source.DETECTED if seen else Source.TRACKED for seen in detected),
    )


def prepared(folder: Path) -> tuple[Context, Release, Analysis]:
    """A release in review with that analysis."""
    context = build(Settings(home=folder))
    original = store_text(context.blobs, AssetKind.ORIGINAL, "original.mp4", "no video", parent=None)
    found = made_up(original.sha256)
    files = [original]
    for kind, value in ((AssetKind.ANALYSIS, found), (AssetKind.REVIEW, review_data(found))):
        text = json.dumps(value.to_dict())
        files.append(store_text(context.blobs, kind, f"{kind.value}.json", text, parent=files[-1].sha256))
    case = Case(
        registration_number="internal", public_case_number="1", unit="x", offence="x", public_place="x",
        incident_from=None, incident_to=None, incident_certainty=Certainty.UNKNOWN, urgency=Urgency.NORMAL,
        question="x", scene="x",
    )  # fmt: skip
    fresh = Release(
        id="be" * 16, case=case, state=State.IN_REVIEW, revision=1, attempt=0, version=1, submitted_by="an",
        created_at=context.now(),
    )  # fmt: skip
    with context.unit_of_work() as uow:
        release = uow.releases.add(fresh)
        add_assets(uow, release, files, context.now())
        uow.commit()
    return context, release, found


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result, and milliseconds."""
    start = perf_counter()
    result = work()
    return result, 1000 * (perf_counter() - start)


def proposal(number: int, found: Analysis, rng: np.random.Generator) -> Change:
    """The n-th edit: by turns the kinds that reviewers make most; one in thirty shows somebody."""
    track = found.tracks[int(rng.integers(TRACKS))]
    at = int(rng.integers(len(track.frames)))
    x0, y0, x1, y1 = (float(v) for v in track.xyxy[at])
    larger = DrawnBox(frame=int(track.frames[at]), xyxy=(x0 - 20, y0 - 20, x1 + 20, y1 + 20))
    choices: list[Change] = [
        MoveBox(track=track.id, box=larger, reach=12),
        Hide(track=track.id),
        Split(track=track.id, frame=int(track.frames[len(track.frames) // 2])),
        Extend(track=track.id, frame=min(track.last + 25, FRAMES - 1)),
    ]
    if number % 30 == 0:
        return Show(track=track.id, anchor=int(track.frames[at]))
    return choices[number % len(choices)]


def add(context: Context, release: Release, change: Change) -> bool:
    """One edit as a page sends it, from reading the log to the commit; False where it is refused."""
    with context.unit_of_work() as uow:
        base = edits.log(uow, release.id).version
        try:
            edits.apply(uow, context.blobs, release.id, [Proposal(change, "x")], base, actor="bo", at=context.now())
        except Rejected:
            return False
        uow.commit()
    return True


def look(context: Context, release: Release, only: frozenset[int] | None = None) -> int:
    """What a page draws, all of it or what an edit was about; answers its size in bytes."""
    with context.reading() as uow:
        now = edits.effective(uow, context.blobs, release.id)
        data = edits.review_data(uow, context.blobs, release.id)
    return len(json.dumps(outline(now, data, only)).encode())


def main() -> int:
    """Print a table in milliseconds."""
    rng = np.random.default_rng(8)
    with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
        context, release, found = prepared(Path(folder))
        boxes = sum(len(track.frames) for track in found.tracks)
        size, cold = timed(lambda: look(context, release))
        times, looks = [], []
        for number in range(EDITS):
            change = proposal(number, found, rng)
            kept, milliseconds = timed(lambda change=change: add(context, release, change))  # type: ignore[misc]
            if kept:
                times.append(milliseconds)
                with context.reading() as uow:
                    log = edits.log(uow, release.id)
                about = frozenset(each for each in log.subjects(log.edits[-1]) if type(each) is int)
                looks.append(timed(lambda about=about: look(context, release, about))[1])  # type: ignore[misc]
        _size, whole = timed(lambda: look(context, release))
    sys.stdout.write(f"{TRACKS} tracks, {FRAMES} frames, {boxes} boxes; outline {size / 1e6:.1f} MB\n")
    sys.stdout.write(f"first look, nothing in memory: {cold:.0f} ms; all of it again: {whole:.0f} ms\n")
    for name, values in ((f"one edit ({len(times)})", times), ("what changed, for the page", looks)):
        middle, late = np.percentile(values, [50, 95])
        sys.stdout.write(f"{name}: median {middle:.0f} ms, p95 {late:.0f} ms, most {max(values):.0f} ms\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
