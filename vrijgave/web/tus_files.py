"""Where the tus library lays the pieces of uploads: straight onto the disk, in memory only as long as they pass."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import FileIO

from fastapi import HTTPException
from tuspyserver.storage.local import LocalFileStorage

LOCK_SECONDS = 10.0
_POLL_SECONDS = 0.05


class TusFiles(LocalFileStorage):
    """The library's folder, with what it lacks for files of many GB.

    It would gather a piece in memory before writing it. And after a process died in the middle of one, it would write
    the next behind bytes that it does not count: whoever takes the lock here cuts the file back to what is counted.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._open: dict[str, FileIO] = {}
        """The files that are being written now, each under its lock."""

    async def append(self, uid: str, chunk: bytes) -> None:
        """Write at the end. Raises ``HTTPException`` 507 when the disk takes no more."""
        try:
            await asyncio.to_thread(self._open[uid].write, chunk)
        except OSError as error:
            raise HTTPException(507) from error

    async def flush(self, uid: str) -> None:
        """Have everything on the disk before anybody counts it."""
        await asyncio.to_thread(_sync, self._open[uid])

    @asynccontextmanager
    async def lock(self, uid: str) -> AsyncIterator[None]:  # type: ignore[override]  # declared without its decorator
        """Hold the file alone; raises ``HTTPException`` 423 when another keeps it for long."""
        file = await asyncio.to_thread(_open_to_write, self._path(uid))
        try:
            await _hold(file)
            if not await asyncio.to_thread(_is_still, file, self._path(uid)):
                raise HTTPException(404)
            info = await self.read_info(uid)
            await asyncio.to_thread(_cut, file, int((info or {}).get("offset", 0)))
            self._open[uid] = file
            yield
        finally:
            self._open.pop(uid, None)
            await asyncio.to_thread(file.close)


def _open_to_write(path: str) -> FileIO:
    try:
        return open(path, "r+b", buffering=0)
    except FileNotFoundError as error:
        raise HTTPException(404) from error


async def _hold(file: FileIO) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise HTTPException(423) from error
            await asyncio.sleep(_POLL_SECONDS)


def _is_still(file: FileIO, path: str) -> bool:
    """Whether the file has not been finished or thrown away while we waited for it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _cut(file: FileIO, length: int) -> None:
    file.truncate(length)
    file.seek(0, os.SEEK_END)


def _sync(file: FileIO) -> None:
    os.fsync(file.fileno())
