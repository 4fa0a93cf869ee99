"""From a reviewed plan to files that can be approved: rendering -> awaiting approval, or back to review."""

from __future__ import annotations

from prefect import flow

from tasks import render as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="render", persist_result=False)
def render(release_id: str, revision: int, attempt: int) -> None:
    """Cover, scan, and make the renditions of one release."""

    def work() -> None:
        covered = tasks.cover(release_id, attempt)
        if covered.hits:
            tasks.send_back(release_id, revision, attempt, covered)
            return
        files = tasks.compose(release_id, attempt, covered)
        tasks.finish(release_id, revision, attempt, covered, files)

    carry_out(FlowName.RENDER, release_id, revision, attempt, work)
