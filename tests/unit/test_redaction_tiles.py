"""Large pictures are looked at in tiles, and give what small ones give."""

import cv2
import numpy as np
import pytest
from skimage import data

from vrijgave.domain.tracks import Detections
from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.detectors.tiles import LARGEST, TILE, by_tiles, input_scale

UHD = (3840, 2160)
FACE = data.astronaut()[20:200, 145:325, ::-1]


def scene(size, faces):
    """A rough grey picture; ``faces`` are (left, top, side)."""
    rough = np.random.default_rng(4).integers(100, 140, (size[1] // 8, size[0] // 8, 3), np.uint8)
    image = cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC)
    for left, top, side in faces:
        image[top : top + side, left : left + side] = cv2.resize(FACE, (side, side), interpolation=cv2.INTER_AREA)
    return image


@pytest.mark.parametrize(
    ("size", "scale"),
    [((640, 360), 1.5), ((1280, 720), 1.5055), ((1920, 1080), 1.0037), (UHD, 1.0), ((7680, 4320), 0.5019)],
)
def test_nothing_up_to_4k_is_shrunk(size, scale):
    found = input_scale(*size, pixels=1920 * 1088, enlarge=1.6 if size[0] == 1280 else 1.5, largest=LARGEST)
    assert found == pytest.approx(scale, abs=2e-3)


@pytest.mark.parametrize("size", [UHD, (2560, 1440), (5000, 900)])
def test_every_subject_is_seen_by_one_tile(size):
    """A look that finds a box of 40 pixels on each corner of a grid wherever it sees it whole."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    x, y = np.meshgrid(np.arange(5, size[0] - 45, 53), np.arange(5, size[1] - 45, 53))
    boxes = np.stack([x, y, x + 40, y + 40], axis=2).reshape(-1, 4).astype(np.float32)
    seen = []

    def look(region):
        left, top, right, bottom = region
        seen.append((right - left) * (bottom - top))
        whole = (boxes[:, :2] >= (left, top)).all(axis=1) & (boxes[:, 2:] <= (right, bottom)).all(axis=1)
        return Detections(boxes[whole], np.full(whole.sum(), 0.9, np.float32))

    found = by_tiles(look, image, 1.0, None)
    assert sorted(map(tuple, found.xyxy.tolist())) == sorted(map(tuple, boxes.tolist()))
    assert max(seen) <= (TILE[0] + 256) * (TILE[1] + 256)


def test_what_is_no_larger_than_a_tile_is_seen_in_one_piece():
    asked = []

    def look(region):
        asked.append(region)
        return Detections.empty()

    by_tiles(look, np.zeros((1080, 1920, 3), np.uint8), 1.0, None)
    by_tiles(look, np.zeros((2160, 3840, 3), np.uint8), 0.5, None)
    by_tiles(look, np.zeros((2160, 3840, 3), np.uint8), 1.0, (100, 100, 900, 700))
    assert asked == [None, None, (100, 100, 900, 700)]


def test_small_and_large_faces_of_a_4k_picture_are_found():
    small, on_a_seam, large = (600, 400, 45), (1900, 1060, 60), (2400, 700, 1200)
    image = scene(UHD, [small, on_a_seam, large])
    close, wide = build([DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])

    def finds(detector, face):
        found = detector.detect(image)
        middle = np.array([face[0] + face[2] / 2, face[1] + face[2] / 2])
        inside = ((found.xyxy[:, :2] < middle) & (middle < found.xyxy[:, 2:])).all(axis=1)
        width = found.xyxy[:, 2] - found.xyxy[:, 0]
        return bool((inside & (found.scores > 0.4) & (width > 0.25 * face[2])).any())

    assert finds(close, small)
    assert finds(close, on_a_seam)
    assert finds(wide, large)
    assert not finds(wide, small)
