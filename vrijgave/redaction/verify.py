"""The proof: a second look at the encoded output, frame by frame beside its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vrijgave.domain.media import MediaInfo, VideoInfo
from vrijgave.domain.tracks import Analysis, BoxArray, Detections, Image, Plan, Sound, Source, SubjectKind
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import _
from vrijgave.media import DEFAULT_LIMITS, Frame, Limits, OutputFormat, Progress, Reader, open_reader
from vrijgave.redaction.analysis import RATE, detections
from vrijgave.redaction.cover import FILL, fill_areas
from vrijgave.redaction.detectors.base import Detector, at_work
from vrijgave.redaction.geometry import covered_shares, overlaps
from vrijgave.redaction.motion import StillMotion
from vrijgave.redaction.plan import Coverage, coverage
from vrijgave.redaction.tracking import Tracker, TrackingSettings
from vrijgave.redaction.watch import Watch

SAME_PLACE = 0.3  # overlap (IoU) of a hit with what the source shows
EXPLAINED = 0.5  # share of a hit inside a shown subject that explains it
FILL_TOLERANCE = 16  # grey levels by which encoding may change the fill
ALL_FILL = 0.97  # share of a hit's pixels that must be fill before it is no person
COVER_TOLERANCE = 6.0  # mean grey levels by which a cover may differ from the fill, its rim left out
RIM = 8  # pixels: blocks of the encoder at the rim of a cover mix with what is beside it
SAMPLE = 8  # pixels
WRONG_PICTURE = 24.0  # mean grey levels beside the covers that only another picture can explain


@dataclass(frozen=True, slots=True, kw_only=True)
class RescanHit:
    """Something recognisable in the output that no decision explains. ``box`` is x0, y0, x1, y1 in pixels."""

    frame: int
    kind: SubjectKind
    box: tuple[float, float, float, float]
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "frame": self.frame,
            "kind": self.kind.value,
            "box": [round(v, 1) for v in self.box],
            "score": round(self.score, 4),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> RescanHit:
        """Inverse of ``to_dict``."""
        x0, y0, x1, y1 = (float(v) for v in value["box"])
        return cls(
            frame=int(value["frame"]),
            kind=SubjectKind(value["kind"]),
            box=(x0, y0, x1, y1),
            score=float(value["score"]),
        )


def verify(
    source: Path,
    output: Path,
    analysis: Analysis,
    plan: Plan,
    detectors: Sequence[Detector],
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress | None = None,
) -> tuple[RescanHit, ...]:
    """Look at ``output`` with the second look of ``detectors`` and return what shows though nobody decided so.

    Raises ``RedactionIncomplete`` when the output has not the frames, times, size, pictures, covers or sound that
    it must have, and ``UnreadableMedia`` when it cannot be read whole.
    """
    filled = coverage(analysis, plan)
    rate = float(analysis.parameters.get(RATE, 25.0))
    second = [detector.second_look() for detector in detectors]
    watches = [Watch(detector, rate) for detector in second]
    hits: list[RescanHit] = []
    with open_reader(source, limits) as before, open_reader(output, limits) as after, at_work(second):
        _check_whole(before.info, after.info, plan)
        for original, written in _pairs(before, after):
            if written.image is None:
                raise _incomplete(_("frame {frame} of the output cannot be decoded").format(frame=written.index))
            _check_picture(original, written.index, written.image, filled)
            seen = detections(watches, written.index, written.image)
            hits += _confirmed(unexplained(written.index, written.image, seen, filled), original, second)
            if progress is not None:
                progress(written.index + 1, analysis.frame_count)
    return tuple(hits)


def _confirmed(hits: Iterable[RescanHit], original: Frame, second: Sequence[Detector]) -> Iterator[RescanHit]:
    """The hits that the same look finds in the source picture too.

    A row of covers looks like a line of text: what is only there in the output was made by the covers themselves,
    while anything that shows through lies in both pictures.
    """
    found = list(hits)
    if not found or original.image is None:
        return
    once = [Watch(detector, 1.0) for detector in second]
    there = detections(once, original.index, original.image)
    for hit in found:
        seen = there.get(hit.kind, Detections.empty()).xyxy
        if len(seen) and overlaps(np.array([hit.box], np.float32), seen).max() >= SAME_PLACE:
            yield hit


def unexplained(
    frame: int, image: Image, seen: Mapping[SubjectKind, Detections], filled: Coverage
) -> Iterator[RescanHit]:
    """The detections in an output picture that are neither a shown subject nor nothing but cover."""
    shown = filled.shown(frame)
    for kind, found in seen.items():
        explained = covered_shares(found.xyxy, shown).max(axis=1, initial=0) >= EXPLAINED
        for i in np.nonzero(~explained)[0]:
            if not is_all_fill(image, found.xyxy[i]):
                x0, y0, x1, y1 = (float(v) for v in found.xyxy[i])
                yield RescanHit(frame=frame, kind=kind, box=(x0, y0, x1, y1), score=float(found.scores[i]))


def is_all_fill(image: Image, box: BoxArray) -> bool:
    """Whether nothing but our own cover lies in ``box``; a share of source picture makes it False."""
    x0, y0, x1, y1 = (round(float(v)) for v in box)
    inside = image[max(y0, 0) : y1, max(x0, 0) : x1].astype(np.int16)
    if inside.size == 0:
        return False
    flat = (np.abs(inside - np.array(FILL, np.int16)) <= FILL_TOLERANCE).all(axis=2)
    return bool(flat.mean() >= ALL_FILL)


def with_rescan_hits(analysis: Analysis, hits: Sequence[RescanHit]) -> Analysis:
    """The analysis with hits of the second look added as tracks to cover, in the frames around them too."""
    settings = TrackingSettings(rate=float(analysis.parameters.get(RATE, 25.0)), start=dict.fromkeys(SubjectKind, 0.0))
    tracker = Tracker(settings, analysis.width, analysis.height)
    motion = StillMotion()
    by_frame: dict[int, list[RescanHit]] = {}
    for hit in hits:
        by_frame.setdefault(hit.frame, []).append(hit)
    for frame in range(analysis.frame_count):
        if frame in analysis.cuts:
            tracker.cut()
            motion.forget(frame)
        tracker.step(frame, _by_kind(by_frame.get(frame, [])), motion)
    number = max((track.id for track in analysis.tracks), default=0)
    added = tuple(
        replace(track, id=number + track.id, sources=(Source.RESCAN,) * len(track.frames)) for track in tracker.finish()
    )
    return replace(analysis, tracks=analysis.tracks + added)


def _by_kind(hits: Sequence[RescanHit]) -> Mapping[SubjectKind, Detections]:
    kinds = {hit.kind for hit in hits}
    return {
        kind: Detections(
            np.array([hit.box for hit in hits if hit.kind is kind], np.float32),
            np.array([hit.score for hit in hits if hit.kind is kind], np.float32),
        )
        for kind in kinds
    }


def _pairs(before: Reader, after: Reader) -> Iterator[tuple[Frame, Frame]]:
    """Frames of source and output together; the times must be equal, counted from the first frame."""
    start: tuple[int, int] | None = None
    for original, written in zip(before.frames(), after.frames(), strict=True):
        start = start or (original.pts, written.pts)
        expected = (original.pts - start[0]) * before.info.video.time_base
        if (written.pts - start[1]) * after.info.video.time_base != expected:
            raise _incomplete(_("frame {frame} of the output has another time").format(frame=original.index))
        yield original, written


def _check_whole(before: MediaInfo, after: MediaInfo, plan: Plan) -> None:
    expected = OutputFormat.like(before)
    if (after.video.width, after.video.height) != expected.encoded_size:
        raise _incomplete(_("the output has another picture size"))
    if after.video.frame_count != before.video.frame_count:
        raise _incomplete(
            _("the output has {there} frames instead of {expected}").format(
                there=after.video.frame_count, expected=before.video.frame_count
            )
        )
    if _start(after.video) != _start(before.video):
        raise _incomplete(_("the output starts at another time"))
    if bool(after.audio) != (bool(before.audio) and plan.sound is Sound.KEEP):
        raise _incomplete(_("the output's sound is not what the plan says"))
    if after.extra_streams:
        raise _incomplete(_("the output holds more than picture and sound"))


def _start(video: VideoInfo) -> Fraction:
    return video.start_pts * video.time_base


def _check_picture(original: Frame, frame: int, written: Image, filled: Coverage) -> None:
    """Covers are there, and what is beside them is this frame of the source and no other."""
    if original.image is None or frame in filled.whole:
        if abs(float(written.mean()) - FILL[0]) > COVER_TOLERANCE:
            raise _incomplete(_("frame {frame} is not covered whole").format(frame=frame))
        return
    areas = fill_areas(filled.boxes(frame))
    height, width = original.image.shape[:2]
    for x0, y0, x1, y1 in areas:
        inside = _inside(written[:height, :width], x0, y0, x1, y1)
        if inside.size and float(cv2.absdiff(inside, np.full_like(inside, FILL[0])).mean()) > COVER_TOLERANCE:
            raise _incomplete(_("a cover is missing in frame {frame}").format(frame=frame))
    if _difference_beside(original.image, written, areas) > WRONG_PICTURE:
        raise _incomplete(_("frame {frame} of the output shows another picture").format(frame=frame))


def _inside(picture: Image, x0: int, y0: int, x1: int, y1: int) -> Image:
    """The area without its rim, within the picture; empty where nothing is left of it."""
    height, width = picture.shape[:2]
    left, top = max(x0, 0) + RIM, max(y0, 0) + RIM
    return picture[top : max(min(y1, height) - RIM, top), left : max(min(x1, width) - RIM, left)]


def _difference_beside(original: Image, written: Image, areas: Sequence[tuple[int, int, int, int]]) -> float:
    """Mean difference in grey levels of the two pictures beside the covers, on every ``SAMPLE``-th row and column."""
    height, width = original.shape[:2]
    before, after = original[::SAMPLE, ::SAMPLE], written[:height:SAMPLE, :width:SAMPLE]
    beside = np.ones(before.shape[:2], np.bool_)
    for x0, y0, x1, y1 in areas:
        low = (max(x0, 0) // SAMPLE, max(y0, 0) // SAMPLE)
        beside[low[1] : y1 // SAMPLE + 1, low[0] : x1 // SAMPLE + 1] = False
    return float(cv2.absdiff(before[beside], after[beside]).mean()) if beside.any() else 0.0


def _incomplete(what: str) -> RedactionIncomplete:
    return RedactionIncomplete(
        _("The covered video may not go out: {what}. Make it again; if this stays, tell the administrator.").format(
            what=what
        )
    )
