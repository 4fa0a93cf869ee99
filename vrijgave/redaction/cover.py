"""The cover: an opaque fill of one colour that is never taken from the picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from vrijgave.domain.media import MediaInfo
from vrijgave.domain.tracks import Analysis, BoxArray, Image, Plan, Sound
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Frame, Limits, OutputFormat, Progress, SoundChunk, open_reader, open_writer
from vrijgave.redaction.plan import Coverage, coverage

FILL = (72, 72, 72)
"""BGR: a grey without any information."""
GRID = 2  # pixels: the encoder halves the colour planes, so that a cover ends on whole colour samples


def cover(
    source: Path,
    analysis: Analysis,
    plan: Plan,
    output: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> None:
    """Write ``output``: ``source`` with every frame and timestamp, filled as the plan says, in one streaming pass.

    The sound is left out unless the plan keeps it. Raises ``Rejected`` for a plan of other footage,
    ``RedactionIncomplete`` when the source has not the frames that were analysed, ``UnreadableMedia``.
    """
    filled = coverage(analysis, plan)
    keep_sound = plan.sound is Sound.KEEP
    with open_reader(source, limits, sound=keep_sound) as reader:
        _check_same_footage(reader.info, analysis)
        with open_writer(output, OutputFormat.like(reader.info, sound=keep_sound)) as writer:
            for item in reader:
                if isinstance(item, SoundChunk):
                    writer.sound(item)
                    continue
                writer.frame(covered_picture(item, reader.info, filled), item.pts)
                if progress is not None:
                    progress(item.index + 1, analysis.frame_count)


def covered_picture(frame: Frame, info: MediaInfo, filled: Coverage) -> Image:
    """The picture of ``frame`` with its covers; all cover where it could not be decoded."""
    image = frame.image
    if image is None or frame.index in filled.whole:
        return np.full((info.video.height, info.video.width, 3), FILL, np.uint8)
    fill(image, filled.boxes(frame.index))
    return image


def fill(image: Image, xyxy: BoxArray) -> None:
    """Cover the boxes in ``image`` (BGR) in place, corners included, outward to whole colour samples."""
    for x0, y0, x1, y1 in fill_areas(xyxy):
        cv2.rectangle(image, (x0, y0), (x1 - 1, y1 - 1), FILL, cv2.FILLED)


def fill_areas(xyxy: BoxArray) -> list[tuple[int, int, int, int]]:
    """Whole pixels (x0, y0, x1, y1), the ends not included, that cover each box."""
    low = np.floor(xyxy[:, :2] / GRID).astype(int) * GRID
    high = np.ceil(xyxy[:, 2:] / GRID).astype(int) * GRID
    return [(int(a), int(b), int(c), int(d)) for (a, b), (c, d) in zip(low, high, strict=True)]


def _check_same_footage(info: MediaInfo, analysis: Analysis) -> None:
    video = info.video
    if (video.width, video.height, video.frame_count) != (analysis.width, analysis.height, analysis.frame_count):
        raise RedactionIncomplete(
            _("The footage has not the frames that were analysed; analyse it again before it is covered.")
        )
