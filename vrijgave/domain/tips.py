"""Tips from the public. Which medium brought one is never certain: it is a claim with a strength."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vrijgave.domain.clock import Milestone

LONGEST_CONTENT = 4000
LONGEST_MEDIUM = 100


class TipChannel(StrEnum):
    """How a tip came in."""

    PHONE = "phone"
    ANONYMOUS = "anonymous"
    """Meld Misdaad Anoniem: nothing here may lead back to who gave it."""
    FORM = "form"
    MAIL = "mail"
    PLATFORM = "platform"
    """A message or comment on a platform."""
    DESK = "desk"
    OTHER = "other"


class Usability(StrEnum):
    """Whether the investigation can go on with it."""

    NOT_JUDGED = "not_judged"
    USABLE = "usable"
    NOT_USABLE = "not_usable"


class Outcome(StrEnum):
    """What following it up brought, the strongest last."""

    OPEN = "open"
    NOTHING = "nothing"
    CONTRIBUTED = "contributed"
    IDENTIFIED = "identified"
    ARRESTED = "arrested"

    @property
    def names_somebody(self) -> bool:
        """Whether the person looked for is known by it."""
        return self in (Outcome.IDENTIFIED, Outcome.ARRESTED)


class Attribution(StrEnum):
    """How sure it is that the claimed medium brought the tip."""

    UNKNOWN = "unknown"
    WEAK = "weak"
    PLAUSIBLE = "plausible"
    STRONG = "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class TipJudgement:
    """What a tip is worth, as somebody judged it; rows of this kind are only ever added, the newest holds."""

    tip: int
    usability: Usability
    outcome: Outcome
    attribution: Attribution
    follow_up: str
    at: datetime
    """When that became clear (aware UTC)."""
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """One tip. It holds no field for who gave it."""

    number: int
    release_id: str
    received_at: datetime
    channel: TipChannel
    medium: str
    """Where its giver says to have seen the appeal; empty where that was not told."""
    content: str
    actor: str
    recorded_at: datetime
    judgements: tuple[TipJudgement, ...] = ()

    @property
    def usability(self) -> Usability:
        """As judged last."""
        return self.judgements[-1].usability if self.judgements else Usability.NOT_JUDGED

    @property
    def outcome(self) -> Outcome:
        """As judged last."""
        return self.judgements[-1].outcome if self.judgements else Outcome.OPEN


def answered(tips: Iterable[Tip]) -> dict[Milestone, datetime]:
    """What ``tips`` say of the stage clock: when the first came in, the first usable one, and who it is was known."""
    tips = tuple(tips)
    usable = [tip.received_at for tip in tips if tip.usability is Usability.USABLE]
    named = [tip.judgements[-1].at for tip in tips if tip.outcome.names_somebody]
    moments = {
        Milestone.FIRST_TIP: [tip.received_at for tip in tips],
        Milestone.FIRST_USABLE_TIP: usable,
        Milestone.IDENTIFIED: named,
    }
    return {milestone: min(found) for milestone, found in moments.items() if found}
