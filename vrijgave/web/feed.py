"""Telling open boards that something changed, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from vrijgave.services.context import Context
from vrijgave.services.sign_in import who_is

LOOK_SECONDS = 1.0
CHECK_SECONDS = 5.0
CHANGED = "event: board\ndata: \n\n"
STILL_HERE = ": still here\n\n"
"""A comment: keeps proxies from closing the line, and shows us when nobody listens any more."""


class Pulse:
    """The state of all releases as one mark. However many listen, the database is asked once a second."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = asyncio.Lock()
        self._looked_at = float("-inf")
        self._mark = ""

    async def mark(self) -> str:
        """Differs when a release came or changed, and with every minute, since ages are shown."""
        async with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                self._mark = await run_in_threadpool(self._look)
                self._looked_at = time.monotonic()
            return self._mark

    def _look(self) -> str:
        with self._context.reading() as uow:
            return f"{uow.board.mark()}.{self._context.now():%H:%M}"


async def changes(pulse: Pulse, context: Context, token: str) -> AsyncIterator[str]:
    """An event for each change, until the sign-in session ends; its last event makes the page ask and find out."""
    before = await pulse.mark()
    checked = time.monotonic()
    yield STILL_HERE
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = await pulse.mark()
        if now != before:
            before = now
            yield CHANGED
        if time.monotonic() - checked >= CHECK_SECONDS:
            checked = time.monotonic()
            if await run_in_threadpool(lambda: who_is(context, token, active=False)) is None:
                yield CHANGED
                return
            yield STILL_HERE
