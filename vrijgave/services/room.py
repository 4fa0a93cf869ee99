"""The review room: everything that is drawn there, from one reading of the store, and who looks along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zipfile import ZipFile

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.edits import EditLog
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.notes import Note
from vrijgave.domain.regions import RegionRequest
from vrijgave.domain.releases import Release, State
from vrijgave.errors import NotFound, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.redaction.cutouts import cutout_name
from vrijgave.redaction.edits import Edited
from vrijgave.redaction.exemption import rivals
from vrijgave.redaction.plan import ranges, shown_tracks, sure_frames
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
class Glimpse:
    """What tells whether a room has changed; quick to read."""

    release: Release
    media: ReviewMedia
    analysis: Asset
    version: int
    """Of the log of edits."""
    regions: tuple[RegionRequest, ...]
    notes: tuple[Note, ...]
    others: tuple[Presence, ...]
    """Who else is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A review as it is now. ``shown``: the frames, (first, last), in which tracks that a person chose to show surely
    are; ``pictured``: the tracks of which there is a picture."""

    seen: Glimpse
    log: EditLog
    now: Edited
    data: ReviewData
    frame_map: FrameMap
    shown: Mapping[int, tuple[tuple[int, int], ...]]
    pictured: frozenset[int]


def glimpse(uow: UnitOfWork, release: Release, actor: str, at: datetime) -> Glimpse:
    """What the room of ``release`` holds, without carrying out its edits.

    Raises ``RetryLater`` before the analysis is ready, ``NotFound`` for a release of before there was a review room.
    """
    return Glimpse(
        release=release,
        media=check_ready(uow, release),
        analysis=uow.assets.latest(release.id, AssetKind.ANALYSIS),
        version=uow.edits.version(release.id),
        regions=tuple(uow.regions.list(release.id)),
        notes=tuple(uow.notes.list(release.id)),
        others=tuple(uow.presence.list(release.id, since=at - HERE, besides=actor)),
    )


def enter(uow: UnitOfWork, files: ProvenBlobs, blobs: BlobStore, seen: Glimpse) -> Room:
    """All of the room; shows no picture."""
    log = uow.edits.log(seen.release.id)
    now = edits.carried_out(blobs, seen.analysis.sha256, log)
    archive = made_from(uow, seen.analysis, AssetKind.CUTOUTS)
    return Room(
        seen=seen,
        log=log,
        now=now,
        data=edits.review_data_of(uow, blobs, seen.analysis, now),
        frame_map=load_frame_map(blobs, seen.media),
        shown=_shown_of(blobs, seen.analysis.sha256).of(now),
        pictured=frozenset() if archive is None else _pictured(files, blobs, archive.sha256, seen.analysis.sha256),
    )


class _Shown:
    """Where shown tracks are surely who a person saw; worked out anew only when something that bears on it changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, tuple[tuple[int, int], ...]]] = {}

    def of(self, now: Edited) -> dict[int, tuple[tuple[int, int], ...]]:
        """(first, last) frames of each shown track."""
        known, found = self._known, {}
        for track, anchors in shown_tracks(now.analysis, now.plan):
            given = (track, anchors, rivals(track, now.analysis))
            earlier = known.get(track.id)
            if earlier is None or earlier[0] != given:
                earlier = given, tuple(ranges(sure_frames(track, anchors, now.analysis)))
            found[track.id] = earlier
        self._known = found
        return {number: runs for number, (_given, runs) in found.items()}


@lru_cache(maxsize=4)
def _shown_of(_blobs: BlobStore, _analysis_sha256: str) -> _Shown:
    return _Shown()


def check_ready(uow: UnitOfWork, release: Release) -> ReviewMedia:
    """What the room of ``release`` plays. Raises as ``glimpse`` does."""
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


def picture(uow: UnitOfWork, files: ProvenBlobs, blobs: BlobStore, release_id: str, track_id: int) -> bytes:
    """The JPEG of a track as found, in its clearest frame. Raises ``NotFound`` where none was made."""
    analysis = uow.assets.latest(release_id, AssetKind.ANALYSIS)
    archive = made_from(uow, analysis, AssetKind.CUTOUTS)
    if archive is None or track_id not in _pictured(files, blobs, archive.sha256, analysis.sha256):
        raise NotFound(_("There is no picture of track {track}.").format(track=track_id))
    track = kept_analysis(blobs, analysis.sha256).track(track_id)
    with files.open_local(archive.sha256) as path, ZipFile(path) as content:
        return content.read(cutout_name(track_id, 0 if track is None else track.clearest))


@lru_cache(maxsize=16)
def _pictured(files: ProvenBlobs, blobs: BlobStore, archive: str, analysis: str) -> frozenset[int]:
    """The tracks as found of whose clearest frame there is a picture."""
    with files.open_local(archive) as path, ZipFile(path) as content:
        names = frozenset(content.namelist())
    tracks = kept_analysis(blobs, analysis).tracks
    return frozenset(track.id for track in tracks if cutout_name(track.id, track.clearest) in names)
