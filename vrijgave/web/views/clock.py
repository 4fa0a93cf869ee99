"""The page on which the stage clock of a release is read, and its times are entered and corrected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vrijgave.domain.cases import Certainty
from vrijgave.domain.clock import BEFORE_RECEIVED, FROM_TIPS, PEOPLE_KNOW, Milestone, Stamp
from vrijgave.domain.people import Account, Role
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release
from vrijgave.i18n import _
from vrijgave.leadtime import Stage, label, lead_times
from vrijgave.leadtime.durations import Kind
from vrijgave.leadtime.report import spoken as duration
from vrijgave.leadtime.report import spoken_time
from vrijgave.leadtime.stages import EACH_REVISION
from vrijgave.services.clock_entries import LONGEST_REASON, latest, place
from vrijgave.services.hours import working_hours
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import sees_internal
from vrijgave.web.views.board import Choice
from vrijgave.words import spoken

OF_THE_INVESTIGATION = BEFORE_RECEIVED | {Milestone.IDENTIFIED}
"""Detectives tell and correct these; communication staff correct the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading; ``holds`` where none came after it."""

    at: str
    source: str
    recorded: str
    reason: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A milestone with its readings, newest first; without any it is unknown."""

    name: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long one stage took, by the clock and in working hours, and how much of it was held."""

    name: str
    platform: str
    elapsed: str
    office: str
    held: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPage(Page):
    """The stage clock of a release. ``seen``: how many readings it has, so that two writers do not cross."""

    template: ClassVar[str] = "clock.html.j2"
    id: str
    number: str
    milestones: tuple[Passed, ...]
    stages: tuple[Took, ...]
    choices: tuple[Choice, ...]
    seen: int
    begin: str
    end: str
    unknown: bool
    reason: str
    longest: int = LONGEST_REASON
    error: str = ""
    notice: str = ""


def theirs(account: Account, milestone: Milestone) -> bool:
    """Whether somebody may enter or correct this milestone."""
    if milestone in FROM_TIPS:
        return False
    return (Role.RECHERCHE if milestone in OF_THE_INVESTIGATION else Role.COMMUNICATIE) in account.roles


def clock_page(
    uow: UnitOfWork, account: Account, release_id: str, settings: Settings, now: datetime,
    typed: Mapping[str, str] | None = None, error: str = "", notice: str = "",
) -> ClockPage:  # fmt: skip
    """What ``account`` may see of the stage clock. Raises ``NotFound``."""
    release = release_for(uow, account, release_id)
    stamps = uow.stamps.for_release(release_id)
    holding, typed = latest(stamps), typed or {}
    milestones = []
    for milestone in Milestone:
        places = [of for of in holding if of[0] is milestone] or [(milestone, None, 1)]
        for of in sorted(places, key=lambda p: (p[2], p[1] or "")):
            those = [s for s in stamps if place(s) == of]
            readings = tuple(_reading(s, s is holding[of], settings, account) for s in reversed(those))
            milestones.append(Passed(name=_name(of), readings=readings))
    known = {*holding, *((milestone, None, 1) for milestone in PEOPLE_KNOW)}
    choices = sorted((of for of in known if theirs(account, of[0])), key=lambda p: (list(Milestone).index(p[0]), p[2]))
    return ClockPage(
        id=release.id,
        number=release.case.public_case_number,
        milestones=tuple(milestones),
        stages=tuple(_stages(uow, release, now, settings)),
        choices=tuple(Choice(value=key(of), label=_name(of), chosen=key(of) == typed.get("what")) for of in choices),
        seen=len(stamps),
        begin=typed.get("begin", ""),
        end=typed.get("end", ""),
        unknown=bool(typed.get("unknown")),
        reason=typed.get("reason", ""),
        error=error,
        notice=notice,
    )


def _stages(uow: UnitOfWork, release: Release, now: datetime, settings: Settings) -> Iterator[Took]:
    """The stages that were begun, in the order of the clock."""
    elapsed, office = (
        lead_times(
            release.id,
            uow.stamps.for_release(release.id),
            uow.releases.transitions(release.id),
            now=now,
            targets=[target.value for target in release.targets],
            holds=uow.holds.for_release(release.id),
            hours=hours,
        )
        for hours in (None, working_hours(settings))
    )
    for one, two in zip(elapsed.times, office.times, strict=True):
        if isinstance(one.measure, Stage) and one.duration.kind is not Kind.NOT_BEGUN:
            yield Took(
                name=label(one.measure),
                platform=_platform(one.platform),
                elapsed=duration(one.duration),
                office=duration(two.duration),
                held=spoken_time(one.held) if one.held else "",
            )


def _platform(platform: str | None) -> str:
    known = next((each for each in Platform if each.value == platform), None)
    return words.platform_name(known) if known else platform or ""


def key(of: tuple[Milestone, str | None, int]) -> str:
    """A place on the stage clock as a form sends it."""
    return f"{of[0].value}:{of[1] or ''}:{of[2]}"


def _name(of: tuple[Milestone, str | None, int]) -> str:
    milestone, platform, revision = of
    more = [_platform(platform)] if platform else []
    if milestone in EACH_REVISION and revision > 1:
        more.append(_("revision {number}").format(number=revision))
    return spoken(milestone) + (f" ({', '.join(more)})" if more else "")


def _reading(stamp: Stamp, holds: bool, settings: Settings, account: Account) -> Reading:
    at = words.moment(stamp.earliest, settings)
    if stamp.certainty is Certainty.UNKNOWN:
        at = _("unknown")
    elif stamp.latest != stamp.earliest:
        at = _("between {begin} and {end}").format(begin=at, end=words.moment(stamp.latest, settings))
    kind, name = stamp.source.split(":", 1)
    internal = sees_internal(account)
    source = _("recorded by the work itself") if kind == "flow" else _("by a person")
    return Reading(
        at=at,
        source=f"{source}: {name}" if internal and kind == "person" else source,
        recorded=words.moment(stamp.recorded_at, settings),
        reason=stamp.reason if internal else "",
        holds=holds,
    )
