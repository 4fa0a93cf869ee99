"""Resumable uploads with Google's client, in a way that a killed process can take up again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

from googleapiclient.errors import HttpError, ResumableUploadError
from googleapiclient.http import MediaUpload

from vrijgave.errors import Rejected, RetryLater
from vrijgave.i18n import _
from vrijgave.publishing.google_api import status_of
from vrijgave.publishing.protocol import KeepSession, Progress, SessionLost

CHUNK_UNIT = 256 * 1024
"""Chunks of a resumable upload are whole multiples of this many bytes."""
SESSION_LOST = frozenset({404, 410, 499})
STALLS = 3
"""Chunks in a row that may be answered without the platform having kept a byte."""


class ApprovedFile(MediaUpload):  # type: ignore[misc]  # the client is untyped
    """The open, already checked file, handed over as bytes.

    The transport silently repeats a request on a stale connection: bytes can be sent twice, a stream cannot.
    """

    def __init__(self, file: BinaryIO, size: int, chunk_bytes: int) -> None:
        self._file = file
        self._size = size
        self._chunk_bytes = chunk_bytes
        self.before_chunk: Callable[[], None] = lambda: None

    def chunksize(self) -> int:
        return self._chunk_bytes

    def mimetype(self) -> str:
        return "video/mp4"

    def size(self) -> int:
        return self._size

    def resumable(self) -> bool:
        return True

    def has_stream(self) -> bool:
        return False

    def getbytes(self, begin: int, length: int) -> bytes:
        self.before_chunk()
        self._file.seek(begin)
        data = self._file.read(length)
        if len(data) != min(length, self._size - begin):
            raise Rejected("file", _("The file changed while it was sent; render the release again."))
        return data


def send_resumable(
    request: Any, media: ApprovedFile, session: str | None, keep_session: KeepSession, progress: Progress
) -> dict[str, Any]:
    """Send chunk after chunk until the platform answers with the finished resource.

    With ``session`` the platform is asked first how far that upload came. Raises ``SessionLost``, and what the
    client raises.
    """
    if session is not None:
        request.resumable_uri = session
        request._in_error_state = True  # makes the client ask before it sends
    media.before_chunk = _session_keeper(request, session, keep_session)
    done, stalls = -1, 0
    while True:
        status, resource = _next_chunk(request)
        if resource is not None:
            progress(media.size(), media.size())
            return resource
        stalls = stalls + 1 if status.resumable_progress <= done else 0
        if stalls > STALLS:
            raise RetryLater(_("YouTube keeps none of what is sent; it is tried again."))
        done = status.resumable_progress
        progress(done, media.size())


def _session_keeper(request: Any, known: str | None, keep_session: KeepSession) -> Callable[[], None]:
    """Stores the session's address whenever it is new. The client asks for bytes only once it has the address."""
    kept = known

    def keep() -> None:
        nonlocal kept
        if request.resumable_uri != kept:
            kept = request.resumable_uri
            keep_session(kept)

    return keep


def _next_chunk(request: Any) -> tuple[Any, dict[str, Any] | None]:
    try:
        answer: tuple[Any, dict[str, Any] | None] = request.next_chunk(num_retries=0)  # its retries send no body
    except ResumableUploadError:
        raise
    except HttpError as error:
        if status_of(error) in SESSION_LOST:
            raise SessionLost from None
        raise
    return answer
