"""Releases whose footage was probed, so that their texts can be drafted; and their files, so that they can go out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.cases import Medium, Permission, PublicationStage
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import Release, State
from vrijgave.services import text_edits
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_text
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
    sha256, size = context.blobs.put_bytes(b"\xff\xd8\xff" + f"{name} {release.id} {release.revision}".encode() * 999)
    return MadeFile(kind=kind, name=name, sha256=sha256, size=size, parent=parent)


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
        "mandate": "mandaat", "platforms": frozenset(p.value for p in Platform),
        "stage": PublicationStage.RECOGNISABLE, "medium": Medium.VIDEO, "lighter_means": "foto's",
        "proportionality": "weegt op", "granted": True, "at": NOW, "recorded_by": "cor",
    }  # fmt: skip
    return Permission(**(facts | changes))  # type: ignore[arg-type]
