"""An analysis as the edits of a review leave it: a pure function of what was found and the edits in force.

Nothing that was found is left bare unless an edit says why. Whoever bends, extends, splits or merges a track ends what
was shown of it, and its old form still counts where it has to be sure who another track follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.edits import (
    AddBox,
    Delete,
    Edit,
    Extend,
    Hide,
    Merge,
    MoveBox,
    SetSound,
    SetStyle,
    SetTrim,
    Show,
    Split,
    Undo,
    planned,
)
from vrijgave.domain.regions import DrawnBox, Region
from vrijgave.domain.spans import Sound
from vrijgave.domain.tracks import Analysis, BoxArray, FrameArray, Plan, Source, SubjectKind, Track
from vrijgave.errors import NotFound, Rejected
from vrijgave.i18n import _
from vrijgave.redaction.geometry import areas, clipped
from vrijgave.redaction.keyframes import Keyframes

BARE = 0.5  # pixels by which a box may come short of what was found: rounding, not a choice
APART = 0.5  # share of the smaller of two boxes below which they are two subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What holds after ``edits``. ``flagged`` are the numbers of those that leave something bare that was found, and
    ``placed`` the frames of each track whose box a person has placed. ``lines``: where more edits go on from."""

    edits: tuple[Edit, ...]
    analysis: Analysis
    plan: Plan
    flagged: frozenset[int]
    placed: Mapping[int, tuple[int, ...]]
    lines: Mapping[int, _Line]


def edited(base: Analysis, edits: Iterable[Edit], earlier: Iterable[Edited] = ()) -> Edited:
    """Carry out ``edits``, those in force, in their order, on what was found.

    Goes on from the one of ``earlier``, all of the same ``base``, that leaves least to do; the result is the same.
    Tracks that no edit is about stay the very same objects, as do those of ``earlier`` where it went on from one.
    Raises ``Rejected`` for an edit that cannot be, and for one without the reason that it needs, ``NotFound`` where its
    track does not exist.
    """
    chosen = tuple(edits)
    begun = [each for each in earlier if each.edits == chosen[: len(each.edits)]]
    before = max(begun, key=lambda each: len(each.edits), default=None)
    work = _Work(base, before)
    for edit in chosen[len(before.edits) if before else 0 :]:
        work.take(edit)
    tracks = tuple(line.track for line in work.lines.values())
    changed = [line for line in work.lines.values() if line.as_found != (line.track,)]
    return Edited(
        edits=chosen,
        analysis=replace(base, tracks=tracks, as_found=tuple(track for line in changed for track in line.numbered())),
        plan=planned(chosen, base.source_sha256),
        flagged=frozenset(work.flagged),
        placed={line.track.id: tuple(sorted(line.placed)) for line in work.lines.values() if line.placed},
        lines=work.lines,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A track, the parts of the analysis that it came of, and the frames whose box a person placed."""

    track: Track
    as_found: tuple[Track, ...]
    placed: frozenset[int] = frozenset()

    def numbered(self) -> Iterator[Track]:
        """Its parts as they were found, under the number of the track."""
        return (t if t.id == self.track.id else replace(t, id=self.track.id) for t in self.as_found)

    def part(self, chosen: NDArray[np.bool_], number: int) -> _Line:
        """The frames ``chosen`` of the track, from its first to its last."""
        track = self.track.part(chosen, number)
        found = ((t, (t.frames >= track.first) & (t.frames <= track.last)) for t in self.as_found)
        return _Line(
            track,
            tuple(t.part(within, t.id) for t, within in found if within.any()),
            frozenset(frame for frame in self.placed if track.first <= frame <= track.last),
        )


class _Work:
    """The tracks between one edit and the next."""

    def __init__(self, base: Analysis, before: Edited | None) -> None:
        self._base = base
        self.lines = dict(before.lines) if before else {track.id: _Line(track, (track,)) for track in base.tracks}
        self.flagged = set(before.flagged) if before else set[int]()

    def take(self, edit: Edit) -> None:
        """Carry out one edit."""
        match edit.change:
            case Show(track=number, anchor=anchor):
                _reasoned(edit)
                if anchor is not None:
                    _position(self._line(number).track, anchor)
            case Hide(track=number):
                _reasoned(edit)
                self._line(number)
            case MoveBox():
                self._move(edit, edit.change)
            case Split():
                self._split(edit.change, edit.made)
            case Merge():
                self._merge(edit.change)
            case Delete(track=number):
                _reasoned(edit)
                self._line(number)
                del self.lines[number]
                self.flagged.add(edit.number)
            case Extend():
                self._extend(edit.change)
            case AddBox(region=region):
                track = _drawn(region, edit.made, self._base)
                self.lines[track.id] = _Line(track, (), frozenset(box.frame for box in region.boxes))
            case SetSound(span=span):
                if span.sound is Sound.KEEP:
                    _reasoned(edit)
            case SetTrim(trim=trim):
                if trim is not None:
                    trim.check_inside(self._base.frame_count)
            case SetStyle() | Undo():
                pass

    def _line(self, number: int) -> _Line:
        if number not in self.lines:
            raise NotFound(_("There is no track {track}; «vrijgave review» lists them.").format(track=number))
        return self.lines[number]

    def _move(self, edit: Edit, change: MoveBox) -> None:
        line = self._line(change.track)
        box = _box(change.box, line.track.kind, self._base)
        track = _bent(line, change.box.frame, box, change.reach)
        if _leaves_bare(track, line.as_found, self._base):
            if not edit.reason.strip():
                raise Rejected(
                    "reason",
                    _("Track {track} would no longer cover all that was found; say why, or draw a larger box.").format(
                        track=change.track
                    ),
                )
            self.flagged.add(edit.number)
        self.lines[change.track] = replace(line, track=track, placed=line.placed | {change.box.frame})

    def _split(self, change: Split, number: int) -> None:
        line = self._line(change.track)
        before = line.track.frames < change.frame
        if not 0 < np.count_nonzero(before) < len(before):
            raise Rejected(
                "edit",
                _("Track {track} cannot be split at frame {frame}: it has frames {first} to {last}.").format(
                    track=change.track, frame=change.frame, first=line.track.first, last=line.track.last
                ),
            )
        self.lines[change.track] = line.part(before, change.track)
        self.lines[number] = line.part(~before, number)

    def _merge(self, change: Merge) -> None:
        one, other = self._line(change.track), self._line(change.other)
        if change.track == change.other or one.track.kind is not other.track.kind:
            raise Rejected("edit", _("Only two tracks of one kind can become one; choose another track."))
        self.lines[change.track] = _Line(
            _merged(one.track, other.track), one.as_found + other.as_found, one.placed | other.placed
        )
        del self.lines[change.other]

    def _extend(self, change: Extend) -> None:
        line = self._line(change.track)
        if not 0 <= change.frame < self._base.frame_count:
            raise Rejected(
                "edit", _("This footage ends at frame {last}; choose an earlier frame.").format(
                    last=self._base.frame_count - 1
                )
            )  # fmt: skip
        if line.track.first <= change.frame <= line.track.last:
            raise Rejected(
                "edit",
                _("Track {track} covers frames {first} to {last} already; move its box instead.").format(
                    track=change.track, first=line.track.first, last=line.track.last
                ),
            )
        box = None if change.box is None else _box(change.box, line.track.kind, self._base)
        placed = line.placed | ({change.frame} if box is not None else set())
        self.lines[change.track] = replace(line, track=_extended(line.track, change.frame, box), placed=placed)


def _reasoned(edit: Edit) -> None:
    if not edit.reason.strip():
        raise Rejected("reason", _("Say why: give a reason."))


def _position(track: Track, frame: int) -> int:
    """Where ``frame`` is in the track. Raises ``Rejected``."""
    position = track.position(frame)
    if position is None:
        raise Rejected(
            "edit",
            _("Track {track} is not there in frame {frame}; choose a frame in which it is.").format(
                track=track.id, frame=frame
            ),
        )
    return position


def _box(drawn: DrawnBox, kind: SubjectKind, base: Analysis) -> BoxArray:
    """A drawn box ``(4,)``, cut to the picture. Raises ``Rejected`` where it lies outside."""
    Region(kind=kind, boxes=(drawn,)).check_inside(base.width, base.height, base.frame_count)
    box: BoxArray = clipped(np.array([drawn.xyxy], np.float32), base.width, base.height)[0]
    return box


def _drawn(region: Region, number: int, base: Analysis) -> Track:
    """A region as it was drawn, without following anything: held before the first box and after the last."""
    region.check_inside(base.width, base.height, base.frame_count)
    boxes = [box.xyxy for box in region.boxes]
    at = [box.frame for box in region.boxes]
    ends = ((region.first, 0), (region.last, -1))
    keys = dict(zip(at, boxes, strict=True)) | {f: boxes[i] for f, i in ends if f is not None and f not in at}
    order = sorted(keys)
    xyxy = np.array([keys[frame] for frame in order], np.float32)
    frames, xyxy = Keyframes(np.array(order, np.int64), xyxy).expand()
    return _manual(number, region.kind, frames, clipped(xyxy, base.width, base.height))


def _manual(number: int, kind: SubjectKind, frames: FrameArray, xyxy: BoxArray) -> Track:
    return Track(number, kind, frames, xyxy, np.zeros(len(frames), np.float32), (Source.MANUAL,) * len(frames))


def _bent(line: _Line, frame: int, box: BoxArray, reach: int) -> Track:
    """The track with ``box`` in ``frame``, and less of that change the farther away."""
    track = line.track
    change = box - track.xyxy[_position(track, frame)]
    weights = np.zeros(len(track.frames), np.float32)
    for side in (-1, 1):
        others = [side * (placed - frame) for placed in line.placed if side * (placed - frame) > 0]
        end = min([reach + 1, *others])
        away = side * (track.frames - frame)
        weights += np.where((away >= 0) & (away < end), 1 - away / end, 0).astype(np.float32)
    weights[track.frames == frame] = 1  # both sides counted it
    bent = track.xyxy + weights[:, None] * change
    whole = (bent[:, 2:] - bent[:, :2] >= 1).all(axis=1)  # else it would cover nothing: it stays as it was
    touched = (weights > 0) & whole
    xyxy = np.where(touched[:, None], bent, track.xyxy).astype(np.float32)
    return _as_placed(replace(track, xyxy=xyxy), touched)


def _as_placed(track: Track, placed: NDArray[np.bool_]) -> Track:
    sources = zip(track.sources, placed.tolist(), strict=True)
    return replace(track, sources=tuple(Source.MANUAL if here else source for source, here in sources))


def _leaves_bare(track: Track, as_found: Iterable[Track], base: Analysis) -> bool:
    """Whether in any frame something that was found sticks out of the box, in the picture."""
    for found in as_found:
        _common, mine, theirs = np.intersect1d(track.frames, found.frames, assume_unique=True, return_indices=True)
        wanted = clipped(found.xyxy[theirs], base.width, base.height)
        there = track.xyxy[mine]
        if (there[:, :2] > wanted[:, :2] + BARE).any() or (there[:, 2:] < wanted[:, 2:] - BARE).any():
            return True
    return False


def _merged(one: Track, other: Track) -> Track:
    """One track of both; where both have a box, the box around the two. Raises ``Rejected`` where they lie apart.

    Where it passes from one to the other only the person's word says that it is the same subject.
    """
    common, mine, theirs = np.intersect1d(one.frames, other.frames, assume_unique=True, return_indices=True)
    a, b = one.xyxy[mine], other.xyxy[theirs]
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    shared = areas(np.concatenate([low, high], axis=1)) / np.maximum(np.minimum(areas(a), areas(b)), 1e-6)
    if (shared < APART).any():
        raise Rejected(
            "edit",
            _("The tracks {one} and {other} lie apart in frame {frame}: they are two subjects.").format(
                one=one.id, other=other.id, frame=int(common[int(np.argmin(shared))])
            ),
        )
    alone = ~np.isin(other.frames, common)
    frames = np.concatenate([one.frames, other.frames[alone]])
    order = np.argsort(frames)
    xyxy, scores = one.xyxy.copy(), one.scores.copy()
    xyxy[mine] = np.concatenate([np.minimum(a[:, :2], b[:, :2]), np.maximum(a[:, 2:], b[:, 2:])], axis=1)
    scores[mine] = np.maximum(scores[mine], other.scores[theirs])
    sources = one.sources + tuple(s for s, keep in zip(other.sources, alone.tolist(), strict=True) if keep)
    looks = None
    if one.looks is not None and other.looks is not None and one.looks.shape[1:] == other.looks.shape[1:]:
        looks = np.concatenate([one.looks, other.looks[alone]])[order]
    missed = None if one.missed is None or other.missed is None else np.union1d(one.missed, other.missed)
    track = Track(
        one.id,
        one.kind,
        frames[order],
        np.concatenate([xyxy, other.xyxy[alone]])[order],
        np.concatenate([scores, other.scores[alone]])[order],
        tuple(sources[i] for i in order),
        looks,
        missed,
    )
    return _as_placed(track, _passages(track.frames, one.frames, other.frames))


def _passages(frames: FrameArray, one: FrameArray, other: FrameArray) -> NDArray[np.bool_]:
    """The frames that both had, and those beside which the track passes from one to the other."""
    whose = np.isin(frames, one) + 2 * np.isin(frames, other).astype(np.int8)
    step = np.diff(whose) != 0
    beside = np.concatenate([[False], step]) | np.concatenate([step, [False]])
    return np.asarray((whose == 3) | beside, np.bool_)


def _extended(track: Track, frame: int, box: BoxArray | None) -> Track:
    """The track up to ``frame`` beyond one of its ends: its last box held, or on the way to ``box``."""
    later = frame > track.last
    end, held = (track.last, track.xyxy[-1]) if later else (track.first, track.xyxy[0])
    target = held if box is None else box
    keys = sorted([(end, held), (frame, target)], key=lambda key: key[0])
    frames, xyxy = Keyframes(np.array([f for f, _b in keys], np.int64), np.stack([b for _f, b in keys])).expand()
    new = _manual(track.id, track.kind, *((frames[1:], xyxy[1:]) if later else (frames[:-1], xyxy[:-1])))
    parts = (track, new) if later else (new, track)
    blank = None if track.looks is None else np.zeros((len(new.frames), *track.looks.shape[1:]), np.uint8)
    return Track(
        track.id,
        track.kind,
        np.concatenate([part.frames for part in parts]),
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.scores for part in parts]),
        parts[0].sources + parts[1].sources,
        None if blank is None else np.concatenate([blank if part is new else track.looks for part in parts]),
        track.missed,
    )
