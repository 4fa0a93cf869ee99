"""A contact sheet of ten hard moments, source beside output: people who turn, cross, come in, are cut off, and so on.

The moments are chosen by the truth of the clips, not by the result. Clips are found in VRIJGAVE_FOOTAGE_DIR (default
../shared/footage).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from benchmarks.common import MISSING, Box, Clip, boxes, clips, missing, note
from benchmarks.generated import joined
from vrijgave.domain.tracks import Image
from vrijgave.errors import VrijgaveError
from vrijgave.machine import detectors
from vrijgave.media import open_reader, probe
from vrijgave.redaction.detectors import Detector
from vrijgave.services.redact import redact_file
from vrijgave.settings import Settings

SIZE = (480, 360)
"""Of one picture on the sheet."""
LABEL = 26
GAP = 6
AROUND = 5.0
"""The part of the picture that is shown is so many times as large as the subject, and at least:"""
NARROWEST = 90
STEP = 5
"""Frames over which a turn is measured."""
CUT_AT = 30
Track = dict[int, Box]


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame of a clip and the box around which it is shown."""

    frame: int
    box: Box
    value: float
    """How hard: the moment with the largest is taken."""


Choice = Callable[[Clip, Sequence[Track]], Iterator[Moment]]


def turn(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The face's shape changes: width by height, over some frames."""
    for track in tracks:
        for frame, box in track.items():
            before = track.get(frame - STEP)
            if before is not None:
                yield Moment(frame, box, abs(float(np.log((box[2] / box[3]) / (before[2] / before[3])))))


def stirring(clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The picture inside the face's box changes most from one frame to the next: hands, lips, a turn."""
    last: Image | None = None
    for index, image in pictures(clip.video):
        for track in tracks:
            if index in track and last is not None:
                part = _inside(track[index], image)
                change = float(cv2.absdiff(image[part], last[part]).mean()) if image[part].size else 0.0
                yield Moment(index, track[index], change)
        last = image


def coming_in(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The first frame in which somebody is to be seen."""
    for track in tracks:
        first = min(track)
        if first > 0:
            yield Moment(first, track[first], track[first][2])


def close(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """Two come nearest to each other, measured in their size."""
    for one, other in combinations(tracks, 2):
        for frame in one.keys() & other.keys():
            a, b = one[frame], other[frame]
            if min(a[2], b[2]) < 12:
                continue
            away = np.hypot(a[0] + a[2] / 2 - b[0] - b[2] / 2, a[1] + a[3] / 2 - b[1] - b[3] / 2)
            yield Moment(frame, max(a, b, key=lambda box: box[2]), -float(away / (a[2] + b[2])))


def edge(clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The picture's edge cuts a face off; more of it before less."""
    video = probe(clip.video).video
    for track in tracks:
        for frame, (x, y, w, h) in track.items():
            seen = _length(x, w, video.width) * _length(y, h, video.height) / (w * h)
            touches = x <= 1 or y <= 1 or x + w >= video.width - 1 or y + h >= video.height - 1
            if touches and seen >= 0.4 and w >= 14:
                yield Moment(frame, (x, y, w, h), w * (1.5 - seen))


def motion(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The longest way from one frame to the next, measured in widths."""
    for track in tracks:
        for frame, (x, y, w, h) in track.items():
            if frame - 1 in track and w >= 16:
                x1, y1, w1, h1 = track[frame - 1]
                yield Moment(frame, (x, y, w, h), float(np.hypot(x + w / 2 - x1 - w1 / 2, y + h / 2 - y1 - h1 / 2) / w))


def cut(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The first frame after a cut."""
    for track in tracks:
        if CUT_AT in track:
            yield Moment(CUT_AT, track[CUT_AT], track[CUT_AT][2])


def small(_clip: Clip, tracks: Sequence[Track]) -> Iterator[Moment]:
    """The smallest face that is still one."""
    for track in tracks:
        for frame, box in track.items():
            if box[2] >= 8:
                yield Moment(frame, box, -box[2])


SHEET: tuple[tuple[str, str, Choice], ...] = (
    ("turning", "head-pose", turn),
    ("movement in the face", "asl_eat", stirring),
    ("movement in the face", "asl_help", stirring),
    ("coming in", "one-by-one", coming_in),
    ("close together", "face_city_02", close),
    ("cut off by the edge", "face_city_01", edge),
    ("cut off by the edge", "asl_bird", edge),
    ("fast, blurred", "face_city_03", motion),
    ("first frame after a cut", "", cut),
    ("small", "classroom", small),
)
JOINED = ("asl_help", "asl_bird")


def hardest(choice: Choice, clip: Clip) -> Moment | None:
    """The hardest moment of ``clip``, None where it has none of this kind."""
    tracks = [boxes(track) for track in clip.truth()["tracks"] if track["boxes"] and not track.get("ignore")]
    return max(choice(clip, tracks), key=lambda moment: moment.value, default=None)


def pictures(path: Path) -> Iterator[tuple[int, Image]]:
    """Frame number and BGR picture of each frame that can be decoded."""
    with open_reader(path) as reader:
        for frame in reader.frames():
            if frame.image is not None:
                yield frame.index, frame.image


def picture(path: Path, frame: int) -> Image:
    """One of them."""
    return next(image for index, image in pictures(path) if index == frame)


def _length(start: float, length: float, limit: int) -> float:
    return max(0.0, min(limit, start + length) - max(0.0, start))


def _inside(box: Box, image: Image) -> tuple[slice, slice]:
    x, y, w, h = (round(value) for value in box)
    return slice(max(0, y), min(image.shape[0], y + h)), slice(max(0, x), min(image.shape[1], x + w))


def enlarged(image: Image, box: Box) -> Image:
    """The part around ``box``, with the shape of the sheet's pictures, as large as they are."""
    height, width = image.shape[:2]
    x, y, w, h = box
    wide = min(width, max(NARROWEST, AROUND * w, AROUND * h * SIZE[0] / SIZE[1]))
    high = min(height, wide * SIZE[1] / SIZE[0])
    wide = min(wide, high * SIZE[0] / SIZE[1])
    left = round(min(max(0.0, x + w / 2 - wide / 2), width - wide))
    top = round(min(max(0.0, y + h / 2 - high / 2), height - high))
    part = image[top : top + round(high), left : left + round(wide)]
    return np.asarray(cv2.resize(part, SIZE, interpolation=cv2.INTER_CUBIC), np.uint8)


def cell(label: str, before: Image, after: Image) -> Image:
    """Two pictures side by side under their label."""
    gap = np.full((SIZE[1], GAP, 3), 255, np.uint8)
    pair = np.hstack([before, gap, after])
    head = np.full((LABEL, pair.shape[1], 3), 255, np.uint8)
    cv2.putText(head, label, (4, LABEL - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([head, pair])


def sheet(cells: Sequence[Image]) -> Image:
    """All of them, two in a row."""
    filled = [*cells, *([np.full_like(cells[0], 255)] if len(cells) % 2 else [])]
    gap = np.full((cells[0].shape[0], 3 * GAP, 3), 255, np.uint8)
    return np.vstack([np.hstack([one, gap, other]) for one, other in zip(filled[::2], filled[1::2], strict=True)])


def cells(folder: Path, looking: Sequence[Detector]) -> Iterator[Image]:
    """A cell for each moment whose clip is there."""
    for label, name, choice in SHEET:
        clip = _clip(name, folder)
        moment = hardest(choice, clip) if clip else None
        if clip is None or moment is None:
            note(f"{label}: no such moment in {name or 'a cut'}")
            continue
        note(f"{label}: {clip.name}, frame {moment.frame}")
        output = folder / f"{clip.name}.covered.mp4"
        try:
            if not output.exists():
                redact_file(clip.video, output, detectors=looking)
        except VrijgaveError as error:
            note(f"{clip.name}: {error}")
            continue
        pair = (enlarged(picture(path, moment.frame), moment.box) for path in (clip.video, output))
        yield cell(f"{label}: {clip.name}, frame {moment.frame}", *pair)


def _clip(name: str, folder: Path) -> Clip | None:
    if name:
        return next(iter(clips([name])), None)
    first, second = (next(iter(clips([part])), None) for part in JOINED)
    return joined(first, second, CUT_AT, folder / "cut.mp4") if first and second else None


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.moments",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sheet", type=Path, help="the picture to write (PNG)")
    asked = parser.parse_args()
    lacking = missing(clips())
    if lacking is not None:
        note(lacking)
        return MISSING
    with tempfile.TemporaryDirectory() as name:
        found = list(cells(Path(name), detectors(Settings())))
    if not found or not cv2.imwrite(str(asked.sheet), sheet(found)):
        note(f"Nothing could be written to {asked.sheet}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
