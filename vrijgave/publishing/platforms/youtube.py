"""YouTube, through its data interface (version 3) and as an anonymous viewer."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import urlencode

from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload
from pydantic import SecretStr

from vrijgave.domain.limits import Violation
from vrijgave.domain.publications import Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language, _
from vrijgave.publishing.google_api import anonymous_transport, connect, errors_translated, reason_of, status_of
from vrijgave.publishing.google_upload import CHUNK_UNIT, SESSION_LOST, ApprovedFile, send_resumable
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import (
    Bundle,
    KeepSession,
    Processing,
    Progress,
    RemoteCopy,
    RemoteState,
    Sighting,
    known,
)

NEWS_AND_POLITICS = "25"
PAGE = 50

_FIND_PARTS = "fileDetails,snippet,status"
_CLOCKS_APART = timedelta(hours=1)
_FAILED = frozenset({"failed", "rejected", "deleted"})
_NOT_VISIBLE = frozenset({401, 403, 404})


class YouTube:
    """Publisher for one YouTube channel: the one that ``credentials`` belong to."""

    platform = Platform.YOUTUBE
    stages = True

    def __init__(
        self,
        *,
        api_root: str,
        watch_root: str,
        credentials: SecretStr,
        chunk_bytes: int,
        timeout: timedelta = timedelta(seconds=60),
    ) -> None:
        if chunk_bytes <= 0 or chunk_bytes % CHUNK_UNIT:
            raise ActionRequired(
                "administrator",
                _("VRIJGAVE_UPLOAD_CHUNK_BYTES is {value}; make it a multiple of {unit}.").format(
                    value=chunk_bytes, unit=CHUNK_UNIT
                ),
            )
        self._client = connect(api_root, credentials, timeout)
        self._watch_root = watch_root.rstrip("/") + "/"
        self._chunk_bytes = chunk_bytes
        self._visitor = anonymous_transport(timeout)

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``; YouTube tells no limits."""
        return violations(self.platform, bundle)

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """See ``Publisher.send``. The video arrives private, with its texts and with the marker as its file name."""
        media = ApprovedFile(file, publication.file_size, self._chunk_bytes)
        request = self._client.api.videos().insert(
            part="snippet,status,localizations", body=_metadata(bundle), media_body=media, notifySubscribers=False
        )
        request.headers["Slug"] = publication.marker
        with errors_translated():
            return str(send_resumable(request, media, publication.session, keep_session, progress)["id"])

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``; reads the whole uploads playlist, as nothing promises its order.

        Raises ``RetryLater`` while YouTube does not yet tell the file name of a video that may be ours.
        """
        with errors_translated():
            videos = list(self._uploads())
        if any(_may_be_ours(video, publication) for video in videos):
            raise RetryLater(
                _("YouTube does not name the file of a new video yet; it is looked at again."), timedelta(seconds=20)
            )
        return tuple(
            RemoteCopy(remote_id=video["id"], size=_size(video))
            for video in videos
            if _file_name(video) == publication.marker
        )

    def abandon(self, publication: Publication) -> str | None:
        """See ``Publisher.abandon``. A half upload is cancelled, so that no late sender can complete it."""
        if publication.session is None:
            return None
        with errors_translated():
            finished = self._finished(publication.session, publication.file_size)
            if finished is not None:
                return finished
            self._client.http.request(publication.session, "DELETE", headers={"content-length": "0"})
            return self._finished(publication.session, publication.file_size)

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``."""
        with errors_translated():
            answer = self._client.api.videos().list(part="status,processingDetails", id=remote_id).execute()
        for video in answer.get("items", ()):
            return _remote_state(video)
        return None

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Set the thumbnail; texts and language versions went along with the file."""
        if bundle.thumbnail is None:
            return
        kind, _encoding = mimetypes.guess_type(bundle.thumbnail.name)
        try:
            content = bundle.thumbnail.read_bytes()
        except OSError:
            raise Rejected("file", _("The thumbnail cannot be read; render the release again.")) from None
        media = MediaInMemoryUpload(content, mimetype=kind or "application/octet-stream")
        with errors_translated():
            self._client.api.thumbnails().set(videoId=remote_id, media_body=media).execute()

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Make the video public; it keeps its id, so once more does no harm."""
        remote_id = known(publication)
        with errors_translated():
            self._show(remote_id, "public")
        return remote_id

    def hide(self, remote_id: str) -> None:
        """Make the video private."""
        with errors_translated(), _absence_allowed():
            self._show(remote_id, "private")

    def delete(self, remote_id: str) -> None:
        """Delete the video."""
        with errors_translated(), _absence_allowed():
            self._client.api.videos().delete(id=remote_id).execute()

    def sight(self, remote_id: str) -> Sighting:
        """Ask for the embedding card, which YouTube gives to anyone for a public video only."""
        query = urlencode({"url": self.url(remote_id), "format": "json"})
        with errors_translated():
            answer, _content = self._visitor.request(f"{self._watch_root}oembed?{query}")
        status = answer.status
        if status != 200 and status not in _NOT_VISIBLE:
            raise RetryLater(
                _("YouTube answers a visitor with status {status}; it is tried again.").format(status=status)
            )
        return Sighting(visible=status == 200, detail=f"anonymous GET oembed for {self.url(remote_id)}: {status}")

    def url(self, remote_id: str) -> str:
        """The watch page."""
        return f"{self._watch_root}watch?v={remote_id}"

    def remains(self, remote_id: str) -> str:
        """Nothing."""
        return ""

    def _show(self, remote_id: str, privacy: str) -> None:
        body = {"id": remote_id, "status": _status(privacy)}
        self._client.api.videos().update(part="status", body=body).execute()

    def _finished(self, session: str, size: int) -> str | None:
        """Id of the video when ``session`` has received all ``size`` bytes."""
        headers = {"content-range": f"bytes */{size}", "content-length": "0"}
        answer, content = self._client.http.request(session, "PUT", headers=headers)
        if answer.status in (200, 201):
            return str(json.loads(content)["id"])
        if answer.status == 308 or answer.status in SESSION_LOST:
            return None
        raise HttpError(answer, content)

    def _uploads(self) -> Iterator[dict[str, Any]]:
        """Every video of the channel with its file details, public or not."""
        api = self._client.api
        channels = api.channels().list(part="contentDetails", mine=True).execute()
        for channel in channels.get("items", ()):
            playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
            request = api.playlistItems().list(part="contentDetails", playlistId=playlist, maxResults=PAGE)
            while request is not None:
                page = _page(request)
                ids = ",".join(item["contentDetails"]["videoId"] for item in page.get("items", ()))
                if ids:
                    yield from api.videos().list(part=_FIND_PARTS, id=ids, maxResults=PAGE).execute()["items"]
                request = api.playlistItems().list_next(request, page)


@contextmanager
def _absence_allowed() -> Iterator[None]:
    """Pass over «no such video»: whether it is gone is for the read-back to say."""
    try:
        yield
    except HttpError as error:
        if status_of(error) != 404:
            raise


def _page(request: Any) -> dict[str, Any]:
    """One page of a playlist; empty for the playlist of a channel that never uploaded, which does not exist."""
    try:
        page: dict[str, Any] = request.execute()
    except HttpError as error:
        if status_of(error) == 404 and reason_of(error) == "playlistNotFound":
            return {}
        raise
    return page


def _metadata(bundle: Bundle) -> dict[str, Any]:
    dutch = bundle.text(Language.DUTCH)
    return {
        "snippet": {
            "title": dutch.title,
            "description": dutch.description,
            "tags": list(dutch.tags),
            "categoryId": NEWS_AND_POLITICS,
            "defaultLanguage": dutch.language,
        },
        "status": _status("private"),
        "localizations": {
            text.language: {"title": text.title, "description": text.description}
            for text in bundle.texts
            if text is not dutch
        },
    }


def _status(privacy: str) -> dict[str, Any]:
    """The whole status: what an update leaves out falls back to its default, and privacy's default is public."""
    return {
        "privacyStatus": privacy,
        "selfDeclaredMadeForKids": False,
        "embeddable": True,
        "publicStatsViewable": True,
        "license": "youtube",
    }


def _remote_state(video: dict[str, Any]) -> RemoteState:
    status = video["status"]
    upload = status.get("uploadStatus")
    if upload in _FAILED:
        processing = Processing.FAILED
    else:
        processing = Processing.DONE if upload == "processed" else Processing.RUNNING
    problem = status.get("failureReason") or status.get("rejectionReason") or upload
    return RemoteState(
        processing=processing,
        public=status.get("privacyStatus") != "private",
        problem=str(problem) if processing is Processing.FAILED else "",
    )


def _may_be_ours(video: dict[str, Any], publication: Publication) -> bool:
    """Whether a video without a file name, as long as it is being processed, can be the one that we sent."""
    if _file_name(video) is not None or video["status"].get("uploadStatus") != "uploaded":
        return False
    sent_at = publication.intent_at
    return sent_at is None or datetime.fromisoformat(video["snippet"]["publishedAt"]) > sent_at - _CLOCKS_APART


def _file_name(video: dict[str, Any]) -> str | None:
    name: str | None = video.get("fileDetails", {}).get("fileName")
    return name


def _size(video: dict[str, Any]) -> int | None:
    size = video["fileDetails"].get("fileSize")
    return None if size is None else int(size)
