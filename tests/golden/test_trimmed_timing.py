"""A trimmed release has exactly its pictures, at their times from its start, and ends where the next would begin."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from clips import Clip, Sound
from listing import listed

from vrijgave.domain.spans import Sound as Does
from vrijgave.domain.spans import Trim
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.redaction.covering import cover_and_prove

SHA = "b" * 64
COUNT = 60
EVEN = tuple(40 * n for n in range(COUNT))
UNEVEN = tuple(40 * n + 13 * (n % 3) for n in range(COUNT))
LATE = tuple(500 + 40 * n for n in range(COUNT))
AAC_FRAME = Fraction(1024, 48000)
TRIMS = [Trim(first=0, last=40), Trim(first=7, last=40), Trim(first=33, last=COUNT - 1), Trim(first=9, last=9)]


@pytest.mark.parametrize("pts", [EVEN, UNEVEN, LATE], ids=["even", "uneven", "late"])
@pytest.mark.parametrize("trim", TRIMS, ids=lambda trim: f"{trim.first}-{trim.last}")
def test_a_trimmed_release_has_its_pictures_at_their_times(tmp_path: Path, pts: tuple[int, ...], trim: Trim) -> None:
    loud = Sound(length=Fraction(3), burst_at=Fraction(0))
    source = Clip(pts=pts, time_base=Fraction(1, 1000), sound=loud).write(tmp_path / "source.mkv")
    found = Analysis(source_sha256=SHA, width=160, height=96, frame_count=COUNT, tracks=(), parameters={"rate": 25.0})
    output = tmp_path / "out.mp4"
    cover_and_prove(source, output, found, Plan(source_sha256=SHA, sound=Does.KEEP, trim=trim), ())
    seen = listed(output)
    assert list(seen.numbers) == list(range(trim.first, trim.last + 1))
    shown = [Fraction(time - pts[trim.first] + pts[0], 1000) for time in pts[trim.first : trim.last + 1]]
    assert list(seen.times) == shown
    if trim.last + 1 < COUNT:
        assert seen.end == Fraction(pts[trim.last + 1] - pts[trim.first] + pts[0], 1000)
    assert seen.heard is not None
    assert abs(seen.heard.start - (0 if trim.first == 0 else shown[0])) <= AAC_FRAME
    left = Fraction(3) - Fraction(pts[trim.first] - pts[0], 1000)
    to_the_end = trim.last + 1 == COUNT  # then sound that goes on after the pictures is kept, as always
    assert abs(seen.heard.end - (left if to_the_end else min(seen.end, left))) <= 2 * AAC_FRAME
