"""What the use cases work with; ``bootstrap`` builds it once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vrijgave.domain.publications import Platform
from vrijgave.media import Limits
from vrijgave.publishing.protocol import Publisher
from vrijgave.redaction.detectors import Detector
from vrijgave.redaction.workers import Workers
from vrijgave.services.figures import Figures
from vrijgave.settings import Settings
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Settings and the objects made from them. The callables build on demand what is dear or may be absent."""

    settings: Settings
    unit_of_work: Callable[[], UnitOfWork]
    """A transaction that may write."""
    reading: Callable[[], UnitOfWork]
    """A transaction that only reads, and keeps nobody waiting."""
    blobs: BlobStore
    limits: Limits
    now: Callable[[], datetime]
    """Aware UTC."""
    detectors: Callable[[], Sequence[Detector]]
    described: Callable[[Path], Detector]
    """The one of them that a description file adds."""
    workers: Callable[[str], AbstractContextManager[Workers | None]]
    """Who carries out the segments of the footage with that SHA-256; None: this process."""
    publisher: Callable[[Platform], Publisher]
    platforms: Callable[[], tuple[Platform, ...]]
    """Those that this installation can publish on."""
    signing_key: Callable[[], Ed25519PrivateKey]
    figures: Figures = field(default_factory=Figures)
