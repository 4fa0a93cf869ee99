"""Attacks on covered video: what of a face can be got back by putting frames together and sharpening them.

The same attacks run on our own output and, as a control, on a Gaussian blur and a fine mosaic made here: an attack that
does not break those proves nothing. The attacker is given more than anybody has: the exact path of the face, the blur's
shape, and of all reconstructions the one that comes closest. Each is compared with the true face and with 100 others.
Prints Markdown tables. Clips with truth are found in VRIJGAVE_FOOTAGE_DIR (default ../shared/footage); where they are
missing only the moved portrait is attacked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data
from skimage.metrics import structural_similarity

from benchmarks.reconstruction import (
    BLUR,
    FINE_CELLS,
    GROWTH,
    MARGIN,
    Luma,
    Target,
    aligned,
    correlations,
    high_pass,
    low_pass,
    others,
    reconstructions,
)  # fmt: skip
from vrijgave.domain.tracks import Analysis, CoverStyle, Plan, Source, SubjectKind, Track
from vrijgave.media import OutputFormat, Picture, open_reader, open_writer, sha256_file
from vrijgave.redaction.cover import cover
from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.styles import GREYS, mosaic

ROOT = Path(__file__).resolve().parents[1]
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", ROOT.parent / "shared" / "footage"))
FRAMES = 60


@dataclass(frozen=True)
class Result:
    """How near the best reconstruction comes to the true face and to others; correlations 0..1."""

    style: str
    low: float
    low_others: tuple[float, float]
    """Mean and largest."""
    high: float
    high_others: tuple[float, float]
    similarity: float
    rank: int
    """Place of the true face among all by both correlations; 1 is recognised."""
    detected: bool

    @property
    def no_better_than_chance(self) -> bool:
        """Whether some unrelated face fits as well in both bands."""
        return self.low <= self.low_others[1] and self.high <= self.high_others[1]


def portrait(folder: Path, count: int = FRAMES) -> Target:
    """The astronaut's portrait, moved along a path by parts of a pixel and a little nearer and further."""
    head = data.astronaut()[0:250, 120:330, ::-1]
    form = OutputFormat(width=416, height=320, time_base=Fraction(1, 25), crf=12)
    scene = cv2.resize(
        np.random.default_rng(11).integers(70, 150, (9, 12, 3), np.uint8), (form.width, form.height), interpolation=2
    )
    path, boxes = folder / "portrait.mp4", []
    with open_writer(path, form) as writer:
        for i in range(count):
            zoom = 1 + 0.06 * np.sin(i / 9)
            x, y = 90 + 25 * np.sin(i / 7) + 0.37 * i, 30 + 12 * np.cos(i / 5)
            move = np.array([[zoom, 0, x], [0, zoom, y]], np.float32)
            picture = cv2.warpAffine(head, move, (form.width, form.height), scene.copy(), cv2.INTER_CUBIC,
                                     cv2.BORDER_TRANSPARENT)  # fmt: skip
            writer.frame(np.asarray(picture, np.uint8), i)
            boxes.append([62 * zoom + x, 62 * zoom + y, 146 * zoom + x, 176 * zoom + y])
    return Target("portrait", path, np.arange(count), np.array(boxes, np.float32))


def in_footage(clip: Path, most: int) -> Iterator[Target]:
    """The largest faces of a clip with truth that stay in the picture."""
    truth = json.loads(clip.with_name(clip.stem + ".truth.json").read_text())
    targets = []
    for track in truth["tracks"]:
        if track["kind"] != "face" or track.get("ignore"):
            continue
        frames = sorted(int(frame) for frame in track["boxes"])[:FRAMES]
        xywh = np.array([track["boxes"][str(frame)] for frame in frames], np.float32)
        boxes = np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])
        inside = (boxes[:, :2] > 0).all(axis=1) & (boxes[:, 2:] < (truth["width"], truth["height"])).all(axis=1)
        if inside.sum() >= 20:
            name = f"{clip.stem} {track['id']}"
            targets.append(Target(name, clip, np.array(frames)[inside], boxes[inside].astype(np.float32)))
    targets.sort(key=lambda target: -float(np.median(target.boxes[:, 2] - target.boxes[:, 0])))
    yield from targets[:most]


def ours(target: Target, style: CoverStyle, output: Path) -> None:
    """Our own output, with a track where the face is."""
    sha256 = sha256_file(target.clip)
    with open_reader(target.clip) as reader:
        video = reader.info.video
    count = len(target.frames)
    track = Track(
        1, SubjectKind.FACE, target.frames, target.grown(), np.ones(count, np.float32), (Source.DETECTED,) * count
    )
    analysis = Analysis(
        source_sha256=sha256, width=video.width, height=video.height, frame_count=video.frame_count, tracks=(track,)
    )
    cover(target.clip, analysis, Plan(source_sha256=sha256, style=style), output)


def spoiled(target: Target, hide: Callable[[NDArray[np.uint8], float], NDArray[np.uint8]], output: Path) -> None:
    """The control: in each frame the covered area goes through ``hide`` (plane, width of the face)."""
    areas = dict(zip(target.frames.tolist(), target.grown().tolist(), strict=True))
    with open_reader(target.clip) as reader, open_writer(output, OutputFormat.like(reader.info)) as writer:
        for frame in reader.frames():
            assert frame.picture is not None
            if frame.index in areas:
                _spoil(frame.picture, areas[frame.index], hide)
            writer.picture(frame.picture, frame.pts)


def _spoil(
    picture: Picture, area: Sequence[float], hide: Callable[[NDArray[np.uint8], float], NDArray[np.uint8]]
) -> None:
    width = (area[2] - area[0]) / (1 + 2 * GROWTH)
    for plane, scale in zip(picture.planes, (1, 2, 2), strict=True):
        x0, y0, x1, y1 = (max(0, round(v / scale)) for v in area)
        plane[y0:y1, x0:x1] = hide(plane, width / scale)[y0:y1, x0:x1]


def gaussian(plane: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """A blur as strong as it is usual."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), BLUR * width), np.uint8)


def fine_mosaic(plane: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """Averages in a grid that stands still in the picture, made anew in each frame."""
    side = max(2, round(width / FINE_CELLS))
    height, across = plane.shape
    small = cv2.resize(plane, (max(1, across // side), max(1, height // side)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (across, height), interpolation=cv2.INTER_NEAREST), np.uint8)


STYLES: dict[str, Callable[[Target, Path], None]] = {
    "opaque": lambda target, output: ours(target, CoverStyle.OPAQUE, output),
    "mosaic": lambda target, output: ours(target, CoverStyle.MOSAIC, output),
    "control: Gaussian blur": lambda target, output: spoiled(target, gaussian, output),
    "control: fine mosaic": lambda target, output: spoiled(target, fine_mosaic, output),
}


def attack(target: Target, style: str, folder: Path) -> Result:
    """Cover the clip, attack it, and compare the best of all reconstructions with the true face and with others."""
    output = folder / "covered.mp4"
    STYLES[style](target, output)
    clearest = int(np.argmax(target.boxes[:, 2] - target.boxes[:, 0]))
    true = aligned(target.clip, target)[clearest, MARGIN:-MARGIN, MARGIN:-MARGIN]
    made = list(reconstructions(output, target))
    faces = [true, *others()]
    low, high = (correlations(made, faces, band) for band in (low_pass, high_pass))
    similar = [structural_similarity(each[MARGIN:-MARGIN, MARGIN:-MARGIN], true, data_range=255) for each in made]
    return Result(
        style,
        float(low[0]), (float(low[1:].mean()), float(low[1:].max())),
        float(high[0]), (float(high[1:].mean()), float(high[1:].max())),
        float(max(similar)),
        1 + int(((low + high)[1:] >= (low + high)[0]).sum()),
        any(_is_face(each) for each in made),
    )  # fmt: skip


def _is_face(reconstruction: Luma) -> bool:
    """Whether our face detector sees a face in it, at the threshold of the second look."""
    (detector,) = build([DetectorName.FACE_CLOSE])
    sheet = np.full((256, 256), 128, np.uint8)
    height, width = reconstruction.shape
    sheet[60 : 60 + height, 70 : 70 + width] = reconstruction
    return len(detector.second_look().detect(cv2.cvtColor(sheet, cv2.COLOR_GRAY2BGR))) > 0


def cells_of_faces(clips: Sequence[Path]) -> list[dict[str, NDArray[np.float32]]]:
    """Of each clip: track -> averages ``(5, 5)`` of its largest covered area that lies in the picture."""
    found = []
    for clip in clips:
        cells = {}
        for target in in_footage(clip, most=100):
            x0, y0, x1, y1 = target.grown().T
            with open_reader(clip) as reader:
                video = reader.info.video
                inside = (x0 >= 0) & (y0 >= 0) & (x1 <= video.width) & (y1 <= video.height)
                if not inside.any():
                    continue
                best = int(np.argmax(np.where(inside, x1 - x0, 0)))
                wanted = int(target.frames[best])
                picture = next(frame.picture for frame in reader.frames() if frame.index == wanted)
            assert picture is not None
            left, top, right, bottom = (round(float(v[best])) for v in (x0, y0, x1, y1))
            averages = cv2.resize(picture.y[top:bottom, left:right], (5, 5), interpolation=cv2.INTER_AREA)
            cells[target.name.split()[-1]] = averages.astype(np.float32)
        found.append(cells)
    return found


def coarse(averages: NDArray[np.float32], noise: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Averages as a mosaic of the picture would show them: with noise, in as many greys as ours."""
    step = 192 / len(GREYS)
    noisy = averages + rng.normal(0, noise, averages.shape)
    return (32 + step * (np.clip((noisy - 32) // step, 0, len(GREYS) - 1) + 0.5)).astype(np.float32)


def recognised(
    found: Sequence[dict[str, NDArray[np.float32]]], show: Callable[[str, NDArray[np.float32]], NDArray[np.float32]]
) -> tuple[float, float]:
    """Share of faces whose cells in one clip are nearest to their own among all of another clip; and of guesses."""
    right, guesses = [], []
    for probes in found:
        for gallery in found:
            common = sorted(set(probes) & set(gallery))
            if probes is gallery or len(common) < 5:
                continue
            known = np.array([_shape(gallery[name]) for name in common])
            nearest = [int(np.argmax(known @ _shape(show(name, probes[name])))) for name in common]
            right += [nearest[i] == i for i in range(len(common))]
            guesses += [1 / len(common)] * len(common)
    return float(np.mean(right)), float(np.mean(guesses))


def _shape(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cells without their brightness and contrast."""
    flat = cells.ravel() - cells.mean()
    return (flat / max(float(np.linalg.norm(flat)), 1e-6)).astype(np.float32)


def print_attacks(targets: Sequence[Target], folder: Path) -> None:
    """A row for each face and style."""
    print("| face | style | low-pass: true, others (mean, best) | high-pass: true, others (mean, best) | SSIM "
          "| place of the true face among 101 | detector |")  # fmt: skip
    print("|" + "---|" * 7)
    for target in targets:
        for style in STYLES:
            r = attack(target, style, folder)
            low, high = (f"{true:.2f}, ({mean:.2f}, {best:.2f})" for true, (mean, best) in
                         ((r.low, r.low_others), (r.high, r.high_others)))  # fmt: skip
            fires = "fires" if r.detected else "silent"
            print(f"| {target.name} | {style} | {low} | {high} | {r.similarity:.2f} | {r.rank} | {fires} |", flush=True)


def print_recognition(clips: Sequence[Path], rounds: int = 200) -> None:
    """How often cells alone tell a face from the others of the same scene."""
    found, rng = cells_of_faces(clips), np.random.default_rng(0)
    print("\n| 5 x 5 cells | recognised | guessed |\n|---|---|---|")
    rows: list[tuple[str, Callable[[str, NDArray[np.float32]], NDArray[np.float32]], int]] = [
        ("averages", lambda _name, cells: cells, 1),
        *(
            (
                f"averages, noise {noise}, {len(GREYS)} greys",
                lambda _n, cells, noise=noise: coarse(cells, noise, rng),
                20,
            )
            for noise in (0, 16, 32, 64, 128)
        ),
        ("ours: drawn by a key", _drawn, rounds),
    ]
    for name, show, times in rows:
        right, guess = np.mean([recognised(found, show) for _ in range(times)], axis=0)
        print(f"| {name} | {right:.0%} | {guess:.0%} |", flush=True)


_draws = iter(range(10**9))


def _drawn(name: str, _cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cells of that track in yet another piece of footage."""
    source = hashlib.sha256(f"footage {next(_draws)}".encode()).hexdigest()
    return mosaic(source, int(name.removeprefix("face")) + 1).astype(np.float32)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=2, help="faces of each clip that are attacked (%(default)s)")
    arguments = parser.parse_args()
    city = sorted(FOOTAGE.glob("face_city_*.mp4"))
    asl = sorted(FOOTAGE.glob("intel_asl_*.mkv"))
    if not city:
        print(f"No clips in {FOOTAGE}: only the portrait is attacked.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        targets = [portrait(folder), *(t for clip in [*asl, *city] for t in in_footage(clip, arguments.faces))]
        print_attacks(targets, folder)
    if city:
        print_recognition(city)
    return 0


if __name__ == "__main__":
    sys.exit(main())
