"""Parts of stored files for who asks for many of them, as a player does, without hashing the file each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from vrijgave.store.blobs import CHUNK, BlobStore

REMEMBERED = 1024


class ProvenBlobs:
    """Hashes a file at the first reading, and again as soon as its place says that it was changed since.

    One object serves all threads of a process. Errors are those of ``BlobStore.open_local``.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._proven: OrderedDict[str, str] = OrderedDict()
        """The mark under which each file was proven, the one used last at the end."""
        self._lock = Lock()

    def size(self, sha256: str) -> int:
        """Bytes of the file, which is proven from here on."""
        size, mark = self._blobs.mark(sha256)
        with self._lock:
            known = self._proven.get(sha256) == mark
        if not known:
            self._blobs.prove(sha256)
        with self._lock:
            self._proven[sha256] = mark
            self._proven.move_to_end(sha256)
            while len(self._proven) > REMEMBERED:
                self._proven.popitem(last=False)
        return size

    def read(self, sha256: str, first: int, stop: int) -> Iterator[bytes]:
        """Bytes ``first`` up to, not including, ``stop``, in pieces of at most 1 MiB; what lies beyond the end is not
        there. Nothing is handed out of a file that is not proven."""
        if not 0 <= first <= stop:
            raise ValueError(f"no range of bytes: {first} to {stop}")
        end = min(stop, self.size(sha256))
        return (self._blobs.read_part(sha256, start, min(start + CHUNK, end)) for start in range(first, end, CHUNK))

    @contextmanager
    def open_local(self, sha256: str) -> Iterator[Path]:
        """As ``BlobStore.open_local``, without hashing a file of this machine that is proven."""
        path = self._blobs.local_path(sha256)
        if path is None:
            with self._blobs.open_local(sha256) as copy:
                yield copy
            return
        self.size(sha256)
        yield path
