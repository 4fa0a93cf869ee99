"""Segments own every frame once; what neighbours found is joined without loss and without mistaken identity."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.tracks import Source, SubjectKind, Track
from vrijgave.redaction.seams import joined_tracks
from vrijgave.redaction.segments import MOST_SEGMENTS, plan_segments
from vrijgave.redaction.tracking import TrackingSettings

BORDER, LEAD = 100, 20
"""The left segment sees the frames below BORDER + LEAD, the right one those from BORDER - LEAD on."""


def track(number, frames, x=0.0, *, y=0.0, step=0.0, size=40.0, detected=True, kind=SubjectKind.FACE):
    """A box that moves ``step`` pixels to the right in each frame; at ``x`` in frame 0."""
    frames = np.asarray(list(frames), np.int64)
    left = x + step * frames
    xyxy = np.stack([left, np.full(len(frames), y), left + size, np.full(len(frames), y + size)], axis=1)
    scores = np.full(len(frames), 0.9 if detected else 0.0, np.float32)
    source = Source.DETECTED if detected else Source.TRACKED
    return Track(number, kind, frames, xyxy.astype(np.float32), scores, (source,) * len(frames))


def spans(tracks):
    return [(t.id, t.first, t.last) for t in tracks]


@given(
    frame_count=st.integers(1, 2_000_000),
    rate=st.floats(1, 240, allow_nan=False),
    seconds=st.floats(0.5, 600, allow_nan=False),
)
def test_every_frame_is_owned_once_and_seen_at_most_twice(frame_count, rate, seconds):
    segments = plan_segments(frame_count, rate, seconds)
    assert segments[0].first == segments[0].start == 0
    assert segments[-1].stop == segments[-1].end == frame_count
    assert 1 <= len(segments) <= MOST_SEGMENTS
    assert [s.number for s in segments] == list(range(len(segments)))
    settings = TrackingSettings(rate=rate)
    reach = settings.frames(settings.longest_reach)
    for left, right in pairwise(segments):
        assert left.stop == right.first
        assert left.end - left.stop >= reach
        assert right.first - right.start >= reach
    for left, second in zip(segments, segments[2:], strict=False):
        assert left.end <= second.start
    owned = [s.owned for s in segments]
    assert min(owned) > 0
    assert max(owned) - min(owned) <= 1


@pytest.mark.parametrize(("seconds", "count"), [(1, 1), (60, 1), (89, 1), (120, 2), (600, 10), (12 * 3600, 60)])
def test_about_a_minute_each(seconds, count):
    assert len(plan_segments(seconds * 25, 25.0)) == count


def test_one_segment_stays_as_it_was_found():
    found = (track(1, range(5)), track(2, range(3, 9), 100))
    assert [t.to_dict() for t in joined_tracks([found])] == [t.to_dict() for t in found]
    assert joined_tracks([()]) == ()


def test_a_subject_that_crosses_the_border_is_one_track():
    left = track(3, range(40, 120), step=2)
    right = track(1, range(80, 300), step=2)
    (whole,) = joined_tracks([[left], [right]])
    assert spans([whole]) == [(1, 40, 299)]
    np.testing.assert_array_equal(whole.frames, np.arange(40, 300))
    np.testing.assert_array_equal(whole.xyxy[:, 0], 2.0 * np.arange(40, 300))
    assert set(whole.sources) == {Source.DETECTED}


def seen_in(found, wanted):
    """The track as if its subject had been detected in some frames alone, and followed in the others."""
    seen = np.isin(found.frames, list(wanted))
    sources = tuple(Source.DETECTED if s else Source.TRACKED for s in seen)
    return replace(found, scores=np.where(seen, np.float32(0.9), np.float32(0)), sources=sources)


def test_it_may_be_detected_in_other_frames_on_either_side():
    left = seen_in(track(1, range(120), step=1), range(0, 120, 8))
    right = seen_in(track(1, range(80, 200), step=1), range(83, 200, 8))
    assert spans(joined_tracks([[left], [right]])) == [(1, 0, 199)]
    unseen = seen_in(track(1, range(120), step=1), range(0, 80, 8))
    assert len(joined_tracks([[unseen], [right]])) == 2


def test_where_both_have_a_box_both_are_covered():
    left = track(1, range(120), 0, size=40)
    right = track(1, range(80, 200), 4, size=44)
    (whole,) = joined_tracks([[left], [right]])
    assert whole.box_at(79).tolist() == [0, 0, 40, 40]
    assert whole.box_at(80).tolist() == [0, 0, 48, 44]
    assert whole.box_at(119).tolist() == [0, 0, 48, 44]
    assert whole.box_at(120).tolist() == [4, 0, 48, 44]


def test_the_looks_of_detections_go_along():
    def looking(found, value):
        looks = np.full((len(found.frames), 2, 3), value, np.uint8)
        looks[found.scores == 0] = 0
        return replace(found, looks=looks)

    left = looking(seen_in(track(1, range(120)), range(0, 120, 10)), 11)
    right = looking(seen_in(track(1, range(80, 200)), range(85, 200, 10)), 22)
    (whole,) = joined_tracks([[left], [right]])
    values = {frame: int(look.max()) for frame, look in zip(whole.frames.tolist(), whole.looks, strict=True)}
    assert {frame for frame, value in values.items() if value} == {*range(0, 120, 10), *range(85, 200, 10)}
    assert (values[110], values[115]) == (11, 22)
    (unknown,) = joined_tracks([[left], [replace(right, looks=None)]])
    assert unknown.looks is None


def test_a_track_goes_through_many_segments():
    parts = [[track(7, range(0, 120))], [track(2, range(80, 220))], [track(5, range(180, 320))]]
    assert spans(joined_tracks(parts)) == [(1, 0, 319)]


def test_what_only_one_side_saw_is_kept_on_both_sides_of_the_border():
    beyond = track(1, range(105, 118), 300)
    before = track(1, range(83, 95), 600)
    assert spans(joined_tracks([[beyond], [before]])) == [(1, 83, 94), (2, 105, 117)]


def test_numbers_follow_appearance():
    left = [track(1, range(10, 120), 0), track(2, range(50, 119), 200)]
    right = [track(1, range(80, 150), 0), track(2, range(85, 90), 400), track(3, range(130, 140), 400)]
    assert spans(joined_tracks([left, right])) == [(1, 10, 149), (2, 50, 118), (3, 85, 89), (4, 130, 139)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param([track(1, range(120))], [track(1, range(80, 200), 100)], id="elsewhere"),
        pytest.param([track(1, range(120))], [track(1, range(80, 200), kind=SubjectKind.PLATE)], id="another kind"),
        pytest.param([track(1, range(90))], [track(1, range(90, 200))], id="no frame in common"),
        pytest.param([track(1, range(120), detected=False)], [track(1, range(80, 200))], id="a guess, not seen"),
        pytest.param([track(1, range(120))], [track(1, range(80, 200), -200, step=2)], id="only meet"),
    ],
)
def test_what_is_not_surely_the_same_stays_two(left, right):
    assert spans(joined_tracks([left, right])) == [(1, 0, left[0].last), (2, right[0].first, 199)]


def test_two_that_would_fit_stay_three():
    left = [track(1, range(120))]
    right = [track(1, range(80, 100)), track(2, range(100, 200))]
    assert spans(joined_tracks([left, right])) == [(1, 0, 119), (2, 80, 99), (3, 100, 199)]
    left = [track(1, range(95)), track(2, range(95, 120))]
    right = [track(1, range(80, 200))]
    assert spans(joined_tracks([left, right])) == [(1, 0, 94), (2, 80, 199), (3, 95, 119)]


def test_two_people_who_walk_side_by_side_keep_their_identity():
    left = [track(1, range(120), 0, step=1), track(2, range(120), 45, step=1)]
    right = [track(1, range(80, 200), 45, step=1), track(2, range(80, 200), 0, step=1)]
    first, second = joined_tracks([left, right])
    np.testing.assert_array_equal(first.xyxy[:, 0], np.arange(200))
    np.testing.assert_array_equal(second.xyxy[:, 0], 45 + np.arange(200))


@given(st.data())
def test_nothing_that_either_found_is_lost(data):
    def some(first, stop):
        frames = st.tuples(st.integers(first, stop - 1), st.integers(1, 60))
        drawn = data.draw(st.lists(st.tuples(frames, st.integers(0, 4), st.booleans()), max_size=6))
        return [
            track(i, range(start, min(stop, start + length)), 30 * place, detected=seen)
            for i, ((start, length), place, seen) in enumerate(drawn, start=1)
        ]

    parts = [some(0, BORDER + LEAD), some(BORDER - LEAD, 2 * BORDER + LEAD), some(2 * BORDER - LEAD, 300)]
    whole = joined_tracks(parts)
    assert [t.id for t in whole] == list(range(1, len(whole) + 1))
    assert [t.first for t in whole] == sorted(t.first for t in whole)
    for part in (t for tracks in parts for t in tracks):
        assert any(_covers(t, part) for t in whole)
    assert sum(len(tracks) for tracks in parts) >= len(whole)


def _covers(whole, part):
    at = [whole.position(int(frame)) for frame in part.frames]
    if whole.kind is not part.kind or None in at:
        return False
    boxes = whole.xyxy[at]
    return bool((boxes[:, :2] <= part.xyxy[:, :2]).all() and (boxes[:, 2:] >= part.xyxy[:, 2:]).all())
