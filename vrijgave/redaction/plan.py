"""What is covered and what stays visible in each frame, from the analysis and a person's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from vrijgave.domain.tracks import Analysis, BoxArray, FrameArray, Plan, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import _
from vrijgave.redaction.exemption import exempt_frames


@dataclass(frozen=True, slots=True, eq=False)
class Exemption:
    """A subject that a person chose to show: where that person saw it, and the frames in which it is surely there."""

    track: Track
    anchors: tuple[int, ...]
    frames: FrameArray


class Coverage:
    """What to fill in each frame. Made by ``coverage``."""

    def __init__(
        self, covered: _Boxes, shown: _Boxes, exemptions: tuple[Exemption, ...], whole: frozenset[int]
    ) -> None:
        self._covered = covered
        self._shown = shown
        self.exemptions = exemptions
        self.whole = whole
        """Frames that are covered from edge to edge."""

    def boxes(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` to fill."""
        return self._covered.at(frame)

    def shown(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` of shown subjects."""
        return self._shown.at(frame)

    def covered_frames(self) -> FrameArray:
        """Frames in which anything is filled, ascending."""
        return np.union1d(self._covered.frames, np.array(sorted(self.whole), np.int64)).astype(np.int64)


class _Boxes:
    """Boxes of many tracks, looked up by frame."""

    def __init__(self, parts: Iterable[tuple[FrameArray, BoxArray]]) -> None:
        collected = list(parts)
        frames = np.concatenate([np.zeros(0, np.int64), *(frames for frames, _xyxy in collected)])
        xyxy = np.concatenate([np.zeros((0, 4), np.float32), *(xyxy for _frames, xyxy in collected)])
        order = np.argsort(frames, kind="stable")
        self.frames: FrameArray = frames[order]
        self._xyxy: BoxArray = xyxy[order]

    def at(self, frame: int) -> BoxArray:
        """Boxes ``(N, 4)`` in ``frame``."""
        first, last = np.searchsorted(self.frames, [frame, frame + 1])
        return self._xyxy[first:last]


def coverage(analysis: Analysis, plan: Plan) -> Coverage:
    """Compile a plan: every track is covered in every frame, save where a decision surely shows its subject.

    Raises ``Rejected`` when the plan belongs to another source or names a track or frame that does not exist.
    """
    if plan.source_sha256 != analysis.source_sha256:
        raise Rejected("plan", _("This plan was made for other footage; make a plan for this file."))
    shows = tuple(exemptions(analysis, plan))
    by_track = {exemption.track.id: exemption for exemption in shows}
    covered, shown = [], []
    for track in analysis.tracks:
        exemption = by_track.get(track.id)
        visible = np.isin(track.frames, exemption.frames) if exemption else np.zeros(len(track.frames), np.bool_)
        covered.append((track.frames[~visible], track.xyxy[~visible]))
        shown.append((track.frames[visible], track.xyxy[visible]))
    return Coverage(_Boxes(covered), _Boxes(shown), shows, frozenset(analysis.unreadable))


def check_anchor(track: Track, frame: int, analysis: Analysis) -> None:
    """Raise ``Rejected`` where nothing would be shown because it is not sure in ``frame`` who ``track`` is."""
    if len(exempt_frames(track, frame, analysis)) == 0:
        raise Rejected(
            "show",
            _(
                "In frame {frame} it is not sure who this is; choose a frame where the one to show is seen well and "
                "stands free of others."
            ).format(frame=frame),
        )


def track_under(analysis: Analysis, frame: int, x: float, y: float) -> Track:
    """The one track under pixel (``x``, ``y``) of ``frame``. Raises ``Rejected`` that says what is there instead."""
    if not 0 <= frame < analysis.frame_count:
        raise Rejected(
            "show",
            _("There is no frame {frame}; this footage has frames 0 to {last}.").format(
                frame=frame, last=analysis.frame_count - 1
            ),
        )
    present = [(track, box) for track in analysis.tracks if (box := track.box_at(frame)) is not None]
    under = [track for track, (x0, y0, x1, y1) in present if x0 <= x < x1 and y0 <= y < y1]
    if len(under) == 1:
        return under[0]
    if under:
        why = _(
            "At {x},{y} in frame {frame} the tracks {tracks} lie over each other; point at the subject in a frame "
            "where it stands free."
        ).format(x=f"{x:g}", y=f"{y:g}", frame=frame, tracks=", ".join(str(track.id) for track in under))
    elif present:
        why = _("Nothing was found at {x},{y} in frame {frame}; there are: {found}. Point inside one of them.").format(
            x=f"{x:g}", y=f"{y:g}", frame=frame, found="; ".join(_place(track, box) for track, box in present)
        )
    else:
        why = _("Nothing was found in frame {frame}; choose a frame in which the subject is clearly visible.").format(
            frame=frame
        )
    raise Rejected("show", why)


def ranges(frames: FrameArray) -> Iterator[tuple[int, int]]:
    """Ascending frame numbers as (first, last) of each unbroken run."""
    if len(frames) == 0:
        return
    ends = np.nonzero(np.diff(frames) > 1)[0]
    for first, last in zip([0, *(ends + 1)], [*ends, len(frames) - 1], strict=True):
        yield int(frames[first]), int(frames[last])


def exemptions(analysis: Analysis, plan: Plan) -> Iterator[Exemption]:
    """The subjects that the plan shows, and where. Raises ``Rejected`` as ``coverage`` does."""
    for track, anchors in shown_tracks(analysis, plan):
        yield Exemption(track, anchors, sure_frames(track, anchors, analysis))


def shown_tracks(analysis: Analysis, plan: Plan) -> Iterator[tuple[Track, tuple[int, ...]]]:
    """The tracks that the plan shows, and the frames in which a person saw each. Raises ``Rejected``."""
    by_track: dict[int, list[int | None]] = {}
    for decision in plan.shown():
        by_track.setdefault(decision.track_id, []).append(decision.anchor)
    for track_id, anchors in by_track.items():
        track = analysis.track(track_id)
        if track is None:
            raise Rejected("plan", _("The plan shows track {id}, which does not exist.").format(id=track_id))
        yield track, tuple(track.clearest if anchor is None else anchor for anchor in anchors)


def sure_frames(track: Track, anchors: tuple[int, ...], analysis: Analysis) -> FrameArray:
    """All frames in which ``track`` is surely what a person saw in one of the frames ``anchors``."""
    frames = np.zeros(0, np.int64)
    for anchor in anchors:
        if track.position(anchor) is None:
            raise Rejected(
                "plan", _("Track {id} is not there in frame {frame}; decide again.").format(id=track.id, frame=anchor)
            )
        frames = np.union1d(frames, exempt_frames(track, anchor, analysis)).astype(np.int64)
    return frames


def _place(track: Track, box: BoxArray) -> str:
    x, y = (round(float(v)) for v in (box[:2] + box[2:]) / 2)
    kind = {SubjectKind.FACE: _("face"), SubjectKind.PLATE: _("plate")}[track.kind]
    return f"{kind} {track.id} @ {x},{y}"
