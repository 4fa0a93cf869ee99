"""Reels on Instagram, through the Graph and as an anonymous viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO

from vrijgave.domain.limits import Violation
from vrijgave.domain.posts import post_text
from vrijgave.domain.publications import Platform, Publication
from vrijgave.errors import ActionRequired, Rejected, RetryLater
from vrijgave.i18n import Language, _
from vrijgave.publishing.accounts import PlatformAccount, Vault
from vrijgave.publishing.graph import Absent, Graph, Refused, Rest, fact, flag, graph_time
from vrijgave.publishing.http import TIMEOUT
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

NAME = "Instagram"
RIGHTS = frozenset(
    {"instagram_basic", "instagram_content_publish", "instagram_manage_comments", "instagram_manage_insights"}
)
_METRICS = {"views": Figure.VIEWS, "likes": Figure.LIKES, "shares": Figure.SHARES, "comments": Figure.COMMENTS}
_STATUS = "status_code,status,video_status"
_UNPUBLISHED = frozenset({"IN_PROGRESS", "FINISHED", "ERROR"})
LISTED_WITHIN = timedelta(minutes=10)
"""After that, what was published and is not in the account's list was deleted."""
_CLOCKS_APART = timedelta(minutes=5)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_FULL_WAIT = timedelta(hours=1)


class Instagram:
    """Publisher of reels for one account.

    What is sent is a container, which nobody sees, nobody can delete, and Instagram forgets after a day; what is public
    is a medium with an id of its own. Instagram keeps no marker of ours, so a medium whose id went unheard is known by
    its words and by the time at which it was published.
    """

    platform = Platform.INSTAGRAM
    stages = True
    hides_comments = True

    def __init__(self, account: PlatformAccount, vault: Vault, timeout: timedelta = TIMEOUT) -> None:
        self._graph = Graph(NAME, account, vault, timeout)
        self._user = fact(account, "instagram")

    def check(self, bundle: Bundle) -> tuple[Violation, ...]:
        """See ``Publisher.check``. Raises ``RetryLater`` when the day's number of posts is used."""
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
        """See ``Publisher.send``. The session is the container, with the address to which its video goes."""
        caption = _caption(bundle)
        session, done = publication.session, 0
        if session is None:
            made = self._graph.post(f"{self._user}/media", media_type="REELS", upload_type="resumable", caption=caption)
            session = f"{made['id']} {made['uri']}"
            keep_session(session)
        else:
            done = self._received(session, publication.file_size)
        container, _space, address = session.partition(" ")
        if done < publication.file_size:
            try:
                self._graph.transfer(address, Rest(file, done, publication.file_size, progress))
            except Absent:
                raise SessionLost from None
        return _Container(container, _words(caption)).remote_id

    def find(self, publication: Publication) -> tuple[RemoteCopy, ...]:
        """See ``Publisher.find``: the medium that the row knows, or else what its container became.

        Raises ``RetryLater`` and ``ActionRequired`` when that cannot be told.
        """
        remote_id = publication.remote_id or publication.staged_id
        if remote_id is None:
            return ()
        container = _container(remote_id)
        if container is None:
            there = self._graph.read(_medium(remote_id), "id") is not None
            return (RemoteCopy(remote_id=remote_id, size=None),) if there else ()
        if publication.release_at is None or (status := self._status(container)) in _UNPUBLISHED:
            return ()
        became = self._became(container, status, publication)
        return tuple(RemoteCopy(remote_id=medium, size=None) for medium in became)

    def abandon(self, publication: Publication) -> str | None:
        """See ``Publisher.abandon``. A container cannot be closed; nobody sees it, and it lapses."""
        return None

    def inspect(self, remote_id: str) -> RemoteState | None:
        """See ``Publisher.inspect``."""
        container = _container(remote_id)
        if container is None:
            medium = self._graph.read(_medium(remote_id), "id")
            return None if medium is None else RemoteState(processing=Processing.DONE, public=True)
        return _container_state(self._graph.read(container.id, _STATUS))

    def dress(self, remote_id: str, bundle: Bundle) -> None:
        """Nothing: Instagram takes a cover from a public address only, and neither captions nor a text alternative."""

    def release(self, publication: Publication, bundle: Bundle, again: bool) -> str:
        """Publish the container. Tried before, it is asked first whether it is public already."""
        remote_id = known(publication)
        container = _container(remote_id)
        if container is None:
            return remote_id
        if again and (status := self._status(container)) not in _UNPUBLISHED:
            became = self._became(container, status, publication)
            if became:
                return became[0]
            raise ActionRequired(
                "communication", _("Instagram keeps a draft for one day and that day is over; publish again.")
            )
        made = self._graph.post(f"{self._user}/media_publish", creation_id=container.id)
        return _public_id(self._graph.get(str(made["id"]), fields="shortcode"))

    def hide(self, remote_id: str) -> None:
        """Nothing: Instagram cannot hide."""

    def delete(self, remote_id: str) -> None:
        """Delete a medium. Raises ``ByHand`` where Instagram leaves that to a person. A container lapses by itself."""
        if _container(remote_id) is not None:
            return
        medium = _medium(remote_id)
        try:
            refused = not self._graph.delete(medium) and self._graph.read(medium, "id") is not None
        except Refused:
            refused = True
        if refused:
            raise ByHand(
                _("Instagram does not let us delete {url}; delete it in the app.").format(url=self.url(remote_id))
            )

    def sight(self, remote_id: str) -> Sighting:
        """See ``Publisher.sight``."""
        return self._graph.sight(_address(remote_id))

    def url(self, remote_id: str) -> str:
        """The reel's page."""
        return self._graph.url(_address(remote_id))

    def remains(self, remote_id: str) -> str:
        """Nothing."""
        return ""

    def figures(self, remote_id: str) -> Mapping[Figure, int]:
        """See ``Watchable.figures``. A name that Instagram no longer knows spoils a question: each is asked alone."""
        found = {figure: self._metric(_medium(remote_id), name) for name, figure in _METRICS.items()}
        return {figure: value for figure, value in found.items() if value is not None}

    def comments(self, remote_id: str) -> tuple[Comment, ...]:
        """See ``Watchable.comments``."""
        rows = self._graph.listed(f"{_medium(remote_id)}/comments", "id,text,timestamp,username,hidden")
        found = [
            Comment(
                remote_id=str(row["id"]),
                author=str(row.get("username", "")),
                text=str(row.get("text", "")),
                at=graph_time(row["timestamp"]),
                hidden=bool(row.get("hidden", False)),
            )
            for row in rows
        ]
        return tuple(sorted(found, key=lambda comment: comment.at))

    def hide_comment(self, remote_id: str, comment_id: str) -> None:
        """Hide a comment; one that is gone is hidden."""
        try:
            self._graph.post(comment_id, hide=flag(True))
        except Absent:
            return

    def account(self) -> AccountState:
        """See ``Connected.account``."""
        return self._graph.account(self._user, "username", RIGHTS)

    def _check_daily_number(self) -> None:
        told = self._graph.get(f"{self._user}/content_publishing_limit", fields="config,quota_usage")
        for row in told.get("data", ()):
            total, used = row.get("config", {}).get("quota_total"), row.get("quota_usage", 0)
            if total is not None and used >= total:
                raise RetryLater(
                    _("Instagram takes {total} posts a day and they are used; it is tried again.").format(total=total),
                    _FULL_WAIT,
                )

    def _received(self, session: str, size: int) -> int:
        """Bytes of an earlier session that have arrived. Raises ``SessionLost``."""
        told = self._graph.read(session.partition(" ")[0], _STATUS)
        if told is None or told.get("status_code") == "EXPIRED":
            raise SessionLost
        phase = told.get("video_status", {}).get("uploading_phase", {})
        return size if phase.get("status") == "complete" else int(phase.get("bytes_transferred", 0))

    def _status(self, container: _Container) -> str:
        return str((self._graph.read(container.id, _STATUS) or {}).get("status_code", ""))

    def _media(self, container: _Container, publication: Publication) -> list[str]:
        """Remote ids of media with the container's words, from the time at which it was first to be published.

        At most one: what is another's must not be taken for ours. Raises ``ActionRequired`` when there are more.
        """
        since = (publication.release_at or _EVER) - _CLOCKS_APART
        rows = self._graph.listed(f"{self._user}/media", "id,caption,timestamp,shortcode")
        found = [
            _public_id(row)
            for row in rows
            if _words(str(row.get("caption", ""))) == container.words and graph_time(row["timestamp"]) >= since
        ]
        if len(found) > 1:
            raise ActionRequired(
                "communication",
                _("{count} videos on Instagram have these words; delete all but one and publish again.").format(
                    count=len(found)
                ),
            )
        return found

    def _became(self, container: _Container, status: str, publication: Publication) -> list[str]:
        """Remote id of the medium that a container of that status became, if any.

        A container that is forgotten may have been published before. Raises ``RetryLater`` while one that was published
        may not be listed yet.
        """
        found = self._media(container, publication)
        since = datetime.now(UTC) - (publication.release_at or _EVER)
        if not found and status == "PUBLISHED" and since < LISTED_WITHIN:
            raise RetryLater(
                _("Instagram says that it is public but does not list it yet; it is looked at again."),
                timedelta(seconds=20),
            )
        return found

    def _metric(self, medium: str, name: str) -> int | None:
        try:
            rows = self._graph.get(f"{medium}/insights", metric=name).get("data", ())
        except (Rejected, Refused):
            return None
        values = [row["values"][0].get("value") for row in rows if row.get("values")]
        return int(values[0]) if values and isinstance(values[0], int) else None


@dataclass(frozen=True, slots=True)
class _Container:
    """What was sent, and the fingerprint of the words by which its medium is known again."""

    id: str
    words: str

    @property
    def remote_id(self) -> str:
        """As the ledger keeps it."""
        return f"c{self.id}-{self.words}"


def _container(remote_id: str) -> _Container | None:
    """None when ``remote_id`` is of what is public."""
    if not remote_id.startswith("c"):
        return None
    id_, _dash, words = remote_id[1:].partition("-")
    return _Container(id_, words)


def _public_id(medium: Mapping[str, Any]) -> str:
    return f"{medium['id']}-{medium['shortcode']}"


def _medium(remote_id: str) -> str:
    return remote_id.partition("-")[0]


def _address(remote_id: str) -> str:
    """What comes after the address of all reels."""
    container = _container(remote_id)
    return remote_id.partition("-")[2] if container is None else container.id


def _container_state(container: Mapping[str, Any] | None) -> RemoteState | None:
    """How far a container is; one that has lapsed is no more."""
    status = None if container is None else container.get("status_code")
    if container is None or status == "EXPIRED":
        return None
    if status == "ERROR":
        problem = str(container.get("status") or status)
        return RemoteState(processing=Processing.FAILED, public=False, problem=problem, lapses=True)
    processing = Processing.DONE if status in ("FINISHED", "PUBLISHED") else Processing.RUNNING
    return RemoteState(processing=processing, public=status == "PUBLISHED", lapses=True)


def _caption(bundle: Bundle) -> str:
    return post_text(Platform.INSTAGRAM, bundle.text(Language.DUTCH))


def _words(caption: str) -> str:
    """Fingerprint of a caption as Instagram gives it back: without «@», and white space as it likes."""
    return sha256(" ".join(caption.replace("@", "").split()).encode()).hexdigest()[:24]
