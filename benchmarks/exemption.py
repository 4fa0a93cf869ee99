"""One face stays visible, all others must not: how much of it shows, and whether anybody shows with it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.common import Box, Clip, boxes, columns, heading, note, number, row, score_tool
from vrijgave.errors import Rejected, VrijgaveError
from vrijgave.media import probe
from vrijgave.redaction.detectors import Detector
from vrijgave.redaction.plan import coverage
from vrijgave.services.redact import RedactOutcome, ShowPoint, redact_file

SUSPECTS = 3
"""Of each clip."""
WELL_VISIBLE = 24
"""Pixels of width."""
SHORTEST = 20
"""Frames in a row in which a suspect stands free, at least."""
GROWN = 1.8
"""Boxes grown by this may not meet where somebody stands free."""
Shares = dict[str, dict[int, float]]
"""For each track of the truth and each frame in which it is scored: the share of its cells that show the source."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A track of the truth, and the frames, ascending, of its longest stretch in which it stands free."""

    name: str
    boxes: Mapping[int, Box]
    free: Sequence[int]

    def points(self) -> list[ShowPoint]:
        """Where a person may point, the middle of the stretch first."""
        quarters = (len(self.free) // 2, len(self.free) // 4, 3 * len(self.free) // 4)
        found = []
        for place in quarters:
            x, y, w, h = self.boxes[self.free[place]]
            found.append(ShowPoint(frame=self.free[place], x=x + w / 2, y=y + h / 2, reason="benchmark"))
        return found


def suspects(clip: Clip, most: int = SUSPECTS) -> list[Suspect]:
    """The ``most`` faces that stand free for long and are large."""
    video = probe(clip.video).video
    tracks = {track["id"]: boxes(track) for track in clip.truth()["tracks"]}
    known = [t["id"] for t in clip.truth()["tracks"] if t["kind"] == "face" and not t.get("ignore")]
    found = []
    for name in known:
        others = [track for other, track in tracks.items() if other != name]
        free = [f for f, box in tracks[name].items() if _stands_free(f, box, others, video.width, video.height)]
        stretch = longest_stretch(free)
        if len(stretch) >= SHORTEST:
            found.append(Suspect(name, tracks[name], stretch))
    found.sort(key=lambda s: -len(s.free) * float(np.median([s.boxes[f][2] for f in s.free])))
    return found[:most]


def longest_stretch(frames: Sequence[int]) -> list[int]:
    """The longest run of ascending ``frames`` without a hole."""
    runs: list[list[int]] = [[frame] for frame in frames[:1]]
    for before, frame in pairwise(frames):
        if frame == before + 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return max(runs, key=len, default=[])


def _stands_free(frame: int, box: Box, others: Sequence[Mapping[int, Box]], width: int, height: int) -> bool:
    x, y, w, h = box
    inside = x >= 0 and y >= 0 and x + w <= width and y + h <= height
    near = (other[frame] for other in others if frame in other)
    return w >= WELL_VISIBLE and inside and not any(_meet(box, other) for other in near)


def _meet(one: Box, other: Box) -> bool:
    """Whether the two meet when both are grown."""
    return all(
        abs(one[axis] + one[axis + 2] / 2 - other[axis] - other[axis + 2] / 2)
        < GROWN * (one[axis + 2] + other[axis + 2]) / 2
        for axis in (0, 1)
    )


def visible_shares(clip: Clip, output: Path) -> Shares:
    """Frame by frame with the scoring tool's own functions."""
    tool, tracks = score_tool(), [track for track in clip.truth()["tracks"] if not track.get("ignore")]
    found: Shares = {track["id"]: {} for track in tracks}
    pictures = zip(tool.decode(str(clip.video)), tool.decode(str(output)), strict=True)
    for index, ((_at, source), (_at_too, covered)) in enumerate(pictures):
        for track in tracks:
            box = track["boxes"].get(str(index))
            cells = tool.cells(source, covered, box, track["kind"]) if box else None
            if cells:
                found[track["id"]][index] = float(np.mean(cells))
    return found


def show(clip: Clip, suspect: Suspect, output: Path, detectors: Sequence[Detector]) -> RedactOutcome:
    """Redact with ``suspect`` visible, pointed at as a person would: elsewhere when that frame is refused.

    Raises ``Rejected`` when all are.
    """
    *first, last = suspect.points()
    for point in first:
        try:
            return redact_file(clip.video, output, show=[point], overwrite=True, detectors=detectors)
        except Rejected as refused:
            note(f"{clip.name}, {suspect.name}: {refused}")
    return redact_file(clip.video, output, show=[last], overwrite=True, detectors=detectors)


def print_exemption(selected: Sequence[Clip], detectors: Sequence[Detector]) -> None:
    """A row for each suspect, and the sums."""
    heading("One face shown")
    columns("clip", "suspect", "boxes", "visible", "frames shown", "visible while shown",
            "exposed boxes of others", "frames with these", "the same with nobody shown")  # fmt: skip
    whole, during, transfers = [], [], 0
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "output.mp4"
        for clip in (clip for clip in selected if "face" in clip.kinds):
            chosen = suspects(clip)
            if not chosen:
                note(f"Exemption: nobody stands free for long in {clip.name}")
                continue
            before = _nobody_shown(clip, output, detectors)
            for suspect in chosen:
                note(f"Exemption: {clip.name}, {suspect.name}")
                try:
                    outcome = show(clip, suspect, output, detectors)
                except VrijgaveError as error:
                    row(clip.name, suspect.name, f"refused: {error}", *[None] * 6)
                    whole.append((0, len(suspect.boxes)))
                    continue
                shares = visible_shares(clip, output)
                frames = _shown_frames(outcome)
                seen = {f: share > score_tool().VISIBLE for f, share in shares.pop(suspect.name).items()}
                inside = [visible for f, visible in seen.items() if f in frames]
                exposed, known = _exposed(shares), _exposed({n: before.get(n, {}) for n in shares})
                fresh = exposed - known
                row(clip.name, suspect.name, len(seen), _share(sum(seen.values()), len(seen)), len(frames),
                    _share(sum(inside), len(inside)), len(exposed), len({f for _n, f in exposed}),
                    len(exposed & known))  # fmt: skip
                whole.append((sum(seen.values()), len(seen)))
                during.append((sum(inside), len(inside)))
                transfers += len({f for _n, f in fresh})
    all_seen, all_boxes = np.sum(whole, axis=0) if whole else (0, 0)
    shown, shown_boxes = np.sum(during, axis=0) if during else (0, 0)
    print(
        f"\n{len(whole)} suspects, {len(whole) - len(during)} refused: {_share(all_seen, all_boxes)} of all their "
        f"boxes visible, {_share(shown, shown_boxes)} of those while shown; {transfers} frames in which somebody else "
        "shows who does not when nobody is shown.",
        flush=True,
    )


def _nobody_shown(clip: Clip, output: Path, detectors: Sequence[Detector]) -> Shares:
    redact_file(clip.video, output, overwrite=True, detectors=detectors)
    return visible_shares(clip, output)


def _shown_frames(outcome: RedactOutcome) -> frozenset[int]:
    exemptions = coverage(outcome.analysis, outcome.plan).exemptions
    return frozenset(int(frame) for exemption in exemptions for frame in exemption.frames)


def _exposed(shares: Shares) -> set[tuple[str, int]]:
    """(track, frame) of each box that shows."""
    return {(name, f) for name, track in shares.items() for f, share in track.items() if share > score_tool().EXPOSED}


def _share(part: float, whole: float) -> str | None:
    return number(part / whole, 4) if whole else None
