"""Kept, muted and bleeped sound in files that are really encoded: nothing leaks, and the proof hears what does."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from clips import Clip, Sound, number_of
from numpy.typing import NDArray

from vrijgave.domain.spans import Sound as Does
from vrijgave.domain.spans import SoundSpan, Trim
from vrijgave.domain.tracks import Analysis, Plan
from vrijgave.errors import RedactionIncomplete, Rejected
from vrijgave.media import SoundChunk, open_reader, probe
from vrijgave.redaction import sound as sounds
from vrijgave.redaction.cover import cover
from vrijgave.redaction.covering import cover_and_prove
from vrijgave.redaction.sound import TONE_HERTZ, TONE_LEVEL, Mixer, source_heard
from vrijgave.redaction.verify import verify
from vrijgave.redaction.window import Window, window_of

SHA = "b" * 64
COUNT = 100
JITTERED = tuple(40 * n + 13 * (n % 3) for n in range(COUNT))
"""Milliseconds: a rate that varies."""
LOUD = Sound(length=Fraction(4), burst_at=Fraction(0))


def clip(folder: Path, **more: object) -> Path:
    """A hundred numbered pictures at a varying rate, with a loud tone of 997 Hz under all of them."""
    given: dict[str, object] = {"pts": JITTERED, "time_base": Fraction(1, 1000), "sound": LOUD}
    return Clip(**(given | more)).write(folder / "source.mp4")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("sound"))


def found(count: int = COUNT, **more: object) -> Analysis:
    given: dict[str, object] = {"parameters": {"rate": 25.0}}
    return Analysis(
        source_sha256=SHA,
        width=160,
        height=96,
        frame_count=count,
        tracks=(),
        **(given | more),  # type: ignore[arg-type]
    )


def plan_of(*spans: tuple[Does, int, int | None], everywhere: Does = Does.KEEP, trim: Trim | None = None) -> Plan:
    chosen = tuple(SoundSpan(sound=does, start_ms=start, stop_ms=stop) for does, start, stop in spans)
    return Plan(source_sha256=SHA, sound=everywhere, sound_spans=chosen, trim=trim)


def made(source: Path, folder: Path, plan: Plan, analysis: Analysis | None = None) -> Path:
    """Covered, proven, and where there are several segments put together."""
    output = folder / "out.mp4"
    cover_and_prove(source, output, analysis or found(), plan, ())
    return output


def heard(path: Path) -> tuple[Fraction, int, NDArray[np.float32]]:
    """Start, rate and samples of the first channel, as any other program hears them."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    start = frames[0].pts * frames[0].time_base
    return start, frames[0].sample_rate, np.concatenate([frame.to_ndarray()[0] for frame in frames])


def part(path: Path, start: float, stop: float) -> NDArray[np.float32]:
    begin, rate, samples = heard(path)
    first, last = (max(0, round((t - float(begin)) * rate)) for t in (start, stop))
    return samples[first:last]


def share_at(samples: NDArray[np.float32], hertz: float, rate: int = 48000) -> float:
    """Level of one frequency: half the amplitude of a sine in ``samples``, whole windows."""
    times = np.arange(len(samples)) / rate
    return float(np.abs(np.mean(samples * np.exp(-2j * np.pi * hertz * times))))


def test_a_muted_stretch_is_silent_and_what_is_beside_it_is_kept(source: Path, tmp_path: Path) -> None:
    output = made(source, tmp_path, plan_of((Does.MUTE, 1000, 2000)))
    assert np.abs(part(output, 1.0, 2.0)).max() < 1e-4
    for start, stop in ((0.1, 0.9), (2.1, 3.9)):
        assert np.abs(part(output, start, stop)).max() > 0.4


def test_a_bleep_is_a_tone_of_fixed_level_and_length_and_nothing_else(source: Path, tmp_path: Path) -> None:
    output = made(source, tmp_path, plan_of((Does.BLEEP, 1000, 2000)))
    inside = part(output, 1.05, 1.95)
    assert share_at(inside, TONE_HERTZ) == pytest.approx(TONE_LEVEL / 2, rel=0.05)
    loud = np.abs(part(output, 0.96, 2.04)) > 0.03  # nothing of what is kept comes so near
    edges = 0.96 + np.flatnonzero(loud)[[0, -1]] / 48000
    assert edges == pytest.approx([1.0, 2.0], abs=0.01)


def test_without_a_choice_there_is_no_sound_stream(source: Path, tmp_path: Path) -> None:
    assert not probe(made(source, tmp_path, Plan(source_sha256=SHA))).audio
    muted = plan_of((Does.KEEP, 0, 500), (Does.MUTE, 0, 700), everywhere=Does.MUTE)
    assert not probe(made(source, tmp_path, muted)).audio


def test_a_tone_is_there_also_where_the_footage_has_no_sound(tmp_path: Path) -> None:
    source = clip(tmp_path, sound=Sound(start=Fraction(3, 2), length=Fraction(1), burst_at=Fraction(0)))
    output = made(source, tmp_path, plan_of((Does.BLEEP, 1000, 3500), everywhere=Does.MUTE))
    for start, stop in ((1.05, 1.4), (1.6, 2.4), (2.6, 3.4)):
        assert share_at(part(output, start, stop), TONE_HERTZ) == pytest.approx(TONE_LEVEL / 2, rel=0.1)
    assert heard(output)[0] == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("first", [0, 20, 30])
def test_sound_stays_with_the_pictures_where_the_release_is_trimmed(tmp_path: Path, first: int) -> None:
    burst = clip(tmp_path, sound=Sound(length=Fraction(4), burst_at=Fraction(2)))
    output = made(burst, tmp_path, plan_of(trim=Trim(first=first, last=90)))
    start, rate, samples = heard(output)
    onset = float(start) + np.flatnonzero(np.abs(samples) > 0.05)[0] / rate
    assert onset == pytest.approx(2 - JITTERED[first] / 1000, abs=1024 / 48000)


def test_a_bleep_keeps_its_moment_where_the_release_is_trimmed(source: Path, tmp_path: Path) -> None:
    output = made(source, tmp_path, plan_of((Does.BLEEP, 2000, 2400), trim=Trim(first=30, last=80)))
    at = 2 - JITTERED[30] / 1000
    assert share_at(part(output, at + 0.05, at + 0.35), TONE_HERTZ) == pytest.approx(TONE_LEVEL / 2, rel=0.1)


def test_a_trimmed_release_of_several_segments(source: Path, tmp_path: Path) -> None:
    slow = {"rate": 5.0, "segment_seconds": 5.0}  # four segments
    whole, trimmed = plan_of((Does.BLEEP, 500, 900)), Trim(first=20, last=83)
    joined = made(source, tmp_path, replace(whole, trim=trimmed), found(parameters=slow))
    with open_reader(joined) as reader:
        assert [number_of(frame.image) for frame in reader.frames()] == list(range(20, 84))


def test_a_trim_beyond_the_footage_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        made(source, tmp_path, plan_of(trim=Trim(first=0, last=COUNT)))


@pytest.mark.parametrize("does", [Does.MUTE, Does.BLEEP])
def test_the_proof_hears_a_source_that_was_left_in(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: Does
) -> None:
    """Whatever goes wrong in the mixing: the file holds what was to be taken out, and may not go out."""
    plan = plan_of((does, 1000, 2000))
    kept = Mixer._made

    def leaks(mixer: Mixer, samples: NDArray[np.float32]):  # type: ignore[no-untyped-def]
        for chunk in kept(mixer, samples):
            yield SoundChunk(chunk.start, chunk.samples + np.float32(0.1) * samples)

    monkeypatch.setattr(Mixer, "_made", leaks)
    with pytest.raises(RedactionIncomplete, match="still heard"):
        made(source, tmp_path, plan)


@pytest.mark.parametrize(
    ("rate", "codec", "layout"), [(8000, "pcm_s16le", "mono"), (44100, "aac", "stereo"), (48000, "aac", "5.1")]
)
def test_what_the_proof_says_of_honest_files(tmp_path: Path, rate: int, codec: str, layout: str) -> None:
    """Noise, which codes badly, right up to what is hidden."""
    source = tmp_path / "source.mkv"
    noisy = Sound(length=Fraction(4), burst_at=Fraction(0), rate=rate, codec=codec, layout=layout)
    Clip(pts=JITTERED, time_base=Fraction(1, 1000), sound=noisy).write(source)
    plan = plan_of((Does.MUTE, 800, 1500), (Does.BLEEP, 1500, 2100), (Does.BLEEP, 3000, 3040))
    output = tmp_path / "out.mp4"
    record = cover(source, found(), plan, output)
    assert verify(source, output, found(), plan, record, ()) == ()


def test_a_file_of_another_length_is_refused(source: Path, tmp_path: Path) -> None:
    plan = plan_of(trim=Trim(first=5, last=50))
    output = tmp_path / "out.mp4"
    record = cover(source, found(), plan, output, window=Window(first=5, stop=50))
    with pytest.raises(RedactionIncomplete, match="frames that the plan says"):
        verify(source, output, found(), plan, record, ())


def test_an_untouched_window_opens_nothing(tmp_path: Path) -> None:
    assert window_of(tmp_path / "not-there.mp4", found(), Plan(source_sha256=SHA)) == Window(first=0, stop=COUNT)


def test_the_limits_of_the_proof_have_room(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What coding does to a tone stays below half of what counts as something else."""
    plan = plan_of((Does.BLEEP, 1000, 2000))
    output = tmp_path / "out.mp4"
    record = cover(source, found(), plan, output)
    monkeypatch.setattr(sounds, "BESIDE_TONE", sounds.BESIDE_TONE / 2)
    assert not source_heard(output, record.source, plan, window_of(source, found(), plan))
