"""The practice channel: its videos, upload sessions and quota, kept on disk so that a restart loses nothing."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vrijgave.practice.faults import ApiError

CHANNEL_ID = "UCpractice"
UPLOADS_PLAYLIST = "UUpractice"
UNITS_A_DAY = 10_000
UPLOADS_A_DAY = 100
TOKEN_LIFE = timedelta(hours=1)
_FOLDERS = ("uploads", "videos", "thumbnails")
_PACIFIC = ZoneInfo("America/Los_Angeles")


class Place(StrEnum):
    """Where in the traffic a fault strikes. ``FINAL`` strikes when the whole video has been stored."""

    INITIATE = "initiate"
    CHUNK = "chunk"
    FINAL = "final"
    UPDATE = "update"
    THUMBNAIL = "thumbnail"
    DELETE = "delete"
    LIST = "list"
    TOKEN = "token"  # noqa: S105 - a place, no secret
    OEMBED = "oembed"


class Video(BaseModel):
    """One video. ``privacy`` is what the uploader said, or public where nothing was said."""

    id: str
    snippet: dict[str, Any]
    status: dict[str, Any]
    localizations: dict[str, Any]
    file_name: str
    size: int
    sha256: str
    uploaded_at: datetime
    processed_at: datetime
    failure: str | None = None
    notified_subscribers: bool
    thumbnail: str | None = None
    """Media type of the thumbnail."""

    @property
    def privacy(self) -> str:
        """The privacy status."""
        return str(self.status["privacyStatus"])

    def upload_status(self, now: datetime) -> str:
        """Google's word for how far the video is."""
        if now < self.processed_at:
            return "uploaded"
        return "failed" if self.failure else "processed"


class Session(BaseModel):
    """One resumable upload; how much arrived is the length of its file. Once complete it names its video."""

    id: str
    metadata: dict[str, Any]
    file_name: str
    size: int
    notify: bool
    video_id: str | None = None
    discarded: int = 0
    """Bytes that were sent although they were here already."""


class Conditions(BaseModel):
    """The weather on the platform; settable while it runs."""

    processing_seconds: float = 0.0
    processing_failure: str | None = None
    locked_private: bool = False
    """As for a project that Google has not audited: videos stay private, whatever is asked."""
    upload_limit_reached: bool = False
    units_used: int = 0
    uploads_used: int = 0
    day: str = ""
    """The Pacific day that the counts belong to."""


class State(BaseModel):
    """All that is known, as it stands on disk."""

    videos: dict[str, Video] = Field(default_factory=dict)
    sessions: dict[str, Session] = Field(default_factory=dict)
    tokens: dict[str, datetime] = Field(default_factory=dict)
    conditions: Conditions = Field(default_factory=Conditions)


class Channel:
    """The one channel of the practice platform. Every change is on disk before the call returns."""

    def __init__(self, folder: Path, processing_seconds: float) -> None:
        self._folder = folder
        self._processing_seconds = processing_seconds
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        path = self._path
        self.state = State.model_validate_json(path.read_bytes()) if path.exists() else self._fresh()

    def _fresh(self) -> State:
        return State(conditions=Conditions(processing_seconds=self._processing_seconds))

    def reset(self) -> None:
        """Begin anew: no videos, no sessions, a full quota."""
        self.state = self._fresh()
        self.save()
        for path in (path for name in _FOLDERS for path in (self._folder / name).iterdir()):
            path.unlink()

    @property
    def _path(self) -> Path:
        return self._folder / "state.json"

    def save(self) -> None:
        """Write the state so that it survives a power cut."""
        partial = self._path.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            file.write(self.state.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)

    def charge(self, units: int) -> None:
        """Count ``units`` of today's quota. Raises ``ApiError`` when it is spent."""
        conditions = self._today()
        if conditions.units_used + units > UNITS_A_DAY:
            raise ApiError(403, "quotaExceeded", "The request cannot be completed: the quota is spent.")
        conditions.units_used += units
        self.save()

    def charge_upload(self) -> None:
        """Count one upload; uploads have a bucket of their own. Raises ``ApiError``."""
        conditions = self._today()
        if conditions.upload_limit_reached:
            raise ApiError(400, "uploadLimitExceeded", "The channel has exceeded the number of videos it may upload.")
        if conditions.uploads_used >= UPLOADS_A_DAY:
            raise ApiError(403, "quotaExceeded", "The request cannot be completed: the upload quota is spent.")
        conditions.uploads_used += 1
        self.save()

    def _today(self) -> Conditions:
        day = datetime.now(_PACIFIC).date().isoformat()
        conditions = self.state.conditions
        if conditions.day != day:
            fresh = conditions.day == ""
            conditions.day = day
            if not fresh:
                conditions.units_used = conditions.uploads_used = 0
        return conditions

    def issue_token(self) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(24)
        self.state.tokens[token] = datetime.now(UTC) + TOKEN_LIFE
        self.save()
        return token

    def knows_token(self, token: str) -> bool:
        """Whether an access token is valid now."""
        until = self.state.tokens.get(token)
        return until is not None and datetime.now(UTC) < until

    def expire_tokens(self) -> None:
        """Make every access token invalid."""
        self.state.tokens.clear()
        self.save()

    def open_session(self, metadata: dict[str, Any], file_name: str, size: int, notify: bool) -> Session:
        """A new upload session with an empty file."""
        session = Session(
            id=secrets.token_urlsafe(18), metadata=metadata, file_name=file_name, size=size, notify=notify
        )
        self.upload_path(session).touch()
        self.state.sessions[session.id] = session
        self.save()
        return session

    def forget_session(self, session: Session) -> None:
        """Drop a session and what it had received."""
        self.upload_path(session).unlink(missing_ok=True)
        self.state.sessions.pop(session.id, None)
        self.save()

    def upload_path(self, session: Session) -> Path:
        """Where the bytes of a session are kept."""
        return self._folder / "uploads" / session.id

    def received(self, session: Session) -> int:
        """How many bytes of a session are kept."""
        return session.size if session.video_id else self.upload_path(session).stat().st_size

    def complete(self, session: Session) -> Video:
        """Turn a completely received session into a video."""
        source = self.upload_path(session)
        with source.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        now, conditions = datetime.now(UTC), self.state.conditions
        video = Video(
            id=secrets.token_urlsafe(8),
            snippet=session.metadata["snippet"],
            status=self.checked_status(session.metadata["status"]),
            localizations=session.metadata["localizations"],
            file_name=session.file_name,
            size=session.size,
            sha256=digest,
            uploaded_at=now,
            processed_at=now + timedelta(seconds=conditions.processing_seconds),
            failure=conditions.processing_failure,
            notified_subscribers=session.notify,
        )
        os.link(source, self.video_path(video.id))  # both names stand until the state names the video
        self.state.videos[video.id] = video
        session.video_id = video.id
        self.save()
        source.unlink()
        return video

    def checked_status(self, status: dict[str, Any]) -> dict[str, Any]:
        """``status`` as the platform keeps it: what is left out falls back, privacy to public."""
        kept = {
            "privacyStatus": "public",
            "embeddable": True,
            "license": "youtube",
            "publicStatsViewable": True,
            "selfDeclaredMadeForKids": False,
            **status,
        }
        if self.state.conditions.locked_private:
            kept["privacyStatus"] = "private"
        return kept

    def video(self, video_id: str) -> Video:
        """The video with that id. Raises ``ApiError`` when there is none."""
        video = self.state.videos.get(video_id)
        if video is None:
            raise ApiError(404, "videoNotFound", "The video that you are trying to reach cannot be found.")
        return video

    def public_video(self, video_id: str) -> Video | None:
        """The video as far as the public may see it."""
        video = self.state.videos.get(video_id)
        return video if video is not None and video.privacy != "private" else None

    def delete(self, video_id: str) -> None:
        """Remove a video and its files."""
        video = self.video(video_id)
        del self.state.videos[video.id]
        self.save()
        self.video_path(video.id).unlink(missing_ok=True)
        self.thumbnail_path(video.id).unlink(missing_ok=True)

    def newest_first(self) -> list[Video]:
        """All videos of the channel."""
        return sorted(self.state.videos.values(), key=lambda v: v.uploaded_at, reverse=True)

    def video_path(self, video_id: str) -> Path:
        """Where a video's file is kept."""
        return self._folder / "videos" / f"{video_id}.mp4"

    def thumbnail_path(self, video_id: str) -> Path:
        """Where a video's thumbnail is kept."""
        return self._folder / "thumbnails" / video_id
