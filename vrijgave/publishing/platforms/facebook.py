"""Videos on a Facebook page, through the Graph and as an anonymous viewer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import BinaryIO

from vrijgave.domain.limits import Violation
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform, Publication
from vrijgave.i18n import Language
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.graph import Absent, Graph, Rest, fact, flag
from vrijgave.publishing.graph_video import (
    PAGE_RIGHTS,
    comments_of,
    dress_video,
    expiry,
    figures_of,
    hide_comment_of,
    remote_state,
)
from vrijgave.publishing.http import TIMEOUT
from vrijgave.publishing.preflight import violations
from vrijgave.publishing.protocol import (
    AccountState,
    Bundle,
    Comment,
    Figure,
    KeepSession,
    Progress,
    RemoteCopy,
    RemoteState,
    SessionLost,
    Sighting,
    known,
)

NAME = "Facebook"


class Facebook:
    """Publisher of videos for one page. A remote id is that of the video, from draft to deletion."""

    platform = Platform.FACEBOOK
    stages = True
    hides_comments = True

    def __init__(self, account: PlatformAccount, vault: Vault, timeout: timedelta = TIMEOUT) -> None:
        self._graph = Graph(NAME, account, vault, timeout)
        self._page = fact(account, "page")

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``; Facebook tells no limits."""
        return violations(self.platform, bundle)

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """See ``Publisher.send``. The file goes to the app first; the page then makes an unpublished video of it.

        That step can have succeeded unheard, so an earlier session is looked for by marker before it is done again.
        """
        if publication.session is not None and self.find(publication):
            raise SessionLost
        handle = self._uploaded(publication, file, keep_session, progress)
        text = bundle.text(Language.DUTCH)
        made = self._graph.post(
            f"{self._page}/videos",
            fbuploader_video_file_chunk=handle,
            title=text.title,
            description=post_text(self.platform, text),
            universal_video_id=publication.marker,
            published=flag(False),
            unpublished_content_type="DRAFT",
            **_expiration(bundle),
        )
        return str(made["id"])

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``: the marker is the code that publishers may give a video, unseen by the public."""
        videos = self._graph.listed(f"{self._page}/videos", "id,universal_video_id", type="uploaded")
        ours = (video for video in videos if video.get("universal_video_id") == publication.marker)
        return tuple(RemoteCopy(remote_id=str(video["id"]), size=None) for video in ours)

    def abandon(self, publication: Publication) -> str | None:
        """See ``Publisher.abandon``. A session of the app cannot be closed; nobody sees what it holds."""
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``."""
        return remote_state(self._graph.read(remote_id, "status,published"))

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Set the thumbnail and add the captions."""
        dress_video(self._graph, remote_id, bundle)

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Publish the video; it keeps its id, so once more does no harm."""
        remote_id = known(publication)
        self._graph.post(remote_id, published=flag(True))
        return remote_id

    def hide(self, remote_id: str) -> None:
        """Let the video expire now."""
        try:
            self._graph.post(remote_id, expire_now=flag(True))
        except Absent:
            return

    def delete(self, remote_id: str) -> None:
        """Delete the video."""
        self._graph.delete(remote_id)

    def sight(self, remote_id: str) -> Sighting:
        """See ``Publisher.sight``."""
        return self._graph.sight(remote_id)

    def url(self, remote_id: str) -> str:
        """The video's page."""
        return self._graph.url(remote_id)

    def remains(self, remote_id: str) -> str:
        """Nothing."""
        return ""

    def figures(self, remote_id: str) -> Mapping[Figure, int]:
        """See ``Watchable.figures``."""
        return figures_of(self._graph, remote_id)

    def comments(self, remote_id: str) -> tuple[Comment, ...]:
        """See ``Watchable.comments``."""
        return comments_of(self._graph, remote_id)

    def hide_comment(self, remote_id: str, comment_id: str) -> None:
        """See ``Watchable.hide_comment``."""
        hide_comment_of(self._graph, comment_id)

    def account(self) -> AccountState:
        """See ``Connected.account``."""
        return self._graph.account(self._page, "name", PAGE_RIGHTS)

    def _uploaded(self, publication: Publication, file: BinaryIO, keep_session: KeepSession, progress: Progress) -> str:
        """The handle of the file; of an earlier session only the rest is sent."""
        session, done = publication.session, 0
        try:
            if session is None:
                session = self._graph.open_upload(publication.marker, publication.file_size)
                keep_session(session)
            else:
                done = self._graph.uploaded(session)
            return self._graph.upload(session, Rest(file, done, publication.file_size, progress))
        except Absent:
            raise SessionLost from None


def _expiration(bundle: Bundle) -> dict[str, str]:
    """Facebook itself stops showing the video at the end of its last day, whatever happens here."""
    if bundle.end_date is None:
        return {}
    return {"expiration": json.dumps({"time": int(expiry(bundle.end_date).timestamp()), "type": "expire_only"})}
