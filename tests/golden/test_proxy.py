"""Frame n of the review proxy is frame n of the source and stands from n / rate on, whatever kind of file it is."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, rotate
from listing import listed
from timing_case import X264
from timing_cases import CASES

from vrijgave.media import Proxy, make_proxy, sha256_file
from vrijgave.media.proxy import GROUP, LONGEST

CROSSED = 200
MUCH = 40


KINDS = (
    "29.97 a second, B-frames, MP4",
    "59.94 a second, MP2, TS",
    "12.5 a second, MPEG-4 with B-frames, MP3, AVI",
    "10 a second, MJPEG 4:2:2, PCM 8 kHz, AVI",
    "1 a second, MKV",
    "one picture",
    "a telephone, ten seconds without a picture, MP4",
    "a telephone, ten seconds without a picture, MKV",
    "pictures left out, AVI",
    "B-pyramid, open groups, TS",
    "B-pyramid, H.264 in AVI, which only tells decoding times",
    "picture from 5.3 s, sound from 0, MP4",
    "sound 1.5 s later, MP4",
    "a clock of 33 bits that begins anew, sound half a second before the picture, TS",
    "odd width and height",
    "packets missing, TS",
    "undecodable packets",
    "begins in the middle of a group, TS",
    "edit list: the end first",
    "turned by 90 degrees",
    "turned and mirrored",
    "interlaced, MBAFF, MP4",
    "fields apart (PAFF), each with its time, TS",
    "hidden pictures, VP8, WebM",
    "pixels that are not square",
    "pictures on one moment",
    "a clock that was set back",
)
"""One of each way to keep time; that all others are read rightly, the tests of the redacted video show."""


@pytest.mark.parametrize("name", KINDS)
def test_frame_n_is_frame_n(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    source = case.make(tmp_path / case.file)
    made = make_proxy(source, tmp_path / "proxy.mp4")
    check(made, tmp_path / "proxy.mp4", case.numbers)
    assert (made.sound is None) == (case.onset is None)


def check(made: Proxy, path: Path, numbers: tuple[int | None, ...]) -> None:
    """The proxy as any other program reads it, against the numbers that are drawn in the source."""
    seen = listed(path)
    lost = tuple(place for place, number in enumerate(numbers) if number is None)
    assert made.unreadable == lost
    assert len(made.times) == len(numbers)
    assert [number for place, number in enumerate(seen.numbers) if place not in lost] == [
        number for number in numbers if number is not None
    ]
    assert list(seen.times) == [place / made.rate for place in range(len(numbers))]
    assert (seen.size, seen.shape) == (made.size, 1)
    assert seen.end == len(numbers) / made.rate
    check_crossed(path, lost)
    check_packets(path)


def check_crossed(path: Path, lost: tuple[int, ...]) -> None:
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    for place in lost:
        height, width = pictures[place].shape
        assert abs(int(pictures[place][height // 2, width // 2]) - CROSSED) < MUCH
        assert abs(int(pictures[place][0, 0]) - CROSSED) < MUCH
        assert int(pictures[place][height // 2, 0]) < CROSSED - MUCH


def check_packets(path: Path) -> None:
    """Short groups, none of whose pictures waits for a later one, and an index before the pictures."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.pix_fmt == "yuv420p"
        packets = [packet for packet in container.demux(video) if packet.size]
    keys = [place for place, packet in enumerate(packets) if packet.is_keyframe]
    assert keys[0] == 0
    assert max(np.diff([*keys, len(packets)])) <= GROUP
    assert all(packet.pts == packet.dts for packet in packets)
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


LARGE = {
    "1080p, 29.97": ((1920, 1080), (1280, 720)),
    "taller than wide": ((1080, 1920), (720, 1280)),
    "no side divides": ((1366, 771), (1280, 722)),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_footage_is_made_smaller(tmp_path: Path, name: str) -> None:
    size, smaller = LARGE[name]
    clip = Clip(
        pts=range(30),
        time_base=F(1001, 30000),
        rate=F(30000, 1001),
        size=size,
        pixel_format="yuv444p",
        options=X264,
    )
    made = make_proxy(clip.write(tmp_path / "a.mkv"), tmp_path / "proxy.mp4")
    assert made.size == smaller
    assert max(made.size) == LONGEST
    assert made.rate == F(30000, 1001)
    check(made, tmp_path / "proxy.mp4", tuple(range(30)))


def test_a_point_of_the_source_lies_where_the_sizes_say(tmp_path: Path) -> None:
    """White squares in known places of pictures that are turned, not square in their pixels and much too large."""
    boxes = [(100, 60, 180, 140), (1900, 900, 2020, 1000), (0, 0, 64, 64)]
    drawn = np.full((1080, 2160, 3), 30, np.uint8)
    for x0, y0, x1, y1 in boxes:
        drawn[y0:y1, x0:x1] = 235
    stored = np.ascontiguousarray(np.rot90(drawn))
    options = X264 | {"x264-params": "sar=4/3"}
    path = tmp_path / "a.mp4"
    Clip(pts=range(3), size=(1080, 2160), options=options).write(path, [stored] * 3)
    made = make_proxy(rotate(path, 0, 1, -1, 0), tmp_path / "proxy.mp4")
    mapped = made.frame_map("0" * 64, "1" * 64)
    assert mapped.source_size == (2160, 1080)
    assert mapped.proxy_size == (1280, 854)  # 2160 pixels of three quarters: 1620 by 1080
    with av.open(str(tmp_path / "proxy.mp4")) as container:
        seen = next(container.decode(video=0)).to_ndarray(format="gray").astype(float)
    expected = np.full(seen.shape, 30.0)
    across, down = (new / old for new, old in zip(mapped.proxy_size, mapped.source_size, strict=True))
    for x0, y0, x1, y1 in boxes:
        expected[round(y0 * down) : round(y1 * down), round(x0 * across) : round(x1 * across)] = 235
    assert np.abs(seen - expected).mean() < 3


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    source = CASES["29.97 a second, B-frames, MP4"].make(tmp_path / "a.mp4")
    first, second = (make_proxy(source, tmp_path / name) for name in ("1.mp4", "2.mp4"))
    assert sha256_file(tmp_path / "1.mp4") == sha256_file(tmp_path / "2.mp4")
    assert first.frame_map("0", "1") == second.frame_map("0", "1")
