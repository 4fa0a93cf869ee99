"""What the review plays in place of the original: made once, and looked at under the rules of the original."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.audit import AuditAction
from vrijgave.domain.frame_map import FrameMap
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.media import Limits, Progress, make_proxy, open_reader
from vrijgave.services.context import Context
from vrijgave.services.files import MadeFile, read_text, store_file, store_text, workspace
from vrijgave.store.blobs import BlobStore
from vrijgave.store.proven import ProvenBlobs
from vrijgave.store.unit_of_work import UnitOfWork

PROXY_NAME = "proxy.mp4"
MAP_NAME = "frames.json"
WAVEFORM_NAME = "waveform.json"
PNG_LEVEL = 1
"""Of compression: a still is looked at once, so that time counts and size does not."""


def make_review_media(context: Context, release_id: str, progress: Progress) -> list[MadeFile]:
    """Make and keep the proxy of the original, its frame map and, where there is sound, the waveform.

    Changes nothing in the database; the same original gives the same files. Raises ``UnreadableMedia``.
    """
    with context.reading() as uow:
        original = uow.assets.latest(release_id, AssetKind.ORIGINAL).sha256
    with context.blobs.open_local(original) as source, workspace() as folder:
        path = Path(folder) / PROXY_NAME
        made = make_proxy(source, path, context.limits, progress)
        proxy = store_file(context.blobs, AssetKind.PROXY, path, parent=original)
    content = made.frame_map(original, proxy.sha256).to_dict()
    files = [proxy, store_text(context.blobs, AssetKind.FRAME_MAP, MAP_NAME, _json(content), parent=original)]
    if made.waveform is not None:
        peaks = _json(made.waveform.to_dict())
        files.append(store_text(context.blobs, AssetKind.WAVEFORM, WAVEFORM_NAME, peaks, parent=original))
    return files


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMedia:
    """The files that a player needs. ``waveform``: None for silent footage."""

    original: Asset
    proxy: Asset
    frame_map: Asset
    waveform: Asset | None


def reason_given(uow: UnitOfWork, release_id: str, actor: str) -> str | None:
    """Why ``actor`` last said to look at an original of this case; None when nobody has asked yet."""
    case = uow.releases.get(release_id).case.public_case_number
    subjects = [_subject(sha256) for sha256 in uow.assets.originals(case)]
    entry = uow.audit.latest(actor, AuditAction.CONSULTED, subjects)
    return None if entry is None else entry.reason


def look(uow: UnitOfWork, release_id: str, actor: str, reason: str | None, at: datetime) -> ReviewMedia:
    """Open the media of the original for ``actor``: the look is logged before anything is shown.

    ``reason`` None or empty: the one given before in this case. Raises ``Rejected("reason", …)`` where there is none,
    which is when to ask for it, and ``NotFound`` where the media are not made. Commit at once: the log waits for it.
    """
    media = media_of(uow, release_id)
    why = (reason or "").strip() or reason_given(uow, release_id, actor)
    if why is None:
        raise Rejected("reason", _("Say why you look at the footage; you are asked once for each case."))
    subject = _subject(media.original.sha256)
    uow.audit.append(actor=actor, action=AuditAction.CONSULTED, subject=subject, reason=why, at=at)
    return media


def opened(uow: UnitOfWork, release_id: str, actor: str, since: datetime) -> ReviewMedia:
    """The media that ``actor`` has opened at ``since`` or later, for each of the many parts that a player asks for.

    Logs nothing: a part belongs to the look that opened it. Raises ``Rejected("reason", …)`` where there is none.
    """
    media = media_of(uow, release_id)
    entry = uow.audit.latest(actor, AuditAction.CONSULTED, [_subject(media.original.sha256)])
    if entry is None or entry.at < since:
        raise Rejected("reason", _("Open the footage from the page of the release; each look at it is logged."))
    return media


def media_of(uow: UnitOfWork, release_id: str) -> ReviewMedia:
    """The files that a player needs; shows nothing. Raises ``NotFound`` while they are not made."""
    waveforms = uow.assets.list(release_id, kind=AssetKind.WAVEFORM)
    return ReviewMedia(
        original=uow.assets.latest(release_id, AssetKind.ORIGINAL),
        proxy=uow.assets.latest(release_id, AssetKind.PROXY),
        frame_map=uow.assets.latest(release_id, AssetKind.FRAME_MAP),
        waveform=waveforms[-1] if waveforms else None,
    )


def _subject(original: str) -> str:
    return f"blob:{original}"


def load_frame_map(blobs: BlobStore, media: ReviewMedia) -> FrameMap:
    """Which frame of the proxy is which of the original."""
    return _frame_map(blobs, media.frame_map.sha256)


@lru_cache(maxsize=16)
def _frame_map(blobs: BlobStore, sha256: str) -> FrameMap:
    return FrameMap.from_dict(json.loads(read_text(blobs, sha256)))


def still(blobs: ProvenBlobs, media: ReviewMedia, frame: int, limits: Limits) -> bytes:
    """Frame ``frame`` of the original, upright and in all its pixels, as PNG.

    Raises ``NotFound`` for a frame that the footage does not have or that could not be decoded, and
    ``UnreadableMedia``.
    """
    first = max(0, frame)
    with (
        blobs.open_local(media.original.sha256) as path,
        open_reader(path, limits, first=first, stop=first + 1) as reader,
    ):
        last = reader.info.video.frame_count - 1
        found = next(reader.frames(), None)
    if found is None or frame < 0:
        raise NotFound(
            _("There is no frame {frame}; this footage has frames 0 to {last}.").format(frame=frame, last=last)
        )
    if found.image is None:
        raise NotFound(_("Frame {frame} could not be decoded; it stays covered whole.").format(frame=frame))
    ok, png = cv2.imencode(".png", found.image, [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL])
    if not ok:
        raise Rejected("picture", _("A picture for the review could not be written."))
    return png.tobytes()
