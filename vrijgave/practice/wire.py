"""A web server's connections that can be cut in the middle, as real ones are."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import ClassVar

from fastapi import Request
from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableProtocol(H11Protocol):
    """Keeps its transport where ``cut`` finds it: by the client's address."""

    transports: ClassVar[dict[tuple[str, int], asyncio.Transport]] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport."""
        super().connection_made(transport)
        if self.client is not None:
            self.transports[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        if self.client is not None:
            self.transports.pop(self.client, None)
        super().connection_lost(exc)


async def cut(request: Request, *, politely: bool) -> None:
    """Close the connection of ``request`` without an answer: ``politely`` by FIN, else by reset."""
    client = request.client
    transport = CuttableProtocol.transports.get((client.host, client.port)) if client is not None else None
    if transport is not None and not politely:
        handle: socket.socket = transport.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing then resets
        transport.abort()
    elif transport is not None:
        transport.close()
    while transport is not None and not await request.is_disconnected():
        await asyncio.sleep(0.005)
