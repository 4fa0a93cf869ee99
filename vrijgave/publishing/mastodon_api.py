"""Mastodon's client: what it raises, in terms that a caller can act on, and the limits that a server tells."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonError,
    MastodonNetworkError,
    MastodonRatelimitError,
    MastodonUnauthorizedError,
)

from vrijgave.domain.limits import LIMITS, TextLimits, Violation
from vrijgave.domain.publications import Platform
from vrijgave.domain.video_limits import VIDEO_LIMITS, VideoLimits
from vrijgave.errors import ActionRequired, Rejected, RetryLater, VrijgaveError
from vrijgave.i18n import _
from vrijgave.publishing.http import credentials_refused
from vrijgave.publishing.protocol import Bundle

NAME = "Mastodon"
UNPROCESSABLE = 422
_LONGEST_WORD = 200


class Unprocessable(MastodonError):
    """Mastodon could not process what was uploaded."""


@contextmanager
def errors_told(client: Mastodon, also: tuple[type[MastodonError], ...]) -> Iterator[None]:
    """What the client raises, in terms that a caller can act on; ``also`` is passed on as it is."""
    try:
        yield
    except MastodonNetworkError:
        raise RetryLater(
            _("The connection with {platform} was cut; it is tried again.").format(platform=NAME),
            timedelta(seconds=5),
        ) from None
    except MastodonRatelimitError:
        reset = client.ratelimit_reset
        wait = timedelta(seconds=2) if reset is None else timedelta(seconds=max(2.0, reset - time.time()))
        raise RetryLater(_("{platform} asks us to wait; it is tried again.").format(platform=NAME), wait) from None
    except MastodonAPIError as error:
        if isinstance(error, also):
            raise
        status, reason = _status_of(error)
        if status == UNPROCESSABLE and Unprocessable in also:
            raise Unprocessable(reason) from None
        raise _failure(error, status, reason) from None


def _failure(error: MastodonAPIError, status: int | None, reason: str) -> VrijgaveError:
    if isinstance(error, MastodonUnauthorizedError):
        return credentials_refused(NAME)
    if status is None:
        return RetryLater(_("{platform} gives an answer that cannot be read; it is tried again.").format(platform=NAME))
    if status >= 500 or status in (408, 425):
        return RetryLater(
            _("{platform} is busy (status {status}); it is tried again.").format(platform=NAME, status=status),
            timedelta(seconds=2),
        )
    if status == 403:
        return ActionRequired(
            "administrator",
            _("{platform} forbids this ({reason}); check the rights of the account.").format(
                platform=NAME, reason=reason
            ),
        )
    return Rejected(
        "platform",
        _("{platform} refuses this ({reason}); correct the texts or the file.").format(platform=NAME, reason=reason),
    )


def _status_of(error: MastodonAPIError) -> tuple[int | None, str]:
    """(status, Mastodon's word); no status where the answer could not be read."""
    if len(error.args) == 4 and isinstance(error.args[1], int):
        return error.args[1], str(error.args[3] or error.args[2])[:_LONGEST_WORD]
    return None, ""


def text_limits(told: Mapping[str, Any]) -> TextLimits:
    """The table, with what the server says in its place."""
    statuses, media, table = told.get("statuses") or {}, told.get("media_attachments") or {}, LIMITS[Platform.MASTODON]
    return replace(
        table,
        post=int(statuses.get("max_characters") or table.post),
        link_length=int(statuses.get("characters_reserved_per_url") or table.link_length),
        alternative_text_characters=int(media.get("description_limit") or table.alternative_text_characters),
        thumbnail_bytes=int(media.get("image_size_limit") or table.thumbnail_bytes),
    )


def video_limits(media: Mapping[str, Any]) -> VideoLimits:
    table = VIDEO_LIMITS[Platform.MASTODON]
    return replace(
        table,
        size=media.get("video_size_limit") or table.size,
        rate=media.get("video_frame_rate_limit") or table.rate,
    )


def frame_violations(media: Mapping[str, Any], bundle: Bundle) -> Iterator[Violation]:
    most, pixels = media.get("video_matrix_limit"), bundle.facts.width * bundle.facts.height
    if most and pixels > int(most):
        message = _("The picture has {pixels} pixels and may have {limit}; render it again.")
        yield Violation(field="video", message=message.format(pixels=pixels, limit=most))
    if "video/mp4" not in (media.get("supported_mime_types") or ["video/mp4"]):
        message = _("This server takes no MP4 files; ask its owner to allow them.")
        yield Violation(field="video", message=message)
