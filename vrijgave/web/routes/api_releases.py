"""Releases as JSON, for the scripts of the pages.

Every route under ``/api/`` answers errors as ``{"message": …}`` with the status of ``errors.STATUS``. What changes
something needs the header ``X-CSRF-Token``: ``static/js/api.js`` sends it.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from vrijgave.domain.releases import Release
from vrijgave.services import preflight as before
from vrijgave.services import stages
from vrijgave.web.access import App, SignedIn, release_for
from vrijgave.web.words import next_step

router = APIRouter(prefix="/api/releases/{release_id}")


class ReleaseState(BaseModel):
    """Where a release stands."""

    id: str
    state: str
    revision: int
    version: int
    created_at: datetime
    next: str
    message: str | None


@router.get("")
def release(context: App, account: SignedIn, release_id: str) -> ReleaseState:
    """Where the release stands now."""
    with context.reading() as uow:
        return _state(release_for(uow, account, release_id))


class PlatformCheck(BaseModel):
    """One platform before anything is sent there; what is said are sentences for a person."""

    platform: str
    account: str
    problems: tuple[str, ...]
    """None: the release can go out there."""
    warnings: tuple[str, ...]
    costs: tuple[str, ...]
    cannot: tuple[str, ...]
    """What the platform cannot do, such as delete."""


@router.get("/preflight")
def preflight(context: App, account: SignedIn, release_id: str) -> list[PlatformCheck]:
    """Whether each platform takes what is approved; nothing is sent."""
    with context.reading() as uow:
        release_for(uow, account, release_id)
    return [
        PlatformCheck(
            platform=each.platform.value,
            account=each.account,
            problems=each.problems,
            warnings=each.warnings,
            costs=each.costs,
            cannot=each.cannot,
        )
        for each in before.preflight(context, release_id)
    ]


@router.post("/retry")
def retry(context: App, account: SignedIn, release_id: str) -> ReleaseState:
    """Run what failed again."""
    with context.unit_of_work() as uow:
        release_for(uow, account, release_id)
        after = stages.retry(uow, release_id, account.name, context.now())
        uow.commit()
    return _state(after)


def _state(release: Release) -> ReleaseState:
    return ReleaseState(
        id=release.id,
        state=release.state.value,
        revision=release.revision,
        version=release.version,
        created_at=release.created_at,
        next=next_step(release.state),
        message=release.message,
    )
