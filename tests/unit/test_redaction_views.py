"""What a network sees of a part of a picture is what it sees there of the whole."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.detectors.views import LENGTHS, STRIDE, input_size, view
from vrijgave.redaction.geometry import overlaps

SIZES = [(1920, 1080), (1280, 720), (640, 360), (702, 575), (333, 221)]


def picture(width, height):
    coarse = np.random.default_rng(3).integers(0, 256, (height // 5 + 1, width // 5 + 1, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


PICTURES = {size: picture(*size) for size in SIZES}


@given(
    size=st.sampled_from(SIZES),
    scale=st.sampled_from([0.5, 2 / 3, 0.8, 1.0, 1.25, 1.5]),
    left=st.floats(0, 0.95),
    top=st.floats(0, 0.95),
    share=st.floats(0.01, 0.6),
)
@settings(max_examples=40, deadline=None)
def test_a_part_is_cut_from_the_whole(size, scale, left, top, share):
    image, (width, height) = PICTURES[size], size
    x0, y0 = int(left * width), int(top * height)
    region = x0, y0, min(width, x0 + 1 + int(share * width)), min(height, y0 + 1 + int(share * height))
    whole, part = view(image, scale, None), view(image, scale, region)
    assert whole.size == part.size == input_size(width, height, scale)
    (x, y), (rows, columns) = part.corner, part.image.shape[:2]
    there = whole.image[y : y + rows, x : x + columns]
    assert there.shape == part.image.shape
    assert np.abs(there.astype(int) - part.image).max() <= 1
    assert (there == part.image).mean() > 0.95
    # It holds the region, on the grid, in one of few sizes.
    across, down = whole.size[0] / width, whole.size[1] / height
    assert x <= region[0] * across
    assert y <= region[1] * down
    assert x + columns >= region[2] * across - 1e-6
    assert y + rows >= region[3] * down - 1e-6
    assert {x % STRIDE, y % STRIDE} == {0}
    assert columns // STRIDE in {*LENGTHS, whole.size[0] // STRIDE}
    assert rows // STRIDE in {*LENGTHS, whole.size[1] // STRIDE}


def test_a_face_is_found_in_a_part_where_the_whole_has_it():
    scene = picture(1280, 720) // 4 + 90
    scene[200:440, 500:700] = data.astronaut()[0:240, 125:325, ::-1]
    (detector,) = build([DetectorName.FACE_WIDE])
    whole, part = detector.detect(scene), detector.detect(scene, (480, 180, 720, 460))
    sure = whole.xyxy[whole.scores > 0.5]
    assert len(sure) == 1
    assert overlaps(sure, part.xyxy[part.scores > 0.5]).max() > 0.97


@pytest.mark.parametrize("rgb", [True, False])
def test_pixels_for_a_network(rgb):
    seen = view(PICTURES[333, 221][:, 5:], 1.0, None)
    pixels = seen.pixels(rgb=rgb)
    assert pixels.flags["C_CONTIGUOUS"]
    assert np.array_equal(pixels, seen.image[:, :, :: -1 if rgb else 1])
