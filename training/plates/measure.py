"""How good the plate detector is, by width, roll, blur and light: `python -m training.plates.measure`.

Drawn plates of an exact width in a field of 960 × 544 pixels, on photographs that were not trained on, and the stills
with truth in VRIJGAVE_FOOTAGE_DIR. The detector is the one of the service, beside the text detector in the same run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates.scenery import Scenery
from training.plates.trials import Light, trial
from vrijgave.domain.tracks import BoxArray, Detections, Image
from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.detectors.plates import PlateDetector
from vrijgave.redaction.geometry import covered_shares, intersections

COVERED = 0.95  # share of a plate's box that has to lie inside one found box
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5)
FIELD = 960 * 544
WIDTHS = (14, 20, 30, 40, 60, 80, 120, 200)
ROLLS = (15, 25, 35, 45)
BLURS = (0.05, 0.1, 0.2)
LIGHTS: tuple[Light, ...] = ("dusk", "night", "infrared")
DIFFICULTIES: tuple[tuple[float, float, float, Light], ...] = (
    (80, 0, 0, "day"), (40, 0, 0, "day"), (20, 0, 0, "day"), (14, 0, 0, "day"), (40, 35, 0, "day"),
    (40, 0, 0.2, "day"), (40, 0, 0, "night"), (40, 0, 0, "infrared"),
)  # fmt: skip
"""Width, roll, blur and light of the rows of the sheet."""
AROUND = 100  # pixels of the sides of what the sheet shows of a picture
SURE = 0.3  # score from which the sheet calls a plate found
Detect = Callable[[Image], Detections]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of a series of pictures, for each of ``THRESHOLDS``."""

    pictures: int
    plates: int
    fields: float
    """Area in fields of 960 × 544."""
    found: tuple[int, ...]
    false: tuple[int, ...]

    def row(self, name: str) -> str:
        """Recall / false boxes a field, as a line of a table."""
        cells = [
            f"{found / max(1, self.plates):.3f} / {false / self.fields:.2f}"
            for found, false in zip(self.found, self.false, strict=True)
        ]
        return f"| {name} | {self.plates} | {' | '.join(cells)} |"


Case = tuple[Image, BoxArray, BoxArray]
"""A picture, the upright boxes of its plates, and areas that nobody judged."""


def tally(detect: Detect, cases: Iterator[Case]) -> Tally:
    """Count plates found and boxes that are on none."""
    pictures, plates, area = 0, 0, 0
    found, false = np.zeros(len(THRESHOLDS), int), np.zeros(len(THRESHOLDS), int)
    for image, truth, ignored in cases:
        detections = detect(image)
        inside = covered_shares(truth, detections.xyxy) >= COVERED
        stray = ~(intersections(detections.xyxy, np.concatenate([truth, ignored])) > 0).any(axis=1)
        for i, threshold in enumerate(THRESHOLDS):
            sure = detections.scores >= threshold
            found[i] += int(inside[:, sure].any(axis=1).sum())
            false[i] += int((stray & sure).sum())
        pictures, plates, area = pictures + 1, plates + len(truth), area + image.shape[0] * image.shape[1]
    return Tally(pictures, plates, area / FIELD, tuple(map(int, found)), tuple(map(int, false)))


def drawn(scenery: Scenery, count: int, width: float, roll: float, blur: float, light: Light) -> Iterator[Case]:
    """``count`` drawn fields with one plate each."""
    for number in range(count):
        made = trial((7, number), scenery, width=width, roll=roll, blur=blur, light=light)
        yield made.image, upright(made.quads), made.ignore


def upright(quads: NDArray[np.float32]) -> BoxArray:
    """Upright boxes ``(N, 4)`` around quadrilaterals."""
    return np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1).astype(np.float32)


def stills(folder: Path, width: float | None = None, roll: float = 0.0) -> Iterator[Case]:
    """The stills with truth, as they are, or shrunk until the plate is ``width`` pixels wide and then turned."""
    for path in sorted(folder.glob("*.jpg")):
        x, y, w, h = map(float, path.with_suffix(".txt").read_text(encoding="utf-8").split()[1:5])
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        factor = 1.0 if width is None else width / w
        if factor > 1:
            continue
        corners = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32) * factor
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
        yield _turned(image, corners, roll)


def _turned(image: Image, corners: NDArray[np.float32], roll: float) -> Case:
    middle = corners.mean(axis=0)
    turn = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), roll, 1.0)
    size = (image.shape[1], image.shape[0])
    around = np.asarray(cv2.warpAffine(image, turn, size, borderMode=cv2.BORDER_REFLECT), np.uint8) if roll else image
    quad = (corners @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    return around, upright(quad[None]), np.zeros((0, 4), np.float32)


def report(scenery: Scenery, count: int, footage: Path) -> Iterator[str]:
    """Lines of Markdown."""
    heads = " | ".join(f"≥ {threshold}" for threshold in THRESHOLDS)
    for name, detector in (("plates", PlateDetector()), ("text", build([DetectorName.TEXT])[0])):
        yield f"\n### {name}: recall / false boxes a field, by score\n"
        yield f"| pictures | plates | {heads} |"
        yield "|---" * (len(THRESHOLDS) + 2) + "|"
        for label, cases in series(scenery, count, footage):
            yield tally(detector.detect, cases).row(label)


def series(scenery: Scenery, count: int, footage: Path) -> Iterator[tuple[str, Iterator[Case]]]:
    """Everything that is measured, with its name."""
    for width in WIDTHS:
        yield f"drawn, {width} px", drawn(scenery, count, width, 0, 0, "day")
    for roll in ROLLS:
        yield f"drawn, 40 px, roll {roll}°", drawn(scenery, count, 40, roll, 0, "day")
    for blur in BLURS:
        yield f"drawn, 40 px, motion blur {blur} of the width", drawn(scenery, count, 40, 0, blur, "day")
    for light in LIGHTS:
        yield f"drawn, 40 px, {light}", drawn(scenery, count, 40, 0, 0, light)
    folder = footage / "plates_eu"
    if folder.is_dir():
        yield "stills as they are", stills(folder)
        for width in (60, 40, 30, 20, 14):
            yield f"stills, {width} px", stills(folder, width)
        for roll in ROLLS:
            yield f"stills, 40 px, roll {roll}°", stills(folder, 40, roll)


def sheet(path: Path, columns: int = 8) -> None:
    """Write a picture of drawn plates, found ones framed in green and missed ones in red, a row for each difficulty."""
    detect = PlateDetector().detect
    scenery = Scenery(photographs=False)
    rows = [
        np.hstack([_framed(detect, case) for case in drawn(scenery, columns, width, roll, blur, light)])
        for width, roll, blur, light in DIFFICULTIES
    ]
    cv2.imwrite(str(path), np.vstack(rows))


def _framed(detect: Detect, case: Case) -> Image:
    """The part of a picture around its plate, twice as large."""
    image, truth, _ignored = case
    found = detect(image)
    box = truth[0]
    good = found.xyxy[(covered_shares(truth, found.xyxy)[0] >= COVERED) & (found.scores >= SURE)]
    middle = np.clip((box[:2] + box[2:]) / 2, AROUND / 2, np.array(image.shape[1::-1]) - AROUND / 2)
    x, y = (middle - AROUND / 2).astype(int)
    part = cv2.resize(image[y : y + AROUND, x : x + AROUND], None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    shown = (np.concatenate([good, box[None]])[0] - [x, y, x, y]) * 2
    low, high = ((int(a), int(b)) for a, b in (shown[:2], shown[2:]))
    cv2.rectangle(part, low, high, (0, 200, 0) if len(good) else (0, 0, 255), 2)
    return np.asarray(part, np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, help="folder of photographs; those for validation are used")
    parser.add_argument("--count", type=int, default=200, help="drawn pictures in each row")
    parser.add_argument("--sheet", type=Path, help="only write a picture of drawn plates, found and missed")
    given = parser.parse_args(arguments)
    if given.sheet:
        sheet(given.sheet)
        return
    footage = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", "../shared/footage"))
    for line in report(Scenery(given.images, "validation"), given.count, footage):
        print(line, flush=True)


if __name__ == "__main__":
    main()
