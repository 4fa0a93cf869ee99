"""One box drawn on real footage covers the subject in every frame of its truth."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from vrijgave.domain.regions import DrawnBox, End, Region
from vrijgave.domain.tracks import SubjectKind
from vrijgave.redaction.geometry import covered_shares
from vrijgave.redaction.region import follow_regions

ROOT = Path(__file__).resolve().parents[2]
FOOTAGE = Path(os.environ.get("VRIJGAVE_FOOTAGE_DIR", ROOT.parent / "shared" / "footage"))

pytestmark = pytest.mark.skipif(not FOOTAGE.is_dir(), reason="no clips with truth: set VRIJGAVE_FOOTAGE_DIR")


@pytest.mark.parametrize("name", ["intel_asl_bird.mkv", "intel_classroom.mp4", "intel_car-detection.mp4"])
def test_one_drawn_box_covers_the_whole_track(name):
    path = FOOTAGE / name
    truth = json.loads(path.with_name(f"{path.stem}.truth.json").read_text())
    tracks = [track for track in truth["tracks"] if not track.get("ignore")]
    followed = follow_regions(path, [_drawn(track) for track in tracks])
    for track, found in zip(tracks, followed, strict=True):
        assert End.LOST not in (found.begins, found.ends)
        grown = found.track(1, truth["width"], truth["height"])
        for frame, (x, y, width, height) in track["boxes"].items():
            box = grown.box_at(int(frame))
            true = np.clip([[x, y, x + width, y + height]], 0, [truth["width"], truth["height"]] * 2)
            assert box is not None
            assert covered_shares(true.astype(np.float32), box[None])[0, 0] > 0.9, (track["id"], frame)


def _drawn(track):
    """The true box in the middle of the track."""
    frames = sorted(int(frame) for frame in track["boxes"])
    middle = frames[len(frames) // 2]
    x, y, width, height = track["boxes"][str(middle)]
    box = DrawnBox(frame=middle, xyxy=(x, y, x + width, y + height))
    return Region(kind=SubjectKind(track["kind"]), boxes=(box,))
