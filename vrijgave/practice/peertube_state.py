"""What the practice PeerTube knows: one channel with its videos, their uploads and what the public says below them."""

from __future__ import annotations

import secrets
import time
import uuid
from collections import deque
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from vrijgave.practice.base import Conditions, Memory, Shown, State
from vrijgave.practice.faults import ApiError

CHANNEL_ID = 11
REQUESTS_A_WINDOW = 50
WINDOW_SECONDS = 10.0


class Privacy(IntEnum):
    """Who may see a video, in PeerTube's numbers."""

    PUBLIC = 1
    UNLISTED = 2
    PRIVATE = 3
    INTERNAL = 4
    PASSWORD = 5


class VideoState(IntEnum):
    """How far a video is, in PeerTube's numbers."""

    PUBLISHED = 1
    TO_TRANSCODE = 2
    TRANSCODING_FAILED = 7


class PeerTubeConditions(Conditions):
    """The weather on PeerTube, and how this server is set up."""

    moderator: bool = True
    """Whether our account is a moderator's: of all others only 50 requests in 10 seconds are taken."""
    creating_seconds: float = 0.0
    """How long the server needs to make a video of what was uploaded."""
    extensions: tuple[str, ...] = (".mp4", ".webm", ".ogv")
    image_bytes: int = 4_194_304
    captions_bytes: int = 20_971_520
    video_quota: int = -1
    """Bytes; -1: without end."""
    video_quota_daily: int = -1
    replaces: bool = True
    """Whether the file of a video may be exchanged."""
    removes_comments: bool = True
    """Whether our account may delete what others write."""
    channels: tuple[int, ...] = (CHANNEL_ID,)


class Comment(BaseModel):
    """What somebody wrote; ``host`` empty: somebody of this server."""

    id: int
    author: str
    text: str
    at: datetime
    host: str = ""
    answers: int | None = None
    """The comment to which it is an answer."""
    deleted: bool = False


class Video(BaseModel):
    """A video of the channel. ``file`` names its bytes in the memory."""

    id: int
    uuid: str
    short: str
    created: datetime
    name: str
    privacy: Privacy
    file: str
    file_name: str
    size: int
    sha256: str
    ready_at: datetime
    failure: bool = False
    description: str = ""
    language: str = ""
    tags: list[str] = Field(default_factory=list)
    comments_policy: int = 1
    download: bool = True
    thumbnail: bool = False
    captions: dict[str, str] = Field(default_factory=dict)
    views: int = 0
    likes: int = 0
    comments: list[Comment] = Field(default_factory=list)
    replaced: int = 0

    @property
    def state(self) -> VideoState:
        """How far it is now."""
        if datetime.now(UTC) < self.ready_at:
            return VideoState.TO_TRANSCODE
        return VideoState.TRANSCODING_FAILED if self.failure else VideoState.PUBLISHED

    @property
    def public(self) -> bool:
        """Whether a visitor sees it."""
        return self.privacy in (Privacy.PUBLIC, Privacy.UNLISTED)


class Upload(BaseModel):
    """A resumable upload. ``replaces``: the video whose file it is to be; else it becomes a new one."""

    id: str
    metadata: dict[str, Any]
    file_name: str
    size: int
    replaces: int | None = None
    whole_at: datetime | None = None
    """When a video will have been made of it."""


class PeerTubeState(State):
    """All that the practice PeerTube remembers."""

    conditions: PeerTubeConditions = Field(default_factory=PeerTubeConditions)
    videos: dict[int, Video] = Field(default_factory=dict)
    uploads: dict[str, Upload] = Field(default_factory=dict)
    refresh_token: str = "practice-refresh-token"  # noqa: S105 - opens nothing but the practice platform
    last: int = 0


class Place(StrEnum):
    """Where faults strike."""

    CONFIG = "config"
    TOKEN = "token"  # noqa: S105 - a place, no secret
    ACCOUNT = "account"
    INITIATE = "initiate"
    SESSION = "session"
    """Asking how far an upload came."""
    CHUNK = "chunk"
    FINAL = "final"
    """The whole video has been stored."""
    LIST = "list"
    SOURCE = "source"
    STATUS = "status"
    UPDATE = "update"
    """Texts."""
    THUMBNAIL = "thumbnail"
    CAPTIONS = "captions"
    POST = "post"
    """Making it public."""
    HIDE = "hide"
    DELETE = "delete"
    COMMENTS = "comments"
    PUBLIC = "public"


class Instance:
    """The state with what can be done to it; raises ``ApiError`` with PeerTube's words."""

    def __init__(self, folder: Path, processing_seconds: float) -> None:
        self.memory = Memory(folder, PeerTubeState, processing_seconds)
        self._asked: deque[float] = deque()

    @property
    def state(self) -> PeerTubeState:
        """As it is now."""
        return self.memory.state

    def count_request(self) -> None:
        """Raise ``ApiError`` when the account asks too much."""
        if self.state.conditions.moderator:
            return
        now = time.monotonic()
        while self._asked and self._asked[0] <= now - WINDOW_SECONDS:
            self._asked.popleft()
        if len(self._asked) >= REQUESTS_A_WINDOW:
            wait = int(self._asked[0] + WINDOW_SECONDS - now) + 1
            raise ApiError(429, "too_many_requests", "Too many requests.", retry_after=wait)
        self._asked.append(now)

    def new_id(self) -> int:
        """The next number."""
        self.state.last += 1
        return self.state.last

    def used(self) -> int:
        """Bytes that the videos take."""
        return sum(video.size for video in self.state.videos.values())

    def video(self, id: str) -> Video:
        """A video by its number or one of its two names. Raises ``ApiError`` when there is none."""
        for video in self.state.videos.values():
            if id in (str(video.id), video.uuid, video.short):
                return video
        raise ApiError(404, "not_found", "Video not found")

    def open_upload(self, metadata: dict[str, Any], size: int, replaces: int | None) -> tuple[Upload, bool]:
        """(the upload, whether it is new): of the same account, the same name and size are the same upload."""
        name = str(metadata["filename"])
        id = sha256(f"{replaces}/{metadata.get('name')}/{name}/{size}".encode()).hexdigest()[:32]
        known = self.state.uploads.get(id)
        if known is not None:
            return known, False
        upload = Upload(id=id, metadata=metadata, file_name=name, size=size, replaces=replaces)
        self.memory.file(id).touch()
        self.state.uploads[id] = upload
        self.memory.save()
        return upload, True

    def forget(self, upload: Upload) -> None:
        """Drop an upload and what arrived of it."""
        self.memory.file(upload.id).unlink(missing_ok=True)
        self.state.uploads.pop(upload.id, None)
        self.memory.save()

    def complete(self, upload: Upload) -> Video:
        """Make a video of what was uploaded, or exchange the file of one; the upload is forgotten."""
        source = self.memory.file(upload.id)
        with source.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        if upload.replaces is None:
            video = self._created(upload, digest)
        else:
            video = self.video(str(upload.replaces))
            video.file_name, video.size, video.sha256 = upload.file_name, upload.size, digest
            video.replaced += 1
            video.file = f"video-{video.id}-{video.replaced}"
        conditions = self.state.conditions
        video.ready_at = datetime.now(UTC) + timedelta(seconds=conditions.processing_seconds)
        video.failure = conditions.processing_failure is not None
        source.replace(self.memory.file(video.file))
        self.state.videos[video.id] = video
        self.forget(upload)
        return video

    def _created(self, upload: Upload, digest: str) -> Video:
        told, number, name = upload.metadata, self.new_id(), uuid.uuid4()
        return Video(
            id=number,
            uuid=str(name),
            short=secrets.token_hex(11),
            created=datetime.now(UTC),
            name=told["name"],
            privacy=told.get("privacy", Privacy.PUBLIC),
            description=told.get("description") or "",
            language=told.get("language") or "",
            tags=told.get("tags") or [],
            comments_policy=told.get("commentsPolicy", 1),
            download=told.get("downloadEnabled", True),
            file=f"video-{number}-0",
            file_name=upload.file_name,
            size=upload.size,
            sha256=digest,
            ready_at=datetime.now(UTC),
        )

    def settle(self) -> None:
        """Make videos of the uploads whose time has come."""
        now = datetime.now(UTC)
        for upload in [u for u in self.state.uploads.values() if u.whole_at is not None and u.whole_at <= now]:
            self.complete(upload)

    def remove(self, video: Video) -> None:
        """Delete it for good."""
        del self.state.videos[video.id]
        self.memory.save()
        self.memory.file(video.file).unlink(missing_ok=True)

    def shown(self) -> list[Shown]:
        """What the public sees, newest first."""
        newest = sorted(self.state.videos.values(), key=lambda video: video.created, reverse=True)
        return [
            Shown(id=v.short, title=v.name, text=v.description, video=v.file, language=v.language or "nl")
            for v in newest
            if v.public
        ]
