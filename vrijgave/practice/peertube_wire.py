"""How the practice PeerTube speaks: its bodies, its errors, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from vrijgave.practice.faults import ApiError
from vrijgave.practice.peertube_state import CHANNEL_ID, Comment, Privacy, Video

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def error_body(error: ApiError) -> dict[str, Any]:
    """A problem document, as PeerTube tells it."""
    return {
        "type": f"https://docs.joinpeertube.org/api-rest-reference.html#section/Errors/{error.reason}",
        "title": error.reason,
        "detail": str(error),
        "status": error.status,
        "code": error.reason,
    }


def invalid(message: str) -> ApiError:
    """What was asked cannot be."""
    return ApiError(400, "bad_request", message)


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent. Raises ``ApiError``."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("The body is no JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The body is no JSON object.")
    return body


async def file_of(request: Request, name: str) -> bytes:
    """The content of a file in a form. Raises ``ApiError`` without one."""
    async with request.form() as form:
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise invalid(f"The file {name} is missing.")
        return await file.read()


def check_picture(content: bytes, most: int) -> None:
    """Raise ``ApiError`` when it is no picture or too large."""
    if not content.startswith(_PICTURES) or len(content) > most:
        raise invalid("This thumbnail file is not supported or too large.")


def check_metadata(told: dict[str, Any], channels: Collection[int]) -> dict[str, Any]:
    """``told`` of a new video. Raises ``ApiError`` when PeerTube would not take it."""
    if told.get("channelId") not in channels:
        raise invalid("Unknown video channel for this account.")
    if "name" not in told or not str(told.get("filename", "")):
        raise invalid("The fields name and filename are required.")
    check_attributes(told)
    return told


def check_attributes(told: Mapping[str, Any]) -> None:
    """Raise ``ApiError`` where an attribute of a video is not as PeerTube wants it."""
    if "name" in told and not 3 <= len(str(told["name"]).strip()) <= 120:
        raise invalid("Should have a video name between 3 and 120 characters long.")
    description = told.get("description")
    if description is not None and not 3 <= len(description) <= 10_000:
        raise invalid("The description should have 3 to 10000 characters.")
    tags = told.get("tags") or []
    if len(tags) > 5 or not all(2 <= len(tag) <= 30 for tag in tags):
        raise invalid("Should have an array of up to 5 tags between 2 and 30 characters each.")
    if "privacy" in told and told["privacy"] not in [privacy.value for privacy in Privacy]:
        raise invalid("The privacy is not known.")


def json_time(at: datetime) -> str:
    """A time as JavaScript writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def video_json(video: Video, host: str) -> dict[str, Any]:
    """A video as its owner and its viewers get it."""
    return {
        "id": video.id,
        "uuid": video.uuid,
        "shortUUID": video.short,
        "url": f"http://{host}/videos/watch/{video.uuid}",
        "name": video.name,
        "description": video.description,
        "tags": video.tags,
        "language": {"id": video.language, "label": video.language},
        "privacy": {"id": video.privacy.value, "label": video.privacy.name.title()},
        "state": {"id": video.state.value, "label": video.state.name},
        "createdAt": json_time(video.created),
        "views": video.views,
        "likes": video.likes,
        "dislikes": 0,
        "comments": sum(1 for comment in video.comments if not comment.deleted),
        "commentsPolicy": {"id": video.comments_policy, "label": "Enabled"},
        "downloadEnabled": video.download,
        "channel": {"id": CHANNEL_ID, "name": "politie_oefenstad", "host": host},
        "isLocal": True,
    }


def comment_json(comment: Comment, video: Video, host: str) -> dict[str, Any]:
    """A comment; of a deleted one nothing but its place is left."""
    replies = sum(1 for other in video.comments if other.answers == comment.id)
    account = {"displayName": comment.author, "name": "iemand", "host": comment.host or host}
    return {
        "id": comment.id,
        "threadId": comment.answers or comment.id,
        "inReplyToCommentId": comment.answers,
        "text": "" if comment.deleted else comment.text,
        "createdAt": json_time(comment.at),
        "isDeleted": comment.deleted,
        "deletedAt": json_time(comment.at) if comment.deleted else None,
        "heldForReview": False,
        "totalReplies": replies,
        "account": None if comment.deleted else account,
    }
