"""An exemption never passes to somebody else, whatever people do."""

from dataclasses import replace
from datetime import UTC, datetime
from math import cos, sin

import numpy as np
import pytest
from crowds import (
    SOURCE,
    Person,
    World,
    exposed,
    follow,
    owner,
    straight,
    there_and_back,
    tracks_of,
    without_looks,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.domain.tracks import Action, Decision, Plan
from vrijgave.redaction.exemption import sure_runs
from vrijgave.redaction.plan import coverage

BLUE, GREEN, TAN, ROSE = (110, 120, 90), (110, 90, 140), (160, 140, 150), (90, 165, 140)


def show(*points):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return Plan(
        source_sha256=SOURCE,
        decisions=tuple(
            Decision(track_id=track, action=Action.SHOW, reason="suspect", actor="someone", at=at, anchor=anchor)
            for track, anchor in points
        ),
    )


def points_to(world, analysis, suspect):
    """Where a reviewer who sees ``suspect`` can point: (track, frame), one for each run."""
    for track_id, frames in tracks_of(world, analysis, suspect).items():
        track = analysis.track(track_id)
        runs = sure_runs(track, analysis)
        yield from {run: (track_id, f) for f in frames if (run := runs[track.position(f)]) >= 0}.values()


def assert_nobody_else_shows(world, analysis):
    """Whoever is pointed out, wherever it is sure who it is: no other face shows."""
    for suspect in range(len(world.people)):
        for point in points_to(world, analysis, suspect):
            filled = coverage(analysis, show(point))
            (exemption,) = filled.exemptions
            for frame in exemption.frames.tolist():
                assert owner(world, exemption.track, frame) in {suspect, None}, (point, frame)
                for other in set(range(len(world.people))) - {suspect}:
                    assert exposed(world, filled, other, frame) <= 0.2, (point, frame, other)


def visibility(world, analysis, suspect=0, free=None):
    """Share of the frames (``free``: those that count) in which a reviewer can leave the suspect visible."""
    filled = coverage(analysis, show(*points_to(world, analysis, suspect)))
    frames = [f for f in range(world.count) if world.visible(suspect, f) and (free is None or f in free)]
    return np.mean([exposed(world, filled, suspect, f) > 0.5 for f in frames])


def crossing(speed, *, rate=25.0, gap=0.0, colours=(BLUE, TAN), depths=(0, 1), **changes):
    """Two who walk towards each other and pass in the middle of the clip."""
    half = max(30, int(200 / speed))
    return World(
        people=(
            Person(path=straight((320 - speed * half, 180), (speed, 0)), colour=colours[0], depth=depths[0]),
            Person(path=straight((320 + speed * half, 180 + gap), (-speed, 0)), colour=colours[1], depth=depths[1]),
        ),
        count=2 * half, rate=rate, **changes,
    )  # fmt: skip


@pytest.mark.parametrize("speed", [2, 9, 20, 35])
@pytest.mark.parametrize("gap", [0, 30])
@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("looks_every", [1, 4, 8])
def test_crossing(speed, gap, careless, looks_every):
    for depths in ((0, 1), (1, 0)):
        world = crossing(speed, gap=gap, depths=depths, colours=(BLUE, BLUE), looks_every=looks_every)
        assert_nobody_else_shows(world, follow(world, careless=careless))


@pytest.mark.parametrize("speed", [1.5, 4, 9, 20, 35])
@pytest.mark.parametrize("distance", [0, 10, 30, 50])
@pytest.mark.parametrize("careless", [False, True])
def test_meeting_and_turning_back(speed, distance, careless):
    turn = 30
    world = World(
        people=(
            Person(path=there_and_back((320 - distance / 2 - speed * turn, 180), (speed, 0), turn), colour=BLUE),
            Person(
                path=there_and_back((320 + distance / 2 + speed * turn, 180), (-speed, 0), turn), depth=1,
                colour=BLUE,
            ),
        ),
        count=2 * turn,
    )  # fmt: skip
    assert_nobody_else_shows(world, follow(world, careless=careless))


@pytest.mark.parametrize("hidden", [1, 4, 10, 20])
def test_who_comes_up_in_the_place_of_another(hidden):
    """The suspect vanishes; after ``hidden`` frames somebody who was never seen before stands there."""
    stands = straight((300, 180), (1, 0))
    world = World(
        people=(
            Person(path=stands, colour=BLUE, absent=frozenset(range(30, 60))),
            Person(path=stands, colour=TAN, absent=frozenset(range(30 + hidden - 1))),
        )
    )
    assert_nobody_else_shows(world, follow(world))


@pytest.mark.parametrize("hidden", [2, 4, 10])
def test_who_enters_where_another_left_looking_the_same(hidden):
    world = World(
        people=(
            Person(path=straight((320 - 10 * 30, 180), (-10, 0)), absent=frozenset(range(60))),
            Person(path=lambda f: (320 - 10.0 * f, 180), colour=BLUE, absent=frozenset(range(32, 60))),
            Person(path=lambda f: (10.0 * (f - 32 - hidden), 180), colour=BLUE, absent=frozenset(range(31 + hidden))),
        ),
    )
    assert_nobody_else_shows(world, follow(world))


def test_a_cut_to_another_in_the_same_place():
    stands = straight((300, 180), (0, 0))
    world = World(
        people=(
            Person(path=stands, colour=BLUE, absent=frozenset(range(30, 60))),
            Person(path=stands, colour=BLUE, absent=frozenset(range(30))),
        ),
        cuts=(30,),
    )
    assert_nobody_else_shows(world, follow(world))


@pytest.mark.parametrize("speed", [3, 8, 16])
def test_an_occluder_that_is_never_detected_brings_somebody_along(speed):
    """A back passes in front of the suspect; behind it comes up a face that was never seen."""
    world = World(
        people=(
            Person(path=straight((300, 180), (0, 0)), colour=BLUE, absent=frozenset(range(30, 60))),
            Person(path=straight((300 - speed * 30, 180), (speed, 0)), faceless=True, size=60, depth=2),
            Person(path=straight((300, 180), (0, 0)), colour=TAN, absent=frozenset(range(30))),
        )
    )
    assert_nobody_else_shows(world, follow(world))


def test_both_who_stand_side_by_side_can_be_shown():
    """Boxes touch, faces do not: while both are detected neither is taken for the other."""
    world = World(
        people=(
            Person(path=straight((200, 180), (2, 0)), colour=BLUE),
            Person(path=straight((246, 180), (2, 0)), colour=TAN),
        )
    )
    analysis = follow(world)
    assert_nobody_else_shows(world, analysis)
    assert visibility(world, analysis) >= 0.98


def test_a_neighbour_who_is_lost_for_a_moment_ends_it_there_and_a_second_anchor_goes_on():
    world = World(
        people=(
            Person(path=straight((200, 180), (2, 0)), colour=BLUE),
            Person(path=straight((246, 180), (2, 0)), colour=TAN, unseen=frozenset({30, 31})),
        )
    )
    analysis = follow(world)
    assert_nobody_else_shows(world, analysis)
    (track_id, _frames), *_rest = tracks_of(world, analysis, 0).items()
    once, twice = (coverage(analysis, show(*((track_id, a) for a in anchors))) for anchors in ((10,), (10, 50)))
    assert (len(once.shown(10)), len(once.shown(30)), len(once.shown(50))) == (1, 0, 0)
    assert (len(twice.shown(10)), len(twice.shown(30)), len(twice.shown(50))) == (1, 0, 1)


@pytest.mark.parametrize("missed", [{20}, {20, 21, 22}, set(range(3, 60, 7))])
def test_one_alone_who_is_missed_now_and_then_stays_visible(missed):
    world = World(people=(Person(path=straight((100, 180), (3, 1)), colour=BLUE, unseen=frozenset(missed)),))
    analysis = follow(world)
    assert visibility(world, analysis) >= 0.98
    assert visibility(world, without_looks(analysis)) < 1


@pytest.mark.parametrize("speed", [2, 4, 9])
def test_a_reviewer_shows_the_suspect_again_after_a_crossing(speed):
    world = crossing(speed)
    analysis = follow(world)
    apart = {f for f in range(world.count) if abs(f - world.count / 2) * 2 * speed > 90 + 12 * speed}
    assert visibility(world, analysis, free=apart) >= 0.98


def wander(amplitudes, phases, centre):
    """A smooth path."""
    a, b, c, d = amplitudes
    return lambda f: (
        centre[0] + a * sin(f / 9 + phases[0]) + b * cos(f / 5 + phases[1]),
        centre[1] + c * sin(f / 8 + phases[2]) + d * cos(f / 4 + phases[3]),
    )


phase = st.floats(0, 6.3)
persons = st.builds(
    lambda amplitudes, phases, x, y, size, unseen, colour, faceless: Person(
        path=wander(amplitudes, phases, (x, y)), size=size, unseen=frozenset(unseen), colour=colour, faceless=faceless
    ),
    st.tuples(st.floats(0, 160), st.floats(0, 40), st.floats(0, 60), st.floats(0, 20)),
    st.tuples(phase, phase, phase, phase),
    st.floats(120, 520), st.floats(120, 240), st.sampled_from([28, 40, 56]),
    st.sets(st.integers(0, 49), max_size=15), st.just((0, 0, 0)), st.sampled_from([False, False, False, True]),
)  # fmt: skip


@st.composite
def worlds(draw, same_look):
    colours = [BLUE] * 4 if same_look else [BLUE, GREEN, TAN, ROSE]
    people = [
        replace(person, depth=depth, colour=colours[depth])
        for depth, person in enumerate(draw(st.lists(persons, min_size=2, max_size=4)))
    ]
    false_hits = draw(st.lists(st.tuples(st.integers(0, 49), st.floats(60, 580), st.floats(60, 300)), max_size=4))
    return World(
        people=tuple(people), count=50, rate=draw(st.sampled_from([8.0, 15.0, 25.0])), noise=draw(st.floats(0, 0.06)),
        seed=draw(st.integers(0, 99)), false_hits=tuple(false_hits), looks_every=draw(st.sampled_from([1, 1, 2, 4])),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True)
@given(worlds(same_look=False))
def test_nobody_else_shows_in_any_crowd(world):
    assert_nobody_else_shows(world, follow(world))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(worlds(same_look=True), st.booleans())
def test_nobody_else_shows_in_a_crowd_that_looks_all_the_same(world, careless):
    assert_nobody_else_shows(world, follow(world, careless=careless))
