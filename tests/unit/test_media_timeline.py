"""The order and the times of pictures, from packets."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from clips import Clip, number_of, stamps
from hypothesis import given
from hypothesis import strategies as st

from vrijgave.media import open_reader
from vrijgave.media.timeline import Timeline, TimelineBuilder

TICK = Fraction(1, 1000)


def timeline(*packets: tuple[int | None, int | None], duration: int | None = 40, step: int = 40) -> Timeline:
    """Of packets (pts, dts) in decoding order."""
    builder = TimelineBuilder(step)
    for pts, dts in packets:
        builder.add(pts, dts, duration)
    return builder.build()


def test_nothing() -> None:
    assert len(timeline()) == 0


def test_reordered_pictures() -> None:
    line = timeline((0, -80), (120, -40), (40, 0), (80, 40))
    assert list(line.pts) == [0, 40, 80, 120]
    assert line.end == 160


def test_times_that_are_missing() -> None:
    assert list(timeline((None, 0), (None, 40), (None, 80)).pts) == [0, 40, 80]
    assert list(timeline((None, None), (None, None), (None, None)).pts) == [0, 40, 80]


def test_equal_times_move_by_a_tick() -> None:
    line = timeline((0, 0), (40, 40), (40, 40), (40, 40), (80, 80))
    assert list(line.pts) == [0, 40, 41, 42, 80]
    assert list(line.stamps) == [0, 40, 40, 40, 80]


def test_a_clock_that_jumps_back_goes_on() -> None:
    line = timeline((5000, 5000), (5040, 5040), (0, 0), (40, 40), (80, 80))
    assert list(line.pts) == [5000, 5040, 5080, 5120, 5160]
    assert list(line.stamps) == [5000, 5040, 0, 40, 80]


def test_a_lost_picture_is_known_by_the_next_time() -> None:
    line = timeline(*((t, t) for t in range(0, 400, 40)))
    assert line.place(0, 0) == 0
    assert line.place(120, 1) == 3
    assert line.place(None, 4) == 4
    assert line.place(17, 4) == 4  # a time of no picture: the next place
    assert line.place(0, 4) is None  # its place is taken


def test_shifting_keeps_the_times_of_the_file() -> None:
    line = timeline((100, 100), (140, 140)).shifted(-100)
    assert (list(line.pts), list(line.stamps), line.end) == ([0, 40], [100, 140], 80)


@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40)), min_size=1, max_size=60))
def test_any_packets_give_as_many_pictures_at_increasing_times(packets: list[tuple[int, int]]) -> None:
    line = timeline(*packets)
    assert len(line) == len(packets)
    assert sorted(line.stamps) == sorted(pts for pts, _ in packets)
    assert all(a < b for a, b in pairwise(line.pts))
    assert line.end > line.pts[-1]


@given(
    st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(25, 2), Fraction(15)]),
    st.integers(100, 2000),
)
def test_the_rate_behind_rounded_times(rate: Fraction, count: int) -> None:
    line = timeline(*((round(n * 1000 / rate),) * 2 for n in range(count)))
    assert line.rate([None], TICK) == (rate, False)


@given(st.lists(st.integers(10, 500), min_size=3, max_size=50))
def test_uneven_times_are_a_variable_rate(gaps: list[int]) -> None:
    moments = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    rate, varies = timeline(*((t, t) for t in moments)).rate([Fraction(25)], TICK)
    assert varies or max(gaps) - min(gaps) <= 4  # each time within a tick of where it should be
    assert not varies or rate == Fraction(len(gaps) * 1000, sum(gaps))


def test_pictures_outside_an_edit_list_are_not_counted(tmp_path: Path) -> None:
    """A phone that trims a clip keeps the pictures and hides them; nobody else shows them either."""
    path = Clip(pts=range(50), options={"preset": "ultrafast", "bf": "0", "g": "10"}).write(tmp_path / "clip.mp4")
    data = bytearray(path.read_bytes())
    entry = data.index(b"elst") + 4 + 8
    assert data[entry + 4 : entry + 8] == bytes(4)
    data[entry : entry + 4] = (1000).to_bytes(4, "big")  # one second of the movie
    data[entry + 4 : entry + 8] = (512 * 15).to_bytes(4, "big")  # from the 15th picture on
    path.write_bytes(data)
    expected = stamps(path)
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert len(expected) == len(frames) == reader.info.video.frame_count == 25
    assert [number_of(frame.image) for frame in frames] == list(range(15, 40))
    assert [frame.pts * reader.info.video.time_base for frame in frames] == expected


def test_a_recorder_whose_clock_was_set_back(tmp_path: Path) -> None:
    clock = Fraction(1, 90000)
    later = Clip(pts=range(900_000, 936_000, 3600), time_base=clock).write(tmp_path / "later.ts")
    sooner = Clip(pts=range(0, 36_000, 3600), time_base=clock).write(tmp_path / "sooner.ts")
    path = tmp_path / "clip.ts"
    path.write_bytes(later.read_bytes() + sooner.read_bytes())
    with open_reader(path) as reader:
        frames = list(reader.frames())
    assert [number_of(frame.image) for frame in frames] == [*range(10), *range(10)]
    gaps = [after.pts - before.pts for before, after in pairwise(frames)]
    assert set(gaps) == {3600}
    assert (reader.info.video.frame_count, reader.info.video.variable_rate) == (20, False)
