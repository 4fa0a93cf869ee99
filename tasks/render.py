"""Tasks of the covered video and all that is made from it."""

from __future__ import annotations

from prefect import task

from tasks.running import RETRYING, application, committed, logged_progress
from tasks.segments import with_segments_spread
from vrijgave.services import rendering, stages
from vrijgave.services.files import MadeFile
from vrijgave.services.rendering import Covered


@task(**RETRYING, timeout_seconds=12 * 3600)
def cover(release_id: str, attempt: int) -> Covered:
    """Cover by the reviewer's plan, and scan the result."""
    context = with_segments_spread(application())
    with stages.kept_alive(context, release_id, attempt):
        return rendering.cover_footage(context, release_id, logged_progress("cover"))


@task(**RETRYING, timeout_seconds=6 * 3600)
def compose(release_id: str, attempt: int, covered: Covered) -> list[MadeFile]:
    """Rendition, thumbnail, stills and texts."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        return rendering.compose(context, release_id, covered, logged_progress("rendition"))


@task(**RETRYING, timeout_seconds=60)
def finish(release_id: str, revision: int, attempt: int, covered: Covered, files: list[MadeFile]) -> None:
    """Hand the release to the approver."""
    with committed() as (context, uow):
        rendering.finish(uow, release_id, revision, attempt, covered, files, context.now())


@task(**RETRYING, timeout_seconds=60)
def send_back(release_id: str, revision: int, attempt: int, covered: Covered) -> None:
    """The scan found something: back to the reviewer."""
    with committed() as (context, uow):
        rendering.send_back(uow, release_id, revision, attempt, covered, context.now())
