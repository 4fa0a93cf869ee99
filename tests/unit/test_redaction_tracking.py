"""Tracking adds and never removes, and a number never passes from one person to another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.domain.tracks import Detections, Source, SubjectKind
from vrijgave.redaction.geometry import covered_shares
from vrijgave.redaction.motion import FlowMotion, Moved, StillMotion
from vrijgave.redaction.tracking import Tracker, TrackingSettings

WIDTH, HEIGHT = 320, 240
SETTINGS = TrackingSettings(rate=10)


def found(*boxes, score=0.9):
    return {
        SubjectKind.FACE: Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32))
    }


def track_all(frames, cuts=()):
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), StillMotion()
    for index, seen in enumerate(frames):
        if index in cuts:
            tracker.cut()
            motion.forget(index)
        tracker.step(index, seen, motion)
    return tracker.finish()


def box(x, y=100, size=30):
    return (x, y, x + size, y + size)


def test_nothing_seen_gives_no_tracks():
    assert track_all([found()] * 5) == ()
    assert track_all([{}] * 5) == ()


boxes = st.tuples(st.integers(0, WIDTH - 12), st.integers(0, HEIGHT - 12), st.integers(8, 90), st.integers(8, 90)).map(
    lambda b: (b[0], b[1], min(b[0] + b[2], WIDTH), min(b[1] + b[3], HEIGHT))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(boxes, max_size=4), min_size=1, max_size=12), st.sets(st.integers(1, 11), max_size=2))
def test_every_detection_is_covered_in_its_frame(frames, cuts):
    tracks = track_all([found(*f) for f in frames], cuts)
    for index, expected in enumerate(frames):
        present = np.array([b for t in tracks if (b := t.box_at(index)) is not None], np.float32).reshape(-1, 4)
        for one in expected:
            assert covered_shares(np.array([one], np.float32), present).max(initial=0) > 0.99


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(boxes, max_size=4), min_size=2, max_size=12), st.integers(1, 11))
def test_no_track_passes_a_cut(frames, cut):
    for track in track_all([found(*f) for f in frames], {cut}):
        assert track.last < cut or track.first >= cut


def test_a_steady_subject_is_one_track_and_gaps_are_filled():
    frames = [found(box(40 + 4 * i)) if i not in (5, 6, 7) else found() for i in range(15)]
    (track,) = track_all(frames)
    assert (track.first, track.last) == (0, 14)
    assert [track.sources[i] for i in (4, 5, 7, 8)] == [
        Source.DETECTED, Source.TRACKED, Source.TRACKED, Source.DETECTED,
    ]  # fmt: skip
    for i in (5, 6, 7):
        hidden = np.array([box(40 + 4 * i)], np.float32)
        assert covered_shares(hidden, track.xyxy[i][None])[0, 0] > 0.99


def test_cover_before_the_first_and_after_the_last_detection():
    (track,) = track_all([found(box(100)) if 10 <= i < 20 else found() for i in range(40)])
    assert track.first < 10
    assert track.last > 19
    assert track.last < 39


def test_a_frame_that_nobody_looked_at_is_filled():
    (track,) = track_all([found(box(100)) if i % 2 == 0 else {} for i in range(9)])
    assert track.frames.tolist() == list(range(9))


def test_weak_detections_only_prolong():
    assert track_all([found(box(100), score=0.15)] * 6) == ()
    strong_then_weak = [found(box(100))] * 3 + [found(box(100), score=0.15)] * 20
    (track,) = track_all(strong_then_weak)
    assert track.last == 22
    assert set(track.sources) == {Source.DETECTED}


def test_weak_detections_before_the_first_sure_one_are_taken_in():
    (track,) = track_all([found(box(100), score=0.15)] * 3 + [found(box(100))] * 2)
    assert track.first == 0
    assert track.scores[0] == pytest.approx(0.15)


def crossing(paths, count=21):
    """Frames with one box a path, each at its own x."""
    return [found(*(box(x(i), y) for x, y in paths)) for i in range(count)]


def owners(track, paths):
    """Which of the paths the detections of a track lie on."""
    seen = set()
    for frame, b, source in zip(track.frames, track.xyxy, track.sources, strict=True):
        if source is not Source.DETECTED:
            continue
        middle = (b[0] + b[2]) / 2
        distances = [abs(middle - (x(frame) + 15)) for x, _y in paths]
        if abs(distances[0] - distances[1]) > 12:
            seen.add(int(np.argmin(distances)))
    return seen


@pytest.mark.parametrize("speed", [3, 6, 10])
@pytest.mark.parametrize("gap", [0, 6, 12])
def test_numbers_do_not_swap_when_two_cross(speed, gap):
    paths = [(lambda i: 60 + speed * i, 100), (lambda i: 60 + speed * (20 - i), 100 + gap)]
    for track in track_all(crossing(paths)):
        assert len(owners(track, paths)) <= 1


@pytest.mark.parametrize("speed", [3, 6, 10])
def test_numbers_do_not_swap_when_two_meet_and_turn_back(speed):
    paths = [(lambda i: 150 - speed * abs(i - 10), 100), (lambda i: 155 + speed * abs(i - 10), 100)]
    for track in track_all(crossing(paths)):
        assert len(owners(track, paths)) <= 1


class Zooming(StillMotion):
    """Pretends to be sure that everything grows, by far more than it can."""

    def forward(self, xyxy):
        centre, size = (xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2]
        grown = np.concatenate([centre - size * 0.525, centre + size * 0.525], axis=1).astype(np.float32)
        return Moved(grown, np.ones(len(xyxy), np.bool_))


@pytest.mark.parametrize("seen_in", [range(10), range(20, 30)])
def test_a_box_does_not_grow_without_end_where_nothing_is_detected(seen_in):
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Zooming()
    for index in range(30):
        tracker.step(index, found(box(140)) if index in seen_in else found(), motion)
    (track,) = tracker.finish()
    assert len(track.frames) > 20
    assert (track.xyxy[:, 2:] - track.xyxy[:, :2]).max() < 100


def test_a_plate_seen_once_is_followed_for_a_second_and_a_face_is_not():
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Steady()
    once = found(box(100))[SubjectKind.FACE]
    for index in range(60):
        seen = once if index == 30 else Detections.empty()
        tracker.step(index, {SubjectKind.FACE: seen, SubjectKind.PLATE: seen}, motion)
    spans = {track.kind: (track.first, track.last) for track in tracker.finish()}
    first, last = spans[SubjectKind.PLATE]
    assert first <= 30 - 10
    assert last >= 30 + 10
    first, last = spans[SubjectKind.FACE]
    assert first > 30 - 10
    assert last < 30 + 10


class Steady(StillMotion):
    """Sure that nothing moves."""

    def forward(self, xyxy):
        return Moved(xyxy.copy(), np.ones(len(xyxy), np.bool_))


def test_two_that_fit_equally_end_the_track():
    frames = [found(box(100))] * 4 + [found(box(92), box(108))] + [found(box(80), box(120))] * 3
    tracks = track_all(frames)
    first = next(t for t in tracks if t.first == 0 and t.sources[0] is Source.DETECTED)
    assert first.last == 3
    assert sum(t.sources[0] is Source.DETECTED or Source.DETECTED in t.sources for t in tracks) == 3


def test_what_a_doubtful_track_covered_stays_covered():
    frames = [found(box(100), box(140))] * 8 + [found(box(120))] + [found()] * 2
    tracks = track_all(frames)
    after = np.array([b for t in tracks if (b := t.box_at(8)) is not None], np.float32)
    for hidden in (box(100), box(120), box(140)):
        assert covered_shares(np.array([hidden], np.float32), after).max() > 0.99


def test_a_face_near_the_edge_is_covered_up_to_it():
    (track,) = track_all([found(box(4))] * 3)
    assert track.xyxy[:, 0].max() == 0


@pytest.mark.parametrize(("step", "reaches"), [(15, True), (2, False)])
def test_a_face_that_would_cross_the_edge_in_the_next_frame_is_covered_up_to_it(step, reaches):
    last = WIDTH - 30 - 25
    (track,) = track_all([found(box(last - step * i)) for i in range(4, -1, -1)])
    assert bool(track.xyxy[-1, 2] == WIDTH) is reaches


class LostAtTheEdge(StillMotion):
    """Sure that everything rises 23 pixels a frame, but not of what is within 40 pixels of the lower edge."""

    def backward(self, frame, xyxy):
        sure = xyxy[:, 3] < HEIGHT - 40
        return Moved((xyxy + np.array([0, 23, 0, 23], np.float32) * sure[:, None]).astype(np.float32), sure)


def test_what_came_into_the_picture_fast_is_covered_from_its_first_frame():
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), LostAtTheEdge()
    places = {frame: HEIGHT - 6 - 23 * (frame - 3) for frame in range(3, 8)}
    for frame in range(8):
        seen = np.array([[150, places[7], 178, places[7] + 13]] if frame == 7 else [], np.float32).reshape(-1, 4)
        tracker.step(frame, {SubjectKind.PLATE: Detections(seen, np.full(len(seen), 0.9, np.float32))}, motion)
    (track,) = tracker.finish()
    for frame in (3, 4, 5, 6):
        there = np.array([[150, places[frame], 178, min(places[frame] + 13, HEIGHT)]], np.float32)
        assert covered_shares(there, track.box_at(frame)[None])[0, 0] > 0.95


def test_flow_follows_what_moves_and_says_where_it_cannot():
    rng = np.random.default_rng(3)
    scene = rng.integers(60, 200, (240, 320, 3), np.uint8)
    scene = np.asarray(np.kron(scene[::8, ::8], np.ones((8, 8, 1), np.uint8)), np.uint8)
    motion = FlowMotion(4)
    for step in range(3):
        motion.add(step, np.roll(scene[..., 0], 5 * step, axis=1))
    start = np.array([[100, 100, 140, 140]], np.float32)
    moved = motion.forward(start)
    assert moved.sure.tolist() == [True]
    assert np.allclose(moved.xyxy, start + np.array([5, 0, 5, 0]), atol=1)
    back = motion.backward(2, start)
    assert back is not None
    assert np.allclose(back.xyxy, start - np.array([5, 0, 5, 0]), atol=1)
    assert motion.backward(0, start) is None
    motion.forget()
    assert motion.backward(2, start) is None


def of_kind(kind, *boxes, score):
    return {kind: Detections(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32))}


def test_a_large_face_has_to_be_surer_than_a_small_one():
    small, large = box(40, size=20), box(120, 20, size=120)
    (track,) = track_all([found(small, large, score=0.3)] * 4)
    assert track.xyxy[:, 2].max() < 120


def test_what_is_large_and_once_seen_surely_goes_on_through_weak_detections():
    large = box(120, 20, size=120)
    frames = [found(large, score=score) for score in (0.15, 0.15, 0.9, 0.15, 0.15, 0.15)]
    (track,) = track_all(frames)
    assert track.frames.tolist() == list(range(6))


def test_a_large_plate_seen_once_is_not_followed_for_a_second():
    def span(seen):
        tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Steady()
        for index in range(40):
            tracker.step(index, of_kind(SubjectKind.PLATE, *([seen] if index == 20 else []), score=0.9), motion)
        (track,) = tracker.finish()
        return track.last - track.first

    assert span(box(100, 80, size=80)) < 0.7 * span(box(100, 80, size=20))


def test_a_weak_plate_is_covered_where_its_track_was_linked_to_something_else():
    before, plate, other = (100, 100, 140, 110), (86, 100, 126, 110), (112, 100, 152, 110)
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Steady()
    for seen in (((before, 0.9),), ((plate, 0.2), (other, 0.9))):
        boxes, scores = zip(*seen, strict=True)
        found = Detections(np.array(boxes, np.float32), np.array(scores, np.float32))
        tracker.step(0 if len(seen) == 1 else 1, {SubjectKind.PLATE: found}, motion)
    covering = [b for t in tracker.finish() if (b := t.box_at(1)) is not None]
    assert covered_shares(np.array([plate], np.float32), np.array(covering, np.float32)).max() > 0.99


def test_a_small_plate_may_be_less_sure_than_a_large_one():
    def tracks(seen):
        tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Steady()
        tracker.step(0, of_kind(SubjectKind.PLATE, seen, score=0.4), motion)
        return tracker.finish()

    assert len(tracks((100, 100, 120, 105))) == 1
    assert tracks((100, 100, 200, 125)) == ()


def followed(others, *, found_in):
    """The track of the first of several faces, which is found in the frames ``found_in`` of 150; the others always."""
    tracker, motion = Tracker(SETTINGS, WIDTH, HEIGHT), Steady()
    for index in range(150):
        tracker.step(index, found(*([box(60)] if index in found_in else []), *others), motion)
    return next(track for track in tracker.finish() if abs(track.xyxy[0][0] - 60) < 15)


@pytest.mark.parametrize(("others", "seconds"), [([], 3), ([box(200)], 3), ([box(85, y=120)], 2)])
def test_who_was_found_often_is_followed_for_longer_where_nobody_else_is(others, seconds):
    track = followed(others, found_in=range(60, 90))
    assert (track.frames[0], track.frames[-1]) == (60 - 10 * seconds, 89 + 10 * seconds)
