"""The look before anything is sent: every limit that would be exceeded, at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vrijgave.domain.limits import LIMITS, TextLimits, Violation, check_limits
from vrijgave.domain.publications import Platform
from vrijgave.domain.video_limits import VIDEO_LIMITS, VideoLimits, video_violations
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, _
from vrijgave.publishing.protocol import Bundle


def violations(
    platform: Platform, bundle: Bundle, *, texts: TextLimits | None = None, video: VideoLimits | None = None
) -> tuple[Violation, ...]:
    """Every limit of ``platform`` that ``bundle`` exceeds; ``texts`` and ``video`` as the platform tells them now."""
    return tuple(_found(platform, bundle, texts or LIMITS[platform], video or VIDEO_LIMITS[platform]))


def _found(platform: Platform, bundle: Bundle, texts: TextLimits, video: VideoLimits) -> Iterator[Violation]:
    yield from video_violations(bundle.facts, video)
    if not any(text.language == Language.DUTCH.value for text in bundle.texts):
        yield Violation(field="texts", message=_("The Dutch texts are missing; write them."))
    for text in bundle.texts:
        yield from check_limits(platform, text, texts)
    if bundle.thumbnail is not None and _size(bundle.thumbnail) > texts.thumbnail_bytes:
        yield Violation(
            field="thumbnail", message=_("The thumbnail is larger than the platform takes; render it again.")
        )


def _size(picture: Path) -> int:
    try:
        return picture.stat().st_size
    except OSError:
        raise Rejected("file", _("The thumbnail cannot be read; render the release again.")) from None
