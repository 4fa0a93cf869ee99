"""The sound of a proxy is heard at the frame at which it is heard in the source, and its waveform shows it there."""

from __future__ import annotations

import json
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, onset

from vrijgave.domain.frame_map import FrameMap, ProxySound
from vrijgave.media import Proxy, SoundChunk, make_proxy
from vrijgave.media.sound_map import TOLERANCE, SoundMap, knots
from vrijgave.media.waveform import RATE, Meter, Waveform

TICKS = F(1, 1000)
SAMPLES = 8000


def proxy_of(clip: Clip, folder: Path, name: str = "a.mp4") -> tuple[Proxy, Path]:
    path = folder / "proxy.mp4"
    return make_proxy(clip.write(folder / name), path), path


def loud_from(waveform: Waveform | None) -> float:
    """When (seconds) the waveform first gets loud."""
    assert waveform is not None
    return int(np.flatnonzero(waveform.peaks[:, 1] > 20)[0]) / RATE


@pytest.mark.parametrize(
    ("clip", "name", "heard_at", "before"),
    [
        (Clip(pts=range(50), sound=Sound(burst_at=F(1))), "a.mp4", 1.0, 0.0),
        (Clip(pts=range(50), sound=Sound(start=F(1, 2), length=F(1), burst_at=F(1, 2))), "a.mkv", 1.0, 0.0),
        (Clip(pts=range(25, 75), sound=Sound(length=F(3), burst_at=F(3, 2))), "a.mkv", 0.5, 1.0),
        (Clip(pts=range(10), sound=Sound(length=F(3), burst_at=F(2))), "a.mp4", 2.0, 0.0),
    ],
    ids=["together", "sound later", "picture later", "sound outlasts the picture"],
)
def test_constant_rate_is_in_step(tmp_path: Path, clip: Clip, name: str, heard_at: float, before: float) -> None:
    made, path = proxy_of(clip, tmp_path, name)
    assert onset(path) == pytest.approx(heard_at, abs=0.012)
    assert loud_from(made.waveform) == pytest.approx(heard_at, abs=0.5 / RATE + 0.012)
    assert made.sound is not None
    assert (made.sound.slowest, made.sound.fastest) == (1, 1)
    assert made.sound.before == pytest.approx(before, abs=0.03)
    assert made.sound.is_whole == (before == 0)


def test_sound_always_begins_with_the_first_frame(tmp_path: Path) -> None:
    _, path = proxy_of(Clip(pts=range(50), sound=Sound(start=F(3, 2), length=F(1, 2), burst_at=F(0))), tmp_path)
    with av.open(str(path)) as container:
        assert next(container.decode(audio=0)).pts == 0


def test_a_pause_in_the_pictures_is_a_short_moment_of_the_sound(tmp_path: Path) -> None:
    """25 pictures, three seconds of nothing, 25 pictures; the tone begins with the second lot."""
    pts = [*range(25), *range(100, 125)]
    made, path = proxy_of(Clip(pts=pts, sound=Sound(length=F(5), burst_at=F(4))), tmp_path)
    assert made.rate == F(round(F(49, 124) * 25 * 100), 100)
    first_loud = 25 / made.rate
    assert onset(path) == pytest.approx(float(first_loud), abs=2 * TOLERANCE)
    assert made.sound is not None
    assert made.sound.fastest > 20 > 1 > made.sound.slowest
    assert not made.sound.is_whole


def test_silent_footage_has_no_waveform(tmp_path: Path) -> None:
    made, path = proxy_of(Clip(), tmp_path)
    assert made.sound is None
    assert made.waveform is None
    with av.open(str(path)) as container:
        assert not container.streams.audio


def test_pictures_a_little_uneven_keep_the_pitch() -> None:
    """A telephone's 30 a second, each off by up to 12 ms: one even stretch, for all frames within the tolerance."""
    jitter = np.random.default_rng(1).integers(-12, 13, 3000)
    times = np.sort(np.arange(3000) * 1000 // 30 + jitter)
    seconds = times / 1000
    places = knots(seconds, TOLERANCE)
    assert places == [0, 2999]
    assert knots(seconds, 0.001)[:2] != [0, 2999]


@pytest.mark.parametrize("seed", range(5))
def test_no_frame_is_off_by_more_than_the_tolerance(seed: int) -> None:
    seconds = np.cumsum(np.random.default_rng(seed).choice([0.001, 0.03, 0.04, 2.0], 400))
    places = knots(seconds, TOLERANCE)
    line = np.interp(np.arange(400), places, seconds[places])
    assert np.abs(line - seconds).max() <= TOLERANCE + 1e-9
    assert places == sorted(set(places))


def test_a_stretch_is_played_evenly() -> None:
    """Frames a tenth of a second apart at 20 a second: twice as fast, all of it, in whatever chunks it comes."""
    sounds = SoundMap(np.arange(0, 1001, 100), TICKS, F(20), SAMPLES, in_step=False)
    tone = np.sin(2 * np.pi * 100 * np.arange(SAMPLES) / SAMPLES).astype(np.float32)[None]
    cuts = [0, 1000, 1001, 5003, SAMPLES]
    parts = [
        moved
        for first, stop in pairwise(cuts)
        for moved in sounds.moved(SoundChunk(F(first, SAMPLES), tone[:, first:stop]))
    ]
    assert [part.start for part in parts] == [F(first, SAMPLES) for first in (0, 500, 501, 2502)]
    played = np.concatenate([part.samples for part in parts], axis=1)[0]
    expected = np.sin(2 * np.pi * 200 * np.arange(SAMPLES // 2) / SAMPLES)
    assert len(played) == SAMPLES // 2
    assert np.abs(played - expected).max() < 0.02
    assert sounds.sound() == ProxySound(slowest=2.0, fastest=2.0, before=0.0)


def test_peaks_hide_no_sample() -> None:
    """One channel against the other, a click of one sample, a whisper, and chunks that cut a peak in two."""
    samples = np.zeros((2, 661), np.float32)
    samples[:, 10:20] = [[0.5], [-0.5]]
    samples[0, 450] = 1e-6
    samples[1, 301] = np.nan
    samples[1, 451] = -1e-6
    meter = Meter(11025)
    for first in range(0, 661, 100):
        meter.take(SoundChunk(F(first, 11025), samples[:, first : first + 100]))
    peaks = meter.waveform().peaks.tolist()
    assert peaks == [[-64, 64], [-127, 127], [-1, 1]]


def test_what_lies_before_zero_does_not_count() -> None:
    meter = Meter(1000)
    meter.take(SoundChunk(F(-1), np.ones((1, 500), np.float32)))
    assert len(meter.waveform().peaks) == 0
    meter.take(SoundChunk(F(-1, 100), np.ones((1, 30), np.float32)))
    assert meter.waveform().peaks.tolist() == [[0, 127]]


def test_a_waveform_goes_through_json() -> None:
    peaks = np.random.default_rng(0).integers(-127, 128, (333, 2)).astype(np.int8)
    again = Waveform.from_dict(json.loads(json.dumps(Waveform(peaks).to_dict())))
    assert np.array_equal(again.peaks, peaks)


def frame_map(pts: list[int]) -> FrameMap:
    return FrameMap(
        source_sha256="a" * 64,
        proxy_sha256="b" * 64,
        rate=F(30000, 1001),
        time_base=F(1, 90000),
        pts=tuple(pts),
        unreadable=(3,),
        source_size=(1920, 1080),
        proxy_size=(1280, 720),
        sound=ProxySound(slowest=0.9, fastest=1.5, before=0.25),
    )


def test_a_map_goes_through_json_and_stays_small() -> None:
    even = frame_map([7 + 3003 * place for place in range(30_000)])
    rounded = frame_map([round(place * 1001 / 30) for place in range(30_000)])
    for given, most in ((even, 500), (rounded, 200_000)):
        text = json.dumps(given.to_dict(), separators=(",", ":"))
        assert FrameMap.from_dict(json.loads(text)) == given
        assert len(text) < most
    assert even.middle(30) == F(61, 2) * F(1001, 30000)
    assert frame_map([5]).to_dict()["steps"] == []
