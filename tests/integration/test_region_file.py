"""Regions and review data for a file on its own: drawn, followed, written into a plan, covered by ``redact``."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from region_clip import COUNT, SIDE, clip, place

from vrijgave.cli import main
from vrijgave.domain.regions import DrawnBox, End, Region
from vrijgave.domain.tracks import Analysis, Source, SubjectKind
from vrijgave.errors import Rejected, UnreadableMedia
from vrijgave.media import sha256_file
from vrijgave.redaction.cover import FILL
from vrijgave.redaction.plan_file import RegionEntry, read_plan_file, with_regions
from vrijgave.redaction.region import follow_regions
from vrijgave.services.redact import redact_file
from vrijgave.services.region_file import follow_in_file


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("file") / "camera.mp4")


def drawn(frame: int, **more: int) -> Region:
    x0, y0, x1, y1 = place(frame)
    return Region(kind=SubjectKind.FACE, boxes=(DrawnBox(frame=frame, xyxy=(x0, y0, x1, y1)),), **more)


def analysis(footage: Path) -> Analysis:
    return Analysis(source_sha256=sha256_file(footage), width=320, height=192, frame_count=COUNT, tracks=())


def test_a_region_in_a_plan_is_covered_in_the_output(footage: Path, tmp_path: Path) -> None:
    plan, output, look = tmp_path / "plan.json", tmp_path / "out.mp4", tmp_path / "review.json"
    followed = follow_in_file(footage, drawn(30), plan, reason="missed")
    assert (followed.begins, followed.ends) == (End.CLIP, End.CLIP)
    outcome = redact_file(footage, output, plan_file=plan, review=look, detectors=())
    (track,) = outcome.analysis.tracks
    assert set(track.sources) == {Source.MANUAL}
    assert outcome.plan.decisions[0].reason == "missed"
    with av.open(str(output)) as container:
        for frame, picture in enumerate(container.decode(video=0)):
            x0, y0, _x1, y1 = place(frame)
            pixels = picture.to_ndarray(format="bgr24")[y0:y1, x0 : x0 + SIDE].astype(int)
            assert (np.abs(pixels - np.array(FILL)) <= 20).all(axis=2).mean() > 0.99, frame
    written = json.loads(look.read_text())
    assert written["source_sha256"] == sha256_file(footage)
    assert set(written["keyframes"]) == {"1"}


def test_a_plan_covers_no_less_than_what_was_followed(footage: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    (followed,) = follow_regions(footage, [drawn(30, first=10, last=50)])
    follow_in_file(footage, drawn(30, first=10, last=50), plan, reason="missed")
    (track,) = with_regions(analysis(footage), read_plan_file(plan).regions).tracks
    before = followed.track(1, 320, 192)
    assert (track.frames.tolist(), track.kind) == (before.frames.tolist(), before.kind)
    assert (track.xyxy[:, :2] <= before.xyxy[:, :2] + 0.01).all()
    assert (track.xyxy[:, 2:] >= before.xyxy[:, 2:] - 0.01).all()
    assert len(read_plan_file(plan).regions[0].keyframes) < len(before.frames) / 2


def test_a_second_region_is_added_to_the_plan_and_the_rest_of_it_stays(footage: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    cover = {"from": 0, "to": 5, "box": [0, 0, 9, 9], "reason": "name tag"}
    plan.write_text(json.dumps({"sound": "keep", "cover": [cover]}))
    for frame in (10, 30):
        follow_in_file(footage, drawn(frame, first=frame, last=frame + 2), plan, reason=f"frame {frame}")
    whole = json.loads(plan.read_text())
    assert (whole["sound"], whole["cover"]) == ("keep", [cover])
    assert [region["reason"] for region in whole["regions"]] == ["frame 10", "frame 30"]


def test_a_plan_that_is_wrong_is_left_alone(footage: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("{")
    with pytest.raises(Rejected):
        follow_in_file(footage, drawn(10), plan, reason="missed")
    assert plan.read_text() == "{"
    with pytest.raises(Rejected, match="reason"):
        follow_in_file(footage, drawn(10), tmp_path / "other.json", reason=" ")
    with pytest.raises(Rejected, match="no folder"):
        follow_in_file(footage, drawn(10), tmp_path / "none" / "plan.json", reason="missed")
    with pytest.raises(UnreadableMedia):
        follow_in_file(tmp_path / "none.mp4", drawn(10), tmp_path / "other.json", reason="missed")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def entry(**changes: object) -> RegionEntry:
    plain = {"kind": "face", "keyframes": [[5, 10, 10, 50, 50], [15, 20, 10, 60, 50]], "reason": "missed"}
    return RegionEntry.model_validate(plain | changes)


def test_a_person_corrects_a_region_by_moving_a_box(footage: Path) -> None:
    (track,) = with_regions(analysis(footage), [entry()]).tracks
    assert track.xyxy[5].tolist() == [15, 10, 55, 50]
    assert (track.first, track.last) == (5, 15)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source_sha256": "0" * 64}, "other footage"),
        ({"keyframes": [[5, 10, 10, 50, 50], [COUNT, 20, 10, 60, 50]]}, "ends at frame 59"),
    ],
)
def test_a_region_of_other_footage_is_refused(footage: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(Rejected, match=told):
        with_regions(analysis(footage), [entry(**changes)])


@pytest.mark.parametrize(
    "keyframes", [[], [[5, 10, 10, 50, 50], [5, 10, 10, 50, 50]], [[-1, 10, 10, 50, 50]], [[5, 50, 10, 10, 50]]]
)
def test_keyframes_that_cannot_be_are_refused(keyframes: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="keyframes"):
        entry(keyframes=keyframes)


def test_the_command_follows_in_a_file(
    footage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    x0, y0, x1, y1 = place(20)
    there = f"{x0},{y0},{x1 - x0},{y1 - y0}"
    command = ["track-region", str(footage), "--frame", "20", "--box", there, "--reason", "missed"]
    assert main([*command, "--out", "plan.json", "--last", "40", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"plan": "plan.json", "first": 0, "last": 40, "begins": "clip", "ends": "given"}
    assert main(command) == 3
    assert "--out" in capsys.readouterr().err
    for wrong in (["--frame", "30"], ["--frame", "30", "--box", "many"]):
        assert main([*command, *wrong, "--out", "plan.json"]) == 4
        assert "for instance" in capsys.readouterr().err
