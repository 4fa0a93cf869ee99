"""Every picture and every time of the source is in the output, and nothing else of it."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, number_of, numbered, onset, rotate, stamps

from vrijgave.errors import ActionRequired, Rejected
from vrijgave.media import Frame, OutputFormat, SoundChunk, open_reader, open_writer, probe


def through(source: Path, target: Path, *, sound: bool = False) -> Path:
    """``source`` decoded and encoded again, as every redaction does."""
    with (
        open_reader(source, sound=sound) as reader,
        open_writer(target, OutputFormat.like(reader.info, sound=sound)) as writer,
    ):
        for item in reader:
            if isinstance(item, Frame):
                assert item.picture is not None
                writer.picture(item.picture, item.pts)
            else:
                writer.sound(item)
    return target


TIMINGS = {
    "25 a second": Clip(),
    "29.97 a second": Clip(pts=range(60), time_base=Fraction(1001, 30000), rate=Fraction(30000, 1001)),
    "59.94 a second": Clip(pts=range(60), time_base=Fraction(1001, 60000), rate=Fraction(60000, 1001)),
    "12.5 a second": Clip(pts=range(20), time_base=Fraction(2, 25), rate=Fraction(25, 2)),
    "late start": Clip(pts=range(37, 57)),
    "variable": Clip(pts=[0, 7, 40, 80, 200, 240, 600, 610, 1000, 5000], time_base=Fraction(1, 1000)),
    "one picture": Clip(pts=[0]),
    "one late picture": Clip(pts=[3]),
    "many reordered pictures": Clip(
        pts=range(40), options={"preset": "medium", "bf": "8", "x264-params": "b-pyramid=normal:b-adapt=0"}
    ),
    "fine clock": Clip(pts=[0, 333, 777, 1211], time_base=Fraction(1, 90000)),
}


@pytest.mark.parametrize("name", TIMINGS)
@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_same_pictures_at_the_same_times(tmp_path: Path, name: str, container: str) -> None:
    source = TIMINGS[name].write(tmp_path / f"source.{container}")
    target = through(source, tmp_path / "target.mp4")
    assert stamps(target) == stamps(source)
    with open_reader(target) as reader:
        assert [number_of(frame.image) for frame in reader.frames()] == list(range(len(TIMINGS[name].pts)))
    assert reader.info.video.frame_count == len(TIMINGS[name].pts)


def test_transport_stream_keeps_its_late_start(tmp_path: Path) -> None:
    clip = Clip(pts=range(0, 25 * 3600, 3600), time_base=Fraction(1, 90000), sound=Sound(length=Fraction(1)))
    source = clip.write(tmp_path / "source.ts")
    target = through(source, tmp_path / "target.mp4", sound=True)
    assert stamps(target) == stamps(source)


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 2), Fraction(517, 1000)], ids=str)
def test_sound_stays_with_the_picture(tmp_path: Path, container: str, start: Fraction) -> None:
    clip = Clip(pts=range(75), sound=Sound(start=start, length=Fraction(2), burst_at=Fraction(1)))
    source = clip.write(tmp_path / f"source.{container}")
    target = through(source, tmp_path / "target.mp4", sound=True)
    before = onset(source) - float(stamps(source)[0])
    after = onset(target) - float(stamps(target)[0])
    assert after == pytest.approx(before, abs=0.002)
    assert probe(target).audio[0].start == pytest.approx(probe(source).audio[0].start, abs=1024 / 48000 + 1e-3)


def test_sound_that_outlasts_the_picture(tmp_path: Path) -> None:
    source = Clip(pts=range(10), sound=Sound(length=Fraction(3))).write(tmp_path / "source.mp4")
    target = through(source, tmp_path / "target.mp4", sound=True)
    assert probe(target).audio[0].duration == pytest.approx(3, abs=0.03)
    assert len(stamps(target)) == 10


def test_a_gap_in_the_sound_becomes_silence(tmp_path: Path) -> None:
    hole = (Fraction(1, 2), Fraction(1))
    sound = Sound(length=Fraction(2), burst_at=Fraction(5, 4), holes=(hole,), codec="pcm_s16le")
    source = Clip(pts=range(50), sound=sound).write(tmp_path / "source.mkv")
    target = through(source, tmp_path / "target.mp4", sound=True)
    assert onset(target) == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize(("codec", "rate", "container"), [("pcm_s16le", 11024, "mkv"), ("pcm_s16le", 192000, "mkv")])
def test_sample_rates_that_aac_lacks(tmp_path: Path, codec: str, rate: int, container: str) -> None:
    sound = Sound(codec=codec, rate=rate, layout="mono")
    source = Clip(pts=range(50), sound=sound).write(tmp_path / f"source.{container}")
    target = through(source, tmp_path / "target.mp4", sound=True)
    assert onset(target) == pytest.approx(1, abs=0.005)
    assert probe(target).audio[0].sample_rate == 48000


@pytest.mark.parametrize("start", [Fraction(-1, 4), Fraction(1, 4)])
def test_sound_is_placed_by_its_start(tmp_path: Path, start: Fraction) -> None:
    output = OutputFormat(width=64, height=48, time_base=Fraction(1, 25), sample_rate=48000, channels=1)
    tone = Sound(burst_at=Fraction(1), layout="mono").samples()
    with open_writer(tmp_path / "out.mp4", output) as writer:
        for pts in range(50):
            writer.frame(np.zeros((48, 64, 3), np.uint8), pts)
        for first in range(0, tone.shape[1], 960):
            writer.sound(SoundChunk(start + Fraction(first, 48000), tone[:, first : first + 960]))
    assert onset(tmp_path / "out.mp4") == pytest.approx(1 + float(start), abs=0.002)


def test_timestamps_that_do_not_increase_lose_no_picture(tmp_path: Path) -> None:
    output = OutputFormat(width=160, height=96, time_base=Fraction(1, 1000))
    with open_writer(tmp_path / "out.mp4", output) as writer:
        for number, pts in enumerate([0, 40, 40, 30, 80]):
            writer.frame(numbered(number), pts)
    assert stamps(tmp_path / "out.mp4") == [Fraction(t, 1000) for t in (0, 40, 41, 42, 80)]


def test_odd_sides_grow_by_one_and_nothing_is_scaled(tmp_path: Path) -> None:
    output = OutputFormat(width=161, height=97, time_base=Fraction(1, 25))
    picture = np.random.default_rng(1).integers(0, 255, (97, 161, 1), np.uint8).repeat(3, 2)
    with open_writer(tmp_path / "out.mp4", output) as writer:
        writer.frame(picture, 0)
    with open_reader(tmp_path / "out.mp4") as reader:
        (frame,) = reader.frames()
    assert frame.image.shape == (98, 162, 3)
    assert np.abs(frame.image[:97, :161].astype(int) - picture).mean() < 6


def test_rotated_source_comes_out_upright(tmp_path: Path) -> None:
    source = rotate(Clip(pts=range(5)).write(tmp_path / "source.mp4"), 0, 1, -1, 0)
    video = probe(through(source, tmp_path / "target.mp4")).video
    assert (video.width, video.height, video.rotation) == (96, 160, 0)


def test_shape_of_the_pixels_is_kept(tmp_path: Path) -> None:
    output = OutputFormat(width=64, height=48, time_base=Fraction(1, 25), sample_aspect_ratio=Fraction(16, 11))
    with open_writer(tmp_path / "out.mp4", output) as writer:
        writer.frame(np.zeros((48, 64, 3), np.uint8), 0)
    assert probe(tmp_path / "out.mp4").video.sample_aspect_ratio == Fraction(16, 11)


@pytest.mark.parametrize(
    "colour", [(200, 60, 40), (40, 200, 60), (60, 40, 200), (255, 255, 255), (0, 0, 0), (128,) * 3]
)
def test_colours_are_bt709_and_kept(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    with open_writer(tmp_path / "out.mp4", OutputFormat(width=64, height=48, time_base=Fraction(1, 25))) as writer:
        writer.frame(np.full((48, 64, 3), colour, np.uint8), 0)
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range) == (1, 1, 1, 1)
    with open_reader(tmp_path / "out.mp4") as reader:
        (read,) = reader.frames()
    assert np.abs(read.image.astype(int) - colour).max() <= 4


def test_nothing_of_the_source_or_the_program_is_in_the_file(tmp_path: Path) -> None:
    clip = Clip(metadata={"title": "GEHEIM", "location": "+52.09+005.12/"}, sound=Sound())
    target = through(clip.write(tmp_path / "source.mp4"), tmp_path / "target.mp4", sound=True)
    data = target.read_bytes()
    assert not [word for word in (b"GEHEIM", b"+52.09", b"x264", b"Lavf", b"Lavc", b"options:") if word in data]
    info = probe(target)
    assert (info.metadata, info.extra_streams, info.chapters) == ({}, (), 0)
    header = data.index(b"mvhd") + 8
    assert data[header : header + 8] == bytes(8)  # creation and modification time


def test_same_input_same_bytes(tmp_path: Path) -> None:
    source = Clip(sound=Sound()).write(tmp_path / "source.mp4")
    first, second = (through(source, tmp_path / f"{n}.mp4", sound=True).read_bytes() for n in "ab")
    assert first == second


def test_index_stands_in_front(tmp_path: Path) -> None:
    data = through(Clip().write(tmp_path / "source.mp4"), tmp_path / "target.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    output = OutputFormat(width=160, height=96, time_base=Fraction(1, 25), sample_rate=48000)

    def fail() -> None:
        with open_writer(tmp_path / "out.mp4", output) as writer:
            for pts in range(100):
                writer.frame(numbered(pts), pts)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"older")
    with (
        pytest.raises(LookupError),
        open_writer(tmp_path / "out.mp4", OutputFormat(width=64, height=48, time_base=Fraction(1, 25))),
    ):
        raise LookupError
    assert (tmp_path / "out.mp4").read_bytes() == b"older"


def test_no_picture_is_no_video(tmp_path: Path) -> None:
    with (
        pytest.raises(Rejected, match="No picture was written"),
        open_writer(tmp_path / "out.mp4", OutputFormat(width=64, height=48, time_base=Fraction(1, 25))),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path):
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def _noise(writer, count: int) -> None:
    random = np.random.default_rng(0)
    for pts in range(count):
        writer.frame(random.integers(0, 255, (240, 320, 3), np.uint8), pts)


def test_full_disk(small_disk: Path) -> None:
    output = OutputFormat(width=320, height=240, time_base=Fraction(1, 25))
    with (
        pytest.raises(ActionRequired, match="is full; make room") as caught,
        open_writer(small_disk / "out.mp4", output) as writer,
    ):
        _noise(writer, 60)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert list(small_disk.iterdir()) == []


def test_file_size_limit_counts_as_a_full_disk(tmp_path: Path) -> None:
    output = OutputFormat(width=320, height=240, time_base=Fraction(1, 25))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(ActionRequired, match="is full"), open_writer(tmp_path / "out.mp4", output) as writer:
            _noise(writer, 60)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_missing_folder(tmp_path: Path) -> None:
    output = OutputFormat(width=64, height=48, time_base=Fraction(1, 25))
    missing = open_writer(tmp_path / "gone" / "out.mp4", output)
    with pytest.raises(ActionRequired, match="No file can be written in"), missing:
        pass


@pytest.mark.parametrize("name", ["-x.mp4", "met spatie.mp4", "a:b.mp4", "100%d.mp4", "é.mp4"])
def test_names_are_only_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_writer(Path(name), OutputFormat(width=64, height=48, time_base=Fraction(1, 25))) as writer:
        writer.frame(np.zeros((48, 64, 3), np.uint8), 0)
    assert probe(Path(name)).video.frame_count == 1
    assert os.listdir(tmp_path) == [name]


def test_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    opened = open_writer(tmp_path / "out.mp4", OutputFormat(width=64, height=48, time_base=Fraction(1, 25)))
    with pytest.raises(ValueError, match="10x10"), opened as writer:
        writer.frame(np.zeros((10, 10, 3), np.uint8), 0)


@pytest.mark.parametrize("rate", [1, 2, 5, 12, 13, 25])
def test_slow_footage_keeps_its_last_picture(tmp_path: Path, rate: int) -> None:
    """A track whose clock has 12 ticks a second or fewer lost it."""
    path = tmp_path / "slow.mp4"
    with open_writer(path, OutputFormat(width=64, height=48, time_base=Fraction(1, rate))) as writer:
        for number in range(20):
            writer.frame(np.full((48, 64, 3), number, np.uint8), number)
    with av.open(str(path)) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [Fraction(number, rate) for number in range(20)]
