"""Footage in several segments: over processes and over Dask it gives exactly what one process gives."""

import multiprocessing
import os
import shutil
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest
from clips import onset, stamps
from street import COUNT, FACE, SHORT, WIDTH, heads, make_street

from vrijgave.domain.tracks import Plan, SubjectKind
from vrijgave.errors import ActionRequired, RedactionIncomplete, RetryLater, UnreadableMedia
from vrijgave.media import DEFAULT_LIMITS, open_reader, probe
from vrijgave.media.joining import join_parts
from vrijgave.redaction import covering
from vrijgave.redaction.analysis import ScanJob, analyse, joined, segments_of
from vrijgave.redaction.cover import cover
from vrijgave.redaction.covering import cover_and_prove
from vrijgave.redaction.detectors import DEFAULT, build, default_detectors
from vrijgave.redaction.processes import open_processes
from vrijgave.redaction.segments import plan_segments
from vrijgave.redaction.styles import FILL_LUMA
from vrijgave.services.redact import redact_file

MADE_AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    return make_street(tmp_path_factory.mktemp("street") / "street.mp4")


@pytest.fixture(scope="module")
def processes():
    with open_processes(2, default_detectors) as workers:
        yield workers


@pytest.fixture(scope="module")
def alone(street):
    return analyse(street, default_detectors(), segment_seconds=SHORT)


def test_two_processes_find_exactly_what_one_finds(street, alone, processes):
    heard = []
    both = analyse(street, (), progress=lambda *h: heard.append(h), workers=processes, segment_seconds=SHORT)
    assert both.to_dict() == alone.to_dict()
    for one, other in zip(both.tracks, alone.tracks, strict=True):
        np.testing.assert_array_equal(one.xyxy, other.xyxy)
        np.testing.assert_array_equal(one.scores, other.scores)
    assert heard == sorted(heard)
    assert heard[-1] == (COUNT, COUNT)


def test_subjects_go_through_the_borders(alone):
    assert len(segments_of(alone)) == 3
    faces = [track for track in alone.tracks if track.kind is SubjectKind.FACE]
    assert [(t.first, t.last) for t in faces][:2] == [(0, COUNT - 1), (0, COUNT - 1)]
    assert all(np.array_equal(t.frames, np.arange(t.first, t.last + 1)) for t in faces)


def test_no_face_shows_near_a_border(alone):
    for frame in range(COUNT):
        boxes = [box for t in alone.tracks if (box := t.box_at(frame)) is not None]
        for x, y in heads(frame):
            face = np.array([x, y, x, y], np.float32) + FACE
            assert max((_inside(face, box) for box in boxes), default=0) > 0.98, frame


def test_a_killed_process_ends_the_run_with_a_sentence(street):
    others = set(multiprocessing.active_children())

    def kill_one(done, _total):
        if done:
            os.kill((set(multiprocessing.active_children()) - others).pop().pid, signal.SIGKILL)

    began = time.monotonic()
    with open_processes(2, default_detectors) as workers, pytest.raises(RetryLater, match="lost"):
        analyse(street, (), progress=kill_one, workers=workers, segment_seconds=SHORT)
    assert time.monotonic() - began < 60
    assert set(multiprocessing.active_children()) == others


def test_findings_of_other_models_are_not_mixed(street):
    segments = plan_segments(COUNT, 8.0, SHORT)
    jobs = [ScanJob(street, DEFAULT_LIMITS)(segments[2], build([name]), lambda _done: None) for name in DEFAULT]
    with pytest.raises(ActionRequired, match="same models"):
        joined("0" * 64, probe(street).video, segments, jobs, SHORT)


def test_what_a_job_raises_ends_the_others_too(processes):
    began = time.monotonic()
    with pytest.raises(UnreadableMedia, match="absent"):
        processes.map(_fail_first, plan_segments(1000, 25.0, 4.0), lambda _done: None)
    assert time.monotonic() - began < 20


def _fail_first(segment, _detectors, done):
    if segment.number == 0:
        raise UnreadableMedia("absent")
    for _second in range(600):
        time.sleep(0.1)
        done(1)


def test_detectors_that_cannot_be_made_are_told_as_they_are():
    with open_processes(1, _no_detectors) as workers, pytest.raises(ActionRequired, match="install"):
        workers.map(_fail_first, plan_segments(10, 25.0), lambda _done: None)


def _no_detectors():
    raise ActionRequired("administrator", "install it")


@pytest.fixture(scope="module")
def redacted(street, tmp_path_factory):
    """The street covered in three segments by one process, with its sound: the file and its manifest."""
    folder = tmp_path_factory.mktemp("redacted")
    plan = folder / "plan.json"
    plan.write_text('{"sound":"keep"}')
    redact(street, folder, plan, default_detectors(), None)
    return folder


def redact(street, folder, plan, detectors, workers, progress=None):
    return redact_file(
        street, folder / "out.mp4", plan_file=plan, manifest=folder / "m.json", detectors=detectors, workers=workers,
        segment_seconds=SHORT, now=lambda: MADE_AT, actor="reviewer", progress=progress,
    )  # fmt: skip


def test_two_processes_write_the_file_that_one_writes(street, redacted, processes, tmp_path):
    heard = []
    redact(
        street, tmp_path, redacted / "plan.json", default_detectors(), processes, lambda done, _all: heard.append(done)
    )
    assert (tmp_path / "out.mp4").read_bytes() == (redacted / "out.mp4").read_bytes()
    assert (tmp_path / "m.json").read_bytes() == (redacted / "m.json").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.json", "out.mp4"]
    again = next(i for i in range(1, len(heard)) if heard[i] < heard[i - 1])  # the cover begins
    assert heard[:again] == sorted(heard[:again])
    assert heard[again:] == sorted(heard[again:])
    assert heard[-1] == COUNT


def test_pictures_times_and_sound_are_whole(street, redacted):
    assert stamps(redacted / "out.mp4") == stamps(street)
    assert onset(redacted / "out.mp4") == pytest.approx(onset(street), abs=1e-3)
    ends = [sound.start + sound.duration for path in (street, redacted / "out.mp4") for sound in probe(path).audio]
    assert len(ends) == 2
    assert abs(ends[0] - ends[1]) < Fraction(1, 10)
    with open_reader(street) as source, open_reader(redacted / "out.mp4") as covered:
        for one, other in zip(source.frames(), covered.frames(), strict=True):
            beside = slice(0, 30), slice(0, WIDTH)  # above all heads
            assert np.abs(one.picture.y[beside].astype(int) - other.picture.y[beside]).mean() < 4
            assert (np.abs(other.picture.y[90:110, 30:50].astype(int) - FILL_LUMA) < 10).mean() > 0.95


def test_only_what_changes_is_made_again(street, alone, tmp_path, monkeypatch):
    """A face that the analysis missed in the last segment is found by the second look and covered there."""
    wanted = segments_of(alone)[2]
    missed = replace(alone, tracks=tuple(t for t in map(lambda t: before(t, wanted.first + 20), alone.tracks) if t))
    made = []
    monkeypatch.setattr(covering, "cover", lambda *given: made.append(given[-2].number) or cover(*given))
    plan = Plan(source_sha256=alone.source_sha256)
    outcome = cover_and_prove(street, tmp_path / "out.mp4", missed, plan, default_detectors(), more_rounds=2)
    assert outcome.hits == ()
    assert outcome.rounds > 1
    assert made[:3] == [0, 1, 2]
    assert set(made[3:]) <= {1, 2}
    assert 2 in made[3:]


def before(track, stop):
    """The track as if its subject had been missed from frame ``stop`` on."""
    count = int((track.frames < stop).sum())
    if count == 0:
        return None
    return replace(
        track,
        frames=track.frames[:count],
        xyxy=track.xyxy[:count],
        scores=track.scores[:count],
        sources=track.sources[:count],
        looks=None if track.looks is None else track.looks[:count],
    )


@pytest.mark.parametrize("fault", ["swapped", "dropped", "other pictures"])
def test_a_joined_file_that_is_not_its_parts_does_not_go_out(street, alone, tmp_path, monkeypatch, fault):
    def join_wrongly(parts, output):
        if fault == "swapped":
            shutil.copyfile(street, output)
        elif fault == "dropped":
            join_parts(parts[:2], output)
        else:
            join_parts([parts[0], wrong, parts[2]], output)

    wrong = tmp_path / "wrong.mp4"
    segment = segments_of(alone)[1]
    plan = Plan(source_sha256=alone.source_sha256)
    cover(street, replace(alone, tracks=()), plan, wrong, DEFAULT_LIMITS, None, segment)
    monkeypatch.setattr(covering, "join_parts", join_wrongly)
    with pytest.raises(RedactionIncomplete):
        cover_and_prove(street, tmp_path / "out.mp4", alone, plan, default_detectors())


def _inside(box, other):
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    return float(np.prod(np.clip(high - low, 0, None)) / np.prod(box[2:] - box[:2]))
