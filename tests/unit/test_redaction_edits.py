"""Edits carried out on an analysis: what is touched and what is not, what may be bared, and who stays sure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from edit_cases import COUNT, analysis, box, drawn, edit, numbered, shaping, track
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from vrijgave.domain.edits import (
    FIRST_MADE,
    Change,
    Delete,
    Edit,
    EditLog,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetTrim,
    Show,
    Split,
)
from vrijgave.domain.spans import Sound, SoundSpan, Trim
from vrijgave.domain.tracks import Analysis, Source, SubjectKind, Track
from vrijgave.errors import NotFound, Rejected
from vrijgave.redaction.edits import Edited, edited
from vrijgave.redaction.exemption import exempt_frames
from vrijgave.redaction.plan import coverage
from vrijgave.redaction.review_data import review_data, revised

BASE = analysis(
    track(1, 20),
    track(2, 30, 55, first=20, last=45),  # lies over the first for a while
    track(3, 200),
    track(4, 240, first=41, last=55),  # goes on where the third ends
    track(5, 20, 150, kind=SubjectKind.PLATE),
)


def there(result: Edited, number: int) -> Track:
    found = result.analysis.track(number)
    assert found is not None
    return found


def after(*changes: Change, reason: str = "") -> Edited:
    return edited(BASE, numbered(*changes, reason=reason))


def test_without_edits_nothing_changes() -> None:
    result = edited(BASE, ())
    assert all(a is b for a, b in zip(result.analysis.tracks, BASE.tracks, strict=True))
    assert result.analysis.as_found == ()


def test_a_moved_box_bends_the_track_less_and_less() -> None:
    old = BASE.tracks[0]
    x0, y0, x1, y1 = (float(v) for v in old.xyxy[10])
    new = there(after(MoveBox(track=1, box=box(10, x0 - 8, y0 - 8, x1 + 8, y1 + 8), reach=3)), 1)
    moved = old.xyxy[:, 0] - new.xyxy[:, 0]
    assert_allclose(moved[6:15], [0, 2, 4, 6, 8, 6, 4, 2, 0], atol=1e-4)
    assert_array_equal(new.xyxy[:7], old.xyxy[:7])
    assert_array_equal(new.xyxy[14:], old.xyxy[14:])
    assert [f for f, s in enumerate(new.sources) if s is Source.MANUAL] == list(range(7, 14))


def test_a_placed_box_stays_where_it_was_placed() -> None:
    def wide(frame: int) -> MoveBox:
        x0, y0, x1, y1 = (float(v) for v in BASE.tracks[0].xyxy[frame])
        return MoveBox(track=1, box=box(frame, x0 - 9, y0 - 9, x1 + 9, y1 + 9), reach=30)

    result = after(wide(10), wide(14))
    new = there(result, 1)
    for frame in (10, 14):
        assert_allclose(new.xyxy[frame], wide(frame).box.xyxy, atol=1e-4)
    assert result.placed == {1: (10, 14)}


def test_a_smaller_or_moved_cover_needs_a_reason_and_is_flagged() -> None:
    x0, y0, x1, y1 = (float(v) for v in BASE.tracks[0].xyxy[10])
    smaller = MoveBox(track=1, box=box(10, x0 + 3, y0 + 3, x1, y1))
    with pytest.raises(Rejected) as refusal:
        after(smaller)
    assert refusal.value.by == "reason"
    assert after(smaller, reason="the hat is not the face").flagged == {1}
    larger = MoveBox(track=1, box=box(10, x0 - 3, y0 - 3, x1 + 3, y1 + 3))
    assert after(larger).flagged == frozenset()
    both = (edit(1, larger), edit(2, MoveBox(track=1, box=box(10, x0, y0, x1, y1))))
    assert edited(BASE, both).flagged == frozenset(), "back to what was found bares nothing"


def test_a_deleted_track_needs_a_reason_and_is_flagged() -> None:
    with pytest.raises(Rejected):
        after(Delete(track=3))
    result = after(Delete(track=3), reason="a poster")
    assert (result.flagged, result.analysis.track(3)) == ({1}, None)


@pytest.mark.parametrize("change", [Show(track=1, anchor=3), Hide(track=1), SetSound(span=SoundSpan(sound=Sound.KEEP))])
def test_showing_hiding_and_keeping_the_sound_need_a_reason(change: Change) -> None:
    with pytest.raises(Rejected):
        after(change)
    after(change, reason="because")


def test_a_split_track_is_two() -> None:
    result = after(Split(track=1, frame=12))
    first, second = there(result, 1), there(result, FIRST_MADE + 1)
    assert (first.first, first.last, second.first, second.last) == (0, 11, 12, 39)
    assert_array_equal(np.concatenate([first.xyxy, second.xyxy]), BASE.tracks[0].xyxy)
    assert first.looks is not None
    assert len(first.looks) == 12


def test_merged_tracks_are_one_whose_passage_proves_nothing() -> None:
    merged = there(after(Merge(track=3, other=4)), 3)
    assert (merged.first, merged.last, len(merged.frames)) == (0, 55, 55)
    assert [int(f) for f, s in zip(merged.frames, merged.sources, strict=True) if s is Source.MANUAL] == [39, 41]
    alone = analysis(merged)
    assert 41 not in exempt_frames(merged, 10, alone)
    assert 10 not in exempt_frames(merged, 50, alone)
    assert len(exempt_frames(merged, 10, alone)) > 30


def test_merged_where_both_are_the_box_is_around_both() -> None:
    twin = track(6, 24, 50)
    merged = there(edited(analysis(track(1, 20), twin), numbered(Merge(track=1, other=6))), 1)
    assert_array_equal(merged.xyxy[:, 0], track(1, 20).xyxy[:, 0])
    assert_array_equal(merged.xyxy[:, 2], twin.xyxy[:, 2])
    assert set(merged.sources) == {Source.MANUAL}


@pytest.mark.parametrize(
    "change",
    [
        Merge(track=1, other=3),  # apart in the same frames
        Merge(track=1, other=5),  # another kind
        Merge(track=1, other=1),
        Split(track=1, frame=0),
        Split(track=1, frame=40),
        Extend(track=1, frame=5),
        Extend(track=1, frame=COUNT),
        MoveBox(track=1, box=box(50, 0, 0, 90, 90)),
        MoveBox(track=1, box=box(5, 400, 0, 490, 90)),
        drawn(box(COUNT, 0, 0, 9, 9)),
        SetTrim(trim=Trim(first=0, last=COUNT)),
        Show(track=1, anchor=50),
    ],
)
def test_what_cannot_be_is_refused(change: Change) -> None:
    with pytest.raises(Rejected):
        after(change, reason="because")


@pytest.mark.parametrize(
    "change",
    [Hide(track=9), Split(track=9, frame=1), Delete(track=9), Extend(track=9, frame=1), Merge(track=1, other=9)],
)
def test_a_track_that_is_not_there_is_not_found(change: Change) -> None:
    with pytest.raises(NotFound):
        after(change, reason="because")


def test_an_extended_track_is_held_or_goes_to_the_drawn_box() -> None:
    held = there(after(Extend(track=1, frame=49)), 1)
    assert held.last == 49
    assert_array_equal(held.xyxy[40:], np.tile(held.xyxy[39], (10, 1)))
    led = there(after(Extend(track=4, frame=31, box=box(31, 100, 40, 130, 80))), 4)
    assert led.first == 31
    assert_allclose(led.xyxy[0], (100, 40, 130, 80))
    assert_allclose(led.xyxy[5], (170, 45, 200, 85))
    assert set(led.sources[:10]) == {Source.MANUAL}


def test_a_drawn_track_runs_straight_between_its_boxes() -> None:
    result = after(drawn(box(5, 10, 10, 30, 30), box(9, 50, 10, 70, 30)))
    new = there(result, FIRST_MADE + 1)
    assert_allclose(new.xyxy[:, 0], [10, 20, 30, 40, 50])
    assert result.flagged == frozenset()


def covered(result: Edited) -> list[np.ndarray]:
    """Every pixel's cover in every frame."""
    made = coverage(result.analysis, result.plan)
    frames = []
    for frame in range(COUNT):
        canvas = np.zeros((240, 320), np.bool_)
        for x0, y0, x1, y1 in np.clip(made.boxes(frame), 0, 320):
            canvas[int(np.floor(y0)) : int(np.ceil(y1)), int(np.floor(x0)) : int(np.ceil(x1))] = True
        frames.append(canvas)
    return frames


def possible(base: Analysis, wanted: Sequence[Change], given: tuple[Edit, ...] = ()) -> tuple[Edit, ...]:
    """Those of the wanted edits, without reasons, that are not refused, after the given ones."""
    edits = given
    for change in wanted:
        more = (*edits, edit(len(edits) + 1, change))
        try:
            edited(base, more)
        except Rejected:
            continue
        edits = more
    return edits


KNOWN = st.sampled_from([1, 2, 3, 4, 5, FIRST_MADE + 3, FIRST_MADE + 4])


@limits(max_examples=60)
@given(st.lists(shaping(KNOWN), max_size=5))
def test_nothing_is_uncovered_without_a_reason(wanted: list[Change]) -> None:
    shown = numbered(Show(track=3, anchor=10), Show(track=1, anchor=5), reason="the suspect")
    edits = possible(BASE, wanted, shown)
    result = edited(BASE, edits)
    for frame, (before, now) in enumerate(zip(covered(edited(BASE, shown)), covered(result), strict=True)):
        assert not (before & ~now).any(), frame
    assert result.flagged == frozenset()


@limits(max_examples=60)
@given(st.lists(shaping(KNOWN), max_size=5))
def test_tracks_that_no_edit_is_about_stay_the_same_objects(wanted: list[Change]) -> None:
    edits = possible(BASE, wanted)
    log = EditLog(edits)
    about = {subject for each in edits for subject in log.subjects(each)}
    result = edited(BASE, edits)
    for old in BASE.tracks:
        if old.id not in about:
            assert result.analysis.track(old.id) is old


@limits(max_examples=40)
@given(st.lists(shaping(KNOWN), max_size=4), st.integers(0, COUNT - 1))
def test_whoever_is_shown_again_after_edits_was_sure_without_them(wanted: list[Change], anchor: int) -> None:
    """A part of a track that no person has touched never shows more than the track did."""
    edits = possible(BASE, wanted)
    result = edited(BASE, edits)
    for old in BASE.tracks:
        new = result.analysis.track(old.id)
        if new is old and old.position(anchor) is not None:
            more = set(exempt_frames(new, anchor, result.analysis)) - set(exempt_frames(old, anchor, BASE))
            assert not more


def test_moving_another_away_does_not_make_anybody_sure() -> None:
    two = analysis(track(1, 20, step=0), track(2, 25, step=0))
    away = MoveBox(track=2, box=box(20, 200, 150, 240, 200), reach=60)
    result = edited(two, (edit(1, away, "it is elsewhere"),))
    assert result.flagged == {1}
    assert len(exempt_frames(there(result, 1), 20, result.analysis)) == 0
    gone = edited(two, (edit(1, Delete(track=2), "a false find"),))
    assert len(exempt_frames(there(gone, 1), 20, gone.analysis)) == 40


@limits(max_examples=40)
@given(st.lists(shaping(KNOWN), max_size=4))
def test_review_data_after_edits_are_those_worked_out_anew(wanted: list[Change]) -> None:
    edits = possible(BASE, wanted)
    before, data = BASE, review_data(BASE)
    for count in range(len(edits) + 1):
        now = edited(BASE, edits[:count]).analysis
        before, data = now, revised(data, before, now)
        assert data.to_dict() == review_data(now).to_dict()


@limits(max_examples=40)
@given(st.lists(shaping(KNOWN), max_size=4))
def test_edits_that_go_on_from_earlier_ones_end_as_all_of_them_at_once(wanted: list[Change]) -> None:
    edits = possible(BASE, wanted)
    earlier = [edited(BASE, edits[:count]) for count in range(0, len(edits), 2)]
    at_once = edited(BASE, edits)
    still_there = at_once.analysis.tracks[0].id
    others = [
        edited(BASE, (edit(1, Hide(track=4), "another review"),)),
        edited(BASE, (*edits, edit(9, Hide(track=still_there), "x"))),
    ]
    further = edited(BASE, edits, [*earlier, *others])
    assert further.analysis.to_dict() == at_once.analysis.to_dict()
    assert [t.to_dict() for t in further.analysis.as_found] == [t.to_dict() for t in at_once.analysis.as_found]
    assert (further.plan, further.flagged, further.placed) == (at_once.plan, at_once.flagged, at_once.placed)
    if earlier:
        begun = {track.id: track for track in earlier[-1].analysis.tracks}
        about = {each for one in edits[len(earlier[-1].edits) :] for each in EditLog(edits).subjects(one)}
        assert all(track is begun[track.id] for track in further.analysis.tracks if track.id not in about)
