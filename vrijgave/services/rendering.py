"""From a reviewed plan to the files that can be approved: covered master, manifest, rendition, pictures, texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vrijgave.description import LIMITS, public_context
from vrijgave.domain.assets import AssetKind
from vrijgave.domain.clock import Milestone
from vrijgave.domain.releases import FlowName, Release, State
from vrijgave.domain.texts import PublicContext
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.i18n import Language, _
from vrijgave.media import Progress, probe
from vrijgave.redaction.covering import cover_and_prove
from vrijgave.redaction.edits import edited
from vrijgave.redaction.manifest import build_manifest, sign, to_bytes
from vrijgave.redaction.rescan import with_rescan_hits
from vrijgave.rendition import FULL_HD, build_cards, make_rendition, make_thumbnail, take_stills
from vrijgave.services.analysis import analysis_files, load_analysis
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, add_assets, store_file, store_text, workspace
from vrijgave.services.stages import SYSTEM, stamp
from vrijgave.services.texts import file_name, final
from vrijgave.store.unit_of_work import UnitOfWork

MAX_STILLS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What the cover pass left: kept files, and how many hits the scan of the result had."""

    files: tuple[MadeFile, ...]
    hits: int

    def file(self, kind: AssetKind) -> MadeFile:
        """The one file of that kind."""
        return next(f for f in self.files if f.kind is kind)


def cover_footage(context: Context, release_id: str, progress: Progress) -> Covered:
    """Cover the original by the reviewer's plan, scan the result, and write the manifest of it all.

    What the scan finds is added to the tracks, covered, for the reviewer to look at. Changes nothing in the database.
    """
    with context.reading() as uow:
        release = uow.releases.get(release_id)
        base = load_analysis(context.blobs, uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256)
        edits = uow.edits.log(release_id, release.revision).in_force
    now = edited(base, edits)
    analysis, plan = now.analysis, now.plan
    with workspace() as folder, context.blobs.open_local(analysis.source_sha256) as source:
        master = Path(folder) / "master.mp4"
        detectors = context.detectors()
        with context.workers(analysis.source_sha256) as workers:
            covered = cover_and_prove(source, master, analysis, plan, detectors, context.limits, progress, workers)
        names = ("original", "master.mp4")
        manifest = build_manifest(
            source,
            master,
            analysis,
            plan,
            covered.record,
            detectors,
            covered.hits,
            context.limits,
            at=context.now(),
            names=names,
            edits=[edit.to_dict() | {"uncovers": edit.number in now.flagged} for edit in edits],
        )
        kept = store_file(context.blobs, AssetKind.MASTER, master, parent=analysis.source_sha256)
        files = [kept, *_papers(context, plan, to_bytes(manifest))]
        if covered.hits:
            files += analysis_files(context, source, with_rescan_hits(base, covered.hits))
    return Covered(files=tuple(files), hits=len(covered.hits))


def _papers(context: Context, plan: Plan, manifest: bytes) -> list[MadeFile]:
    """Manifest with its signature, and the plan as it was carried out."""
    parent = plan.source_sha256
    signature = sign(manifest, context.signing_key())
    return [
        store_text(context.blobs, AssetKind.MANIFEST, "manifest.json", manifest.decode(), parent=parent),
        store_text(context.blobs, AssetKind.MANIFEST, "manifest.json.sig", signature, parent=parent),
        store_text(
            context.blobs, AssetKind.PLAN, "plan.json", json.dumps(plan.to_dict(), sort_keys=True), parent=parent
        ),
    ]


def compose(context: Context, release_id: str, covered: Covered, progress: Progress) -> list[MadeFile]:
    """Rendition, thumbnail, stills and texts, all from the covered master."""
    with context.reading() as uow:
        release = uow.releases.get(release_id)
        base = load_analysis(context.blobs, uow.assets.latest(release_id, AssetKind.ANALYSIS).sha256)
        now = edited(base, uow.edits.log(release_id, release.revision).in_force)
        text_edits = uow.text_edits.list(release_id, release.revision)
    parent = covered.file(AssetKind.MASTER).sha256
    with workspace() as folder, context.blobs.open_local(parent) as master:
        info = probe(master, context.limits)
        silent = not info.audio
        facts = public_context(
            release.case,
            language=Language.DUTCH,
            silent=silent,
            seconds=round(info.video.duration),
            contact=context.settings,
        )
        paths = _pictures(context, master, Path(folder), facts, moments(now.analysis, now.plan), progress)
        made = [store_file(context.blobs, kind, path, parent=parent) for kind, path in paths]
    duration = info.video.duration
    texts = final(
        context.settings, release.case, duration, silent=silent, targets=release.targets, edits=text_edits
    )  # fmt: skip
    return made + [store_text(context.blobs, AssetKind.TEXTS, file_name(t), t.to_json(), parent=None) for t in texts]


def _pictures(
    context: Context, master: Path, folder: Path, facts: PublicContext, frames: Sequence[int], progress: Progress
) -> list[tuple[AssetKind, Path]]:
    rendition = folder / "youtube-1920x1080.mp4"
    make_rendition(
        master,
        build_cards(facts, Language.DUTCH),
        FULL_HD,
        rendition,
        limits=context.limits,
        progress=progress,
    )
    thumbnail = folder / "thumbnail.jpg"
    make_thumbnail(
        master,
        frames[0],
        facts,
        Language.DUTCH,
        thumbnail,
        max_bytes=min(limits.thumbnail_bytes for limits in LIMITS.values()),
        limits=context.limits,
    )
    stills = {frame: folder / f"still-{number}.jpg" for number, frame in enumerate(sorted(frames), start=1)}
    take_stills(master, stills, limits=context.limits)
    return [
        (AssetKind.RENDITION, rendition),
        (AssetKind.THUMBNAIL, thumbnail),
        *((AssetKind.STILL, path) for path in stills.values()),
    ]


def moments(analysis: Analysis, plan: Plan) -> list[int]:
    """Frames of the covered video worth a still: where each shown subject is clearest, or else the middle."""
    played = range(plan.first_frame, plan.trim.last + 1 if plan.trim else analysis.frame_count)
    shown = [t.clearest for i in plan.shown_tracks() if (t := analysis.track(i)) is not None]
    inside = [frame - played.start for frame in dict.fromkeys(shown) if frame in played]
    return inside[:MAX_STILLS] or [len(played) // 2]


def finish(
    uow: UnitOfWork,
    release_id: str,
    revision: int,
    attempt: int,
    covered: Covered,
    files: Sequence[MadeFile],
    at: datetime,
) -> Release:
    """List what was made and hand the release to the second person."""
    release = uow.releases.claim(release_id, revision, FlowName.RENDER, attempt, at)
    add_assets(uow, release, [*covered.files, *files], at)
    stamp(uow, release, Milestone.RENDERED, at, source="flow:render")
    return uow.releases.move(
        release, State.AWAITING_APPROVAL, at=at, actor=SYSTEM, reason=_("The covered video is ready for approval.")
    )


def send_back(uow: UnitOfWork, release_id: str, revision: int, attempt: int, covered: Covered, at: datetime) -> Release:
    """The scan found something that is not meant to show: stop for a person, with what was found as new tracks."""
    release = uow.releases.claim(release_id, revision, FlowName.RENDER, attempt, at)
    add_assets(uow, release, covered.files, at)
    message = _("The scan of the covered video found {count} places; look at the new tracks and review again.").format(
        count=covered.hits
    )
    return uow.releases.move(release, State.CHANGES_REQUESTED, at=at, actor=SYSTEM, reason=message, message=message)
