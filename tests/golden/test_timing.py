"""Every picture, every time and the sound of a source are in the redacted file, whatever kind of file it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from listing import Listing, heard, listed, red_pixels, start
from timing_case import Case
from timing_cases import CASES

from vrijgave.domain.tracks import Detections, Image, ModelInfo, SubjectKind
from vrijgave.redaction.detectors.base import EVERY_FRAME, Pace, Region
from vrijgave.services.redact import RedactOutcome, redact_file

AAC_FRAME = 1024
COVERED = 4.0
"""Spread of levels up to which a picture counts as all cover."""
HEARD = 0.003


@dataclass(frozen=True)
class Marker:
    """Finds the red square."""

    kind: SubjectKind = SubjectKind.PLATE
    parts: bool = False
    info: ModelInfo = field(default=ModelInfo(name="marker", sha256="0" * 64, parameters={}))
    pace: Pace = EVERY_FRAME

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        left, top, right, bottom = region or (0, 0, image.shape[1], image.shape[0])
        found = red_pixels(image[top:bottom, left:right])
        if len(found) < 9:
            return Detections.empty()
        (y0, x0), (y1, x1) = found.min(axis=0), found.max(axis=0) + 1
        box = np.array([[x0 + left, y0 + top, x1 + left, y1 + top]], np.float32)
        return Detections(box, np.ones(1, np.float32))

    def rest(self) -> None:
        pass

    def second_look(self) -> Marker:
        return self


def redacted(source: Path, folder: Path, *, sound: str) -> tuple[Listing, RedactOutcome]:
    plan = folder / "plan.json"
    plan.write_text(f'{{"sound": "{sound}"}}')
    output = folder / "out.mp4"
    outcome = redact_file(source, output, plan_file=plan, detectors=[Marker()], overwrite=True)
    return listed(output), outcome


@pytest.mark.parametrize("name", CASES)
def test_times_pictures_and_sound_are_those_of_the_source(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    source = case.make(tmp_path / case.file)
    seen, outcome = redacted(source, tmp_path, sound="keep")
    check_pictures(case, source, seen)
    check_sound(case, source, seen)
    lost = tuple(index for index, number in enumerate(case.numbers) if number is None)
    assert outcome.analysis.unreadable == lost


def check_pictures(case: Case, source: Path, seen: Listing) -> None:
    first = start(source) if case.start is None else case.start
    moments = list(accumulate(case.steps, initial=first))
    assert [number if number is not None else -1 for number in case.numbers] == [
        number if grey > COVERED else -1 for number, grey in zip(seen.numbers, seen.greys, strict=True)
    ]
    assert list(seen.times) == moments[:-1]
    assert abs(seen.end - moments[-1]) <= case.tick
    assert (seen.size, seen.shape) == (case.size, case.shape)
    assert set(seen.reds) == {0}


def check_sound(case: Case, source: Path, seen: Listing) -> None:
    assert seen.streams == (("video",) if case.onset is None else ("video", "audio"))
    if case.onset is None:
        return
    before, after = heard(source), seen.heard
    assert before is not None
    assert after is not None
    shift = seen.times[0] - start(source)
    frame = Fraction(AAC_FRAME, after.rate)
    assert abs(after.start - before.start - shift) <= frame
    assert abs(after.end - before.end - shift) <= frame
    assert after.onset - float(shift) == pytest.approx(before.onset, abs=HEARD)
    assert after.onset - float(seen.times[0]) == pytest.approx(float(case.onset), abs=HEARD + case.codec_delay)


MUTED = (
    "29.97 a second, B-frames, MP4",
    "picture from 5.3 s, sound from 0, MP4",
    "other pictures, sounds and a timecode",
)


@pytest.mark.parametrize("name", MUTED)
def test_without_the_sound_the_picture_is_the_same(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    source = case.make(tmp_path / case.file)
    seen, _ = redacted(source, tmp_path, sound="mute")
    check_pictures(case, source, seen)
    assert seen.streams == ("video",)
