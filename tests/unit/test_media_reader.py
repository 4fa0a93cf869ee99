"""Pictures and sound as they come out of the decoding child."""

from __future__ import annotations

import gc
import os
import signal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from clips import Clip, Sound, number_of, numbered, rotate, stamps
from processes import decoding_children

from vrijgave.errors import UnreadableMedia
from vrijgave.media import Frame, SoundChunk, open_reader
from vrijgave.media.orientation import Orientation
from vrijgave.media.picture_starts import packet_headers


@pytest.mark.parametrize(
    ("codec", "container"), [("libx264", "mp4"), ("mpeg4", "avi"), ("mjpeg", "avi"), ("ffv1", "mkv")]
)
def test_every_picture_once_and_in_order(tmp_path: Path, codec: str, container: str) -> None:
    options = Clip().options if codec == "libx264" else {}
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = Clip(codec=codec, options=options, pixel_format=pixels).write(tmp_path / f"clip.{container}")
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert [frame.index for frame in frames] == list(range(25))
    assert [number_of(frame.image) for frame in frames] == list(range(25))
    assert [frame.pts * reader.info.video.time_base for frame in frames] == stamps(path)


def test_pictures_belong_to_the_caller(tmp_path: Path) -> None:
    """More pictures are held than the shared memory has room for, and written to, and none changes another."""
    with open_reader(Clip().write(tmp_path / "clip.mp4")) as reader:
        frames = list(reader.frames())
    frames[0].picture.y[:] = 0
    assert [number_of(frame.image) for frame in frames[1:]] == list(range(1, 25))
    image = frames[1].image
    assert (image.shape, image.dtype, image.flags.c_contiguous) == ((96, 160, 3), np.uint8, True)
    image[:] = 0
    assert number_of(frames[1].image) == 1


def test_same_pixels_as_decoding_in_this_process(tmp_path: Path) -> None:
    path = Clip(pts=range(5)).write(tmp_path / "clip.mp4")
    with open_reader(path) as reader, av.open(str(path)) as container:
        for ours, theirs in zip(reader.frames(), container.decode(video=0), strict=True):
            assert np.abs(ours.image.astype(int) - theirs.to_ndarray(format="bgr24")).mean() < 1.5


MATRICES = {
    (0, 1, -1, 0): lambda picture: np.rot90(picture, -1),
    (-1, 0, 0, -1): lambda picture: np.rot90(picture, 2),
    (0, -1, 1, 0): lambda picture: np.rot90(picture),
    (-1, 0, 0, 1): np.fliplr,
    (1, 0, 0, -1): np.flipud,
}


@pytest.mark.parametrize("matrix", MATRICES, ids=str)
def test_pictures_are_upright(tmp_path: Path, matrix: tuple[int, int, int, int]) -> None:
    path = Clip(pts=range(2)).write(tmp_path / "clip.mp4")
    with open_reader(path) as reader:
        stored = [frame.image for frame in reader.frames()]
    with open_reader(rotate(path, *matrix)) as reader:
        upright = [frame.image for frame in reader.frames()]
    for before, after in zip(stored, upright, strict=True):
        assert np.array_equal(MATRICES[matrix](before), after)


def test_orientation_from_an_angle_is_that_from_its_matrix() -> None:
    corner = np.arange(6).reshape(2, 3)
    for turns in range(4):
        turned = Orientation.from_rotation(90 * turns).apply(corner)
        assert np.array_equal(turned, np.rot90(corner, -turns))
        assert Orientation.from_rotation(90 * turns).rotation == 90 * turns


COLOURS = {
    "10 bits": Clip(pixel_format="yuv420p10le", codec="libx264", pts=range(2)),
    "4:2:2": Clip(pixel_format="yuv422p", pts=range(2)),
    "4:4:4": Clip(pixel_format="yuv444p", pts=range(2)),
    "full range": Clip(pixel_format="yuvj420p", pts=range(2)),
    "grey": Clip(pixel_format="gray", pts=range(2), codec="ffv1", options={}),
    "rgb": Clip(pixel_format="bgr0", pts=range(2), codec="ffv1", options={}),
}


@pytest.mark.parametrize("name", COLOURS)
def test_pixel_formats(tmp_path: Path, name: str) -> None:
    with open_reader(COLOURS[name].write(tmp_path / "clip.mkv")) as reader:
        images = [frame.image for frame in reader.frames()]
    for number, image in enumerate(images):
        assert np.abs(image.astype(int) - numbered(number)).mean() < 4


@pytest.mark.parametrize(("size", "tag", "matrix"), [((160, 96), 2, 601), ((1280, 720), 2, 709), ((160, 96), 1, 709)])
def test_colour_matrix(tmp_path: Path, size: tuple[int, int], tag: int, matrix: int) -> None:
    """Y 81, Cb 90, Cr 240 is pure red by BT.601; by BT.709 its green is 24."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"crf": "1"})
        video.width, video.height = size
        video.codec_context.colorspace = tag
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(frame.planes, (81, 90, 240), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        container.mux([*video.encode(frame), *video.encode(None)])
    with open_reader(path) as reader:
        (read,) = reader.frames()
    blue, green, red = read.image[20, 20].astype(int)
    assert (blue, red) == (pytest.approx(0, abs=4), pytest.approx(254, abs=4))
    assert green == pytest.approx(24 if matrix == 709 else 0, abs=5)


def damage(path: Path, packets: set[int]) -> Path:
    """Overwrite these pictures (in decoding order) with nonsense."""
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for number in packets:
        start, size = places[number]
        data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    return path


def test_undecodable_pictures_are_told_and_not_left_out(tmp_path: Path) -> None:
    clip = Clip(options={"preset": "ultrafast", "g": "1"})
    path = damage(clip.write(tmp_path / "clip.mp4"), {0, 7, 8, 24})
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert [frame.index for frame in frames if frame.image is None] == [0, 7, 8, 24]
    assert [frame.pts * reader.info.video.time_base * 25 for frame in frames] == list(range(25))
    assert all(number_of(frame.image) == frame.index for frame in frames if frame.image is not None)


def test_a_damaged_picture_among_reordered_ones_loses_no_other_time(tmp_path: Path) -> None:
    path = damage(Clip(pts=range(50)).write(tmp_path / "clip.mp4"), {10})
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert len(frames) == 50
    assert any(frame.image is None for frame in frames)


def test_two_pictures_on_one_moment(tmp_path: Path) -> None:
    """MJPEG in Matroska may repeat a timestamp; both pictures come out, a tick apart."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = 160, 96, "yuvj420p"
        packets = []
        for number in range(5):
            packets += video.encode(
                av.VideoFrame.from_ndarray(numbered(number), format="bgr24").reformat(format="yuvj420p")
            )
        for packet, pts in zip(packets, (0, 1, 1, 1, 2), strict=True):
            packet.pts = packet.dts = pts
            container.mux(packet)
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert [number_of(frame.image) for frame in frames] == list(range(5))
    assert [frame.pts for frame in frames] == [0, 40, 41, 42, 80]


def test_a_picture_size_that_changes_is_scaled_to_the_first(tmp_path: Path) -> None:
    first = Clip(pts=range(3), options={"preset": "ultrafast", "x264-params": "repeat-headers=1"}).write(
        tmp_path / "a.h264"
    )
    other = Clip(pts=range(3), size=(320, 192), options={"preset": "ultrafast", "x264-params": "repeat-headers=1"})
    path = tmp_path / "clip.h264"
    path.write_bytes(first.read_bytes() + other.write(tmp_path / "b.h264").read_bytes())
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 0, 1, 2]
    assert {frame.image.shape for frame in frames} == {(96, 160, 3)}


def test_sound_in_exact_pieces(tmp_path: Path) -> None:
    sound = Sound(codec="pcm_f32le", start=Fraction(1, 4), length=Fraction(1), burst_at=Fraction(1, 2))
    path = Clip(pts=range(50), sound=sound).write(tmp_path / "clip.mov")
    with open_reader(path, sound=True) as reader:
        chunks = [item for item in reader if isinstance(item, SoundChunk)]
    assert chunks[0].start == reader.info.audio[0].start == Fraction(1, 4)
    for chunk, following in pairwise(chunks):
        assert following.start == chunk.start + Fraction(chunk.samples.shape[1], 48000)
    joined = np.concatenate([chunk.samples for chunk in chunks], axis=1)
    assert joined.dtype == np.float32
    assert np.allclose(joined, sound.samples(), atol=1e-6)


def test_priming_is_not_heard(tmp_path: Path) -> None:
    path = Clip(pts=range(50), sound=Sound()).write(tmp_path / "clip.mp4")
    with open_reader(path, sound=True) as reader:
        first = next(item for item in reader if isinstance(item, SoundChunk))
    assert first.start == 0


def test_many_channels_become_two(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    Clip().write(tmp_path / "picture.mkv")
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        audio = container.add_stream("flac", rate=48000)
        audio.codec_context.layout = "5.1"
        audio.codec_context.format = "s16"
        container.mux([*video.encode(av.VideoFrame(640, 480, "yuv420p")), *video.encode(None)])
        samples = np.full((1, 4096 * 6), 8000, np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="5.1")
        frame.sample_rate, frame.pts = 48000, 0
        container.mux([*audio.encode(frame), *audio.encode(None)])
    with open_reader(path, sound=True) as reader:
        chunks = [item for item in reader if isinstance(item, SoundChunk)]
    assert reader.info.audio[0].channels == 6
    assert {chunk.samples.shape[0] for chunk in chunks} == {2}
    assert np.abs(chunks[0].samples).max() > 0.05


def test_sound_comes_only_when_asked_for(tmp_path: Path) -> None:
    path = Clip(sound=Sound()).write(tmp_path / "clip.mp4")
    with open_reader(path) as reader:
        assert all(isinstance(item, Frame) for item in reader)
    with open_reader(path, sound=True) as reader:
        kinds = [type(item) for item in reader]
    assert kinds.count(Frame) == 25
    assert kinds.index(SoundChunk) < 25  # between the pictures, not after them


def test_leaving_early_ends_the_child_and_frees_everything(tmp_path: Path) -> None:
    path = Clip(pts=range(500)).write(tmp_path / "clip.mp4")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with open_reader(path) as reader:
            iterator = reader.frames()
            next(iterator)
            assert len(decoding_children()) == 1
        assert decoding_children() == []
    del iterator, reader
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_reader_can_be_gone_through_once(tmp_path: Path) -> None:
    with open_reader(Clip().write(tmp_path / "clip.mp4")) as reader:
        list(reader)
        with pytest.raises(RuntimeError, match="once"):
            list(reader)


def test_a_reader_that_was_left_reads_no_more(tmp_path: Path) -> None:
    with open_reader(Clip(pts=range(200)).write(tmp_path / "clip.mp4")) as reader:
        iterator = reader.frames()
        next(iterator)
    with pytest.raises((UnreadableMedia, ValueError, OSError)):
        list(iterator)


def test_the_child_has_no_secrets_and_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRIJGAVE_DATABASE_URL", "postgresql://secret")
    with open_reader(Clip(pts=range(300)).write(tmp_path / "clip.mp4")) as reader:
        next(reader.frames())
        (child,) = decoding_children()
        assert not [name for name in child.environ() if name.startswith("VRIJGAVE")]
        assert str(tmp_path) not in " ".join(child.cmdline())
        assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_NOFILE)[0] <= 32
        assert child.rlimit(psutil.RLIMIT_AS)[0] < 4 << 30
        assert child.rlimit(psutil.RLIMIT_CPU)[0] == 600


def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    path = Clip(pts=range(300)).write(tmp_path / "clip.mp4")
    read_end, write_end = os.pipe()
    parent = os.fork()
    if not parent:
        with open_reader(path) as reader:
            next(reader.frames())
            os.write(write_end, str(decoding_children()[0].pid).encode())
            signal.pause()
    child = psutil.Process(int(os.read(read_end, 20)))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    os.close(read_end)
    os.close(write_end)
    gone, alive = psutil.wait_procs([child], timeout=10)
    assert (len(gone), alive) == (1, [])


def test_nothing_that_may_build_on_a_damaged_picture_is_shown(tmp_path: Path) -> None:
    """From the error up to the next key frame; then all is as before, each picture in its own place."""
    path = damage(
        Clip(pts=range(60), options={"preset": "ultrafast", "bf": "2", "g": "12"}).write(tmp_path / "clip.mp4"), {14}
    )
    with open_reader(path) as reader:
        numbers = [None if frame.picture is None else number_of(frame.picture.bgr()) for frame in reader.frames()]
    assert numbers[:8] == list(range(8))
    assert numbers[13:24] == [None] * 11
    assert numbers[24:] == list(range(24, 60))


@pytest.mark.parametrize("size", [0, 3, 40])
def test_a_packet_that_cannot_be_read_counts_as_a_picture(size: int) -> None:
    for length in (b"", b"\x01\x4d\x00\x1e\xff\xe0\x00"):
        assert packet_headers("h264", length).begin_picture(b"\xff" * size)
    assert packet_headers("mpeg4", None).begin_picture(b"\xff" * size)
