"""Plan files, hits of the second look as tracks, and the signed manifest, without a video."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vrijgave.domain.tracks import Analysis, Source, SubjectKind
from vrijgave.errors import Rejected
from vrijgave.redaction.manifest import check, sign, to_bytes
from vrijgave.redaction.plan_file import CoverEntry, ShowPoint, read_plan_file, with_covered
from vrijgave.redaction.rescan import RescanHit, with_rescan_hits

EMPTY = Analysis(
    source_sha256="a" * 64, width=320, height=240, frame_count=50, tracks=(), parameters={"frame_rate": 10.0}
)


def hits(*frames, x=100.0):
    return [RescanHit(frame=f, kind=SubjectKind.FACE, box=(x, 50, x + 40, 90), score=0.8) for f in frames]


def test_hits_become_tracks_that_cover_the_frames_around_too():
    more = with_rescan_hits(EMPTY, hits(20, 22))
    (track,) = more.tracks
    assert set(track.sources) == {Source.RESCAN}
    assert track.first < 20
    assert track.last > 22
    box = track.box_at(21)
    assert box is not None
    assert box[0] < 100
    assert box[2] > 140


def test_added_tracks_have_numbers_of_their_own_and_stay_within_the_scene():
    first = with_rescan_hits(EMPTY, hits(20))
    both = with_rescan_hits(replace(first, cuts=(20,)), hits(20, x=250.0))
    assert [t.id for t in both.tracks] == [1, 2]
    assert both.tracks[1].first == 20


def test_no_hits_add_nothing():
    assert with_rescan_hits(EMPTY, []).tracks == ()


def test_a_signature_holds_for_exactly_these_bytes():
    key = Ed25519PrivateKey.generate()
    record = to_bytes({"b": 1, "a": "é"})
    signature = sign(record, key)
    assert check(record, signature, key.public_key())
    assert not check(record + b" ", signature, key.public_key())
    assert not check(record, signature, Ed25519PrivateKey.generate().public_key())
    assert not check(record, "no base64!", key.public_key())
    assert to_bytes({"a": "é", "b": 1}) == record


@pytest.mark.parametrize(("text", "expected"), [("12@3,4", (12, 3, 4)), (" 0@640.5,360 ", (0, 640.5, 360))])
def test_a_show_point_is_read(text, expected):
    point = ShowPoint.parse(text)
    assert (point.frame, point.x, point.y) == expected


@pytest.mark.parametrize("text", ["", "12", "12@3", "-1@3,4", "12@3;4", "12@3,4,5", "a@b,c"])
def test_what_is_no_show_point_is_refused(text):
    with pytest.raises(Rejected, match="FRAME@X,Y"):
        ShowPoint.parse(text)


def test_a_plan_file_is_read_whole(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(
        '{"show":[{"frame":3,"x":10,"y":20,"reason":"suspect"}],'
        '"cover":[{"from":1,"to":2,"box":[1,2,3,4],"reason":"mirror"}],"sound":"keep"}'
    )
    plan = read_plan_file(path)
    assert plan.show_points() == (ShowPoint(frame=3, x=10, y=20, reason="suspect"),)
    assert (plan.cover[0].first, plan.cover[0].last, plan.sound.value) == (1, 2, "keep")
    path.write_text('{"trim":{"first":5,"last":9},"sounds":[{"from":1.5,"to":2.25,"sound":"bleep"},{"sound":"mute"}]}')
    plan = read_plan_file(path)
    assert plan.trim is not None
    assert (plan.trim.first, plan.trim.last) == (5, 9)
    assert [(e.span().start_ms, e.span().stop_ms) for e in plan.sounds] == [(1500, 2250), (0, None)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "JSON"),
        ('{"shown":[]}', "shown"),
        ('{"show":[{"frame":-1,"x":1,"y":1,"reason":"a"}]}', r"show\.0\.frame"),
        ('{"show":[{"frame":1,"x":1,"y":1}]}', r"show\.0\.reason"),
        ('{"cover":[{"from":5,"to":2,"box":[1,2,3,4],"reason":"a"}]}', r"cover\.0"),
        ('{"cover":[{"from":1,"to":2,"box":[9,2,3,4],"reason":"a"}]}', r"cover\.0"),
        ('{"sound":"loud"}', "sound"),
    ],
)
def test_a_wrong_plan_file_says_where(tmp_path, text, told):
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(Rejected, match=told):
        read_plan_file(path)


def test_a_missing_plan_file_is_named(tmp_path):
    with pytest.raises(Rejected, match=r"absent\.json"):
        read_plan_file(tmp_path / "absent.json")


@pytest.mark.parametrize(("last", "box"), [(50, [1, 2, 3, 4]), (2, [400, 2, 420, 4])])
def test_covers_outside_the_footage_are_refused(last, box):
    entry = CoverEntry.model_validate({"from": 1, "to": last, "box": box, "reason": "a"})
    with pytest.raises(Rejected):
        with_covered(EMPTY, [entry])


def test_drawn_covers_are_tracks_of_a_person():
    entry = CoverEntry.model_validate({"from": 1, "to": 3, "box": [10, 20, 30, 40], "reason": "a"})
    (track,) = with_covered(EMPTY, [entry]).tracks
    assert track.frames.tolist() == [1, 2, 3]
    assert set(track.sources) == {Source.MANUAL}
