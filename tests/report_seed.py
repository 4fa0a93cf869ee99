"""A release with everything that an account can tell: permission refused and granted, reach, tips, holds, take-down."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from approve_seed import MANIFEST
from texts_seed import exhibits, permission

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Case, PublicationStage
from vrijgave.domain.holds import HoldReason
from vrijgave.domain.publications import Evidence, EvidenceKind
from vrijgave.domain.reach import Reach
from vrijgave.domain.tips import Attribution, Outcome, TipChannel, TipJudgement, Usability
from vrijgave.services.context import Context
from vrijgave.services.files import add_assets, store_text

SECRET = "wat de tipgever vertelde"


def seed_account(context: Context, *, words: str = "") -> str:
    """Id of the release; ``words`` stand in every text that somebody can type."""
    release_id = exhibits(context)["gone"]
    add_account_facts(context, release_id, words)
    return release_id


def add_account_facts(context: Context, release_id: str, words: str = "") -> None:
    """Add what an account can tell to a release that was taken down."""
    now = context.now()
    with context.unit_of_work() as uow:
        release = uow.releases.get(release_id)
        parent = uow.assets.latest(release_id, AssetKind.ORIGINAL).sha256
        manifest = store_text(context.blobs, AssetKind.MANIFEST, "manifest.json", json.dumps(MANIFEST), parent=parent)
        add_assets(uow, release, [manifest], now)
        refused = permission(
            release_id, granted=False, refusal_reason=words or "Eerst foto's proberen.", platforms=frozenset(), at=now
        )
        uow.permissions.add(refused)
        typed = (
            "requester",
            "zaaksofficier",
            "authoriser",
            "mandate",
            "lighter_means",
            "proportionality",
            "conditions",
        )
        changed = {name: words for name in typed} if words else {"proportionality": "Een ernstig feit."}
        uow.permissions.add(permission(release_id, at=now, stage=PublicationStage.RECOGNISABLE, **changed))
        hold = uow.holds.begin(
            release_id, HoldReason.RELATIVES, words or "familie", now, actor=words or "bas", recorded_at=now
        )
        uow.holds.finish(hold, now + timedelta(hours=3), actor="bas", recorded_at=now)
        for row in uow.publications.for_release(release_id):
            reading = Reach(
                publication_id=row.id, at=now + timedelta(days=1), views=1234, source=f"person:{words or 'bas'}"
            )
            uow.reach.add(reading)
            looked = Evidence(publication_id=row.id, kind=EvidenceKind.READ_BACK, at=now, detail=f"{row.url} is weg")
            uow.publications.add_evidence(looked)
            uow.reach.add(replace(reading, at=now + timedelta(days=7), views=4321))
        for channel, outcome in ((TipChannel.PHONE, Outcome.IDENTIFIED), (TipChannel.ANONYMOUS, None)):
            tip = uow.tips.add(
                release_id, received_at=now, channel=channel, medium=words or "YouTube", content=SECRET,
                actor="bas", recorded_at=now,
            )  # fmt: skip
            if outcome:
                uow.tips.judge(
                    tip,
                    TipJudgement(
                        tip=tip.number, usability=Usability.USABLE, outcome=outcome, attribution=Attribution.STRONG,
                        follow_up=SECRET, at=now, actor="bas", recorded_at=now,
                    ),
                )  # fmt: skip
        uow.commit()


def typed_case(case: Case, words: str) -> Case:
    """``case`` in which every text is ``words``."""
    names = ("public_case_number", "unit", "offence", "public_place", "question", "scene")
    return replace(case, **{name: f"{name} {words}" for name in names})
