"""Tasks of publication and take-down."""

from __future__ import annotations

from prefect import task

from tasks.running import RETRYING, application, committed, logged_progress
from vrijgave.domain.publications import Platform
from vrijgave.services import publication, stages, take_down


@task(**RETRYING, timeout_seconds=60)
def targets(release_id: str) -> list[Platform]:
    """Platforms in the ledger of this release."""
    with committed() as (_context, uow):
        return publication.targets(uow, release_id)


@task(**RETRYING, timeout_seconds=6 * 3600)
def stage_on_platform(release_id: str, revision: int, attempt: int, platform: Platform) -> None:
    """Upload, complete and not yet public. Safe to repeat: the ledger looks before it sends."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        progress = logged_progress(f"upload to {platform.value}")
        publication.stage_on_platform(context, release_id, revision, platform, progress)


@task(**RETRYING, timeout_seconds=6 * 3600)
def go_live(release_id: str, revision: int, attempt: int, platform: Platform) -> None:
    """Make public what is staged, and send what cannot be staged. Safe to repeat."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        progress = logged_progress(f"upload to {platform.value}")
        publication.go_live(context, release_id, revision, platform, progress)


@task(**RETRYING, timeout_seconds=60)
def finish_publication(release_id: str, revision: int, attempt: int) -> None:
    """Every target is live."""
    with committed() as (context, uow):
        publication.finish(uow, release_id, revision, attempt, context.now())


@task(**RETRYING, timeout_seconds=3600)
def remove(release_id: str, attempt: int, platform: Platform) -> None:
    """Hide, delete, look, and keep the evidence."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        take_down.take_down_from(context, release_id, platform)


@task(**RETRYING, timeout_seconds=60)
def finish_take_down(release_id: str, revision: int, attempt: int) -> None:
    """Nothing is left on any platform."""
    with committed() as (context, uow):
        take_down.finish(uow, release_id, revision, attempt, context.now())
