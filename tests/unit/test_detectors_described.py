"""Detectors of description files: every layout gives the same boxes, and whatever does not fit is refused in one
sentence."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from tiny_networks import Tiny, external, write_cells

from vrijgave.domain.tracks import Detections, SubjectKind
from vrijgave.errors import ActionRequired
from vrijgave.redaction.detectors import described
from vrijgave.redaction.detectors.base import STANDS_ALONE, united
from vrijgave.redaction.detectors.description import Boxes, Centre, Description, Input, Scores, read_description
from vrijgave.redaction.detectors.engines import Inference, available
from vrijgave.redaction.geometry import overlaps
from vrijgave.settings import Engine

TOP = """
name = "tiny"
kind = "face"
model = "models/tiny.onnx"
sha256 = "{sha256}"
"""
FIXED = "[input]\nsize = [256, 192]\ncolours = 'rgb'\nscale = 0.00392156862745098\n"
FREE = "[input]\nmultiple_of = 32\npixels = 60000\ncolours = 'rgb'\nscale = 0.00392156862745098\n"
CORNERS = (
    "[rows]\nboxes = {tensor='out', columns=5, form='xyxy', unit='pixels'}\nscores = {tensor='out', columns=5, at=4}"
)
PLAIN = Tiny({"out": ["x0", "y0", "x1", "y1", "score"]})

LAYOUTS = {
    "corners and score": (PLAIN, CORNERS),
    "columns first, a column for each class": (
        Tiny({"out": ["cx", "cy", "ex", "ey", "none", "score"]}, columns_first=True),
        "[rows]\n"
        "boxes = {tensor='out', columns=6, columns_first=true, form='cxcywh', unit='pixels'}\n"
        "scores = {tensor='out', columns=6, columns_first=true, at=4, classes=['car','face'], counting=['face']}",
    ),
    "objectness and classes": (
        Tiny({"out": ["cx", "cy", "ex", "ey", "score", "one", "none"]}),
        "[rows]\n"
        "boxes = {tensor='out', columns=7, form='cxcywh', unit='pixels'}\n"
        "scores = {tensor='out', columns=7, at=5, objectness_at=4, classes=['face','car'], counting=['face']}",
    ),
    "already suppressed, with the number of the class": (
        Tiny({"out": ["none", "one", "score", "x0", "y0", "x1", "y1"]}, flat=True),
        "[rows]\n"
        "boxes = {tensor='out', columns=7, at=3, form='xyxy', unit='pixels'}\n"
        "scores = {tensor='out', columns=7, at=2, class_at=1, classes=['car','face'], counting=['face']}",
    ),
    "two tensors, shares": (
        Tiny({"boxes": ["sx0", "sy0", "sx1", "sy1"], "scores": ["none", "score"]}),
        "[rows]\n"
        "boxes = {tensor='boxes', columns=4, form='xyxy', unit='shares'}\n"
        "scores = {tensor='scores', columns=2, at=1}",
    ),
    "two flat tensors, corner and extent": (
        Tiny({"boxes": ["x0", "y0", "ex", "ey"], "scores": ["score"]}, flat=True),
        "[rows]\n"
        "boxes = {tensor='boxes', columns=4, form='xywh', unit='pixels'}\n"
        "scores = {tensor='scores', columns=1, at=0}",
    ),
}  # fmt: skip
ODD_SIZES = [(333, 221), (640, 360), (97, 301)]


def given(folder: Path, network: Tiny, text: str) -> Path:
    """A description of ``network`` beside its model."""
    (folder / "models").mkdir(exist_ok=True)
    return described_as(folder, text, network.write(folder / "models" / "tiny.onnx"))


def described_as(folder: Path, text: str, sha256: str, top: str = TOP) -> Path:
    path = folder / "tiny.toml"
    path.write_text(top.replace("{sha256}", sha256) + text)
    return path


def detector(path: Path, inference: Inference | None = None):
    (one,) = described([path], inference or Inference())
    return one


def scene(width, height, box=None):
    image = np.full((height, width, 3), 90, np.uint8)
    if box:
        cv2.rectangle(image, box[:2], (box[2] - 1, box[3] - 1), (0, 0, 255), cv2.FILLED)
    return image


def marked(width, height):
    """A picture with one red square, and the square."""
    side = min(width, height) // 3
    box = (width // 2, height // 4, width // 2 + side, height // 4 + side)
    return scene(width, height, box), box


def assert_found(found, box, tolerance=2.5):
    assert len(found) == 1
    assert np.abs(found.xyxy[0] - box).max() <= tolerance, (found.xyxy, box)
    assert found.scores[0] == 1


@pytest.mark.parametrize("size", ODD_SIZES, ids=str)
@pytest.mark.parametrize("shape", [FIXED, FREE, FREE + "fit = 'stretch'\n"], ids=["fixed", "free", "stretched"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_marked_square_is_found_where_it_is(layout, shape, size, tmp_path):
    network, rows = LAYOUTS[layout]
    finder = detector(given(tmp_path, network, shape + rows))
    image, box = marked(*size)
    assert_found(finder.detect(image), box)
    assert_found(finder.second_look().detect(image), box, 3.5)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_picture_without_anything_gives_no_boxes(layout, tmp_path):
    network, rows = LAYOUTS[layout]
    found = detector(given(tmp_path, network, FIXED + rows)).detect(scene(333, 221))
    assert (found.xyxy.shape, found.xyxy.dtype, found.scores.shape) == ((0, 4), np.float32, (0,))


@pytest.mark.parametrize("engine", [e for e in available() if e is not Engine.CUDA])
def test_every_engine_runs_models_of_one_size_and_rests(engine, tmp_path):
    network = Tiny(PLAIN.tables, size=(256, 192))
    finder = detector(given(tmp_path, network, FIXED + CORNERS), Inference(engine=engine))
    image, box = marked(333, 221)
    for _time in range(2):
        assert_found(finder.detect(image), box)
        finder.rest()
    assert finder.info.parameters["precision"] == "f32"


def test_cells_are_decoded_as_our_own(tmp_path):
    (tmp_path / "models").mkdir()
    sha256 = write_cells(tmp_path / "models" / "tiny.onnx", (20, 6, 24, 8), rgb=True, levels=1.0)
    shape = FREE.replace("60000", "30720") + "enlarge = 1\n"
    finder = detector(described_as(tmp_path, shape + "[centre]\nheat='heat'\nsides='sides'", sha256))
    image = scene(192, 160, (100, 80, 104, 84))
    assert_found(finder.detect(image), (102 - 20, 82 - 6, 102 + 24, 82 + 8), 0.01)
    assert len(finder.detect(scene(192, 160))) == 0


def test_colours_and_levels_are_given_as_described(tmp_path):
    image, box = marked(256, 192)
    blue_first = Tiny(PLAIN.tables, rgb=False, levels=255.0)
    plain = "[input]\nsize = [256, 192]\ncolours = 'bgr'\nscale = 1.0\n"
    assert_found(detector(given(tmp_path, blue_first, plain + CORNERS)).detect(image), box)
    swapped = plain.replace("bgr", "rgb")
    assert len(detector(given(tmp_path, blue_first, swapped + CORNERS)).detect(image)) == 0
    each = "[input]\nsize = [256, 192]\ncolours = 'rgb'\nmean = [0, 10.0, 20]\nscale = [0.0039, 0.0039, 0.004]\n"
    seen = detector(given(tmp_path, PLAIN, each + CORNERS))
    assert_found(seen.detect(image), box)
    assert seen.info.parameters["input.mean"] == "[0.0, 10.0, 20.0]"


def test_classes_that_do_not_count_are_not_found(tmp_path):
    image, _box = marked(333, 221)
    for layout in ("columns first, a column for each class", "already suppressed, with the number of the class"):
        network, rows = LAYOUTS[layout]
        other = rows.replace("counting=['face']", "counting=['car']")
        assert len(detector(given(tmp_path, network, FIXED + other)).detect(image)) == 0


def test_the_box_is_widened_as_asked(tmp_path):
    image, (x0, y0, x1, y1) = marked(256, 192)
    path = given(tmp_path, PLAIN, FIXED + CORNERS)
    path.write_text("widen = 0.25\n" + path.read_text())
    side = (x1 - x0) * 0.25
    assert_found(detector(path).detect(image), (x0 - side, y0 - side, x1 + side, y1 + side), 1)


def test_a_score_that_is_sure_stands_on_its_own(tmp_path):
    image, _box = marked(333, 221)
    half = Tiny({"out": ["x0", "y0", "x1", "y1", "middling"]})
    path = given(tmp_path, half, FIXED + CORNERS)
    path.write_text("sure = 0.45\n" + path.read_text())
    (score,) = detector(path).detect(image).scores
    assert STANDS_ALONE[SubjectKind.FACE] < score < 0.5
    path.write_text(path.read_text().replace("sure = 0.45", "sure = 0.6"))
    (weak,) = detector(path).detect(image).scores
    assert weak < STANDS_ALONE[SubjectKind.FACE]
    assert len(detector(path).second_look().detect(image)) == 0


def test_the_record_holds_the_hash_and_the_whole_description_but_no_path(tmp_path):
    path = given(tmp_path, PLAIN, FIXED + CORNERS)
    info = detector(path).info
    assert info.name == "tiny"
    assert info.sha256 == read_description(path).sha256
    assert info.parameters["rows.boxes.form"] == "xyxy"
    assert info.parameters["threshold"] == 0.3
    assert not any(str(tmp_path) in str(value) for value in info.parameters.values())
    second = detector(path).second_look().info.parameters
    assert (second["shrink"], second["threshold"], second["seconds"]) == (0.8, 0.5, 0.4)


def test_the_model_lies_beside_its_description_wherever_that_is(tmp_path, monkeypatch):
    given(tmp_path, PLAIN, FIXED + CORNERS)
    shutil.move(tmp_path, tmp_path.with_name("elsewhere"))
    monkeypatch.chdir("/")
    assert len(described([tmp_path.with_name("elsewhere") / "tiny.toml"])) == 1


# What does not fit.

WRONG_ANSWERS = {
    "no numbers": (Tiny({"out": ["x0", "y0", "x1", "y1", "nan"]}), CORNERS, "no numbers"),
    "boxes that are no numbers": (Tiny({"out": ["nan", "y0", "x1", "y1", "score"]}), CORNERS, "no numbers"),
    "no output of that name": (Tiny({"other": PLAIN.tables["out"]}), CORNERS, "«out».*«other»"),
    "too few columns": (Tiny({"out": ["x0", "y0", "x1", "y1"]}), CORNERS, r"\(1, 3, 4\).*\(n, 5\)"),
    "columns come first": (Tiny(PLAIN.tables, columns_first=True), CORNERS, r"\(1, 5, 3\).*\(n, 5\)"),
    "scores that are none": (Tiny({"out": ["x0", "y0", "x1", "y1", "ex"]}), CORNERS, r"0\.\.1"),
    "shares for pixels": (Tiny({"out": ["sx0", "sy0", "sx1", "sy1", "score"]}), CORNERS, "less than a pixel"),
    "pixels for shares": (PLAIN, CORNERS.replace("pixels", "shares"), "far beside"),
    "extents for corners": (Tiny({"out": ["x0", "y0", "ex", "ey", "score"]}), CORNERS, "before it begins"),
    "a class without a name": (
        Tiny({"out": ["x0", "y0", "x1", "y1", "score", "one"]}),
        CORNERS.replace("columns=5", "columns=6").replace("at=4", "at=4, class_at=5, classes=['a'], counting=['a']"),
        "class",
    ),
    "a model of another size": (Tiny(PLAIN.tables, size=(320, 192)), CORNERS, "320×192 only"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG_ANSWERS)
def test_answers_that_cannot_be_are_refused(what, tmp_path):
    network, rows, reason = WRONG_ANSWERS[what]
    image, _box = marked(333, 221)
    with pytest.raises(ActionRequired, match=f"tiny.*{reason}") as error:
        detector(given(tmp_path, network, FIXED + rows)).detect(image)
    assert error.value.who == "administrator"
    assert "\n" not in str(error.value)


def test_cells_that_do_not_fit_are_refused(tmp_path):
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "tiny.onnx"
    image = scene(192, 160, (100, 80, 104, 84))
    for sides, cell, reason in (((20, 6, 24, 8), 8, "shape"), ((float("nan"), 6, 24, 8), 4, "no numbers")):
        text = FREE + f"[centre]\nheat='heat'\nsides='sides'\ncell={cell}"
        path = described_as(tmp_path, text, write_cells(model, sides, rgb=True, levels=1.0))
        with pytest.raises(ActionRequired, match=reason):
            detector(path).detect(image)


def test_a_model_that_is_another_one_or_missing_is_refused(tmp_path):
    path = given(tmp_path, PLAIN, FIXED + CORNERS)
    model = tmp_path / "models" / "tiny.onnx"
    model.write_bytes(model.read_bytes() + b"\n")
    with pytest.raises(ActionRequired, match=r"tiny\.onnx.*SHA-256"):
        detector(path)
    model.unlink()
    with pytest.raises(ActionRequired, match=r"tiny\.onnx.*cannot be read"):
        detector(path)


def test_a_model_that_is_none_or_not_whole_is_refused(tmp_path):
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "tiny.onnx"
    PLAIN.write(model)
    with pytest.raises(ActionRequired, match="other files"):
        detector(described_as(tmp_path, FIXED + CORNERS, external(model)))
    model.write_bytes(b"no network")
    with pytest.raises(ActionRequired, match="tiny cannot be used"):
        detector(described_as(tmp_path, FIXED + CORNERS, hashlib.sha256(b"no network").hexdigest()))


WHOLE = TOP.replace("{sha256}", "0" * 64) + FIXED + CORNERS
MISTAKES = [
    ("name = ", "nane = ", "name"),
    ('"tiny"', '"../tiny"', "name"),
    ('"face"', '"dog"', "kind"),
    ("0" * 64, "0" * 63, "sha256"),
    ("kind", "threshold = 1.5\nkind", "threshold"),
    ("kind", "threshold = 0.6\nkind", "«threshold» lies above «sure»"),
    ("kind", "surely = 0.6\nkind", "surely"),
    ("size = [256, 192]\n", "", "input.*size"),
    ("size = [256, 192]\n", "size = [256, 192]\nmultiple_of = 32\npixels = 60000\n", "input.*multiple_of"),
    ("size = [256, 192]\n", "multiple_of = 32\n", "input.*pixels"),
    ("size = [256, 192]\n", "multiple_of = 48\npixels = 60000\n", "input.multiple_of"),
    ("[256", "[2", "input.size"),
    ("'rgb'", "'grey'", "input.colours"),
    ("scale = 0.00392156862745098", "", "input.scale"),
    ("scale = 0.00392156862745098", "scale = 0", "scale.*hide"),
    ("scale = 0.00392156862745098", "scale = [1, 1]", "input.scale"),
    ("scale = 0.00392156862745098", "scale = 1\nmean = nan", "input.mean"),
    ("'xyxy'", "'yxyx'", "rows.boxes.form"),
    ("unit='pixels'", "unit='metres'", "rows.boxes.unit"),
    ("columns=5, form", "columns=3, form", "rows.boxes.*columns"),
    ("at=4", "at=5", "rows.scores.*columns"),
    ("at=4", "at=4, class_at=3", "rows.scores.*class_at"),
    ("at=4", "at=4, classes=['face']", "rows.scores.*counting"),
    ("at=4", "at=4, classes=['face'], counting=['fase']", "fase"),
    ("at=4", "at=4, counting=[]", "rows.scores.counting"),
    ("[rows]", "[centre]\nheat='h'\nsides='s'\n[rows]", "either .rows. or .centre."),
    (CORNERS, "", "either .rows. or .centre."),
    (CORNERS, "[centre]\nheat='h'\nsides='s'\ncell=7", "cell"),
    (CORNERS, "[centre]\nheat='h'", "centre.sides"),
    ("[rows]", "[rows", "no TOML"),
    ('name = "tiny"', 'name = "tiny', "no TOML"),
]


def test_the_description_without_a_mistake_is_read(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(WHOLE)
    assert read_description(path).model == tmp_path / "models" / "tiny.onnx"


@pytest.mark.parametrize(("right", "wrong", "named"), MISTAKES, ids=[m[1][:40] for m in MISTAKES])
def test_a_mistake_in_a_description_is_named_in_one_sentence(right, wrong, named, tmp_path):
    path = tmp_path / "tiny.toml"
    assert right in WHOLE
    path.write_text(WHOLE.replace(right, wrong, 1))
    with pytest.raises(ActionRequired, match=rf"tiny\.toml.*{named}") as error:
        read_description(path)
    assert "\n" not in str(error.value)


def test_a_description_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(ActionRequired, match=r"absent\.toml.*VRIJGAVE_DETECTORS"):
        read_description(tmp_path / "absent.toml")
    (tmp_path / "tiny.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ActionRequired, match="no TOML"):
        read_description(tmp_path / "tiny.toml")


def test_another_detector_takes_nothing_away():
    """One that is surer of a smaller box does not shrink what ours covers."""
    ours = Detections(np.array([[10, 10, 50, 30]], np.float32), np.array([0.4], np.float32))
    other = Detections(np.array([[10, 10, 40, 24], [80, 80, 90, 90]], np.float32), np.array([0.9, 0.8], np.float32))
    both = united([ours, other], 0.3)
    assert both.xyxy.tolist() == [[10, 10, 50, 30], [80, 80, 90, 90]]
    assert both.scores.tolist() == pytest.approx([0.9, 0.8])
    assert overlaps(both.xyxy, both.xyxy)[0, 1] == 0


# What the guide says.

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "detectors.md"


def examples():
    return re.findall(r"^```toml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", examples(), ids=lambda text: re.search('name = "(.*?)"', text)[1])
def test_an_example_of_the_guide_is_right(example, tmp_path):
    path = tmp_path / "example.toml"
    path.write_text(example)
    assert read_description(path).outputs()


def test_the_guide_names_every_field_and_no_other():
    named = {
        name
        for row in re.findall(r"^\| (`.*?) \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    models = (Description, Input, Boxes, Scores, Centre)
    assert named | {"input", "rows", "centre"} == {name for model in models for name in model.model_fields}
    assert len(examples()) == 7
