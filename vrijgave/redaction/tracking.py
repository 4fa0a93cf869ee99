"""Links detections over time, forward and backward. It adds and never removes: a detection is always covered.

A link is made only where it is clear which detection belongs to which track; where two would fit, both tracks end
and new ones start, so that a number never passes from one person to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, SubjectKind, Track
from vrijgave.redaction.detectors.base import STANDS_ALONE
from vrijgave.redaction.geometry import affinities, beside_others, covered_shares, inside_shares
from vrijgave.redaction.growth import Grown
from vrijgave.redaction.looks import Album
from vrijgave.redaction.motion import Motion, Moved
from vrijgave.redaction.open_tracks import OpenTrack, held, learn_movement, own_movement, stacked

LEAST_INSIDE = 0.1  # share of a box within the picture up to which its subject has left
REPLACED = 0.7  # share of an ended track's box within a new detection from which nothing of it has to go on


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSettings:
    """How long a subject is followed where the detector does not see it, in seconds."""

    rate: float = 25.0
    """Frames a second of the clip."""
    start: Mapping[SubjectKind, float] = field(
        default_factory=lambda: {SubjectKind.FACE: 0.25, SubjectKind.PLATE: 0.35}
    )
    """Scores from which a detection stands on its own; weaker ones only prolong a track."""
    start_large: Mapping[SubjectKind, float] = field(default_factory=lambda: dict(STANDS_ALONE))
    """The same for what is large: a detector is sure of a large subject, and a false one hides much of the picture."""
    start_between: Mapping[SubjectKind, tuple[float, float]] = field(
        default_factory=lambda: {SubjectKind.FACE: (0.12, 0.25), SubjectKind.PLATE: (0.03, 0.08)}
    )
    """Heights, as shares of the picture's, between which the one score gives way to the other."""
    large: tuple[float, float] = (0.12, 0.25)
    """Heights, as shares of the picture's, between which a subject comes to count as large for the time below."""
    longest_reach: float = 3.0
    """A camera that draws near shows a face for seconds before it is large enough to be found: of 36 faces in five
    clips made for it, 2 seconds left 15 uncovered at their start or end and 3 seconds 12, for a twentieth more that
    need not be covered."""
    reach_beside: float = 2.0
    """The same for a subject that is expected where another one is: it may be hidden, and would hide the other."""
    shortest_reach: Mapping[SubjectKind, float] = field(
        default_factory=lambda: {SubjectKind.FACE: 0.25, SubjectKind.PLATE: 1.0}
    )
    frames_per_hit: Mapping[SubjectKind, int] = field(
        default_factory=lambda: {SubjectKind.FACE: 5, SubjectKind.PLATE: 6}
    )
    """Each detection makes a subject surer, and so lets it be followed for this many frames more; a plate is found
    more seldom than a face, but does not turn."""
    reach_large: float = 0.3
    """How long what is large is followed at least: it is found in almost every look while it is there."""
    blind_reach: float = 0.4
    """How long without a detection and without sure motion."""
    least_affinity: float = 0.25
    ambiguity: float = 0.7
    """A second candidate that fits this share as well as the best makes the link ambiguous."""

    def frames(self, seconds: float) -> int:
        """Whole frames, at least two."""
        return max(2, round(seconds * self.rate))

    def starts(self, kind: SubjectKind, heights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score from which each of detections with these ``heights`` (shares of the picture's) stands on its own."""
        return np.interp(heights, self.start_between[kind], (self.start[kind], self.start_large[kind])).astype(
            np.float32
        )

    def reaches(
        self, kind: SubjectKind, heights: NDArray[np.float64], hits: NDArray[np.int64], beside: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Frames for which subjects of these ``heights`` (shares of the picture's) with so many detections are followed
        without another one; ``beside`` another subject or not."""
        seconds = self.shortest_reach[kind]
        least = np.interp(heights, self.large, (seconds, min(seconds, self.reach_large)))
        wanted = np.maximum(2, np.rint(least * self.rate)) + self.frames_per_hit[kind] * hits
        longest = np.where(beside, self.frames(self.reach_beside), self.frames(self.longest_reach))
        return np.minimum(wanted, longest).astype(np.int64)

    def parameters(self) -> dict[str, float | int | str]:
        """Plain values for the record of a run."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "rate"}
        values["large"] = "{}..{}".format(*self.large)
        values["start_between"] = {kind: "{}..{}".format(*heights) for kind, heights in self.start_between.items()}
        plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
        by_kind = {name: value for name, value in values.items() if isinstance(value, Mapping)}
        return plain | {f"{name}_{kind.value}": v for name, value in by_kind.items() for kind, v in value.items()}


class Tracker:
    """Feed it the detections of each frame in order; ``finish`` gives the tracks."""

    def __init__(self, settings: TrackingSettings, width: int, height: int) -> None:
        self._settings = settings
        self._size = (width, height)
        self._open: list[OpenTrack] = []
        self._ended: list[OpenTrack] = []
        self._blind_limit = settings.frames(settings.blind_reach)
        self._weak: dict[int, list[tuple[SubjectKind, BoxArray, float]]] = {}

    def step(self, frame: int, found: Mapping[SubjectKind, Detections], motion: Motion) -> None:
        """Take in the detections of ``frame``; ``found`` lacks the kinds that were not looked for in it."""
        before = stacked([track.boxes[-1] for track in self._open])
        from_camera = motion.camera(before)
        predicted = self._predict(motion, before, from_camera)
        beside = beside_others(predicted)
        place = {id(track): i for i, track in enumerate(self._open)}
        survivors: list[OpenTrack] = []
        for kind in SubjectKind:
            members = [i for i, track in enumerate(self._open) if track.kind is kind]
            tracks = [self._open[i] for i in members]
            survivors += self._link(frame, kind, tracks, predicted[members], beside[members], found.get(kind), motion)
        self._open = survivors
        stayed = [track for track in survivors if id(track) in place]
        learn_movement(stayed, from_camera[[place[id(track)] for track in stayed]])

    def cut(self) -> None:
        """The picture changes altogether: no track passes."""
        self._ended += self._open
        self._open = []
        self._weak.clear()

    def finish(self, album: Album | None = None) -> tuple[Track, ...]:
        """All tracks, grown to what has to be covered, numbered from 1 in order of appearance.

        ``album`` holds the looks of the detections, which the tracks keep.
        """
        self.cut()
        self._ended.sort(key=lambda track: (track.first, track.first_hit, float(track.boxes[0][0])))
        grown = Grown(*self._size)
        return tuple(track.closed(number, grown, album) for number, track in enumerate(self._ended, start=1))

    def _predict(self, motion: Motion, before: BoxArray, from_camera: BoxArray) -> BoxArray:
        """Where each open track is now: where its picture went, or else the camera and its own movement bring it."""
        if not self._open:
            return from_camera
        moved = motion.forward(before)
        for i, (track, sure) in enumerate(zip(self._open, moved.sure.tolist(), strict=True)):
            track.blind = 0 if sure else track.blind + 1
            if not sure:
                moved.xyxy[i] = from_camera[i] + track.own
        return moved.xyxy

    def _link(
        self,
        frame: int,
        kind: SubjectKind,
        tracks: list[OpenTrack],
        predicted: BoxArray,
        beside: NDArray[np.bool_],
        found: Detections | None,
        motion: Motion,
    ) -> list[OpenTrack]:
        """Tracks of one kind that stay open after ``frame``."""
        if found is None:
            return self._prolong(frame, kind, tracks, predicted, beside)
        heights = (found.xyxy[:, 3] - found.xyxy[:, 1]) / np.float32(self._size[1])
        strong = found.scores >= self._settings.starts(kind, heights)
        taken, ambiguous = self._match(frame, tracks, predicted, found, strong)
        for i, j in taken.items():
            tracks[i].hit(found.xyxy[j], float(found.scores[j]), predicted[i])
        kept = [tracks[i] for i in taken]
        unused = sorted(set(range(len(found))) - set(taken.values()))
        starts = strong
        if kind is SubjectKind.PLATE:  # faces in a crowd lie so close together that each would start others
            starts = strong | self._beside(predicted, found, list(taken.values()))
        started = [OpenTrack.started(kind, frame, found.xyxy[j], float(found.scores[j])) for j in unused if starts[j]]
        self._reach_back(kind, kept + started, motion)
        rest = [i for i in range(len(tracks)) if i not in taken and i not in ambiguous]
        kept += self._prolong(frame, kind, [tracks[i] for i in rest], predicted[rest], beside[rest])
        self._ended += [tracks[i] for i in ambiguous]
        replaced = covered_shares(predicted, found.xyxy[strong]).max(axis=1, initial=0) >= REPLACED
        kept += [tracks[i].under_new_number(frame, predicted[i]) for i in sorted(ambiguous) if not replaced[i]]
        self._remember_weak(frame, kind, found, [j for j in unused if not starts[j]])
        return kept + started

    def _beside(self, predicted: BoxArray, found: Detections, linked: list[int]) -> NDArray[np.bool_]:
        """Which detections lie where a track is expected, but not where one that was linked lies: the track may have
        been linked to the wrong one."""
        least = self._settings.least_affinity
        expected = affinities(predicted, found.xyxy).max(axis=0, initial=0) >= least
        apart = affinities(found.xyxy, found.xyxy[linked]).max(axis=1, initial=0) < least
        return np.asarray(expected & apart, np.bool_)

    def _prolong(
        self,
        frame: int,
        kind: SubjectKind,
        tracks: Sequence[OpenTrack],
        predicted: BoxArray,
        beside: NDArray[np.bool_],
    ) -> list[OpenTrack]:
        """Fill ``frame`` for tracks without a detection in it, as long as their reach allows."""
        reaches, inside = self._reaches(kind, tracks, beside), inside_shares(predicted, *self._size) > LEAST_INSIDE
        boxes = held(predicted, stacked([track.last_seen for track in tracks]))
        kept = []
        for track, box, reach, visible in zip(tracks, boxes, reaches.tolist(), inside.tolist(), strict=True):
            if visible and frame - track.last_hit <= reach and track.blind <= self._blind_limit:
                track.fill(box)
                kept.append(track)
            else:
                self._ended.append(track)
        return kept

    def _reaches(self, kind: SubjectKind, tracks: Sequence[OpenTrack], beside: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many frames each track may go on without a detection."""
        seen = stacked([track.last_seen for track in tracks])
        heights = (seen[:, 3] - seen[:, 1]).astype(np.float64) / self._size[1]
        return self._settings.reaches(kind, heights, np.array([track.hits for track in tracks], np.int64), beside)

    def _match(
        self,
        frame: int,
        tracks: Sequence[OpenTrack],
        predicted: BoxArray,
        found: Detections,
        strong: NDArray[np.bool_],
    ) -> tuple[dict[int, int], set[int]]:
        """Links track -> detection, one to one, and the tracks that end because more than one link would fit."""
        fit = affinities(predicted, found.xyxy)
        fit[fit < self._settings.least_affinity] = 0
        ages = np.array([frame - track.last_hit for track in tracks], np.int64)
        taken: dict[int, int] = {}
        ambiguous: set[int] = set()
        for stage in (strong, ~strong):
            self._match_stage(np.where(stage[None, :], fit, 0), ages, taken, ambiguous)
        return taken, ambiguous

    def _match_stage(
        self, fit: NDArray[np.float32], ages: NDArray[np.int64], taken: dict[int, int], ambiguous: set[int]
    ) -> None:
        fit[[*taken, *ambiguous], :] = 0
        while fit.size and fit.max() > 0:
            i, j = (int(v) for v in np.unravel_index(int(np.argmax(fit)), fit.shape))
            limit = self._settings.ambiguity * fit[i, j]
            contenders = [int(k) for k in np.nonzero(fit[:, j] >= limit)[0]]
            # What was seen just now goes before what has only been guessed for a while.
            fresh = [k for k in contenders if ages[k] <= ages[contenders].min() + 1]
            if len(fresh) > 1 or (np.delete(fit[fresh[0]], j) >= limit).any():
                ambiguous.update(fresh)
            else:
                taken[fresh[0]] = j
            fit[fresh, :] = 0
            fit[:, j] = 0

    def _reach_back(self, kind: SubjectKind, tracks: Sequence[OpenTrack], motion: Motion) -> None:
        """Fill the frames before the first detections as far as reach and pictures allow, through weak candidates; from
        the latest frame on, so that tracks that come to the same frame go on together."""
        going = tracks
        while going := self._may_reach_back(kind, going):
            frame = max(track.first for track in going)
            here = [track for track in going if track.first == frame]
            moved = self._retrace(here, motion)
            if moved is None:  # nor are the pictures before it at hand
                return
            inside = inside_shares(moved.xyxy, *self._size) > LEAST_INSIDE
            for track, box, sure, visible in zip(here, moved.xyxy, moved.sure.tolist(), inside.tolist(), strict=True):
                track.blind_before = 0 if sure else track.blind_before + 1
                if visible and track.blind_before <= self._blind_limit:
                    track.prepend(*self._weak_near(track, box))
                else:
                    track.sealed = True

    def _retrace(self, tracks: Sequence[OpenTrack], motion: Motion) -> Moved | None:
        """Where each track was before its first frame: where its picture came from, or else the camera and its own
        movement."""
        frame, now = tracks[0].first, stacked([track.boxes[0] for track in tracks])
        moved = motion.backward(frame, now)
        if moved is None:
            return None
        from_camera, known = motion.camera_backward(frame, now), stacked([track.own_before for track in tracks])
        moved.xyxy[~moved.sure] = (from_camera + known)[~moved.sure]
        for track, movement in zip(tracks, own_movement(moved.xyxy, from_camera, known), strict=True):
            track.own_before = movement
        return moved

    def _may_reach_back(self, kind: SubjectKind, tracks: Sequence[OpenTrack]) -> list[OpenTrack]:
        """Those of ``tracks`` that may go on before their first frame."""
        beside = [beside_others(stacked(self._boxes_at(track.first, track)))[0] for track in tracks]
        reaches = self._reaches(kind, tracks, np.array(beside, np.bool_)).tolist()
        return [
            track
            for track, reach in zip(tracks, reaches, strict=True)
            if not track.sealed and track.first_hit - track.first < reach
        ]

    def _boxes_at(self, frame: int, track: OpenTrack) -> list[BoxArray]:
        """Where ``track`` is in ``frame``, and after it where the others that are open are."""
        others = [other for other in self._open if other is not track and other.first <= frame <= other.last]
        return [each.boxes[frame - each.first] for each in (track, *others)]

    def _weak_near(self, track: OpenTrack, box: BoxArray) -> tuple[BoxArray, float]:
        """The one weak candidate that lies where the track must have been, else ``box`` itself."""
        known = [w for w in self._weak.get(track.first - 1, []) if w[0] is track.kind]
        if not known:
            return box, 0.0
        fit = affinities(box[None], np.stack([w[1] for w in known]))[0]
        best = int(np.argmax(fit))
        clear = (np.delete(fit, best) < self._settings.ambiguity * fit[best]).all()
        if fit[best] < 2 * self._settings.least_affinity or not clear:
            return box, 0.0
        return known[best][1].copy(), known[best][2]

    def _remember_weak(self, frame: int, kind: SubjectKind, found: Detections, indices: Sequence[int]) -> None:
        self._weak.setdefault(frame, []).extend((kind, found.xyxy[j], float(found.scores[j])) for j in indices)
        self._weak.pop(frame - self._settings.frames(self._settings.longest_reach) - 1, None)
