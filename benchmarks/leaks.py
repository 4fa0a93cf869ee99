"""Who shows: each clip is covered, scored on its pixels, and set against deface on the same clip."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.clock import plain_seconds, timed
from benchmarks.common import Clip, columns, heading, note, number, row, score_tool
from benchmarks.rival import Rival, RivalFailed
from vrijgave.errors import VrijgaveError
from vrijgave.redaction.detectors import Detector, DetectorName, build
from vrijgave.services.redact import redact_file

OURS = "Vrijgave"
DEFACE = "deface"
TEXT_ALONE = "text detection alone"
LARGE = 16
"""Pixels of width from which a face is counted among the large ones: below it few would recognise it."""
COLUMNS = (
    "clip", "program", "tracks", "leaked", f"faces ≥ {LARGE} px or plates", "of these leaked", "recall",
    "longest run", "over-redaction", "drift ms", "start shift ms", "passes", "frames", "seconds", "frames/s",
    "÷ transcode",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """Identities and boxes of one kind, in one clip or many."""

    tracks: int = 0
    leaked: int = 0
    large: int = 0
    """Tracks with a scored face of at least ``LARGE`` pixels; every plate."""
    large_leaked: int = 0
    """Those that show in a frame in which they are so large."""
    boxes: int = 0
    covered: int = 0
    longest: int = 0
    """Frames in a row in which one identity shows."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.tracks + other.tracks,
            self.leaked + other.leaked,
            self.large + other.large,
            self.large_leaked + other.large_leaked,
            self.boxes + other.boxes,
            self.covered + other.covered,
            max(self.longest, other.longest),
        )

    @property
    def recall(self) -> float | None:
        """Share of the boxes that are covered; None without boxes."""
        return self.covered / self.boxes if self.boxes else None

    @property
    def cells(self) -> tuple[object, ...]:
        """As the tables have it."""
        return self.tracks, self.leaked, self.large, self.large_leaked, number(self.recall, 4), self.longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One clip covered by one program."""

    clip: Clip
    program: str
    seconds: float
    plain: float
    """Seconds of the plain transcode."""
    passes: int | None
    tallies: Mapping[str, Tally]
    """By kind."""
    score: Mapping[str, Any]

    @property
    def tally(self) -> Tally:
        """All kinds together."""
        return sum(self.tallies.values(), Tally())

    @property
    def frames(self) -> int:
        """Of the clip."""
        return int(self.score["frames_out"])


def measure(clip: Clip, folder: Path, detectors: Sequence[Detector], rival: Rival | None) -> Iterator[Result | str]:
    """Ours; where plates are to be covered, ours with text detection alone; and deface where faces are to be covered.
    A line of text where there is nothing to score."""
    plain = plain_seconds(clip.video, folder)
    output = folder / "output.mp4"
    programs = {OURS: detectors}
    if "plate" in clip.kinds:
        programs[TEXT_ALONE] = build([DetectorName.TEXT])
    for program, looking in programs.items():
        try:
            seconds, outcome = timed(partial(redact_file, clip.video, output, overwrite=True, detectors=looking))
        except VrijgaveError as error:
            yield f"{clip.name}, {program}: no video. {type(error).__name__}: {error}"
        else:
            yield scored(clip, output, program, seconds, plain, outcome.rounds)
    if rival is not None and "face" in clip.kinds:
        try:
            seconds = rival.seconds(clip.video, output)
            yield scored(clip, output, DEFACE, seconds, plain, None)
        except (RivalFailed, score_tool().Mismatch) as error:
            yield f"{clip.name}, deface: not scored. {error}"


def scored(clip: Clip, output: Path, program: str, seconds: float, plain: float, passes: int | None) -> Result:
    """The score of ``output``. Raises the tool's ``Mismatch`` when it has not the frames of the clip."""
    score, truth = score_tool().score, clip.truth()
    # deface scales its picture to sides that 16 divides; our own may not be scaled
    given = str(clip.video), str(output), truth, program == DEFACE
    every = score(*given)
    large = score(*given, LARGE) if "face" in clip.kinds else every
    tallies = {kind: tally(kind, every["per_track"], large["per_track"]) for kind in sorted(clip.kinds)}
    return Result(clip=clip, program=program, seconds=seconds, plain=plain, passes=passes, tallies=tallies, score=every)


def tally(kind: str, every: Iterable[Mapping[str, Any]], large: Iterable[Mapping[str, Any]]) -> Tally:
    """Of the scoring tool's tracks: ``every`` box counted, and ``large`` faces alone."""
    mine = [track for track in every if track["kind"] == kind and track["boxes"] and not track["exempt"]]
    source = mine if kind == "plate" else [t for t in large if t["kind"] == kind and t["boxes"] and not t["exempt"]]
    return Tally(
        tracks=len(mine),
        leaked=sum(track["covered"] < track["boxes"] for track in mine),
        large=len(source),
        large_leaked=sum(track["covered"] < track["boxes"] for track in source),
        boxes=sum(track["boxes"] for track in mine),
        covered=sum(track["covered"] for track in mine),
        longest=max((track["longest_exposed_run"] for track in mine), default=0),
    )


def print_leaks(
    title: str, selected: Sequence[Clip], detectors: Sequence[Detector], rival: Rival | None, *, details: bool
) -> None:
    """A row for each clip and program, sums for faces and plates, and with ``details`` each identity that shows."""
    heading(title)
    columns(*COLUMNS)
    results, remarks = [], []
    with tempfile.TemporaryDirectory() as name:
        for place, clip in enumerate(selected, 1):
            note(f"{title}: {clip.name} ({place} of {len(selected)})")
            for result in measure(clip, Path(name), detectors, rival):
                if isinstance(result, str):
                    remarks.append(result)
                else:
                    results.append(result)
                    _print(result)
    print_sums(results)
    for line in remarks + ([line for result in results for line in exposed(result)] if details else []):
        print(f"\n- {line}")


def _print(result: Result) -> None:
    score = result.score
    row(
        result.clip.name,
        result.program,
        *result.tally.cells,
        number(score["over_redaction"], 4),
        score["max_timestamp_drift_ms"],
        score["start_shift_ms"],
        result.passes,
        result.frames,
        number(result.seconds),
        number(result.frames / result.seconds),
        number(result.seconds / result.plain, 2),
    )


def print_sums(results: Sequence[Result]) -> None:
    """Faces and plates apart; where deface did not get through a clip, ours over the others too."""
    heading("Sums")
    columns("what", "program", "clips", "tracks", "leaked", f"faces ≥ {LARGE} px or plates", "of these leaked",
            "recall", "longest run", "frames/s", "÷ transcode")  # fmt: skip
    for kind, what in (("face", "faces"), ("plate", "plates")):
        ours = [r for r in results if r.program == OURS and kind in r.tallies]
        _print_sum(what, kind, ours)
        for program in (DEFACE, TEXT_ALONE):
            others = [r for r in results if r.program == program and kind in r.tallies]
            both = {r.clip for r in others}
            if both and both != {r.clip for r in ours}:
                _print_sum(f"{what}, clips that {program} got through", kind, [r for r in ours if r.clip in both])
            _print_sum(what, kind, others)


def _print_sum(what: str, kind: str, results: Sequence[Result]) -> None:
    if not results:
        return
    seconds, plain = sum(r.seconds for r in results), sum(r.plain for r in results)
    total = sum((r.tallies[kind] for r in results), Tally())
    frames = sum(r.frames for r in results)
    ratio = number(seconds / plain, 2)
    row(what, results[0].program, len(results), *total.cells, number(frames / seconds), ratio)


def exposed(result: Result) -> Iterator[str]:
    """One line for each track that shows."""
    for track in result.score["per_track"]:
        if track["first_exposed_frame"] is not None and not track["exempt"]:
            yield (
                f"{result.clip.name}, {result.program}: {track['kind']} {track['id']}, "
                f"{track['boxes'] - track['covered']} of {track['boxes']} boxes, first in frame "
                f"{track['first_exposed_frame']}"
            )
