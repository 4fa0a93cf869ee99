"""Stretches of footage that a person chooses: what is heard where, and from which frame to which a release plays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from vrijgave.errors import Rejected
from vrijgave.i18n import _

LATEST_MS = 2**31 - 1
"""Milliseconds: no footage lasts so long."""


class Sound(StrEnum):
    """What happens to the sound; muted unless a person chooses otherwise."""

    MUTE = "mute"
    KEEP = "keep"
    BLEEP = "bleep"
    """A tone in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpan:
    """What happens to the sound from ``start_ms`` up to ``stop_ms``, or to the end where that is None.

    Milliseconds after the first picture of the footage, also where the release is trimmed.
    """

    sound: Sound
    start_ms: int = 0
    stop_ms: int | None = None

    def __post_init__(self) -> None:
        latest = LATEST_MS if self.stop_ms is None else min(self.stop_ms - 1, LATEST_MS)
        if not 0 <= self.start_ms <= latest or (self.stop_ms or 0) > LATEST_MS:
            raise Rejected("sound", _("A stretch of sound has to end after it starts; choose other times."))

    @property
    def is_whole(self) -> bool:
        """All of the footage."""
        return self.start_ms == 0 and self.stop_ms is None

    def meets(self, other: SoundSpan) -> bool:
        """Whether the two have any time in common."""
        return not (_ends_by(self, other.start_ms) or _ends_by(other, self.start_ms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """The release plays the frames ``first`` to ``last`` of the footage, both included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.first <= self.last:
            raise Rejected("trim", _("The last frame of a release cannot lie before its first; choose other frames."))

    def check_inside(self, frame_count: int) -> None:
        """Raise ``Rejected`` where the footage is shorter."""
        if self.last >= frame_count:
            raise Rejected(
                "trim", _("This footage ends at frame {last}; end the release there.").format(last=frame_count - 1)
            )


def stretches(everywhere: Sound, spans: Iterable[SoundSpan]) -> tuple[SoundSpan, ...]:
    """The whole footage as stretches one after another, no two neighbours alike; of ``spans`` the later ones count."""
    found = [SoundSpan(sound=everywhere)]
    for span in spans:
        beside = [part for old in found for part in _beside(old, span)]
        found = sorted([*beside, span], key=lambda part: part.start_ms)
    joined = found[:1]
    for part in found[1:]:
        if part.sound is joined[-1].sound:
            joined[-1] = replace(joined[-1], stop_ms=part.stop_ms)
        else:
            joined.append(part)
    return tuple(joined)


def _beside(old: SoundSpan, new: SoundSpan) -> Iterable[SoundSpan]:
    """What is left of ``old`` where ``new`` takes its place."""
    if not old.meets(new):
        yield old
        return
    if old.start_ms < new.start_ms:
        yield replace(old, stop_ms=new.start_ms)
    if new.stop_ms is not None and not _ends_by(old, new.stop_ms):
        yield replace(old, start_ms=new.stop_ms)


def _ends_by(span: SoundSpan, moment: int) -> bool:
    return span.stop_ms is not None and span.stop_ms <= moment
