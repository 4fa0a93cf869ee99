"""Redaction of whole files with a real face: what has to be hidden is, what may show does, and time is kept."""

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from skimage import data

from vrijgave.domain.tracks import CoverStyle, Plan
from vrijgave.errors import RedactionIncomplete, Rejected, UnreadableMedia
from vrijgave.media import OutputFormat, SoundChunk, open_writer, sha256_file
from vrijgave.redaction import covering
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.cover import cover
from vrijgave.redaction.detectors import default_detectors
from vrijgave.redaction.manifest import check
from vrijgave.redaction.styles import FILL
from vrijgave.redaction.verify import verify
from vrijgave.services import redact
from vrijgave.services.redact import ShowPoint, redact_file

WIDTH, HEIGHT, COUNT = 416, 240, 20
TIME_BASE = Fraction(1, 12800)
HIDDEN = range(8, 14)
"""Frames in which a cover is left out on purpose."""
MADE_AT = datetime(2026, 3, 1, tzinfo=UTC)
FACE = (22, 22, 78, 92)
"""Of the crop below: x0, y0, x1, y1 of the face itself."""


@dataclass(frozen=True)
class Clip:
    path: Path
    times: tuple[int, ...]
    left: tuple[tuple[int, int], ...]
    """Top left corner of the first crop in each frame."""
    right: tuple[tuple[int, int], ...]


def head():
    """The astronaut's head, 100×120 pixels."""
    crop = data.astronaut()[0:240, 125:325, ::-1]
    return np.ascontiguousarray(cv2.resize(crop, (100, 120), interpolation=cv2.INTER_AREA))


def background():
    coarse = np.random.default_rng(11).integers(70, 150, (9, 16, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def uneven_times():
    """Timestamps of a camera whose rate varies, not starting at 0."""
    return tuple(2560 + 512 * i + (i % 5) * 37 for i in range(COUNT))


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """Two heads that move and never meet; the right one is mirrored."""
    path = tmp_path_factory.mktemp("clip") / "two heads.mp4"
    left = tuple((12 + 4 * i, 60 + round(20 * math.sin(i / 4))) for i in range(COUNT))
    right = tuple((300 - 2 * i, 80) for i in range(COUNT))
    form = OutputFormat(width=WIDTH, height=HEIGHT, time_base=TIME_BASE, crf=16, sample_rate=16000, channels=1)
    scene, face = background(), head()
    with open_writer(path, form) as writer:
        for time, (x0, y0), (x1, y1) in zip(uneven_times(), left, right, strict=True):
            image = scene.copy()
            image[y0 : y0 + 120, x0 : x0 + 100] = face
            image[y1 : y1 + 120, x1 : x1 + 100] = face[:, ::-1]
            writer.frame(image, time)
        writer.sound(tone(0.8))
    return Clip(path, uneven_times(), left, right)


def tone(seconds):
    samples = np.sin(np.arange(int(16000 * seconds)) * 0.2).astype(np.float32)[None] * 0.3
    return SoundChunk(Fraction(2560) * TIME_BASE, samples)


@pytest.fixture(scope="session")
def detectors():
    return default_detectors()


@pytest.fixture(scope="session")
def analysis(clip, detectors):
    return analyse(clip.path, detectors)


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def times(path):
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def face_pixels(picture, corner, mirrored=False):
    x0, y0, x1, y1 = FACE
    if mirrored:
        x0, x1 = 100 - x1, 100 - x0
    return picture[corner[1] + y0 : corner[1] + y1, corner[0] + x0 : corner[0] + x1].astype(int)


def details(picture):
    """What is finer than a cell of a mosaic: the cells themselves may be like the face by chance."""
    fine = picture.astype(np.float32)
    return fine - cv2.GaussianBlur(fine, (0, 0), picture.shape[1] / 12)


def filled_share(pixels):
    return float((np.abs(pixels - np.array(FILL)) <= 20).all(axis=2).mean())


@pytest.fixture(scope="module")
def covered(clip, detectors, tmp_path_factory):
    """The clip covered without any wishes: its folder and the outcome."""
    folder = tmp_path_factory.mktemp("covered")
    before = sha256_file(clip.path)
    outcome = redact_file(
        clip.path, folder / "out.mp4", manifest=folder / "m.json", detectors=detectors, now=lambda: MADE_AT
    )
    assert sha256_file(clip.path) == before
    return folder, outcome


def test_every_face_is_covered_in_every_frame_and_time_is_kept(clip, covered):
    folder, outcome = covered
    made = pictures(folder / "out.mp4")
    assert len(made) == COUNT
    for picture, left, right in zip(made, clip.left, clip.right, strict=True):
        assert filled_share(face_pixels(picture, left)) > 0.97
        assert filled_share(face_pixels(picture, right, mirrored=True)) > 0.97
    assert times(folder / "out.mp4") == times(clip.path)
    assert outcome.output_sha256 == sha256_file(folder / "out.mp4")
    with av.open(str(folder / "out.mp4")) as container:
        assert not container.streams.audio
    assert sorted(p.name for p in folder.iterdir()) == ["m.json", "out.mp4"]


def test_the_same_input_gives_the_same_bytes_and_the_same_manifest(clip, covered, detectors, tmp_path):
    output, manifest = tmp_path / "out.mp4", tmp_path / "m.json"
    output.write_bytes(b"old")
    redact_file(clip.path, output, manifest=manifest, overwrite=True, detectors=detectors, now=lambda: MADE_AT)
    assert output.read_bytes() == (covered[0] / "out.mp4").read_bytes()
    assert manifest.read_bytes() == (covered[0] / "m.json").read_bytes()


def test_the_rest_of_the_picture_stays(clip, analysis, tmp_path):
    output = tmp_path / "covered.mp4"
    cover(clip.path, analysis, Plan(source_sha256=analysis.source_sha256), output)
    before, after = pictures(clip.path)[15][:30].astype(int), pictures(output)[15][:30].astype(int)
    assert np.abs(before - after).mean() < 4


def test_the_shown_face_stays_visible_and_the_other_covered(clip, detectors, tmp_path):
    output, manifest = tmp_path / "covered.mp4", tmp_path / "manifest.json"
    key = Ed25519PrivateKey.generate()
    x, y = clip.left[10][0] + 50, clip.left[10][1] + 55
    outcome = redact_file(
        clip.path, output, show=[ShowPoint(frame=10, x=x, y=y, reason="suspect")], manifest=manifest,
        detectors=detectors, signing_key=key, actor="reviewer",
    )  # fmt: skip
    visible = 0
    source = pictures(clip.path)
    for before, picture, left, right in zip(source, pictures(output), clip.left, clip.right, strict=True):
        assert filled_share(face_pixels(picture, right, mirrored=True)) > 0.97
        visible += np.abs(face_pixels(before, left) - face_pixels(picture, left)).mean() < 8
    assert visible >= COUNT - 1
    record = json.loads(manifest.read_text())
    shown = [t for t in record["tracks"] if t["action"] == "show"]
    assert [(t["reason"], t["actor"], t["anchors"]) for t in shown] == [("suspect", "reviewer", [10])]
    assert record["output"] == record["output"] | {"sha256": outcome.output_sha256, "name": "covered.mp4"}
    assert record["source"]["sha256"] == sha256_file(clip.path)
    signature = manifest.with_name("manifest.json.sig").read_text().strip()
    assert check(manifest.read_bytes(), signature, key.public_key())


def test_a_mosaic_hides_as_much_and_the_second_look_is_silent_on_it(clip, detectors, tmp_path):
    output, manifest = tmp_path / "covered.mp4", tmp_path / "manifest.json"
    outcome = redact_file(clip.path, output, manifest=manifest, style=CoverStyle.MOSAIC, detectors=detectors)
    assert outcome.rounds == 1
    for before, picture, left, right in zip(pictures(clip.path), pictures(output), clip.left, clip.right, strict=True):
        for corner, mirrored in ((left, False), (right, True)):
            inside = face_pixels(picture, corner, mirrored)
            assert np.abs(inside - inside.mean(axis=2, keepdims=True)).mean() < 2  # grey
            face = face_pixels(before, corner, mirrored)
            assert abs(np.corrcoef(details(inside).ravel(), details(face).ravel())[0, 1]) < 0.2
    record = json.loads(manifest.read_text())
    assert record["cover"]["faces"] == {"kind": "drawn mosaic", "cells": 5, "luma": [54, 82, 110, 138]}
    looked, analysed = record["second_look_models"], record["models"]
    for first, second in zip(analysed, looked, strict=True):
        assert first["parameters"]["shrink"] != second["parameters"]["shrink"]
        assert first["parameters"]["threshold"] != second["parameters"]["threshold"]


def test_a_plan_file_covers_more_and_keeps_the_sound(clip, detectors, tmp_path):
    output, plan = tmp_path / "covered.mp4", tmp_path / "plan.json"
    plan.write_text('{"cover":[{"from":5,"to":9,"box":[200,2,260,30],"reason":"mirror"}],"sound":"keep"}')
    redact_file(clip.path, output, plan_file=plan, detectors=detectors)
    made = pictures(output)
    assert filled_share(made[7][4:28, 202:258].astype(int)) > 0.97
    assert filled_share(made[12][4:28, 202:258].astype(int)) < 0.5
    with av.open(str(output)) as container:
        assert len(container.streams.audio) == 1


def test_the_second_look_is_silent_on_a_covered_clip_and_sees_a_face_that_shows(clip, analysis, detectors, tmp_path):
    output = tmp_path / "covered.mp4"
    plan = Plan(source_sha256=analysis.source_sha256)
    record = cover(clip.path, analysis, plan, output)
    assert verify(clip.path, output, analysis, plan, record, detectors) == ()
    shows = without_right_face(clip, analysis, HIDDEN)
    record = cover(clip.path, shows, plan, output)
    hits = verify(clip.path, output, shows, plan, record, detectors)
    assert hits
    assert {hit.frame for hit in hits} <= set(HIDDEN)


def without_right_face(clip, analysis, frames):
    """The analysis as if the right face had been missed in some frames."""
    kept = []
    for track in analysis.tracks:
        on_right = np.array([track.xyxy[i, 0] > clip.left[f][0] + 100 for i, f in enumerate(track.frames)])
        keep = ~(np.isin(track.frames, list(frames)) & on_right)
        if keep.any():
            sources = tuple(s for s, k in zip(track.sources, keep, strict=True) if k)
            kept.append(
                replace(
                    track,
                    frames=track.frames[keep],
                    xyxy=track.xyxy[keep],
                    scores=track.scores[keep],
                    sources=sources,
                    looks=None,
                )
            )
    return replace(analysis, tracks=tuple(kept))


def test_what_the_second_look_finds_is_covered_before_the_file_is_given(
    clip, analysis, detectors, tmp_path, monkeypatch
):
    missed = without_right_face(clip, analysis, HIDDEN)
    monkeypatch.setattr(redact, "analyse", lambda *_arguments: missed)
    output = tmp_path / "covered.mp4"
    outcome = redact_file(clip.path, output, detectors=detectors)
    assert outcome.rounds == 2
    for picture, right in zip(pictures(output), clip.right, strict=True):
        assert filled_share(face_pixels(picture, right, mirrored=True)) > 0.9


def test_without_a_clean_second_look_there_is_no_output_but_a_manifest(
    clip, analysis, detectors, tmp_path, monkeypatch
):
    missed = without_right_face(clip, analysis, HIDDEN)
    monkeypatch.setattr(redact, "analyse", lambda *_arguments: missed)
    monkeypatch.setattr(covering, "with_rescan_hits", lambda analysis, _hits: analysis)
    output, manifest = tmp_path / "covered.mp4", tmp_path / "manifest.json"
    with pytest.raises(RedactionIncomplete, match=r"in frames (8|9|1[0-3])\b"):
        redact_file(clip.path, output, manifest=manifest, detectors=detectors)
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.json"]
    assert json.loads(manifest.read_text())["second_look"]


def test_other_footage_than_was_analysed_is_refused(clip, analysis, tmp_path):
    shorter = replace(analysis, frame_count=COUNT - 1)
    with pytest.raises(RedactionIncomplete):
        cover(clip.path, shorter, Plan(source_sha256=analysis.source_sha256), tmp_path / "x.mp4")
    assert not list(tmp_path.iterdir())


def test_paths_that_cannot_be_are_refused_before_any_work(clip, tmp_path):
    output = tmp_path / "out.mp4"
    output.write_bytes(b"mine")
    link = tmp_path / "link.mp4"
    link.symlink_to(clip.path)
    for path in (output, clip.path, link, tmp_path / "absent" / "out.mp4"):
        with pytest.raises(Rejected):
            redact_file(clip.path, path, detectors=())
    with pytest.raises(Rejected):
        redact_file(clip.path, clip.path, overwrite=True, detectors=())
    assert output.read_bytes() == b"mine"


def test_what_is_no_video_leaves_nothing_behind(detectors, tmp_path):
    source = tmp_path / "notes.txt"
    source.write_text("no video")
    with pytest.raises(UnreadableMedia):
        redact_file(source, tmp_path / "out.mp4", detectors=detectors)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
