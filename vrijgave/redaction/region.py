"""Following what a person drew, forward and backward, as far as it can surely be told apart from its surroundings.

The picture is compared at ``GREY_WIDTH`` pixels at most. From frame to frame optical flow says where the box goes;
what lies there is compared with what was drawn and with what it looked like lately. While neither fits, the box stays
where it was, grows and goes on covering; after ``BLIND_SECONDS`` of that the track ends as ``LOST``, which is for a
person to look at. Where the person gave a last frame, the box stays to that frame. Between two drawn boxes the way is
followed from both, and no frame is left out.

The frames before a drawn one are kept at hand, ``MEMORY`` of them; a subject that goes back further costs another
decode for as many more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from vrijgave.domain.regions import End, Region
from vrijgave.domain.tracks import Analysis, BoxArray, Source, Track
from vrijgave.media import DEFAULT_LIMITS, Frame, Limits, Progress, open_reader
from vrijgave.redaction.analysis import frame_rate
from vrijgave.redaction.cuts import CutFinder
from vrijgave.redaction.growth import Grown
from vrijgave.redaction.region_walk import Picture, Walk, Way
from vrijgave.redaction.sight import GREY_WIDTH, Sight

MEMORY = 256  # small grey pictures: about 130 MB for 16:9
BLIND_SECONDS = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A region over time, not yet grown. ``scores`` are likenesses, 1 where drawn, 0 where no place was sure."""

    region: Region
    frames: tuple[int, ...]
    xyxy: BoxArray
    scores: tuple[float, ...]
    begins: End
    ends: End

    def track(self, number: int, width: int, height: int) -> Track:
        """As a track of the analysis, grown to what has to be covered in a picture of ``width`` × ``height``."""
        scores = np.array(self.scores, np.float32)
        grown = Grown(width, height).boxes(self.region.kind, self.xyxy, scores > 0)
        frames = np.array(self.frames, np.int64)
        return Track(number, self.region.kind, frames, grown, scores, (Source.MANUAL,) * len(frames))


def follow_regions(
    path: Path, regions: Sequence[Region], limits: Limits = DEFAULT_LIMITS, progress: Progress | None = None
) -> tuple[Followed, ...]:
    """Follow each region through ``path``; memory does not grow with its length.

    Raises ``Rejected`` for a box or frame outside the footage, and ``UnreadableMedia``.
    """
    with open_reader(path, limits) as reader:
        video = reader.info.video
        for region in regions:
            region.check_inside(video.width, video.height, video.frame_count)
        follower = _Followers(regions, video.width, video.height, frame_rate(video))
        pictures = _Pictures()
        for frame in reader.frames():
            follower.take(pictures.of(frame))
            if progress is not None:
                progress(frame.index + 1, video.frame_count)
            if follower.done:
                break
    while (before := follower.needs_before()) is not None:
        follower.take_earlier(_earlier(path, before, limits))
    return follower.results(video.frame_count)


def with_followed(analysis: Analysis, followed: Iterable[tuple[int, Followed]]) -> Analysis:
    """The analysis with regions added as tracks under the given numbers."""
    added = tuple(f.track(number, analysis.width, analysis.height) for number, f in followed)
    return replace(analysis, tracks=analysis.tracks + added)


class _Pictures:
    """Makes small grey pictures of frames given in order, and finds the cuts between them."""

    def __init__(self) -> None:
        self._cuts = CutFinder()

    def of(self, frame: Frame) -> Picture:
        """The frame, small."""
        if frame.picture is None:
            return Picture(frame.index, None, False)
        sight = Sight(frame.picture)
        return Picture(frame.index, sight.grey, self._cuts.is_cut(sight))


def _earlier(path: Path, before: int, limits: Limits) -> list[Picture]:
    """The last ``MEMORY`` pictures up to and with ``before``; decoded from the beginning, where alone cuts are sure."""
    kept: deque[Picture] = deque(maxlen=MEMORY)
    with open_reader(path, limits) as reader:
        pictures = _Pictures()
        for frame in reader.frames():
            kept.append(pictures.of(frame))
            if frame.index >= before:
                break
    return list(kept)


class _Followers:
    """All regions of one footage, fed with its pictures in order."""

    def __init__(self, regions: Sequence[Region], width: int, height: int, rate: float) -> None:
        self._ring: deque[Picture] = deque(maxlen=MEMORY)
        blind_limit = max(2, round(BLIND_SECONDS * rate))
        scale = min(1.0, GREY_WIDTH / width)
        self._all = [_Follower(region, scale, blind_limit) for region in regions]

    @property
    def done(self) -> bool:
        """Whether no later picture is needed."""
        return all(follower.done for follower in self._all)

    def take(self, picture: Picture) -> None:
        """The next picture of the footage."""
        if picture.cut:
            self._ring.clear()
        for follower in self._all:
            follower.forward(picture, self._ring)
        self._ring.append(picture)

    def needs_before(self) -> int | None:
        """The latest frame whose predecessors some region still has to be followed into."""
        waiting = [frame for f in self._all if (frame := f.needs_before()) is not None]
        return max(waiting, default=None)

    def take_earlier(self, pictures: Sequence[Picture]) -> None:
        """Pictures up to and with the frame that ``needs_before`` named."""
        for follower in self._all:
            if follower.needs_before() == pictures[-1].index:
                follower.backward(pictures)

    def results(self, frame_count: int) -> tuple[Followed, ...]:
        """The regions as far as they could be followed."""
        return tuple(follower.result(frame_count) for follower in self._all)


class _Follower:
    """One region: a walk forward from each drawn box, and one backward from each."""

    def __init__(self, region: Region, scale: float, blind_limit: int) -> None:
        self._region = region
        self._scale = scale
        self._blind_limit = blind_limit
        self._drawn = {box.frame: np.array(box.xyxy, np.float32) for box in region.boxes}
        self._last_drawn = max(self._drawn)
        self._ahead: dict[int, Walk] = {}
        self._back: dict[int, Walk] = {}
        self.done = False

    def forward(self, picture: Picture, before: Sequence[Picture]) -> None:
        """The next picture of the footage; ``before`` are those of its scene that are at hand."""
        if self.done:
            return
        if self._ahead:
            self._go_on(picture)
        if picture.index in self._drawn:
            self._begin(picture, before)
        walk = self._ahead.get(self._last_drawn)
        self.done = walk is not None and walk.way.end is not None

    def _go_on(self, picture: Picture) -> None:
        latest = self._ahead[max(self._ahead)]
        if picture.cut:
            latest.way.close(End.CUT)
        latest.take(picture)

    def _begin(self, picture: Picture, before: Sequence[Picture]) -> None:
        frame = picture.index
        earlier = max((f for f in self._drawn if f < frame), default=self._region.first)
        later = min((f for f in self._drawn if f > frame), default=self._region.last)
        self._ahead[frame] = self._walk(picture, later)
        self._back[frame] = self._walk(picture, earlier)
        if picture.cut:
            self._back[frame].way.close(End.CUT)
        if frame == 0:
            self._back[frame].way.close(End.CLIP)
        self._walk_back(self._back[frame], before)

    def _walk(self, picture: Picture, limit: int | None) -> Walk:
        box = self._drawn[picture.index]
        return Walk(picture, box, scale=self._scale, blind_limit=self._blind_limit, limit=limit)

    def _walk_back(self, walk: Walk, before: Sequence[Picture]) -> None:
        """Backward through pictures given in order, as far as they reach."""
        for picture in reversed(before):
            if walk.way.end is not None:
                return
            walk.take(picture)
            if picture.cut:
                walk.way.close(End.CUT)
            if picture.index == 0:
                walk.way.close(End.CLIP)

    def needs_before(self) -> int | None:
        """The frame up to which a walk backward came when its pictures ran out."""
        open_ = [walk.way.frame - len(walk.way.boxes) + 1 for walk in self._back.values() if walk.way.end is None]
        return max(open_, default=None)

    def backward(self, pictures: Sequence[Picture]) -> None:
        """Earlier pictures, up to and with the frame that ``needs_before`` named."""
        at = pictures[-1].index
        for walk in self._back.values():
            if walk.way.end is None and walk.way.frame - len(walk.way.boxes) + 1 == at:
                self._walk_back(walk, pictures[:-1])

    def result(self, frame_count: int) -> Followed:
        """The walks put together: on each frame both ways count, and where two meet they are bent to each other."""
        boxes: dict[int, tuple[BoxArray, float]] = {}
        drawn = sorted(self._drawn)
        for start, end in pairwise(drawn):
            boxes |= _between(self._ahead[start].way, self._back[end].way)
        boxes |= _as_frames(self._back[drawn[0]].way, -1) | _as_frames(self._ahead[drawn[-1]].way, 1)
        boxes |= {frame: (box, 1.0) for frame, box in self._drawn.items()}
        order = sorted(boxes)
        return Followed(
            region=self._region,
            frames=tuple(order),
            xyxy=np.stack([boxes[frame][0] for frame in order]).astype(np.float32),
            scores=tuple(boxes[frame][1] for frame in order),
            begins=self._back[drawn[0]].way.end or End.CLIP,
            ends=self._ahead[drawn[-1]].way.end or End.CLIP,
        )


def _as_frames(way: Way, direction: int) -> dict[int, tuple[BoxArray, float]]:
    return {
        way.frame + direction * i: (box, score)
        for i, (box, score) in enumerate(zip(way.boxes, way.scores, strict=True))
    }


def _between(ahead: Way, back: Way) -> dict[int, tuple[BoxArray, float]]:
    """The frames from one drawn box to the next.

    Each is covered where a way surely followed it, by both where they differ; where neither is sure, by the straight
    line between the two drawn boxes and all that either way covered. Across a cut nothing is known but the ways.
    """
    forth, forward = _as_frames(ahead, 1), _as_frames(back, -1)
    if End.CUT in (ahead.end, back.end):
        return forward | forth
    merged: dict[int, tuple[BoxArray, float]] = {}
    for frame in range(ahead.frame + 1, back.frame):
        ways = [way[frame] for way in (forth, forward) if frame in way]
        sure = [(box, score) for box, score in ways if score > 0]
        if sure:
            merged[frame] = (_around([box for box, _score in sure]), max(score for _box, score in sure))
        else:
            share = np.float32((frame - ahead.frame) / (back.frame - ahead.frame))
            straight = ahead.boxes[0] * (1 - share) + back.boxes[0] * share
            merged[frame] = (_around([straight, *(box for box, _score in ways)]), 0.0)
    return merged


def _around(boxes: Sequence[BoxArray]) -> BoxArray:
    stacked = np.stack(boxes)
    return np.concatenate([stacked[:, :2].min(axis=0), stacked[:, 2:].max(axis=0)]).astype(np.float32)
