"""The page on which tips are recorded and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from vrijgave.domain.people import Account
from vrijgave.domain.tips import LONGEST_CONTENT, Attribution, Outcome, Tip, TipChannel, TipJudgement, Usability
from vrijgave.i18n import _
from vrijgave.services.tips import public_since
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may
from vrijgave.web.views.board import Choice
from vrijgave.web.views.release import Fact
from vrijgave.web.words import Phase
from vrijgave.words import attribution, outcome, tip_channel, usability

TIPS = "/releases/{release_id}/tips"
JUDGE = TIPS + "/{number}"
Kind = TypeVar("Kind", bound=StrEnum)
Typed = Mapping[str, str]
"""What was typed, by the name of its field; comes back where it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody said of a tip."""

    at: str
    actor: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeForm:
    """What can be said of a tip, with what was said last chosen."""

    usability: tuple[Choice, ...]
    outcome: tuple[Choice, ...]
    attribution: tuple[Choice, ...]
    follow_up: str
    clear_at: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TipCard:
    """One tip with what was said of it, newest first."""

    number: int
    received: str
    channel: str
    standing: str
    phase: str
    facts: tuple[Fact, ...]
    judgements: tuple[Judgement, ...]
    form: JudgeForm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TipsPage(Page):
    """All tips of a release."""

    template: ClassVar[str] = "tips.html.j2"
    id: str
    number: str
    public: str
    """Since when; empty where nothing of it was ever public."""
    tips: tuple[TipCard, ...]
    may_add: bool
    channels: tuple[Choice, ...]
    received_at: str
    medium: str
    told: str
    longest: int = LONGEST_CONTENT
    error: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was typed and why it is not kept. ``number``: of the tip that was judged; None for a new one."""

    error: str = ""
    typed: Typed = field(default_factory=dict)
    number: int | None = None


def tips_page(
    uow: UnitOfWork, account: Account, release_id: str, settings: Settings, now: datetime,
    refused: Refused | None = None, notice: str = "",
) -> TipsPage:  # fmt: skip
    """What ``account`` may see of the tips. Raises ``NotFound``."""
    release = release_for(uow, account, release_id)
    since = public_since(uow, release_id)
    refused = refused or Refused()
    typed = refused.typed if refused.number is None else {}
    local = now.astimezone(ZoneInfo(settings.time_zone)).strftime("%Y-%m-%dT%H:%M")
    judges = may(account, "POST", JUDGE)
    return TipsPage(
        id=release.id,
        number=release.case.public_case_number,
        public="" if since is None else words.moment(since, settings),
        tips=tuple(
            _card(tip, settings, _form(tip, local, refused) if judges else None)
            for tip in reversed(uow.tips.for_release(release_id))
        ),
        may_add=since is not None and may(account, "POST", TIPS),
        channels=_choices(TipChannel, tip_channel, typed.get("channel", "")),
        received_at=typed.get("received_at", local),
        medium=typed.get("medium", ""),
        told=typed.get("told", ""),
        error=refused.error,
        notice=notice,
    )


def _card(tip: Tip, settings: Settings, form: JudgeForm | None) -> TipCard:
    phase = {Usability.USABLE: Phase.PUBLIC, Usability.NOT_USABLE: Phase.ENDED, Usability.NOT_JUDGED: Phase.WAITING}
    return TipCard(
        number=tip.number,
        received=words.moment(tip.received_at, settings),
        channel=tip_channel(tip.channel),
        standing=outcome(tip.outcome) if tip.outcome is not Outcome.OPEN else usability(tip.usability),
        phase=phase[tip.usability].value,
        facts=_facts(
            (_("Seen on, says who gave it"), tip.medium),
            (_("Content"), tip.content),
            (_("Recorded"), f"{words.moment(tip.recorded_at, settings)}, {tip.actor}"),
        ),
        judgements=tuple(_judgement(said, settings) for said in reversed(tip.judgements)),
        form=form,
    )


def _judgement(said: TipJudgement, settings: Settings) -> Judgement:
    return Judgement(
        at=words.moment(said.recorded_at, settings),
        actor=said.actor,
        facts=_facts(
            (_("Usable for the investigation"), usability(said.usability)),
            (_("What it brought"), outcome(said.outcome)),
            (_("Clear since"), words.moment(said.at, settings)),
            (_("Through that medium, how sure"), attribution(said.attribution)),
            (_("Follow-up"), said.follow_up),
        ),
    )


def _form(tip: Tip, local: str, refused: Refused) -> JudgeForm:
    last = tip.judgements[-1] if tip.judgements else None
    typed = refused.typed if refused.number == tip.number else {}
    return JudgeForm(
        usability=_choices(Usability, usability, typed.get("usability", tip.usability)),
        outcome=_choices(Outcome, outcome, typed.get("outcome", tip.outcome)),
        attribution=_choices(
            Attribution, attribution, typed.get("attribution", last.attribution if last else Attribution.UNKNOWN)
        ),
        follow_up=typed.get("follow_up", ""),
        clear_at=typed.get("clear_at", local),
        open=bool(typed),
    )


def _choices(kind: type[Kind], said: Callable[[Kind], str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=each.value, label=said(each), chosen=each.value == chosen) for each in kind)


def _facts(*pairs: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)
