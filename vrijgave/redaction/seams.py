"""Joins what neighbouring segments found: one subject that both followed over their border becomes one track.

Both looked at the same pictures around the border. Two tracks are one where each was detected in the place of the
other and they nowhere contradict each other; where that is not clear they stay two, both covered, and no decision
passes from one to the other. Nothing that either of them found is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from vrijgave.domain.tracks import Source, Track
from vrijgave.redaction.geometry import paired_overlaps

SAME_PLACE = 0.5  # overlap (IoU) of two boxes that cover one subject: more than those of two neighbours can have


def joined_tracks(parts: Sequence[Sequence[Track]]) -> tuple[Track, ...]:
    """The tracks of all segments, in the segments' order, as one list numbered from 1 in order of appearance."""
    chains: list[list[Track]] = []
    ends: Mapping[int, list[Track]] = {}
    before: Sequence[Track] = ()
    for tracks in parts:
        links = same_subjects(before, tracks)
        grown = {}
        for track in tracks:
            chain = ends[links[track.id]] if track.id in links else _new(chains)
            chain.append(track)
            grown[track.id] = chain
        before, ends = tracks, grown
    whole = sorted((_united(chain) for chain in chains), key=lambda track: track.first)
    return tuple(replace(track, id=number) for number, track in enumerate(whole, start=1))


def same_subjects(before: Iterable[Track], after: Sequence[Track]) -> dict[int, int]:
    """Number of a track of ``after`` -> number of the one track of ``before`` that is surely the same subject."""
    met = {(a.id, b.id): sure for a in before for b in after if (sure := _surely_the_same(a, b)) is not None}
    earlier, later = Counter(a for a, _b in met), Counter(b for _a, b in met)
    return {b: a for (a, b), sure in met.items() if sure and earlier[a] == later[b] == 1}


def _surely_the_same(a: Track, b: Track) -> bool | None:
    """Whether the two are in the same place in all frames that both have, and each is detected in one of these; None
    when they are in the same place in none."""
    if a.kind is not b.kind or a.last < b.first or b.last < a.first:
        return None
    _frames, i, j = np.intersect1d(a.frames, b.frames, assume_unique=True, return_indices=True)
    same = paired_overlaps(a.xyxy[i], b.xyxy[j]) >= SAME_PLACE
    if not same.any():
        return None
    return bool(same.all() and (a.scores[i] > 0).any() and (b.scores[j] > 0).any())


def _new(chains: list[list[Track]]) -> list[Track]:
    chains.append([])
    return chains[-1]


def _united(chain: Sequence[Track]) -> Track:
    """One track of all frames of its parts; where two have a box, the box around both, and the surer detection."""
    if len(chain) == 1:
        return chain[0]
    frames = np.unique(np.concatenate([part.frames for part in chain]))
    low = np.full((len(frames), 2), np.inf, np.float32)
    high = np.full((len(frames), 2), -np.inf, np.float32)
    scores = np.zeros(len(frames), np.float32)
    known = [part.looks for part in chain if part.looks is not None]
    looks = np.zeros((len(frames), *known[0].shape[1:]), np.uint8) if len(known) == len(chain) else None
    for part in chain:
        at = np.searchsorted(frames, part.frames)
        low[at] = np.minimum(low[at], part.xyxy[:, :2])
        high[at] = np.maximum(high[at], part.xyxy[:, 2:])
        surer = part.scores > scores[at]
        scores[at[surer]] = part.scores[surer]
        if looks is not None and part.looks is not None:
            looks[at[surer]] = part.looks[surer]
    return replace(
        chain[0],
        frames=frames,
        xyxy=np.concatenate([low, high], axis=1),
        scores=scores,
        sources=tuple(Source.DETECTED if score > 0 else Source.TRACKED for score in scores),
        looks=looks,
    )
