"""From public to proven gone: taking down -> taken down."""

from __future__ import annotations

from prefect import flow

from tasks import publish as work
from tasks.stage import stage
from vrijgave.domain.releases import FlowName


@flow(name="take_down", persist_result=False)
def take_down(release_id: str, revision: int, attempt: int) -> None:
    """Remove the release from every platform, with evidence."""
    with stage(FlowName.TAKE_DOWN, release_id, revision, attempt):
        # One platform that does not answer must not keep the video up on the others.
        removed = [work.remove(release_id, attempt, p, return_state=True) for p in work.targets(release_id)]
        for state in removed:
            state.result()
        work.finish_take_down(release_id, revision, attempt)
