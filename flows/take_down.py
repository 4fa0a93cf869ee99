"""From public to proven gone: taking down -> taken down."""

from __future__ import annotations

from prefect import flow

from tasks import publish as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="take_down", persist_result=False)
def take_down(release_id: str, revision: int, attempt: int) -> None:
    """Remove the release from every platform, with evidence."""

    def work() -> None:
        # One platform that does not answer must not keep the video up on the others.
        removed = [tasks.remove(release_id, attempt, p, return_state=True) for p in tasks.targets(release_id)]
        for state in removed:
            state.result()
        tasks.finish_take_down(release_id, revision, attempt)

    carry_out(FlowName.TAKE_DOWN, release_id, revision, attempt, work)
