"""Tasks of regions that a person drew."""

from __future__ import annotations

from prefect import task

from tasks.running import RETRYING, application, committed, logged_progress
from vrijgave.services import regions, stages
from vrijgave.services.regions import FollowedRegions


@task(**RETRYING, timeout_seconds=12 * 3600)
def follow(release_id: str, attempt: int) -> FollowedRegions:
    """Follow them through the original."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        return regions.follow(context, release_id, logged_progress("region"))


@task(**RETRYING, timeout_seconds=60)
def finish(release_id: str, revision: int, attempt: int, found: FollowedRegions) -> None:
    """Add the tracks to the analysis."""
    with committed() as (context, uow):
        regions.finish(uow, release_id, revision, attempt, found, context.now())
