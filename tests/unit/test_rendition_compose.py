"""A rendition keeps every covered frame, its time and its sound, between two cards."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vrijgave.domain.texts import PublicContext
from vrijgave.domain.tracks import Image
from vrijgave.errors import Rejected, UnreadableMedia
from vrijgave.i18n import Language
from vrijgave.media import Frame, OutputFormat, SoundChunk, open_reader, open_writer, probe
from vrijgave.rendition import FULL_HD, Profile, build_cards, draw_card, make_rendition
from vrijgave.rendition.fitting import letterboxed

SMALL = replace(FULL_HD, width=640, height=360, preset="ultrafast", card_seconds=Fraction(1, 2))
CARDS = build_cards(
    PublicContext(
        public_case_number="2026-0314",
        unit="Politie Voorbeeldstad",
        offence="Overval",
        public_place="Voorbeeldstad",
        incident_date=date(2026, 3, 14),
        question="Herkent u deze man?",
        scene="",
        silent=True,
        seconds=2,
        police_phone="0900-1111",
        anonymous_phone="0800-2222",
        tip_url="https://tips.example",
    ),
    Language.DUTCH,
)
COVER = (40, 180, 60)
TIME_BASE = Fraction(1, 12800)
STEADY = tuple(range(0, 24 * 512, 512))
UNEVEN = tuple(np.cumsum([0, 512, 512, 1300, 90, 2048, 700, 512, 4000, 512, 333, 1024]).tolist())
RATE = 48000


def coded(number: int, width: int = 320, height: int = 240) -> Image:
    """A picture that carries its number in five bright or dark blocks, and a covered region below them."""
    picture = np.full((height, width, 3), 90, np.uint8)
    for bit in range(5):
        picture[10:60, 10 + bit * 60 : 60 + bit * 60] = 230 if number >> bit & 1 else 20
    picture[120:200, 100:220] = COVER
    return picture


def decoded(picture: Image) -> int:
    """The number in a rendition of 640×360 of such a picture, which takes 480×360 in its middle."""
    blocks = [picture[30:75, 80 + int(1.5 * (20 + bit * 60)) : 80 + int(1.5 * (50 + bit * 60))] for bit in range(5)]
    return sum(int(block.mean() > 128) << bit for bit, block in enumerate(blocks))


def write_master(path: Path, times: tuple[int, ...] = STEADY, *, tone: tuple[float, float] | None = None) -> Path:
    """A master of coded pictures; ``tone``: from and to which second a tone sounds."""
    output = OutputFormat(
        width=320,
        height=240,
        time_base=TIME_BASE,
        rate_hint=Fraction(25),
        sample_rate=RATE if tone else None,
        channels=1,
    )
    with open_writer(path, output) as writer:
        for number, pts in enumerate(times):
            writer.frame(coded(number), pts)
        if tone:
            moment = np.arange(RATE) / RATE
            samples = 0.5 * np.sin(2 * np.pi * 440 * moment) * ((moment >= tone[0]) & (moment < tone[1]))
            writer.sound(SoundChunk(Fraction(0), samples.astype(np.float32)[None]))
    return path


def frames(path: Path) -> list[Frame]:
    with open_reader(path) as reader:
        return list(reader.frames())


def heard(path: Path) -> np.ndarray:
    """The sound from second 0 on, one channel."""
    with open_reader(path, sound=True) as reader:
        chunks = [item for item in reader if isinstance(item, SoundChunk)]
    length = max(round(c.start * RATE) + c.samples.shape[1] for c in chunks)
    sound = np.zeros(length, np.float32)
    for chunk in chunks:
        start = round(chunk.start * RATE)
        begin = max(0, -start)
        sound[start + begin : start + chunk.samples.shape[1]] = chunk.samples[0, begin:]
    return sound


@pytest.mark.parametrize("times", [STEADY, UNEVEN, tuple(t + 12800 for t in UNEVEN)], ids=["steady", "uneven", "late"])
def test_every_frame_comes_through_with_its_time(tmp_path: Path, times: tuple[int, ...]) -> None:
    master = write_master(tmp_path / "master.mp4", times)
    schedule = make_rendition(master, CARDS, SMALL, tmp_path / "out.mp4")
    source, out = frames(master), frames(tmp_path / "out.mp4")
    body = [f for f in out if schedule.opening <= f.pts < schedule.closing]
    assert schedule.opening * TIME_BASE == SMALL.card_seconds
    assert [f.pts - schedule.opening for f in body] == [f.pts - source[0].pts for f in source]
    assert [decoded(f.image) for f in body] == list(range(len(times)))
    assert len(out) == len(body) + 2 * schedule.card_frames


def test_what_is_covered_stays_covered(tmp_path: Path) -> None:
    schedule = make_rendition(write_master(tmp_path / "master.mp4"), CARDS, SMALL, tmp_path / "out.mp4")
    for frame in frames(tmp_path / "out.mp4"):
        if schedule.opening <= frame.pts < schedule.closing:
            assert frame.image is not None
            region = frame.image[188:292, 240:400].astype(int)
            assert np.abs(region - np.asarray(COVER)).max() <= 12


def test_the_cards_are_what_was_drawn(tmp_path: Path) -> None:
    profile = replace(SMALL, card_seconds=Fraction(6, 5))
    schedule = make_rendition(write_master(tmp_path / "master.mp4"), CARDS, profile, tmp_path / "out.mp4")
    out = frames(tmp_path / "out.mp4")
    count = schedule.card_frames
    for card, shown in ((CARDS.opening, out[:count]), (CARDS.closing, out[-count:])):
        drawn = draw_card(card, SMALL).astype(int)
        blank = np.full_like(drawn, SMALL.style.background[::-1])
        middle = shown[count // 2].image
        assert middle is not None
        letters = np.abs(drawn - blank).max(axis=2) > 90
        assert letters.sum() > 2000
        assert np.abs(middle - drawn)[letters].mean() < 25
        assert np.abs(middle - drawn)[~letters].mean() < 6


def test_sound_stays_in_step_and_the_cards_are_silent(tmp_path: Path) -> None:
    master = write_master(tmp_path / "master.mp4", tone=(0.4, 0.6))
    schedule = make_rendition(master, CARDS, SMALL, tmp_path / "out.mp4")
    sound = heard(tmp_path / "out.mp4")
    loud = np.flatnonzero(np.abs(sound) > 0.1) / RATE
    opening, closing = (float(schedule.seconds(t)) for t in (schedule.opening, schedule.closing))
    assert loud[0] == pytest.approx(opening + 0.4, abs=0.02)
    assert loud[-1] == pytest.approx(opening + 0.6, abs=0.02)
    assert np.abs(sound[: int((opening - 0.05) * RATE)]).max() < 1e-3
    assert len(sound) / RATE == pytest.approx(closing + 0.5, abs=0.05)
    assert np.abs(sound[int((closing + 0.05) * RATE) :]).max() < 1e-3


def test_sound_that_runs_on_after_the_pictures_ends_at_the_closing_card(tmp_path: Path) -> None:
    master = write_master(tmp_path / "master.mp4", STEADY[:10], tone=(0.0, 1.0))
    schedule = make_rendition(master, CARDS, SMALL, tmp_path / "out.mp4")
    loud = np.flatnonzero(np.abs(heard(tmp_path / "out.mp4")) > 0.1) / RATE
    assert loud[-1] == pytest.approx(float(schedule.seconds(schedule.closing)), abs=0.03)


def test_a_silent_master_gets_no_sound_stream(tmp_path: Path) -> None:
    make_rendition(write_master(tmp_path / "master.mp4"), CARDS, SMALL, tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").audio == ()


def test_the_file_is_what_the_platform_asks(tmp_path: Path) -> None:
    profile = replace(FULL_HD, card_seconds=Fraction(1, 5), preset="ultrafast")
    make_rendition(write_master(tmp_path / "master.mp4", STEADY[:4], tone=(0, 1)), CARDS, profile, tmp_path / "out.mp4")
    info = probe(tmp_path / "out.mp4")
    assert (info.video.codec, info.video.pixel_format) == ("h264", "yuv420p")
    assert (info.video.width, info.video.height, info.video.sample_aspect_ratio) == (1920, 1080, 1)
    assert info.audio[0].codec == "aac"
    assert (dict(info.metadata), info.chapters, info.extra_streams) == ({}, 0, ())
    kinds = boxes((tmp_path / "out.mp4").read_bytes())
    assert kinds.index(b"moov") < kinds.index(b"mdat")


def boxes(data: bytes) -> list[bytes]:
    """Names of the outermost boxes of an MP4."""
    kinds, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        kinds.append(kind)
        at += size if size != 1 else struct.unpack(">Q", data[at + 8 : at + 16])[0]
    return kinds


@pytest.mark.parametrize(
    ("width", "height", "ratio", "shown"),
    [
        (320, 180, Fraction(1), (640, 360)),
        (320, 240, Fraction(1), (480, 360)),
        (180, 320, Fraction(1), (202, 360)),
        (704, 576, Fraction(12, 11), (480, 360)),
        (720, 576, Fraction(16, 11), (640, 352)),
        (1000, 100, Fraction(1), (640, 64)),
    ],
)
def test_footage_is_padded_and_never_stretched(
    width: int, height: int, ratio: Fraction, shown: tuple[int, int]
) -> None:
    picture = letterboxed(np.full((height, width, 3), 200, np.uint8), ratio, 640, 360)
    bright = picture[..., 0] > 100
    assert picture.shape == (360, 640, 3)
    assert (int(bright.any(axis=0).sum()), int(bright.any(axis=1).sum())) == shown
    assert abs(int(np.flatnonzero(bright.any(axis=0))[0]) - (640 - shown[0]) // 2) <= 1


def test_progress_counts_every_frame(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    master = write_master(tmp_path / "master.mp4", STEADY[:6])
    make_rendition(master, CARDS, SMALL, tmp_path / "out.mp4", progress=lambda done, total: seen.append((done, total)))
    total = len(frames(tmp_path / "out.mp4"))
    assert seen == [(n, total) for n in range(1, total + 1)]


def test_the_same_master_gives_the_same_file(tmp_path: Path) -> None:
    master = write_master(tmp_path / "master.mp4", STEADY[:6], tone=(0, 1))
    for name in ("one.mp4", "two.mp4"):
        make_rendition(master, CARDS, SMALL, tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def long_card_profile() -> Profile:
    return replace(SMALL, style=replace(SMALL.style, padding=530))


def test_nothing_is_left_behind_when_a_card_cannot_be_drawn(tmp_path: Path) -> None:
    master = write_master(tmp_path / "master.mp4", STEADY[:4])
    with pytest.raises(Rejected):
        make_rendition(master, CARDS, long_card_profile(), tmp_path / "out.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["master.mp4"]


def test_nothing_is_left_behind_of_a_master_that_breaks_off(tmp_path: Path) -> None:
    whole = write_master(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "whole.mp4").unlink()
    master = tmp_path / "master.mp4"
    master.write_bytes(whole[: len(whole) - len(whole) // 4])
    with pytest.raises(UnreadableMedia):
        make_rendition(master, CARDS, SMALL, tmp_path / "out.mp4")
    assert [p.name for p in tmp_path.iterdir()] == ["master.mp4"]
