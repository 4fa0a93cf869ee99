"""Edits in the review of a release: taken down in a log that several persons add to, and carried out on what was found.

An edit names the version of the log that its writer saw. What others did since to other tracks does not matter to it;
what they did to the same track does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.edits import Aspect, Change, Edit, EditLog, Show, Undo
from vrijgave.domain.tracks import Analysis
from vrijgave.errors import Conflict, Rejected
from vrijgave.i18n import _
from vrijgave.redaction.edits import Edited, edited
from vrijgave.redaction.plan import check_anchor
from vrijgave.redaction.review_data import ReviewData, revised
from vrijgave.services.analysis import kept_analysis, load_review, made_from
from vrijgave.services.in_review import open_review
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork

KEPT = 16
"""Versions of an analysis as edited that stay in memory, beside one another."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that a person asks for, and why; which changes need a reason, ``redaction.edits`` says."""

    change: Change
    reason: str = ""


def log(uow: UnitOfWork, release_id: str) -> EditLog:
    """All edits of a release."""
    return uow.edits.log(release_id, uow.releases.get(release_id).revision)


def effective(uow: UnitOfWork, blobs: BlobStore, release_id: str) -> Edited:
    """The tracks of a release and the plan, as its edits leave them. Quick where it was asked for before."""
    return carried_out(blobs, _analysis(uow, release_id), log(uow, release_id))


def carried_out(blobs: BlobStore, analysis_sha256: str, log: EditLog) -> Edited:
    """As ``effective``, of a log that was read already."""
    return _latest(blobs, analysis_sha256).edited(log.in_force)


def review_data(uow: UnitOfWork, blobs: BlobStore, release_id: str) -> ReviewData:
    """Where to look first among the tracks as edited, and their keyframes."""
    asset = uow.assets.latest(release_id, AssetKind.ANALYSIS)
    return review_data_of(uow, blobs, asset, effective(uow, blobs, release_id))


def review_data_of(uow: UnitOfWork, blobs: BlobStore, analysis: Asset, now: Edited) -> ReviewData:
    """As ``review_data``, of an analysis that was edited already."""
    kept = made_from(uow, analysis, AssetKind.REVIEW)
    latest = _latest_data(blobs, analysis.sha256, None if kept is None else kept.sha256)
    return latest.of(now.analysis)


def apply(
    uow: UnitOfWork,
    blobs: BlobStore,
    release_id: str,
    proposals: Sequence[Proposal],
    base_version: int,
    *,
    actor: str,
    at: datetime,
) -> EditLog:
    """Add edits to the log, all of them or none, and return it with them.

    ``base_version`` is that of the log that the person saw. Raises ``Conflict`` where somebody else has changed the
    same since then, ``Rejected`` for an edit that cannot be or lacks its reason, and when the release is not in review.
    """
    release = open_review(uow, release_id, actor, at)
    known = uow.edits.hold(release)
    if not 0 <= base_version <= known.version:
        raise Rejected("edit", _("These edits were made on another release; load the review again."))
    sha256 = _analysis(uow, release_id)
    changes = [(_with_anchor(blobs, sha256, known, each.change), each.reason) for each in proposals]
    grown = known.grown(changes, revision=release.revision, actor=actor, at=at)
    new = grown.edits[known.version :]
    for edit in new:
        _check_clash(grown, edit, base_version)
        _check_undo(known, edit)
    _check_anchors(carried_out(blobs, sha256, grown), [each.change for each in proposals])
    uow.edits.append(release, known, grown)
    for edit in new:
        uow.audit.append(
            actor=actor,
            action=AuditAction.ALTERED,
            subject=f"release:{release_id}/edit:{edit.number}",
            reason=f"{edit.change.kind}: {edit.reason}",
            at=at,
        )
    return grown


def undo(uow: UnitOfWork, blobs: BlobStore, release_id: str, base_version: int, *, actor: str, at: datetime) -> EditLog:
    """Take back the last edit of this person that holds, as ``apply`` does. Raises ``Rejected`` when there is none."""
    number = log(uow, release_id).next_undo(actor, _revision(uow, release_id))
    if number is None:
        raise Rejected("undo", _("There is no edit of yours in this review that could be taken back."))
    return apply(uow, blobs, release_id, [Proposal(Undo(edit=number))], base_version, actor=actor, at=at)


def redo(uow: UnitOfWork, blobs: BlobStore, release_id: str, base_version: int, *, actor: str, at: datetime) -> EditLog:
    """Do again what this person took back last, as ``apply`` does. Raises ``Rejected`` when there is nothing."""
    number = log(uow, release_id).next_redo(actor, _revision(uow, release_id))
    if number is None:
        raise Rejected("redo", _("There is no edit of yours in this review that could be done again."))
    return apply(uow, blobs, release_id, [Proposal(Undo(edit=number))], base_version, actor=actor, at=at)


class _Latest:
    """One analysis as it was edited lately: the next edit changes little of it, and an undo goes back to it."""

    def __init__(self, base: Analysis) -> None:
        self._base = base
        self._known: deque[Edited] = deque(maxlen=KEPT)

    def edited(self, edits: tuple[Edit, ...]) -> Edited:
        """The analysis after ``edits``."""
        known = list(self._known)
        found = next((each for each in known if each.edits == edits), None)
        if found is None:
            found = edited(self._base, edits, known)
            self._known.append(found)
        return found


@lru_cache(maxsize=4)
def _latest(blobs: BlobStore, analysis_sha256: str) -> _Latest:
    return _Latest(kept_analysis(blobs, analysis_sha256))


class _LatestData:
    """The review data of one analysis as it was edited last: the next edit changes little of them."""

    def __init__(self, analysis: Analysis, data: ReviewData) -> None:
        self._latest = analysis, data

    def of(self, analysis: Analysis) -> ReviewData:
        """Those of the analysis as it is edited now."""
        before, data = self._latest
        if before is not analysis:
            data = revised(data, before, analysis)
            self._latest = analysis, data
        return data


@lru_cache(maxsize=4)
def _latest_data(blobs: BlobStore, analysis_sha256: str, review_sha256: str | None) -> _LatestData:
    analysis = kept_analysis(blobs, analysis_sha256)
    return _LatestData(analysis, load_review(blobs, review_sha256, analysis))


def _analysis(uow: UnitOfWork, release_id: str) -> str:
    return uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256


def _revision(uow: UnitOfWork, release_id: str) -> int:
    return uow.releases.get(release_id).revision


def _with_anchor(blobs: BlobStore, sha256: str, known: EditLog, change: Change) -> Change:
    """A track that is shown without an anchor was seen where it is clearest."""
    if not isinstance(change, Show) or change.anchor is not None:
        return change
    track = carried_out(blobs, sha256, known).analysis.track(change.track)
    return change if track is None else replace(change, anchor=track.clearest)


def _check_clash(grown: EditLog, edit: Edit, base_version: int) -> None:
    other = grown.clash(edit, base_version)
    if other is not None:
        raise Conflict(
            _("{actor} changed {what} meanwhile (edit {number}); look again and repeat.").format(
                actor=other.actor, what=_named(grown, other), number=other.number
            )
        )


def _check_undo(known: EditLog, edit: Edit) -> None:
    """An edit is taken back by its own writer, in the same review, as long as nothing was built on it."""
    if not isinstance(edit.change, Undo):
        return
    number = edit.change.edit
    target, root = known.get(number), known.origin(number)
    if target is None or root is None or number in known.taken_back:
        raise Rejected("undo", _("Edit {number} does not hold, so it cannot be taken back.").format(number=number))
    if root.actor != edit.actor:
        raise Rejected(
            "undo", _("Edit {number} is of {actor}; ask them, or make an edit of your own.").format(
                number=number, actor=root.actor
            )
        )  # fmt: skip
    if target.revision != edit.revision:
        raise Rejected("undo", _("Edit {number} is of an earlier review; make a new edit.").format(number=number))
    later = known.built_on(number)
    if later is not None:
        raise Rejected(
            "undo",
            _("Edit {later} of {actor} to {what} was built on it; that has to be taken back first.").format(
                later=later.number, actor=later.actor, what=_named(known, later)
            ),
        )


def _check_anchors(now: Edited, asked: Sequence[Change]) -> None:
    """Where a person says in which frame they saw somebody, that somebody has to be surely there."""
    for change in asked:
        if isinstance(change, Show) and change.anchor is not None:
            track = now.analysis.track(change.track)
            if track is not None and track.position(change.anchor) is not None:
                check_anchor(track, change.anchor, now.analysis)


def _named(log: EditLog, edit: Edit) -> str:
    """What an edit is about, in words."""
    names = {
        Aspect.SOUND: _("the sound"),
        Aspect.TRIM: _("where the release begins and ends"),
        Aspect.STYLE: _("how covers look"),
    }
    about = log.subjects(edit)
    tracks = sorted(subject for subject in about if not isinstance(subject, Aspect))
    return ", ".join(
        [_("track {track}").format(track=track) for track in tracks]
        + [names[subject] for subject in about if isinstance(subject, Aspect)]
    )
