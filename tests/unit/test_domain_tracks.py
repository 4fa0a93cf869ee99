"""Tracks, what was found, and what a person decided: validation, JSON round trips, changed minds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import (
    Action,
    Analysis,
    CoverStyle,
    Decision,
    Detections,
    ModelInfo,
    Plan,
    Source,
    SubjectKind,
    Track,
)

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def track(frames: list[int], track_id: int = 1, **other: Any) -> Track:
    n = len(frames)
    boxes = np.tile(np.array([[10, 20, 30, 60]], np.float32), (n, 1))
    values: dict[str, Any] = {
        "id": track_id,
        "kind": SubjectKind.FACE,
        "frames": np.array(frames, np.int64),
        "xyxy": boxes,
        "scores": np.full(n, 0.5, np.float32),
        "sources": (Source.DETECTED,) * n,
    } | other
    return Track(**values)


@st.composite
def tracks(draw: st.DrawFn, track_id: int = 1) -> Track:
    frames = sorted(draw(st.sets(st.integers(0, 10_000), min_size=1, max_size=12)))
    n = len(frames)
    coordinate = st.floats(-100, 8000, width=32)
    boxes = draw(st.lists(st.tuples(*[coordinate] * 4), min_size=n, max_size=n))
    scores = draw(st.lists(st.floats(0, 1, width=32), min_size=n, max_size=n))
    sources = draw(st.lists(st.sampled_from(Source), min_size=n, max_size=n))
    return Track(
        track_id,
        draw(st.sampled_from(SubjectKind)),
        np.array(frames, np.int64),
        np.array(boxes, np.float32),
        np.array(scores, np.float32),
        tuple(sources),
    )


def through_json(value: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain


def assert_same_track(found: Track, expected: Track) -> None:
    """Equal but for the rounding that ``to_dict`` states: a tenth of a pixel, four decimals of a score."""
    assert (found.id, found.kind, found.sources) == (expected.id, expected.kind, expected.sources)
    assert_array_equal(found.frames, expected.frames)
    assert found.frames.dtype == np.int64
    assert_allclose(found.xyxy, expected.xyxy, rtol=1e-6, atol=0.051)
    assert_allclose(found.scores, expected.scores, atol=0.000051)
    assert (found.xyxy.dtype, found.scores.dtype) == (np.float32, np.float32)


# -- detections ---------------------------------------------------------------------------------------------------


def test_no_detections_have_shapes_all_the_same() -> None:
    empty = Detections.empty()
    assert len(empty) == 0
    assert (empty.xyxy.shape, empty.scores.shape) == ((0, 4), (0,))
    assert (empty.xyxy.dtype, empty.scores.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(("boxes", "scores"), [((0,), (0,)), ((2, 4), (1,)), ((2, 5), (2,)), ((2, 4), (2, 1))])
def test_boxes_and_scores_have_to_belong_together(boxes: tuple[int, ...], scores: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        Detections(np.zeros(boxes, np.float32), np.zeros(scores, np.float32))


# -- one track ----------------------------------------------------------------------------------------------------


def test_a_track_without_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="0 frames"):
        track([])


@pytest.mark.parametrize(
    "wrong",
    [
        {"xyxy": np.zeros((1, 4), np.float32)},
        {"xyxy": np.zeros((2, 5), np.float32)},
        {"scores": np.zeros(3, np.float32)},
        {"sources": (Source.DETECTED,)},
    ],
)
def test_parts_of_different_length_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="track 1: 2 frames"):
        track([3, 4], **wrong)


@pytest.mark.parametrize("frames", [[4, 3], [3, 3], [1, 5, 5, 6]])
def test_frames_have_to_ascend(frames: list[int]) -> None:
    with pytest.raises(ValueError, match="must ascend"):
        track(frames)


@given(tracks())
def test_every_frame_of_a_track_is_found_and_no_other(found: Track) -> None:
    held = found.frames.tolist()
    assert (found.first, found.last) == (min(held), max(held))
    for frame in {*held, *(f + 1 for f in held), *(f - 1 for f in held), 10_002}:
        if frame in held:
            box = found.box_at(frame)
            assert found.position(frame) == held.index(frame)
            assert box is not None
            assert_array_equal(box, found.xyxy[held.index(frame)])
        else:
            assert found.position(frame) is None
            assert found.box_at(frame) is None


def test_the_clearest_frame_is_large_and_sure() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 40, 40], [0, 0, 50, 50]], np.float32)
    scores = np.array([0.9, 0.8, 0.0], np.float32)
    assert track([7, 8, 9], xyxy=boxes, scores=scores).clearest == 8


@given(tracks())
def test_a_track_survives_json(expected: Track) -> None:
    assert_same_track(Track.from_dict(through_json(expected.to_dict())), expected)


# -- what was found -----------------------------------------------------------------------------------------------


def test_an_empty_analysis_survives_json() -> None:
    expected = Analysis(source_sha256="0" * 64, width=640, height=360, frame_count=0, tracks=())
    found = Analysis.from_dict(through_json(expected.to_dict()))
    assert found == expected
    assert found.track(1) is None


@given(
    st.lists(tracks(), max_size=3), st.lists(st.integers(0, 99), max_size=4), st.lists(st.integers(0, 99), max_size=4)
)
def test_an_analysis_survives_json(held: list[Track], cuts: list[int], unreadable: list[int]) -> None:
    expected = Analysis(
        source_sha256="a" * 64,
        width=1920,
        height=1080,
        frame_count=10_001,
        tracks=tuple(held),
        cuts=tuple(cuts),
        unreadable=tuple(unreadable),
        models=(ModelInfo(name="faces", sha256="b" * 64, parameters={"threshold": 0.2, "tiles": 4}),),
        parameters={"grow": 1.25, "mode": "both ways"},
    )
    found = Analysis.from_dict(through_json(expected.to_dict()))
    assert (found.cuts, found.unreadable, found.models) == (expected.cuts, expected.unreadable, expected.models)
    assert (found.source_sha256, found.width, found.height, found.frame_count, found.parameters) == (
        expected.source_sha256,
        expected.width,
        expected.height,
        expected.frame_count,
        expected.parameters,
    )
    assert len(found.tracks) == len(held)
    for got, wanted in zip(found.tracks, held, strict=True):
        assert_same_track(got, wanted)


def test_a_track_is_found_by_its_number() -> None:
    analysis = Analysis(
        source_sha256="0" * 64, width=640, height=360, frame_count=9, tracks=(track([1], 4), track([2], 7))
    )
    found = analysis.track(7)
    assert found is not None
    assert found.first == 2
    assert analysis.track(5) is None


def test_looks_survive_json_where_something_was_detected_and_nothing_else_is_kept() -> None:
    looks = np.arange(3 * 12, dtype=np.uint8).reshape(3, 2, 2, 3)
    sources = (Source.DETECTED, Source.TRACKED, Source.DETECTED)
    one = Track(
        1, SubjectKind.FACE, np.arange(3), np.zeros((3, 4), np.float32), np.zeros(3, np.float32), sources, looks
    )
    again = Track.from_dict(through_json(one.to_dict())).looks
    assert again is not None
    assert (again[[0, 2]] == looks[[0, 2]]).all()
    assert (again[1] == 0).all()
    with pytest.raises(ValueError, match="looks"):
        replace(one, looks=looks[:2])


def test_a_subject_may_be_pointed_out_in_several_frames_until_it_is_covered() -> None:
    first, second = (replace(decision(1, Action.SHOW, m), anchor=m) for m in (1, 2))
    cover = decision(1, Action.COVER, 3)
    both = Plan(source_sha256="0" * 64, decisions=(first, second))
    assert (both.shown(), both.shown_tracks()) == ((first, second), (1,))
    assert replace(both, decisions=(first, second, cover)).shown() == ()
    assert replace(both, decisions=(first, cover, second)).shown() == (second,)


# -- what a person decided ----------------------------------------------------------------------------------------


def decision(track_id: int, action: Action, minute: int = 0) -> Decision:
    return Decision(
        track_id=track_id,
        action=action,
        reason=f"reason {minute}",
        actor="reviewer",
        at=T0 + timedelta(minutes=minute),
        anchor=3 if action is Action.SHOW else None,
    )


def test_an_empty_plan_covers_all_mutes_and_survives_json() -> None:
    plan = Plan(source_sha256="0" * 64)
    assert plan.shown() == ()
    assert plan.decision(1) is None
    assert plan.sound is Sound.MUTE
    assert plan.style is CoverStyle.OPAQUE
    assert Plan.from_dict(through_json(plan.to_dict())) == plan


def test_a_changed_mind_counts() -> None:
    show, cover, again = decision(1, Action.SHOW), decision(1, Action.COVER, 1), decision(1, Action.SHOW, 2)
    other = decision(2, Action.SHOW, 1)
    assert Plan(source_sha256="0" * 64, decisions=(show,)).shown() == (show,)
    assert Plan(source_sha256="0" * 64, decisions=(show, cover)).shown() == ()
    assert Plan(source_sha256="0" * 64, decisions=(show, other, cover)).shown() == (other,)
    assert Plan(source_sha256="0" * 64, decisions=(show, other, cover, again)).shown() == (again, other)


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(Action)), max_size=20))
def test_shown_is_what_the_last_word_about_each_track_shows(words: list[tuple[int, Action]]) -> None:
    plan = Plan(source_sha256="0" * 64, decisions=tuple(decision(i, a, m) for m, (i, a) in enumerate(words)))
    last = {track_id: minute for minute, (track_id, _action) in enumerate(words)}
    expected = {plan.decisions[minute] for minute in last.values() if words[minute][1] is Action.SHOW}
    shown = plan.shown()
    assert set(shown) == expected
    assert len(shown) == len(expected)
    assert all(plan.decision(track_id) is plan.decisions[minute] for track_id, minute in last.items())


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from(Action)), max_size=6),
    st.sampled_from(Sound),
    st.sampled_from(CoverStyle),
)
def test_a_plan_survives_json(words: list[tuple[int, Action]], sound: Sound, style: CoverStyle) -> None:
    decisions = tuple(decision(i, a, m) for m, (i, a) in enumerate(words))
    plan = Plan(source_sha256="c" * 64, decisions=decisions, sound=sound, style=style)
    assert Plan.from_dict(through_json(plan.to_dict())) == plan


def test_decisions_that_are_no_list_are_refused() -> None:
    with pytest.raises(ValueError, match="must be a list"):
        Plan.from_dict({"source_sha256": "0" * 64, "sound": "mute", "decisions": {"track_id": 1}})


@pytest.mark.parametrize("field", ["action", "sound", "style"])
def test_an_unknown_word_in_a_plan_is_refused(field: str) -> None:
    """An action that this version does not know may not pass for «cover» or «show»."""
    plan = Plan(source_sha256="0" * 64, decisions=(decision(1, Action.SHOW),)).to_dict()
    (plan["decisions"][0] if field == "action" else plan)[field] = "soften"
    with pytest.raises(ValueError, match="soften"):
        Plan.from_dict(plan)


def test_unbroken_tracks_meet_as_broken_ones_do() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        a, b = (_track(rng) for _ in range(2))
        for step in (-1, 0, 1):
            mine, theirs = a.together(b, step)
            common = np.intersect1d(a.frames, b.frames - step)
            assert (a.frames[mine] == common).all()
            assert len(mine) == len(theirs) == len(common)
            assert (b.frames[theirs] - step == common).all()


def _track(rng: np.random.Generator) -> Track:
    first, length = int(rng.integers(0, 12)), int(rng.integers(1, 12))
    frames = np.arange(first, first + length)
    if rng.random() < 0.4:
        frames = frames[np.sort(rng.choice(length, max(1, length // 2), replace=False))]
    n = len(frames)
    return Track(
        1, SubjectKind.FACE, frames, np.zeros((n, 4), np.float32), np.zeros(n, np.float32), (Source.TRACKED,) * n
    )
