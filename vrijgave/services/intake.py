"""Handing in: hash, probe and keep the footage, and open a release for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.cases import Case, Certainty, FootageKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.media import MediaInfo
from vrijgave.domain.publications import Platform
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.media import Limits, probe
from vrijgave.services.files import MadeFile, add_assets, store_text
from vrijgave.services.stages import stamp
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """A file that was looked into and found readable."""

    path: Path
    info: MediaInfo


def inspect(path: Path, limits: Limits) -> Footage:
    """Look into one file without keeping it. Raises ``UnreadableMedia``."""
    return Footage(path=path, info=probe(path, limits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Footage that lies in the file store, and what it says of itself."""

    original: MadeFile
    probed: MadeFile


def keep(blobs: BlobStore, footage: Footage) -> Kept:
    """Copy the footage into the file store under its hash. Takes as long as its size asks, outside any transaction."""
    sha256, size = blobs.put(footage.path)
    return _kept(blobs, footage.path.suffix, sha256, size, footage.info.to_dict())


def adopt(blobs: BlobStore, path: Path, sha256: str, name: str, said: Mapping[str, Any]) -> Kept:
    """Like ``keep``, for a file of ours that was inspected and hashed before; ``name`` is what its owner calls it."""
    size = blobs.adopt(path, sha256)
    suffix = Path(name).suffix
    return _kept(blobs, suffix if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", suffix) else "", sha256, size, said)


def _kept(blobs: BlobStore, suffix: str, sha256: str, size: int, said: Mapping[str, Any]) -> Kept:
    name = f"original{suffix.lower()}"
    probed = json.dumps(said, sort_keys=True)
    return Kept(
        original=MadeFile(kind=AssetKind.ORIGINAL, name=name, sha256=sha256, size=size, parent=None),
        probed=store_text(blobs, AssetKind.PROBE, "probe.json", probed, parent=sha256),
    )


def submit(
    uow: UnitOfWork, kept: Kept, case: Case, *, targets: Sequence[Platform], actor: str, at: datetime
) -> Release:
    """Open a release for kept footage; it waits for analysis."""
    if not targets:
        raise Rejected("targets", _("Choose at least one platform."))
    release = Release(
        id=uuid4().hex,
        case=case,
        state=State.RECEIVED,
        revision=1,
        attempt=0,
        version=1,
        submitted_by=actor,
        created_at=at,
        targets=tuple(targets),
    )
    reason = _("Footage handed in.")
    release = uow.releases.add(release, reason=reason, start=FlowName.PREPARE)
    add_assets(uow, release, [kept.original, kept.probed], at)
    _stamp_facts(uow, release, at, actor)
    subject = f"blob:{kept.original.sha256}"
    uow.audit.append(actor=actor, action=AuditAction.COLLECTED, subject=subject, reason=reason, at=at)
    return release


def _stamp_facts(uow: UnitOfWork, release: Release, at: datetime, actor: str) -> None:
    """What the submitter knows of the time before the footage came in; what is not known is not stamped."""
    case, source = release.case, f"person:{actor}"
    facts = (
        (Milestone.INCIDENT, case.incident_from, case.incident_to, case.incident_certainty),
        (Milestone.REPORTED, case.reported_at, None, Certainty.ESTIMATED),
        (Milestone.SECURED, case.secured_at, None, Certainty.ESTIMATED),
    )
    for milestone, moment, until, certainty in facts:
        if moment is not None:
            stamp(uow, release, milestone, moment, until=until, certainty=certainty, source=source, recorded_at=at)
    stamp(uow, release, Milestone.RECEIVED, at, source=source)


def correct_footage_kind(
    uow: UnitOfWork, release_id: str, kind: FootageKind | None, *, actor: str, at: datetime
) -> None:
    """Say anew what kind of camera the footage comes from; the audit log keeps the old answer."""
    if kind is None:
        raise Rejected("footage_kind", _("Choose what kind of camera it was."))
    release = uow.releases.get(release_id)
    before = release.case.footage_kind
    if kind is before:
        return
    uow.releases.correct_footage_kind(release, kind)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{release_id}",
        reason=_("Kind of footage: {before} became {after}.").format(before=before.value, after=kind.value),
        at=at,
    )
