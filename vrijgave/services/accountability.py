"""Accounts of a publication and of a year, as they are read from what was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.tips import Usability
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.leadtime import Headline, lead_times
from vrijgave.reports.document import Document
from vrijgave.reports.publication import Record, account, first_public, reading, strongest
from vrijgave.reports.year import Entry, Refusal, YearRecord, year_account
from vrijgave.services.context import Context
from vrijgave.services.files import read_text
from vrijgave.settings import Settings
from vrijgave.store.unit_of_work import UnitOfWork

FIRST_YEAR = 2000


def of_release(context: Context, release_id: str) -> Document:
    """The account of one publication. Raises ``NotFound``."""
    now = context.now()
    with context.reading() as uow:
        record, example = _record(uow, context, release_id, now), uow.examples.any()
    return account(record, context.settings, now, example=example)


def of_year(context: Context, year: int) -> Document:
    """The account of a year. Raises ``Rejected`` for one that lies ahead, or before there was anything of the kind."""
    now = context.now()
    if not FIRST_YEAR <= year <= this_year(context):
        raise Rejected(
            "year", _("Choose a year from {first} to {last}.").format(first=FIRST_YEAR, last=this_year(context))
        )
    since, before = (_new_year(y, context.settings) for y in (year, year + 1))
    with context.reading() as uow:
        example = uow.examples.any()
        entries = _entries(uow, since, before, now)
        refusals = tuple(Refusal(number=n, decision=d) for n, d in uow.years.refused_between(since, before))
    record = YearRecord(year=year, entries=entries, refusals=refusals)
    return year_account(record, context.settings, now, example=example)


def this_year(context: Context) -> int:
    """The year on the clock of the force."""
    return context.now().astimezone(ZoneInfo(context.settings.time_zone)).year


def _new_year(year: int, settings: Settings) -> datetime:
    return datetime(year, 1, 1, tzinfo=ZoneInfo(settings.time_zone)).astimezone(UTC)


def _record(uow: UnitOfWork, context: Context, release_id: str, now: datetime) -> Record:
    release = uow.releases.get(release_id)
    steps, stamps = uow.releases.transitions(release_id), uow.stamps.for_release(release_id)
    holds, ledger = uow.holds.for_release(release_id), uow.publications.for_release(release_id)
    targets = [target.value for target in release.targets]
    return Record(
        release=release,
        request=uow.permission_requests.latest(release_id),
        permissions=tuple(reversed(uow.permissions.list(release_id))),
        approvals=tuple(a for a in uow.approvals.list(release_id) if a.revision == release.revision),
        steps=tuple(steps),
        stamps=tuple(stamps),
        holds=tuple(holds),
        ledger=tuple((row, tuple(uow.publications.evidence(row.id))) for row in ledger),
        reach=tuple(uow.reach.for_release(release_id)),
        tips=tuple(uow.tips.for_release(release_id)),
        manifest=_manifest(uow, context, release_id, release.revision),
        times=lead_times(release_id, stamps, steps, now=now, targets=targets, holds=holds),
    )


def _manifest(uow: UnitOfWork, context: Context, release_id: str, revision: int) -> Mapping[str, Any] | None:
    found = uow.assets.list(release_id, revision=revision, kind=AssetKind.MANIFEST)
    if not found:
        return None
    manifest: Mapping[str, Any] = json.loads(read_text(context.blobs, found[-1].sha256))
    return manifest


def _entries(uow: UnitOfWork, since: datetime, before: datetime, now: datetime) -> tuple[Entry, ...]:
    asked = uow.years.public_between(since, before)
    stamps, steps, views = uow.years.stamps(asked), uow.years.transitions(asked), uow.years.views(asked)
    entries = []
    for id_ in asked:
        public = first_public(stamps[id_])
        if public is None or not since <= public.latest < before:  # corrected since
            continue
        release, tips = uow.releases.get(id_), uow.tips.for_release(id_)
        targets, holds = [t.value for t in release.targets], uow.holds.for_release(id_)
        times = lead_times(id_, stamps[id_], steps.get(id_, ()), now=now, targets=targets, holds=holds)
        gone = [reading(stamps[id_], Milestone.TAKE_DOWN_CONFIRMED, platform.value) for platform in release.targets]
        entries.append(
            Entry(
                number=release.case.public_case_number,
                unit=release.case.unit,
                offence=release.case.offence,
                platforms=release.targets,
                public_at=public.latest,
                lead=times.of(Headline.INCIDENT_TO_PUBLIC),
                views=views.get(id_),
                tips=len(tips),
                usable=sum(tip.usability is Usability.USABLE for tip in tips),
                outcome=strongest(tips),
                taken_down_at=max(s.latest for s in gone if s) if all(gone) else None,
            )
        )
    return tuple(sorted(entries, key=lambda entry: entry.public_at))
