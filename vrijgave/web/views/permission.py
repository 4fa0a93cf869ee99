"""The page on which an authoriser grants or refuses publication, and all decisions of before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Area, Medium, Permission, PermissionRequest, PublicationStage
from vrijgave.domain.people import Account
from vrijgave.domain.releases import Release
from vrijgave.i18n import _
from vrijgave.services import permission
from vrijgave.services.approval import dossier, publication_stage
from vrijgave.services.context import Context
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web import words
from vrijgave.web.access import release_for
from vrijgave.web.pages import Page
from vrijgave.web.permissions import may
from vrijgave.web.views.approve import BEFORE_FILES
from vrijgave.web.views.board import Choice
from vrijgave.web.views.release import Fact, permission_facts

GRANT, REFUSE = "grant", "refuse"
LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form, as typed or filled in beforehand."""

    decision: str = ""
    zaaksofficier: str = ""
    mandate: str = ""
    platforms: frozenset[str] = frozenset()
    stage: str = ""
    area: str = ""
    medium: str = Medium.VIDEO.value
    lighter_means: str = ""
    proportionality: str = ""
    self_report_until: str = ""
    end_date: str = ""
    conditions: str = ""
    refusal_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChoice:
    """How far a permission may reach, and what that means."""

    value: str
    label: str
    meaning: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision of before."""

    granted: bool
    at: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionPage(Page):
    """What is asked, what would go out, the decision, and those of before."""

    template: ClassVar[str] = "permission.html.j2"
    id: str
    title: str
    number: str
    state: str
    phase: str
    may_decide: bool
    closed: bool
    authoriser: str
    asked_by: str
    """Who asked and when, in words."""
    needed: str
    """The stage that the review asks for; empty before there is a covered video."""
    lacks: tuple[str, ...]
    video: str
    """Address of the video that would go out; empty where there is none, or the person may not see it."""
    form: Typed
    mandates: tuple[Choice, ...]
    platforms: tuple[Choice, ...]
    stages: tuple[StageChoice, ...]
    areas: tuple[StageChoice, ...]
    media: tuple[Choice, ...]
    longest: int
    decided: tuple[Decided, ...]
    error: str = ""
    notice: str = ""


def permission_page(
    uow: UnitOfWork,
    account: Account,
    release_id: str,
    context: Context,
    *,
    typed: Typed | None = None,
    error: str = "",
    notice: str = "",
) -> PermissionPage:
    """For ``account``. Raises ``NotFound``."""
    release = release_for(uow, account, release_id)
    request = uow.permission_requests.latest(release.id)
    before = uow.permissions.list(release.id)
    form = typed or _prefilled(release, request, before, context)
    ready = release.state not in BEFORE_FILES
    return PermissionPage(
        id=release.id,
        title=f"{release.case.offence}, {release.case.public_place}",
        number=release.case.public_case_number,
        state=words.spoken(release.state),
        phase=words.phase(release.state).value,
        may_decide=may(account, "POST", "/releases/{release_id}/permission"),
        closed=release.state in permission.CLOSED,
        authoriser=account.display_name,
        asked_by=_asked_by(request, release, context),
        needed=words.spoken(publication_stage(uow, release)) if ready else "",
        lacks=permission.lacks(uow, release.id, context.now().astimezone().date()) if ready or before else (),
        video=_video(uow, account, release) if ready else "",
        form=form,
        mandates=tuple(Choice(value=m, label=m, chosen=m == form.mandate) for m in context.settings.mandates),
        platforms=tuple(
            Choice(value=p.value, label=words.platform_name(p), chosen=p.value in form.platforms)
            for p in context.platforms()
        ),
        stages=tuple(_stage(stage, form.stage) for stage in PublicationStage),
        areas=tuple(_area(area, form.area) for area in Area),
        media=tuple(Choice(value=m.value, label=words.medium(m), chosen=m.value == form.medium) for m in Medium),
        longest=LONGEST,
        decided=tuple(
            Decided(
                granted=given.granted,
                at=words.moment(given.at, context.settings),
                facts=permission_facts(given, context.settings),
            )
            for given in before
        ),
        error=error,
        notice=notice,
    )


def requester(uow: UnitOfWork, release: Release) -> str:
    """Who asks for the permission: who said so, or who handed the footage in."""
    request = uow.permission_requests.latest(release.id)
    return request.requester if request else release.submitted_by


def _prefilled(
    release: Release, request: PermissionRequest | None, before: list[Permission], context: Context
) -> Typed:
    """What was asked; where nobody asked since the last decision, that decision."""
    source = before[0] if before and (request is None or before[0].at >= request.at) else request
    mandates = list(context.settings.mandates)
    first = mandates[0] if len(mandates) == 1 else ""
    if source is None:
        return Typed(platforms=frozenset(target.value for target in release.targets), mandate=first)
    return Typed(
        zaaksofficier=source.zaaksofficier,
        mandate=first,
        platforms=source.platforms,
        stage=source.stage.value,
        area=source.area.value,
        medium=source.medium.value,
        lighter_means=source.lighter_means,
        proportionality=source.proportionality,
        self_report_until=_day(source.self_report_until),
        end_date=_day(source.end_date),
        conditions=source.conditions,
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _asked_by(request: PermissionRequest | None, release: Release, context: Context) -> str:
    if request is None:
        return _("{who} handed in the footage; nobody has put a request on record.").format(who=release.submitted_by)
    return _("{who} asked for this on {moment}.").format(
        who=request.requester, moment=words.moment(request.at, context.settings)
    )


def _video(uow: UnitOfWork, account: Account, release: Release) -> str:
    path = "/releases/{release_id}/approve/files/{sha256}"
    found = [file for file in dossier(uow, release.id).files if file.kind is AssetKind.RENDITION]
    if not found or not may(account, "GET", path):
        return ""
    return path.format(release_id=release.id, sha256=found[0].sha256)


def _area(area: Area, chosen: str) -> StageChoice:
    meaning = (
        _("By accounts of the unit, and by the press kit.")
        if area is Area.REGIONAL
        else _("Also by accounts that the whole country follows.")
    )
    return StageChoice(value=area.value, label=words.spoken(area), meaning=meaning, chosen=area.value == chosen)


def _stage(stage: PublicationStage, chosen: str) -> StageChoice:
    match stage:
        case PublicationStage.INTERNAL:
            meaning = _("Only within the force.")
        case PublicationStage.COVERED:
            meaning = _("Public; everybody is covered, the suspect too.")
        case PublicationStage.RECOGNISABLE:
            meaning = _("Public; who is shown can be recognised.")
    return StageChoice(value=stage.value, label=words.spoken(stage), meaning=meaning, chosen=stage.value == chosen)
