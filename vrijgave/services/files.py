"""Files that the stages make: kept under their hash, listed as assets with a parent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from vrijgave.domain.assets import Asset, AssetKind
from vrijgave.domain.releases import Release
from vrijgave.store.blobs import BlobStore
from vrijgave.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A kept file that is not yet listed. Small enough to pass between tasks: no content, only its hash."""

    kind: AssetKind
    name: str
    sha256: str
    size: int
    parent: str | None
    """SHA-256 of the file that it was made from."""


def workspace() -> tempfile.TemporaryDirectory[str]:
    """A private folder for working copies, removed at the end."""
    return tempfile.TemporaryDirectory(prefix="vrijgave-")


def store_file(blobs: BlobStore, kind: AssetKind, path: Path, *, parent: str | None) -> MadeFile:
    """Keep ``path`` under its hash."""
    sha256, size = blobs.put(path)
    return MadeFile(kind=kind, name=path.name, sha256=sha256, size=size, parent=parent)


def store_text(blobs: BlobStore, kind: AssetKind, name: str, text: str, *, parent: str | None) -> MadeFile:
    """Keep a text as a UTF-8 file."""
    sha256, size = blobs.put_bytes(text.encode())
    return MadeFile(kind=kind, name=name, sha256=sha256, size=size, parent=parent)


def read_text(blobs: BlobStore, sha256: str) -> str:
    """The text that was kept under ``sha256``; its hash is checked."""
    return blobs.read_bytes(sha256).decode()


def add_assets(uow: UnitOfWork, release: Release, files: Iterable[MadeFile], at: datetime) -> None:
    """List files as assets of the release's revision."""
    for file in files:
        uow.assets.add(
            Asset(
                id=uuid4().hex,
                release_id=release.id,
                revision=release.revision,
                kind=file.kind,
                name=file.name,
                sha256=file.sha256,
                size=file.size,
                parent_sha256=file.parent,
                created_at=at,
            )
        )
