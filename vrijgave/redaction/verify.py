"""The proof: the encoded output, read once from disk, held against the plan and against what the cover pass saw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.media import MediaInfo, VideoInfo
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Limits, OutputFormat, Picture, Progress, Reader, open_reader
from vrijgave.media.packets import encoded_pictures
from vrijgave.redaction.analysis import RATE
from vrijgave.redaction.cover import blank
from vrijgave.redaction.detectors.base import Detector, at_work
from vrijgave.redaction.record import CoverRecord, Mark, cells, mark
from vrijgave.redaction.rescan import RescanHit, SecondLook, confirmed
from vrijgave.redaction.segments import Segment
from vrijgave.redaction.sound import source_heard
from vrijgave.redaction.styles import GRID, Area, Cover, covers, paint_luma
from vrijgave.redaction.window import Window, window_of

RIM = 8  # pixels, or a quarter of a small cover: blocks of the encoder there mix with what is beside the cover
BLOCK = 16  # pixels of a side of what is looked at: less than shows a face
MISSING_COVER = 10.0  # mean levels by which encoding may change such a block of a cover
WRONG_MEAN = 2.0  # mean levels by which marks beside the covers may differ: five times what encoding does
WRONG_CELL = 16.0  # the same for any one cell of a mark
Plane = NDArray[np.uint8]


def verify(
    source: Path,
    output: Path,
    analysis: Analysis,
    plan: Plan,
    record: CoverRecord,
    detectors: Sequence[Detector],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
    segment: Segment | None = None,
    window: Window | None = None,
) -> tuple[RescanHit, ...]:
    """Look at ``output`` with the second look of ``detectors`` and return what shows though nobody decided so.

    ``record`` is what the cover pass returned, ``segment`` and ``window`` what it was given. Raises
    ``RedactionIncomplete`` when the output has not the frames, times, size, pictures, covers or sound that it must
    have, and ``UnreadableMedia`` when it cannot be read whole.
    """
    played = window or window_of(source, analysis, plan, limits)
    first = segment.first if segment else played.first
    if len(record) != (segment.owned if segment else len(played)):
        raise _incomplete(_("it was not made of the frames that the plan says"))
    planned = covers(analysis, plan)
    look = SecondLook(detectors, float(analysis.parameters.get(RATE, 25.0)))
    whole = frozenset(first + frame for frame in record.whole)
    everything = (Cover((0, 0, record.source.video.width, record.source.video.height)),)

    def expected(number: int) -> Sequence[Cover]:
        return everything if number in whole else tuple(planned.at(number))

    hits: list[RescanHit] = []
    with at_work(look.detectors):
        with open_reader(output, limits) as reader:
            check_file(record, reader.info, plan, first)
            if reader.info.audio:
                check_sound(output, record, plan, played, limits)
            canvas = blank(record.source.video)
            for frame, picture in _pictures(reader, record):
                number = first + frame
                there = expected(number)
                _check_covers(number, picture, there, canvas)
                _check_beside(number, picture, record.marks[frame], there)
                hits += look.hits(number, picture, planned.filled.shown(number), there)
                if progress is not None:
                    progress(frame + 1, analysis.frame_count)
        return confirmed(hits, source, look.detectors, expected, limits)


def _pictures(reader: Reader, record: CoverRecord) -> Iterator[tuple[int, Picture]]:
    """Number and picture, of the source's size, of each frame; times have to be equal, counted from the first."""
    video = record.source.video
    first = None
    for frame, pts in zip(reader.frames(), record.pts.tolist(), strict=True):
        first = first or (pts, frame.pts)
        if (frame.pts - first[1]) * reader.info.video.time_base != (pts - first[0]) * video.time_base:
            raise _incomplete(_("frame {frame} of the output has another time").format(frame=frame.index))
        if frame.picture is None:
            raise _incomplete(_("frame {frame} of the output cannot be decoded").format(frame=frame.index))
        yield frame.index, _cut(frame.picture, video)


def _cut(picture: Picture, video: VideoInfo) -> Picture:
    """Without the row and the column that encoding adds to odd sides."""
    return Picture(picture.y[: video.height, : video.width], picture.u, picture.v, picture.colours)


def check_file(record: CoverRecord, after: MediaInfo, plan: Plan, first: int) -> None:
    """Size, number of frames, start and streams of an output that begins with frame ``first`` of the source; that of a
    later segment has no sound and a start of its own. Raises ``RedactionIncomplete``."""
    before, begins = record.source, first == plan.first_frame
    expected = OutputFormat.like(before)
    if (after.video.width, after.video.height) != expected.encoded_size:
        raise _incomplete(_("the output has another picture size"))
    if after.video.frame_count != len(record):
        raise _incomplete(
            _("the output has {there} frames instead of {expected}").format(
                there=after.video.frame_count, expected=len(record)
            )
        )
    if begins and _start(after.video) != _start(before.video):
        raise _incomplete(_("the output starts at another time"))
    if bool(after.audio) != (bool(before.audio) and not plan.is_silent and begins):
        raise _incomplete(_("the output's sound is not what the plan says"))
    if after.extra_streams:
        raise _incomplete(_("the output holds more than picture and sound"))


def check_sound(output: Path, record: CoverRecord, plan: Plan, window: Window, limits: Limits = DEFAULT_LIMITS) -> None:
    """What is to be silent or a tone holds nothing else. Raises ``RedactionIncomplete``."""
    if source_heard(output, record.source, plan, window, limits):
        raise _incomplete(_("something is still heard where the sound was taken out"))


def check_joined(parts: Sequence[Path], output: Path, record: CoverRecord) -> None:
    """``output`` holds the encoded pictures of ``parts``, bit for bit and in their order, at the times of ``record``.

    Raises ``RedactionIncomplete``.
    """
    written = encoded_pictures(output)
    expected = [encoded_pictures(part) for part in parts]
    if any(part.settings != written.settings for part in expected):
        raise _incomplete(_("it does not hold the pictures that were checked"))
    if b"".join(part.digests for part in expected) != written.digests:
        raise _incomplete(_("it does not hold the pictures that were checked"))
    times = np.array(written.pts, np.int64)
    for part in expected:
        own, times_there = np.array(part.pts, np.int64), times[: len(part.pts)]
        times = times[len(own) :]
        if np.any(np.diff(own - times_there)):
            raise _incomplete(_("its pictures are not in the order that was checked"))
    clock = record.source.video.time_base / written.time_base
    if not np.array_equal(np.sort(written.pts) * clock.denominator, record.pts * clock.numerator):
        raise _incomplete(_("its pictures have other times"))


def _start(video: VideoInfo) -> Fraction:
    return video.start_pts * video.time_base


def _check_covers(frame: int, picture: Picture, planned: Sequence[Cover], canvas: Picture) -> None:
    """Every cover is there, in all three planes, but for its rim. ``canvas`` is all cover, of the picture's size, and
    changes."""
    paint_luma(canvas.y, planned)
    for area in {_inside(cover, picture) for cover in planned}:
        if any(_differ(*pair) for pair in _pairs(picture, canvas, area)):
            raise _incomplete(_("a cover is missing in frame {frame}").format(frame=frame))


def _inside(cover: Cover, picture: Picture) -> Area:
    """The part of the cover in the picture without its rim, in whole chroma samples."""
    x0, y0, x1, y1 = cover.inside(picture.width, picture.height)
    across, down = (min(RIM, side // (4 * GRID) * GRID) for side in (x1 - x0, y1 - y0))
    return x0 + across, y0 + down, x1 - across, y1 - down


def _pairs(picture: Picture, painted: Picture, area: Area) -> Iterator[tuple[Plane, Plane]]:
    """What each plane of the two has in ``area``."""
    x0, y0, x1, y1 = area
    if x0 >= x1 or y0 >= y1:
        return
    coloured = slice(y0 // GRID, -(-y1 // GRID)), slice(x0 // GRID, -(-x1 // GRID))
    yield picture.y[y0:y1, x0:x1], painted.y[y0:y1, x0:x1]
    yield picture.u[coloured], painted.u[coloured]
    yield picture.v[coloured], painted.v[coloured]


def _differ(there: Plane, painted: Plane) -> bool:
    """Whether the mean of the differences is too large in any block of ``BLOCK`` by ``BLOCK``, or of less where there
    is less; where no single one is, that need not be worked out."""
    if cv2.norm(there, painted, cv2.NORM_INF) <= MISSING_COVER:
        return False
    height, width = there.shape
    means = cv2.blur(cv2.absdiff(there, painted), (min(BLOCK, width), min(BLOCK, height)))
    return bool(means.max() > MISSING_COVER)


def _check_beside(frame: int, picture: Picture, seen: Mark, planned: Sequence[Cover]) -> None:
    """What is beside the covers is this frame of the source and no other."""
    beside = np.ones(seen.shape, np.bool_)
    side, _rows, _columns = cells(*picture.y.shape)
    for cover in planned:
        x0, y0, x1, y1 = cover.inside(picture.width, picture.height)
        rows = slice(max(y0 - RIM, 0) // side, -(-(y1 + RIM) // side))
        beside[rows, max(x0 - RIM, 0) // side : -(-(x1 + RIM) // side)] = False
    differences = cv2.absdiff(mark(picture.y), seen)[beside]
    if differences.size and (differences.mean() > WRONG_MEAN or differences.max() > WRONG_CELL):
        raise _incomplete(_("frame {frame} of the output shows another picture").format(frame=frame))


def _incomplete(what: str) -> RedactionIncomplete:
    return RedactionIncomplete(
        _("The covered video may not go out: {what}. Make it again; if this stays, tell the administrator.").format(
            what=what
        )
    )
