"""The press kit: a signed ZIP in a folder from which the press takes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Platform, Publication
from vrijgave.errors import ActionRequired, Rejected
from vrijgave.i18n import _
from vrijgave.publishing.kit import read_manifest, verify_kit, write_kit
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import (
    Bundle,
    KeepSession,
    Processing,
    Progress,
    RemoteCopy,
    RemoteState,
    Sighting,
    known,
)

STAGED_FOLDER = ".staged"
_NOTICE = """\
INGETROKKEN / WITHDRAWN: {name}

Dit beeldmateriaal is op {day} ingetrokken. Gebruik het niet meer en verwijder alle kopieën.
This footage was withdrawn on {day}. Do not use it any more and delete all copies.
"""


class PressKit:
    """Publisher for the press folder. A kit waits in ``.staged``; its remote id is its public name."""

    platform = Platform.PRESS_KIT
    stages = True

    def __init__(
        self, folder: Path, key: Ed25519PrivateKey, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder = folder
        self._key = key
        self._now = now

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``."""
        return violations(self.platform, bundle)

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """Lay the kit in the hidden folder. The same parts give the same file, so repeating changes nothing."""
        name = _public_name(publication.marker)
        staged = self._staged(name)
        partial = staged.with_suffix(".partial")
        with _folder_needed():
            staged.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with partial.open("wb") as target:
                write_kit(target, publication.marker, bundle, file, self._key, progress)
                _to_disk(target)
            if self._public(name).exists():
                self._accept_only_same(partial, self._public(name))
            else:
                _move(partial, staged)
        return name

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``."""
        name = _public_name(publication.marker)
        path = self._where(name)
        return () if path is None else (RemoteCopy(remote_id=name, size=_video_size(path)),)

    def abandon(self, publication: Publication) -> str | None:
        """Remove a half-written kit; there are no sessions."""
        self._staged(_public_name(publication.marker)).with_suffix(".partial").unlink(missing_ok=True)
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``: the kit is checked whole."""
        path = self._where(remote_id)
        if path is None:
            return None
        public = path == self._public(remote_id)
        try:
            verify_kit(path, self._key.public_key())
        except Rejected as error:
            return RemoteState(processing=Processing.FAILED, public=public, problem=str(error))
        return RemoteState(processing=Processing.DONE, public=public)

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Nothing to add: everything is in the ZIP."""

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Move the kit into the open folder."""
        remote_id = known(publication)
        with _folder_needed():
            if self._staged(remote_id).exists():
                self._staged(remote_id).chmod(0o644)
                _move(self._staged(remote_id), self._public(remote_id))
        return remote_id

    def hide(self, remote_id: str) -> None:
        """Put the withdrawal notice in the open folder and take the kit out of it."""
        with _folder_needed():
            if self._public(remote_id).exists():
                self._announce(remote_id)
                _move(self._public(remote_id), self._staged(remote_id))

    def delete(self, remote_id: str) -> None:
        """Remove the kit."""
        with _folder_needed():
            self._staged(remote_id).unlink(missing_ok=True)
            self._public(remote_id).unlink(missing_ok=True)

    def sight(self, remote_id: str) -> Sighting:
        """Look into the open folder."""
        try:
            with self._public(remote_id).open("rb") as file:
                return Sighting(visible=True, detail=f"{remote_id}.zip: {file_digest(file, 'sha256').hexdigest()}")
        except FileNotFoundError:
            return Sighting(visible=False, detail=f"{remote_id}.zip: absent")

    def url(self, remote_id: str) -> str:
        """Address of the kit in the open folder."""
        return self._public(remote_id).resolve().as_uri()

    def remains(self, remote_id: str) -> str:
        """What was downloaded is with the press."""
        return _("Newsrooms that downloaded the press kit still have it; tell them that it was withdrawn.")

    def _public(self, name: str) -> Path:
        return self._folder / f"{name}.zip"

    def _staged(self, name: str) -> Path:
        return self._folder / STAGED_FOLDER / f"{name}.zip"

    def _where(self, name: str) -> Path | None:
        return next((path for path in (self._public(name), self._staged(name)) if path.exists()), None)

    def _accept_only_same(self, made: Path, existing: Path) -> None:
        same = _sha256(made) == _sha256(existing)
        made.unlink()
        if not same:
            raise Rejected(
                "press_kit", _("Another press kit stands in the folder under this name; take it down first.")
            )

    def _announce(self, name: str) -> None:
        notice = self._folder / f"{name}-INGETROKKEN.txt"
        if notice.exists():
            return
        partial = self._staged(name).with_suffix(".notice")
        partial.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with partial.open("wb") as target:
            target.write(_NOTICE.format(name=f"{name}.zip", day=self._now().date().isoformat()).encode())
            _to_disk(target)
        _move(partial, notice)


@contextmanager
def _folder_needed() -> Iterator[None]:
    """Tell whoever keeps the machine when the press folder does not work."""
    try:
        yield
    except OSError as error:
        raise ActionRequired(
            "administrator",
            _("The press folder cannot be used ({reason}); check VRIJGAVE_PRESS_KIT_FOLDER and its disk.").format(
                reason=error.strerror
            ),
        ) from error


def _public_name(marker: str) -> str:
    """Name of a kit, without its suffix: the marker, which says nothing of the case."""
    return f"perskit-{Path(marker).stem}"


def _video_size(path: Path) -> int | None:
    try:
        return read_manifest(path).video.size
    except Rejected:
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _move(source: Path, target: Path) -> None:
    """Rename at once and for good: after a power cut the file is in one place or in the other."""
    source.replace(target)
    for folder in {source.parent, target.parent}:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
