"""Publication: ordered by a person, carried out by the ledger, exactly once on each platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.clock import Milestone
from vrijgave.domain.media import MediaInfo
from vrijgave.domain.publications import Evidence, LedgerState, ManualKind, ManualTask, Platform, Publication
from vrijgave.domain.releases import Approval, FlowName, Release, State
from vrijgave.domain.texts import Texts
from vrijgave.domain.video_limits import VideoFacts
from vrijgave.errors import ActionRequired, NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.media import Progress, probe
from vrijgave.publishing import ledger
from vrijgave.publishing.protocol import Bundle, SystemClock, marker_for
from vrijgave.services.approval import area_of, check_approval, publication_stage
from vrijgave.services.context import Context
from vrijgave.services.files import read_text, workspace
from vrijgave.services.holds import check_not_held, end_terms
from vrijgave.services.stages import SYSTEM, stamp
from vrijgave.store.unit_of_work import UnitOfWork


def order(uow: UnitOfWork, release_id: str, actor: str, at: datetime) -> Release:
    """Order publication on every target of the release.

    Raises ``ActionRequired`` without approval or permission, ``Rejected`` when either does not cover what would
    go out today, and while the release is held on purpose.
    """
    release = uow.releases.get(release_id)
    if release.state is State.FAILED:
        raise Rejected(
            "state", _("Release {id} has failed; run its stage again with «vrijgave retry».").format(id=release_id)
        )
    release.check_move(State.PUBLISHING)
    end_terms(uow, at)
    approval = check_ready(uow, release, at)
    rendition = _asset(uow, release, AssetKind.RENDITION)
    stage = publication_stage(uow, release)
    for target in release.targets:
        id_ = uuid4().hex
        uow.publications.plan(
            Publication(
                id=id_,
                release_id=release_id,
                revision=release.revision,
                platform=target,
                stage=stage,
                state=LedgerState.PLANNED,
                version=1,
                marker=marker_for(id_),
                file_sha256=rendition.sha256,
                file_size=rendition.size,
            )
        )
    stamp(uow, release, Milestone.PUBLISH_ORDERED, at, source=f"person:{actor}")
    uow.audit.append(
        actor=actor,
        action=AuditAction.DISCLOSED,
        subject=f"release:{release_id}",
        reason=_("Publication ordered; approved by {who}.").format(who=approval.approver),
        at=at,
    )
    return uow.releases.move(
        release, State.PUBLISHING, at=at, actor=actor, reason=_("Publication ordered."), start=FlowName.PUBLISH
    )


def check_ready(uow: UnitOfWork, release: Release, at: datetime) -> Approval:
    """The approval, when it and the permission cover what would go out at ``at``. Raises as ``order`` does."""
    check_not_held(uow, release.id)
    approval = check_approval(uow, release.id)
    _check_permission(uow, release, at)
    return approval


def _check_permission(uow: UnitOfWork, release: Release, at: datetime) -> None:
    permission = uow.permissions.latest(release.id)
    if permission is None:
        raise ActionRequired(
            "authoriser",
            _("No permission is recorded for release {id}; record it with «vrijgave authorise».").format(id=release.id),
        )
    stage = publication_stage(uow, release)
    for target in release.targets:
        permission.check_covers(target.value, stage, area_of(target), at.astimezone().date())


def stage_on_platform(
    context: Context, release_id: str, revision: int, platform: Platform, progress: Progress
) -> Publication:
    """Bring the release onto one platform, complete and not yet public. Approval and hashes are proven first."""
    with context.reading() as uow:
        release = uow.releases.get(release_id)
        check_ready(uow, release, context.now())
        row = _row(uow, release_id, platform)
    publisher = context.publisher(platform)
    with _bundle(context, release_id, revision, platform) as bundle:
        return ledger.stage(row, bundle, publisher, StoreLedgerBook(context), SystemClock(), progress)


def go_live(context: Context, release_id: str, revision: int, platform: Platform, progress: Progress) -> Publication:
    """Make a publication public and see it as the public does. What cannot wait unseen is sent now.

    Approval and permission are asked again, as days may lie between; not of what is public already.
    """
    with context.reading() as uow:
        row = _row(uow, release_id, platform)
        if row.state is LedgerState.LIVE:
            check_not_held(uow, release_id)
            check_approval(uow, release_id)
        else:
            check_ready(uow, uow.releases.get(release_id), context.now())
    publisher = context.publisher(platform)
    with _bundle(context, release_id, revision, platform) as bundle:
        return ledger.go_live(row, bundle, publisher, StoreLedgerBook(context), SystemClock(), progress)


def finish(uow: UnitOfWork, release_id: str, revision: int, attempt: int, at: datetime) -> Release:
    """End the stage when every target is live."""
    release = uow.releases.claim(release_id, revision, FlowName.PUBLISH, attempt, at)
    rows = uow.publications.for_release(release_id)
    missing = [r.platform.value for r in rows if r.state is not LedgerState.LIVE]
    if missing or not rows:
        raise Rejected("ledger", _("Not yet public on: {platforms}.").format(platforms=", ".join(missing)))
    return uow.releases.move(release, State.PUBLISHED, at=at, actor=SYSTEM, reason=_("Public on every platform."))


def targets(uow: UnitOfWork, release_id: str) -> list[Platform]:
    """Platforms that have a row in the ledger for this release."""
    return [p.platform for p in uow.publications.for_release(release_id)]


def _row(uow: UnitOfWork, release_id: str, platform: Platform) -> Publication:
    for row in uow.publications.for_release(release_id):
        if row.platform is platform:
            return row
    raise NotFound(_("Release {id} is not planned for {platform}.").format(id=release_id, platform=platform.value))


def _asset(uow: UnitOfWork, release: Release, kind: AssetKind) -> Asset:
    return uow.assets.latest(release.id, kind, revision=release.revision)


@contextmanager
def _bundle(context: Context, release_id: str, revision: int, platform: Platform) -> Iterator[Bundle]:
    with bundles(context, release_id, revision) as bundle_for:
        yield bundle_for(platform)


@contextmanager
def bundles(context: Context, release_id: str, revision: int) -> Iterator[Callable[[Platform], Bundle]]:
    """The approved files of each publication as local paths; each hash is checked when it is opened."""
    with context.reading() as uow:
        release = uow.releases.get(release_id)
        files = uow.assets.list(release_id, revision=revision)
        permission = uow.permissions.latest(release_id)
        rendition = _asset(uow, release, AssetKind.RENDITION)
    with ExitStack() as stack:

        def opened(kind: AssetKind) -> list[Asset]:
            return sorted((a for a in files if a.kind is kind), key=lambda a: a.name)

        folder = Path(stack.enter_context(workspace()))
        paths = {}
        for asset in (a for a in files if a.kind in _SENT):
            paths[asset.sha256] = folder / asset.name  # a platform and a journalist go by the name's ending
            paths[asset.sha256].symlink_to(stack.enter_context(context.blobs.open_local(asset.sha256)))
        facts = _facts(probe(paths[rendition.sha256], context.limits))
        texts = [Texts.from_json(read_text(context.blobs, a.sha256)) for a in opened(AssetKind.TEXTS)]
        thumbnails = opened(AssetKind.THUMBNAIL)
        yield lambda platform: Bundle(
            rendition=paths[rendition.sha256],
            sha256=rendition.sha256,
            facts=facts,
            texts=tuple(t for t in texts if t.platform == platform.value),
            thumbnail=paths[thumbnails[0].sha256] if thumbnails else None,
            stills=tuple(paths[a.sha256] for a in opened(AssetKind.STILL)),
            conditions=permission.conditions if permission else "",
            end_date=permission.end_date if permission else None,
        )


def _facts(info: MediaInfo) -> VideoFacts:
    picture = info.video
    sounds = [sound.duration or Fraction(0) for sound in info.audio]
    return VideoFacts(
        size=info.size,
        seconds=max([picture.duration, *sounds]),
        width=round(picture.width * picture.sample_aspect_ratio),
        height=picture.height,
        rate=picture.average_rate or Fraction(0),
        codec=picture.codec,
        sound=info.audio[0].codec if info.audio else None,
    )


_SENT = frozenset({AssetKind.RENDITION, AssetKind.THUMBNAIL, AssetKind.STILL})

_STAMPS = {
    LedgerState.STAGED: Milestone.UPLOADED,
    LedgerState.LIVE: Milestone.PUBLIC,
    LedgerState.GONE: Milestone.TAKE_DOWN_CONFIRMED,
}


class StoreLedgerBook:
    """The ledger in our own store: each row is committed before the next byte leaves, and stamps the stage clock."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def save(self, old: Publication, new: Publication) -> Publication:
        """See ``LedgerBook``."""
        with self._context.unit_of_work() as uow:
            saved = uow.publications.save(old, new)
            self._stamp(uow, old, new)
            uow.commit()
        return saved

    def evidence(self, item: Evidence) -> None:
        """See ``LedgerBook``."""
        with self._context.unit_of_work() as uow:
            uow.publications.add_evidence(item)
            uow.commit()

    def ask(self, publication: Publication, kind: ManualKind, what: str) -> None:
        """See ``LedgerBook``."""
        with self._context.unit_of_work() as uow:
            uow.publications.ask(
                ManualTask(
                    id=uuid4().hex,
                    publication_id=publication.id,
                    kind=kind,
                    what=what,
                    opened_at=self._context.now(),
                )
            )
            uow.commit()

    def _stamp(self, uow: UnitOfWork, old: Publication, new: Publication) -> None:
        first_byte = old.intent_at is None and new.intent_at is not None
        milestone = Milestone.UPLOAD_STARTED if first_byte else _STAMPS.get(new.state)
        if milestone is None or (old.state is new.state and not first_byte):
            return
        release = uow.releases.get(new.release_id)
        flow = FlowName.TAKE_DOWN if new.state is LedgerState.GONE else FlowName.PUBLISH
        at, platform = self._context.now(), new.platform.value
        stamp(uow, release, milestone, at, source=f"flow:{flow.value}", platform=platform)
