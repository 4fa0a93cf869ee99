"""Parts that were encoded apart become one video in which nothing is lost, doubled or changed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, number_of, numbered, onset, stamps

from vrijgave.domain.media import Colours
from vrijgave.errors import ActionRequired, Rejected, UnreadableMedia
from vrijgave.media import Frame, OutputFormat, join_parts, open_reader, open_writer, probe

TIMINGS = {
    "25 a second": Clip(pts=range(40)),
    "late start": Clip(pts=range(37, 77)),
    "variable": Clip(pts=[n * 40 + (n * n * 7) % 31 + 500 * (n > 19) for n in range(40)], time_base=Fraction(1, 1000)),
    "29.97 a second": Clip(pts=range(40), time_base=Fraction(1001, 30000), rate=Fraction(30000, 1001)),
    "fine clock": Clip(pts=[n * 3003 + n % 2 for n in range(40)], time_base=Fraction(1, 90000)),
}
CUTS = {"two": (0, 20, 40), "single pictures": (0, 1, 2, 39, 40), "one": (0, 40), "uneven": (0, 3, 4, 30, 40)}


def parts_of(source: Path, cuts: Sequence[int], folder: Path, *, sound: bool = False) -> list[Path]:
    """``source`` encoded in parts; the first has the sound of the whole."""
    made = []
    for number, (first, stop) in enumerate(pairwise(cuts)):
        path = folder / f"part{number}.mp4"
        heard = sound and number == 0
        with (
            open_reader(source, sound=heard, first=first, stop=stop) as reader,
            open_writer(path, OutputFormat.like(reader.info, sound=heard)) as writer,
        ):
            for item in reader:
                if isinstance(item, Frame):
                    writer.picture(item.picture, item.pts)
                else:
                    writer.sound(item)
        made.append(path)
    return made


def length(path: Path) -> tuple[int, int]:
    """As any other program sees it: of the file in microseconds, of the pictures in ticks."""
    with av.open(str(path)) as container:
        return container.duration, container.streams.video[0].duration


def planes(path: Path) -> list[list[bytes]]:
    with open_reader(path) as reader:
        return [[plane.tobytes() for plane in frame.picture.planes] for frame in reader.frames()]


@pytest.mark.parametrize(
    ("timing", "cuts"),
    [*(("25 a second", cuts) for cuts in CUTS), *((timing, "uneven") for timing in TIMINGS if timing != "25 a second")],
)
def test_same_pictures_at_the_same_times(tmp_path: Path, timing: str, cuts: str) -> None:
    source = TIMINGS[timing].write(tmp_path / "source.mp4")
    parts, joined = parts_of(source, CUTS[cuts], tmp_path), tmp_path / "joined.mp4"
    join_parts(parts, joined)
    assert stamps(joined) == stamps(source) == [stamp for part in parts for stamp in stamps(part)]
    assert planes(joined) == [picture for part in parts for picture in planes(part)]
    (tmp_path / "apart").mkdir()
    (whole,) = parts_of(source, (0, 40), tmp_path / "apart")
    assert probe(joined).video == probe(whole).video
    assert length(joined) == length(whole)


def test_pictures_are_in_order(tmp_path: Path) -> None:
    source = Clip(pts=range(40)).write(tmp_path / "source.mp4")
    join_parts(parts_of(source, (0, 13, 26, 40), tmp_path), tmp_path / "joined.mp4")
    with open_reader(tmp_path / "joined.mp4") as reader:
        assert [number_of(frame.image) for frame in reader.frames()] == list(range(40))


@pytest.mark.parametrize("start", [Fraction(0), Fraction(1, 2)], ids=str)
def test_the_sound_of_the_first_part_is_that_of_the_whole(tmp_path: Path, start: Fraction) -> None:
    clip = Clip(pts=range(75), sound=Sound(start=start, length=Fraction(2), burst_at=Fraction(1)))
    source, joined, whole = clip.write(tmp_path / "source.mp4"), tmp_path / "joined.mp4", tmp_path / "whole.mp4"
    join_parts(parts_of(source, (0, 10, 50, 75), tmp_path, sound=True), joined)
    (tmp_path / "apart").mkdir()
    (whole,) = parts_of(source, (0, 75), tmp_path / "apart", sound=True)
    assert stamps(joined) == stamps(source)
    assert onset(joined) == onset(whole)
    assert sounds(joined) == sounds(whole)
    assert probe(joined).audio == probe(whole).audio


def sounds(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux(audio=0) if packet.size]


def test_parts_stay_interleaved_and_the_index_stands_in_front(tmp_path: Path) -> None:
    clip = Clip(pts=range(250), sound=Sound(length=Fraction(10)))
    source, joined = clip.write(tmp_path / "source.mp4"), tmp_path / "joined.mp4"
    join_parts(parts_of(source, (0, 100, 250), tmp_path, sound=True), joined)
    data = joined.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(joined)) as container:
        ordered = sorted(
            (packet.pos, float(packet.dts * packet.time_base)) for packet in container.demux() if packet.size
        )
    assert all(after[1] > before[1] - 1.5 for before, after in pairwise(ordered))


def test_nothing_but_pictures_and_sound(tmp_path: Path) -> None:
    clip = Clip(pts=range(20), metadata={"title": "GEHEIM"}, sound=Sound())
    source, joined = clip.write(tmp_path / "source.mp4"), tmp_path / "joined.mp4"
    join_parts(parts_of(source, (0, 10, 20), tmp_path, sound=True), joined)
    data = joined.read_bytes()
    assert not [word for word in (b"GEHEIM", b"x264", b"Lavf", b"Lavc", b"options:") if word in data]
    info = probe(joined)
    assert (info.metadata, info.extra_streams, info.chapters) == ({}, (), 0)
    header = data.index(b"mvhd") + 8
    assert data[header : header + 8] == bytes(8)


def test_same_parts_same_bytes_and_colours_kept(tmp_path: Path) -> None:
    source = Clip(pts=range(20)).write(tmp_path / "source.mp4")
    parts = parts_of(source, (0, 10, 20), tmp_path)
    join_parts(parts, tmp_path / "a.mp4")
    join_parts(parts, tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    colours = [probe(path).video.colours for path in (parts[0], tmp_path / "a.mp4")]
    assert colours[0] == colours[1] != Colours()


def written(path: Path, first: int, **changes: object) -> Path:
    settings: dict[str, object] = {"width": 160, "height": 96, "time_base": Fraction(1, 25)}
    output = OutputFormat(**(settings | changes))  # type: ignore[arg-type]
    with open_writer(path, output) as writer:
        for pts in range(first, first + 5):
            writer.frame(np.zeros((output.height, output.width, 3), np.uint8), pts)
    return path


@pytest.mark.parametrize(
    "changes",
    [{"width": 162}, {"crf": 30, "preset": "medium"}, {"time_base": Fraction(1, 50)}, {"colours": Colours(matrix=5)}],
    ids=str,
)
def test_parts_of_different_kinds_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    parts = [written(tmp_path / "a.mp4", 0), written(tmp_path / "b.mp4", 20, **changes)]
    with pytest.raises(Rejected, match="encoded in different ways"):
        join_parts(parts, tmp_path / "joined.mp4")
    assert not (tmp_path / "joined.mp4").exists()


@pytest.mark.parametrize("first", [4, 0, 2])
def test_parts_that_overlap_are_refused(tmp_path: Path, first: int) -> None:
    parts = [written(tmp_path / "a.mp4", 0), written(tmp_path / "b.mp4", first)]
    with pytest.raises(Rejected, match="do not follow each other"):
        join_parts(parts, tmp_path / "joined.mp4")


def test_a_part_that_is_missing_or_broken(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.mp4", 0)
    with pytest.raises(UnreadableMedia, match=r"b\.mp4 does not exist"):
        join_parts([whole, tmp_path / "b.mp4"], tmp_path / "joined.mp4")
    (tmp_path / "b.mp4").write_bytes(whole.read_bytes()[:500])
    with pytest.raises(UnreadableMedia, match=r"b\.mp4"):
        join_parts([whole, tmp_path / "b.mp4"], tmp_path / "joined.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ActionRequired, match="No file can be written in"):
        join_parts([written(tmp_path / "a.mp4", 0)], tmp_path / "gone" / "joined.mp4")


def test_no_parts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no parts"):
        join_parts([], tmp_path / "joined.mp4")


def test_numbers_survive_many_parts(tmp_path: Path) -> None:
    output = OutputFormat(width=160, height=96, time_base=Fraction(1, 25))
    parts = []
    for number in range(12):
        parts.append(tmp_path / f"{number}.mp4")
        with open_writer(parts[-1], output) as writer:
            for pts in range(number * 3, number * 3 + 3):
                writer.frame(numbered(pts), pts)
    join_parts(parts, tmp_path / "joined.mp4")
    with open_reader(tmp_path / "joined.mp4") as reader:
        assert [number_of(frame.image) for frame in reader.frames()] == list(range(36))
