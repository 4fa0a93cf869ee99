"""A file cannot take more of this machine than it may, and the person reads which limit it was."""

from __future__ import annotations

import os
import signal
import socket
import sys
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from clips import Clip
from processes import decoding_children

from vrijgave.errors import UnreadableMedia
from vrijgave.media import Limits, open_reader, probe, process
from vrijgave.media.protocol import BrokenChannel, Channel, Kind


def read(path: Path, limits: Limits | None = None) -> int:
    with open_reader(path, limits or Limits()) as reader:
        return sum(1 for _ in reader.frames())


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 pictures that are slow to decode: full-HD noise as MJPEG, made by repeating one packet."""
    path = tmp_path_factory.mktemp("heavy") / "heavy.mkv"
    noise = np.random.default_rng(0).integers(0, 255, (1080, 1920, 3), np.uint8)
    with av.open(str(path), "w") as container:
        video = container.add_stream("mjpeg", rate=25, options={"q:v": "2"})
        video.width, video.height, video.pix_fmt = 1920, 1080, "yuvj420p"
        (packet,) = video.encode(av.VideoFrame.from_ndarray(noise, format="bgr24").reformat(format="yuvj420p"))
        content = bytes(packet)
        for number in range(400):
            copy = av.Packet(content)
            copy.stream, copy.pts, copy.dts, copy.time_base = video, number, number, Fraction(1, 25)
            copy.is_keyframe = True
            container.mux(copy)
    return path


def test_pixels(tmp_path: Path) -> None:
    path = Clip().write(tmp_path / "clip.mp4")
    with pytest.raises(UnreadableMedia, match=r"clip\.mp4 is 160x96, more than the limit of 15359 pixels"):
        probe(path, Limits(max_pixels=160 * 96 - 1))
    assert probe(path, Limits(max_pixels=160 * 96)).video.width == 160


def test_pictures_that_grow_past_the_limit_on_the_way_are_not_decoded(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "repeat-headers=1"}
    small = Clip(pts=range(200), options=options).write(tmp_path / "a.h264").read_bytes()
    large = Clip(pts=range(3), options=options, size=(1600, 960)).write(tmp_path / "b.h264").read_bytes()
    (tmp_path / "clip.h264").write_bytes(small + large)
    with open_reader(tmp_path / "clip.h264", Limits(max_pixels=20_000)) as reader:
        frames = list(reader.frames())
    assert [frame.image is None for frame in frames] == [False] * 200 + [True] * 3


def test_duration(tmp_path: Path) -> None:
    path = Clip(pts=range(50)).write(tmp_path / "clip.mp4")
    with pytest.raises(UnreadableMedia, match="lasts 2 seconds, more than the limit of 1 seconds"):
        probe(path, Limits(max_duration=timedelta(seconds=1)))
    assert probe(path, Limits(max_duration=timedelta(seconds=2))).video.frame_count == 50


def test_memory(heavy: Path) -> None:
    with pytest.raises(UnreadableMedia, match=r"heavy\.mkv takes more memory than the limit of 16 MiB"):
        read(heavy, Limits(memory_mb=16))


def test_memory_for_a_probe(heavy: Path) -> None:
    with pytest.raises(UnreadableMedia, match="takes more memory than the limit of 2 MiB"):
        probe(heavy, Limits(memory_mb=2))


def test_processor_time(heavy: Path) -> None:
    with pytest.raises(UnreadableMedia, match="more than the limit of 1 processor seconds a minute"):
        read(heavy, Limits(seconds_per_minute=1))


def test_processor_time_grows_with_the_footage(tmp_path: Path) -> None:
    path = Clip(pts=[*range(200), 25 * 179]).write(tmp_path / "clip.mp4")
    with open_reader(path, Limits(seconds_per_minute=7)) as reader:
        next(reader.frames())
        (child,) = decoding_children()
        assert child.rlimit(psutil.RLIMIT_CPU)[0] == 7 * 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_child_that_is_killed(tmp_path: Path, number: int) -> None:
    path = Clip(pts=range(500)).write(tmp_path / "clip.mp4")
    with open_reader(path) as reader:
        frames = reader.frames()
        next(frames)
        os.kill(decoding_children()[0].pid, number)
        with pytest.raises(UnreadableMedia, match=r"Decoding clip\.mp4 ended unexpectedly"):
            list(frames)


def test_a_consumer_that_takes_its_time_is_no_stall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Clip(pts=range(40)).write(tmp_path / "clip.mp4")
    with open_reader(path) as reader:
        frames = reader.frames()
        next(frames)
        child = decoding_children()[0]
        child.suspend()
        child.resume()
        assert sum(1 for _ in frames) == 39


SCRIPT = """
import json, socket, sys, time
order = json.loads(sys.argv[1])
channel = socket.socket(fileno=order["channel"])
{}
"""


def pretend(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let ``script`` be the child."""
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", SCRIPT.format(script)))


def test_a_child_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Clip(pts=[0]).write(tmp_path / "clip.mp4")
    monkeypatch.setattr(process, "STALL_SECONDS", 0.3)
    pretend(monkeypatch, "time.sleep(60)")
    with pytest.raises(UnreadableMedia, match=r"gave nothing for 0\.3 seconds"):
        probe(path)
    assert decoding_children() == []


HEAD = """
def say(text, payload=b""):
    channel.sendall(len(text).to_bytes(4, "little") + len(payload).to_bytes(4, "little") + text + payload)
"""


@pytest.mark.parametrize(
    "script",
    [
        "channel.sendall(b'garbage that is no message at all')",
        "channel.sendall(b'\\xff' * 64)",
        "sys.exit(3)",
        HEAD + "say(b'[]')",
        HEAD + "say(b'{}')",
        HEAD + "say(b'{' * 5000)",
        HEAD + "say(b'[' * 100000)",
        HEAD + 'say(b\'{"kind": "info"}\')',
        HEAD + 'say(b\'{"kind": "frame", "index": 0, "pts": 0, "slot": 0}\')',
        HEAD + 'say(b\'{"kind": "refused", "reason": "because", "values": {}}\')',
        HEAD + 'say(b\'{"kind": "refused"}\')',
        HEAD + 'say(b\'{"kind": "end"}\')',
        HEAD + "say(b'{\"kind\": \"alive\"}', b'x'); channel.close()",
    ],
)
def test_a_child_that_talks_nonsense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = Clip(pts=[0]).write(tmp_path / "clip.mp4")
    pretend(monkeypatch, script)
    with pytest.raises(UnreadableMedia, match=r"Decoding clip\.mp4 ended unexpectedly"):
        probe(path)


def times(*stamps: int) -> str:
    """The line of a script that tells when pictures are shown."""
    payload = b"".join(stamp.to_bytes(8, "little") for stamp in stamps)
    return f'say(b\'{{"kind": "times"}}\', {payload!r})'


def info_text(path: Path, **changes: object) -> str:
    import json

    plain = probe(path).to_dict()
    plain["video"] |= changes
    return json.dumps({"kind": "info", **plain})


@pytest.mark.parametrize(
    "frames",
    [
        '{"kind": "frame", "index": 1, "pts": 0, "slot": null}',
        '{"kind": "frame", "index": 0, "pts": 0, "slot": 99}',
        '{"kind": "frame", "index": 0, "pts": 0, "slot": "x"}',
        '{"kind": "frame", "index": 0}',
        '{"kind": "sound", "start": "1/0", "channels": 2}',
        '{"kind": "sound", "start": "0", "channels": 7}',
        '{"kind": "info"}',
        '{"kind": "end"}',
    ],
)
def test_a_child_that_turns_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frames: str) -> None:
    path = Clip(pts=range(2)).write(tmp_path / "clip.mp4")
    script = f"{HEAD}say({info_text(path)!r}.encode())\n{times(0, 512)}\nchannel.recv(1)\n"
    pretend(monkeypatch, script + f"say({frames!r}.encode(), b'1234')")
    with pytest.raises(UnreadableMedia, match="ended unexpectedly"), open_reader(path) as reader:
        list(reader)


@pytest.mark.parametrize(
    "told",
    [
        times(0),
        times(0, 512, 1024),
        times(512, 512),
        times(512, 0),
        "say(b'{\"kind\": \"times\"}', b'1234')",
        "say(b'{}')",
    ],
    ids=["too few", "too many", "twice the same", "backwards", "no numbers", "nothing"],
)
def test_a_child_is_not_believed_about_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    path = Clip(pts=range(2)).write(tmp_path / "clip.mp4")
    pretend(monkeypatch, f'{HEAD}say({info_text(path)!r}.encode())\n{told}\nsay(b\'{{"kind": "end"}}\')')
    with pytest.raises(UnreadableMedia, match="ended unexpectedly"), open_reader(path):
        pass


@pytest.mark.parametrize(
    "changes",
    [
        {"width": -1},
        {"width": 10**9},
        {"height": "9"},
        {"time_base": "0"},
        {"frame_count": 0},
        {"colours": {"matrix": 0}},
    ],
)
def test_a_child_is_not_believed_about_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    path = Clip(pts=range(2)).write(tmp_path / "clip.mp4")
    pretend(monkeypatch, f"{HEAD}say({info_text(path, **changes)!r}.encode())\ntime.sleep(5)")
    with pytest.raises(UnreadableMedia, match="ended unexpectedly"), open_reader(path):
        pass


def test_memory_stays_bounded(heavy: Path) -> None:
    """400 pictures of 6 MB go by; neither side may keep them."""
    with open_reader(heavy) as reader:
        child, peak = decoding_children()[0], 0
        before = psutil.Process().memory_info().rss
        for frame in reader.frames():
            if frame.index % 50 == 0:
                peak = max(peak, child.memory_info().rss + psutil.Process().memory_info().rss - before)
            if frame.index == 200:
                break
    assert peak < 400 << 20


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.ffconcat", "list.txt"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{other}'\n",
        '<?xml version="1.0"?><MPD type="static"><BaseURL>{other}</BaseURL></MPD>',
    ],
    ids=["hls", "concat", "dash"],
)
def test_playlists_open_no_other_file(tmp_path: Path, name: str, text: str) -> None:
    other = Clip().write(tmp_path / "geheim.ts")
    path = tmp_path / name
    path.write_text(text.format(other=other))
    with pytest.raises(UnreadableMedia, match="is not a video file"):
        probe(path)


def test_channel_refuses_long_messages() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((1 << 30).to_bytes(4, "little") * 2)
        with pytest.raises(BrokenChannel):
            Channel(ours).receive()
        Channel(theirs).send(Kind.END)


def test_limits_travel_unchanged() -> None:
    limits = Limits(memory_mb=7, seconds_per_minute=3, max_pixels=9, max_duration=timedelta(minutes=5))
    assert Limits.from_dict(limits.to_dict()) == limits
