"""Stills and thumbnails show a frame of the covered master and nothing else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from vrijgave.domain.texts import PublicContext
from vrijgave.errors import Rejected
from vrijgave.i18n import Language
from vrijgave.media import OutputFormat, open_writer
from vrijgave.rendition import THUMBNAIL_SIZE, make_thumbnail, take_stills

CONTEXT = PublicContext(
    public_case_number="2026-0314",
    unit="Politie Voorbeeldstad",
    offence="Overval",
    public_place="Voorbeeldstad",
    incident_date=date(2026, 3, 14),
    question="",
    scene="",
    silent=True,
    seconds=2,
    police_phone="0900-1111",
    anonymous_phone="0800-2222",
    tip_url="https://tips.example",
)
SHADES = (20, 70, 120, 170, 220)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five grey frames of 352×288 whose pixels are wider than high."""
    path = tmp_path_factory.mktemp("stills") / "master.mp4"
    ratio = Fraction(12, 11)
    output = OutputFormat(width=352, height=288, time_base=Fraction(1, 25), sample_aspect_ratio=ratio)
    with open_writer(path, output) as writer:
        for number, shade in enumerate(SHADES):
            writer.frame(np.full((288, 352, 3), shade, np.uint8), number)
    return path


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One frame of noise: the hardest picture to make small."""
    path = tmp_path_factory.mktemp("noisy") / "master.mp4"
    with open_writer(path, OutputFormat(width=1280, height=720, time_base=Fraction(1, 25), crf=5)) as writer:
        writer.frame(np.random.default_rng(1).integers(0, 256, (720, 1280, 3)).astype(np.uint8), 0)
    return path


def segments(data: bytes) -> set[int]:
    """The markers of a JPEG up to its picture data."""
    found, at = set(), 2
    while data[at + 1] != 0xDA:
        found.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return found


def test_stills_are_the_asked_frames_in_their_shown_shape(master: Path, tmp_path: Path) -> None:
    outputs = {3: tmp_path / "d.jpg", 1: tmp_path / "b.jpg"}
    take_stills(master, outputs)
    for number, path in outputs.items():
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.shape == (288, 384, 3)
        assert picture.mean() == pytest.approx(SHADES[number], abs=4)
    assert {p.name for p in tmp_path.iterdir()} == {"b.jpg", "d.jpg"}


def test_a_jpeg_carries_no_metadata(master: Path, tmp_path: Path) -> None:
    take_stills(master, {0: tmp_path / "still.jpg"})
    make_thumbnail(master, 0, CONTEXT, Language.DUTCH, tmp_path / "thumb.jpg", max_bytes=2_000_000)
    metadata = {*range(0xE1, 0xF0), 0xFE}
    for name in ("still.jpg", "thumb.jpg"):
        assert not segments((tmp_path / name).read_bytes()) & metadata


@pytest.mark.parametrize("frame", [-1, 5])
def test_a_frame_that_is_not_there_is_refused(master: Path, tmp_path: Path, frame: int) -> None:
    with pytest.raises(Rejected, match=str(frame)):
        take_stills(master, {frame: tmp_path / "still.jpg"})
    with pytest.raises(Rejected, match=str(frame)):
        make_thumbnail(master, frame, CONTEXT, Language.DUTCH, tmp_path / "thumb.jpg", max_bytes=2_000_000)
    assert list(tmp_path.iterdir()) == []


def test_the_thumbnail_shows_the_frame_and_its_title(master: Path, tmp_path: Path) -> None:
    output = tmp_path / "thumb.jpg"
    make_thumbnail(master, 4, CONTEXT, Language.DUTCH, output, max_bytes=2_000_000)
    picture = cv2.imread(str(output))
    assert picture is not None
    assert picture.shape[1::-1] == THUMBNAIL_SIZE
    assert picture[100:400, 400:880].mean() == pytest.approx(SHADES[4], abs=4)
    assert picture[100:400, :100].mean() < 10, "a frame of 4:3 is padded"
    band = picture[620:]
    assert (band.min(axis=2) > 200).sum() > 500, "white letters"
    assert np.median(band, axis=(0, 1)) == pytest.approx((68, 37, 12), abs=6)


def test_another_title_is_another_picture(master: Path, tmp_path: Path) -> None:
    pictures = []
    for language in Language:
        make_thumbnail(master, 4, CONTEXT, language, tmp_path / "thumb.jpg", max_bytes=2_000_000)
        pictures.append(cv2.imread(str(tmp_path / "thumb.jpg")))
    assert not np.array_equal(pictures[0], pictures[1])


def test_the_quality_is_lowered_until_the_file_is_small_enough(noisy: Path, tmp_path: Path) -> None:
    sizes = []
    for limit in (5_000_000, 400_000):
        make_thumbnail(noisy, 0, CONTEXT, Language.DUTCH, tmp_path / "thumb.jpg", max_bytes=limit)
        sizes.append((tmp_path / "thumb.jpg").stat().st_size)
        assert sizes[-1] <= limit
    assert sizes[0] > sizes[1]


def test_a_limit_that_cannot_be_met_is_refused(noisy: Path, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="1000"):
        make_thumbnail(noisy, 0, CONTEXT, Language.DUTCH, tmp_path / "thumb.jpg", max_bytes=1000)
    assert list(tmp_path.iterdir()) == []
