"""What the review room plays and shows of the original: only to who has opened the room since signing in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vrijgave.domain.people import Account
from vrijgave.errors import NotFound
from vrijgave.i18n import _
from vrijgave.services import room
from vrijgave.services.context import Context
from vrijgave.services.review_media import ReviewMedia, opened, still
from vrijgave.services.sign_in import signed_in_since
from vrijgave.store.unit_of_work import UnitOfWork
from vrijgave.web.access import App, Files, SignedIn, release_for, visitor_of
from vrijgave.web.api import Number, ReleaseId
from vrijgave.web.ranges import stored_file

router = APIRouter(prefix="/api/releases/{release_id}/review")
PRIVATE = {"cache-control": "private, no-store"}
"""Nothing of an original stays in a browser or on the way to it."""


@router.get("/proxy", response_class=Response, responses={206: {}, 304: {}, 416: {}})
def proxy(request: Request, context: App, files: Files, account: SignedIn, release_id: ReleaseId) -> Response:
    """The video that the player plays, whole or in parts."""
    with context.reading() as uow:
        media = _opened(request, uow, context, account, release_id)
    return _private(stored_file(request, files, media.proxy.sha256, media.proxy.name))


@router.get("/waveform", response_class=Response, responses={206: {}, 304: {}, 416: {}})
def waveform(request: Request, context: App, files: Files, account: SignedIn, release_id: ReleaseId) -> Response:
    """The shape of the sound, as JSON."""
    with context.reading() as uow:
        media = _opened(request, uow, context, account, release_id)
    if media.waveform is None:
        raise NotFound(_("This footage has no sound."))
    return _private(stored_file(request, files, media.waveform.sha256, media.waveform.name))


@router.get("/still/{frame}", response_class=Response)
def frame_still(
    request: Request, context: App, files: Files, account: SignedIn, release_id: ReleaseId, frame: Number
) -> Response:
    """A frame of the original in all its pixels, as PNG."""
    with context.reading() as uow:
        media = _opened(request, uow, context, account, release_id)
    return _private(Response(still(files, media, frame, context.limits), media_type="image/png"))


@router.get("/thumb/{track}", response_class=Response)
def thumb(
    request: Request, context: App, files: Files, account: SignedIn, release_id: ReleaseId, track: Number
) -> Response:
    """A track as it was found, where it is clearest, as JPEG."""
    with context.reading() as uow:
        _opened(request, uow, context, account, release_id)
        picture = room.picture(uow, files, context.blobs, release_id, track)
    return _private(Response(picture, media_type="image/jpeg"))


def _opened(request: Request, uow: UnitOfWork, context: Context, account: Account, release_id: str) -> ReviewMedia:
    """The media that this person opened since signing in. Raises ``Rejected`` where the room was not opened."""
    release_for(uow, account, release_id)
    since = signed_in_since(uow, visitor_of(request).token)
    return opened(uow, release_id, account.name, since)


def _private(response: Response) -> Response:
    response.headers.update(PRIVATE)
    return response
