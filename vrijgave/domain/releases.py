"""A release: the appeal that grows from one submission, its states and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from vrijgave.domain.cases import Case
from vrijgave.domain.publications import Platform
from vrijgave.errors import Rejected
from vrijgave.i18n import _


class State(StrEnum):
    """Where a release stands. Waiting for a person is a state, never a paused run."""

    RECEIVED = "received"
    ANALYSING = "analysing"
    IN_REVIEW = "in_review"
    RENDERING = "rendering"
    AWAITING_APPROVAL = "awaiting_approval"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    TAKING_DOWN = "taking_down"
    TAKEN_DOWN = "taken_down"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class FlowName(StrEnum):
    """The flows that do the work of a release without a person."""

    PREPARE = "prepare"
    TRACK_REGION = "track_region"
    """Follows what a person drew; the release stays in review."""
    RENDER = "render"
    PUBLISH = "publish"
    TAKE_DOWN = "take_down"


_S = State
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        _S.RECEIVED: frozenset({_S.ANALYSING, _S.WITHDRAWN, _S.FAILED}),
        _S.ANALYSING: frozenset({_S.IN_REVIEW, _S.WITHDRAWN, _S.FAILED}),
        _S.IN_REVIEW: frozenset({_S.RENDERING, _S.WITHDRAWN}),
        _S.RENDERING: frozenset({_S.AWAITING_APPROVAL, _S.CHANGES_REQUESTED, _S.WITHDRAWN, _S.FAILED}),
        _S.AWAITING_APPROVAL: frozenset({_S.APPROVED, _S.CHANGES_REQUESTED, _S.WITHDRAWN}),
        _S.CHANGES_REQUESTED: frozenset({_S.IN_REVIEW, _S.WITHDRAWN}),
        _S.APPROVED: frozenset({_S.PUBLISHING, _S.CHANGES_REQUESTED, _S.WITHDRAWN}),
        _S.PUBLISHING: frozenset({_S.PUBLISHED, _S.TAKING_DOWN, _S.FAILED}),
        _S.PUBLISHED: frozenset({_S.TAKING_DOWN}),
        _S.TAKING_DOWN: frozenset({_S.TAKEN_DOWN, _S.FAILED}),
        _S.TAKEN_DOWN: frozenset(),
        _S.WITHDRAWN: frozenset(),
        _S.FAILED: frozenset({_S.RECEIVED, _S.RENDERING, _S.PUBLISHING, _S.TAKING_DOWN, _S.WITHDRAWN}),
    }
)
"""State -> the states that may follow it. ``FAILED`` leads back to the stage that failed."""

FLOW_STATES: Mapping[FlowName, frozenset[State]] = MappingProxyType(
    {
        FlowName.PREPARE: frozenset({_S.RECEIVED, _S.ANALYSING}),
        FlowName.TRACK_REGION: frozenset({_S.IN_REVIEW}),
        FlowName.RENDER: frozenset({_S.RENDERING}),
        FlowName.PUBLISH: frozenset({_S.PUBLISHING}),
        FlowName.TAKE_DOWN: frozenset({_S.TAKING_DOWN}),
    }
)
"""Flow -> the states in which its work can still be owed; following regions is owed while one waits."""

FLOW_START: Mapping[FlowName, State] = MappingProxyType(
    {
        FlowName.PREPARE: _S.RECEIVED,
        FlowName.RENDER: _S.RENDERING,
        FlowName.PUBLISH: _S.PUBLISHING,
        FlowName.TAKE_DOWN: _S.TAKING_DOWN,
    }
)
"""Flow of a stage -> the state to go back to when it has failed and is run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One appeal, as it stands at one moment.

    ``attempt`` counts the runs of the current stage: a run with a lower number has been overtaken and its
    result is void. ``version`` grows with every write of the row.
    """

    id: str
    case: Case
    state: State
    revision: int
    attempt: int
    version: int
    submitted_by: str
    created_at: datetime
    targets: tuple[Platform, ...] = (Platform.YOUTUBE, Platform.PRESS_KIT)
    """Where it is meant to go out."""
    reviewer: str | None = None
    """Who declared the review of this revision done."""
    failed_flow: FlowName | None = None
    message: str | None = None

    def check_move(self, to: State) -> None:
        """Raise ``Rejected`` when the release cannot go from its state to ``to``."""
        if to not in MOVES[self.state]:
            raise Rejected(
                "state",
                _("Release {id} is «{state}» and cannot become «{to}».").format(
                    id=self.id, state=_(self.state.value), to=_(to.value)
                ),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One change of state; rows of this kind are only ever added."""

    release_id: str
    revision: int
    from_state: State | None
    to_state: State
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A flow that has to be started; written in the same transaction as the transition that asks for it."""

    id: int
    release_id: str
    revision: int
    flow: FlowName
    attempt: int
    created_at: datetime
    dispatched_at: datetime | None = None
    flow_run_id: str | None = None

    @property
    def idempotency_key(self) -> str:
        """``release:revision:stage:attempt``: the same key never starts a second run."""
        return f"{self.release_id}:{self.revision}:{self.flow.value}:{self.attempt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The second person's yes to exactly these files, texts and targets."""

    release_id: str
    revision: int
    reviewer: str
    approver: str
    at: datetime
    covers: tuple[tuple[str, str], ...]
    """(name, SHA-256) of every file, text and target; sorted by name."""
    voided_at: datetime | None = None
    voided_because: str | None = None
