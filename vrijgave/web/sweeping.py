"""Removing, while the pages are served, the files of drafts that nobody came back to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from vrijgave.services.context import Context
from vrijgave.services.uploads import sweep

EVERY_SECONDS = 3600.0
log = logging.getLogger(__name__)


@asynccontextmanager
async def sweeping(app: FastAPI) -> AsyncIterator[None]:
    """Sweep now and every hour until the application ends."""
    task = asyncio.create_task(_keep_sweeping(app.state.context))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _keep_sweeping(context: Context) -> None:
    while True:
        try:
            await run_in_threadpool(sweep, context)
        except Exception as error:
            log.warning("the files of old drafts could not be removed: %s", type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)
