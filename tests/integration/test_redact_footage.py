"""A few clips with truth, scored on pixels by the tool beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vrijgave.redaction.detectors import default_detectors
from vrijgave.services.redact import redact_file

ROOT = Path(__file__).resolve().parents[2]
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", ROOT.parent / "shared" / "footage"))
TOOL = Path(os.environ.get("VRIJGAVE_SCORE_TOOL", ROOT.parent / "shared" / "tools" / "redaction_score.py"))

pytestmark = pytest.mark.skipif(
    not (FOOTAGE.is_dir() and TOOL.is_file()), reason="no clips with truth: set VRIJGAVE_FOOTAGE_DIR"
)


@pytest.fixture(scope="module")
def detectors():
    return default_detectors()


@pytest.mark.parametrize(
    ("name", "most_over_redaction"),
    [("intel_classroom.mp4", 0.02), ("intel_head-pose.mp4", 0.03), ("intel_asl_bird.mkv", 0.04)],
)
def test_no_face_leaks(name, most_over_redaction, detectors, tmp_path):
    source, output = FOOTAGE / name, tmp_path / "covered.mp4"
    redact_file(source, output, detectors=detectors)
    truth = source.with_name(source.stem + ".truth.json")
    command = [sys.executable, str(TOOL), str(source), str(output), str(truth), "--json"]
    score = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert score["leaked_tracks"] == 0
    assert score["frame_recall"] == 1
    assert score["max_timestamp_drift_ms"] == 0
    assert score["start_shift_ms"] == 0
    assert not score["alignment_suspect"]
    assert score["over_redaction"] <= most_over_redaction
