"""Files that arrive in parts, on whichever platform: what has arrived is kept, however the request ends."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from starlette.requests import ClientDisconnect

from vrijgave.practice.base import Places
from vrijgave.practice.faults import ApiError, ConnectionCut, Fault, Faults, Kind, SessionExpired


class Receiver:
    """Takes what arrives of a file; what has arrived is kept, however the request ends."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._senders: dict[Path, object] = {}
        """File -> the request that may write to it; a newer request takes over from one that lingers."""

    @asynccontextmanager
    async def receiving(self, request: Request, path: Path, most: int) -> AsyncIterator[None]:
        """Append the body to ``path``, of at most ``most`` bytes in all, then run what follows from it.

        Raises ``SessionExpired`` when told to.
        """
        fault = self._faults.take(Places.CHUNK)
        me = self._senders[path] = object()
        with path.open("ab") as file:
            try:
                await self._append(request, file, fault, lambda: self._senders.get(path) is me)
            except ClientDisconnect:
                raise ConnectionCut from None
            finally:
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_size > most:
            raise ApiError(400, "invalidParameter", "The file is larger than was told.")
        yield
        if fault is not None and fault.kind is Kind.LOST_ANSWER:
            await self._faults.lose_answer(request)

    async def _append(self, request: Request, file: BinaryIO, fault: Fault | None, mine: Callable[[], bool]) -> None:
        left = fault.after_bytes if fault is not None else 0
        blocks = request.stream()
        async for block in blocks:
            if fault is not None and len(block) >= left:
                file.write(block[:left])
                block, struck, fault = block[left:], fault, None
                await self._strike(struck, request, blocks)
            if not mine():
                raise ConnectionCut
            file.write(block)
            left -= len(block)

    async def _strike(self, fault: Fault, request: Request, rest: AsyncIterator[bytes]) -> None:
        """Let the fault happen; an error answer comes after the whole body was read, so that it is received."""
        try:
            await self._faults.strike(fault, request)
        except (ApiError, SessionExpired):
            async for _block in rest:
                pass
            raise
