"""The tus library as we use it: its handlers without its routes.

Only those that make an upload, tell how far it is and take a piece are there. Nothing reads a file, puts files
together, or turns one method into another by a header, as the library's own routes do.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from tuspyserver.request import make_request_chunks_dep
from tuspyserver.router import TusRouterOptions
from tuspyserver.routes.core import core_routes
from tuspyserver.routes.creation import creation_extension_routes

from vrijgave.services import uploads
from vrijgave.settings import Settings
from vrijgave.web.tus_files import TusFiles

VERSION = "1.0.0"
PREFIX = "/api/hand-in/uploads"

Announce = Callable[[dict[str, str], dict[str, Any]], Awaitable[None]]
Handler = Callable[..., Awaitable[Any]]


class Tus:
    """Takes files in pieces into the folder of the settings. Who may is for the caller to decide."""

    def __init__(self, settings: Settings) -> None:
        logging.getLogger("tuspyserver").setLevel(logging.WARNING)  # below, it writes the names of files
        options = TusRouterOptions(
            prefix=PREFIX[1:],
            files_dir=str(uploads.folder(settings)),
            max_size=settings.hand_in_max_bytes,
            auth=_nothing,
            days_to_keep=settings.hand_in_keep.days + 1,  # after ours: it forgets and does not remove
            on_upload_complete=None,
            upload_complete_dep=_nothing,
            pre_create_hook=None,
            pre_create_dep=_nothing,
            file_dep=_nothing,
            tags=None,
            tus_version=VERSION,
            tus_extension="creation",
            strict_offset_validation=True,
            storage=TusFiles(str(uploads.folder(settings))),
        )
        made = APIRouter()
        core_routes(made, options)  # type: ignore[no-untyped-call]
        creation_extension_routes(made, options)  # type: ignore[no-untyped-call]
        handlers: dict[tuple[str, str], Handler] = {
            (method, route.path): route.endpoint
            for route in made.routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        }
        self._create, self._head = handlers["POST", ""], handlers["HEAD", "/{uuid}"]
        self._patch = handlers["PATCH", "/{uuid}"]
        self._take: Handler = make_request_chunks_dep(options)

    async def create(
        self, request: Request, length: int, metadata: str, announce: Announce, id_of: Callable[[], str]
    ) -> Response:
        """Make an upload; ``announce`` gets the metadata and may refuse, ``id_of`` names it then."""
        response = Response()
        await self._create(
            request, response, upload_metadata=metadata, upload_length=length, upload_defer_length=None,
            upload_concat=None, tus_resumable=VERSION, _=None, on_complete=_unused, pre_create=announce,
            file_dep=lambda _metadata: {"uid": id_of()},
        )  # fmt: skip
        response.headers["location"] = f"{PREFIX}/{id_of()}"  # the library would believe what the visitor says it is
        return response

    async def head(self, request: Request, upload_id: str) -> Response:
        """How far the upload is."""
        response = Response()
        await self._head(request, response, upload_id, tus_resumable=VERSION, _=None, file_dep=_unused)
        return response

    async def patch(self, request: Request, upload_id: str, length: int, offset: int, content_type: str) -> Response:
        """Take a piece that begins at ``offset``."""
        response = Response()
        await self._take(request=request, uuid=upload_id, file_dep=_unused)
        await self._patch(
            request, response, upload_id, content_length=length, upload_offset=offset, upload_length=None,
            content_type=content_type, tus_resumable=VERSION, _=True, __=None, on_complete=_unused, file_dep=_unused,
        )  # fmt: skip
        return response


async def _nothing() -> None:
    """Stands where the library asks for a dependency that we do not use."""


def _unused(*_arguments: object) -> None:
    """Stands where the library calls back."""
