"""Sending the file of a hand-in in pieces, by the tus protocol: to the owner of the draft alone."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, cast

from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from vrijgave.domain.hand_in import Upload
from vrijgave.errors import Conflict, NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.services import uploads
from vrijgave.services.context import Context
from vrijgave.web.access import App, SignedIn
from vrijgave.web.headers import UPLOAD
from vrijgave.web.tus import PREFIX, VERSION, Tus

router = APIRouter(prefix=PREFIX)
Text = Annotated[str, Header()]
Number = Annotated[int, Header()]


def _tus(request: Request) -> Tus:
    return cast(Tus, request.app.state.tus)


@router.post("")
async def create(
    request: Request,
    context: App,
    account: SignedIn,
    tus_resumable: Text = "",
    upload_metadata: Text = "",
    upload_length: Number = 0,
) -> Response:
    """Announce a file for a draft: its name and size are looked at before a byte of it is sent."""
    _check_version(tus_resumable)
    if "upload-concat" in request.headers or _has_body(request):
        raise Rejected("upload", _("Announce the file first, then send it in pieces."))
    made: list[Upload] = []

    async def announce(metadata: dict[str, str], _info: object) -> None:
        if not metadata.get("filename") or not metadata.get("filetype"):
            raise Rejected("upload", _("Announce the file first, then send it in pieces."))
        made.append(
            await run_in_threadpool(
                uploads.begin, context, metadata.get("draft", ""), account.name,
                name=metadata["filename"], size=upload_length, modified=_number(metadata.get("modified", "")),
            )
        )  # fmt: skip

    return await _tus(request).create(request, upload_length, upload_metadata, announce, lambda: made[0].id)


@router.head("/{upload_id}")
async def how_far(
    request: Request, context: App, account: SignedIn, upload_id: str, tus_resumable: Text = ""
) -> Response:
    """How many bytes have come in, to go on from there."""
    _check_version(tus_resumable)
    await run_in_threadpool(_own, context, account.name, upload_id)
    return await _tus(request).head(request, upload_id)


@router.patch("/{upload_id}")
async def piece(
    request: Request,
    context: App,
    account: SignedIn,
    upload_id: str,
    tus_resumable: Text = "",
    content_type: Text = "",
    content_length: Number = -1,
    upload_offset: Number = -1,
) -> Response:
    """Take a piece."""
    _check_version(tus_resumable)
    if content_type != UPLOAD or upload_offset < 0:
        raise Rejected("upload", _("Announce the file first, then send it in pieces."))
    if not 0 <= content_length <= context.settings.hand_in_piece_bytes:
        raise Rejected("upload", _("That is too much at once; send less."))
    await run_in_threadpool(_own, context, account.name, upload_id)
    return await _tus(request).patch(request, upload_id, content_length, upload_offset, content_type)


@router.delete("/{upload_id}")
def remove(context: App, account: SignedIn, upload_id: str) -> Response:
    """Throw the file away, on its way or complete."""
    uploads.remove(context, upload_id, account.name)
    return Response(status_code=204, headers={"tus-resumable": VERSION})


def _own(context: Context, owner: str, upload_id: str) -> None:
    """Raise ``NotFound`` unless it is an upload of a draft of ``owner``, ``Conflict`` when it is complete."""
    with context.reading() as uow:
        upload = uow.hand_ins.of_upload(upload_id, owner).upload
    if upload is None or upload.refused:
        raise NotFound(_("This upload is no longer there; choose the file again."))
    if upload.ready:
        raise Conflict(_("This file is complete already."))


def _check_version(version: str) -> None:
    if version != VERSION:
        raise Rejected("upload", _("Announce the file first, then send it in pieces."))


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _number(text: str) -> int:
    with suppress(ValueError):
        return max(0, min(int(text[:16]), 2**53))
    return 0
