"""What the practice Graph knows: a page with videos and reels, and an Instagram account with containers and media."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from vrijgave.practice.base import Conditions, Memory, Shown, State
from vrijgave.practice.faults import ApiError

APP_ID = "1001"
APP_SECRET = "practice-app-secret"  # noqa: S105 - opens nothing but the practice platform
PAGE_ID = "2002"
INSTAGRAM_ID = "3003"
USER_TOKEN = "practice-user-token"  # noqa: S105 - opens nothing but the practice platform
REELS_A_DAY = 30
CONTAINER_LIFE = timedelta(hours=24)
_DAY = timedelta(hours=24)
_WHERE = {"video": "Facebook", "reel": "Facebook Reels"}


class GraphConditions(Conditions):
    """The weather on Facebook and Instagram."""

    user_token_expired: bool = False
    """Nobody gets a page token any more."""
    data_access_days: float = 90.0
    """How long the app may still read what the person who connected it may read."""
    scopes: tuple[str, ...] = (
        "pages_manage_posts",
        "pages_read_engagement",
        "pages_manage_engagement",
        "pages_read_user_content",
        "instagram_basic",
        "instagram_content_publish",
        "instagram_manage_comments",
        "instagram_manage_insights",
    )
    posts_a_day: int = 100
    """What Instagram takes of one account in 24 hours."""
    instagram_deletes: bool = True
    """Whether Instagram's interface removes media."""
    metrics: tuple[str, ...] = (
        "post_video_media_views",
        "post_media_view",
        "post_video_view_time",
        "views",
        "likes",
        "comments",
        "shares",
    )
    """Which figures are known today: their names change with the versions."""


class Comment(BaseModel):
    """What somebody wrote below a video."""

    id: str
    author: str
    text: str
    at: datetime
    hidden: bool = False


class Upload(BaseModel):
    """A resumable upload of the app; ``handle`` once it is whole."""

    id: str
    name: str
    size: int
    handle: str | None = None


class Thing(BaseModel):
    """A video as one of the platforms keeps it. ``file`` names its bytes in the memory."""

    id: str
    created: datetime
    file: str
    text: str = ""
    sha256: str | None = None
    """Of the whole video; None until it has arrived."""
    ready_at: datetime | None = None
    failure: str | None = None
    views: int = 0
    likes: int = 0
    shares: int = 0
    comments: list[Comment] = Field(default_factory=list)

    @property
    def processing(self) -> Literal["uploading", "processing", "ready", "error"]:
        """How far the platform is."""
        if self.sha256 is None or self.ready_at is None:
            return "uploading"
        if datetime.now(UTC) < self.ready_at:
            return "processing"
        return "ready" if self.failure is None else "error"


class Video(Thing):
    """A video or a reel of the page."""

    kind: Literal["video", "reel"]
    size: int | None = None
    """Of a reel, once its sender has told it."""
    title: str = ""
    marker: str = ""
    published: bool = False
    published_at: datetime | None = None
    expires_at: datetime | None = None
    thumbnail: bool = False
    captions: dict[str, str] = Field(default_factory=dict)
    """Locale -> SRT."""

    @property
    def public(self) -> bool:
        """Whether a visitor sees it now."""
        expired = self.expires_at is not None and self.expires_at <= datetime.now(UTC)
        return self.published and not expired and self.processing == "ready"


class Container(Thing):
    """What is going to be an Instagram reel."""

    size: int | None = None
    media_id: str | None = None
    """Once it was published."""
    expired: bool = False

    @property
    def status_code(self) -> str:
        """The word of the interface for how far it is."""
        if self.media_id is not None:
            return "PUBLISHED"
        if self.expired or self.created + CONTAINER_LIFE <= datetime.now(UTC):
            return "EXPIRED"
        return {"ready": "FINISHED", "error": "ERROR"}.get(self.processing, "IN_PROGRESS")


class Media(Thing):
    """A reel that is public on Instagram."""

    shortcode: str


class GraphState(State):
    """All that the practice Graph remembers."""

    conditions: GraphConditions = Field(default_factory=GraphConditions)
    uploads: dict[str, Upload] = Field(default_factory=dict)
    videos: dict[str, Video] = Field(default_factory=dict)
    containers: dict[str, Container] = Field(default_factory=dict)
    media: dict[str, Media] = Field(default_factory=dict)
    posted: list[datetime] = Field(default_factory=list)
    """When Instagram published something by the interface; what is deleted still counts."""


class Place(StrEnum):
    """Where faults strike."""

    TOKEN = "token"  # noqa: S105 - a place, no secret
    INITIATE = "initiate"
    CHUNK = "chunk"
    FINAL = "final"
    """The whole file has been stored."""
    STATUS = "status"
    POST = "post"
    """Making it public."""
    LIST = "list"
    DELETE = "delete"
    PUBLIC = "public"
    CREATE = "create"
    """Making a video of what was uploaded."""
    SESSION = "session"
    """Asking how far an upload came."""
    THUMBNAIL = "thumbnail"
    CAPTIONS = "captions"
    HIDE = "hide"
    LIMIT = "limit"
    INSIGHTS = "insights"
    COMMENTS = "comments"


class Network:
    """The state with what can be done to it; raises ``ApiError`` with the reasons that ``CODES`` knows."""

    def __init__(self, folder: Path, processing_seconds: float) -> None:
        self.memory = Memory(folder, GraphState, processing_seconds)

    @property
    def state(self) -> GraphState:
        """As it is now."""
        return self.memory.state

    def arrived(self, thing: Thing) -> None:
        """The last byte of ``thing`` is there: processing begins."""
        conditions = self.state.conditions
        with self.memory.file(thing.file).open("rb") as file:
            thing.sha256 = file_digest(file, "sha256").hexdigest()
        thing.ready_at = datetime.now(UTC) + timedelta(seconds=conditions.processing_seconds)
        thing.failure = conditions.processing_failure

    def received(self, name: str) -> int:
        """Bytes of the file ``name`` that are there."""
        path = self.memory.file(name)
        return path.stat().st_size if path.exists() else 0

    def thing(self, node: str) -> Thing:
        """A video or a medium. Raises ``ApiError`` when there is none."""
        found = self.state.videos.get(node) or self.state.media.get(node)
        if found is None:
            raise no_such_thing()
        return found

    def comment(self, node: str) -> Comment | None:
        """A comment below whatever it may be."""
        things: list[Thing] = [*self.state.videos.values(), *self.state.media.values()]
        return next((comment for thing in things for comment in thing.comments if comment.id == node), None)

    def reels_today(self) -> int:
        """Reels that were published in the last 24 hours."""
        since = datetime.now(UTC) - _DAY
        reels = (video for video in self.state.videos.values() if video.kind == "reel")
        return sum(1 for reel in reels if reel.published_at is not None and reel.published_at > since)

    def posts_today(self) -> int:
        """What Instagram published in the last 24 hours."""
        since = datetime.now(UTC) - _DAY
        return sum(1 for at in self.state.posted if at > since)

    def remove(self, thing: Thing) -> None:
        """Delete it for good."""
        self.state.videos.pop(thing.id, None)
        self.state.media.pop(thing.id, None)
        self.memory.save()

    def shown(self) -> list[Shown]:
        """What the public sees, newest first."""
        videos = [
            (
                video.created,
                Shown(id=video.id, title=video.title, text=video.text, video=video.file, where=_WHERE[video.kind]),
            )
            for video in self.state.videos.values()
            if video.public
        ]
        media = [
            (one.created, Shown(id=one.shortcode, title="", text=one.text, video=one.file, where="Instagram"))
            for one in self.state.media.values()
        ]
        return [one for _at, one in sorted([*videos, *media], key=lambda each: each[0], reverse=True)]


def new_id() -> str:
    """A number as the Graph gives them."""
    return str(10**14 + secrets.randbelow(9 * 10**14))


def no_such_thing() -> ApiError:
    """There is no such node, or it is not for us: the Graph does not tell which."""
    return ApiError(400, "noSuchThing", "Unsupported request: the object does not exist or cannot be loaded.")


def invalid(message: str) -> ApiError:
    """A parameter is wrong."""
    return ApiError(400, "invalidParameter", message)
