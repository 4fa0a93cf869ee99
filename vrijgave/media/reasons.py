"""The sentences for a file that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vrijgave.errors import UnreadableMedia
from vrijgave.i18n import _
from vrijgave.media.protocol import Reason


def unreadable(name: str, reason: Reason, values: Mapping[str, Any]) -> UnreadableMedia:
    """The error for file ``name``; ``values`` fill the sentence."""
    known = {"width": "?", "height": "?", "limit": "?", "seconds": "?", "codec": "?"}
    sentence = _sentence(reason).format(**(known | {k: str(v) for k, v in values.items()}), name=name)
    return UnreadableMedia(sentence, reason.value)


def _sentence(reason: Reason) -> str:
    match reason:
        case Reason.MISSING:
            return _("{name} does not exist; check the name and the folder.")
        case Reason.NO_FILE:
            return _("{name} is not a file; choose the recording itself.")
        case Reason.NO_PERMISSION:
            return _("{name} may not be read; ask for permission to read it.")
        case Reason.EMPTY:
            return _("{name} is empty; copy the recording again.")
        case Reason.NOT_VIDEO:
            return _("{name} is not a video file that can be read; send the recording itself, for instance as MP4.")
        case Reason.NO_PICTURES:
            return _("{name} has no moving picture; send the recording with its picture.")
        case Reason.NO_INDEX:
            return _("{name} lacks its index or is damaged, so the recording was not closed; export it again.")
        case Reason.TRUNCATED:
            return _("{name} breaks off before its end; copy or export the recording again.")
        case Reason.ENCRYPTED:
            return _("{name} is encrypted; ask the owner of the camera for an export without encryption.")
        case Reason.UNKNOWN_CODEC:
            return _("The picture of {name} has an unknown coding; ask for an export as H.264 in MP4.")
        case Reason.UNDECODABLE:
            return _("No picture of {name} can be decoded ({codec}); ask for a new export as H.264 in MP4.")
        case Reason.TOO_LARGE:
            return _("The picture of {name} is {width}x{height}, more than the limit of {limit} pixels (max_pixels).")
        case Reason.TOO_LONG:
            return _("{name} lasts {seconds} seconds, more than the limit of {limit} seconds (max_duration); cut it.")
        case Reason.MEMORY:
            return _("Decoding {name} takes more memory than the limit of {limit} MiB (decode_memory_mb).")
        case Reason.PROCESSOR:
            return _(
                "Decoding {name} takes more than the limit of {limit} processor seconds a minute of footage "
                "(decode_seconds_per_minute)."
            )
        case Reason.STALLED:
            return _("Decoding {name} gave nothing for {limit} seconds and was ended; copy the file again.")
        case Reason.CRASHED:
            return _("Decoding {name} ended unexpectedly; the file may be damaged or hostile, ask for a new export.")
