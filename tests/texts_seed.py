"""Releases whose footage was probed, so that their texts can be drafted; and their files, so that they can go out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from clips import Clip, unlike_any_other

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Area, Case, Medium, Permission, PublicationStage
from vrijgave.domain.clock import Milestone
from vrijgave.domain.publications import Evidence, EvidenceKind, LedgerState, Platform, Publication
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.texts import TextField, fingerprint
from vrijgave.i18n import Language
from vrijgave.publishing.protocol import marker_for
from vrijgave.publishing.registry import PUBLISHERS
from vrijgave.services import approval, text_edits
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_file, store_text
from vrijgave.services.stages import stamp
from vrijgave.services.texts import file_name

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def add_probed(context: Context, release: Release, *, sound: bool = False, seconds: int = 72) -> Release:
    """Keep ``release`` with an original and what was found out about it."""
    said = json.dumps(
        {"video": {"duration": f"{seconds}/1", "frame_count": seconds * 25}, "audio": [{}] if sound else []}
    )
    original = store_text(context.blobs, AssetKind.ORIGINAL, "original.mp4", f"footage {release.id}", parent=None)
    probe = store_text(context.blobs, AssetKind.PROBE, "probe.json", said, parent=original.sha256)
    with context.unit_of_work() as uow:
        kept = uow.releases.add(release, reason="Beelden aangeleverd.")
        add_assets(uow, kept, [original, probe], NOW)
        uow.commit()
    return kept


def make_files(context: Context, release_id: str) -> None:
    """What the rendering leaves, with the texts as they are written now; the pictures are stand-ins."""
    with context.unit_of_work() as uow:
        release = uow.releases.get(release_id)
        parent = uow.assets.latest(release_id, AssetKind.ORIGINAL).sha256
        sets = text_edits.sets(uow, context.blobs, context.settings, release)
        files = [
            _picture(context, kind, name, release, parent)
            for kind, name in (
                (AssetKind.MASTER, "master.mp4"), (AssetKind.RENDITION, "youtube-1920x1080.mp4"),
                (AssetKind.THUMBNAIL, "thumbnail.jpg"), (AssetKind.STILL, "still-1.jpg"),
            )
        ]  # fmt: skip
        files += [
            store_text(context.blobs, AssetKind.TEXTS, file_name(s.texts), s.texts.to_json(), parent=None) for s in sets
        ]
        add_assets(uow, release, files, context.now())
        uow.commit()


def _picture(context: Context, kind: AssetKind, name: str, release: Release, parent: str) -> MadeFile:
    if not name.endswith(".mp4"):
        picture = b"\xff\xd8\xff" + f"{name} {release.id} {release.revision}".encode() * 999
        sha256, size = context.blobs.put_bytes(picture)
        return MadeFile(kind=kind, name=name, sha256=sha256, size=size, parent=parent)
    with TemporaryDirectory() as folder:
        video = unlike_any_other(Clip(pts=range(100)).write(Path(folder) / name), 100_000)
        return store_file(context.blobs, kind, video, parent=parent)


def finish_review(context: Context, release_id: str, reviewer: str = "bas") -> None:
    """From review to the second person."""
    with context.unit_of_work() as uow:
        release = uow.releases.get(release_id)
        uow.releases.move(release, State.RENDERING, at=context.now(), actor=reviewer, reason="", reviewer=reviewer)
        uow.commit()
    make_files(context, release_id)
    with context.unit_of_work() as uow:
        release = uow.releases.get(release_id)
        uow.releases.move(release, State.AWAITING_APPROVAL, at=context.now(), actor="system", reason="")
        uow.commit()


def permission(release_id: str, **changes: object) -> Permission:
    """One that covers everything."""
    facts: dict[str, object] = {
        "release_id": release_id, "requester": "anna", "zaaksofficier": "officier", "authoriser": "hoofdofficier",
        "mandate": "mandaat", "platforms": frozenset(p.value for p in PUBLISHERS),
        "stage": PublicationStage.RECOGNISABLE, "medium": Medium.VIDEO, "area": Area.NATIONAL,
        "lighter_means": "foto's",
        "proportionality": "weegt op", "granted": True, "at": NOW, "recorded_by": "cor",
    }  # fmt: skip
    return Permission(**(facts | changes))  # type: ignore[arg-type]


def add_ledger(context: Context, release: Release, youtube: LedgerState, kit: LedgerState) -> None:
    """Rows of the ledger in those states, with what would have been observed on the way there."""
    with context.unit_of_work() as uow:
        for platform, state in ((Platform.YOUTUBE, youtube), (Platform.PRESS_KIT, kit)):
            id_ = f"{platform.value:.4}{release.id[-28:]}"
            url = "http://127.0.0.1:4210/watch?v=Rk3v2mJq1xE" if platform is Platform.YOUTUBE else "file:///kit.zip"
            sent = state is not LedgerState.PLANNED
            uow.publications.plan(
                Publication(
                    id=id_, release_id=release.id, revision=release.revision, platform=platform,
                    stage=PublicationStage.RECOGNISABLE, state=state, version=1, marker=marker_for(id_),
                    file_sha256=fingerprint(release.id), file_size=48_211_004, remote_id="x" if sent else None,
                    url=url if sent else None, intent_at=context.now() if sent else None,
                    message="Het dagquotum van YouTube is op; probeer het morgen opnieuw."
                    if state is LedgerState.NEEDS_PERSON else None,
                )
            )  # fmt: skip
            for kind, detail in _observed(platform, state, url):
                uow.publications.add_evidence(Evidence(publication_id=id_, kind=kind, at=context.now(), detail=detail))
            for milestone in _passed(state):
                stamp(uow, release, milestone, context.now(), source="flow:publish", platform=platform.value)
        uow.commit()


def _observed(platform: Platform, state: LedgerState, url: str) -> list[tuple[EvidenceKind, str]]:
    look = f"anonymous GET oembed for {url}" if platform is Platform.YOUTUBE else "perskit-3f1c.zip"
    there = [
        (EvidenceKind.UPLOADED, "48211004 bytes"), (EvidenceKind.READ_BACK, f"{look}: 200"), (EvidenceKind.PUBLIC, url),
    ]  # fmt: skip
    gone = [
        (EvidenceKind.HIDDEN, "asked to hide"), (EvidenceKind.DELETED, "asked to delete"),
        (EvidenceKind.READ_BACK, f"{look}: 404"), (EvidenceKind.READ_BACK, "nothing with our marker in the account"),
    ]  # fmt: skip
    if state is LedgerState.GONE:
        return there + gone
    return there if state is LedgerState.LIVE else there[:1] if state is LedgerState.STAGED else []


def _passed(state: LedgerState) -> list[Milestone]:
    if state is LedgerState.PLANNED:
        return []
    later = {LedgerState.LIVE: [Milestone.PUBLIC], LedgerState.GONE: [Milestone.PUBLIC, Milestone.TAKE_DOWN_CONFIRMED]}
    return [Milestone.UPLOAD_STARTED, *later.get(state, [])]


CASE = Case(
    registration_number="PL1500-2026004711", public_case_number="2026-2001", unit="Den Haag", offence="Straatroof",
    public_place="Den Haag, Centrum", incident_from=NOW, incident_to=NOW,
    question="Herkent u de persoon in de gele jas?",
    scene="Iemand in een gele jas loopt door een winkelstraat en pakt een tas van een bank.",
)  # fmt: skip


def exhibits(context: Context) -> dict[str, str]:
    """What there is to see -> the id of a release in which it is seen."""
    ways: dict[str, tuple[State, ...]] = {
        "writing": (),
        "fixed": (State.AWAITING_APPROVAL,),
        "ready": (State.AWAITING_APPROVAL, State.APPROVED),
        "live": (State.AWAITING_APPROVAL, State.APPROVED, State.PUBLISHING, State.PUBLISHED),
        "stuck": (State.AWAITING_APPROVAL, State.APPROVED, State.PUBLISHING, State.FAILED),
        "gone": (
            State.AWAITING_APPROVAL, State.APPROVED, State.PUBLISHING, State.PUBLISHED, State.TAKING_DOWN,
            State.TAKEN_DOWN,
        ),
    }  # fmt: skip
    ledgers = {
        "live": (LedgerState.LIVE, LedgerState.LIVE),
        "stuck": (LedgerState.NEEDS_PERSON, LedgerState.STAGED),
        "gone": (LedgerState.GONE, LedgerState.GONE),
    }
    found = {}
    for number, (name, way) in enumerate(ways.items(), start=1):
        case = replace(CASE, public_case_number=f"2026-20{number:02d}")
        release = Release(
            id=f"{number:032d}", case=case, state=State.IN_REVIEW, revision=1, attempt=1, version=1,
            submitted_by="anna", created_at=context.now() - timedelta(hours=number),
        )  # fmt: skip
        add_probed(context, release)
        for state in way:
            _go(context, release.id, state)
        if name in ledgers:
            add_ledger(context, release, *ledgers[name])
        found[name] = release.id
    return found


_SAID = {
    State.PUBLISHING: "Publicatie opgedragen.",
    State.PUBLISHED: "Openbaar op elk platform.",
    State.TAKING_DOWN: "Verdachte herkend en aangehouden",
    State.TAKEN_DOWN: "Weg van elk platform.",
    State.FAILED: "Het dagquotum van YouTube is op; probeer het morgen opnieuw.",
}

_STARTS = {State.PUBLISHING: FlowName.PUBLISH, State.TAKING_DOWN: FlowName.TAKE_DOWN}


def _go(context: Context, release_id: str, state: State) -> None:
    if state is State.AWAITING_APPROVAL:
        finish_review(context, release_id)
        return
    with context.unit_of_work() as uow:
        if state is State.APPROVED:
            approval.approve(uow, release_id, "cor", approval.coverage(uow, release_id), context.now())
            approval.authorise(uow, permission(release_id, authoriser="De hoofdofficier"))
        else:
            failed = FlowName.PUBLISH if state is State.FAILED else None
            uow.releases.move(
                uow.releases.get(release_id), state, at=context.now(), actor="bas", reason=_SAID[state],
                failed_flow=failed, message=_SAID[state] if failed else None, start=_STARTS.get(state),
            )  # fmt: skip
        uow.commit()


def write_title(context: Context, release_id: str, text: str) -> None:
    """The Dutch title for YouTube as «bas» wrote it."""
    with context.unit_of_work() as uow:
        text_edits.write(
            uow, context.blobs, context.settings, release_id, platform=Platform.YOUTUBE, language=Language.DUTCH,
            field=TextField.TITLE, text=text, version=0, actor="bas", at=context.now(),
        )  # fmt: skip
        uow.commit()
