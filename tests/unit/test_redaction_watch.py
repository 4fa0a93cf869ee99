"""What stands still is not looked at twice, and nothing that comes into a still picture is missed."""

import cv2
import numpy as np
import pytest
from skimage import data

from vrijgave.domain.tracks import Detections, SubjectKind
from vrijgave.redaction.detectors import FACTORIES, Cadence, DetectorName
from vrijgave.redaction.geometry import covered_shares, overlaps
from vrijgave.redaction.watch import Watch

RATE = 10.0
FACE = np.array([22, 22, 78, 92], np.float32)
"""Of the crop below."""


class Recorder:
    """Remembers where it was asked to look, and sees every bright square there."""

    kind = SubjectKind.FACE
    cadence = Cadence()

    def __init__(self):
        self.regions = []

    def detect(self, image, region=None):
        self.regions.append(region)
        x0, y0, x1, y1 = region or (0, 0, image.shape[1], image.shape[0])
        bright = (image[y0:y1, x0:x1, 0] > 140).astype(np.uint8)
        _count, _labels, found, _centres = cv2.connectedComponentsWithStats(bright)
        boxes = [(x + x0, y + y0, x + x0 + w, y + y0 + h) for x, y, w, h, _size in found[1:]]
        return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32))


@pytest.fixture
def scene():
    coarse = np.random.default_rng(11).integers(70, 120, (9, 16, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_LINEAR), np.uint8)


@pytest.fixture(scope="module")
def head():
    crop = data.astronaut()[0:240, 125:325, ::-1]
    return np.ascontiguousarray(cv2.resize(crop, (100, 120), interpolation=cv2.INTER_AREA))


def with_square(scene, x, y, size=24, level=200):
    image = scene.copy()
    image[y : y + size, x : x + size] = level
    return image


def test_a_picture_that_stands_still_is_looked_at_once(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    noise = np.random.default_rng(2)
    for frame in range(15):
        noisy = with_square(scene, 200, 100) + noise.normal(0, 3, scene.shape)
        seen = watch.look(frame, np.clip(noisy, 0, 255).astype(np.uint8))
        assert len(seen) == 1
    assert recorder.regions == [None]


def test_the_whole_picture_is_looked_at_again_after_two_seconds(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    for frame in range(41):
        watch.look(frame, scene)
    assert recorder.regions == [None, None, None]


def test_only_what_changed_is_looked_at_and_the_rest_stays_known(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    before = with_square(scene, 40, 40)
    watch.look(0, before)
    seen = watch.look(1, with_square(before, 500, 250))
    assert sorted(seen.xyxy[:, 0].tolist()) == [40, 500]
    _whole, (x0, y0, x1, y1) = recorder.regions
    assert x0 <= 500 - 24
    assert y0 <= 250 - 24
    assert x1 >= 524 + 24
    assert y1 >= 274 + 24
    assert (x1 - x0) * (y1 - y0) < 0.2 * 640 * 360


def test_text_is_always_read_in_the_whole_picture(scene):
    recorder = Recorder()
    recorder.kind = SubjectKind.PLATE
    watch = Watch(recorder, RATE)
    for frame, x in enumerate((100, 104, 108)):
        watch.look(frame, with_square(scene, x, 100))
    assert recorder.regions == [None] * 3


def test_what_went_away_is_no_longer_known(scene):
    watch = Watch(Recorder(), RATE)
    watch.look(0, with_square(with_square(scene, 40, 40), 500, 250))
    assert watch.look(1, with_square(scene, 500, 250)).xyxy[:, 0].tolist() == [500]


def test_a_subject_that_moves_a_little_is_looked_at_whole(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    watch.look(0, with_square(scene, 200, 100, size=90))
    seen = watch.look(1, with_square(scene, 203, 100, size=90))
    assert seen.xyxy.tolist() == [[203, 100, 293, 190]]
    assert recorder.regions[1] is not None


def test_what_comes_up_slowly_is_seen(scene):
    watch = Watch(Recorder(), 1000.0)
    grown = scene.astype(np.float32)
    square = with_square(scene, 300, 150, level=200).astype(np.float32)
    seen = [len(watch.look(i, (grown + (square - grown) * i / 60).astype(np.uint8))) for i in range(61)]
    assert seen[0] == 0
    assert seen[-1] == 1


def test_a_change_all_over_is_looked_at_as_a_whole(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    watch.look(0, scene)
    watch.look(1, np.roll(scene, 40, axis=1))
    assert recorder.regions == [None, None]


@pytest.mark.parametrize("name", [DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
def test_a_face_that_comes_into_a_still_picture_is_found_at_once(name, scene, head):
    detector = FACTORIES[name]()
    watch = Watch(detector, RATE)
    looked = []
    real, detector.detect = detector.detect, lambda image, region=None: looked.append(region) or real(image, region)
    assert len(watch.look(0, scene)) == 0
    image = scene.copy()
    image[200:320, 300:400] = head
    seen = watch.look(1, image)
    sure = seen.xyxy[seen.scores > 0.5]
    assert len(sure) == 1
    assert covered_shares(sure, FACE[None] + np.array([300, 200, 300, 200], np.float32))[0, 0] > 0.8
    assert looked[0] is None
    assert looked[1] is not None


@pytest.mark.parametrize("name", [DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
def test_a_part_gives_what_the_whole_gives_there(name, scene, head):
    detector = FACTORIES[name]()
    image = scene.copy()
    image[60:180, 420:520] = head
    whole, part = detector.detect(image), detector.detect(image, (360, 10, 580, 240))
    best, best_of_part = (d.xyxy[[int(np.argmax(d.scores))]] for d in (whole, part))
    assert overlaps(best, best_of_part)[0, 0] > 0.9


def test_a_plate_in_a_part_is_found_where_it_is():
    image = np.full((360, 640, 3), 110, np.uint8)
    cv2.rectangle(image, (250, 200), (344, 222), (235, 235, 235), cv2.FILLED)
    cv2.putText(image, "GK-123-B", (254, 217), cv2.FONT_HERSHEY_SIMPLEX, 0.58, (20, 20, 20), 2, cv2.LINE_AA)
    found = FACTORIES[DetectorName.TEXT]().detect(image, (200, 150, 400, 280))
    assert covered_shares(np.array([[250, 200, 344, 222]], np.float32), found.xyxy).max() > 0.95
