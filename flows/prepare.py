"""From footage to found faces and plates, and to what a browser plays: received -> analysing -> in review."""

from __future__ import annotations

from prefect import flow

from tasks import prepare as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="prepare", persist_result=False)
def prepare(release_id: str, revision: int, attempt: int) -> None:
    """Analyse the footage of one release."""

    def work() -> None:
        media = tasks.make_review_media(release_id, attempt)
        found = tasks.analyse(release_id, attempt)
        tasks.finish(release_id, revision, attempt, media + found)

    carry_out(FlowName.PREPARE, release_id, revision, attempt, work)
