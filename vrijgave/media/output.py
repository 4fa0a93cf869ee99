"""What an encoded file is to be."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vrijgave.domain.media import Colours, MediaInfo
from vrijgave.media.colours import BT709

DEFAULT_RATE = Fraction(25)
MAX_CHANNELS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFormat:
    """An MP4 with H.264 (4:2:0, limited range) and AAC.

    ``width`` and ``height`` are those of the pictures handed in. H.264 4:2:0 has even sides only: an odd side gets one
    more row or column, a repetition of the last, and nothing is scaled. ``time_base`` is the unit of the pictures' pts
    and is kept exactly. ``rate_hint`` only guides the encoder's level. ``colours`` are those of the pictures handed in;
    the file says so.
    """

    width: int
    height: int
    time_base: Fraction
    rate_hint: Fraction | None = None
    sample_aspect_ratio: Fraction = Fraction(1)
    colours: Colours = BT709
    crf: int = 18
    preset: str = "veryfast"
    group: int | None = None
    """Pictures from one keyframe to the next at most, all of them coded in the order in which they are shown; None: as
    the encoder likes."""
    sample_rate: int | None = None
    """Of the sound that is handed in; None: no sound stream."""
    end: Fraction | None = None
    """When the last picture ends, in seconds on the pictures' clock; None: it stands as ``rate_hint`` says."""
    channels: int = MAX_CHANNELS
    """Of the source; more than two are written as two, as the reader gives them."""

    @classmethod
    def like(cls, info: MediaInfo, *, sound: bool = False) -> OutputFormat:
        """Size, clock, shape of the pixels, colours and, if wanted, sound as in ``info``."""
        video = info.video
        heard = info.audio[0] if sound and info.audio else None
        return cls(
            width=video.width,
            height=video.height,
            time_base=video.time_base,
            rate_hint=video.average_rate,
            sample_aspect_ratio=video.sample_aspect_ratio,
            colours=video.colours,
            end=video.start_pts * video.time_base + video.duration,
            sample_rate=heard.sample_rate if heard else None,
            channels=heard.channels if heard else MAX_CHANNELS,
        )

    def last_step(self, last: int) -> int:
        """Ticks for which the last picture stands, which begins at ``last``."""
        if self.end is None:
            return max(1, round(1 / ((self.rate_hint or DEFAULT_RATE) * self.time_base)))
        return max(1, round(self.end / self.time_base) - last)

    @property
    def encoder_settings(self) -> str:
        """For x264."""
        order = "" if self.group is None else f":keyint={self.group}:bframes=0"
        return "cpu-independent=1" + order

    @property
    def encoded_size(self) -> tuple[int, int]:
        """(width, height) of the encoded pictures: even."""
        return self.width + self.width % 2, self.height + self.height % 2

    @property
    def encoded_channels(self) -> int:
        """One or two."""
        return min(self.channels, MAX_CHANNELS)
