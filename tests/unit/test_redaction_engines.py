"""Engines: each gives what the reference gives, the same every time, in bounded memory; what is not there says so."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from clips import Clip
from pydantic import ValidationError
from skimage import data

from vrijgave.errors import ActionRequired
from vrijgave.machine import detectors
from vrijgave.redaction.analysis import analyse
from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.detectors.centerface import MODEL
from vrijgave.redaction.detectors.engines import Inference, available, chosen, load, openvino_precisions
from vrijgave.redaction.geometry import overlaps
from vrijgave.settings import Engine, Precision, Settings

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = Inference(engine=Engine.ONNXRUNTIME)
MIB = 2**20
TOLERANCES = {"f32": 1e-4, "bf16": 0.06, "int8, bf16": 0.12, "int8, f32": 0.12}
"""How far the heat may be from the reference's, by what tells how a network is computed."""


def ways():
    """Every way to run a network on this machine."""
    on_openvino = (Inference(engine=Engine.OPENVINO, precision=precision) for precision in openvino_precisions())
    others = (Inference(engine=engine) for engine in available() if engine is not Engine.OPENVINO)
    return [*on_openvino, *others]


def name_of(inference):
    return f"{inference.engine}-{inference.precision}"


def picture(width, height):
    """A head, BGR."""
    return cv2.resize(data.astronaut()[:200, 100:320, ::-1], (width, height), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A head that moves through a plain scene and one that stands still."""
    head = cv2.resize(data.astronaut()[0:240, 125:325, ::-1], (100, 120), interpolation=cv2.INTER_AREA)
    coarse = np.random.default_rng(4).integers(70, 150, (9, 16, 3), np.uint8)
    scene = cv2.resize(coarse, (416, 240), interpolation=cv2.INTER_CUBIC)

    def drawn(frame):
        image = scene.copy()
        image[100:220, 10:110] = head
        image[60 + frame : 180 + frame, 300 - 8 * frame : 400 - 8 * frame] = head[:, ::-1]
        return image

    path = tmp_path_factory.mktemp("clip") / "heads.mp4"
    return Clip(pts=tuple(range(20)), size=(416, 240)).write(path, (drawn(frame) for frame in range(20)))


def tracks(clip, inference):
    faces = build([DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE], inference)
    return sorted(analyse(clip, faces).tracks, key=lambda track: float(track.xyxy[0, 0]))


def test_this_machine_has_the_reference_and_openvino():
    assert {Engine.OPENVINO, Engine.ONNXRUNTIME} <= set(available())
    assert chosen(Engine.AUTO) is available()[0] is not Engine.ONNXRUNTIME


@pytest.mark.parametrize("inference", ways(), ids=name_of)
def test_the_same_subjects_are_followed_as_by_the_reference(inference, clip):
    expected, found = tracks(clip, REFERENCE), tracks(clip, inference)
    assert len(found) == len(expected) >= 2
    for mine, theirs in zip(found, expected, strict=True):
        assert (mine.first, mine.last) == (theirs.first, theirs.last)
        assert np.diag(overlaps(mine.xyxy, theirs.xyxy)).min() > 0.9
        assert np.abs(mine.scores - theirs.scores).max() < 0.05


@pytest.mark.parametrize("inference", ways(), ids=name_of)
def test_what_a_network_says_is_what_the_reference_says(inference):
    network = load(MODEL, inference)
    tolerance = TOLERANCES[network.parameters["precision"]]
    expected, found = load(MODEL, REFERENCE)(picture(256, 192)), network(picture(256, 192))
    assert [part.shape for part in found] == [(1, 1, 48, 64), (1, 2, 48, 64), (1, 2, 48, 64)]
    assert float(expected[0].max()) > 0.5
    assert np.abs(found[0] - expected[0]).max() < tolerance


@pytest.mark.parametrize("inference", ways(), ids=name_of)
def test_many_threads_get_their_own_answers(inference):
    network = load(MODEL, inference)
    given = [picture(128 + 32 * (i % 3), 128) for i in range(12)]
    expected = [network(part) for part in given]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(network, given))
    for mine, theirs in zip(found, expected, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))


def answers():
    """For each way on the processor: the hash of all bits said of pictures of a few sizes, some of them seen before."""
    return [_answer(load(MODEL, way)) for way in ways() if way.engine is not Engine.CUDA]


def _answer(network):
    digest = hashlib.sha256()
    for width, height in ((640, 384), (256, 192), (640, 384), (128, 128), (256, 192)):
        for part in network(picture(width, height)):
            digest.update(part.tobytes())
    return digest.hexdigest()


def python(code, *arguments, **environment):
    """Runs ``code`` in a process of its own."""
    paths = ":".join(str(path) for path in (ROOT, ROOT / "tests", ROOT / "tests" / "unit"))
    variables = {**os.environ, "PYTHONPATH": paths, "VRIJGAVE_LANGUAGE": "en", **environment}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


ANSWERS = """
import os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[1])])
from test_redaction_engines import answers
print(*answers(), "openvino_telemetry" in sys.modules)
"""


@pytest.mark.parametrize("cores", ["1", "2"])
def test_every_run_gives_the_same_bits_on_any_number_of_cores_and_leaves_nothing_behind(cores, tmp_path):
    expected = answers()
    for way in ways():
        load(MODEL, way).rest()
    assert answers() == expected
    run = python(ANSWERS, cores, HOME=str(tmp_path), TMPDIR=str(tmp_path))
    assert (run.stdout.split(), run.stderr) == ([*expected, "False"], "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("inference", ways(), ids=name_of)
def test_many_sizes_take_little_memory_and_rest_gives_it_back(inference):
    network = load(MODEL, inference)
    network(picture(640, 384))
    network.rest()
    network(picture(512, 224))
    before = psutil.Process().memory_info().rss
    at_rest = []
    for _round in range(2):
        for width in range(64, 512, 32):
            for height in range(64, 224, 32):
                network(picture(width, height))
        assert psutil.Process().memory_info().rss - before < 220 * MIB
        network.rest()
        at_rest.append(psutil.Process().memory_info().rss)
    assert at_rest[0] - before < 120 * MIB
    assert at_rest[1] - at_rest[0] < 20 * MIB


@pytest.mark.parametrize("inference", ways(), ids=name_of)
def test_a_run_tells_what_ran_it_and_in_what_numbers(inference):
    (detector,) = build([DetectorName.FACE_WIDE], inference)
    told = detector.info.parameters
    package = "openvino" if inference.engine is Engine.OPENVINO else "onnxruntime"
    assert str(told["engine"]).startswith(f"{package} {version(package)}")
    wanted = Precision.F32 if inference.precision is Precision.AUTO else inference.precision
    assert str(told["precision"]).split(", ")[0] == wanted
    assert ("ranges" in told) == (wanted is Precision.INT8)
    assert detector.second_look().info.parameters["engine"] == told["engine"]


def test_detectors_that_run_alike_share_their_network():
    close, wide = build([DetectorName.FACE_CLOSE, DetectorName.FACE_WIDE])
    (other,) = build([DetectorName.FACE_CLOSE], REFERENCE)
    assert close._network is wide._network is close.second_look()._network
    assert other._network is not close._network


def test_the_settings_choose(monkeypatch):
    monkeypatch.setenv("VRIJGAVE_INFERENCE", "onnxruntime")
    assert all("onnxruntime" in str(d.info.parameters["engine"]) for d in detectors(Settings()))
    monkeypatch.setenv("VRIJGAVE_INFERENCE", "openvino")
    monkeypatch.setenv("VRIJGAVE_INFERENCE_PRECISION", "f32")
    assert all(d.info.parameters["precision"] == "f32" for d in detectors(Settings()))
    monkeypatch.setenv("VRIJGAVE_INFERENCE", "tensor-abacus")
    with pytest.raises(ValidationError, match="tensor-abacus"):
        Settings()


def test_without_openvino_the_reference_runs_and_asking_for_it_is_refused():
    run = python(
        "import sys; sys.modules['openvino'] = None\n"
        "from vrijgave.redaction.detectors.engines import chosen\n"
        "from vrijgave.settings import Engine\n"
        "print(chosen(Engine.AUTO))\n"
        "chosen(Engine.OPENVINO)",
        CUDA_VISIBLE_DEVICES="",
    )
    assert run.stdout.split() == ["onnxruntime"]
    assert "ActionRequired" in run.stderr
    assert "openvino" in run.stderr


def test_a_card_that_is_not_there_is_refused_with_what_to_install(tmp_path):
    code = "import sys; from vrijgave.cli import main; sys.exit(main(sys.argv[1:]))"
    run = python(
        code, "redact", str(tmp_path / "in.mp4"), str(tmp_path / "out.mp4"), CUDA_VISIBLE_DEVICES="",
        VRIJGAVE_INFERENCE="cuda",
    )  # fmt: skip
    assert run.returncode == ActionRequired.exit_code
    assert "onnxruntime-gpu" in run.stderr
