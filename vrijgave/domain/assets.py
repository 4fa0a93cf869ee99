"""The files of a release: the original as it came in, and everything that was made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vrijgave.errors import Rejected
from vrijgave.i18n import _


class AssetKind(StrEnum):
    """What a file is for."""

    ORIGINAL = "original"
    PROBE = "probe"
    ANALYSIS = "analysis"
    REVIEW = "review"
    """Uncertain moments and keyframes of an analysis."""
    CUTOUTS = "cutouts"
    """Pictures of uncovered subjects, for reviewers only."""
    PROXY = "proxy"
    """What a browser plays in place of the original, frame for frame; under the rules of the original."""
    FRAME_MAP = "frame_map"
    """Which frame of the proxy is which of the original."""
    WAVEFORM = "waveform"
    """What the sound of the proxy looks like."""
    PLAN = "plan"
    MASTER = "master"
    MANIFEST = "manifest"
    RESCAN = "rescan"
    RENDITION = "rendition"
    THUMBNAIL = "thumbnail"
    STILL = "still"
    TEXTS = "texts"
    PRESS_KIT = "press_kit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One stored file. ``sha256`` finds its bytes; ``size`` is in bytes.

    ``parent_sha256`` is the hash of the file that it was made from. The original has none; texts may have none, as
    they can be written from the case alone; all others must have one.
    """

    id: str
    release_id: str
    revision: int
    kind: AssetKind
    name: str
    sha256: str
    size: int
    parent_sha256: str | None
    created_at: datetime

    def __post_init__(self) -> None:
        if self.kind is AssetKind.ORIGINAL and self.parent_sha256 is not None:
            raise Rejected("asset", _("An original is not made from another file; leave its parent empty."))
        if self.kind not in (AssetKind.ORIGINAL, AssetKind.TEXTS) and self.parent_sha256 is None:
            raise Rejected("asset", _("Say from which file «{name}» was made.").format(name=self.name))
