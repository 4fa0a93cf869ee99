"""Clips with exact truth that are made for one run: nothing was tuned on them.

The only face is the portrait of the astronaut Eileen Collins (NASA, public domain) that scikit-image carries; plates
come from the stills beside the footage, which are not in its clips.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from benchmarks.common import CAMERA_TOOL, FOOTAGE, Box, Clip, boxes, note
from vrijgave.domain.tracks import Image, SubjectKind
from vrijgave.media import OutputFormat, Picture, open_reader, open_writer
from vrijgave.media.colours import BT709
from vrijgave.redaction.detectors import Detector

FIRST_SEED = 1001
"""The footage was made with 1 to 34."""
HEAD = (0, 250, 120, 330)
"""Top, bottom, left and right of the head in the portrait."""
CROWD = (
    (1.6, 640, 240),
    (1.28, 200, 120),
    (0.96, 1150, 330),
    (0.72, 420, 540),
    (0.56, 1000, 60),
    (0.45, 900, 640),
    (0.35, 1330, 120),
    (0.29, 120, 620),
)
"""Scale, left and top of each head in the still; the first one steers the camera."""
WALKERS = (1.1, 0.7, 0.45, 0.3, 0.2)
STILL = (1600, 900)
FULL_HD = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Head:
    """A head, the weight ``(H, W, 1)`` 0..1 with which each of its pixels counts, and its face's box."""

    image: Image
    weight: NDArray[np.float32]
    face: Box

    def scaled(self, scale: float) -> Head:
        """That many times as large."""
        rows, columns = (round(side * scale) for side in self.image.shape[:2])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        image = cv2.resize(self.image, (columns, rows), interpolation=method)
        weight = np.asarray(cv2.resize(self.weight, (columns, rows)), np.float32)[..., None]
        x, y, w, h = (value * scale for value in self.face)
        return Head(image.astype(np.uint8), weight, (x, y, w, h))

    def onto(self, scene: Image, left: int, top: int) -> Box:
        """Put it into ``scene`` in place, cut off at the edges; the face's box there."""
        rows, columns = self.image.shape[:2]
        y0, y1 = max(0, top), min(scene.shape[0], top + rows)
        x0, x1 = max(0, left), min(scene.shape[1], left + columns)
        if y0 < y1 and x0 < x1:
            inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
            part = scene[y0:y1, x0:x1].astype(np.float32)
            scene[y0:y1, x0:x1] = part + (self.image[inside] - part) * self.weight[inside]
        return left + self.face[0], top + self.face[1], self.face[2], self.face[3]


def portrait(detectors: Sequence[Detector]) -> Head:
    """The head cut out of the portrait, its face as our detector finds it at full size."""
    top, bottom, left, right = HEAD
    image = np.ascontiguousarray(data.astronaut()[..., ::-1])
    finder = next(detector for detector in detectors if detector.kind is SubjectKind.FACE)
    found = finder.detect(image)
    x0, y0, x1, y1 = (float(v) for v in found.xyxy[int(np.argmax(found.scores))])
    head = np.ascontiguousarray(image[top:bottom, left:right])
    rows, columns = head.shape[:2]
    weight = np.zeros((rows, columns), np.float32)
    cv2.ellipse(weight, (columns // 2, rows // 2), (columns // 2 - 14, rows // 2 - 10), 0, 0, 360, 1.0, cv2.FILLED)
    soft = np.asarray(cv2.GaussianBlur(weight, (0, 0), 4), np.float32)
    return Head(head, soft[..., None], (x0 - left, y0 - top, x1 - x0, y1 - y0))


def street(width: int, height: int, seed: int = 5) -> Image:
    """Something to stand before: walls, windows and rough ground."""
    rng = np.random.default_rng(seed)
    scene = np.full((height, width, 3), 120, np.float32)
    for _wall in range(40):
        x, y = rng.integers(0, width), rng.integers(0, height)
        w, h = rng.integers(30, width // 5), rng.integers(20, height // 3)
        scene[y : y + h, x : x + w] = rng.integers(85, 165, 3)
    for cell, strength in ((2, 5), (9, 9), (60, 14)):
        rough = rng.normal(0, strength, (height // cell + 2, width // cell + 2)).astype(np.float32)
        scene += cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    return np.clip(scene, 0, 255).astype(np.uint8)


def write_crowd(path: Path, head: Head) -> list[Box]:
    """A still with the head at several sizes; the boxes of the faces."""
    scene = street(*STILL)
    found = [head.scaled(scale).onto(scene, left, top) for scale, left, top in CROWD]
    cv2.imwrite(str(path), scene)
    return found


@dataclass(frozen=True, slots=True)
class Shot:
    """How the virtual camera films: picture size, frames a second, seconds, smallest and largest width of the first
    subject in pixels."""

    size: tuple[int, int]
    rate: float
    seconds: float
    smallest: float
    largest: float


SHOTS = (
    Shot((1280, 720), 25, 4, 18, 120),
    Shot((640, 360), 15, 4, 18, 80),
    Shot((1920, 1080), 15, 4, 18, 110),
    Shot((704, 576), 12.5, 4, 20, 90),
    Shot((960, 540), 25, 4, 22, 110),
    Shot((352, 288), 10, 4, 18, 60),
)


def film(still: Path, subjects: Sequence[Box], kind: str, shot: Shot, seed: int, video: Path) -> Clip:
    """A clip by the virtual camera, whose path follows from ``seed``. Raises ``CalledProcessError``."""
    truth = video.with_suffix(".truth.json")
    options = {
        "boxes": ";".join(",".join(f"{value:g}" for value in box) for box in subjects),
        "kind": kind,
        "out": video,
        "truth": truth,
        "seed": seed,
        "seconds": shot.seconds,
        "fps": shot.rate,
        "size": f"{shot.size[0]}x{shot.size[1]}",
        "min-object-px": shot.smallest,
        "max-object-px": shot.largest,
    }
    subprocess.run(
        [sys.executable, str(CAMERA_TOOL), str(still), *(f"--{name}={value}" for name, value in options.items())],
        check=True,
    )
    return Clip(video, truth)


def unseen(count: int, folder: Path, detectors: Sequence[Detector]) -> Iterator[Clip]:
    """``count`` clips of plates and as many of faces, by seeds that no clip of the footage has."""
    crowd = folder / "crowd.png"
    faces = write_crowd(crowd, portrait(detectors))
    stills = sorted((FOOTAGE / "plates_eu").glob("*.jpg"))
    for place in range(count):
        shot, seed = SHOTS[place % len(SHOTS)], FIRST_SEED + place
        note(f"Making unseen clips: {place + 1} of {count}")
        if stills:
            still = stills[place * len(stills) // count % len(stills)]
            yield film(still, [_annotated(still)], "plate", shot, seed, folder / f"plate_{still.stem}_{seed}.mp4")
        yield film(crowd, faces, "face", shot, seed, folder / f"face_crowd_{seed}.mp4")


def _annotated(still: Path) -> Box:
    x, y, w, h = still.with_suffix(".txt").read_text(encoding="utf-8").splitlines()[0].split("\t")[1:5]
    return float(x), float(y), float(w), float(h)


def moving_camera(folder: Path, detectors: Sequence[Detector], seconds: float) -> Clip:
    """Faces filmed by a camera that moves, 1080p, 25 frames a second."""
    crowd = folder / "crowd.png"
    faces = write_crowd(crowd, portrait(detectors))
    shot = Shot(FULL_HD, 25, seconds, 50, 140)
    return film(crowd, faces, "face", shot, FIRST_SEED, folder / "1080p_moving_camera.mp4")


def fixed_camera(folder: Path, detectors: Sequence[Detector], seconds: float, rate: int = 25) -> Clip:
    """People who walk past a camera that hangs still, 1080p, with sensor noise."""
    width, height = FULL_HD
    video = folder / "1080p_fixed_camera.mp4"
    scene, rng = street(width, height, seed=6), np.random.default_rng(8)
    grain = [rng.normal(0, 2.5, (height, width, 1)).astype(np.float32) for _ in range(5)]
    heads = [portrait(detectors).scaled(scale) for scale in WALKERS]
    truth: list[dict[str, Box]] = [{} for _ in heads]
    with open_writer(video, _form(width, height, rate)) as writer:
        for index in range(round(seconds * rate)):
            image = scene.copy()
            for lane, head in enumerate(heads):
                left, top = _walk(lane, head, index / rate)
                box = head.onto(image, left, top)
                if box[0] < width and box[0] + box[2] > 0:
                    truth[lane][str(index)] = box
            noisy = np.clip(image + grain[index % len(grain)], 0, 255).astype(np.uint8)
            writer.picture(Picture.of_bgr(noisy, BT709), index)
    return _write_truth(video, round(seconds * rate), truth)


def _walk(lane: int, head: Head, seconds: float) -> tuple[int, int]:
    """Left and top: to and fro across the picture, a face's width a second or so, bobbing with each step."""
    rows, columns = head.image.shape[:2]
    way = FULL_HD[0] + columns
    gone = (0.2 + 0.17 * lane) * way + seconds * 1.3 * head.face[2]
    there = gone % (2 * way)
    left = (there if there < way else 2 * way - there) - columns
    tops = (20, 300, 520, 690, 830)
    return round(left), round(tops[lane] + 0.03 * rows * np.sin(2 * np.pi * 1.8 * seconds))


def joined(first: Clip, second: Clip, frames: int, video: Path) -> Clip:
    """The first ``frames`` of two clips of one size, one after the other: a cut."""
    truth: list[dict[str, Box]] = []
    with open_reader(first.video) as reader:
        size = reader.info.video
    with open_writer(video, _form(size.width, size.height, 25)) as writer:
        for turn, clip in enumerate((first, second)):
            for track in clip.truth()["tracks"]:
                truth.append({str(f + turn * frames): box for f, box in boxes(track).items() if f < frames})
            with open_reader(clip.video) as reader:
                for frame in reader.frames():
                    if frame.index == frames:
                        break
                    if frame.image is not None:
                        writer.picture(Picture.of_bgr(frame.image, BT709), turn * frames + frame.index)
    return _write_truth(video, 2 * frames, truth)


def _form(width: int, height: int, rate: int) -> OutputFormat:
    return OutputFormat(
        width=width, height=height, time_base=Fraction(1, rate), rate_hint=Fraction(rate), crf=24, colours=BT709
    )


def _write_truth(video: Path, frames: int, tracks: Sequence[dict[str, Box]]) -> Clip:
    truth = video.with_suffix(".truth.json")
    found = [{"id": f"face{i}", "kind": "face", "boxes": track} for i, track in enumerate(tracks) if track]
    truth.write_text(json.dumps({"clip": video.name, "frames": frames, "tracks": found}), encoding="utf-8")
    return Clip(video, truth)
