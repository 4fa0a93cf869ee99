"""Review: a person looks at what was found, decides what stays visible, and declares the review done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vrijgave.domain.assets import AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.tracks import Action, Analysis, CoverStyle, Decision, Plan, Sound, Track
from vrijgave.errors import NotFound, Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.redaction.contact_sheet import write_contact_sheet
from vrijgave.services.analysis import load_analysis
from vrijgave.services.context import Context
from vrijgave.services.stages import stamp
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """What a reviewer sees: the release, all tracks and the decisions that hold."""

    release: Release
    analysis: Analysis
    plan: Plan


def view(uow: UnitOfWork, blobs: BlobStore, release_id: str) -> ReviewView:
    """The tracks of a release and what was decided about them; shows no picture."""
    release = uow.releases.get(release_id)
    if release.state in (State.RECEIVED, State.ANALYSING):
        raise RetryLater(_("The analysis of release {id} is not ready; look again later.").format(id=release_id))
    analysis = load_analysis(blobs, uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256)
    return ReviewView(release=release, analysis=analysis, plan=uow.decisions.plan(release_id, release.revision))


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
) -> Decision:
    """Cover or show one track. Showing needs a reason and holds from the track's clearest frame outwards."""
    analysis = view(uow, blobs, release_id).analysis
    release = open_review(uow, release_id, actor, at)
    track = _track(analysis, track_id)
    if not reason.strip():
        raise Rejected("reason", _("Say why: give a reason with --reason."))
    decision = Decision(
        track_id=track_id,
        action=action,
        reason=reason,
        actor=actor,
        at=at,
        anchor=track.clearest if action is Action.SHOW else None,
    )
    uow.decisions.add(release_id, release.revision, decision)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{release_id}/track:{track_id}",
        reason=f"{action.value}: {reason}",
        at=at,
    )
    return decision


def set_sound(uow: UnitOfWork, release_id: str, sound: Sound, *, reason: str, actor: str, at: datetime) -> None:
    """Mute the sound or keep it; keeping needs a reason, for names and plates are spoken aloud."""
    release = open_review(uow, release_id, actor, at)
    if sound is Sound.KEEP and not reason.strip():
        raise Rejected("reason", _("Say why: give a reason with --reason."))
    uow.decisions.choose_sound(release_id, release.revision, sound, reason=reason, actor=actor, at=at)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{release_id}/sound",
        reason=f"{sound.value}: {reason}",
        at=at,
    )


def set_style(uow: UnitOfWork, release_id: str, style: CoverStyle, *, reason: str, actor: str, at: datetime) -> None:
    """Choose how covered faces look; any style hides as much, so no reason is asked."""
    release = open_review(uow, release_id, actor, at)
    uow.decisions.choose_style(release_id, release.revision, style, reason=reason, actor=actor, at=at)
    uow.audit.append(
        actor=actor,
        action=AuditAction.ALTERED,
        subject=f"release:{release_id}/style",
        reason=f"{style.value}: {reason}",
        at=at,
    )


def open_review(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """The release in review; taken up again after a request for changes, which opens a new revision.

    The first act of a person in a revision stamps the start of the review.
    """
    release = uow.releases.get(release_id)
    if release.state is State.CHANGES_REQUESTED:
        release = uow.releases.move(
            release,
            State.IN_REVIEW,
            at=at,
            actor=actor,
            reason=_("Review taken up again."),
        )
    if release.state is not State.IN_REVIEW:
        raise Rejected(
            "state",
            _("Release {id} is «{state}»; it can be reviewed only while it is in review.").format(
                id=release_id, state=_(release.state.value)
            ),
        )
    started = any(
        s.milestone is Milestone.REVIEW_STARTED and s.revision == release.revision
        for s in uow.stamps.for_release(release_id)
    )
    if not started:
        stamp(uow, release, Milestone.REVIEW_STARTED, at, source=f"person:{actor}")
    return release


def finish_review(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """Declare the review done: from here on nothing changes, and the covered video is made."""
    release = open_review(uow, release_id, actor, at)
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


def contact_sheet(context: Context, release_id: str, output: Path, *, reason: str, actor: str) -> int:
    """Write one picture with every track at its clearest, from the original; returns the number of tracks.

    A look at an original is logged before the picture is made.
    """
    if not reason.strip():
        raise Rejected("reason", _("Say why you look at the original: give a reason with --reason."))
    with context.unit_of_work() as uow:
        seen = view(uow, context.blobs, release_id)
        source = seen.analysis.source_sha256
        uow.audit.append(
            actor=actor, action=AuditAction.CONSULTED, subject=f"blob:{source}", reason=reason, at=context.now()
        )
        open_review_if_possible(uow, seen.release, actor, context.now())
        uow.commit()
    with context.blobs.open_local(source) as path:
        write_contact_sheet(path, seen.analysis.tracks, output, context.limits)
    return len(seen.analysis.tracks)


def open_review_if_possible(uow: UnitOfWork, release: Release, actor: str, at: datetime) -> None:
    """A look at a release that waits for review starts its review."""
    if release.state in (State.IN_REVIEW, State.CHANGES_REQUESTED):
        open_review(uow, release.id, actor, at)


def _track(analysis: Analysis, track_id: int) -> Track:
    track = analysis.track(track_id)
    if track is None:
        raise NotFound(_("There is no track {track}; «vrijgave review» lists them.").format(track=track_id))
    return track
