"""Regions in the review of a release: a person draws what has to be covered too, a flow follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.regions import End, Region, RegionRequest, RegionState
from vrijgave.domain.releases import FlowName
from vrijgave.errors import Conflict, Rejected
from vrijgave.i18n import _
from vrijgave.media import Progress
from vrijgave.redaction.region import follow_regions, with_followed
from vrijgave.services.analysis import analysis_files, load_analysis
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets
from vrijgave.services.in_review import open_review
from vrijgave.services.review import view
from vrijgave.services.stages import SYSTEM
from vrijgave.store.blobs import BlobStore
from vrijgave.store.regions import OPEN
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTrack:
    """The track that came of one request."""

    request: int
    track_id: int
    begins: End
    ends: End


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedRegions:
    """What a run made: files that hold for the analysis ``base`` (SHA-256) and no other."""

    base: str
    files: tuple[MadeFile, ...]
    tracks: tuple[NewTrack, ...]


def ask(
    uow: UnitOfWork, blobs: BlobStore, release_id: str, region: Region, *, reason: str, actor: str, at: datetime
) -> RegionRequest:
    """Ask for a region to be covered; the release stays in review, and cannot leave it before that is done."""
    if not reason.strip():
        raise Rejected("reason", _("Say why: give a reason with --reason."))
    analysis = view(uow, blobs, release_id).analysis
    region.check_inside(analysis.width, analysis.height, analysis.frame_count)
    release = open_review(uow, release_id, actor, at)
    uow.releases.ask(release, FlowName.TRACK_REGION, at)
    request = uow.regions.add(release_id, release.revision, region, reason=reason, actor=actor, at=at)
    _log(uow, request, actor, f"asked: {reason}", at)
    return request


def drop(uow: UnitOfWork, release_id: str, number: int, *, reason: str, actor: str, at: datetime) -> RegionRequest:
    """Give up a region that has not become a track."""
    if not reason.strip():
        raise Rejected("reason", _("Say why: give a reason with --reason."))
    request = uow.regions.get(release_id, number)
    if request.state not in OPEN:
        raise Rejected(
            "region", _("Region {number} is «{state}» and cannot be dropped.").format(
                number=number, state=_(request.state.value)
            )
        )  # fmt: skip
    release = open_review(uow, release_id, actor, at)
    uow.regions.drop(request)
    if not uow.regions.list(release_id, RegionState.FAILED):
        uow.releases.tell(release, None)
    _log(uow, request, actor, f"dropped: {reason}", at)
    return request


def follow(context: Context, release_id: str, progress: Progress) -> FollowedRegions:
    """Follow all regions that wait, from the latest analysis on. Changes nothing in the database."""
    with context.reading() as uow:
        waiting = uow.regions.list(release_id, RegionState.WAITING)
        base = uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256
        used = [request.track_id or 0 for request in uow.regions.list(release_id)]
    analysis = load_analysis(context.blobs, base)
    first = max([*used, *(track.id for track in analysis.tracks)], default=0) + 1
    with context.blobs.open_local(analysis.source_sha256) as path:
        followed = follow_regions(path, [request.region for request in waiting], context.limits, progress)
        merged = with_followed(analysis, enumerate(followed, start=first))
        files = analysis_files(context, path, merged)
    tracks = tuple(
        NewTrack(request=request.number, track_id=number, begins=region.begins, ends=region.ends)
        for number, (request, region) in enumerate(zip(waiting, followed, strict=True), start=first)
    )
    return FollowedRegions(base=base, files=tuple(files), tracks=tracks)


def finish(uow: UnitOfWork, release_id: str, revision: int, attempt: int, found: FollowedRegions, at: datetime) -> None:
    """List the analysis with the new tracks.

    Raises ``Conflict`` when the run was overtaken or its analysis is no longer the latest: what still waits is
    followed by another run.
    """
    release = uow.releases.claim(release_id, revision, FlowName.TRACK_REGION, attempt, at)
    if uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256 != found.base:
        raise Conflict(_("The analysis of release {id} changed meanwhile; follow again.").format(id=release_id))
    add_assets(uow, release, found.files, at)
    for track in found.tracks:
        uow.regions.followed(track.request, track.track_id, track.begins, track.ends)
    for track in found.tracks:
        request = uow.regions.get(release_id, track.request)
        _log(uow, request, SYSTEM, f"followed as track {track.track_id}", at)


def _log(uow: UnitOfWork, request: RegionRequest, actor: str, what: str, at: datetime) -> None:
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{request.release_id}/region:{request.number}",
        reason=what,
        at=at,
    )
