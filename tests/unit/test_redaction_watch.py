"""What stands still is not looked at twice, and nothing that comes into a still picture is missed."""

import cv2
import numpy as np
import pytest
from skimage import data

from vrijgave.domain.media import Colours
from vrijgave.domain.tracks import Detections, SubjectKind
from vrijgave.media import Picture
from vrijgave.redaction.detectors import FACTORIES, DetectorName, Pace
from vrijgave.redaction.geometry import covered_shares, overlaps
from vrijgave.redaction.sight import Sight
from vrijgave.redaction.watch import Watch, detections

RATE = 20.0
FACE = np.array([22, 22, 78, 92], np.float32)
"""Of the crop below."""


class Recorder:
    """Remembers where it was asked to look, and sees every bright square there."""

    kind = SubjectKind.FACE
    parts = True
    pace = Pace()

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


def sight(image):
    return Sight(Picture.of_bgr(np.ascontiguousarray(image), Colours()))


def near(found, *left):
    return np.allclose(sorted(found.xyxy[:, 0].tolist()), left, atol=2)


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
        seen = watch.look(frame, sight(np.clip(noisy, 0, 255).astype(np.uint8)))
        assert len(seen) == 1
    assert recorder.regions == [None]


def test_the_whole_picture_is_looked_at_again_after_two_seconds(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    for frame in range(81):
        watch.look(frame, sight(scene))
    assert recorder.regions == [None, None, None]


def test_only_what_changed_is_looked_at_and_the_rest_stays_known(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    before = with_square(scene, 40, 40)
    watch.look(0, sight(before))
    seen = watch.look(1, sight(with_square(before, 500, 250)))
    assert near(seen, 40, 500)
    _whole, (x0, y0, x1, y1) = recorder.regions
    assert x0 <= 500 - 24
    assert y0 <= 250 - 24
    assert x1 >= 524 + 24
    assert y1 >= 274 + 24
    assert (x1 - x0) * (y1 - y0) < 0.2 * 640 * 360


def test_a_detector_that_reads_no_parts_is_always_given_the_whole_picture(scene):
    recorder = Recorder()
    recorder.parts = False
    watch = Watch(recorder, RATE)
    for frame, x in enumerate((100, 104, 108)):
        watch.look(frame, sight(with_square(scene, x, 100)))
    assert recorder.regions == [None] * 3


def test_what_went_away_is_no_longer_known(scene):
    watch = Watch(Recorder(), RATE)
    watch.look(0, sight(with_square(with_square(scene, 40, 40), 500, 250)))
    assert near(watch.look(1, sight(with_square(scene, 500, 250))), 500)


def test_a_subject_that_moves_a_little_is_looked_at_whole(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    watch.look(0, sight(with_square(scene, 200, 100, size=90)))
    seen = watch.look(1, sight(with_square(scene, 204, 100, size=90)))
    assert np.allclose(seen.xyxy, [[204, 100, 294, 190]], atol=2)
    assert recorder.regions[1] is not None


def test_what_comes_up_slowly_is_seen(scene):
    watch = Watch(Recorder(), 1000.0)
    grown = scene.astype(np.float32)
    square = with_square(scene, 300, 150, level=200).astype(np.float32)
    seen = [len(watch.look(i, sight((grown + (square - grown) * i / 60).astype(np.uint8)))) for i in range(61)]
    assert seen[0] == 0
    assert seen[-1] == 1


def test_a_change_all_over_is_looked_at_as_a_whole(scene):
    recorder = Recorder()
    watch = Watch(recorder, RATE)
    watch.look(0, sight(scene))
    watch.look(1, sight(np.roll(scene, 40, axis=1)))
    assert recorder.regions == [None, None]


class Slow(Recorder):
    """Looks at a picture that changes all over twice a second."""

    def __init__(self, phase=0.0):
        super().__init__()
        self.pace = Pace(seconds=0.5, phase=phase)


def moved(scene, frame):
    return np.roll(scene, 40 * frame, axis=1)


def looked_in(watch, pictures, hurry=1.0):
    return [i for i, image in enumerate(pictures) if watch.look(i, sight(image), hurry) is not None]


def test_a_picture_that_changes_all_over_is_looked_at_at_the_pace_of_the_detector(scene):
    assert looked_in(Watch(Slow(), RATE), [moved(scene, i) for i in range(25)]) == [0, 10, 20]


def test_those_who_look_for_the_same_take_turns(scene):
    assert looked_in(Watch(Slow(phase=0.5), RATE), [moved(scene, i) for i in range(25)]) == [5, 15]


def test_in_a_hurry_it_is_looked_at_more_often(scene):
    assert looked_in(Watch(Slow(), RATE), [moved(scene, i) for i in range(25)], hurry=2.0) == [0, 5, 10, 15, 20]


def test_a_small_change_is_looked_at_sooner_than_a_large_one(scene):
    still, small, large = scene, with_square(scene, 300, 150, 24), with_square(scene, 200, 60, 200)
    soon = looked_in(Watch(Slow(), RATE), [still, *[small] * 14])
    late = looked_in(Watch(Slow(), RATE), [still, *[large] * 14])
    assert soon[1] <= 3 < late[1]


def test_of_slow_footage_more_of_the_frames_are_looked_at(scene):
    assert looked_in(Watch(Slow(), 10.0), [moved(scene, i) for i in range(8)]) == [0, 2, 4, 6]


def test_after_a_cut_the_picture_is_looked_at_at_once(scene):
    recorder = Slow()
    watch = Watch(recorder, RATE)
    watch.look(0, sight(scene))
    watch.forget()
    assert watch.look(1, sight(moved(scene, 1))) is not None
    assert recorder.regions == [None, None]


def test_a_kind_that_nobody_looks_for_in_a_frame_is_not_in_the_answer(scene):
    watches = [Watch(Slow(), RATE), Watch(Recorder(), RATE)]
    watches[1]._detector.kind = SubjectKind.PLATE
    assert set(detections(watches, 0, sight(scene))) == {SubjectKind.FACE, SubjectKind.PLATE}
    assert set(detections(watches, 1, sight(moved(scene, 1)))) == {SubjectKind.PLATE}


@pytest.mark.parametrize("name", [DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
def test_a_face_that_comes_into_a_still_picture_is_found_at_once(name, scene, head):
    detector = FACTORIES[name]()
    watch = Watch(detector, RATE)
    looked = []
    real, detector.detect = detector.detect, lambda image, region=None: looked.append(region) or real(image, region)
    watch.forget()
    assert all(not watch.look(frame, sight(scene)) for frame in range(10))
    image = scene.copy()
    image[200:320, 300:400] = head
    seen = watch.look(12, sight(image))
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


def test_text_is_read_in_no_parts():
    assert not FACTORIES[DetectorName.TEXT]().parts


def test_a_plate_in_a_part_is_found_where_it_is():
    image = np.full((360, 640, 3), 110, np.uint8)
    cv2.rectangle(image, (250, 200), (344, 222), (235, 235, 235), cv2.FILLED)
    cv2.putText(image, "GK-123-B", (254, 217), cv2.FONT_HERSHEY_SIMPLEX, 0.58, (20, 20, 20), 2, cv2.LINE_AA)
    found = FACTORIES[DetectorName.TEXT]().detect(image, (200, 150, 400, 280))
    assert covered_shares(np.array([[250, 200, 344, 222]], np.float32), found.xyxy).max() > 0.95
