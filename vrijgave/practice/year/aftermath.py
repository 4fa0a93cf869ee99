"""What follows once a made-up release is public: views, tips, what they brought, and the take-down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vrijgave.domain.cases import PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, Usability
from vrijgave.practice.year.chance import Chance
from vrijgave.practice.year.lives import Counted, Judged, Tipped
from vrijgave.practice.year.walk import NEVER

CHANNELS = (
    (TipChannel.PHONE, 0.34), (TipChannel.ANONYMOUS, 0.2), (TipChannel.FORM, 0.2), (TipChannel.MAIL, 0.1),
    (TipChannel.PLATFORM, 0.12), (TipChannel.DESK, 0.04),
)  # fmt: skip
MEDIA = (("YouTube", 0.4), ("Krant (voorbeeld)", 0.15), ("Televisie (voorbeeld)", 0.15), ("", 0.3))
TIPS = {PublicationStage.RECOGNISABLE: 2.6, PublicationStage.COVERED: 1.1, PublicationStage.INTERNAL: 0.5}
NAMED = {PublicationStage.RECOGNISABLE: 0.42, PublicationStage.COVERED: 0.15, PublicationStage.INTERNAL: 0.3}
VIEWED_AFTER = (timedelta(days=1), timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """``taken_down`` may lie further away than any year that is made."""

    tips: tuple[Tipped, ...]
    views: tuple[Counted, ...]
    taken_down: datetime
    why: str


def draw_aftermath(chance: Chance, public: dict[Platform, datetime], stage: PublicationStage) -> Aftermath:
    """What comes of a release that is public on those platforms since then."""
    first = min(public.values())
    tips = tuple(sorted(_tips(chance, first, stage), key=lambda tip: tip.at))
    named = [j.at for tip in tips for j in tip.judged if j.outcome.names_somebody]
    if named and chance.happens(0.9):
        taken_down = max(max(public.values()), chance.at_work(min(named) + chance.length(20, 0.5)))
        why = "Voorbeeld: het doel is bereikt."
    elif chance.happens(0.55):
        taken_down, why = chance.at_work(first + chance.length(24 * 60, 0.3)), "Voorbeeld: de einddatum is bereikt."
    else:
        taken_down, why = first + NEVER, ""
    tips = tuple(tip for tip in tips if tip.at < taken_down)
    return Aftermath(
        tips=tips,
        views=tuple(_views(chance, public, taken_down)),
        taken_down=taken_down + timedelta(minutes=5),
        why=why,
    )


def _tips(chance: Chance, first: datetime, stage: PublicationStage) -> Iterator[Tipped]:
    expected = TIPS[stage]
    while chance.happens(expected / (1 + expected)):
        at = first + chance.length(26, 1.2)
        yield Tipped(
            at=at, channel=chance.pick(CHANNELS), medium=chance.pick(MEDIA), judged=tuple(_judged(chance, at, stage))
        )


def _judged(chance: Chance, at: datetime, stage: PublicationStage) -> Iterator[Judged]:
    """Most tips are judged within days; of the usable ones it becomes clear later what they brought."""
    if chance.happens(0.08):
        return
    judged = chance.at_work(at + chance.length(7, 0.7))
    if chance.happens(0.55):
        yield Judged(
            at=judged, usability=Usability.NOT_USABLE, outcome=Outcome.NOTHING, attribution=Attribution.UNKNOWN
        )
        return
    strength = chance.pick(((Attribution.WEAK, 0.3), (Attribution.PLAUSIBLE, 0.45), (Attribution.STRONG, 0.25)))
    yield Judged(at=judged, usability=Usability.USABLE, outcome=Outcome.OPEN, attribution=strength)
    if chance.happens(0.15):
        return
    named = ((Outcome.IDENTIFIED, 0.6), (Outcome.ARRESTED, 0.4))
    other = ((Outcome.CONTRIBUTED, 0.6), (Outcome.NOTHING, 0.4))
    outcome = chance.pick(named if chance.happens(NAMED[stage]) else other)
    clear = chance.at_work(judged + chance.length(40, 0.8))
    yield Judged(at=clear, usability=Usability.USABLE, outcome=outcome, attribution=strength)


def _views(chance: Chance, public: dict[Platform, datetime], taken_down: datetime) -> Iterator[Counted]:
    for platform, since in public.items():
        views = chance.between(300, 9000)
        for age in VIEWED_AFTER:
            views *= chance.between(1.3, 2.6)
            if since + age < taken_down:
                yield Counted(at=since + age, platform=platform, views=round(views))
