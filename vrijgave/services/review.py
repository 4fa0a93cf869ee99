"""Review: a person looks at what was found, decides what stays visible, and declares the review done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.edits import Change, EditLog, Hide, SetSound, SetStyle, Show
from vrijgave.domain.notes import Note
from vrijgave.domain.regions import RegionRequest, RegionState
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.spans import Sound, SoundSpan
from vrijgave.domain.tracks import Action, Analysis, CoverStyle, Plan
from vrijgave.errors import NotFound, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.redaction.contact_sheet import write_contact_sheet
from vrijgave.redaction.cutouts import cutout_name, save_pictures
from vrijgave.redaction.review_data import ReviewData, pictured
from vrijgave.services import edits
from vrijgave.services.analysis import made_from
from vrijgave.services.context import Context
from vrijgave.services.in_review import open_review, open_review_if_possible
from vrijgave.services.notes import check_resolved
from vrijgave.services.stages import stamp
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """What a reviewer sees: the release, all tracks as edited, where to look first, what was decided and drawn."""

    release: Release
    analysis: Analysis
    plan: Plan
    data: ReviewData
    regions: tuple[RegionRequest, ...]
    log: EditLog
    notes: tuple[Note, ...]


def view(uow: UnitOfWork, blobs: BlobStore, release_id: str) -> ReviewView:
    """The tracks of a release and what was decided about them; shows no picture."""
    release = uow.releases.get(release_id)
    if release.state in (State.RECEIVED, State.ANALYSING):
        raise RetryLater(_("The analysis of release {id} is not ready; look again later.").format(id=release_id))
    now = edits.effective(uow, blobs, release_id)
    return ReviewView(
        release=release,
        analysis=now.analysis,
        plan=now.plan,
        data=edits.review_data(uow, blobs, release_id),
        regions=tuple(uow.regions.list(release_id)),
        log=edits.log(uow, release_id),
        notes=tuple(uow.notes.list(release_id)),
    )


def decide(
    uow: UnitOfWork,
    blobs: BlobStore,
    release_id: str,
    track_id: int,
    action: Action,
    *,
    reason: str,
    actor: str,
    at: datetime,
    anchor: int | None = None,
) -> None:
    """Cover or show one track. Showing holds from frame ``anchor`` outwards, else from the track's clearest frame.

    After a crossing the same subject can be shown again from another anchor; covering takes back all of them.
    Raises ``Rejected`` without a reason and where it is not sure who is seen in ``anchor``.
    """
    change = Show(track=track_id, anchor=anchor) if action is Action.SHOW else Hide(track=track_id)
    _edit(uow, blobs, release_id, change, reason=reason, actor=actor, at=at)


def set_sound(
    uow: UnitOfWork, blobs: BlobStore, release_id: str, sound: Sound, *, reason: str, actor: str, at: datetime
) -> None:
    """Mute all of the sound or keep it; keeping needs a reason, for names and plates are spoken aloud."""
    _edit(uow, blobs, release_id, SetSound(span=SoundSpan(sound=sound)), reason=reason, actor=actor, at=at)


def set_style(
    uow: UnitOfWork, blobs: BlobStore, release_id: str, style: CoverStyle, *, reason: str, actor: str, at: datetime
) -> None:
    """Choose how covered faces look; any style hides as much, so no reason is asked."""
    _edit(uow, blobs, release_id, SetStyle(style=style), reason=reason, actor=actor, at=at)


def _edit(
    uow: UnitOfWork, blobs: BlobStore, release_id: str, change: Change, *, reason: str, actor: str, at: datetime
) -> None:
    """One edit on the log as it is now."""
    base = edits.log(uow, release_id).version
    edits.apply(uow, blobs, release_id, [edits.Proposal(change, reason)], base, actor=actor, at=at)


def finish_review(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """Declare the review done: from here on nothing changes, and the covered video is made."""
    release = open_review(uow, release_id, actor, at)
    _check_regions(uow, release_id)
    check_resolved(uow, release_id)
    stamp(uow, release, Milestone.REVIEW_DONE, at, source=f"person:{actor}")
    return uow.releases.move(
        release,
        State.RENDERING,
        at=at,
        actor=actor,
        reason=_("Review done."),
        start=FlowName.RENDER,
        reviewer=actor,
    )


def _check_regions(uow: UnitOfWork, release_id: str) -> None:
    """What a person wants covered has to be covered before the review ends."""
    if uow.regions.list(release_id, RegionState.FAILED):
        raise Rejected(
            "region",
            _("A region of release {id} could not be followed; run it again with «vrijgave retry» or drop it.").format(
                id=release_id
            ),
        )
    if uow.regions.list(release_id, RegionState.WAITING):
        raise RetryLater(_("A region of release {id} is still being followed; try again later.").format(id=release_id))


def contact_sheet(context: Context, release_id: str, output: Path, *, reason: str, actor: str) -> int:
    """Write one picture with every track at its clearest, from the original; returns the number of tracks.

    A look at an original is logged before the picture is made.
    """
    seen = _look(context, release_id, reason, actor)
    with context.blobs.open_local(seen.analysis.source_sha256) as path:
        write_contact_sheet(path, seen.analysis.tracks, output, context.limits)
    return len(seen.analysis.tracks)


def save_cutouts(context: Context, release_id: str, folder: Path, *, reason: str, actor: str) -> int:
    """Write a picture of each doubtful moment, riskiest first, and of each track at its clearest; returns how many.

    They show what has to stay hidden, so the look is logged as one at the original. Raises ``NotFound`` for an
    analysis of before such pictures were made.
    """
    seen = _look(context, release_id, reason, actor)
    with context.reading() as uow:
        archive = made_from(uow, uow.assets.latest(release_id, AssetKind.ANALYSIS), AssetKind.CUTOUTS)
    if archive is None:
        raise NotFound(_("There are no pictures of this analysis; make a picture of all tracks with --sheet."))
    moments = [(span.track_id, span.frame) for span in seen.data.spans]
    clearest = [(track, frames[0]) for track, frames in pictured((), seen.analysis.tracks).items()]
    ranked = [cutout_name(*moment) for moment in dict.fromkeys(moments + clearest)]
    with context.blobs.open_local(archive.sha256) as path:
        return save_pictures(path, ranked, folder)


def _look(context: Context, release_id: str, reason: str, actor: str) -> ReviewView:
    """Log a look at uncovered footage before anything of it is shown."""
    if not reason.strip():
        raise Rejected("reason", _("Say why you look at the original: give a reason with --reason."))
    with context.unit_of_work() as uow:
        seen = view(uow, context.blobs, release_id)
        subject = f"blob:{seen.analysis.source_sha256}"
        uow.audit.append(actor=actor, action=AuditAction.CONSULTED, subject=subject, reason=reason, at=context.now())
        open_review_if_possible(uow, seen.release, actor, context.now())
        uow.commit()
    return seen
