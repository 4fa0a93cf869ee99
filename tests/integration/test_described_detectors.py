"""Detectors of description files at work: named in the settings, they look beside our own wherever footage is looked
at, in every process, and the check-up tries each of them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import Clip
from tiny_networks import Tiny

from vrijgave.bootstrap import build
from vrijgave.cli import main
from vrijgave.errors import ActionRequired
from vrijgave.machine import detectors
from vrijgave.redaction.styles import FILL
from vrijgave.services.doctor import examine
from vrijgave.settings import Settings

NOWHERE = "http://127.0.0.1:9/api"
COUNT, SIDE, RATE = 32, 24, 4
DESCRIPTION = """
name = "{name}"
kind = "plate"
model = "{name}.onnx"
sha256 = "{sha256}"
[input]
size = [320, 192]
colours = "rgb"
scale = 0.00392156862745098
[rows]
boxes = {{tensor = "out", columns = 5, form = "xyxy", unit = "pixels"}}
scores = {{tensor = "out", columns = 5, at = 4}}
"""


def describe(folder: Path, name: str = "red", score: str = "score") -> Path:
    sha256 = Tiny({"out": ["x0", "y0", "x1", "y1", score]}).write(folder / f"{name}.onnx")
    path = folder / f"{name}.toml"
    path.write_text(DESCRIPTION.format(name=name, sha256=sha256))
    return path


def corner(frame: int) -> tuple[int, int]:
    """Of the red square."""
    return 20 + 4 * frame, 60


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red square, in which none of our own detectors sees anything, goes through a plain scene."""

    def picture(frame: int) -> np.ndarray:
        image = np.full((192, 320, 3), 110, np.uint8)
        x, y = corner(frame)
        return cv2.rectangle(image, (x, y), (x + SIDE - 1, y + SIDE - 1), (0, 0, 255), cv2.FILLED)

    form = Clip(pts=tuple(range(COUNT)), time_base=Fraction(1, RATE), rate=Fraction(RATE), size=(320, 192))
    return form.write(tmp_path_factory.mktemp("clip") / "red.mp4", map(picture, range(COUNT)))


def redact(clip: Path, folder: Path, *more: str) -> tuple[bytes, dict]:
    folder.mkdir()
    output, manifest = folder / "out.mp4", folder / "manifest.json"
    assert main(["redact", str(clip), str(output), "--manifest", str(manifest), *more]) == 0
    return output.read_bytes(), json.loads(manifest.read_text(encoding="utf-8"))


def shown(path: Path) -> list[bool]:
    """For each frame whether something of the square shows."""
    with av.open(str(path)) as container:
        images = [frame.to_ndarray(format="bgr24").astype(int) for frame in container.decode(video=0)]
    assert len(images) == COUNT
    parts = [image[y : y + SIDE, x : x + SIDE] for image, (x, y) in zip(images, map(corner, range(COUNT)), strict=True)]
    return [bool((np.abs(part - np.array(FILL)) > 24).any()) for part in parts]


def test_what_another_detector_finds_is_covered_and_the_record_names_it(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VRIJGAVE_SEGMENT_SECONDS", "4")
    redact(clip, tmp_path / "without")
    assert all(shown(tmp_path / "without" / "out.mp4"))
    path = describe(tmp_path)
    monkeypatch.setenv("VRIJGAVE_DETECTORS", str(path))
    alone, manifest = redact(clip, tmp_path / "with")
    assert not any(shown(tmp_path / "with" / "out.mp4"))
    for models, shrink in ((manifest["models"], 1.0), (manifest["second_look_models"], 0.8)):
        assert [model["name"] for model in models][-1] == "red"
        assert models[-1]["sha256"] in path.read_text()
        assert models[-1]["parameters"]["shrink"] == shrink
    divided, other = redact(clip, tmp_path / "divided", "--workers", "2")
    assert divided == alone
    assert other["models"] == manifest["models"]


def test_our_own_detectors_stay(tmp_path: Path) -> None:
    first, second = describe(tmp_path), describe(tmp_path, "other")
    own = [d.info.name for d in detectors(Settings())]
    assert [d.info.name for d in detectors(Settings(detectors=(first, second)))] == [*own, "red", "other"]


def test_the_setting_names_files_as_path_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().detectors == ()
    monkeypatch.setenv("VRIJGAVE_DETECTORS", "")
    assert Settings().detectors == ()
    monkeypatch.setenv("VRIJGAVE_DETECTORS", "/etc/a.toml:b.toml")
    assert Settings().detectors == (Path("/etc/a.toml"), Path("b.toml"))


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    path = describe(tmp_path)
    with pytest.raises(ActionRequired, match="called red"):
        detectors(Settings(detectors=(path, path)))
    taken = describe(tmp_path, "centerface")
    with pytest.raises(ActionRequired, match="called centerface"):
        detectors(Settings(detectors=(taken,)))


def test_no_footage_is_redacted_with_a_detector_that_does_not_work(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.mp4"
    for path, workers in ((tmp_path / "absent.toml", "1"), (describe(tmp_path, "blind", score="nan"), "2")):
        monkeypatch.setenv("VRIJGAVE_DETECTORS", str(path))
        monkeypatch.setenv("VRIJGAVE_SEGMENT_SECONDS", "4")
        assert main(["redact", str(clip), str(output), "--workers", workers]) == ActionRequired.exit_code
        assert path.stem in capsys.readouterr().err
        assert not output.exists()


def test_the_check_up_tries_each_of_them(tmp_path: Path) -> None:
    right, blind, lost = describe(tmp_path), describe(tmp_path, "blind", score="nan"), describe(tmp_path, "lost")
    (tmp_path / "lost.onnx").unlink()
    context = build(Settings(home=tmp_path / "home", detectors=(right, blind, lost)))
    findings = {f.what: f for f in examine(context, NOWHERE)}
    assert findings["red.toml"].right
    assert "no numbers" in findings["blind.toml"].advice
    assert "lost.onnx" in findings["lost.toml"].advice
    assert not findings["detectors"].right
    whole = build(Settings(home=tmp_path / "home", detectors=(right,)))
    assert all(f.right for f in examine(whole, NOWHERE) if f.what in ("detectors", "red.toml"))
