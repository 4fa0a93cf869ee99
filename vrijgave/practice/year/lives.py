"""What a made-up release is: the lengths that were decided for it, and what is recorded of it in the course of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from vrijgave.domain.cases import Case, Certainty, PublicationStage
from vrijgave.domain.clock import Milestone
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import State
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.leadtime.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One stretch of one stage. ``high`` - ``low`` is how unsure its length is, in seconds.

    Both are None where a reading at one of its ends is missing. ``end`` is None where it has not ended.
    """

    stage: Stage
    platform: Platform | None
    start: datetime
    end: datetime | None
    low: int | None
    high: int | None

    def cut(self, at: datetime) -> Leg:
        """As it stands at ``at``."""
        if self.end is None or self.end <= at:
            return self
        return replace(self, end=None, low=None, high=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The release changes its state."""

    at: datetime
    to: State
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The stage clock is read; ``at`` is when that was recorded."""

    at: datetime
    milestone: Milestone
    earliest: datetime
    latest: datetime
    certainty: Certainty
    source: str
    revision: int = 1
    platform: Platform | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Permission is given or refused."""

    at: datetime
    granted: bool
    self_report_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The second person says yes."""

    at: datetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The release waits on purpose; ``ends`` None: still."""

    at: datetime
    reason: HoldReason
    ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What somebody says a tip is worth."""

    at: datetime
    usability: Usability
    outcome: Outcome
    attribution: Attribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Tipped:
    """Somebody gives a tip."""

    at: datetime
    channel: TipChannel
    medium: str
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A platform says how often it was viewed."""

    at: datetime
    platform: Platform
    views: int


Event = Moved | Read | Decided | Approved | Held | Tipped | Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A release from the incident on. ``stopped_at``: withdrawn or ordered taken down then."""

    id: str
    case: Case
    targets: tuple[Platform, ...]
    stage: PublicationStage
    received: datetime
    legs: tuple[Leg, ...]
    events: tuple[Event, ...]
    stopped_at: datetime | None = None

    def cut(self, at: datetime) -> Life:
        """What of it had happened by ``at``."""
        events = tuple(_cut(event, at) for event in self.events if event.at <= at)
        stopped = self.stopped_at if self.stopped_at is not None and self.stopped_at <= at else None
        legs = tuple(leg.cut(at) for leg in self.legs if leg.start <= at)
        return replace(self, legs=legs, events=events, stopped_at=stopped)

    def withdrawn(self, moved: Moved) -> Life:
        """The same life, ended by ``moved``."""
        ended = self.cut(moved.at)
        return replace(ended, events=(*ended.events, moved), stopped_at=moved.at)

    @property
    def state(self) -> State:
        """Where it stands after all its events."""
        return [event.to for event in self.events if isinstance(event, Moved)][-1]


def _cut(event: Event, at: datetime) -> Event:
    if isinstance(event, Held) and event.ends is not None and event.ends > at:
        return replace(event, ends=None)
    if isinstance(event, Tipped):
        return replace(event, judged=tuple(judged for judged in event.judged if judged.at <= at))
    return event
