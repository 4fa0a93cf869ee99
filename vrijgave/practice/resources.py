"""The shapes in which the practice platform takes and gives videos, and the limits that it holds them to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from vrijgave.practice.channel import CHANNEL_ID, Video
from vrijgave.practice.faults import ApiError

TITLE_CHARACTERS = 100
DESCRIPTION_BYTES = 5000
TAGS_CHARACTERS = 500
DEFAULT_CATEGORY = "22"
_PRIVACY = frozenset({"public", "unlisted", "private"})


def check_snippet(snippet: Mapping[str, Any]) -> dict[str, Any]:
    """The snippet as the platform keeps it. Raises ``ApiError`` with Google's reason."""
    title, description = str(snippet.get("title", "")), str(snippet.get("description", ""))
    tags = [str(tag) for tag in snippet.get("tags", ())]
    if not title.strip() or len(title) > TITLE_CHARACTERS or _has_brackets(title):
        raise ApiError(400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
    if len(description.encode()) > DESCRIPTION_BYTES or _has_brackets(description):
        raise ApiError(400, "invalidDescription", "The request metadata specifies an invalid video description.")
    if _tags_length(tags) > TAGS_CHARACTERS or any(_has_brackets(tag) for tag in tags):
        raise ApiError(400, "invalidTags", "The request metadata specifies invalid video keywords.")
    category = str(snippet.get("categoryId", DEFAULT_CATEGORY))
    if not category.isdigit():
        raise ApiError(400, "invalidCategoryId", "The request metadata specifies an invalid category.")
    language = snippet.get("defaultLanguage")
    kept: dict[str, Any] = {"title": title, "description": description, "tags": tags, "categoryId": category}
    return {**kept, "defaultLanguage": str(language)} if language else kept


def check_status(status: Mapping[str, Any]) -> dict[str, Any]:
    """The status part. Raises ``ApiError`` with Google's reason."""
    if "privacyStatus" in status and status["privacyStatus"] not in _PRIVACY:
        raise ApiError(400, "invalidVideoMetadata", "The request metadata specifies an invalid privacy status.")
    return dict(status)


def check_localizations(localizations: Mapping[str, Any], snippet: Mapping[str, Any]) -> dict[str, Any]:
    """The language versions. Raises ``ApiError`` with Google's reason."""
    if localizations and "defaultLanguage" not in snippet:
        raise ApiError(400, "defaultLanguageNotSet", "Localizations need a default language.")
    for text in localizations.values():
        check_snippet(text)
    return dict(localizations)


def check_metadata(body: Mapping[str, Any], parts: Iterable[str]) -> dict[str, Any]:
    """The metadata of an upload; parts that were not named are ignored. Raises ``ApiError``."""
    named = {part: body.get(part, {}) for part in parts}
    snippet = check_snippet(named.get("snippet") or {"title": "unknown"})
    return {
        "snippet": snippet,
        "status": check_status(named.get("status", {})),
        "localizations": check_localizations(named.get("localizations", {}), snippet),
    }


def video_resource(video: Video, parts: Iterable[str]) -> dict[str, Any]:
    """A video with the ``parts`` that were asked for."""
    now = datetime.now(UTC)
    upload_status = video.upload_status(now)
    failure = {"failureReason": video.failure} if upload_status == "failed" else {}
    file_details = {"fileName": video.file_name, "fileSize": str(video.size), "fileType": "video"}
    known: dict[str, Any] = {
        "snippet": {**video.snippet, "channelId": CHANNEL_ID, "publishedAt": _instant(video.uploaded_at)},
        "status": {"uploadStatus": upload_status, "madeForKids": False, **failure, **video.status},
        "localizations": video.localizations,
        "fileDetails": file_details if upload_status != "uploaded" else {},
        "processingDetails": {
            "processingStatus": _PROCESSING[upload_status],
            "fileDetailsAvailability": "unavailable" if upload_status == "uploaded" else "available",
        },
        "contentDetails": {"licensedContent": False},
    }
    return {
        "kind": "youtube#video",
        "id": video.id,
        **{part: known[part] for part in parts if part in known},
    }


def playlist_item(video: Video) -> dict[str, Any]:
    """A video as an entry of the uploads playlist."""
    return {
        "kind": "youtube#playlistItem",
        "id": f"item-{video.id}",
        "snippet": {"title": video.snippet["title"], "publishedAt": _instant(video.uploaded_at)},
        "contentDetails": {"videoId": video.id},
    }


_PROCESSING = {"uploaded": "processing", "processed": "succeeded", "failed": "failed"}


def _has_brackets(text: str) -> bool:
    return "<" in text or ">" in text


def _tags_length(tags: list[str]) -> int:
    """As YouTube counts: commas between tags, and two quotes around a tag with a space."""
    return sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
