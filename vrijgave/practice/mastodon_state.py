"""What the practice Mastodon knows: media, the statuses of one account, and what others answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, Field

from vrijgave.practice.base import Conditions, Memory, Shown, State
from vrijgave.practice.faults import ApiError

ACCOUNT_ID = "1000"
TOKEN = "practice-access-token"  # noqa: S105 - opens nothing but the practice platform
WINDOW = timedelta(minutes=30)
CHANGES_A_WINDOW = 30


class MastodonConditions(Conditions):
    """The weather on Mastodon, and how this server is set up."""

    token_revoked: bool = False
    throttled: bool = False
    """Whether our account gets no more than any other: 30 uploads and 30 deletions in half an hour."""
    idempotency_seconds: float = 3600.0
    """How long a status is known by its key."""
    media_seconds: float = 86_400.0
    """How long media are kept that belong to no status."""
    list_lag_seconds: float = 0.0
    """How long a new status is not in the lists."""
    max_characters: int = 500
    description_limit: int = 1500
    video_bytes: int = 103_809_024
    image_bytes: int = 16_777_216
    frame_rate: int = 120
    matrix: int = 8_294_400
    """Most pixels of a frame."""
    mime_types: tuple[str, ...] = ("image/jpeg", "image/png", "video/mp4", "video/webm")


class Media(BaseModel):
    """An uploaded video; ``status_id`` once it belongs to a status."""

    id: str
    at: datetime
    file: str
    sha256: str
    ready_at: datetime
    failure: bool = False
    description: str = ""
    thumbnail: bool = False
    status_id: str | None = None

    @property
    def ready(self) -> bool:
        """Whether it was processed."""
        return self.ready_at <= datetime.now(UTC)


class Answer(BaseModel):
    """What somebody wrote below a status, as HTML."""

    id: str
    author: str
    html: str
    at: datetime
    ours: bool = False


class Status(BaseModel):
    """A post of ours."""

    id: str
    at: datetime
    text: str
    visibility: str
    language: str
    media: list[str]
    favourites: int = 0
    reblogs: int = 0
    answers: list[Answer] = Field(default_factory=list)


class Key(BaseModel):
    """A status that was posted with an idempotency key."""

    status_id: str
    at: datetime


class MastodonState(State):
    """All that the practice Mastodon remembers."""

    conditions: MastodonConditions = Field(default_factory=MastodonConditions)
    media: dict[str, Media] = Field(default_factory=dict)
    statuses: dict[str, Status] = Field(default_factory=dict)
    keys: dict[str, Key] = Field(default_factory=dict)
    changed: dict[str, list[datetime]] = Field(default_factory=dict)
    """«upload» and «delete» -> when."""
    last: int = 110_000


class Place(StrEnum):
    """Where faults strike."""

    INSTANCE = "instance"
    ACCOUNT = "account"
    UPLOAD = "upload"
    STATUS = "status"
    """Asking how far a video is."""
    POST = "post"
    LIST = "list"
    SHOW = "show"
    CONTEXT = "context"
    DELETE = "delete"
    PUBLIC = "public"


class Server:
    """The state with what can be done to it; raises ``ApiError`` with Mastodon's words."""

    def __init__(self, folder: Path, processing_seconds: float) -> None:
        self.memory = Memory(folder, MastodonState, processing_seconds)

    @property
    def state(self) -> MastodonState:
        """As it is now."""
        return self.memory.state

    def new_id(self) -> str:
        """The next number."""
        self.state.last += 1
        return str(self.state.last)

    def count(self, what: str) -> None:
        """Note an upload or a deletion. Raises ``ApiError`` when there were too many."""
        now = datetime.now(UTC)
        recent = [at for at in self.state.changed.get(what, ()) if at > now - WINDOW]
        conditions = self.state.conditions
        if conditions.quota_spent or (conditions.throttled and len(recent) >= CHANGES_A_WINDOW):
            until = recent[0] + WINDOW if recent else now + WINDOW
            raise ApiError(429, "Too many requests", retry_after=int((until - now).total_seconds()) + 1)
        self.state.changed[what] = [*recent, now]

    def take(self, content: bytes, description: str, thumbnail: bool) -> Media:
        """Keep a video that was uploaded."""
        conditions, id, now = self.state.conditions, self.new_id(), datetime.now(UTC)
        media = Media(
            id=id,
            at=now,
            file=f"media-{id}",
            sha256=sha256(content).hexdigest(),
            ready_at=now + timedelta(seconds=conditions.processing_seconds),
            failure=conditions.processing_failure is not None,
            description=description,
            thumbnail=thumbnail,
        )
        self.memory.file(media.file).write_bytes(content)
        self.state.media[id] = media
        self.memory.save()
        return media

    def loose(self, id: str) -> Media | None:
        """A video of ours that belongs to no status; None when it does, or was cleaned away."""
        media = self.state.media.get(id)
        kept = timedelta(seconds=self.state.conditions.media_seconds)
        if media is None or media.status_id is not None or media.at + kept <= datetime.now(UTC):
            return None
        return media

    def posted(self, key: str) -> Status | None:
        """The status that was posted with ``key``, as long as the server remembers."""
        known = self.state.keys.get(key)
        if known is None or known.at + timedelta(seconds=self.state.conditions.idempotency_seconds) < datetime.now(UTC):
            return None
        return self.state.statuses.get(known.status_id)

    def post(self, text: str, media_ids: list[str], visibility: str, language: str, key: str) -> Status:
        """Make a status. Media that are not loose are left out without a word, as Mastodon does."""
        media = [found for found in map(self.loose, media_ids) if found is not None]
        if any(not one.ready for one in media):
            raise ApiError(422, "Cannot attach files that have not finished processing. Try again in a moment!")
        if len(text) > self.state.conditions.max_characters:
            raise ApiError(422, "Validation failed: Text character limit of 500 exceeded")
        if not text and not media:
            raise ApiError(422, "Validation failed: Text can't be blank")
        now = datetime.now(UTC)
        status = Status(
            id=self.new_id(),
            at=now,
            text=text,
            visibility=visibility,
            language=language,
            media=[one.id for one in media],
        )
        for one in media:
            one.status_id = status.id
        self.state.statuses[status.id] = status
        if key:
            self.state.keys[key] = Key(status_id=status.id, at=now)
        self.memory.save()
        return status

    def status(self, id: str) -> Status:
        """The status. Raises ``ApiError`` when there is none."""
        found = self.state.statuses.get(id)
        if found is None:
            raise not_found()
        return found

    def remove(self, status: Status, with_media: bool) -> None:
        """Delete a status; its media become loose, or go too."""
        del self.state.statuses[status.id]
        for id in status.media:
            self.state.media[id].status_id = None
            if with_media:
                self.drop(self.state.media[id])
        self.memory.save()

    def drop(self, media: Media) -> None:
        """Delete a video that belongs to no status."""
        del self.state.media[media.id]
        self.memory.file(media.file).unlink(missing_ok=True)
        self.memory.save()

    def shown(self) -> list[Shown]:
        """What the public sees, newest first."""
        newest = sorted(self.state.statuses.values(), key=lambda status: status.at, reverse=True)
        return [
            Shown(
                id=status.id,
                title="",
                text=status.text,
                video=self.state.media[status.media[0]].file if status.media else None,
                language=status.language or "nl",
            )
            for status in newest
            if status.visibility in ("public", "unlisted")
        ]


def not_found() -> ApiError:
    """There is no such thing."""
    return ApiError(404, "Record not found")
