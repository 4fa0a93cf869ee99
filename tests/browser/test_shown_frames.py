"""A browser that is sent to (n + 0.5) / rate shows frame n of the source: forward, backward and in jumps."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from clips import Clip, Sound, numbered, rotate
from player import CHROMIUM, frames_shown

from vrijgave.media import make_proxy

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine")

COUNT = 200
SIZE = (320, 192)
B_FRAMES = {"preset": "ultrafast", "bf": "3", "g": "60"}
PHONE = np.cumsum(np.random.default_rng(3).choice([1500, 3000, 3003, 3600, 9000, 270_000], 60)).tolist()
"""A telephone whose pictures come as they like, three seconds apart at times."""


def shown(source: Path, folder: Path, frames: list[int]) -> None:
    """Each of ``frames`` is what a browser shows when it says that it has painted it."""
    made = make_proxy(source, folder / "proxy.mp4")
    answer = frames_shown(folder / "proxy.mp4", made.rate, len(made.times), frames, folder / "profile")
    assert answer.get("error") is None
    assert answer["size"] == list(made.size)
    assert answer["shown"] == [[frame] * 2 for frame in frames]


def test_every_frame_forward_backward_and_in_jumps(tmp_path: Path) -> None:
    clip = Clip(
        pts=range(COUNT),
        time_base=F(1001, 30000),
        rate=F(30000, 1001),
        size=SIZE,
        options=B_FRAMES,
        sound=Sound(length=F(6), burst_at=F(0)),
    )
    forward, backward = list(range(1, COUNT)), list(range(COUNT - 1))[::-1]
    shown(clip.write(tmp_path / "a.mp4"), tmp_path, forward + backward + jumps(COUNT))


def jumps(count: int) -> list[int]:
    """Every frame, in an order without neighbours, from frame 0 on."""
    return [place * 77 % count for place in range(1, count + 1)]


KINDS = {
    "variable, MKV": ("a.mkv", Clip(pts=PHONE, time_base=F(1, 90000), rate=F(30), size=SIZE, options=B_FRAMES)),
    "picture from 4.24 s, sound from 0": (
        "a.mp4",
        Clip(pts=range(53, 113), time_base=F(2, 25), rate=F(25, 2), size=SIZE, sound=Sound(length=F(8))),
    ),
    "sound 1.5 s later": ("a.mkv", Clip(pts=range(60), size=SIZE, sound=Sound(start=F(3, 2), length=F(3)))),
}


@pytest.mark.parametrize("name", KINDS)
def test_whatever_the_clock_of_the_source_does(tmp_path: Path, name: str) -> None:
    file, clip = KINDS[name]
    shown(clip.write(tmp_path / file), tmp_path, jumps(60))


def test_turned_footage(tmp_path: Path) -> None:
    upside_down = [np.ascontiguousarray(np.rot90(numbered(number, *SIZE), 2)) for number in range(60)]
    source = Clip(pts=range(60), size=SIZE).write(tmp_path / "a.mp4", upside_down)
    shown(rotate(source, -1, 0, 0, -1), tmp_path, jumps(60))
