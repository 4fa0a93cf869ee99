"""Reels of a Facebook page, through the Graph and as an anonymous viewer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from vrijgave.domain.limits import Violation
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform, Publication
from vrijgave.errors import RetryLater
from vrijgave.i18n import Language, _
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.graph import Absent, Graph, Rest, fact, graph_time
from vrijgave.publishing.graph_video import (
    PAGE_RIGHTS,
    comments_of,
    dress_video,
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

NAME = "Facebook Reels"
A_DAY = 30
_DAY = timedelta(hours=24)


class FacebookReels:
    """Publisher of reels for one page.

    The reel has its id before its first byte, and keeps it: that id is the session, and the remote id from draft to
    deletion. A start whose answer was lost leaves an empty reel that nobody ever sees.
    """

    platform = Platform.FACEBOOK_REELS
    stages = True
    hides_comments = True

    def __init__(self, account: PlatformAccount, vault: Vault, timeout: timedelta = TIMEOUT) -> None:
        self._graph = Graph(NAME, account, vault, timeout)
        self._page = fact(account, "page")

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``. Raises ``RetryLater`` when the page's reels of the day are used."""
        found = violations(self.platform, bundle)
        if not found:
            self._check_daily_number()
        return found

    def send(
        self,
        publication: Publication,
        bundle: Bundle,
        file: BinaryIO,
        keep_session: KeepSession,
        progress: Progress,
    ) -> str:
        """See ``Publisher.send``. The session is the reel, with the address to which its file goes."""
        session, done = publication.session, 0
        if session is None:
            made = self._graph.post(f"{self._page}/video_reels", upload_phase="start")
            session = f"{made['video_id']} {made['upload_url']}"
            keep_session(session)
        else:
            done = self._received(session, publication.file_size)
        reel, _space, address = session.partition(" ")
        try:
            if done < publication.file_size:
                self._graph.transfer(address, Rest(file, done, publication.file_size, progress))
            self._finish(reel, "DRAFT", bundle)
        except Absent:
            raise SessionLost from None
        return reel

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``: the reel that the row knows by its id, or by its session, however little arrived."""
        session = publication.session
        reel = publication.remote_id or (None if session is None else session.partition(" ")[0])
        if reel is None or self._graph.read(reel, "status") is None:
            return ()
        return (RemoteCopy(remote_id=reel, size=None),)

    def abandon(self, publication: Publication) -> str | None:
        """See ``Publisher.abandon``. A reel that was started is there to be deleted: ``find`` tells of it."""
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``."""
        return remote_state(self._graph.read(remote_id, "status,published"))

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Set the thumbnail and add the captions."""
        dress_video(self._graph, remote_id, bundle)

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Finish the reel once more, as a published one; it keeps its id. Tried before, it is looked at first."""
        remote_id = known(publication)
        if again:
            state = self.inspect(remote_id)
            if state is not None and state.public:
                return remote_id
        self._finish(remote_id, "PUBLISHED", bundle)
        return remote_id

    def hide(self, remote_id: str) -> None:
        """Nothing: a reel cannot be hidden."""

    def delete(self, remote_id: str) -> None:
        """Delete the reel."""
        self._graph.delete(remote_id)

    def sight(self, remote_id: str) -> Sighting:
        """See ``Publisher.sight``."""
        return self._graph.sight(remote_id)

    def url(self, remote_id: str) -> str:
        """The reel's page."""
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

    def _finish(self, reel: str, state: str, bundle: Bundle) -> None:
        text = post_text(self.platform, bundle.text(Language.DUTCH))
        self._graph.post(
            f"{self._page}/video_reels", upload_phase="finish", video_id=reel, video_state=state, description=text
        )

    def _received(self, session: str, size: int) -> int:
        """Bytes of an earlier session that have arrived. Raises ``SessionLost``."""
        told = self._graph.read(session.partition(" ")[0], "status")
        if told is None:
            raise SessionLost
        phase = told.get("status", {}).get("uploading_phase", {})
        return size if phase.get("status") == "complete" else int(phase.get("bytes_transferred", 0))

    def _check_daily_number(self) -> None:
        since = datetime.now(UTC) - _DAY
        reels = self._graph.listed(f"{self._page}/video_reels", "created_time", since=str(int(since.timestamp())))
        if sum(1 for reel in reels if graph_time(reel["created_time"]) > since) >= A_DAY:
            raise RetryLater(
                _("Facebook takes {total} reels a day of a page and they are used; it is tried again.").format(
                    total=A_DAY
                ),
                timedelta(hours=1),
            )
