"""A part of the pictures is, bit by bit, that part of all pictures."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, numbered
from hypothesis import given, settings
from hypothesis import strategies as st

from vrijgave.media import DEFAULT_LIMITS, Frame, SoundChunk, child, open_reader
from vrijgave.media.entry import EntryFinder
from vrijgave.media.frames import byte_count
from vrijgave.media.protocol import SLOTS, Channel, Kind, Order
from vrijgave.media.scan import Scanner

SOURCE = {"preset": "ultrafast", "x264-params": "keyint=10:min-keyint=10:scenecut=0:bframes=3:b-adapt=0"}
X265 = {"preset": "ultrafast", "x265-params": "keyint=10:min-keyint=10:scenecut=0:open-gop=0:log-level=none"}
NOT_CLOSED = SOURCE | {"x264-params": SOURCE["x264-params"] + ":open-gop=1"}
REFRESH = {"preset": "ultrafast", "x264-params": "keyint=10:intra-refresh=1:bframes=0"}
VARIABLE = [n * 40 + (n * n * 7) % 31 for n in range(45)]

SEEKABLE = {
    "closed groups": (Clip(pts=range(45), options=SOURCE), "mp4"),
    "closed groups, late": (Clip(pts=range(70, 115), options=SOURCE), "mp4"),
    "closed groups in Matroska": (Clip(pts=range(45), options=SOURCE), "mkv"),
    "closed groups in a transport stream": (
        Clip(pts=range(0, 45 * 3600, 3600), time_base=Fraction(1, 90000), options=SOURCE, sound=Sound()),
        "ts",
    ),
    "with sound": (Clip(pts=range(45), options=SOURCE, sound=Sound()), "mp4"),
    "HEVC": (Clip(pts=range(45), codec="libx265", options=X265), "mp4"),
    "JPEGs": (Clip(pts=range(45), codec="mjpeg", pixel_format="yuvj420p", options={}), "avi"),
    "variable rate": (Clip(pts=VARIABLE, time_base=Fraction(1, 1000), options=SOURCE), "mp4"),
}
OTHERS = {
    "open groups": (Clip(pts=range(45), options=NOT_CLOSED), "mp4"),
    "open groups in a transport stream": (Clip(pts=range(45), options=NOT_CLOSED), "ts"),
    "intra refresh": (Clip(pts=range(45), options=REFRESH), "mp4"),
    "intra refresh in a transport stream": (Clip(pts=range(45), options=REFRESH), "ts"),
    "one keyframe": (Clip(pts=range(45), options={"preset": "ultrafast", "g": "250"}), "mp4"),
    "MPEG-4": (Clip(pts=range(45), codec="mpeg4", options={"g": "10", "bf": "2"}), "avi"),
    "MPEG-2": (Clip(pts=range(45), codec="mpeg2video", options={"g": "10", "bf": "2"}), "ts"),
    "no container": (Clip(pts=range(45), options=SOURCE), "h264"),
}
RANGES = [(0, 7), (10, 20), (19, 31), (44, 99)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """Makes each clip once, and reads it once from its beginning."""
    folder, known = tmp_path_factory.mktemp("ranges"), {}

    def make(name: str) -> tuple[Path, list[Frame]]:
        if name not in known:
            clip, container = (SEEKABLE | OTHERS)[name]
            path = clip.write(folder / f"{len(known)}.{container}")
            known[name] = path, read(path)
        return known[name]

    return make


def read(path: Path, first: int = 0, stop: int | None = None) -> list[Frame]:
    with open_reader(path, first=first, stop=stop) as reader:
        return list(reader.frames())


def assert_same(part: list[Frame], whole: list[Frame]) -> None:
    assert [(frame.index, frame.pts) for frame in part] == [(frame.index, frame.pts) for frame in whole]
    for ours, theirs in zip(part, whole, strict=True):
        assert (ours.picture is None) == (theirs.picture is None)
        if ours.picture is not None:
            assert all(map(np.array_equal, ours.picture.planes, theirs.picture.planes))


class Listener:
    """The reader's end of the channel, in the same process: frees each slot and notes the pictures."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self._slots: list[int] = []

    def send(self, kind: Kind, payload: bytes = b"", /, **head: int) -> None:
        if kind is Kind.FRAME:
            self.frames.append(head["index"])
            self._slots.append(head["slot"])

    def receive_byte(self) -> int:
        return self._slots.pop(0)


def sent_from_an_entry(path: Path, first: int, stop: int | None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The frames that are sent without a reading from the beginning."""
    monkeypatch.setattr(child, "decode_all", lambda *_: None)
    listener = Listener()
    with path.open("rb", buffering=0) as file:
        scan = Scanner(file, DEFAULT_LIMITS, lambda: None, find_entries=True).scan()
        memory = os.memfd_create("frames")
        os.ftruncate(memory, byte_count(scan.info.video.width, scan.info.video.height) * SLOTS)
        order = Order(
            parent=0, file=0, channel=0, memory=memory, decode=True, sound=False, first=first, stop=stop,
            limits=DEFAULT_LIMITS,
        )  # fmt: skip
        child.decode(file, order, scan, listener)
        os.close(memory)
    return listener.frames


@pytest.mark.parametrize("name", [*SEEKABLE, *OTHERS])
def test_a_range_is_that_part_of_the_whole(made, name: str) -> None:
    path, whole = made(name)
    assert len(whole) == 45
    for first, stop in RANGES:
        assert_same(read(path, first, stop), whole[first:stop])


@pytest.mark.parametrize("name", SEEKABLE)
def test_decoding_begins_at_the_last_sure_picture(made, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = made(name)
    for first, stop in [(10, 20), (29, 45), (25, None)]:
        assert sent_from_an_entry(path, first, stop, monkeypatch) == list(range(first, 45 if stop is None else stop))


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_sure_but_the_beginning(made, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = made(name)
    assert sent_from_an_entry(path, 29, 45, monkeypatch) == []


@settings(max_examples=20)
@given(st.tuples(st.integers(0, 46), st.integers(0, 46)).map(sorted))
def test_any_range(made, bounds: list[int]) -> None:
    path, whole = made("closed groups")
    assert_same(read(path, *bounds), whole[slice(*bounds)])


def damaged(path: Path, packets: set[int], target: Path) -> Path:
    """A copy in which these packets (in decoding order) hold nonsense behind their first bytes."""
    with av.open(str(path)) as container:
        places = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for number in packets:
        start, size = places[number]
        data[start + size // 3 : start + size] = b"\xff" * (size - size // 3)
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("packets", [{20}, {22}, {19, 20}, {0}, {31}, {10, 30}, {44}], ids=str)
def test_damage_is_the_same_in_a_range(made, tmp_path: Path, packets: set[int]) -> None:
    path = damaged(made("closed groups")[0], packets, tmp_path / "clip.mp4")
    whole = read(path)
    for first, stop in [(15, 33), (20, 21), (22, 30), (31, 45), (44, 45)]:
        assert_same(read(path, first, stop), whole[first:stop])


def test_after_a_damaged_picture_the_beginning_takes_over(
    made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = damaged(made("closed groups")[0], {30}, tmp_path / "clip.mp4")
    assert any(frame.picture is None for frame in read(path)[30:40])
    assert len(sent_from_an_entry(path, 25, 45, monkeypatch)) < 20


def test_parameter_sets_that_change_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second half comes from another encoder: its parameter sets replace those of the first."""
    options = SOURCE | {"x264-params": SOURCE["x264-params"] + ":repeat-headers=1"}
    one = Clip(pts=range(0, 30 * 3600, 3600), time_base=Fraction(1, 90000), options=options)
    other = replace(one, pts=range(40 * 3600, 70 * 3600, 3600), options=options | {"crf": "40", "preset": "medium"})
    path = tmp_path / "clip.ts"
    path.write_bytes(one.write(tmp_path / "a.ts").read_bytes() + other.write(tmp_path / "b.ts").read_bytes())
    whole = read(path)
    for first, stop in [(5, 12), (28, 33), (30, 31), (45, 60)]:
        assert_same(read(path, first, stop), whole[first:stop])
    assert sent_from_an_entry(path, 25, 29, monkeypatch) == [25, 26, 27, 28]
    assert places(path) == [0, 10, 20]


def test_a_clock_that_goes_back_has_no_entries(made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = made("closed groups in a transport stream")[0].read_bytes()
    path = tmp_path / "clip.ts"
    path.write_bytes(part + part)
    whole = read(path)
    assert len(whole) == 90
    assert_same(read(path, 55, 70), whole[55:70])
    assert sent_from_an_entry(path, 55, 70, monkeypatch) == []


def test_pictures_outside_an_edit_list(tmp_path: Path) -> None:
    path = Clip(pts=range(50), options={"preset": "ultrafast", "bf": "0", "g": "10"}).write(tmp_path / "clip.mp4")
    data = bytearray(path.read_bytes())
    entry = data.index(b"elst") + 4 + 8
    data[entry : entry + 4] = (1000).to_bytes(4, "big")  # one second of the movie
    data[entry + 4 : entry + 8] = (512 * 15).to_bytes(4, "big")  # from the 15th picture on
    path.write_bytes(data)
    whole = read(path)
    for first, stop in [(0, 5), (4, 7), (5, 6), (20, 25)]:
        assert_same(read(path, first, stop), whole[first:stop])


def test_the_sound_is_that_of_the_whole_file(tmp_path: Path) -> None:
    path = Clip(pts=range(45), options=SOURCE, sound=Sound()).write(tmp_path / "clip.mp4")

    def heard(**wanted: int) -> tuple[list[int], bytes]:
        with open_reader(path, sound=True, **wanted) as reader:
            items = list(reader)
        sound = b"".join(item.samples.tobytes() for item in items if isinstance(item, SoundChunk))
        return [item.index for item in items if isinstance(item, Frame)], sound

    _, whole = heard()
    assert len(whole) > 0
    assert heard(first=12, stop=14) == ([12, 13], whole)
    assert heard(first=0, stop=0) == ([], whole)


def test_ranges_that_are_none(tmp_path: Path) -> None:
    path = Clip(pts=range(2)).write(tmp_path / "clip.mp4")
    for first, stop in [(-1, 1), (1, 0)]:
        with pytest.raises(ValueError, match="no range"), open_reader(path, first=first, stop=stop):
            pass


def places(path: Path) -> list[int]:
    """Of the entries."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        finder = EntryFinder(video.codec_context.name, video.codec_context.extradata)
        for packet in container.demux(video):
            if packet.size:
                finder.add(packet, begins=True)
    return [entry.place for entry in finder.found().entries]


@pytest.mark.parametrize("name", SEEKABLE)
def test_entries(made, name: str) -> None:
    step = 1 if name == "JPEGs" else 10
    assert places(made(name)[0]) == list(range(0, 45, step))


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_have_no_entries(made, name: str) -> None:
    """Whatever a file calls a keyframe."""
    assert places(made(name)[0]) in ([], [0])


@pytest.mark.parametrize("data", [b"", b"\0\0\1", b"\0\0\0\x09\x65", b"\xff" * 9, b"\0\0\1\0\0\1\x65"], ids=bytes.hex)
@pytest.mark.parametrize("extradata", [b"", b"\1", b"\1\2\3\4\xff", numbered(0).tobytes()[:40]], ids=len)
def test_nonsense_is_no_entry_and_no_error(data: bytes, extradata: bytes) -> None:
    for codec in ("h264", "hevc", "mjpeg", "ffv1"):
        finder = EntryFinder(codec, extradata)
        packet = av.Packet(data)
        packet.pts = packet.dts = 0
        finder.add(packet, begins=True)
        assert finder.found().before(0, None) is None


def test_a_reader_of_a_range_knows_when_every_picture_is_shown(tmp_path: Path) -> None:
    path = Clip(pts=[0, 3, 4, 9, 10], options={"preset": "ultrafast", "bf": "2"}).write(tmp_path / "clip.mkv")
    with open_reader(path, first=3, stop=4) as reader:
        assert [frame.pts for frame in reader.frames()] == [360]
        assert reader.times.tolist() == [0, 120, 160, 360, 400]


def test_many_times_go_in_several_messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Clip(pts=range(5)).write(tmp_path / "clip.mp4")
    with path.open("rb", buffering=0) as file:
        scan = Scanner(file, DEFAULT_LIMITS, lambda: None).scan()
    monkeypatch.setattr(child, "TIMES_EACH", 2)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child.send_times(scan, Channel(theirs))
        told = [Channel(ours).receive() for _ in range(3)]
    assert {kind for kind, _, _ in told} == {Kind.TIMES}
    assert [np.frombuffer(payload, np.int64).tolist() for _, _, payload in told] == [[0, 512], [1024, 1536], [2048]]
