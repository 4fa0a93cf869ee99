"""Edits as values, and the log: taking back and doing again, what is about the same, and what a plan becomes."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import get_args

import pytest
from edit_cases import SHA, box, changes, drawn, edit, numbered, sound_spans
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.edits import (
    FIRST_MADE,
    Aspect,
    Change,
    Delete,
    Edit,
    EditLog,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
    change_from_dict,
    change_to_dict,
    planned,
)
from vrijgave.domain.spans import Sound, SoundSpan, Trim, stretches
from vrijgave.domain.tracks import CoverStyle, Plan
from vrijgave.errors import Rejected


@given(changes())
def test_a_change_survives_json(change: Change) -> None:
    assert change_from_dict(json.loads(json.dumps(change_to_dict(change)))) == change


@given(changes(), st.text(), st.text(min_size=1))
def test_an_edit_survives_json(change: Change, reason: str, actor: str) -> None:
    one = edit(3, change, reason, actor)
    assert Edit.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_every_kind_of_change_has_its_own_name() -> None:
    kinds = [kind.__dataclass_fields__["kind"].default for kind in get_args(Change)]
    assert len(set(kinds)) == len(kinds) == 12


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": "erase", "track": 1},
        {"kind": "split", "track": 1},
        {"kind": "split", "track": 1, "frame": -1},
        {"kind": "hide", "track": "x"},
        {"kind": "move_box", "track": 1, "box": {"frame": 0, "xyxy": [0, 0, 2, 2]}},
        {"kind": "move_box", "track": 1, "box": {"frame": 0, "xyxy": [0, 0, float("nan"), 9]}},
        {"kind": "move_box", "track": 1, "box": {"frame": 0, "xyxy": [0, 0, float("inf"), 9]}},
        {"kind": "move_box", "track": 1, "box": {"frame": 0, "xyxy": [0, 0, 9, 9]}, "reach": 10**9},
        {"kind": "extend", "track": 1, "frame": 3, "box": {"frame": 4, "xyxy": [0, 0, 9, 9]}},
        {"kind": "set_trim", "trim": {"first": 5, "last": 4}},
        {"kind": "set_sound", "span": {"sound": "louder", "start_ms": 0}},
        {"kind": "set_sound", "span": {"sound": "keep", "start_ms": 5, "stop_ms": 5}},
        {"kind": "undo", "edit": 0},
    ],
)
def test_what_comes_from_outside_is_refused_with_a_sentence(value: dict[str, object]) -> None:
    with pytest.raises(Rejected, match=r"\w{4}"):
        change_from_dict(value)


def test_taking_back_and_doing_again() -> None:
    first = numbered(Hide(track=1), Hide(track=2))
    taken_back = (*first, edit(3, Undo(edit=2)))
    again = (*taken_back, edit(4, Undo(edit=3)))
    back_again = (*again, edit(5, Undo(edit=2)))
    held = [[e.number for e in EditLog(edits).in_force] for edits in (first, taken_back, again, back_again)]
    assert held == [[1, 2], [1], [1, 2], [1]]


def test_each_person_goes_back_and_forth_over_their_own_edits() -> None:
    log = EditLog((edit(1, Hide(track=1), actor="an"), edit(2, Hide(track=2)), edit(3, Hide(track=3), actor="an")))
    assert (log.next_undo("an", 1), log.next_undo("bo", 1), log.next_redo("an", 1)) == (3, 2, None)
    log = EditLog((*log.edits, edit(4, Undo(edit=3), actor="an")))
    assert (log.next_undo("an", 1), log.next_redo("an", 1)) == (1, 4)
    log = EditLog((*log.edits, edit(5, Undo(edit=4), actor="an")))
    assert (log.next_undo("an", 1), log.next_redo("an", 1)) == (3, None)
    log = EditLog((*log.edits, edit(6, Undo(edit=3), actor="an"), edit(7, Hide(track=9), actor="an")))
    assert (log.next_undo("an", 1), log.next_redo("an", 1)) == (7, None), "a new edit ends what can be done again"
    assert (log.next_undo("an", 2), log.next_undo("cor", 1)) == (None, None)


@given(st.lists(st.sampled_from(["edit", "undo", "redo"]), max_size=12))
def test_undo_and_redo_walk_like_two_stacks(steps: list[str]) -> None:
    log, done, undone = EditLog(), list[int](), list[int]()
    for step in steps:
        number = log.version + 1
        if step == "edit":
            log = EditLog((*log.edits, edit(number, Hide(track=number))))
            done.append(number)
            undone.clear()
            continue
        target = log.next_undo("bo", 1) if step == "undo" else log.next_redo("bo", 1)
        assert (target is None) == (not (done if step == "undo" else undone))
        if target is not None:
            log = EditLog((*log.edits, edit(number, Undo(edit=target))))
            source, sink = (done, undone) if step == "undo" else (undone, done)
            sink.append(source.pop())
        assert [e.number for e in log.in_force] == done


def test_what_was_built_on_an_edit() -> None:
    log = EditLog((*numbered(Split(track=1, frame=9), Hide(track=2)), edit(3, Hide(track=FIRST_MADE + 1), actor="an")))
    built = log.built_on(1)
    assert built is not None
    assert built.number == 3
    assert log.built_on(2) is None
    assert EditLog((*log.edits, edit(4, Undo(edit=3), actor="an"))).built_on(1) is None


def test_only_what_others_did_to_the_same_is_a_clash() -> None:
    log = EditLog((edit(1, Hide(track=1), actor="an"), edit(2, Merge(track=3, other=4), actor="an")))

    def clash(change: Change, base: int, actor: str = "bo") -> int | None:
        found = log.clash(edit(3, change, actor=actor), base)
        return None if found is None else found.number

    assert clash(Split(track=1, frame=3), 0) == 1
    assert clash(Split(track=1, frame=3), 1) is None
    assert clash(Split(track=1, frame=3), 0, "an") is None
    assert clash(Delete(track=4), 0) == 2
    assert clash(Delete(track=5), 0) is None
    assert clash(Undo(edit=1), 0) == 1


def test_what_an_edit_is_about() -> None:
    trim = SetTrim(trim=Trim(first=1, last=2))
    made = EditLog(numbered(drawn(box(1, 0, 0, 9, 9)), trim, SetStyle(style=CoverStyle.MOSAIC), Undo(edit=2)))
    about = [set(made.subjects(each)) for each in made.edits]
    assert about == [{FIRST_MADE + 1}, {Aspect.TRIM}, {Aspect.STYLE}, {Aspect.TRIM}]


def test_a_plan_of_edits() -> None:
    name = SoundSpan(sound=Sound.BLEEP, start_ms=100, stop_ms=200)
    edits = numbered(
        SetSound(span=SoundSpan(sound=Sound.MUTE, start_ms=5)),
        SetSound(span=SoundSpan(sound=Sound.KEEP)),
        SetSound(span=name),
        SetTrim(trim=Trim(first=2, last=7)),
        SetStyle(style=CoverStyle.MOSAIC),
        Show(track=4, anchor=3),
    )
    plan = planned(edits, SHA)
    assert (plan.sound, plan.sound_spans, plan.trim, plan.style) == (
        Sound.KEEP, (name,), Trim(first=2, last=7), CoverStyle.MOSAIC,
    )  # fmt: skip
    assert [(d.track_id, d.anchor) for d in plan.shown()] == [(4, 3)]
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


@pytest.mark.parametrize(
    "change",
    [
        MoveBox(track=4, box=box(3, 0, 0, 9, 9)),
        Split(track=4, frame=9),
        Merge(track=5, other=4),
        Merge(track=4, other=5),
        Extend(track=4, frame=50),
        Delete(track=4),
    ],
)
def test_who_changes_a_track_that_is_shown_has_to_show_it_again(change: Change) -> None:
    shown = Show(track=4, anchor=3)
    assert planned(numbered(shown), SHA).shown_tracks() == (4,)
    assert planned(numbered(shown, change), SHA).shown_tracks() == ()
    assert planned(numbered(shown, change, shown), SHA).shown_tracks() == (4,)


@given(st.lists(sound_spans(), max_size=6), st.sampled_from(Sound))
def test_stretches_lie_end_to_end_and_later_spans_count(spans: list[SoundSpan], everywhere: Sound) -> None:
    found = stretches(everywhere, spans)
    assert found[0].start_ms == 0
    assert found[-1].stop_ms is None
    for before, after in pairwise(found):
        assert before.stop_ms == after.start_ms
        assert before.sound is not after.sound
    for moment in {0, 7000, *(s.start_ms for s in spans), *(s.stop_ms - 1 for s in spans if s.stop_ms)}:
        there = [s for s in spans if s.start_ms <= moment and (s.stop_ms is None or moment < s.stop_ms)]
        (now,) = [s for s in found if s.start_ms <= moment and (s.stop_ms is None or moment < s.stop_ms)]
        assert now.sound is (there[-1].sound if there else everywhere)
