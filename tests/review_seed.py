"""Releases in review with real footage, its proxy and an analysis: what the review room is tried and shown with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from clips import Clip, Sound, numbered
from web_seed import made_up

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.media import probe
from vrijgave.practice.footage import RATE, make_practice_clip
from vrijgave.services.analysis import analysis_files
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_file
from vrijgave.services.review_media import make_review_media

SIZE = (320, 192)
FRAMES = 100
Box = tuple[float, float, float, float]
UNSEEN = {3: range(70, 96), 5: range(100, 125), 2: range(30, 42)}
"""Frames of the practice clip in which a detector is made out to have seen nothing of a track."""


def track(number: int, boxes: Mapping[int, Box], kind: SubjectKind = SubjectKind.FACE, **more: object) -> Track:
    """A track with a box (x0, y0, x1, y1) in each frame, detected in all of them but ``unseen``."""
    frames = np.array(sorted(boxes), np.int64)
    unseen = set(more.get("unseen", ()))  # type: ignore[call-overload]
    hits = np.array([int(frame) not in unseen for frame in frames])
    return Track(
        number,
        kind,
        frames,
        np.round(np.array([boxes[int(frame)] for frame in frames]), 1).astype(np.float32),
        np.where(hits, 0.9, 0).astype(np.float32),
        tuple(Source.DETECTED if hit else Source.TRACKED for hit in hits),
        np.full((len(frames), 6, 6, 3), 40 * number % 255, np.uint8),
        np.array(sorted(unseen & set(frames.tolist())), np.int64),
    )


def small_tracks() -> tuple[Track, ...]:
    """One who stands, one who walks in and out of sight, and a plate."""
    standing: dict[int, Box] = {frame: (24, 110, 64, 160) for frame in range(FRAMES)}
    walking: dict[int, Box] = {frame: (100 + frame, 105, 136 + frame, 150) for frame in range(10, 90)}
    plate: dict[int, Box] = {frame: (250, 165, 300, 180) for frame in range(40, 80)}
    return (
        track(1, standing),
        track(2, walking, unseen=range(45, 70)),
        track(3, plate, SubjectKind.PLATE),
    )


def small_clip(path: Path) -> Path:
    """Four seconds; each picture carries its number, as ``clips.number_of`` reads it, and a tone begins at 1 s."""
    clip = Clip(pts=range(FRAMES), size=SIZE, sound=Sound(length=Fraction(4)))
    return clip.write(path, (numbered(number, *SIZE) for number in range(FRAMES)))


def seed_small_review(context: Context, folder: Path) -> Release:
    """The small clip in review."""
    return seed_review(context, small_clip(folder / "small.mp4"), lambda: small_tracks(), rate=25.0)


def seed_practice_review(context: Context, folder: Path) -> Release:
    """The practice clip in review, with the tracks that are truly in it."""
    clip = folder / "practice.mp4"
    truth = make_practice_clip(clip)

    def tracks() -> Sequence[Track]:
        return [
            track(one.id, {f: _grown(*box) for f, box in one.boxes.items()}, one.kind, unseen=UNSEEN.get(one.id, ()))
            for one in truth.tracks
        ]

    return seed_review(context, clip, tracks, rate=float(RATE))


def _grown(x: float, y: float, width: float, height: float) -> Box:
    """What has to be covered of a face or plate."""
    return (max(0, x - 0.2 * width), max(0, y - 0.25 * height), x + 1.2 * width, y + 1.15 * height)


def seed_review(context: Context, clip: Path, tracks: Callable[[], Sequence[Track]], *, rate: float) -> Release:
    """A release in review of ``clip`` with these tracks, as the flow of the service leaves it."""
    original = store_file(context.blobs, AssetKind.ORIGINAL, clip, parent=None)
    with context.unit_of_work() as uow:
        release = uow.releases.add(made_up(40, State.IN_REVIEW, context.now()), reason="Beelden aangeleverd.")
        add_assets(uow, release, [original], context.now())
        uow.commit()
    video = probe(clip, context.limits).video
    found = Analysis(
        source_sha256=original.sha256, width=video.width, height=video.height, frame_count=video.frame_count,
        tracks=tuple(tracks()), parameters={"rate": rate},
    )  # fmt: skip
    files = [
        *make_review_media(context, release.id, lambda _done, _all: None),
        *analysis_files(context, clip, found),
    ]
    with context.unit_of_work() as uow:
        add_assets(uow, release, files, context.now())
        uow.commit()
    return release
