"""The state machine of a release: what may follow what, and that no release is ever stuck."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.domain.cases import Case
from vrijgave.domain.releases import (
    FLOW_START,
    FLOW_STATES,
    MOVES,
    FlowName,
    OutboxMessage,
    Release,
    State,
)
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, use_language

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
TERMINAL = {State.TAKEN_DOWN, State.WITHDRAWN}
BEFORE_PUBLICATION = {
    State.RECEIVED,
    State.ANALYSING,
    State.IN_REVIEW,
    State.RENDERING,
    State.AWAITING_APPROVAL,
    State.CHANGES_REQUESTED,
    State.APPROVED,
}


def release(state: State) -> Release:
    case = Case(
        registration_number="BVH-1",
        public_case_number="2026-0001",
        unit="Noord",
        offence="Straatroof",
        public_place="Groningen",
    )
    return Release(
        id="abc", case=case, state=state, revision=1, attempt=1, version=1, submitted_by="submitter", created_at=T0
    )


def reachable(start: State, without: frozenset[State] = frozenset()) -> set[State]:
    """All states that can follow ``start``, itself among them, on ways around ``without``."""
    seen, waiting = {start}, deque([start])
    while waiting:
        for to in MOVES[waiting.popleft()] - seen - without:
            seen.add(to)
            waiting.append(to)
    return seen


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(State)
    assert reachable(State.RECEIVED) == set(State)


def test_only_the_terminal_states_lead_nowhere() -> None:
    assert {state for state in State if not MOVES[state]} == TERMINAL


@pytest.mark.parametrize("state", State)
def test_every_way_ends(state: State) -> None:
    """From wherever a release stands, some way leads to an end."""
    assert reachable(state) & TERMINAL


@pytest.mark.parametrize("state", State)
def test_no_state_follows_itself(state: State) -> None:
    assert state not in MOVES[state]


def test_nothing_is_published_but_through_review_rendering_and_approval() -> None:
    for gate in (State.IN_REVIEW, State.RENDERING, State.AWAITING_APPROVAL, State.APPROVED):
        # A failed publication is the one way around: it has passed the gates before.
        assert State.PUBLISHING not in reachable(State.RECEIVED, frozenset({gate, State.FAILED}))


def test_changes_requested_lead_through_a_new_review() -> None:
    assert MOVES[State.CHANGES_REQUESTED] == {State.IN_REVIEW, State.WITHDRAWN}


@pytest.mark.parametrize("state", sorted(BEFORE_PUBLICATION))
def test_a_release_can_be_withdrawn_as_long_as_nothing_has_gone_out(state: State) -> None:
    assert State.WITHDRAWN in MOVES[state]


@pytest.mark.parametrize("state", [State.PUBLISHING, State.PUBLISHED, State.TAKING_DOWN])
def test_what_may_be_public_is_taken_down_and_not_withdrawn(state: State) -> None:
    assert State.WITHDRAWN not in MOVES[state]
    assert State.TAKEN_DOWN in reachable(state, frozenset({State.WITHDRAWN}))


@pytest.mark.parametrize("flow", FLOW_START)
def test_a_failed_stage_can_be_run_again(flow: FlowName) -> None:
    """The states of a flow can fail, and failure leads back to where that flow starts."""
    assert any(State.FAILED in MOVES[state] for state in FLOW_STATES[flow])
    assert FLOW_START[flow] in MOVES[State.FAILED]
    assert FLOW_START[flow] in FLOW_STATES[flow]


def test_what_fails_is_the_work_of_one_flow() -> None:
    owners = {state: [flow for flow in FLOW_START if state in FLOW_STATES[flow]] for state in State}
    for state, flows in owners.items():
        assert len(flows) == (1 if State.FAILED in MOVES[state] else 0), state


def test_failed_can_be_left() -> None:
    assert MOVES[State.FAILED] == {*FLOW_START.values(), State.WITHDRAWN}


@given(st.lists(st.sampled_from(State), max_size=40))
def test_a_walk_only_goes_where_the_table_allows(wishes: list[State]) -> None:
    """``check_move`` lets through what the table says and nothing else, and no walk leaves an end."""
    state = State.RECEIVED
    for to in wishes:
        try:
            release(state).check_move(to)
        except Rejected:
            assert to not in MOVES[state]
            continue
        assert to in MOVES[state]
        assert state not in TERMINAL
        state = to


@given(st.sampled_from(State), st.data())
def test_a_walk_that_always_goes_on_ends(start: State, data: st.DataObject) -> None:
    """By always taking a shortest way out, each state is at most five moves from an end."""
    state, steps = start, 0
    distance = {s: _distance(s) for s in State}
    while MOVES[state]:
        nearest = min(distance[to] for to in MOVES[state])
        state = data.draw(st.sampled_from(sorted(to for to in MOVES[state] if distance[to] == nearest)))
        steps += 1
        assert steps <= 5
    assert state in TERMINAL


def _distance(start: State) -> int:
    ring, steps = {start}, 0
    while not ring & TERMINAL:
        ring |= {to for state in ring for to in MOVES[state]}
        steps += 1
    return steps


def test_a_refused_move_names_the_release_and_both_states() -> None:
    use_language(Language.ENGLISH)
    try:
        with pytest.raises(Rejected) as caught:
            release(State.IN_REVIEW).check_move(State.PUBLISHED)
    finally:
        use_language(Language.DUTCH)
    assert caught.value.by == "state"
    assert str(caught.value).startswith("Release abc is «")
    for word in ("in_review", "published"):
        assert word in str(caught.value)


def test_the_idempotency_key_changes_with_each_part() -> None:
    message = OutboxMessage(id=1, release_id="abc", revision=2, flow=FlowName.RENDER, attempt=3, created_at=T0)
    assert message.idempotency_key == "abc:2:render:3"


@given(
    st.lists(
        st.tuples(st.uuids(), st.integers(1, 5), st.sampled_from(FlowName), st.integers(1, 5)), unique=True, max_size=30
    )
)
def test_different_work_has_different_keys(work: list[tuple[object, int, FlowName, int]]) -> None:
    keys = {
        OutboxMessage(
            id=1, release_id=str(r), revision=revision, flow=flow, attempt=attempt, created_at=T0
        ).idempotency_key
        for r, revision, flow, attempt in work
    }
    assert len(keys) == len(work)
