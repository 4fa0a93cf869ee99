"""From footage to found faces and plates: received -> analysing -> in review."""

from __future__ import annotations

from prefect import flow

from tasks import prepare as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="prepare", persist_result=False)
def prepare(release_id: str, revision: int, attempt: int) -> None:
    """Analyse the footage of one release."""

    def work() -> None:
        found = tasks.analyse(release_id, attempt)
        tasks.finish(release_id, revision, attempt, found)

    carry_out(FlowName.PREPARE, release_id, revision, attempt, work)
