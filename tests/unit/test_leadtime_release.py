"""Lead times of one release, against a reference that walks through a made-up life event by event."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.releases import State, Transition
from vrijgave.leadtime import Contradiction, Duration, Headline, Kind, Nature, ReleaseLeadTimes, Stage, lead_times
from vrijgave.leadtime.durations import CONTRADICTION, NOT_BEGUN, UNKNOWN, ZERO

M = Milestone
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATE = T0 + timedelta(days=10_000)


def stamp(milestone: Milestone, at: datetime, platform: str | None = None, revision: int = 1, **other: object) -> Stamp:
    values: dict[str, object] = {
        "latest": at,
        "certainty": Certainty.EXACT,
        "source": "flow:test",
        "recorded_at": at,
    } | other
    return Stamp(release_id="r", milestone=milestone, earliest=at, platform=platform, revision=revision, **values)  # type: ignore[arg-type]


def move(to: State, at: datetime, revision: int = 1) -> Transition:
    return Transition(
        release_id="r", revision=revision, from_state=None, to_state=to, at=at, actor="system", reason="test"
    )


def times(
    stamps: Iterable[Stamp], transitions: Iterable[Transition] = (), now: datetime = LATE, targets: Iterable[str] = ()
) -> ReleaseLeadTimes:
    return lead_times("r", stamps, transitions, now=now, targets=targets)


def exactly(length: timedelta) -> Duration:
    return Duration(Kind.EXACT, length, length)


def running(length: timedelta) -> Duration:
    return Duration(Kind.OPEN, length, length)


# -- a made-up life of a release ----------------------------------------------------------------------------------


@dataclass
class Life:
    """What happened to one release, in order, and what of it was written down."""

    at: datetime = T0
    stamps: list[Stamp] = field(default_factory=list)
    moves: list[Transition] = field(default_factory=list)
    log: list[tuple[datetime, Stage | None]] = field(default_factory=list)
    """(when, the stage that starts then); None when it is public. One platform."""
    rounds: int = 1


GAPS = st.integers(0, 400_000).map(lambda s: timedelta(seconds=s, microseconds=s % 7))
TO_REVIEW = (
    (M.INCIDENT, None, Stage.INCIDENT_TO_REPORTED),
    (M.REPORTED, None, Stage.REPORTED_TO_SECURED),
    (M.SECURED, None, Stage.SECURED_TO_RECEIVED),
    (M.RECEIVED, State.RECEIVED, Stage.RECEIVED_TO_ANALYSIS_STARTED),
    (M.ANALYSIS_STARTED, State.ANALYSING, Stage.ANALYSIS_STARTED_TO_ANALYSED),
    (M.ANALYSED, State.IN_REVIEW, Stage.ANALYSED_TO_REVIEW_STARTED),
)
ROUND = (
    (M.REVIEW_STARTED, None, Stage.REVIEW_STARTED_TO_REVIEW_DONE),
    (M.REVIEW_DONE, State.RENDERING, Stage.REVIEW_DONE_TO_RENDER_STARTED),
    (M.RENDER_STARTED, None, Stage.RENDER_STARTED_TO_RENDERED),
    (M.RENDERED, State.AWAITING_APPROVAL, Stage.RENDERED_TO_APPROVED),
    (M.APPROVED, State.APPROVED, Stage.APPROVED_TO_AUTHORISED),
)
TO_PUBLIC = (
    (M.PUBLISH_ORDERED, State.PUBLISHING, Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED),
    (M.UPLOAD_STARTED, None, Stage.UPLOAD_STARTED_TO_UPLOADED),
    (M.UPLOADED, None, Stage.UPLOADED_TO_PUBLIC),
    (M.PUBLIC, State.PUBLISHED, None),
)
ON_PLATFORM = {M.UPLOAD_STARTED, M.UPLOADED, M.PUBLIC}


@st.composite
def lives(draw: st.DrawFn) -> Life:
    life = Life(rounds=draw(st.integers(1, 3)))

    def happen(milestone: Milestone, state: State | None, stage: Stage | None, revision: int) -> None:
        life.at += draw(GAPS)
        life.stamps.append(stamp(milestone, life.at, "youtube" if milestone in ON_PLATFORM else None, revision))
        life.log.append((life.at, stage))
        if state is not None:
            life.moves.append(move(state, life.at, revision))
        if milestone is M.APPROVED:
            permit(revision, must=revision == life.rounds)

    def permit(revision: int, *, must: bool) -> None:
        """The permission: there already, given while the release waits for it, or not yet given."""
        given = any(s.milestone is M.AUTHORISED for s in life.stamps)
        if given:
            life.log.append((life.at, Stage.AUTHORISED_TO_PUBLISH_ORDERED))
        elif must or draw(st.booleans()):
            happen(M.AUTHORISED, None, Stage.AUTHORISED_TO_PUBLISH_ORDERED, revision)

    for event in TO_REVIEW:
        happen(*event, revision=1)
    if draw(st.booleans()):
        life.stamps.append(stamp(M.AUTHORISED, life.at, None, 1))
    for revision in range(1, life.rounds):
        # Sent back out of rendering (the re-scan found something), before approval, or after it.
        for event in ROUND[: draw(st.integers(3, 5))]:
            happen(*event, revision=revision)
        life.at += draw(GAPS)
        life.log.append((life.at, Stage.ANALYSED_TO_REVIEW_STARTED))
        life.moves.append(move(State.CHANGES_REQUESTED, life.at, revision))
    for event in (*ROUND, *TO_PUBLIC):
        happen(*event, revision=life.rounds)
    return life


def reference(life: Life, until: datetime) -> tuple[dict[Stage, timedelta], Stage | None]:
    """Time spent in each stage that was begun by ``until``, and the stage that still runs then."""
    spent: dict[Stage, timedelta] = defaultdict(timedelta)
    current: Stage | None = None
    since = T0
    for at, stage in life.log:
        if at > until:
            break
        if current is not None:
            spent[current] += at - since
        current, since = stage, at
    if current is not None:
        spent[current] += until - since
    return spent, current


def platform_of(stage: Stage) -> str | None:
    return "youtube" if stage.per_platform else None


def shuffled(life: Life, seed: int) -> tuple[list[Stamp], list[Transition]]:
    """What was written down, in another order; equal times keep theirs, as the store's row numbers do."""
    stamps = random.Random(seed).sample(life.stamps, len(life.stamps))
    return stamps, life.moves


@given(lives(), st.integers())
def test_a_whole_life_adds_up(life: Life, seed: int) -> None:
    found = times(*shuffled(life, seed))
    spent, running_stage = reference(life, LATE)
    assert running_stage is None
    for stage in Stage:
        if stage is not Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED:
            assert found.of(stage, platform_of(stage)) == exactly(spent[stage]), stage
    public, received = life.at, next(s.earliest for s in life.stamps if s.milestone is M.RECEIVED)
    working, waiting = found.of(Nature.WORKING, "youtube"), found.of(Nature.WAITING, "youtube")
    assert working.bounds[0] + waiting.bounds[0] == public - received
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == exactly(sum(spent.values(), ZERO))
    assert found.of(Headline.INCIDENT_TO_UPLOADED, "youtube") == exactly(
        public - life.log[0][0] - spent[Stage.UPLOADED_TO_PUBLIC]
    )
    assert found.contradictions == ()


@given(lives(), st.data())
def test_a_life_seen_half_way_is_open_where_it_stands(life: Life, data: st.DataObject) -> None:
    """Every stage but the running one is whole or not begun; one that has to be begun again is open as well."""
    now = data.draw(st.datetimes(datetime(2026, 3, 1, 12), life.at.replace(tzinfo=None))).replace(tzinfo=UTC)
    now = max(now, life.log[0][0])
    stamps = [s for s in life.stamps if s.earliest <= now]
    moves = [t for t in life.moves if t.at <= now]
    found = times(stamps, moves, now, targets=["youtube"])
    spent, current = reference(life, now)
    for stage in Stage:
        duration = found.of(stage, platform_of(stage))
        if stage is current:
            assert duration == running(spent[stage])
        elif stage in spent:
            assert duration.bounds == (spent[stage], spent[stage])
            assert duration.kind in (Kind.EXACT, Kind.OPEN)
        else:
            assert duration == NOT_BEGUN
    if current is not None:
        assert found.of(Headline.INCIDENT_TO_PUBLIC) == running(now - life.log[0][0])
        going_out = current in (Stage.UPLOAD_STARTED_TO_UPLOADED, Stage.UPLOADED_TO_PUBLIC)
        assert found.of(Nature.WORKING, "youtube").kind in (Kind.OPEN, Kind.NOT_BEGUN)
        assert found.of(Nature.WAITING, "youtube").kind in ((Kind.EXACT,) if going_out else (Kind.OPEN, Kind.NOT_BEGUN))


@given(lives(), st.sets(st.sampled_from([m for m, *_ in (*TO_REVIEW, *ROUND, *TO_PUBLIC)] + [M.AUTHORISED])))
def test_a_missing_stamp_makes_unknown_and_never_shorter(life: Life, lost: set[Milestone]) -> None:
    """A stage is known exactly when both of its ends are; what is known does not change for what is lost."""
    whole = times(life.stamps, life.moves)
    found = times([s for s in life.stamps if s.milestone not in lost], life.moves, targets=["youtube"])
    for stage in Stage:
        if stage is Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED:
            continue
        ends = {M(name) for name in stage.value.split("_to_")}
        if M.AUTHORISED in ends:  # what waits for the permission, or for the order after it, is approved as well
            ends.add(M.APPROVED)
        platform = platform_of(stage)
        if not lost & ends:
            assert found.of(stage, platform) == whole.of(stage, platform)
        else:
            assert found.of(stage, platform) == UNKNOWN
    expected = UNKNOWN if lost & {M.INCIDENT, M.PUBLIC} else whole.of(Headline.INCIDENT_TO_PUBLIC)
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == expected


@given(lives(), st.timedeltas(ZERO, timedelta(days=3)), st.timedeltas(ZERO, timedelta(days=3)))
def test_an_uncertain_incident_bounds_the_headline(life: Life, before: timedelta, after: timedelta) -> None:
    incident = life.stamps[0]
    vague = replace(
        incident,
        earliest=incident.earliest - before,
        latest=incident.latest + after,
        certainty=Certainty.ESTIMATED,
    )
    found = times([vague, *life.stamps[1:]], life.moves).of(Headline.INCIDENT_TO_PUBLIC)
    true = life.at - incident.earliest
    assert found == Duration(Kind.INTERVAL, max(ZERO, true - after), true + before)


@given(lives())
def test_local_times_give_what_utc_gives(life: Life) -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")

    def local(at: datetime) -> datetime:
        return at.astimezone(amsterdam)

    stamps = [
        replace(s, earliest=local(s.earliest), latest=local(s.latest), recorded_at=local(s.recorded_at))
        for s in life.stamps
    ]
    moves = [replace(t, at=local(t.at)) for t in life.moves]
    assert times(stamps, moves, local(LATE)) == times(life.stamps, life.moves)


# -- single cases -------------------------------------------------------------------------------------------------


def test_nothing_written_down_is_unknown_and_not_zero() -> None:
    found = times([])
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == UNKNOWN
    assert found.of(Stage.INCIDENT_TO_REPORTED) == UNKNOWN
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == NOT_BEGUN
    assert found.contradictions == ()


def test_rounds_are_summed_and_counted() -> None:
    stamps = [stamp(M.ANALYSED, T0)]
    for revision, start in ((1, 1), (2, 10)):
        stamps.append(stamp(M.REVIEW_STARTED, T0 + start * HOUR, revision=revision))
        stamps.append(stamp(M.REVIEW_DONE, T0 + (start + revision) * HOUR, revision=revision))
    found = times(stamps, [move(State.CHANGES_REQUESTED, T0 + 7 * HOUR)], T0 + 20 * HOUR)
    by_stage = {t.measure: t for t in found.times}
    review = by_stage[Stage.REVIEW_STARTED_TO_REVIEW_DONE]
    assert (review.duration, review.rounds) == (exactly(3 * HOUR), 2)
    wait = by_stage[Stage.ANALYSED_TO_REVIEW_STARTED]
    assert (wait.duration, wait.rounds) == (exactly(1 * HOUR + 3 * HOUR), 2)
    rendering = by_stage[Stage.REVIEW_DONE_TO_RENDER_STARTED]
    assert (rendering.duration, rendering.rounds) == (running(5 * HOUR + 8 * HOUR), 2)


def test_a_stage_that_has_to_be_done_again_is_not_yet_whole() -> None:
    stamps = [stamp(M.REVIEW_STARTED, T0), stamp(M.REVIEW_DONE, T0 + HOUR)]
    found = times(stamps, [move(State.CHANGES_REQUESTED, T0 + 2 * HOUR)], T0 + 9 * HOUR)
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == running(HOUR)
    withdrawn = [move(State.CHANGES_REQUESTED, T0 + 2 * HOUR), move(State.WITHDRAWN, T0 + 3 * HOUR)]
    found = times(stamps, withdrawn, T0 + 9 * HOUR)
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == Duration(Kind.STOPPED, HOUR, HOUR)


def test_a_second_revision_without_its_transition_is_unknown() -> None:
    stamps = [stamp(M.RENDERED, T0), stamp(M.REVIEW_STARTED, T0 + HOUR, revision=2)]
    found = times(stamps, now=T0 + 2 * HOUR)
    assert found.of(Stage.RENDERED_TO_APPROVED) == UNKNOWN
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == UNKNOWN


def test_what_the_rescan_sent_back_had_been_rendering_stamp_or_not() -> None:
    stamps = [stamp(M.REVIEW_STARTED, T0), stamp(M.REVIEW_DONE, T0 + HOUR)]
    back = replace(move(State.CHANGES_REQUESTED, T0 + 2 * HOUR), from_state=State.RENDERING)
    found = times(stamps, [move(State.RENDERING, T0 + HOUR), back])
    assert found.of(Stage.REVIEW_DONE_TO_RENDER_STARTED) == UNKNOWN
    assert found.of(Stage.RENDER_STARTED_TO_RENDERED) == UNKNOWN
    assert found.of(Stage.RENDERED_TO_APPROVED) == NOT_BEGUN


def test_transitions_count_in_the_order_of_their_times() -> None:
    stamps = [
        stamp(M.REVIEW_DONE, T0 + hours * HOUR, revision=revision) for revision, hours in ((1, 1), (2, 4), (3, 9))
    ]
    moves = [move(State.CHANGES_REQUESTED, T0 + 2 * HOUR), move(State.CHANGES_REQUESTED, T0 + 7 * HOUR)]
    found = times(stamps, moves, now=T0 + 10 * HOUR)
    assert found.of(Stage.REVIEW_DONE_TO_RENDER_STARTED) == running((1 + 3 + 1) * HOUR)
    assert times(stamps, moves[::-1], now=T0 + 10 * HOUR) == found
    rounds = {t.measure: t.rounds for t in found.times}
    assert rounds[Stage.REVIEW_DONE_TO_RENDER_STARTED] == 3
    assert rounds[Stage.APPROVED_TO_AUTHORISED] == 0


def test_a_correction_recorded_later_replaces_the_reading() -> None:
    wrong = stamp(M.INCIDENT, T0, recorded_at=T0 + 2 * HOUR)
    right = stamp(M.INCIDENT, T0 - HOUR, recorded_at=T0 + 3 * HOUR)
    public = stamp(M.PUBLIC, T0 + HOUR, "youtube")
    for order in ([wrong, right, public], [right, public, wrong]):
        assert times(order).of(Headline.INCIDENT_TO_PUBLIC) == exactly(2 * HOUR)


def test_a_correction_to_unknown_withdraws_the_reading() -> None:
    first = stamp(M.INCIDENT, T0)
    withdrawn = stamp(M.INCIDENT, T0, certainty=Certainty.UNKNOWN, recorded_at=T0 + HOUR)
    assert times([first, withdrawn, stamp(M.PUBLIC, T0 + HOUR)]).of(Headline.INCIDENT_TO_PUBLIC) == UNKNOWN


def test_a_stage_run_again_counts_the_failed_run_as_waiting() -> None:
    stamps = [
        stamp(M.RECEIVED, T0),
        stamp(M.ANALYSIS_STARTED, T0 + HOUR),
        stamp(M.ANALYSIS_STARTED, T0 + 5 * HOUR),
        stamp(M.ANALYSED, T0 + 6 * HOUR),
    ]
    moves = [
        move(State.RECEIVED, T0),
        move(State.ANALYSING, T0 + HOUR),
        move(State.FAILED, T0 + 2 * HOUR),
        move(State.RECEIVED, T0 + 4 * HOUR),
        move(State.ANALYSING, T0 + 5 * HOUR),
    ]
    found = times(stamps, moves)
    assert found.of(Stage.RECEIVED_TO_ANALYSIS_STARTED) == exactly(5 * HOUR)
    assert found.of(Stage.ANALYSIS_STARTED_TO_ANALYSED) == exactly(HOUR)


def test_each_platform_has_its_own_time_and_the_first_counts() -> None:
    stamps = [
        stamp(M.INCIDENT, T0),
        stamp(M.PUBLISH_ORDERED, T0 + HOUR),
        stamp(M.UPLOADED, T0 + 2 * HOUR, "youtube"),
        stamp(M.PUBLIC, T0 + 5 * HOUR, "youtube"),
        stamp(M.PUBLIC, T0 + 3 * HOUR, "press_kit"),
    ]
    found = times(stamps, now=T0 + 9 * HOUR, targets=["peertube", "youtube"])
    headline = Headline.INCIDENT_TO_PUBLIC
    assert found.of(headline) == exactly(3 * HOUR)
    assert found.of(headline, "youtube") == exactly(5 * HOUR)
    assert found.of(headline, "press_kit") == exactly(3 * HOUR)
    assert found.of(headline, "peertube") == running(9 * HOUR)
    assert found.of(Headline.INCIDENT_TO_UPLOADED, "press_kit") == UNKNOWN
    assert found.of(Headline.INCIDENT_TO_UPLOADED) == exactly(2 * HOUR)
    assert found.of(Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED, "peertube") == running(8 * HOUR)
    assert found.of(Stage.UPLOADED_TO_PUBLIC, "youtube") == exactly(3 * HOUR)


def test_the_first_of_uncertain_moments_is_bounded() -> None:
    stamps = [
        stamp(M.INCIDENT, T0),
        stamp(M.PUBLIC, T0 + 1 * HOUR, "a", latest=T0 + 6 * HOUR, certainty=Certainty.ESTIMATED),
        stamp(M.PUBLIC, T0 + 3 * HOUR, "b"),
    ]
    assert times(stamps).of(Headline.INCIDENT_TO_PUBLIC) == Duration(Kind.INTERVAL, HOUR, 3 * HOUR)


def test_without_platforms_the_stamps_of_the_release_count() -> None:
    found = times([stamp(M.INCIDENT, T0), stamp(M.UPLOADED, T0 + HOUR), stamp(M.PUBLIC, T0 + 2 * HOUR)])
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == exactly(2 * HOUR)
    assert found.of(Stage.UPLOADED_TO_PUBLIC) == exactly(HOUR)


def test_a_withdrawn_release_stops_and_does_not_run_on() -> None:
    stamps = [stamp(M.INCIDENT, T0), stamp(M.ANALYSED, T0 + HOUR)]
    found = times(stamps, [move(State.IN_REVIEW, T0 + HOUR), move(State.WITHDRAWN, T0 + 4 * HOUR)])
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == Duration(Kind.STOPPED, 4 * HOUR, 4 * HOUR)
    assert found.of(Stage.ANALYSED_TO_REVIEW_STARTED) == Duration(Kind.STOPPED, 3 * HOUR, 3 * HOUR)
    assert found.of(Stage.REVIEW_STARTED_TO_REVIEW_DONE) == NOT_BEGUN


def test_a_publication_stopped_by_a_take_down_stopped_when_that_was_first_ordered() -> None:
    moves = [
        move(State.PUBLISHING, T0 + HOUR),
        move(State.TAKING_DOWN, T0 + 2 * HOUR),
        move(State.FAILED, T0 + 3 * HOUR),
        move(State.TAKING_DOWN, T0 + 4 * HOUR),
    ]
    found = times([stamp(M.INCIDENT, T0)], moves, targets=["youtube"])
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == Duration(Kind.STOPPED, 2 * HOUR, 2 * HOUR)


def test_what_was_sent_had_been_ordered_stamp_or_not() -> None:
    """One platform's upload proves the order to publish for all; a confirmed take-down proves its order."""
    found = times([stamp(M.UPLOAD_STARTED, T0, "youtube")], targets=["press_kit"])
    assert found.of(Stage.PUBLISH_ORDERED_TO_UPLOAD_STARTED, "press_kit") == UNKNOWN
    found = times([stamp(M.TAKE_DOWN_CONFIRMED, T0, "youtube")])
    assert found.of(Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED, "youtube") == UNKNOWN


def test_take_down_runs_until_each_platform_is_confirmed() -> None:
    stage = Stage.TAKE_DOWN_ORDERED_TO_TAKE_DOWN_CONFIRMED
    stamps = [
        stamp(M.INCIDENT, T0 - HOUR),
        stamp(M.PUBLIC, T0, "youtube"),
        stamp(M.TAKE_DOWN_ORDERED, T0 + HOUR),
        stamp(M.TAKE_DOWN_CONFIRMED, T0 + 3 * HOUR, "youtube"),
    ]
    moves = [move(State.PUBLISHED, T0), move(State.TAKING_DOWN, T0 + HOUR)]
    found = times(stamps, moves, T0 + 6 * HOUR, targets=["press_kit"])
    assert found.of(stage, "youtube") == exactly(2 * HOUR)
    assert found.of(stage, "press_kit") == running(5 * HOUR)
    assert found.of(Headline.INCIDENT_TO_PUBLIC, "youtube") == exactly(HOUR)
    done = times(stamps, [*moves, move(State.TAKEN_DOWN, T0 + 4 * HOUR)], T0 + 6 * HOUR, targets=["press_kit"])
    assert done.of(stage, "press_kit") == UNKNOWN


def test_a_camera_clock_that_ran_ahead_is_told_and_measures_nothing() -> None:
    """The headline would be positive and wrong: the footage came in before it was filmed."""
    stamps = [
        stamp(M.INCIDENT, T0 + 24 * HOUR),
        stamp(M.RECEIVED, T0),
        stamp(M.ANALYSIS_STARTED, T0 + HOUR),
        stamp(M.PUBLIC, T0 + 72 * HOUR, "youtube"),
    ]
    found = times(stamps)
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == CONTRADICTION
    assert found.of(Stage.RECEIVED_TO_ANALYSIS_STARTED) == exactly(HOUR)
    assert found.contradictions == (Contradiction(earlier=M.INCIDENT, later=M.RECEIVED, platform=None, by=24 * HOUR),)


def test_a_stamp_that_is_too_early_accuses_one_pair_only() -> None:
    stamps = [
        stamp(M.INCIDENT, T0),
        stamp(M.REPORTED, T0 + HOUR),
        stamp(M.SECURED, T0 + 2 * HOUR),
        stamp(M.RECEIVED, T0 - HOUR),
        stamp(M.ANALYSIS_STARTED, T0 + 3 * HOUR),
    ]
    found = times(stamps)
    assert found.of(Stage.SECURED_TO_RECEIVED) == CONTRADICTION
    assert found.contradictions == (Contradiction(earlier=M.SECURED, later=M.RECEIVED, platform=None, by=3 * HOUR),)


def test_a_contradiction_on_one_platform_leaves_the_other_alone() -> None:
    stamps = [
        stamp(M.INCIDENT, T0),
        stamp(M.PUBLIC, T0 - HOUR, "youtube"),
        stamp(M.PUBLIC, T0 + HOUR, "press_kit"),
    ]
    found = times(stamps)
    assert found.of(Headline.INCIDENT_TO_PUBLIC, "youtube") == CONTRADICTION
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == exactly(HOUR)
    assert [c.platform for c in found.contradictions] == ["youtube"]


def test_public_before_uploaded_is_a_contradiction_of_the_headline_too() -> None:
    stamps = [stamp(M.INCIDENT, T0), stamp(M.UPLOADED, T0 + 3 * HOUR, "a"), stamp(M.PUBLIC, T0 + HOUR, "a")]
    found = times(stamps)
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == CONTRADICTION
    assert found.of(Headline.INCIDENT_TO_UPLOADED) == exactly(3 * HOUR)


def test_what_all_platforms_share_is_told_once() -> None:
    stamps = [stamp(M.INCIDENT, T0), stamp(M.REPORTED, T0 - HOUR)]
    assert len(times(stamps, targets=["press_kit", "youtube"]).contradictions) == 1


def test_a_stamp_in_the_future_is_a_contradiction_with_now() -> None:
    found = times([stamp(M.INCIDENT, T0 + HOUR)], now=T0)
    assert found.of(Headline.INCIDENT_TO_PUBLIC) == CONTRADICTION
    assert found.contradictions == (Contradiction(earlier=M.INCIDENT, later=None, platform=None, by=HOUR),)


@given(st.lists(st.tuples(st.sampled_from(Milestone), st.integers(-50, 50), st.integers(1, 3)), max_size=40))
def test_whatever_the_stamps_say_no_duration_is_negative(rows: list[tuple[Milestone, int, int]]) -> None:
    """Building a ``Duration`` out of bounds raises, so that it returns at all is the proof."""
    stamps = [stamp(m, T0 + hours * HOUR, revision=revision) for m, hours, revision in rows]
    found = times(stamps, now=T0)
    assert len({(t.measure, t.platform) for t in found.times}) == len(found.times)


def test_rows_of_another_release_are_refused() -> None:
    with pytest.raises(ValueError, match="another release"):
        lead_times("other", [stamp(M.INCIDENT, T0)], [], now=T0)


def test_every_stage_lies_between_the_milestones_of_its_name() -> None:
    names = {tuple(stage.value.split("_to_")) for stage in Stage}
    assert all(M(start) and M(end) for start, end in names)
    assert {s.nature for s in Stage} == {Nature.WORKING, Nature.WAITING}
