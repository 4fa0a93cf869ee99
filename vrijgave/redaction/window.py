"""The part of the footage that a release plays, and how its times move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from vrijgave.domain.media import MediaInfo
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.media import DEFAULT_LIMITS, Limits, OutputFormat, open_reader
from vrijgave.redaction.segments import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Frames ``first`` to ``stop`` (not included). All times become ``shift`` ticks of the footage's clock earlier, so
    that the release starts when the footage did.

    ``starts`` and ``ends`` are seconds on the clock of the footage; None where nothing is left out on that side.
    """

    first: int
    stop: int
    shift: int = 0
    starts: Fraction | None = None
    ends: Fraction | None = None

    def __len__(self) -> int:
        return self.stop - self.first

    def output(self, info: MediaInfo, *, sound: bool) -> OutputFormat:
        """What a file of it looks like that otherwise is as the footage, which ``info`` tells of."""
        form = OutputFormat.like(info, sound=sound)
        end = form.end if self.ends is None else self.ends
        return form if end is None else replace(form, end=end - self.shift * info.video.time_base)

    def segments(self, whole: Iterable[Segment]) -> Iterator[Segment]:
        """What of the footage's segments lies in it."""
        for segment in whole:
            first, stop = max(segment.first, self.first), min(segment.stop, self.stop)
            if first < stop:
                yield replace(segment, first=first, stop=stop)


def window_of(source: Path, analysis: Analysis, plan: Plan, limits: Limits = DEFAULT_LIMITS) -> Window:
    """The window of a plan. Opens the footage only where it is trimmed. Raises ``Rejected``, ``UnreadableMedia``."""
    trim, count = plan.trim, analysis.frame_count
    if trim is None:
        return Window(first=0, stop=count)
    trim.check_inside(count)
    with open_reader(source, limits, first=trim.first, stop=trim.first + 1) as reader:
        video = reader.info.video
        (start,) = (frame.pts for frame in reader.frames())
    end = None
    if trim.last + 1 < count:
        with open_reader(source, limits, first=trim.last + 1, stop=trim.last + 2) as reader:
            (end,) = (frame.pts * video.time_base for frame in reader.frames())
    return Window(
        first=trim.first,
        stop=trim.last + 1,
        shift=start - video.start_pts,
        starts=start * video.time_base if trim.first else None,
        ends=end,
    )
