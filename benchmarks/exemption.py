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


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What one suspect's showing gave: boxes of the suspect, those visible, and both in the frames shown alone."""

    boxes: int
    visible: int
    frames: int
    boxes_shown: int
    visible_shown: int
    exposed: frozenset[tuple[str, int]]
    """(track, frame) of each box of somebody else that shows."""
    known: frozenset[tuple[str, int]]
    """Those of them that also show when nobody is shown."""


def examine(clip: Clip, suspect: Suspect, output: Path, detectors: Sequence[Detector], before: Shares) -> Showing:
    """Show ``suspect``; ``before`` is what shows when nobody is shown. Raises ``VrijgaveError`` without a video."""
    outcome = show(clip, suspect, output, detectors)
    shares, frames = visible_shares(clip, output), _shown_frames(outcome)
    seen = {frame: share > score_tool().VISIBLE for frame, share in shares.pop(suspect.name).items()}
    inside = [visible for frame, visible in seen.items() if frame in frames]
    exposed = _exposed(shares)
    return Showing(
        boxes=len(seen),
        visible=sum(seen.values()),
        frames=len(frames),
        boxes_shown=len(inside),
        visible_shown=sum(inside),
        exposed=exposed,
        known=exposed & _exposed(before),
    )


def print_exemption(selected: Sequence[Clip], detectors: Sequence[Detector]) -> None:
    """A row for each suspect, and the sums."""
    heading("One face shown")
    columns("clip", "suspect", "boxes", "visible", "frames shown", "visible while shown",
            "exposed boxes of others", "frames with these", "the same with nobody shown")  # fmt: skip
    found: list[Showing | None] = []
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "output.mp4"
        for clip in (clip for clip in selected if "face" in clip.kinds):
            chosen = suspects(clip)
            note(f"Exemption: {clip.name}, {len(chosen)} who stand free for long")
            before = _nobody_shown(clip, output, detectors) if chosen else {}
            for suspect in chosen:
                try:
                    found.append(examine(clip, suspect, output, detectors, before))
                except VrijgaveError as error:
                    found.append(None)
                    note(f"{clip.name}, {suspect.name}: {error}")
                _print(clip, suspect, found[-1])
    _print_sums([showing for showing in found if showing is not None], found.count(None))


def _print(clip: Clip, suspect: Suspect, showing: Showing | None) -> None:
    if showing is None:
        row(clip.name, suspect.name, len(suspect.boxes), "no video", *[None] * 5)
        return
    row(
        clip.name,
        suspect.name,
        showing.boxes,
        _share(showing.visible, showing.boxes),
        showing.frames,
        _share(showing.visible_shown, showing.boxes_shown),
        len(showing.exposed),
        len({frame for _name, frame in showing.exposed}),
        len(showing.known),
    )


def _print_sums(found: Sequence[Showing], refused: int) -> None:
    whole = _share(sum(s.visible for s in found), sum(s.boxes for s in found))
    shown = _share(sum(s.visible_shown for s in found), sum(s.boxes_shown for s in found))
    transfers = sum(len({frame for _name, frame in s.exposed - s.known}) for s in found)
    print(
        f"\n{len(found)} shown, {refused} refused or without a video. Visible: {whole} of their boxes, {shown} of "
        f"those in the frames in which they are shown. Transfers: {transfers} frames in which somebody else shows "
        "who does not when nobody is shown.",
        flush=True,
    )


def _nobody_shown(clip: Clip, output: Path, detectors: Sequence[Detector]) -> Shares:
    """Empty where there is no video."""
    try:
        redact_file(clip.video, output, overwrite=True, detectors=detectors)
    except VrijgaveError as error:
        note(f"{clip.name}, nobody shown: {error}")
        return {}
    return visible_shares(clip, output)


def _shown_frames(outcome: RedactOutcome) -> frozenset[int]:
    exemptions = coverage(outcome.analysis, outcome.plan).exemptions
    return frozenset(int(frame) for exemption in exemptions for frame in exemption.frames)


def _exposed(shares: Shares) -> frozenset[tuple[str, int]]:
    """(track, frame) of each box that shows."""
    limit = score_tool().EXPOSED
    return frozenset((name, f) for name, track in shares.items() for f, share in track.items() if share > limit)


def _share(part: float, whole: float) -> str | None:
    return number(part / whole, 4) if whole else None
