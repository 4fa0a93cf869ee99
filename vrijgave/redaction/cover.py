"""The cover pass: decode, paint over what the plan hides, encode."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from vrijgave.domain.media import MediaInfo, VideoInfo
from vrijgave.domain.tracks import Analysis, Plan, Sound
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Limits, OutputFormat, Picture, Progress, SoundChunk, open_reader, open_writer
from vrijgave.redaction.record import CoverRecord, Recorder
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.styles import FILL, GRID, NEUTRAL, Cover, covers, paint_luma


def cover(
    source: Path,
    analysis: Analysis,
    plan: Plan,
    output: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    segment: Segment | None = None,
) -> CoverRecord:
    """Write ``output``: ``source`` with every frame and timestamp, covered as the plan says, in one streaming pass.

    A frame that cannot be decoded is covered whole. The sound is left out unless the plan keeps it. With ``segment``
    only the frames that it owns are written, and the sound of the whole goes with the first. Returns what
    ``verify`` has to know of the source. Raises ``Rejected`` for a plan of other footage, ``RedactionIncomplete`` when
    the source has not the frames that were analysed, ``UnreadableMedia``.
    """
    planned = covers(analysis, plan)
    first, stop = (segment.first, segment.stop) if segment else (0, None)
    keep_sound = plan.sound is Sound.KEEP and first == 0
    with open_reader(source, limits, sound=keep_sound, first=first, stop=stop) as reader:
        _check_same_footage(reader.info, analysis)
        recorder = Recorder(reader.info)
        with open_writer(output, OutputFormat.like(reader.info, sound=keep_sound)) as writer:
            for item in reader:
                if isinstance(item, SoundChunk):
                    writer.sound(item)
                    continue
                whole = item.picture is None or item.index in planned.filled.whole
                recorder.add(item, whole=whole)
                picture = blank(reader.info.video) if item.picture is None or whole else item.picture
                paint(picture, () if whole else planned.at(item.index))
                writer.picture(picture, item.pts)
                if progress is not None:
                    progress(item.index + 1 - first, analysis.frame_count)
    return recorder.result()


def blank(video: VideoInfo) -> Picture:
    """A picture that is all cover."""
    return Picture.filled(video.width, video.height, video.colours, FILL)


def paint(picture: Picture, planned: Iterable[Cover]) -> None:
    """Paint the covers over ``picture`` in place, corners included; other pixels keep their values."""
    painted = tuple(planned)
    paint_luma(picture.y, painted)
    for x0, y0, x1, y1 in (each.inside(picture.width, picture.height) for each in painted):
        halved = slice(y0 // GRID, -(-y1 // GRID)), slice(x0 // GRID, -(-x1 // GRID))
        picture.u[halved] = NEUTRAL
        picture.v[halved] = NEUTRAL


def _check_same_footage(info: MediaInfo, analysis: Analysis) -> None:
    video = info.video
    if (video.width, video.height, video.frame_count) != (analysis.width, analysis.height, analysis.frame_count):
        raise RedactionIncomplete(
            _("The footage has not the frames that were analysed; analyse it again before it is covered.")
        )
