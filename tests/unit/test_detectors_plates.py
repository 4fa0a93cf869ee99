"""Our own plate detector, run with a tiny network in the place of the trained one: it finds what is painted red."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from tiny_networks import write_cells

from vrijgave.domain.media import Colours
from vrijgave.domain.tracks import SubjectKind
from vrijgave.errors import ActionRequired
from vrijgave.media import Picture
from vrijgave.redaction.detectors import FACTORIES, DetectorName, Inference, Pace, plates
from vrijgave.redaction.detectors.base import STANDS_ALONE
from vrijgave.redaction.detectors.engines import available
from vrijgave.redaction.detectors.models import take_pictures
from vrijgave.redaction.detectors.plates import PlateDetector, PlateSettings
from vrijgave.redaction.geometry import covered_shares
from vrijgave.redaction.sight import Sight
from vrijgave.redaction.watch import Watch
from vrijgave.settings import Engine

WIDTH, HEIGHT = 640, 384
SIDES = (20.0, 6.0, 24.0, 8.0)
AS_IT_IS = PlateSettings(threshold=0.3, pixels=WIDTH * HEIGHT, enlarge=1.0, widen=0.0, rim=0.0)


@dataclass(frozen=True)
class Network:
    """A file in the place of the trained one."""

    path: Path
    sha256: str
    name: str = "plates"

    def load(self) -> bytes:
        model = onnx.load(self.path)
        take_pictures(model.graph, mean=0, scale=1)
        return model.SerializeToString()


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Puts a network with the given sides in the place of the trained one."""

    def put(sides=SIDES):
        path = tmp_path / f"plates{len(list(tmp_path.iterdir()))}.onnx"
        network = Network(path, write_cells(path, sides))
        monkeypatch.setattr(plates, "MODEL", network)
        return network

    put()
    return put


def scene(*marks, size=4):
    """A plain picture with red squares whose left top corners are given."""
    image = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for x, y in marks:
        cv2.rectangle(image, (x, y), (x + size - 1, y + size - 1), (0, 0, 255), cv2.FILLED)
    return image


def box(x, y, scale=1):
    """The box that belongs to a mark of one cell of a look at 1 / ``scale``."""
    cx, cy = x + 2 * scale, y + 2 * scale
    return [cx - 20 * scale, cy - 6 * scale, cx + 24 * scale, cy + 8 * scale]


def test_a_plate_is_found_where_it_is(trained):
    found = PlateDetector(AS_IT_IS).detect(scene((100, 80)))
    assert found.xyxy.tolist() == [box(100, 80)]
    assert found.scores.tolist() == [1]
    assert PlateDetector.kind is SubjectKind.PLATE


def test_a_picture_without_plates_gives_none(trained):
    found = PlateDetector().detect(scene())
    assert (found.xyxy.shape, found.xyxy.dtype, found.scores.shape) == ((0, 4), np.float32, (0,))


@pytest.mark.parametrize("other", [(100, 96), (148, 80), (132, 88)], ids=["below", "beside", "across"])
def test_a_second_plate_close_by_is_found_too(trained, other):
    found = PlateDetector(AS_IT_IS).detect(scene((100, 80), other))
    assert sorted(found.xyxy.tolist()) == sorted([box(100, 80), box(*other)])


@pytest.mark.parametrize("scale", [2, 4])
def test_a_plate_too_wide_for_the_first_look_is_covered_whole(trained, scale):
    twice = cv2.resize(scene((192, 160), size=2 * scale), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    found = PlateDetector(replace(AS_IT_IS, pixels=4 * WIDTH * HEIGHT)).detect(twice)
    assert covered_shares(np.array([box(384, 320, scale)], np.float32), found.xyxy).max() == 1


def test_of_two_looks_at_one_plate_the_larger_box_is_covered(trained):
    """The closer look may see but a part of a wide plate, and be as sure of it."""
    trained((20.0, 10.0, 20.0, 10.0))
    found = PlateDetector(replace(AS_IT_IS, scales=(1.0, 0.75))).detect(scene((160, 160), size=8))
    assert covered_shares(np.array([[136, 150, 189, 176]], np.float32), found.xyxy).max() == 1


def test_the_box_is_widened_by_a_share_and_a_rim(trained):
    settings = replace(AS_IT_IS, widen=0.1, rim=2.0)
    found = PlateDetector(settings).detect(scene((100, 80)))
    x0, y0, x1, y1 = box(100, 80)
    assert np.allclose(found.xyxy, [[x0 - 6.4, y0 - 3.4, x1 + 6.4, y1 + 3.4]])


def test_boxes_stay_in_the_picture(trained):
    found = PlateDetector(AS_IT_IS).detect(scene((0, 0), (WIDTH - 4, HEIGHT - 4)))
    assert len(found) == 2
    assert found.xyxy.min() == 0
    assert found.xyxy[:, 2].max() == WIDTH
    assert found.xyxy[:, 3].max() == HEIGHT


def test_a_part_of_a_picture_gives_what_the_whole_gives_there(trained):
    detector = PlateDetector(AS_IT_IS)
    image = scene((100, 80), (400, 200))
    part = detector.detect(image, (340, 150, 480, 250))
    assert part.xyxy.tolist() == [box(400, 200)]
    assert detector.parts


def test_a_plate_that_comes_into_a_still_picture_is_looked_for_there(trained):
    detector = PlateDetector(AS_IT_IS)
    looked = []
    real, detector.detect = detector.detect, lambda image, region=None: looked.append(region) or real(image, region)
    watch = Watch(detector, 20.0)
    for frame, image in enumerate((scene(), scene((400, 200), size=8))):
        seen = watch.look(frame, Sight(Picture.of_bgr(image, Colours())))
    assert looked[0] is None
    assert looked[1] is not None
    assert covered_shares(np.array([[404, 204, 405, 205]], np.float32), seen.xyxy).max() == 1


def test_small_pictures_are_enlarged_and_huge_ones_shrunk(trained):
    detector = PlateDetector(PlateSettings(pixels=1280 * 736, enlarge=2.0, largest=2560 * 1472))
    assert detector.scale(320, 180) == 2.0
    assert detector.scale(1920, 1080) == 1.0
    assert detector.scale(3840, 2208) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("width", "looks"), [(1280, [1280, 640, 320]), (640, [1280, 640, 320]), (352, [704, 352])])
def test_a_picture_is_not_shrunk_to_where_it_would_be_a_plate_itself(trained, width, looks):
    detector, seen = PlateDetector(PlateSettings(pixels=1280 * 736)), []
    real = detector._network
    detector._network = lambda pixels: seen.append(pixels.shape[1]) or real(pixels)
    detector.detect(np.full((width * 9 // 16, width, 3), 90, np.uint8))
    assert seen == looks


def test_the_second_look_is_at_another_scale_surer_and_half_as_often(trained):
    first = PlateDetector(replace(AS_IT_IS, pace=Pace(seconds=0.2)))
    second = first.second_look()
    assert second.info.parameters["shrink"] == 0.8
    assert second.info.parameters["threshold"] == first.info.parameters["sure"] > first.info.parameters["threshold"]
    assert second.pace.seconds == 0.4
    assert second._network is first._network
    assert len(second.detect(scene((160, 160), size=10))) > 0


def test_a_score_that_is_sure_stands_on_its_own(trained):
    weak, strong = (scene((100, 80)) for _ in range(2))
    weak[80:84, 100:104, 2], strong[80:84, 100:104, 2] = 110, 160
    settings = replace(AS_IT_IS, sure=0.5, threshold=0.3)
    (low,), (high,) = (PlateDetector(settings).detect(image).scores for image in (weak, strong))
    assert low < STANDS_ALONE[SubjectKind.PLATE] < high


@pytest.mark.parametrize("engine", [e for e in available() if e is not Engine.CUDA])
def test_every_engine_finds_it_and_rests(trained, engine):
    detector = PlateDetector(AS_IT_IS, Inference(engine=engine))
    detector.rest()
    assert detector.detect(scene((100, 80))).xyxy.tolist() == [box(100, 80)]


def test_answers_that_are_no_numbers_are_refused(trained):
    trained((float("nan"), 6.0, 24.0, 8.0))
    with pytest.raises(ActionRequired, match=r"plates cannot be used.*no numbers"):
        PlateDetector(AS_IT_IS).detect(scene((100, 80)))


def test_close_and_wide_looks_take_turns_and_leave_no_scale_out(trained):
    close, wide = (FACTORIES[name]() for name in (DetectorName.PLATE_CLOSE, DetectorName.PLATE_WIDE))
    assert close.info.sha256 == wide.info.sha256 == plates.MODEL.sha256
    assert close.pace.seconds == wide.pace.seconds > 0
    assert wide.pace.phase == close.pace.phase + 0.5
    assert close._settings.scales + wide._settings.scales == PlateSettings().scales


def test_its_file_is_looked_for_in_our_own_package():
    model = plates.Model(name="x", package="vrijgave", file="redaction/detectors/weights/absent.onnx", sha256="0" * 64,
                         outputs=2)  # fmt: skip
    with pytest.raises(ActionRequired, match=r"absent\.onnx.*vrijgave"):
        model.load()
