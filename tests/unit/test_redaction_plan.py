"""What a decision shows, and where it ends."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from vrijgave.domain.tracks import Action, Analysis, Decision, Plan, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.redaction.exemption import exempt_frames
from vrijgave.redaction.plan import coverage, ranges, track_under
from vrijgave.redaction.styles import FILL_LUMA, Covers, paint_luma

SOURCE = "a" * 64
COUNT = 60


GUARD = 2
"""Frames covered on both sides of what is doubtful, at the rate of these tests."""


def track(number, x, *, frames=range(COUNT), y=100, size=40, kind=SubjectKind.FACE, tracked=(), colours=lambda f: 90):
    """A track whose left edge is ``x(frame)``, detected save in the frames ``tracked``, all of one colour."""
    frames = list(frames)
    left = np.array([x(f) for f in frames], np.float32)
    boxes = np.stack([left, np.full_like(left, y), left + size, np.full_like(left, y + size)], axis=1)
    sources = tuple(Source.TRACKED if f in tracked else Source.DETECTED for f in frames)
    scores = np.array([0 if f in tracked else 0.9 for f in frames], np.float32)
    looks = np.stack([np.full((6, 6, 3), colours(f), np.uint8) for f in frames])
    missed = np.array([f for f in frames if f in tracked], np.int64)
    return Track(number, kind, np.array(frames, np.int64), boxes.astype(np.float32), scores, sources, looks, missed)


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
    shown = exempt_frames(suspect, 30, analysis(suspect, passer)).tolist()
    assert shown == list(range(44 - GUARD))  # where the passer will be in the next frame counts too


def test_an_exemption_ends_backward_too():
    suspect = track(1, still(100))
    passer = track(2, lambda f: 110 if f == 10 else 300)
    assert exempt_frames(suspect, 30, analysis(suspect, passer)).tolist() == list(range(12 + GUARD, COUNT))


def test_a_neighbour_ends_nothing_while_both_are_detected_and_lie_apart():
    suspect, neighbour = track(1, still(100)), track(2, still(130))
    assert exempt_frames(suspect, 30, analysis(suspect, neighbour)).tolist() == list(range(COUNT))


@pytest.mark.parametrize(
    "changes",
    [{"tracked": [40]}, {"frames": range(40, COUNT)}, {"frames": range(41)}],
    ids=["missed", "new", "lost"],
)
def test_a_neighbour_who_is_missed_comes_up_or_is_lost_ends_it(changes):
    suspect, neighbour = track(1, still(100)), track(2, still(130), **changes)
    shown = exempt_frames(suspect, 30, analysis(suspect, neighbour)).tolist()
    assert shown == list(range(40 - GUARD - (1 if changes.get("tracked") else 0)))


def test_who_is_in_the_place_of_the_other_in_the_next_frame_ends_it():
    """At few frames a second two who never touch may have changed places."""
    suspect = track(1, lambda f: 100 + 30 * f)
    passer = track(2, lambda f: 130 + 30 * f)
    far = track(2, lambda f: 230 + 30 * f)
    assert exempt_frames(suspect, 30, analysis(suspect, passer)).tolist() == []
    assert len(exempt_frames(suspect, 30, analysis(suspect, far))) == COUNT


def test_several_anchors_show_what_is_sure_from_each():
    suspect, passer = track(1, still(100)), track(2, lambda f: 110 if 20 <= f < 40 else 300)
    once, twice = (
        coverage(analysis(suspect, passer), plan(show(1, 5))),
        coverage(analysis(suspect, passer), plan(show(1, 5), show(1, 50))),
    )
    assert [len(once.shown(f)) for f in (5, 30, 50)] == [1, 0, 0]
    assert [len(twice.shown(f)) for f in (5, 30, 50)] == [1, 0, 1]
    assert [exemption.anchors for exemption in twice.exemptions] == [(5, 50)]


def test_covering_takes_all_anchors_back():
    cover_again = replace(show(1), action=Action.COVER)
    filled = coverage(analysis(track(1, still(100))), plan(show(1, 5), show(1, 50), cover_again))
    assert filled.exemptions == ()


@pytest.mark.parametrize("source", [Source.RESCAN, Source.MANUAL, Source.TRACKED])
@pytest.mark.parametrize("kind", SubjectKind)
def test_whatever_lies_over_a_shown_subject_is_covered(source, kind):
    suspect, over = track(1, still(100)), track(2, still(112.3), kind=kind)
    known = analysis(suspect, replace(over, sources=(source,) * COUNT, looks=None), unreadable=(7,))
    filled = coverage(known, plan(show(1)))
    picture = np.zeros((360, 640), np.int16)
    paint_luma(picture, Covers(filled, ()).at(20))
    assert (picture[100:140, 112:153] == FILL_LUMA).all()
    assert bool((picture[100:140, 100:112] == FILL_LUMA).all()) == (kind is SubjectKind.FACE)
    assert 7 in filled.whole


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
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(39 - GUARD))
    assert exempt_frames(suspect, 50, analysis(suspect)).tolist() == list(range(41 + GUARD, COUNT))


def test_a_sudden_change_of_size_ends_an_exemption():
    suspect = track(1, still(100))
    suspect.xyxy[40:, 2:] += 40
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(39 - GUARD))


def test_a_new_look_ends_an_exemption():
    suspect = track(1, still(100), colours=lambda f: (90, 120, 120) if f < 40 else (90, 150, 150))
    shown = exempt_frames(suspect, 30, analysis(suspect)).tolist()
    assert 34 < len(shown) <= 39 - GUARD
    assert shown == list(range(len(shown)))


@pytest.mark.parametrize("every", [1, 5, 8])
def test_a_new_look_is_seen_in_few_detections_too(every):
    """The change itself, in the means of the steps beside, must not count as what is usual."""
    rng = np.random.default_rng(4)
    first = rng.integers(80, 170, (6, 6, 3))
    two = np.stack([first, first + rng.normal(0, 11, first.shape)])
    looks = np.clip(two[(np.arange(COUNT) >= 30).astype(int)] + rng.normal(0, 2, (COUNT, 6, 6, 3)), 0, 255)
    looks = looks.astype(np.uint8)
    filled = [f for f in range(COUNT - 1) if f % every]
    suspect = replace(track(1, still(100), tracked=filled), looks=looks, missed=np.zeros(0, np.int64))
    shown = exempt_frames(suspect, 0, analysis(suspect))
    assert len(shown) > 0
    assert shown.max() < 30


def test_a_change_of_light_ends_nothing():
    suspect = track(1, still(100), colours=lambda f: (90 if f < 40 else 140, 128, 128))
    assert exempt_frames(suspect, 30, analysis(suspect)).tolist() == list(range(COUNT))


def test_nothing_tells_who_comes_back_at_the_edge_of_the_picture_or_without_a_look():
    at_edge = track(1, still(0), tracked=range(35, 38))
    assert exempt_frames(at_edge, 30, analysis(at_edge)).tolist() == list(range(35))
    blind = replace(track(1, still(100), tracked=range(35, 38)), looks=None)
    assert exempt_frames(blind, 30, analysis(blind)).tolist() == list(range(35))


def test_where_no_detector_looked_nothing_is_doubtful_beside_others_and_at_the_edge():
    neighbour = track(2, still(30), tracked=[f for f in range(COUNT - 1) if f % 4])
    suspect = track(1, still(0), tracked=[f for f in range(COUNT - 1) if f % 4])
    both = [replace(t, missed=np.zeros(0, np.int64)) for t in (suspect, neighbour)]
    assert exempt_frames(both[0], 32, analysis(*both)).tolist() == list(range(COUNT))
    assert len(exempt_frames(both[0], 32, analysis(both[0], neighbour))) == 0
    assert len(exempt_frames(suspect, 32, analysis(suspect))) == 1


def test_a_frame_in_which_the_subject_is_only_guessed_is_no_anchor():
    suspect = track(1, still(100), tracked=range(50, COUNT))
    assert exempt_frames(suspect, 55, analysis(suspect)).tolist() == []


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
