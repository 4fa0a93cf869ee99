"""The second look at the output: what it sees, which of it is a hit, and covering hits too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Analysis, BoxArray, Detections, Source, SubjectKind
from vrijgave.media import DEFAULT_LIMITS, Limits, Picture, open_reader
from vrijgave.redaction.analysis import RATE
from vrijgave.redaction.detectors.base import Detector
from vrijgave.redaction.geometry import covered_shares, overlaps
from vrijgave.redaction.motion import StillMotion
from vrijgave.redaction.sight import Sight
from vrijgave.redaction.styles import Cover, paint_luma
from vrijgave.redaction.tracking import Tracker, TrackingSettings
from vrijgave.redaction.watch import Watch, detections, seen_by_all

SAME_PLACE = 0.3  # overlap (IoU) of a hit with what the source shows
EXPLAINED = 0.5  # share of a hit inside a shown subject that explains it
COVER_TOLERANCE = 16  # grey levels by which encoding may change a pixel of a cover
ALL_COVER = 0.97  # share of a hit's pixels that must be cover before it is no person
BARE = -1000  # no grey level


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


class SecondLook:
    """The detectors at the scale and threshold of the second look, on one output; give it the frames in order."""

    def __init__(self, detectors: Sequence[Detector], rate: float) -> None:
        self.detectors = [detector.second_look() for detector in detectors]
        self._watches = [Watch(detector, rate) for detector in self.detectors]

    def hits(self, frame: int, picture: Picture, shown: BoxArray, planned: Sequence[Cover]) -> Iterator[RescanHit]:
        """What is to be seen in an output picture though it is neither one of the ``shown`` boxes nor a cover."""
        seen = detections(self._watches, frame, Sight(picture))
        yield from unexplained(frame, picture, seen, shown, planned)


def confirmed(
    hits: Iterable[RescanHit],
    source: Path,
    detectors: Sequence[Detector],
    planned: Callable[[int], Sequence[Cover]],
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[RescanHit, ...]:
    """The hits in whose place ``detectors`` see something in the source too that is not all under the covers that are
    ``planned`` for its frame; the source is opened only when there are hits.

    A row of covers looks like a line of text, and two covers beside an ear like a face: what is only there in the
    output was made by the covers themselves, while anything that shows through lies in both pictures.
    """
    by_frame = _by_frame(hits)
    if not by_frame:
        return ()
    found: list[RescanHit] = []
    with open_reader(source, limits, first=min(by_frame), stop=max(by_frame) + 1) as reader:
        for frame in reader.frames():
            if frame.picture is not None and frame.index in by_frame:
                there = seen_by_all(detectors, Sight(frame.picture))
                found += also_there(by_frame[frame.index], there, planned(frame.index), frame.picture)
    return tuple(found)


def also_there(
    hits: Iterable[RescanHit],
    there: Mapping[SubjectKind, Detections],
    planned: Sequence[Cover],
    picture: Picture,
) -> Iterator[RescanHit]:
    """The hits in whose place something of what is ``there`` in the source ``picture`` shows beside the covers."""
    covered = _painted(picture, planned) != BARE
    for hit in hits:
        xyxy = there.get(hit.kind, Detections.empty()).xyxy
        shows = [not _nearly_all(covered[_pixels(box)]) for box in xyxy]
        if overlaps(np.array([hit.box], np.float32), xyxy[shows]).max(initial=0) >= SAME_PLACE:
            yield hit


def unexplained(
    frame: int,
    picture: Picture,
    seen: Mapping[SubjectKind, Detections],
    shown: BoxArray,
    planned: Sequence[Cover],
) -> Iterator[RescanHit]:
    """The detections in an output picture that are neither a shown subject nor nothing but cover."""
    for kind, found in seen.items():
        explained = covered_shares(found.xyxy, shown).max(axis=1, initial=0) >= EXPLAINED
        for i in np.nonzero(~explained)[0]:
            if not is_all_cover(picture, found.xyxy[i], planned):
                x0, y0, x1, y1 = (float(v) for v in found.xyxy[i])
                yield RescanHit(frame=frame, kind=kind, box=(x0, y0, x1, y1), score=float(found.scores[i]))


def is_all_cover(picture: Picture, box: BoxArray, planned: Sequence[Cover]) -> bool:
    """Whether nothing but our own covers lies in ``box``; a share of source picture makes it False."""
    pixels = _pixels(box)
    return _nearly_all(np.abs(_painted(picture, planned)[pixels] - picture.y[pixels]) <= COVER_TOLERANCE)


def _painted(picture: Picture, planned: Sequence[Cover]) -> NDArray[np.int16]:
    """Grey levels of the covers on a picture of that size, ``BARE`` beside them."""
    expected = np.full(picture.y.shape, BARE, np.int16)
    paint_luma(expected, planned)
    return expected


def _pixels(box: BoxArray) -> tuple[slice, slice]:
    """Rows and columns of a plane that lie in ``box``."""
    x0, y0, x1, y1 = (max(round(float(v)), 0) for v in box)
    return slice(y0, y1), slice(x0, x1)


def _nearly_all(covered: NDArray[np.bool_]) -> bool:
    """Whether so many of the pixels are covered that what they show is no person; False where there are none."""
    return bool(covered.size) and float(covered.mean()) >= ALL_COVER


def with_rescan_hits(analysis: Analysis, hits: Sequence[RescanHit]) -> Analysis:
    """The analysis with hits of the second look added as tracks to cover, in the frames around them too."""
    settings = TrackingSettings(
        rate=float(analysis.parameters.get(RATE, 25.0)),
        start=dict.fromkeys(SubjectKind, 0.0),
        start_large=dict.fromkeys(SubjectKind, 0.0),
    )
    tracker = Tracker(settings, analysis.width, analysis.height)
    motion = StillMotion()
    by_frame = _by_frame(hits)
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


def _by_frame(hits: Iterable[RescanHit]) -> dict[int, list[RescanHit]]:
    by_frame: dict[int, list[RescanHit]] = {}
    for hit in hits:
        by_frame.setdefault(hit.frame, []).append(hit)
    return by_frame
