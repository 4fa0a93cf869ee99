"""Faults on demand: what goes wrong on real platforms, at the moment that a test or a demonstration asks for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from fastapi import Request
from pydantic import BaseModel, Field

from vrijgave.practice.wire import cut


class Kind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """Answer with ``status`` and ``reason`` instead of acting."""
    HANG = "hang"
    """Hold the request until released."""
    CUT = "cut"
    """Reset the connection instead of acting."""
    LOST_ANSWER = "lost_answer"
    """Act, then close the connection without an answer."""
    SLOW = "slow"
    """Wait ``seconds`` first."""
    EXPIRE = "expire"
    """Forget the upload session."""


class Fault(BaseModel):
    """One order: spare ``skip`` requests at this place, then strike ``times`` of them."""

    at: str
    """Where in the traffic it strikes: one of the places that the platform names."""
    kind: Kind
    status: int = 503
    reason: str = "backendError"
    retry_after: int | None = None
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    after_bytes: int = Field(default=0, ge=0)
    """For chunks: how much of the chunk is kept before the fault strikes."""
    seconds: float = 0.2


class ApiError(Exception):
    """An error answer; each platform has a shape of its own for it."""

    def __init__(self, status: int, reason: str, message: str = "", retry_after: int | None = None) -> None:
        super().__init__(message or reason)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class ConnectionCut(Exception):
    """The connection is closed; no answer can be given."""


class SessionExpired(Exception):
    """A fault asks to forget the upload session."""


class Faults:
    """The faults that were ordered and have not struck yet, and the requests that are held."""

    def __init__(self, places: type[StrEnum]) -> None:
        self._places = frozenset(place.value for place in places)
        self._ordered: list[Fault] = []
        self._release = asyncio.Event()
        self.held: list[str] = []

    def order(self, fault: Fault) -> None:
        """Add a fault. Raises ``ApiError`` for a place that the platform does not have."""
        if fault.at not in self._places:
            raise ApiError(400, "unknownPlace", f"Faults strike at: {', '.join(sorted(self._places))}.")
        self._ordered.append(fault.model_copy())

    def clear(self) -> None:
        """Forget all faults that have not struck."""
        self._ordered.clear()

    def release(self) -> None:
        """Let every held request go on."""
        self._release.set()
        self._release = asyncio.Event()

    def take(self, place: str) -> Fault | None:
        """The fault that strikes this request, if any."""
        for fault in self._ordered:
            if fault.at != place:
                continue
            if fault.skip:
                fault.skip -= 1
                return None
            fault.times -= 1
            if fault.times == 0:
                self._ordered.remove(fault)
            return fault
        return None

    async def strike(self, fault: Fault, request: Request) -> None:
        """What happens instead of the action, or before it."""
        match fault.kind:
            case Kind.STATUS:
                raise ApiError(fault.status, fault.reason, retry_after=fault.retry_after)
            case Kind.CUT:
                await cut(request, politely=False)
                raise ConnectionCut
            case Kind.HANG:
                await self._hold(fault)
            case Kind.SLOW:
                await asyncio.sleep(fault.seconds)
            case Kind.EXPIRE:
                raise SessionExpired
            case Kind.LOST_ANSWER:
                pass

    @asynccontextmanager
    async def around(self, place: str, request: Request) -> AsyncIterator[None]:
        """Run an action with the fault that was ordered for it."""
        fault = self.take(place)
        if fault is not None:
            await self.strike(fault, request)
        yield
        if fault is not None and fault.kind is Kind.LOST_ANSWER:
            await self.lose_answer(request)

    async def lose_answer(self, request: Request) -> None:
        """Close the connection after the action."""
        await cut(request, politely=True)
        raise ConnectionCut

    async def _hold(self, fault: Fault) -> None:
        self.held.append(fault.at)
        try:
            await self._release.wait()
        finally:
            self.held.remove(fault.at)
