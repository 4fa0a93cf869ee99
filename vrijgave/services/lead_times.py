"""Lead times of all releases, from transitions and stamps only, never from the audit log."""

from __future__ import annotations

from datetime import datetime

from vrijgave.leadtime import ReleaseLeadTimes, Summary, lead_times, summarise
from vrijgave.store.unit_of_work import UnitOfWork


def report(uow: UnitOfWork, now: datetime) -> tuple[list[ReleaseLeadTimes], Summary]:
    """Each release and the figures over all."""
    releases = [
        lead_times(
            release.id,
            uow.stamps.for_release(release.id),
            uow.releases.transitions(release.id),
            now=now,
            targets=[t.value for t in release.targets],
        )
        for release in uow.releases.list()
    ]
    return releases, summarise(releases)
