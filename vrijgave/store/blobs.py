"""The bytes of all files, found by their SHA-256: written once, checked whenever they are read."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from vrijgave.errors import ActionRequired, NotFound, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _

CHUNK = 1024 * 1024
_INCOMING = ".incoming"
"""Folder for files that are still being written; nothing in it is ever read."""
_READ_ONLY = 0o444
_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


class BlobStore:
    """A folder, bucket or other place that fsspec knows. The bytes with hash ``abcd…`` lie under ``ab/cd…``.

    Errors of the place reach the caller as ``RetryLater``, or as ``ActionRequired`` when it is full or closed.
    """

    def __init__(self, url: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)
        self._local = isinstance(self._fs, LocalFileSystem)

    def put(self, path: Path) -> tuple[str, int]:
        """Copy a file in; answers its SHA-256 and its size in bytes. Putting the same bytes again changes nothing.

        Raises ``NotFound`` when ``path`` is no file.
        """
        try:
            source = path.open("rb")
        except (FileNotFoundError, IsADirectoryError) as error:
            raise NotFound(_("There is no file «{name}»; check the path.").format(name=path.name)) from error
        with source:
            return self._take(source)

    def adopt(self, path: Path, sha256: str) -> int:
        """Like ``put``, for a file of ours whose hash was just computed; where the place allows it is renamed, not
        copied, so that it takes no time. The caller removes what is left of it.

        Answers the size in bytes. Nothing happens but that when these bytes are there already. Raises ``Rejected``
        where a copy turns out to hold other bytes.
        """
        key = self._key(sha256)
        if not self.exists(sha256) and not (self._local and self._link(path, key)):
            found, _size = self.put(path)
            if found != sha256:
                raise Rejected("integrity", _("The file was changed while it was handed in; hand it in again."))
        return self.mark(sha256)[0]

    def put_bytes(self, content: bytes) -> tuple[str, int]:
        """Like ``put``, for content that is in memory already."""
        return self._take(BytesIO(content))

    @contextmanager
    def open_local(self, sha256: str) -> Iterator[Path]:
        """A local file with exactly these bytes, checked now; it may only be read, and only inside the block.

        Raises ``NotFound``, and ``Rejected("integrity", …)`` when the stored bytes are no longer these.
        """
        if self._local:
            self._copy_out(sha256, None)
            yield Path(self._key(sha256))
            return
        with tempfile.TemporaryDirectory(prefix="vrijgave-") as folder:
            path = Path(folder) / sha256
            with path.open("wb") as target:
                self._copy_out(sha256, target)
            path.chmod(_READ_ONLY)
            yield path

    def read_bytes(self, sha256: str) -> bytes:
        """The checked content, for files that fit in memory; errors as ``open_local``."""
        content = BytesIO()
        self._copy_out(sha256, content)
        return content.getvalue()

    def prove(self, sha256: str) -> None:
        """Read all of the stored bytes and check them; errors as ``open_local``."""
        self._copy_out(sha256, None)

    def mark(self, sha256: str) -> tuple[int, str]:
        """(size in bytes, a mark that changes when the place says that the file was changed). Reads nothing of it.

        Raises ``NotFound``.
        """
        key = self._key(sha256)
        with _own_errors():
            try:
                self._fs.invalidate_cache(key)
                return int(self._fs.info(key)["size"]), str(self._fs.ukey(key))
            except FileNotFoundError as error:
                raise _lost(sha256) from error

    def read_part(self, sha256: str, first: int, stop: int) -> bytes:
        """Bytes ``first`` up to ``stop`` as they are stored, unchecked: see ``ProvenBlobs``. Raises ``NotFound``."""
        with _own_errors():
            try:
                return bytes(self._fs.cat_file(self._key(sha256), start=first, end=stop))
            except FileNotFoundError as error:
                raise _lost(sha256) from error

    def local_path(self, sha256: str) -> Path | None:
        """Where the file lies, unchecked, if this store is a folder of this machine."""
        return Path(self._key(sha256)) if self._local else None

    def exists(self, sha256: str) -> bool:
        """Whether something is stored under this hash; does not read it."""
        with _own_errors():
            return bool(self._fs.exists(self._key(sha256)))

    def delete(self, sha256: str) -> None:
        """Destroy the bytes; nothing happens where there are none. Ask ``Assets.users`` first."""
        with _own_errors(), suppress(FileNotFoundError):
            self._fs.rm_file(self._key(sha256))

    def _key(self, digest: str) -> str:
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError("not a SHA-256 in lower-case hex")
        return f"{self._root}/{digest[:2]}/{digest[2:]}"

    def _take(self, source: BinaryIO) -> tuple[str, int]:
        incoming = f"{self._root}/{_INCOMING}/{uuid4().hex}"
        with _own_errors():
            self._fs.makedirs(f"{self._root}/{_INCOMING}", exist_ok=True)
            try:
                digest, size = self._copy_in(source, incoming)
                self._keep(incoming, self._key(digest))
            finally:
                with suppress(FileNotFoundError):
                    self._fs.rm_file(incoming)
        return digest, size

    def _copy_in(self, source: BinaryIO, incoming: str) -> tuple[str, int]:
        """Write and hash in one pass: the hash is of the bytes that were stored, whatever happens to the source."""
        with self._fs.open(incoming, "wb") as target:
            digest, size = _copy(source, target)
            if self._local:
                target.flush()
                os.fsync(target.fileno())
        return digest, size

    def _link(self, path: Path, key: str) -> bool:
        """Give the file its place by a second name; False where its folder lies on another disk."""
        with _own_errors():
            self._fs.makedirs(key.rsplit("/", 1)[0], exist_ok=True)
        try:
            os.link(path, key)
        except FileExistsError:
            return True
        except OSError:
            return False
        os.chmod(key, _READ_ONLY)
        return True

    def _keep(self, incoming: str, key: str) -> None:
        if self._fs.exists(key):
            return
        self._fs.makedirs(key.rsplit("/", 1)[0], exist_ok=True)
        if self._local:
            os.chmod(incoming, _READ_ONLY)
            os.replace(incoming, key)
        else:
            self._fs.mv(incoming, key)

    def _copy_out(self, digest: str, target: BinaryIO | None) -> None:
        """Read and hash the stored bytes, into ``target`` where given."""
        key = self._key(digest)
        with _own_errors():
            try:
                with self._fs.open(key, "rb") as source:
                    found, _size = _copy(source, target)
            except FileNotFoundError as error:
                raise _lost(digest) from error
        if found != digest:
            raise Rejected(
                "integrity",
                _("File {sha256} in the file store was altered or damaged; restore it from the backup.").format(
                    sha256=digest
                ),
            )


def _copy(source: BinaryIO, target: BinaryIO | None) -> tuple[str, int]:
    """Copy in chunks; answers SHA-256 and size of what was read."""
    digest, size = sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest(), size


def _lost(sha256: str) -> NotFound:
    return NotFound(_("File {sha256} is not in the file store; restore it from the backup.").format(sha256=sha256))


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _explain(error) from error
    except Exception as error:
        # The S3 client's own errors (no network, no credentials) are no OSError, and it need not be installed.
        if not type(error).__module__.startswith("botocore."):
            raise
        raise _explain(OSError()) from error


def _explain(error: OSError) -> VrijgaveError:
    who = "administrator"
    if isinstance(error, FileNotFoundError):
        return ActionRequired(who, _("The place of the file store does not exist; check VRIJGAVE_BLOB_URL."))
    if error.errno in _FULL:
        return ActionRequired(who, _("The file store is full; make room, then repeat."))
    if error.errno in _DENIED:
        return ActionRequired(who, _("The file store refuses access; check its permissions, then repeat."))
    return RetryLater(_("The file store did not answer; try again in a moment."))
