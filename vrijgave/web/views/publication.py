"""The page of a publication: what is certain about each platform, what may be done, and the proof that it is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from vrijgave.domain.clock import Milestone, Stamp
from vrijgave.domain.people import Account
from vrijgave.domain.publications import (
    Evidence,
    EvidenceKind,
    LedgerState,
    Platform,
    Publication,
    proof_of_absence,
)
from vrijgave.domain.reach import Reach
from vrijgave.domain.releases import MOVES, FlowName, Release, State
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _, current_language
from vrijgave.services import publication as publishing
from vrijgave.services.approval import check_approval, publication_stage
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may
from vrijgave.web.views.actions import PUBLICATION, USED_IN
from vrijgave.web.views.board import Choice
from vrijgave.web.words import Phase

PATH = "/releases/{release_id}/publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One observation of the outside world."""

    at: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """One reading of how often it was watched."""

    count: str
    at: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One platform: what is certain about it."""

    platform: str
    state: str
    phase: str
    url: str
    """Empty where it is no web address."""
    mark: str
    """By which our copy is known on the platform."""
    sha256: str
    attempts: str
    message: str
    sent: str
    public: str
    gone: str
    """When it was seen to be gone; empty before."""
    views: tuple[Views, ...]
    """As read on the platform, newest first."""
    gone_proof: tuple[Proof, ...]
    evidence: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that has to be in order before publication."""

    met: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One step in the history."""

    at: str
    state: str
    phase: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart(Page):
    """What a live update replaces."""

    template: ClassVar[str] = "publication_ledger.html.j2"
    id: str
    state: str
    phase: str
    next: str
    message: str
    rows: tuple[LedgerRow, ...]
    conditions: tuple[Condition, ...]
    platforms: str
    day: str
    may_order: bool
    may_retry: bool
    may_take_down: bool
    reached: tuple[Choice, ...]
    """Platforms of which the person may record the views."""
    now: str
    history: tuple[Happening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPage(LedgerPart):
    """The whole page."""

    template: ClassVar[str] = "publication.html.j2"
    number: str
    checks: bool
    """Whether the platforms are asked beforehand."""
    error: str


def publication_page(
    uow: UnitOfWork, account: Account, release_id: str, settings: Settings, now: datetime, error: str = ""
) -> PublicationPage:
    """The page for ``account``. Raises ``NotFound``."""
    part = ledger_part(uow, account, release_id, settings, now)
    release = release_for(uow, account, release_id)
    checks = release.state is State.APPROVED and may(account, "GET", f"{PATH}/check")
    shared = {field.name: getattr(part, field.name) for field in fields(LedgerPart)}
    return PublicationPage(number=release.case.public_case_number, checks=checks, error=error, **shared)


def ledger_part(uow: UnitOfWork, account: Account, release_id: str, settings: Settings, now: datetime) -> LedgerPart:
    """What is known now. Raises ``NotFound``."""
    release = release_for(uow, account, release_id)
    rows = sorted(uow.publications.for_release(release.id), key=lambda row: list(Platform).index(row.platform))
    conditions = _conditions(uow, release, settings, now) if release.state is State.APPROVED else ()
    ready = bool(conditions) and all(c.met for c in conditions)
    stamps = uow.stamps.for_release(release.id)
    views = defaultdict[str, list[Reach]](list)
    for reading in uow.reach.for_release(release.id):
        views[reading.publication_id].append(reading)
    public = {s.platform for s in stamps if s.milestone is Milestone.PUBLIC}
    reached = [r.platform for r in rows if r.platform.value in public] if may(account, "POST", f"{PATH}/reach") else []
    return LedgerPart(
        id=release.id,
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        next=_("Communication: everything is in order, publish") if ready else words.next_step(release.state),
        message="" if any(row.message == release.message for row in rows) else release.message or "",
        rows=tuple(_row(uow, row, stamps, views[row.id], settings) for row in rows),
        conditions=conditions,
        platforms=_(" and ").join(map(words.platform_name, release.targets)),
        day=_day(now, settings),
        may_order=ready and may(account, "POST", PATH),
        may_retry=release.state is State.FAILED
        and release.failed_flow in (FlowName.PUBLISH, FlowName.TAKE_DOWN)
        and may(account, "POST", f"{PATH}/retry"),
        may_take_down=bool(rows)
        and State.TAKING_DOWN in MOVES[release.state]
        and may(account, "POST", f"{PATH}/take-down"),
        reached=tuple(Choice(value=p.value, label=words.platform_name(p), chosen=False) for p in reached),
        now=now.astimezone(ZoneInfo(settings.time_zone)).strftime("%Y-%m-%dT%H:%M"),
        history=tuple(
            Happening(
                at=words.moment(step.at, settings),
                state=words.spoken(step.to_state),
                phase=words.phase(step.to_state).value,
                actor=step.actor,
                reason=step.reason,
            )
            for step in reversed(uow.releases.transitions(release.id))
            if step.to_state in USED_IN[PUBLICATION]
        ),
    )


def _conditions(uow: UnitOfWork, release: Release, settings: Settings, now: datetime) -> tuple[Condition, ...]:
    """What has to be in order: the second person's yes, and the permission."""
    try:
        given = check_approval(uow, release.id)
    except (ActionRequired, Rejected) as error:
        return (Condition(met=False, text=str(error)),)
    told = _("Approved by {who}, {at}").format(who=given.approver, at=words.moment(given.at, settings))
    return (Condition(met=True, text=told), _permission(uow, release, settings, now), _stage(uow, release))


def _permission(uow: UnitOfWork, release: Release, settings: Settings, now: datetime) -> Condition:
    given = uow.permissions.latest(release.id)
    if given is None:
        return Condition(met=False, text=_("Nobody has recorded a permission yet."))
    try:
        publishing.check_ready(uow, release, now)
    except (ActionRequired, Rejected) as error:
        return Condition(met=False, text=str(error))
    last = given.end_date
    told = _("Permission of {who}, up to and including {day}") if last else _("Permission of {who}, without a last day")
    return Condition(met=True, text=told.format(who=given.authoriser, day=last.strftime("%d-%m-%Y") if last else ""))


def _stage(uow: UnitOfWork, release: Release) -> Condition:
    stage = publication_stage(uow, release)
    return Condition(met=True, text=_("How people are to be seen: {stage}").format(stage=words.spoken(stage)))


def _row(uow: UnitOfWork, row: Publication, stamps: list[Stamp], views: list[Reach], settings: Settings) -> LedgerRow:
    evidence = uow.publications.evidence(row.id)

    def shown(found: Iterable[Evidence]) -> tuple[Proof, ...]:
        return tuple(_proof(e, row.told(e.detail), settings) for e in found)

    def reached(milestone: Milestone) -> str:
        found = [s for s in stamps if s.milestone is milestone and s.platform == row.platform.value]
        return words.moment(found[-1].latest, settings) if found else ""

    return LedgerRow(
        platform=words.platform_name(row.platform),
        state=_spoken(row),
        phase=_phase(row.state).value,
        url=row.address,
        mark=row.mark,
        sha256=row.file_sha256,
        attempts=_attempts(uow, row),
        message=row.message or "",
        sent=reached(Milestone.UPLOAD_STARTED),
        public=reached(Milestone.PUBLIC),
        gone=reached(Milestone.TAKE_DOWN_CONFIRMED) if row.state is LedgerState.GONE else "",
        views=tuple(_views(reading, settings) for reading in reversed(views)),
        gone_proof=shown(proof_of_absence(row, evidence)),
        evidence=shown(evidence),
    )


def _views(reading: Reach, settings: Settings) -> Views:
    source = reading.source.partition(":")[2] or reading.source
    count = format_decimal(reading.views, locale=current_language().value)
    return Views(count=count, at=words.moment(reading.at, settings), source=source)


def _attempts(uow: UnitOfWork, row: Publication) -> str:
    published, removed = (
        uow.outbox.runs(row.release_id, row.revision, flow) for flow in (FlowName.PUBLISH, FlowName.TAKE_DOWN)
    )
    told = _("{count} to publish").format(count=published)
    return _("{published}, {count} to take down").format(published=told, count=removed) if removed else told


def _proof(evidence: Evidence, detail: str, settings: Settings) -> Proof:
    says = {
        EvidenceKind.UPLOADED: _("Arrived on the platform"),
        EvidenceKind.PUBLIC: _("Public under this address"),
        EvidenceKind.HIDDEN: _("Asked the platform to hide it"),
        EvidenceKind.DELETED: _("Asked the platform to delete it"),
        EvidenceKind.READ_BACK: _("Looked whether it is there"),
        EvidenceKind.RECONCILED: _("Found again after an answer was lost"),
        EvidenceKind.STOPPED: _("Upload stopped"),
        EvidenceKind.BY_HAND: _("A person removed it there"),
    }
    at = evidence.at.astimezone(ZoneInfo(settings.time_zone)).strftime("%d-%m-%Y %H:%M:%S")
    return Proof(at=at, what=says[evidence.kind], detail=detail)


def _spoken(row: Publication) -> str:
    """What is certain, in words."""
    match row.state:
        case LedgerState.PLANNED:
            return _("Ready to be sent")
        case LedgerState.UPLOADING:
            return _("Being sent")
        case LedgerState.PROCESSING:
            return _("The platform processes it")
        case LedgerState.STAGED:
            return _("Complete there, not yet public")
        case LedgerState.LIVE:
            return _("Public")
        case LedgerState.HIDING:
            return _("Being taken down")
        case LedgerState.GONE:
            return _("Gone") if row.intent_at is not None else _("Nothing was sent")
        case LedgerState.UNKNOWN:
            return _("Uncertain: the platform is asked first")
        case LedgerState.NEEDS_PERSON:
            return _("Waits for a person")


def _phase(state: LedgerState) -> Phase:
    match state:
        case LedgerState.LIVE:
            return Phase.PUBLIC
        case LedgerState.GONE:
            return Phase.ENDED
        case LedgerState.NEEDS_PERSON:
            return Phase.FAILED
        case LedgerState.UNKNOWN:
            return Phase.WAITING
        case _:
            return Phase.WORKING


def _day(now: datetime, settings: Settings) -> str:
    return format_date(
        now.astimezone(ZoneInfo(settings.time_zone)).date(), "full", locale=current_language().value
    )  # fmt: skip
