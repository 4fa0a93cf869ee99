"""Real recordings: what their files say (golden: as PyAV decodes them), and through the encoder again."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import pytest
from clips import stamps

from vrijgave.media import OutputFormat, open_reader, open_writer, probe

ROOT = Path(__file__).resolve().parents[2]
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", ROOT.parent / "shared" / "footage"))
GOLDEN = json.loads((ROOT / "tests" / "golden" / "media_footage.json").read_text())


def clip(name: str) -> Path:
    if not (FOOTAGE / name).exists():
        pytest.skip(f"no footage in {FOOTAGE} (VRIJGAVE_FOOTAGE_DIR)")
    return FOOTAGE / name


@pytest.mark.parametrize("name", GOLDEN)
def test_probe_of_footage(name: str) -> None:
    video, golden = probe(clip(name)).video, GOLDEN[name]
    assert (video.frame_count, video.start_pts) == (golden["frame_count"], golden["start_pts"])
    assert video.time_base == Fraction(golden["time_base"])
    assert (video.width, video.height) == (golden["width"], golden["height"])
    assert video.average_rate == Fraction(golden["average_rate"])
    assert not video.variable_rate
    last = video.start_pts + video.duration / video.time_base - 1 / (video.average_rate * video.time_base)
    assert last == pytest.approx(golden["last_pts"], abs=1)


@pytest.mark.parametrize("name", ["intel_asl_bird.mkv", "plate_eu_06.mp4", "intel_head-pose.mp4"])
def test_footage_keeps_its_times(name: str, tmp_path: Path) -> None:
    source = clip(name)
    with open_reader(source) as reader, open_writer(tmp_path / "out.mp4", OutputFormat.like(reader.info)) as writer:
        for frame in reader.frames():
            assert frame.picture is not None
            writer.picture(frame.picture, frame.pts)
    assert stamps(tmp_path / "out.mp4") == stamps(source)
    assert probe(tmp_path / "out.mp4").video.duration == reader.info.video.duration
