"""Networks in 8-bit integers: they say what float32 says, really are in integers, and are refused without gain."""

import cv2
import numpy as np
import openvino
import pytest
from openvino import opset13
from skimage import data

from benchmarks.ranges import measure
from vrijgave.errors import ActionRequired
from vrijgave.redaction.detectors import DetectorName, build, engines
from vrijgave.redaction.detectors.centerface import MODEL
from vrijgave.redaction.detectors.engines import Inference, load, openvino_precisions
from vrijgave.redaction.detectors.integers import Range, Ranges, inputs_of_convolutions, put_in_integers
from vrijgave.redaction.geometry import overlaps
from vrijgave.settings import Engine, Precision

RANGES = Ranges.load(MODEL.name)
REFERENCE = Inference(engine=Engine.ONNXRUNTIME)


def face_network():
    return openvino.Core().read_model(MODEL.load())


def faces_in_a_room():
    """Two heads, the smaller one 30 px wide, before a photograph."""
    scene = cv2.resize(data.coffee()[..., ::-1], (640, 384))
    for width, left in ((160, 60), (50, 420)):
        head = data.astronaut()[0:240, 110:340, ::-1]
        scene[100 : 100 + width, left : left + width] = cv2.resize(head, (width, width), interpolation=cv2.INTER_AREA)
    return scene


def outputs(model, given):
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    return openvino.Core().compile_model(model, "CPU", settings)({0: given}).to_tuple()


def test_the_file_names_what_every_convolution_of_the_model_reads():
    read = inputs_of_convolutions(face_network())
    assert list(RANGES.tensors) == list(read)
    for name, readers in read.items():
        assert len(RANGES.tensors[name].greatest) == readers[0].input(0).get_partial_shape()[1].get_length()


def test_what_is_measured_in_a_picture_lies_within_what_the_file_says():
    found = measure(MODEL, iter([faces_in_a_room()[..., ::-1]]))
    assert [name for name in found if found[name].signed and not RANGES.tensors[name].signed] == []
    shares = [np.mean(found[name].greatest <= RANGES.tensors[name].greatest * 1.01) for name in found]
    assert min(shares) > 0.95
    assert found["input.1"].greatest.max() <= 255


def test_faces_are_found_as_by_the_reference():
    scene = faces_in_a_room()
    (reference,) = build([DetectorName.FACE_WIDE], REFERENCE)
    (detector,) = build([DetectorName.FACE_WIDE])
    expected, found = reference.detect(scene), detector.detect(scene)
    sure = expected.xyxy[expected.scores > 0.4]
    assert len(sure) == 2
    assert overlaps(sure, found.xyxy[found.scores > 0.4]).max(axis=1).min() > 0.85


def test_where_the_processor_gains_by_it_every_convolution_is_computed_in_integers():
    wanted = Inference(engine=Engine.OPENVINO, precision=Precision.INT8)
    if Precision.INT8 not in openvino_precisions():
        with pytest.raises(ActionRequired, match="VNNI"):
            load(MODEL, wanted)
        return
    network = load(MODEL, wanted)
    assert network.parameters["ranges"] == RANGES.sha256
    assert load(MODEL, Inference(engine=Engine.OPENVINO)).parameters == network.parameters
    steps = [step.get_rt_info() for step in network._compile().get_runtime_model().get_ops()]
    ways = [str(s["primitiveType"].value) for s in steps if "onvolution" in str(s["layerType"].value)]
    assert len(ways) == 62
    assert [way for way in ways if not way.lower().endswith("_i8")] == []


def test_a_processor_without_vnni_takes_the_next_best(tmp_path, monkeypatch):
    (tmp_path / "cpuinfo").write_text("flags : avx2 avx512f\n")
    monkeypatch.setattr(engines, "PROCESSOR", tmp_path / "cpuinfo")
    there = openvino_precisions()
    openvino_precisions.cache_clear()
    try:
        assert openvino_precisions() == tuple(p for p in there if p is not Precision.INT8)
        content = MODEL.load()
        told = engines.OpenVino(content, RANGES, Precision.AUTO, 1).parameters
        assert told["precision"] == openvino_precisions()[0]
        assert "ranges" not in told
        with pytest.raises(ActionRequired, match=r"int8.*VNNI"):
            engines.OpenVino(content, RANGES, Precision.INT8, 1)
    finally:
        openvino_precisions.cache_clear()


@pytest.mark.parametrize("precision", [Precision.INT8, Precision.BF16])
def test_the_reference_engine_has_float32_only(precision):
    with pytest.raises(ActionRequired, match=precision):
        load(MODEL, Inference(engine=Engine.ONNXRUNTIME, precision=precision))


@pytest.mark.parametrize("named", [("x", "a", "b", "c"), ("a", "c")])
def test_a_plain_network_can_be_put_in_integers_in_whole_or_in_part(named):
    """3×3 convolutions, channels of unequal strength, a residual and a transposed convolution."""
    rng = np.random.default_rng(3)
    given = rng.uniform(-1, 1, (1, 8, 24, 32)).astype(np.float32)
    expected = outputs(plain_network(), given)
    tensors = {
        name: Range(np.abs(value).max(axis=(0, 2, 3)), bool(value.min() < 0))
        for name, value in zip(("a", "b", "c"), expected[1:], strict=True)
    }
    tensors["x"] = Range(np.ones(8, np.float32), signed=True)
    model = plain_network()
    put_in_integers(model, Ranges({name: tensors[name] for name in named}, sha256=""))
    rounded = [op for op in model.get_ops() if op.get_type_name() == "FakeQuantize"]
    assert len(rounded) == 2 * len(named)
    found = outputs(model, given)[0]
    assert 0 < np.abs(found - expected[0]).max() < 0.05 * np.abs(expected[0]).max()
    assert np.corrcoef(found.ravel(), expected[0].ravel())[0, 1] > 0.9995


def plain_network():
    """Input ``x``; outputs: the last convolution, and what the others read."""
    rng = np.random.default_rng(4)

    def weights(*shape):
        unequal = np.exp(rng.normal(0, 1, shape[1])).astype(np.float32).reshape(1, -1, *[1] * (len(shape) - 2))
        return opset13.constant((rng.normal(0, 0.2, shape) * unequal).astype(np.float32))

    def convolved(source, made, read):
        beside = ([1, 1], [1, 1], [1, 1], [1, 1])
        return opset13.convolution(source, weights(made, read, 3, 3), *beside)

    x = opset13.parameter([-1, 8, -1, -1], openvino.Type.f32, name="x")
    a = opset13.relu(convolved(x, 16, 8))
    b = opset13.add(convolved(a, 16, 16), a)
    c = opset13.relu(convolved(b, 12, 16))
    up = opset13.convolution_backprop_data(
        c, weights(12, 4, 2, 2), [2, 2], output_shape=None, pads_begin=[0, 0], pads_end=[0, 0], dilations=[1, 1]
    )
    for node, name in ((x, "x"), (a, "a"), (b, "b"), (c, "c")):
        node.output(0).set_names({name})
    return openvino.Model([opset13.result(node) for node in (up, a, b, c)], [x], "plain")


def test_grey_levels_stay_what_they_are():
    model = face_network()
    put_in_integers(model, RANGES)
    (rounding,) = [
        op
        for op in model.get_ops()
        if op.get_type_name() == "FakeQuantize" and op.input_value(0).get_node().get_type_name() == "Convert"
    ]
    ends = [float(rounding.input_value(i).get_node().data.ravel()[0]) for i in range(1, 5)]
    assert ends == [0, 255, 0, 255]
    assert {rounding.input_value(i).get_node().data.size for i in range(1, 5)} == {1}


def test_weak_channels_keep_their_levels_where_each_is_for_itself():
    strength = np.array([0.05, 0.2, 1, 2], np.float32)
    given = np.random.default_rng(6).uniform(0, 1, (1, 4, 20, 20)).astype(np.float32) * strength.reshape(1, 4, 1, 1)
    weights = np.random.default_rng(7).normal(0, 1, (4, 1, 1, 3, 3)).astype(np.float32)

    def depthwise():
        x = opset13.parameter([1, 4, 20, 20], openvino.Type.f32)
        read = opset13.relu(x)
        read.output(0).set_names({"read"})
        made = opset13.group_convolution(read, opset13.constant(weights), [1, 1], [0, 0], [0, 0], [1, 1])
        return openvino.Model([made], [x])

    model = depthwise()
    put_in_integers(model, Ranges({"read": Range(strength, signed=False)}, sha256=""))
    expected, found = outputs(depthwise(), given)[0], outputs(model, given)[0]
    off = np.abs(found - expected).max(axis=(0, 2, 3)) / np.abs(expected).max(axis=(0, 2, 3))
    assert off.max() < 0.02
