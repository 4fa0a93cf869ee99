"""Tasks of the analysis."""

from __future__ import annotations

from prefect import task

from tasks.running import RETRYING, application, committed, logged_progress
from tasks.segments import with_segments_spread
from vrijgave.services import analysis, review_media, stages
from vrijgave.services.files import MadeFile


@task(**RETRYING, timeout_seconds=6 * 3600)
def make_review_media(release_id: str, attempt: int) -> list[MadeFile]:
    """Make what the review plays."""
    context = application()
    with stages.kept_alive(context, release_id, attempt):
        return review_media.make_review_media(context, release_id, logged_progress("review proxy"))


@task(**RETRYING, timeout_seconds=12 * 3600)
def analyse(release_id: str, attempt: int) -> list[MadeFile]:
    """Find faces and plates in the original."""
    context = with_segments_spread(application())
    with stages.kept_alive(context, release_id, attempt):
        return analysis.analyse_footage(context, release_id, logged_progress("analysis"))


@task(**RETRYING, timeout_seconds=60)
def finish(release_id: str, revision: int, attempt: int, found: list[MadeFile]) -> None:
    """Hand the release to a reviewer."""
    with committed() as (context, uow):
        analysis.finish_analysis(uow, release_id, revision, attempt, found, context.now())
