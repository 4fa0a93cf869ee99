"""The cover pass: decode, paint over what the plan hides, encode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from vrijgave.domain.media import MediaInfo, VideoInfo
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.media import (
    DEFAULT_LIMITS,
    Limits,
    Picture,
    Progress,
    SoundChunk,
    Writer,
    open_reader,
    open_writer,
)
from vrijgave.redaction.record import CoverRecord, Recorder
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.sound import Mixer
from vrijgave.redaction.styles import FILL, GRID, NEUTRAL, Cover, covers, paint_luma
from vrijgave.redaction.window import Window, window_of


def cover(
    source: Path,
    analysis: Analysis,
    plan: Plan,
    output: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    segment: Segment | None = None,
    window: Window | None = None,
) -> CoverRecord:
    """Write ``output``: ``source`` with every frame and timestamp, covered as the plan says, in one streaming pass.

    A frame that cannot be decoded is covered whole. What the plan trims is left out, and so is the sound unless the
    plan wants any of it. With ``segment`` only the frames that it owns are written, and the sound of the whole goes
    with the first; ``window`` is the plan's where that is known already. Returns what ``verify`` has to know of the
    source. Raises ``Rejected`` for a plan of other footage, ``RedactionIncomplete`` when the source has not the frames
    that were analysed, ``UnreadableMedia``.
    """
    planned = covers(analysis, plan)
    played = window or window_of(source, analysis, plan, limits)
    first, stop = (segment.first, segment.stop) if segment else (played.first, played.stop)
    with_sound = not plan.is_silent and first == played.first
    with open_reader(source, limits, sound=with_sound, first=first, stop=stop) as reader:
        _check_same_footage(reader.info, analysis)
        recorder, mixer = Recorder(reader.info), Mixer(reader.info, plan, played)
        with open_writer(output, played.output(reader.info, sound=with_sound)) as writer:
            for item in reader:
                if isinstance(item, SoundChunk):
                    _write_sound(writer, mixer.mixed(item))
                    continue
                whole = item.picture is None or item.index in planned.filled.whole
                moved = replace(item, pts=item.pts - played.shift)
                recorder.add(moved, whole=whole)
                picture = blank(reader.info.video) if item.picture is None or whole else item.picture
                paint(picture, () if whole else planned.at(item.index))
                writer.picture(picture, moved.pts)
                if progress is not None:
                    progress(item.index + 1 - first, analysis.frame_count)
            if with_sound:
                _write_sound(writer, mixer.finished())
    return recorder.result()


def _write_sound(writer: Writer, chunks: Iterable[SoundChunk]) -> None:
    for chunk in chunks:
        writer.sound(chunk)


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
