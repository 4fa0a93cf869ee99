"""The page of one release: the facts, where it stands, who did what when, the permission, the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from vrijgave.domain.assets import Asset
from vrijgave.domain.cases import Case, FootageKind, Permission
from vrijgave.domain.clock import Stamp
from vrijgave.domain.holds import Hold, HoldReason
from vrijgave.domain.people import Account
from vrijgave.domain.publications import Platform, Publication
from vrijgave.domain.releases import MOVES, Release, State, Transition
from vrijgave.i18n import _
from vrijgave.services import holds
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may, sees_internal
from vrijgave.web.views.actions import Action, actions
from vrijgave.web.views.board import Choice
from vrijgave.words import footage_kind, hold_reason

HOLD, KIND = "/releases/{release_id}/hold", "/releases/{release_id}/footage-kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a list of facts."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change of state."""

    at: str
    state: str
    phase: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of the stage clock."""

    at: str
    milestone: str
    source: str
    platform: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One kept file."""

    revision: int
    kind: str
    name: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Where the release went out, or is about to."""

    platform: str
    state: str
    url: str
    """Empty where it is no web address."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """Why it waits on purpose."""

    reason: str
    note: str
    since: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage(Page):
    """One release."""

    template: ClassVar[str] = "release.html.j2"
    id: str
    title: str
    number: str
    state: str
    phase: str
    urgent: bool
    revision: int
    age: str
    next: str
    message: str
    facts: tuple[Fact, ...]
    permission: tuple[Fact, ...]
    outlets: tuple[Outlet, ...]
    steps: tuple[Step, ...]
    readings: tuple[Reading, ...]
    files: tuple[File, ...]
    sees_files: bool
    actions: tuple[Action, ...]
    may_retry: bool
    may_withdraw: bool
    hold: HoldFacts | None
    holds: tuple[Choice, ...]
    """Reasons for which the person may hold it now."""
    may_end_hold: bool
    cameras: tuple[Choice, ...]
    """Kinds of footage that the person may choose from to correct it."""
    error: str = ""


def release_page(
    uow: UnitOfWork, account: Account, release_id: str, settings: Settings, now: datetime, error: str = ""
) -> ReleasePage:
    """What ``account`` may see of a release. Raises ``NotFound``."""
    release = release_for(uow, account, release_id)
    inside = sees_internal(account)
    permission = uow.permissions.latest(release.id)
    held = holds.lasting(uow, release.id)
    return ReleasePage(
        id=release.id,
        title=f"{release.case.offence}, {release.case.public_place}",
        number=release.case.public_case_number,
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        urgent=release.case.urgency.value == "high",
        revision=release.revision,
        age=words.age(now - release.created_at),
        next=words.next_step(release.state),
        message=release.message or "",
        facts=_facts(release, settings, inside),
        permission=permission_facts(permission, settings) if permission else (),
        outlets=tuple(_outlet(row) for row in uow.publications.for_release(release.id)),
        steps=tuple(_step(step, settings) for step in reversed(uow.releases.transitions(release.id))),
        readings=tuple(_reading(stamp, settings) for stamp in uow.stamps.for_release(release.id)),
        files=tuple(file_row(asset) for asset in uow.assets.list(release.id)) if inside else (),
        sees_files=inside,
        actions=actions(release, account, permitted=permission is not None and permission.granted),
        may_retry=release.state is State.FAILED and may(account, "POST", "/releases/{release_id}/retry"),
        may_withdraw=State.WITHDRAWN in MOVES[release.state]
        and may(account, "POST", "/releases/{release_id}/withdraw"),
        hold=None if held is None else _hold(held, settings),
        holds=_reasons() if held is None and holds.can_begin(release) and may(account, "POST", HOLD) else (),
        may_end_hold=held is not None and may(account, "POST", HOLD + "/end"),
        cameras=_cameras(release) if may(account, "POST", KIND) else (),
        error=error,
    )


def _cameras(release: Release) -> tuple[Choice, ...]:
    chosen = release.case.footage_kind
    return tuple(Choice(value=kind.value, label=footage_kind(kind), chosen=kind is chosen) for kind in FootageKind)


def _hold(held: Hold, settings: Settings) -> HoldFacts:
    since = words.moment(held.begins, settings)
    return HoldFacts(reason=hold_reason(held.reason), note=held.note, since=since, actor=held.actor)


def _reasons() -> tuple[Choice, ...]:
    return tuple(Choice(value=reason.value, label=hold_reason(reason), chosen=False) for reason in HoldReason)


def _facts(release: Release, settings: Settings, inside: bool) -> tuple[Fact, ...]:
    case = release.case
    pairs = [
        (_("Offence"), case.offence),
        (_("Place, as the public reads it"), case.public_place),
        (_("Unit"), case.unit),
        (_("Incident"), _incident(case, settings)),
        (_("Handed in by"), release.submitted_by),
        (_("Reviewed by"), release.reviewer or ""),
        (_("Goes out on"), ", ".join(map(words.platform_name, release.targets))),
        (_("Camera"), footage_kind(case.footage_kind)),
        (_("Question to the public"), case.question),
        (_("What is to be seen"), case.scene),
    ]
    if inside:
        pairs += [
            (_("Registration number (internal)"), case.registration_number),
            (_("Exact place (internal)"), case.place),
            (_("Source of the footage (internal)"), case.footage_source),
            (_("Team"), case.team),
            (_("Article of law"), case.offence_article),
        ]
    return _filled(pairs)


def _incident(case: Case, settings: Settings) -> str:
    if case.incident_from is None or case.incident_to is None:
        return _("unknown")
    start, end = (words.moment(at, settings) for at in (case.incident_from, case.incident_to))
    return start if start == end else _("{start} to {end}").format(start=start, end=end)


def permission_facts(given: Permission, settings: Settings) -> tuple[Fact, ...]:
    pairs = [
        (_("Permission"), _("granted") if given.granted else _("refused")),
        (_("By"), given.authoriser),
        (_("Mandate"), given.mandate),
        (_("Public prosecutor"), given.zaaksofficier),
        (_("Asked by"), given.requester),
        (_("Platforms"), ", ".join(words.platform_name(p) for p in Platform if p.value in given.platforms)),
        (_("As far as"), words.spoken(given.stage)),
        (_("How widely"), words.spoken(given.area)),
        (_("Grounds"), given.proportionality),
        (_("Lighter means tried"), given.lighter_means),
        (_("Conditions"), given.conditions),
        (_("Last day"), given.end_date.strftime("%d-%m-%Y") if given.end_date else ""),
        (_("Reason of refusal"), given.refusal_reason),
        (_("Recorded"), f"{words.moment(given.at, settings)}, {given.recorded_by}"),
    ]
    return _filled(pairs)


def _filled(pairs: list[tuple[str, str]]) -> tuple[Fact, ...]:
    return tuple(Fact(label=label, value=value) for label, value in pairs if value)


def _step(step: Transition, settings: Settings) -> Step:
    return Step(
        at=words.moment(step.at, settings),
        state=words.spoken(step.to_state),
        phase=words.phase(step.to_state).value,
        actor=step.actor,
        reason=step.reason,
    )


def _reading(stamp: Stamp, settings: Settings) -> Reading:
    start, end = words.moment(stamp.earliest, settings), words.moment(stamp.latest, settings)
    return Reading(
        at=start if start == end else _("{start} to {end}").format(start=start, end=end),
        milestone=words.spoken(stamp.milestone),
        source=stamp.source.partition(":")[2] or stamp.source,
        platform=stamp.platform or "",
    )


def file_row(asset: Asset) -> File:
    return File(
        revision=asset.revision,
        kind=words.spoken(asset.kind),
        name=asset.name,
        size=words.size(asset.size),
        sha256=asset.sha256,
    )


def _outlet(row: Publication) -> Outlet:
    url = row.url or ""
    return Outlet(
        platform=words.platform_name(row.platform),
        state=words.spoken(row.state),
        url=url if url.startswith(("https://", "http://")) else "",
        message=row.message or "",
    )
