"""Which frames are looked at: at the detector's pace, sooner in a fast picture, at once after a cut, and the last."""

import cv2
import numpy as np
import pytest

from vrijgave.domain.media import Colours
from vrijgave.domain.tracks import Detections, ModelInfo, SubjectKind
from vrijgave.media import Frame, Picture
from vrijgave.redaction.detectors import Pace
from vrijgave.redaction.scan import Scan
from vrijgave.redaction.tracking import TrackingSettings

WIDTH, HEIGHT = 480, 270


class Recorder:
    """Remembers the pictures in which it looked; finds nothing."""

    kind = SubjectKind.FACE
    parts = True
    pace = Pace(seconds=0.5)
    info = ModelInfo(name="recorder", sha256="0" * 64, parameters={})

    def __init__(self):
        self.pictures = []

    def detect(self, image, region=None):
        self.pictures.append(image)
        return Detections.empty()


def panorama(seed, width):
    coarse = np.random.default_rng(seed).integers(80, 150, (HEIGHT // 6, width // 6, 1), np.uint8).repeat(3, axis=2)
    return cv2.resize(coarse, (width, HEIGHT), interpolation=cv2.INTER_CUBIC)


def scanned(images):
    """Numbers of the pictures that were looked at whole, at 20 pictures a second."""
    recorder = Recorder()
    scan = Scan([recorder], TrackingSettings(rate=20), WIDTH, HEIGHT, len(images) - 1)
    looked = []
    for index, image in enumerate(images):
        picture = None if image is None else Picture.of_bgr(np.ascontiguousarray(image), Colours())
        before = len(recorder.pictures)
        scan.take(Frame(index, index, picture))
        if len(recorder.pictures) > before:
            looked.append(index)
    return looked, scan.findings()


def panned(step, count):
    scene = panorama(1, WIDTH + step * count)
    return [scene[:, step * i : step * i + WIDTH] for i in range(count)]


def test_a_slow_pan_is_looked_at_at_the_usual_pace_and_the_last_frame_too():
    looked, _found = scanned(panned(4, 25))
    assert looked == [0, 10, 20, 24]


def test_a_fast_pan_is_looked_at_more_often():
    looked, found = scanned(panned(20, 25))
    assert found.cuts == ()
    assert len(looked) >= 6


def test_a_new_scene_is_looked_at_in_its_first_frame():
    other = panorama(2, WIDTH) // 4
    looked, found = scanned([*panned(4, 7), *[other] * 4])
    assert found.cuts == (7,)
    assert 7 in looked


@pytest.mark.parametrize("lost", [0, 3, 9])
def test_a_frame_without_a_picture_is_told_and_stops_nothing(lost):
    images = panned(4, 10)
    images[lost] = None
    looked, found = scanned(images)
    assert found.unreadable == (lost,)
    assert looked
