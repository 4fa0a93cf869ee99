"""What a person drew becomes a track: the release stays in review."""

from __future__ import annotations

from prefect import flow

from tasks import track_region as tasks
from tasks.stage import carry_out
from vrijgave.domain.releases import FlowName


@flow(name="track_region", persist_result=False)
def track_region(release_id: str, revision: int, attempt: int) -> None:
    """Follow all regions of one release that wait."""

    def work() -> None:
        found = tasks.follow(release_id, attempt)
        tasks.finish(release_id, revision, attempt, found)

    carry_out(FlowName.TRACK_REGION, release_id, revision, attempt, work)
