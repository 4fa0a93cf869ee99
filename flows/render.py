"""From a reviewed plan to files that can be approved: rendering -> awaiting approval, or back to review."""

from __future__ import annotations

from prefect import flow

from tasks import render as work
from tasks.stage import stage
from vrijgave.domain.releases import FlowName


@flow(name="render", persist_result=False)
def render(release_id: str, revision: int, attempt: int) -> None:
    """Cover, scan, and make the renditions of one release."""
    with stage(FlowName.RENDER, release_id, revision, attempt):
        covered = work.cover(release_id, attempt)
        if covered.hits:
            work.send_back(release_id, revision, attempt, covered)
            return
        files = work.compose(release_id, attempt, covered)
        work.finish(release_id, revision, attempt, covered, files)
