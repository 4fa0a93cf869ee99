"""Watching what goes out: which files, how much of each a person has seen, and at which frame something was noted."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.frame_map import FrameMap
from vrijgave.domain.watched import START_MS, Pace, Stretch, joined, length, unseen
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.media import Limits, probe
from vrijgave.rendition import FULL_HD
from vrijgave.services.approval import dossier
from vrijgave.services.context import Context
from vrijgave.services.files import read_text
from vrijgave.store.proven import ProvenBlobs
from vrijgave.store.unit_of_work import UnitOfWork

VIDEOS = frozenset({AssetKind.MASTER, AssetKind.RENDITION})
PICTURES = frozenset({AssetKind.THUMBNAIL, AssetKind.STILL})
SENT = PICTURES | {AssetKind.RENDITION}
"""What reaches the public. The master stays here: the rendition is the same pictures, between its cards."""
PICTURE_MS = 1000
"""A picture counts as seen when it was looked at for so long."""
MOST_STRETCHES = 50
"""In one report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file that can be watched, and what somebody has seen of it."""

    file: Asset
    length_ms: int
    seen: tuple[Stretch, ...]

    @property
    def sent(self) -> bool:
        """Whether it goes out, so that it has to be watched."""
        return self.file.kind in SENT

    @property
    def left(self) -> tuple[Stretch, ...]:
        """What is still to be watched."""
        return unseen(self.seen, self.length_ms)


def watchable(uow: UnitOfWork, release_id: str) -> tuple[Asset, ...]:
    """Videos and pictures that lie before the approver: what goes out first, and videos before pictures."""
    files = [file for file in dossier(uow, release_id).files if file.kind in VIDEOS | PICTURES]
    return tuple(sorted(files, key=lambda file: (file.kind not in SENT, file.kind in PICTURES, file.name)))


def the_file(uow: UnitOfWork, release_id: str, sha256: str) -> Asset:
    """A file that would go out, by its hash. Raises ``NotFound`` for any other file of the store."""
    for file in dossier(uow, release_id).files:
        if file.sha256 == sha256:
            return file
    raise NotFound(_("This file is no longer part of the release; load the page again."))


def seen(context: Context, blobs: ProvenBlobs, release_id: str, actor: str, sha256: str = "") -> tuple[FileSeen, ...]:
    """What ``actor`` has seen of each file, or of the one with that hash.

    The first time in a process every file is hashed, which takes a while. Raises ``NotFound`` for a file that does not
    go out, ``Rejected("integrity", …)`` when the bytes of one are no longer those of its hash.
    """
    with context.reading() as uow:
        files = (the_file(uow, release_id, sha256),) if sha256 else watchable(uow, release_id)
        stretches = uow.watched.stretches(actor, [file.sha256 for file in files])
    return tuple(
        FileSeen(file=file, length_ms=_length_ms(blobs, context.limits, file), seen=stretches.get(file.sha256, ()))
        for file in files
    )


def report(uow: UnitOfWork, file: FileSeen, played: Sequence[Stretch], actor: str, at: datetime) -> FileSeen | None:
    """Count what ``actor`` has just played, and return all that was seen of the file.

    None when it is more than can have been played since the report before: then nothing of it counts. The report is
    remembered either way, so commit.
    """
    stretches = joined((max(0, start), min(stop, file.length_ms)) for start, stop in played)
    pace = uow.watched.pace(actor)
    credit = START_MS if pace is None else pace.credit(at)
    rest = credit - length(stretches)
    uow.watched.set_pace(Pace(actor=actor, at=at, credit_ms=rest if rest >= 0 else credit))
    if rest < 0:
        return None
    sha256 = file.file.sha256
    known = joined((*uow.watched.stretches(actor, [sha256]).get(sha256, ()), *stretches))
    uow.watched.keep(actor, sha256, known)
    return replace(file, seen=known)


def unwatched_reason(files: Sequence[FileSeen], reason: str) -> str:
    """What goes on record about the watching: nothing where all of it was watched, else the reason.

    Raises ``Rejected`` where a reason is missing.
    """
    if not any(file.sent and file.left for file in files):
        return ""
    if not reason.strip():
        raise Rejected("watched", _("You have not watched everything yet; watch the rest, or say why not."))
    return reason.strip()


def frame_at(context: Context, release_id: str, sha256: str, at_ms: int) -> int:
    """The frame of the footage that is to be seen at a moment of a file that goes out.

    The nearest one where there is no footage, as on a card. Raises ``NotFound``.
    """
    with context.reading() as uow:
        file = the_file(uow, release_id, sha256)
        plan = uow.edits.plan(release_id, uow.releases.get(release_id).revision)
        kept = uow.assets.latest(release_id, AssetKind.FRAME_MAP)
    times = FrameMap.from_dict(json.loads(read_text(context.blobs, kept.sha256)))
    last = times.frame_count - 1 if plan.trim is None else plan.trim.last
    seconds = Fraction(at_ms, 1000)
    if file.kind is AssetKind.RENDITION:
        seconds -= FULL_HD.card_seconds
    ticks = times.pts[plan.first_frame] + seconds / times.time_base
    return min(max(bisect_right(times.pts, ticks) - 1, plan.first_frame), last)


def _length_ms(blobs: ProvenBlobs, limits: Limits, file: Asset) -> int:
    blobs.size(file.sha256)  # proven, and again where its place says that it was changed
    return PICTURE_MS if file.kind in PICTURES else _video_ms(blobs, limits, file.sha256)


@lru_cache(maxsize=512)
def _video_ms(blobs: ProvenBlobs, limits: Limits, sha256: str) -> int:
    with blobs.open_local(sha256) as path:
        return int(probe(path, limits).video.duration * 1000)
