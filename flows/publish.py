"""From approved files to a public video: publishing -> published, on every target together."""

from __future__ import annotations

from prefect import flow

from tasks import publish as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="publish", persist_result=False)
def publish(release_id: str, revision: int, attempt: int) -> None:
    """Stage on every platform first; only when all are complete, make them public."""

    def work() -> None:
        platforms = tasks.targets(release_id)
        for platform in platforms:
            tasks.stage_on_platform(release_id, revision, attempt, platform)
        for platform in platforms:
            tasks.go_live(release_id, revision, attempt, platform)
        tasks.finish_publication(release_id, revision, attempt)

    carry_out(FlowName.PUBLISH, release_id, revision, attempt, work)
