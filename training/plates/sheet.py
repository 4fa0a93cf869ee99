"""A contact sheet of samples, with the truth drawn in: `python -m training.plates.sheet OUT.png`."""

import argparse
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.plates.sample import Sample, make_sample
from training.plates.scenery import Scenery


def marked(sample: Sample) -> NDArray[np.uint8]:
    """The picture with quads in blue (a dot at the plate's own top left) and ignore areas in grey."""
    image = sample.image.copy()
    for box in sample.ignore:
        corners = np.round(box).astype(int).tolist()
        cv2.rectangle(image, corners[:2], corners[2:], (150, 150, 150), 1)
    for quad in sample.quads:
        # Drawn with four bits of fraction, half a pixel back: OpenCV counts from the middle of pixels.
        points = np.round((quad - 0.5) * 16).astype(np.int32)
        cv2.polylines(image, [points], True, (255, 60, 0), 1, cv2.LINE_AA, 4)
        cv2.circle(image, points[0].tolist(), 32, (0, 0, 255), -1, cv2.LINE_AA, 4)
    return image


def main(arguments: list[str] | None = None) -> None:
    """Write the sheet."""
    parser = argparse.ArgumentParser(description="A contact sheet of drawn samples.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--plain", action="store_true", help="without marks")
    options = parser.parse_args(arguments)
    scenery = Scenery(options.images)
    cv2.setNumThreads(1)
    start = time.perf_counter()
    count = options.columns * options.rows
    samples = [make_sample((options.seed, number), scenery) for number in range(count)]
    print(f"{(time.perf_counter() - start) * 1000 / count:.1f} ms a sample")
    pictures = [sample.image if options.plain else marked(sample) for sample in samples]
    rows = [np.hstack(pictures[at : at + options.columns]) for at in range(0, count, options.columns)]
    cv2.imwrite(str(options.out), np.vstack(rows))


if __name__ == "__main__":
    main()
