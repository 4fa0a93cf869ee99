"""What a file says of itself, told exactly."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, rotate, stamps

from vrijgave.media import probe

RATES = [Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(25, 2), Fraction(30)]


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize("container", ["mp4", "mkv", "avi"])
def test_rate_is_an_exact_fraction(tmp_path: Path, rate: Fraction, container: str) -> None:
    options = {} if container == "avi" else Clip().options
    codec = "mpeg4" if container == "avi" else "libx264"
    clip = Clip(pts=range(60), time_base=1 / rate, rate=rate, codec=codec, options=options)
    video = probe(clip.write(tmp_path / f"clip.{container}")).video
    assert video.average_rate == rate
    assert not video.variable_rate
    assert video.frame_count == 60
    assert abs(video.duration - 60 / rate) <= 2 * video.time_base


def test_transport_stream_starts_late_and_keeps_its_clock(tmp_path: Path) -> None:
    path = Clip(pts=range(0, 25 * 3600, 3600), time_base=Fraction(1, 90000)).write(tmp_path / "clip.ts")
    video = probe(path).video
    assert video.frame_count == 25
    assert video.start_pts * video.time_base == stamps(path)[0] > 0


def test_clock_of_a_recorder_begins_at_zero(tmp_path: Path) -> None:
    """A stream cut from a running recorder starts hours from zero; as an edit list that would be hours of nothing."""
    hours = 7 * 3600 * 90000 + 1234
    path = Clip(pts=range(hours, hours + 25 * 3600, 3600), time_base=Fraction(1, 90000)).write(tmp_path / "clip.ts")
    assert probe(path).video.start_pts == 0


def test_variable_rate(tmp_path: Path) -> None:
    moments = [0, 40, 80, 200, 240, 600, 610, 1000]
    video = probe(Clip(pts=moments, time_base=Fraction(1, 1000)).write(tmp_path / "clip.mkv")).video
    assert video.variable_rate
    assert video.average_rate == Fraction(7, 1)
    assert video.frame_count == len(moments)


def test_a_left_out_picture_makes_the_rate_variable(tmp_path: Path) -> None:
    video = probe(Clip(pts=[0, 1, 2, 4, 5, 6]).write(tmp_path / "clip.mp4")).video
    assert video.variable_rate


def test_single_picture(tmp_path: Path) -> None:
    video = probe(Clip(pts=[0]).write(tmp_path / "clip.mp4")).video
    assert (video.frame_count, video.variable_rate) == (1, False)
    assert video.duration == Fraction(1, 25)


@pytest.mark.parametrize(
    ("matrix", "rotation", "size"),
    [
        ((1, 0, 0, 1), 0, (160, 96)),
        ((0, 1, -1, 0), 90, (96, 160)),
        ((-1, 0, 0, -1), 180, (160, 96)),
        ((0, -1, 1, 0), 270, (96, 160)),
    ],
)
def test_rotation_and_upright_size(tmp_path: Path, matrix: tuple[int, ...], rotation: int, size: tuple) -> None:
    video = probe(rotate(Clip().write(tmp_path / "clip.mp4"), *matrix)).video
    assert (video.rotation, (video.width, video.height)) == (rotation, size)


def test_interlacing(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "tff=1"}
    assert probe(Clip(options=options, size=(160, 128)).write(tmp_path / "i.mp4")).video.interlaced
    assert not probe(Clip(size=(160, 128)).write(tmp_path / "p.mp4")).video.interlaced


def test_sound_streams(tmp_path: Path) -> None:
    clip = Clip(pts=range(50), sound=Sound(length=Fraction(2), layout="mono", rate=44100))
    (sound,) = probe(clip.write(tmp_path / "clip.mp4")).audio
    assert (sound.codec, sound.sample_rate, sound.channels, sound.start) == ("aac", 44100, 1, 0)
    assert sound.duration is not None
    assert abs(sound.duration - 2) < Fraction(1, 20)


def test_metadata_that_would_leak(tmp_path: Path) -> None:
    tags = {"title": "Overval Dorpsstraat", "location": "+52.0907+005.1214/", "comment": "aangever J."}
    info = probe(Clip(metadata=tags).write(tmp_path / "clip.mp4"))
    assert tags.items() <= info.metadata.items()
    assert "major_brand" not in info.metadata


def test_streams_and_chapters_that_will_be_dropped(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height = 64, 48
        sounds = [container.add_stream("aac", rate=48000) for _ in range(2)]
        container.add_attachment("kaart.txt", "text/plain", b"straat")
        container.set_chapters([{"id": 1, "start": 0, "end": 40, "time_base": Fraction(1, 1000), "metadata": {}}])
        container.mux(video.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(video.encode(None))
        for sound in sounds:
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            frame.sample_rate = 48000
            container.mux([*sound.encode(frame), *sound.encode(None)])
    info = probe(path)
    assert "audio/aac" in info.extra_streams
    assert any(stream.startswith("attachment/") for stream in info.extra_streams)
    assert len(info.audio) == 2
    assert info.chapters == 1


def test_plain_values(tmp_path: Path) -> None:
    plain = probe(Clip(sound=Sound()).write(tmp_path / "clip.mp4")).to_dict()
    assert plain["video"]["average_rate"] == "25/1"
    assert plain["container"].startswith("mov")
