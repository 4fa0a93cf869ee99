"""The review room: everything that is drawn there, from one reading of the store, and who looks along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zipfile import ZipFile

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.edits import EditLog
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.notes import Note
from vrijgave.domain.regions import RegionRequest
from vrijgave.domain.releases import Release, State
from vrijgave.domain.tracks import Analysis
from vrijgave.errors import NotFound, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.redaction.cutouts import cutout_name
from vrijgave.redaction.edits import Edited
from vrijgave.redaction.review_data import ReviewData
from vrijgave.services import edits
from vrijgave.services.analysis import kept_analysis, made_from
from vrijgave.services.review_media import ReviewMedia, load_frame_map, look, media_of
from vrijgave.store.blobs import BlobStore
from vrijgave.store.presence import Presence
from vrijgave.store.proven import ProvenBlobs
from vrijgave.store.unit_of_work import UnitOfWork

HERE = timedelta(seconds=30)
"""Who has asked for nothing for so long has left the room."""
SEEN_EVERY = timedelta(seconds=10)
"""Who was seen so recently is not written down again."""
LONGEST_REASON = 1000
BEFORE_REVIEW = frozenset({State.RECEIVED, State.ANALYSING})
OPEN_IN = frozenset({State.IN_REVIEW, State.CHANGES_REQUESTED})
"""States in which a review can be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A review as it is now. ``frame_map`` tells what the player plays, ``pictures`` which tracks have a picture."""

    release: Release
    analysis_sha256: str
    base: Analysis
    """As found."""
    log: EditLog
    now: Edited
    data: ReviewData
    regions: tuple[RegionRequest, ...]
    notes: tuple[Note, ...]
    frame_map: FrameMap
    pictures: frozenset[str]
    others: tuple[Presence, ...]


def enter(uow: UnitOfWork, blobs: ProvenBlobs, store: BlobStore, release: Release, actor: str, at: datetime) -> Room:
    """All of the room of ``release`` for ``actor``; shows no picture.

    Raises ``RetryLater`` before the analysis is ready, ``NotFound`` for a release of before there was a review room.
    """
    media = check_ready(uow, release)
    analysis = uow.assets.latest(release.id, AssetKind.ANALYSIS)
    archive = made_from(uow, analysis, AssetKind.CUTOUTS)
    log = uow.edits.log(release.id, release.revision)
    return Room(
        release=release,
        analysis_sha256=analysis.sha256,
        base=kept_analysis(store, analysis.sha256),
        log=log,
        now=edits.effective(uow, store, release.id),
        data=edits.review_data(uow, store, release.id),
        regions=tuple(uow.regions.list(release.id)),
        notes=tuple(uow.notes.list(release.id)),
        frame_map=load_frame_map(store, media),
        pictures=frozenset() if archive is None else names_of(blobs, archive.sha256),
        others=tuple(uow.presence.list(release.id, since=at - HERE, besides=actor)),
    )


def check_ready(uow: UnitOfWork, release: Release) -> ReviewMedia:
    """What the room of ``release`` plays. Raises as ``enter`` does."""
    if release.state in BEFORE_REVIEW:
        raise RetryLater(
            _("The analysis of release {id} is not ready; look again later.").format(id=release.id),
            after=timedelta(seconds=30),
        )
    if not uow.assets.list(release.id, kind=AssetKind.ANALYSIS):
        raise NotFound(_("The analysis did not succeed; run it again from the page of the release."))
    if not uow.assets.list(release.id, kind=AssetKind.PROXY):
        raise NotFound(
            _(
                "This release is from before there was a review room; withdraw it and hand its footage in again, or "
                "review it on the command line."
            )
        )
    return media_of(uow, release.id)


def first_look(uow: UnitOfWork, release_id: str, actor: str, reason: str, at: datetime) -> None:
    """Log why ``actor`` looks at the footage of this case. Raises ``Rejected`` where no reason is given."""
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise Rejected(
            "reason", _("Say in 1 to {most} characters why you look at the footage.").format(most=LONGEST_REASON)
        )
    look(uow, release_id, actor, why, at)


def be_present(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> None:
    """Let the others see that ``actor`` has the room open."""
    uow.presence.see(release_id, actor, at)
    uow.presence.forget_before(at - HERE)


def has_to_be_seen(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> bool:
    """Whether it is long enough ago that ``actor`` was written down as present."""
    seen = uow.presence.seen(release_id, actor)
    return seen is None or at - seen >= SEEN_EVERY


def picture(uow: UnitOfWork, blobs: ProvenBlobs, store: BlobStore, release_id: str, track_id: int) -> bytes:
    """The JPEG of a track in its clearest frame. Raises ``NotFound`` where none was made."""
    analysis = uow.assets.latest(release_id, AssetKind.ANALYSIS)
    archive = made_from(uow, analysis, AssetKind.CUTOUTS)
    track = kept_analysis(store, analysis.sha256).track(track_id)
    name = "" if track is None else cutout_name(track_id, track.clearest)
    if archive is None or name not in names_of(blobs, archive.sha256):
        raise NotFound(_("There is no picture of track {track}.").format(track=track_id))
    with blobs.open_local(archive.sha256) as path, ZipFile(path) as content:
        return content.read(name)


@lru_cache(maxsize=16)
def names_of(blobs: ProvenBlobs, sha256: str) -> frozenset[str]:
    """The pictures in an archive."""
    with blobs.open_local(sha256) as path, ZipFile(path) as content:
        return frozenset(content.namelist())
