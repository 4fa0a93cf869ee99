"""PeerTube: a server of the force or of others, through its interface and as an anonymous viewer."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import httpx

from vrijgave.domain.limits import LIMITS, Violation
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform, Publication
from vrijgave.domain.video_limits import VIDEO_LIMITS
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.fediverse import copies_elsewhere, plain, utc
from vrijgave.publishing.http import TIMEOUT, look, seen
from vrijgave.publishing.peertube_api import NAME, connect, json_object
from vrijgave.publishing.peertube_upload import Door
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import (
    AccountState,
    Bundle,
    ByHand,
    Comment,
    Figure,
    KeepSession,
    Processing,
    Progress,
    RemoteCopy,
    RemoteState,
    SessionLost,
    Sighting,
    known,
)

PUBLIC, UNLISTED, PRIVATE = 1, 2, 3
_PUBLISHED = 1
_FAILED = frozenset({7, 8})
_COMMENTS_ENABLED = 1
_PAGE = 100
_CLOCKS_APART = timedelta(hours=1)
_GONE = frozenset({404, 410})


class PeerTube:
    """Publisher for one channel. A remote id is the short name of a video, from private to deletion."""

    platform = Platform.PEERTUBE
    stages = True
    hides_comments = True

    def __init__(self, account: PlatformAccount, vault: Vault, chunk_bytes: int, timeout: timedelta = TIMEOUT) -> None:
        self._root = account.root
        self._public_root = account.public_root
        self._channel = int(account.facts["channel"])
        self._vault = vault
        self._timeout = timeout
        self._chunk_bytes = chunk_bytes
        self._api = connect(account, vault, timeout)

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``: what the server takes, and the room that the account has left, are asked."""
        config, room = self._get("config"), self._room()
        table = VIDEO_LIMITS[self.platform]
        texts = LIMITS[self.platform]
        picture = config.get("video", {}).get("image", {}).get("size", {}).get("max")
        found = violations(
            self.platform,
            bundle,
            texts=texts if picture is None else replace(texts, thumbnail_bytes=int(picture)),
            video=table if room is None else replace(table, size=room),
        )
        return (*found, *_files(config, bundle))

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """See ``Publisher.send``. The video arrives private, with its texts and with the marker as its file name.

        An upload that PeerTube knows already is ours whole: its name is that of this publication, whose file never
        changes.
        """
        door, size, upload = self._door("videos/upload-resumable"), publication.file_size, publication.session
        done: int | Mapping[str, Any] = 0
        if upload is None:
            upload, new = door.open(size, self._metadata(publication, bundle))
            keep_session(upload)
            done = 0 if new else door.received(upload, size)
        else:
            done = door.received(upload, size)
        if isinstance(done, int):
            done = door.send(upload, file, size, progress, done)
        return str(done["video"]["shortUUID"])

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``: the name of the file that was sent is the marker.

        Only videos since the first intent are asked for their file; each takes a request.
        """
        found = []
        for video in self._videos_since(publication.intent_at):
            source = self._read(f"videos/{video['shortUUID']}/source")
            if source is not None and publication.marker in (source.get("inputFilename"), source.get("filename")):
                found.append(RemoteCopy(remote_id=str(video["shortUUID"]), size=_size(source)))
        return tuple(found)

    def abandon(self, publication: Publication) -> str | None:
        """See ``Publisher.abandon``. An upload of which a video is being made is waited for."""
        if publication.session is None:
            return None
        door = self._door("videos/upload-resumable")
        try:
            received = door.received(publication.session, publication.file_size)
        except SessionLost:
            return None
        if not isinstance(received, int):
            return str(received["video"]["shortUUID"])
        door.close(publication.session)
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``."""
        video = self._read(f"videos/{remote_id}")
        if video is None:
            return None
        state = video["state"]
        if state["id"] in _FAILED:
            processing = Processing.FAILED
        else:
            processing = Processing.DONE if state["id"] == _PUBLISHED else Processing.RUNNING
        return RemoteState(
            processing=processing,
            public=_privacy(video) in (PUBLIC, UNLISTED),
            problem=str(state.get("label", state["id"])) if processing is Processing.FAILED else "",
        )

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Set the thumbnail and the captions; both replace what was there."""
        if bundle.thumbnail is not None:
            what = _("The thumbnail cannot be read; render the release again.")
            self._attach(f"videos/{remote_id}", "thumbnailfile", bundle.thumbnail, what)
        for captions in bundle.captions:
            what = _("The captions cannot be read; render the release again.")
            path = f"videos/{remote_id}/captions/{captions.language.value}"
            self._attach(path, "captionfile", captions.file, what)

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Make the video public; it keeps its id, so once more does no harm."""
        remote_id = known(publication)
        self._api.call("PUT", f"videos/{remote_id}", json={"privacy": PUBLIC})
        return remote_id

    def hide(self, remote_id: str) -> None:
        """Make the video private."""
        self._api.call("PUT", f"videos/{remote_id}", json={"privacy": PRIVATE}, also=_GONE)

    def delete(self, remote_id: str) -> None:
        """Delete the video."""
        self._api.call("DELETE", f"videos/{remote_id}", also=_GONE)

    def sight(self, remote_id: str) -> Sighting:
        """Ask for what fills the watch page: the page itself is the same for every video."""
        answer = look(NAME, f"{self._root}videos/{remote_id}", self._timeout)
        return Sighting(
            visible=seen(NAME, answer),
            detail=f"anonymous GET videos/{remote_id} for {self.url(remote_id)}: {answer.status_code}",
        )

    def url(self, remote_id: str) -> str:
        """The watch page."""
        return self._public_root + remote_id

    def remains(self, remote_id: str) -> str:
        """Copies on servers that follow ours."""
        return copies_elsewhere(NAME, self.url(remote_id))

    def replace(self, publication: Publication, bundle: Bundle, file: BinaryIO, progress: Progress) -> None:
        """See ``Replaceable.replace``.

        An upload that PeerTube knows already may be of another correction of the same length: it is dropped.
        """
        remote_id, size = known(publication), bundle.facts.size
        door = self._door(f"videos/{remote_id}/source/replace-resumable")
        told = {"filename": publication.marker}
        upload, new = door.open(size, told)
        if not new:
            door.close(upload)
            upload, _new = door.open(size, told)
        door.send(upload, file, size, progress, 0)
        self._api.call("PUT", f"videos/{remote_id}", json=_texts(bundle))
        self.dress(remote_id, bundle)

    def figures(self, remote_id: str) -> Mapping[Figure, int]:
        """See ``Watchable.figures``."""
        video = self._get(f"videos/{remote_id}")
        words = ((Figure.VIEWS, "views"), (Figure.LIKES, "likes"), (Figure.COMMENTS, "comments"))
        return {figure: int(video[word]) for figure, word in words if video.get(word) is not None}

    def comments(self, remote_id: str) -> tuple[Comment, ...]:
        """See ``Watchable.comments``; answers too."""
        found = list(self._comments(remote_id))
        return tuple(sorted(found, key=lambda comment: comment.at))

    def hide_comment(self, remote_id: str, comment_id: str) -> None:
        """Delete it: PeerTube has no other way. Raises ``ByHand`` where the account may not."""
        answer = self._api.call("DELETE", f"videos/{remote_id}/comments/{comment_id}", also={403, *_GONE})
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise ByHand(
                _("This account may not remove comments on {platform}; ask a moderator of the server.").format(
                    platform=NAME
                )
            )

    def account(self) -> AccountState:
        """See ``Connected.account``. The account stays signed in as long as it is used before ``expires_at``."""
        me = self._get("users/me")
        channels = [channel["id"] for channel in me.get("videoChannels", ())]
        lacking = _("The account has no channel {channel}; choose one of its own channels.")
        until = self._vault.read().get("refresh_until")
        return AccountState(
            name=str(me.get("account", {}).get("displayName") or me["username"]),
            expires_at=None if until is None else datetime.fromisoformat(until),
            warnings=() if self._channel in channels else (lacking.format(channel=self._channel),),
        )

    def _door(self, path: str) -> Door:
        return Door(api=self._api, path=path, chunk_bytes=self._chunk_bytes)

    def _get(self, path: str, **parameters: Any) -> dict[str, Any]:
        return json_object(NAME, self._api.call("GET", path, params=parameters))

    def _read(self, path: str) -> dict[str, Any] | None:
        """None where there is nothing."""
        answer = self._api.call("GET", path, also=_GONE)
        return None if answer.status_code in _GONE else json_object(NAME, answer)

    def _attach(self, path: str, field: str, file: Path, problem: str) -> None:
        kind, _encoding = mimetypes.guess_type(file.name)
        try:
            content = file.read_bytes()
        except OSError:
            raise Rejected("file", problem) from None
        self._api.call("PUT", path, files={field: (file.name, content, kind or "text/vtt")})

    def _room(self) -> int | None:
        """Bytes that the account may still upload; None: without end."""
        me, used = self._get("users/me"), self._get("users/me/video-quota-used")
        left = [
            max(0, int(me[quota]) - int(used[counted]))
            for quota, counted in (("videoQuota", "videoQuotaUsed"), ("videoQuotaDaily", "videoQuotaUsedDaily"))
            if int(me.get(quota, -1)) >= 0
        ]
        return min(left, default=None)

    def _metadata(self, publication: Publication, bundle: Bundle) -> dict[str, Any]:
        return {
            **_texts(bundle),
            "filename": publication.marker,
            "channelId": self._channel,
            "privacy": PRIVATE,
            "waitTranscoding": True,
            "commentsPolicy": _COMMENTS_ENABLED,
            "downloadEnabled": False,
        }

    def _videos_since(self, intent_at: datetime | None) -> Iterator[dict[str, Any]]:
        """Our videos, newest first, back to when the first byte may have left."""
        start = 0
        while True:
            page = self._get("users/me/videos", start=start, count=_PAGE, sort="-createdAt").get("data", [])
            for video in page:
                if intent_at is not None and utc(video["createdAt"]) < intent_at - _CLOCKS_APART:
                    return
                yield video
            if len(page) < _PAGE:
                return
            start += _PAGE

    def _comments(self, remote_id: str) -> Iterator[Comment]:
        start = 0
        while True:
            path = f"videos/{remote_id}/comment-threads"
            page = self._get(path, start=start, count=_PAGE, sort="-createdAt").get("data", [])
            for thread in page:
                tree = self._get(f"{path}/{thread['id']}") if thread.get("totalReplies") else {"comment": thread}
                yield from self._told(tree)
            if len(page) < _PAGE:
                return
            start += _PAGE

    def _told(self, tree: Mapping[str, Any]) -> Iterator[Comment]:
        comment = tree["comment"]
        if not comment.get("isDeleted"):
            writer = comment.get("account") or {}
            text, here = str(comment.get("text", "")), writer.get("host") == urlsplit(self._root).netloc
            yield Comment(
                remote_id=str(comment["id"]),
                author=str(writer.get("displayName", "")),
                text=text if here else plain(text),
                at=utc(comment["createdAt"]),
                hidden=bool(comment.get("heldForReview", False)),
            )
        for child in tree.get("children", ()):
            yield from self._told(child)


def _texts(bundle: Bundle) -> dict[str, Any]:
    text = bundle.text(Language.DUTCH)
    return {
        "name": text.title,
        "description": post_text(Platform.PEERTUBE, text),
        "tags": list(text.tags),
        "language": text.language,
    }


def _files(config: Mapping[str, Any], bundle: Bundle) -> Iterator[Violation]:
    extensions = config.get("video", {}).get("file", {}).get("extensions", [".mp4"])
    if ".mp4" not in extensions:
        message = _("This server takes no MP4 files; ask its owner to allow them.")
        yield Violation(field="video", message=message)
    most = config.get("videoCaption", {}).get("file", {}).get("size", {}).get("max")
    if most is not None and any(captions.file.stat().st_size > int(most) for captions in bundle.captions):
        yield Violation(field="captions", message=_("The captions are larger than the platform takes; shorten them."))


def _privacy(video: Mapping[str, Any]) -> int:
    return int(video["privacy"]["id"])


def _size(source: Mapping[str, Any]) -> int | None:
    size = source.get("size")
    return None if size is None else int(size)
