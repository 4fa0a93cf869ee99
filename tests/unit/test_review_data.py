"""What a reviewer is shown first: the moments in which somebody may be exposed, and the few boxes of each track."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.redaction.keyframes import Keyframes, reduced
from vrijgave.redaction.review_data import Cause, review_data, risk

WIDTH, HEIGHT, COUNT = 640, 360, 100


def track(first, last, *, number=1, side=60.0, x=300.0, y=150.0, step=0.0, unseen=(), score=0.9, kind=SubjectKind.FACE):
    """A square subject; ``unseen`` are frames without a detection."""
    frames = np.arange(first, last + 1)
    left = x + step * np.arange(len(frames))
    boxes = np.stack([left, np.full(len(frames), y), left + side, np.full(len(frames), y + side)], axis=1)
    scores = np.where(np.isin(frames, list(unseen)), 0, score).astype(np.float32)
    sources = tuple(Source.TRACKED if s == 0 else Source.DETECTED for s in scores)
    return Track(number, kind, frames, boxes.astype(np.float32), scores, sources)


def spans(*tracks, **more):
    return review_data(
        Analysis(
            source_sha256="0" * 64, width=WIDTH, height=HEIGHT, frame_count=COUNT, tracks=tracks,
            parameters={"frame_rate": 25.0}, **more,
        )
    ).spans  # fmt: skip


def causes(*tracks, **more):
    return [(s.cause, s.first, s.last) for s in spans(*tracks, **more)]


def test_nothing_found_and_nothing_doubtful():
    assert causes() == []
    assert causes(track(0, 99)) == []


def test_a_track_that_starts_and_ends_in_the_open():
    assert causes(track(20, 60)) == [(Cause.STARTS_OPEN, 20, 20), (Cause.ENDS_OPEN, 60, 60)]


@pytest.mark.parametrize("place", [{"x": 0.0}, {"x": 579.0}, {"y": 3.0}, {"y": 299.0}])
def test_who_enters_and_leaves_at_the_edge_is_no_doubt(place):
    assert causes(track(20, 60, **place)) == []


def test_a_track_between_two_cuts_is_no_doubt():
    assert causes(track(20, 60), cuts=(20, 61)) == []
    assert [c for c, *_ in causes(track(20, 60), cuts=(21, 60))] == [Cause.STARTS_OPEN, Cause.ENDS_OPEN]


def test_a_track_that_another_one_takes_over_is_no_doubt():
    found = causes(track(0, 50), track(51, 99, number=2, x=305.0))
    assert found == []


def test_cover_beyond_the_last_detection_lowers_the_risk_of_an_end():
    (abrupt,) = spans(track(0, 60))
    (followed,) = spans(track(0, 60, unseen=range(48, 61)))
    assert (followed.cause, followed.first, followed.last, followed.frame) == (Cause.ENDS_OPEN, 47, 60, 60)
    assert followed.risk < 0.6 * abrupt.risk


def test_a_gap_counts_from_a_quarter_of_a_second_and_weighs_by_its_length():
    assert causes(track(0, 99, unseen=range(30, 36))) == []
    (short,) = spans(track(0, 99, unseen=range(30, 40)))
    (long,) = spans(track(0, 99, unseen=range(30, 70)))
    assert (short.cause, short.first, short.last, short.frame) == (Cause.GAP, 30, 39, 34)
    assert long.risk > 2 * short.risk


def test_weak_scores_unreadable_frames_jumps_and_changes_of_size():
    weak = track(0, 99)
    weak.scores[10:15] = 0.1
    assert causes(weak) == []
    weak.scores[17:22] = 0.05
    assert causes(weak) == [(Cause.LOW_SCORE, 10, 21)]
    assert causes(track(0, 99), unreadable=(7, 8)) == [(Cause.UNREADABLE, 7, 8)]
    jumped = track(0, 99)
    jumped.xyxy[50:, ::2] += 55
    assert causes(jumped) == [(Cause.JUMP, 49, 50)]
    swollen = track(0, 99)
    swollen.xyxy[50:, 2:] += 40
    assert causes(swollen) == [(Cause.SIZE_CHANGE, 49, 50)]


def test_two_of_a_kind_that_touch_are_named_once_and_kinds_do_not_mix():
    a, b = track(0, 99, x=100.0, step=4.0), track(0, 99, number=2, x=480.0, step=-4.0)
    (met,) = spans(a, b)
    assert (met.cause, met.track_id, met.other) == (Cause.TOUCH, 1, 2)
    assert 38 < met.first < met.frame < met.last < 57
    assert causes(a, track(0, 99, number=2, x=480.0, step=-4.0, kind=SubjectKind.PLATE)) == []


def test_a_large_clear_subject_in_the_open_comes_first():
    large = track(20, 99, number=3, side=90.0, x=100.0)
    small = track(20, 99, number=1, side=12.0, x=300.0)
    doubtful = track(20, 99, number=2, side=90.0, x=400.0, score=0.3)
    gap = track(0, 99, number=4, side=90.0, x=220.0, unseen=range(40, 60))
    ranked = spans(small, doubtful, large, gap)
    assert [s.track_id for s in ranked] == [3, 2, 4, 1]
    assert [s.risk for s in ranked] == sorted((s.risk for s in ranked), reverse=True)


@pytest.mark.parametrize("cause", Cause)
def test_risk_grows_with_weight_size_and_score_and_stays_between_0_and_1(cause):
    assert 0 < risk(cause, 0.2, 20, 0.2) < risk(cause, 0.9, 20, 0.2) < risk(cause, 0.9, 200, 0.2)
    assert risk(cause, 0.9, 200, 0.2) < risk(cause, 0.9, 200, 0.9) <= risk(cause, 9, 9999, 9) <= 1
    assert risk(cause, -1, 20, 0.5) == 0


def test_what_a_person_drew_in_place_is_no_doubt():
    drawn = track(20, 60)
    fixed = Track(1, SubjectKind.PLATE, drawn.frames, drawn.xyxy, np.zeros(41, np.float32), (Source.MANUAL,) * 41)
    assert causes(fixed) == []


coordinate = st.floats(0, 1000, width=32)
boxes = st.tuples(coordinate, coordinate, coordinate, coordinate)


@given(st.lists(boxes, min_size=1, max_size=60), st.floats(0.1, 80), st.sets(st.integers(0, 59), max_size=20))
def test_keyframes_give_every_box_back_within_the_tolerance(rows, tolerance, left_out):
    frames = np.array([7 + i for i in range(len(rows)) if i not in left_out or i == 0], np.int64)
    xyxy = np.array([rows[f - 7] for f in frames], np.float32)
    keys = reduced(frames, xyxy, tolerance)
    expanded, back = Keyframes.from_list(keys.to_list()).expand()
    assert expanded.tolist() == list(range(frames[0], frames[-1] + 1)), "no frame is left out"
    assert np.abs(back[np.isin(expanded, frames)] - xyxy).max() <= tolerance + 0.001
    assert set(keys.frames) <= set(frames)


def test_a_straight_way_needs_two_boxes_and_a_corner_one_more():
    frames = np.arange(100)
    straight = track(0, 99, step=3.0).xyxy
    assert len(reduced(frames, straight, 0.5).frames) == 2
    bent = straight.copy()
    bent[60:] = bent[59] - (bent[60:] - bent[59])
    assert reduced(frames, bent, 0.5).frames.tolist() == [0, 59, 99]
    with pytest.raises(ValueError, match="tolerance"):
        reduced(frames, straight, 0.01)
