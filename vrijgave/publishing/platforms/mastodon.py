"""Mastodon: a video is uploaded first, seen by nobody, and becomes public with the status that carries it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from mastodon import Mastodon as Client
from mastodon.errors import (
    MastodonError,
    MastodonNotFoundError,
)

from vrijgave.domain.limits import Violation
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language, _
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.fediverse import copies_elsewhere, plain
from vrijgave.publishing.http import TIMEOUT, Api, look, seen
from vrijgave.publishing.mastodon_api import (
    NAME,
    UNPROCESSABLE,
    Unprocessable,
    errors_told,
    frame_violations,
    text_limits,
    video_limits,
)
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
    Sighting,
    known,
)

MEDIA, STATUS = "media/", "status/"
_VERSION = "4.4.0"
"""Told to the client, which else asks the server for it before every first call."""
_PAGE = 40


class Mastodon:
    """Publisher for one account. A remote id is «media/…» of what was uploaded, and «status/…» of what is public.

    ``account.public_root`` is the page of the account: «https://server/@name/».
    """

    platform = Platform.MASTODON
    stages = True
    hides_comments = False

    def __init__(self, account: PlatformAccount, vault: Vault, timeout: timedelta = TIMEOUT) -> None:
        self._public_root = account.public_root
        self._timeout = timeout
        self._client = Client(
            api_base_url=account.root,
            access_token=vault.read()["access_token"],
            ratelimit_method="throw",
            request_timeout=timeout.total_seconds(),
            mastodon_version=_VERSION,
            version_check_mode="created",
        )
        self._api = Api(NAME, account.root, vault, timeout=timeout)
        self._own_id: str | None = None

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``: the server's own configuration is asked."""
        with self._told():
            told = self._client.instance_v2()["configuration"]
        media = told.get("media_attachments") or {}
        found = violations(self.platform, bundle, texts=text_limits(told), video=video_limits(media))
        return (*found, *frame_violations(media, bundle))

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """See ``Publisher.send``; in one request, without a session.

        What was uploaded unheard is seen by nobody, and Mastodon itself removes it within days.
        """
        progress(0, publication.file_size)
        file.seek(0)
        kind, picture = _thumbnail(bundle)
        with self._told():
            media = self._client.media_post(
                file,
                mime_type="video/mp4",
                file_name=publication.marker,
                description=bundle.text(Language.DUTCH).alternative_text,
                thumbnail=picture,
                thumbnail_mime_type=kind,
            )
        progress(publication.file_size, publication.file_size)
        return f"{MEDIA}{media['id']}"

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``: a status of ours is known by the upload that it carries."""
        if publication.release_at is None:
            return ()
        ids = {id for id in (publication.staged_id, publication.remote_id) if id is not None and _is_media(id)}
        carriers = filter(None, map(self._carrier, sorted(ids)))
        return tuple(RemoteCopy(remote_id=carrier, size=None) for carrier in carriers)

    def abandon(self, publication: Publication) -> str | None:
        """Nothing: there are no sessions."""
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``. An upload that a status carries is there as that status."""
        if not _is_media(remote_id):
            return self._posted(remote_id)
        upload = self._upload(remote_id)
        if upload is not None:
            return upload
        carrier = self._carrier(remote_id)
        return None if carrier is None else self._posted(carrier)

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Nothing: the thumbnail and the text alternative went along; Mastodon knows no captions."""

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Post the status. Its key makes it one within the hour; after that it is looked for first.

        An upload that is gone may be in a status that is not listed yet: then nothing is posted, as Mastodon would
        post the text without the video.
        """
        media = known(publication)
        if not _is_media(media):
            return media
        posted = self._carrier(media) if again else None
        if posted is not None:
            return posted
        if self._upload(media) is None:
            raise _unlisted() if again else _vanished()
        text = bundle.text(Language.DUTCH)
        with self._told():
            status = self._client.status_post(
                post_text(self.platform, text),
                media_ids=[media.removeprefix(MEDIA)],
                visibility="public",
                language=text.language,
                idempotency_key=publication.marker,
            )
        return f"{STATUS}{status['id']}"

    def hide(self, remote_id: str) -> None:
        """Nothing: who may see a status cannot be changed."""

    def delete(self, remote_id: str) -> None:
        """Delete the status with its video, or what was only uploaded."""
        status = self._delete_upload(remote_id) if _is_media(remote_id) else remote_id
        if status is not None:
            with suppress(MastodonNotFoundError), self._told(also=(MastodonNotFoundError,)):
                self._client.status_delete(status.removeprefix(STATUS), delete_media=True)

    def sight(self, remote_id: str) -> Sighting:
        """Look at the page of the status; what was only uploaded has none."""
        status = self._carrier(remote_id) if _is_media(remote_id) else remote_id
        if status is None:
            return Sighting(visible=False, detail=f"no status carries {remote_id}")
        answer = look(NAME, self.url(status), self._timeout)
        return Sighting(visible=seen(NAME, answer), detail=f"anonymous GET {self.url(status)}: {answer.status_code}")

    def url(self, remote_id: str) -> str:
        """The page of the status; of an upload the page of the account."""
        return self._public_root if _is_media(remote_id) else self._public_root + remote_id.removeprefix(STATUS)

    def remains(self, remote_id: str) -> str:
        """Copies on the servers of followers; nothing of what was only uploaded."""
        status = self._carrier(remote_id) if _is_media(remote_id) else remote_id
        return "" if status is None else copies_elsewhere(NAME, self.url(status))

    def figures(self, remote_id: str) -> Mapping[Figure, int]:
        """See ``Watchable.figures``; Mastodon counts no views."""
        with self._told():
            status = self._client.status(remote_id.removeprefix(STATUS))
        words = (
            (Figure.LIKES, "favourites_count"),
            (Figure.SHARES, "reblogs_count"),
            (Figure.COMMENTS, "replies_count"),
        )
        return {figure: int(status[word]) for figure, word in words if status.get(word) is not None}

    def comments(self, remote_id: str) -> tuple[Comment, ...]:
        """See ``Watchable.comments``: the answers of others that this server knows of."""
        own = self._me()
        with self._told():
            answers = self._client.status_context(remote_id.removeprefix(STATUS))["descendants"]
        found = [_comment(answer) for answer in answers if str(answer["account"]["id"]) != own]
        return tuple(sorted(found, key=lambda comment: comment.at))

    def hide_comment(self, remote_id: str, comment_id: str) -> None:
        """See ``Watchable.hide_comment``: never possible."""
        raise ByHand(
            _(
                "{platform} cannot hide what others answer; report the answer to the moderators of the server, or "
                "block its author."
            ).format(platform=NAME)
        )

    def account(self) -> AccountState:
        """See ``Connected.account``. Its token lasts until somebody revokes it."""
        with self._told():
            me = self._client.account_verify_credentials()
        return AccountState(name=str(me.get("display_name") or me["acct"]))

    def _upload(self, remote_id: str) -> RemoteState | None:
        """How far an upload is; None when a status carries it, or Mastodon has removed it."""
        try:
            with self._told(also=(MastodonNotFoundError, Unprocessable)):
                media = self._client.media(remote_id.removeprefix(MEDIA))
        except MastodonNotFoundError:
            return None
        except Unprocessable as error:
            return RemoteState(processing=Processing.FAILED, public=False, problem=str(error))
        processing = Processing.DONE if media.get("url") else Processing.RUNNING
        return RemoteState(processing=processing, public=False)

    def _posted(self, remote_id: str) -> RemoteState | None:
        try:
            with self._told(also=(MastodonNotFoundError,)):
                status = self._client.status(remote_id.removeprefix(STATUS))
        except MastodonNotFoundError:
            return None
        return RemoteState(processing=Processing.DONE, public=status["visibility"] in _VISIBLE)

    def _delete_upload(self, remote_id: str) -> str | None:
        """Delete an upload, for which the client has no call; the status that carries it, where one does."""
        path = f"api/v1/media/{remote_id.removeprefix(MEDIA)}"
        answer = self._api.call("DELETE", path, also={404, UNPROCESSABLE})
        carrier = None if answer.is_success else self._carrier(remote_id)
        if carrier is None and answer.status_code == UNPROCESSABLE:
            raise _unlisted()
        return carrier

    def _carrier(self, remote_id: str) -> str | None:
        """The status of ours that carries an upload. Ids grow with time, so it is younger than the upload."""
        media = int(remote_id.removeprefix(MEDIA))
        for status in self._statuses():
            if int(status["id"]) < media:
                return None
            if any(int(one["id"]) == media for one in status["media_attachments"]):
                return f"{STATUS}{status['id']}"
        return None

    def _me(self) -> str:
        if self._own_id is None:
            with self._told():
                self._own_id = str(self._client.account_verify_credentials()["id"])
        return self._own_id

    def _statuses(self) -> Iterator[Mapping[str, Any]]:
        """Our own statuses, newest first."""
        with self._told():
            page: Any = self._client.account_statuses(self._me(), exclude_reblogs=True, limit=_PAGE)
        while page:
            yield from page
            with self._told():
                page = self._client.fetch_next(page) if hasattr(page, "_pagination_next") else None

    def _told(self, also: tuple[type[MastodonError], ...] = ()) -> AbstractContextManager[None]:
        return errors_told(self._client, also)


_VISIBLE = frozenset({"public", "unlisted"})


def _vanished() -> ActionRequired:
    return ActionRequired(
        "communication", _("The video has disappeared from the platform; publish again to send it once more.")
    )


def _unlisted() -> RetryLater:
    return RetryLater(
        _("{platform} no longer has the uploaded video by itself; its posts are looked at again.").format(platform=NAME)
    )


def _is_media(remote_id: str) -> bool:
    return remote_id.startswith(MEDIA)


def _thumbnail(bundle: Bundle) -> tuple[str | None, bytes | None]:
    if bundle.thumbnail is None:
        return None, None
    kind, _encoding = mimetypes.guess_type(bundle.thumbnail.name)
    try:
        return kind, bundle.thumbnail.read_bytes()
    except OSError:
        raise Rejected("file", _("The thumbnail cannot be read; render the release again.")) from None


def _comment(answer: Mapping[str, Any]) -> Comment:
    writer = answer["account"]
    return Comment(
        remote_id=str(answer["id"]),
        author=str(writer.get("display_name") or writer.get("acct", "")),
        text=plain(str(answer["content"])),
        at=_utc(answer["created_at"]),
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
