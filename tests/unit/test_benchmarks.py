"""The parts of the benchmarks that could flatter: what counts as leaked, who is shown, where the truth lies."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.common import Clip
from benchmarks.exemption import _stands_free, longest_stretch
from benchmarks.generated import fixed_camera, joined, portrait, write_crowd
from benchmarks.leaks import Tally, tally
from benchmarks.moments import close, motion, small
from vrijgave.media import open_reader
from vrijgave.redaction.detectors import DetectorName, build
from vrijgave.redaction.geometry import overlaps

ROOT = Path(__file__).resolve().parents[2]


def scored(kind="face", boxes=10, covered=10, longest=0, exempt=False):
    return {"kind": kind, "boxes": boxes, "covered": covered, "longest_exposed_run": longest, "exempt": exempt}


def test_one_exposed_box_is_a_leaked_identity():
    every = [scored(), scored(covered=9, longest=1), scored(exempt=True, covered=0), scored(boxes=0, covered=0)]
    large = [scored(boxes=0, covered=0), scored(boxes=4, covered=4), scored(exempt=True), scored(boxes=0, covered=0)]
    found = tally("face", every, large)
    assert found == Tally(tracks=2, leaked=1, large=1, large_leaked=0, boxes=20, covered=19, longest=1)
    assert found.recall == pytest.approx(0.95)


def test_every_plate_counts_whatever_its_size():
    every = [scored("plate", covered=3, longest=7), scored("face")]
    found = tally("plate", every, [])
    assert (found.large, found.large_leaked, found.longest) == (1, 1, 7)


def test_sums_keep_the_longest_run():
    both = Tally(1, 1, 1, 1, 10, 5, 3) + Tally(2, 0, 1, 0, 10, 10, 0)
    assert both == Tally(3, 1, 2, 1, 20, 15, 3)
    assert Tally().recall is None


def test_longest_stretch():
    assert longest_stretch([]) == []
    assert longest_stretch([1, 2, 5, 6, 7, 9]) == [5, 6, 7]


def test_who_is_near_another_or_cut_off_does_not_stand_free():
    box = (100.0, 100.0, 30.0, 40.0)
    assert _stands_free(0, box, [{0: (300.0, 100.0, 30.0, 40.0)}, {1: box}], 640, 480)
    assert not _stands_free(0, box, [{0: (145.0, 110.0, 30.0, 40.0)}], 640, 480)
    assert not _stands_free(0, (620.0, 100.0, 30.0, 40.0), [], 640, 480)
    assert not _stands_free(0, (100.0, 100.0, 12.0, 15.0), [], 640, 480)


def test_hard_moments_follow_from_the_truth():
    clip = Clip(Path("none.mp4"), Path("none.json"))
    still = dict.fromkeys(range(4), (10.0, 10.0, 20.0, 20.0))
    runner = {f: (100.0 - 10 * f * f, 10.0, 18.0, 20.0) for f in range(4)}

    def hardest(choice):
        return max(choice(clip, [still, runner]), key=lambda moment: moment.value)

    assert hardest(motion).frame == 3
    assert hardest(close).frame == 3
    assert hardest(small).box[2] == 18


@pytest.fixture(scope="module")
def finder():
    return build([DetectorName.FACE_CLOSE])


def test_the_faces_of_a_made_clip_are_where_its_truth_says(tmp_path, finder):
    clip = fixed_camera(tmp_path, finder, seconds=0.2)
    with open_reader(clip.video) as reader:
        frames = [frame.image for frame in reader.frames()]
    assert len(frames) == clip.truth()["frames"] == 5
    found = finder[0].detect(frames[4]).xyxy
    boxes = [track["boxes"]["4"] for track in clip.truth()["tracks"] if "4" in track["boxes"]]
    assert len(boxes) > 2
    for x, y, w, h in boxes:
        assert overlaps(np.array([[x, y, x + w, y + h]], np.float32), found).max() > 0.5


def test_a_joined_clip_cuts_where_its_truth_does(tmp_path, finder):
    clip = fixed_camera(tmp_path, finder, seconds=0.2)
    both = joined(clip, clip, 3, tmp_path / "cut.mp4")
    assert both.truth()["frames"] == 6
    first, *_rest, again = both.truth()["tracks"]
    assert sorted(first["boxes"]) == ["0", "1", "2"]
    assert sorted(again["boxes"]) == ["3", "4", "5"]


def test_the_crowd_lies_inside_its_still(tmp_path, finder):
    faces = write_crowd(tmp_path / "crowd.png", portrait(finder))
    assert all(x > 0 and y > 0 and x + w < 1600 and y + h < 900 for x, y, w, h in faces)
    assert faces[0][2] == max(face[2] for face in faces)


@pytest.mark.parametrize("command", [["benchmarks.redaction"], ["benchmarks.moments", "sheet.png"]])
def test_without_footage_it_says_so(command, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "VRIJGAVE_FOOTAGE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert str(tmp_path) in ran.stderr
