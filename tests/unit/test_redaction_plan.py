"""What a decision shows, and where it ends."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from vrijgave.domain.tracks import Action, Analysis, Decision, Plan, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.redaction.plan import coverage, exempt_frames, ranges, track_under

SOURCE = "a" * 64
COUNT = 60


def track(number, x, *, frames=range(COUNT), y=100, size=40, kind=SubjectKind.FACE, tracked=()):
    """A track whose left edge is ``x(frame)``, detected save in the frames ``tracked``."""
    frames = list(frames)
    left = np.array([x(f) for f in frames], np.float32)
    boxes = np.stack([left, np.full_like(left, y), left + size, np.full_like(left, y + size)], axis=1)
    sources = tuple(Source.TRACKED if f in tracked else Source.DETECTED for f in frames)
    scores = np.array([0 if f in tracked else 0.9 for f in frames], np.float32)
    return Track(number, kind, np.array(frames, np.int64), boxes.astype(np.float32), scores, sources)


def analysis(*tracks, **values):
    return Analysis(
        source_sha256=SOURCE, width=640, height=360, frame_count=COUNT, tracks=tracks,
        parameters={"frame_rate": 20.0}, **values,
    )  # fmt: skip


def show(number, anchor=30):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Decision(track_id=number, action=Action.SHOW, reason="suspect", actor="someone", at=at, anchor=anchor)


def plan(*decisions):
    return Plan(source_sha256=SOURCE, decisions=decisions)


def still(x):
    return lambda frame: x


def test_without_tracks_nothing_is_filled():
    filled = coverage(analysis(), plan())
    assert filled.boxes(0).shape == (0, 4)
    assert filled.covered_frames().tolist() == []


def test_what_nobody_decided_about_is_covered_in_every_frame():
    filled = coverage(analysis(track(1, still(100)), track(2, still(400))), plan())
    assert all(len(filled.boxes(f)) == 2 for f in range(COUNT))
    assert all(len(filled.shown(f)) == 0 for f in range(COUNT))


def test_a_shown_subject_is_visible_throughout_and_the_other_stays_covered():
    filled = coverage(analysis(track(1, still(100)), track(2, still(400))), plan(show(1)))
    assert all(filled.boxes(f)[:, 0].tolist() == [400] for f in range(COUNT))
    assert all(filled.shown(f)[:, 0].tolist() == [100] for f in range(COUNT))


def test_the_latest_decision_counts():
    cover_again = replace(show(1), action=Action.COVER)
    filled = coverage(analysis(track(1, still(100))), plan(show(1), cover_again))
    assert all(len(filled.boxes(f)) == 1 for f in range(COUNT))


def test_an_exemption_ends_when_another_face_touches_it_and_does_not_come_back():
    suspect = track(1, still(100))
    passer = track(2, lambda f: 200 if f < 45 else 110 if f < 50 else 300)
    assert exempt_frames(suspect, 30, analysis(suspect, passer)).tolist() == list(range(45))


def test_an_exemption_ends_backward_too():
    suspect = track(1, still(100))
    passer = track(2, lambda f: 110 if f == 10 else 300)
    assert exempt_frames(suspect, 30, analysis(suspect, passer)).tolist() == list(range(11, COUNT))


def test_a_plate_over_a_face_does_not_end_the_exemption_but_is_covered():
    suspect, plate = track(1, still(100)), track(2, still(110), kind=SubjectKind.PLATE)
    filled = coverage(analysis(suspect, plate), plan(show(1)))
    assert len(filled.shown(5)) == 1
    assert len(filled.boxes(5)) == 1


def test_a_cut_ends_an_exemption_on_both_sides():
    suspect = track(1, still(100))
    assert exempt_frames(suspect, 30, analysis(suspect, cuts=(20, 40))).tolist() == list(range(20, 40))


def test_a_jump_ends_an_exemption():
    suspect = track(1, lambda f: 100 if f < 40 else 160)
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(40))
    assert exempt_frames(suspect, 50, analysis(suspect)).tolist() == list(range(40, COUNT))


def test_a_sudden_change_of_size_ends_an_exemption():
    suspect = track(1, still(100))
    suspect.xyxy[40:, 2:] += 40
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(40))


def test_a_short_gap_is_bridged_and_a_long_one_ends_the_exemption():
    short = track(1, still(100), tracked=range(35, 42))
    assert exempt_frames(short, 30, analysis(short)).tolist() == list(range(COUNT))
    long = track(1, still(100), tracked=range(35, 50))
    assert exempt_frames(long, 30, analysis(long)).tolist() == list(range(35))


def test_filled_frames_at_the_end_stay_covered():
    suspect = track(1, still(100), tracked=range(55, COUNT))
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(55))


def test_an_unreadable_frame_ends_the_exemption_and_is_covered_whole():
    suspect = track(1, still(100))
    filled = coverage(analysis(suspect, unreadable=(40,)), plan(show(1)))
    assert 40 in filled.whole
    assert len(filled.shown(41)) == 0
    assert 40 in filled.covered_frames()


def test_nothing_is_shown_when_the_anchor_itself_is_doubtful():
    suspect, other = track(1, still(100)), track(2, still(110))
    assert exempt_frames(suspect, 30, analysis(suspect, other)).tolist() == []
    assert exempt_frames(suspect, 999, analysis(suspect)).tolist() == []


def test_a_plan_for_other_footage_is_refused():
    with pytest.raises(Rejected, match=r"andere|other"):
        coverage(analysis(), Plan(source_sha256="b" * 64))


@pytest.mark.parametrize("decision", [show(9), show(1, anchor=50)])
def test_a_decision_about_what_is_not_there_is_refused(decision):
    with pytest.raises(Rejected):
        coverage(analysis(track(1, still(100), frames=range(40))), plan(decision))


def test_the_track_under_a_pixel():
    known = analysis(track(1, still(100)), track(2, still(400)))
    assert track_under(known, 3, 410, 120).id == 2


@pytest.mark.parametrize(
    ("frame", "x", "y", "told"),
    [(3, 300, 120, "120,120"), (3, 125, 120, "1, 3"), (COUNT, 100, 100, "59"), (COUNT - 1, 300, 100, "59")],
)
def test_pointing_beside_at_several_or_nowhere_says_what_is_there(frame, x, y, told):
    known = analysis(track(1, still(100), frames=range(COUNT - 1)), track(3, still(120), frames=range(COUNT - 1)))
    with pytest.raises(Rejected, match=told):
        track_under(known, frame, x, y)


def test_ranges():
    assert list(ranges(np.zeros(0, np.int64))) == []
    assert list(ranges(np.array([1, 2, 3, 7, 9, 10]))) == [(1, 3), (7, 7), (9, 10)]
