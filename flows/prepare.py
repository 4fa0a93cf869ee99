"""From footage to found faces and plates: received -> analysing -> in review."""

from __future__ import annotations

from prefect import flow

from tasks import prepare as work
from tasks.stage import stage
from vrijgave.domain.releases import FlowName


@flow(name="prepare", persist_result=False)
def prepare(release_id: str, revision: int, attempt: int) -> None:
    """Analyse the footage of one release."""
    with stage(FlowName.PREPARE, release_id, revision, attempt):
        found = work.analyse(release_id, attempt)
        work.finish(release_id, revision, attempt, found)
