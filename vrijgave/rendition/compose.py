"""A rendition: the opening card, the covered footage frame by frame, the closing card.

Only the cards are composed in moviepy, and once each. The frames of the footage go from the decoder through one
scaling into the encoder, with the times that they had. A silent master gives a rendition without a sound stream:
platforms take both, and a stream of silence would claim sound that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from vrijgave.domain.media import MediaInfo
from vrijgave.domain.tracks import Image
from vrijgave.errors import UnreadableMedia
from vrijgave.i18n import _
from vrijgave.media import (
    DEFAULT_LIMITS,
    Frame,
    Limits,
    OutputFormat,
    Progress,
    Reader,
    SoundChunk,
    Writer,
    open_reader,
    open_writer,
)
from vrijgave.rendition.cards import Cards, draw_card
from vrijgave.rendition.fitting import letterboxed
from vrijgave.rendition.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Where the parts lie on the clock of the rendition, in ticks of the master's time base."""

    time_base: Fraction
    first_pts: int
    """Of the master's picture."""
    opening: int
    """Length of the opening card; the first frame of the footage comes right after it."""
    footage: int
    """Length of the footage; the closing card comes right after it."""
    step: int
    """Between two frames of a card."""

    def of(self, pts: int) -> int:
        """Time in the rendition of a frame of the master."""
        return pts - self.first_pts + self.opening

    @property
    def closing(self) -> int:
        """Start of the closing card."""
        return self.opening + self.footage

    @property
    def card_frames(self) -> int:
        """Frames of one card."""
        return -(-self.opening // self.step)

    def seconds(self, ticks: int) -> Fraction:
        """Ticks as seconds."""
        return ticks * self.time_base


def make_rendition(
    master: Path,
    cards: Cards,
    profile: Profile,
    output: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> Schedule:
    """Write the rendition of a covered ``master`` to ``output``; returns where its parts lie.

    ``progress`` is told frames done and frames in all. Raises ``Rejected`` when a card's text is too long,
    ``UnreadableMedia`` when the master cannot be read whole; ``output`` then does not come into being.
    """
    opening, closing = draw_card(cards.opening, profile), draw_card(cards.closing, profile)
    with open_reader(master, limits, sound=True) as reader:
        schedule = plan_schedule(reader.info, profile)
        total = reader.info.video.frame_count + 2 * schedule.card_frames
        with open_writer(output, _format(reader.info, profile)) as writer:
            job = _Job(reader, writer, profile, schedule, master, progress or _silently, total)
            job.card(opening, 0)
            job.footage()
            job.card(closing, schedule.closing)
    return schedule


def plan_schedule(info: MediaInfo, profile: Profile) -> Schedule:
    """Where the parts of a rendition of that master lie."""
    video = info.video
    rate = min(video.average_rate or profile.card_rate, profile.card_rate)
    return Schedule(
        time_base=video.time_base,
        first_pts=video.start_pts,
        opening=max(1, round(profile.card_seconds / video.time_base)),
        footage=max(1, round(video.duration / video.time_base)),
        step=max(1, round(1 / (rate * video.time_base))),
    )


def _format(info: MediaInfo, profile: Profile) -> OutputFormat:
    sound = info.audio[0] if info.audio else None
    return OutputFormat(
        width=profile.width,
        height=profile.height,
        time_base=info.video.time_base,
        rate_hint=info.video.average_rate,
        crf=profile.crf,
        preset=profile.preset,
        sample_rate=None if sound is None else sound.sample_rate,
        channels=2 if sound is None else sound.channels,
    )


def _silently(_done: int, _total: int | None) -> None:
    return


class _Job:
    """One rendition under way."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        profile: Profile,
        schedule: Schedule,
        master: Path,
        progress: Progress,
        total: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._profile = profile
        self._schedule = schedule
        self._master = master
        self._progress = progress
        self._total = total
        self._done = 0
        self._has_sound = bool(reader.info.audio)

    def card(self, picture: Image, start: int) -> None:
        """Write a card from ``start`` on, with silence under it."""
        end = start + self._schedule.opening
        self._silence(start)
        for number, image in enumerate(_faded(picture, self._schedule, self._profile)):
            self._frame(image, start + number * self._schedule.step)
        self._silence(end)

    def footage(self) -> None:
        """Write every frame of the master, and the sound that belongs to them."""
        shape = self._reader.info.video.sample_aspect_ratio
        for item in self._reader:
            if isinstance(item, SoundChunk):
                self._sound(item)
            else:
                picture = letterboxed(self._whole(item), shape, self._profile.width, self._profile.height)
                self._frame(picture, self._schedule.of(item.pts))

    def _frame(self, image: Image, pts: int) -> None:
        self._writer.frame(image, pts)
        self._done += 1
        self._progress(self._done, self._total)

    def _whole(self, frame: Frame) -> Image:
        image = frame.image
        if image is None:
            why = _("{name} is damaged at frame {frame}; render the release again.")
            raise UnreadableMedia(why.format(name=self._master.name, frame=frame.index))
        return image

    def _sound(self, chunk: SoundChunk) -> None:
        """Shift the sound with the pictures; what would sound under a card is left out."""
        schedule, rate = self._schedule, self._reader.info.audio[0].sample_rate
        start = chunk.start + schedule.seconds(schedule.opening - schedule.first_pts)
        early = max(0, round((schedule.seconds(schedule.opening) - start) * rate))
        room = max(0, round((schedule.seconds(schedule.closing) - start) * rate))
        samples = chunk.samples[:, early:room]
        if samples.shape[1]:
            self._writer.sound(SoundChunk(start + Fraction(early, rate), samples))

    def _silence(self, ticks: int) -> None:
        """One silent sample at that time; the writer fills the gap before it."""
        if self._has_sound:
            channels = min(2, self._reader.info.audio[0].channels)
            self._writer.sound(SoundChunk(self._schedule.seconds(ticks), np.zeros((channels, 1), np.float32)))


def _faded(picture: Image, schedule: Schedule, profile: Profile) -> Iterator[Image]:
    """The frames of a card: it comes out of its background, stands, and goes back."""
    blank = np.full_like(picture, profile.style.background[::-1])
    count = schedule.card_frames
    fade = max(1, round(profile.fade_seconds / schedule.seconds(schedule.step)))
    for number in range(count):
        weight = min(1.0, (number + 1) / fade, (count - number) / fade)
        if weight == 1:
            yield picture
        else:
            yield np.asarray(cv2.addWeighted(picture, weight, blank, 1 - weight, 0), np.uint8)
