"""Covers painted into real encoded files, and the proof that sees every fault in them."""

import json
from dataclasses import replace
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from clips import Clip

from vrijgave.domain.tracks import Analysis, CoverStyle, Detections, Plan, Source, SubjectKind, Track
from vrijgave.errors import RedactionIncomplete
from vrijgave.i18n import Language, use_language
from vrijgave.media import OutputFormat, Picture, open_reader, open_writer
from vrijgave.redaction.cover import cover, paint
from vrijgave.redaction.record import joined, mark
from vrijgave.redaction.rescan import RescanHit, also_there, is_all_cover, unexplained
from vrijgave.redaction.styles import FILL, FILL_LUMA, NEUTRAL, Cover, covers, fill_areas, mosaic
from vrijgave.redaction.verify import verify

SHA = "a" * 64
COUNT = 8
TIME_BASE = Fraction(1, 1000)
TIMES = tuple(40 * i + 7 * (i % 3) for i in range(COUNT))
FORM = OutputFormat(width=321, height=181, time_base=TIME_BASE)
BOXES = {1: (40, 30, 110, 120), 2: (100, 60, 170, 140), 3: (300, 150, 330, 190), 4: (5, 5, 14, 14)}


@pytest.fixture(autouse=True)
def _english():
    use_language(Language.ENGLISH)


def scene(frame):
    """A rough, coloured picture that moves a little, with noise of its own: a hard case for the encoder."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(20, 235, (24, 40, 3), np.uint8)
    large = cv2.resize(coarse, (420, 252), interpolation=cv2.INTER_CUBIC)[10 : 10 + FORM.height, 3 * frame :][
        :, : FORM.width
    ]
    noise = np.random.default_rng(frame).normal(0, 6, large.shape)
    return np.clip(large + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Lossless, with odd sides, which H.264 does not have."""
    clip = Clip(pts=TIMES, time_base=TIME_BASE, size=(FORM.width, FORM.height), codec="ffv1", options={})
    return clip.write(tmp_path_factory.mktemp("source") / "rough.mkv", map(scene, range(COUNT)))


@pytest.fixture(scope="module")
def analysis():
    """Faces that move and meet, cross the edge, and one as small as they come; the picture of frame 6 is lost."""
    steps = np.arange(COUNT, dtype=np.float32)[:, None] * np.array([2, 1, 2, 1], np.float32)
    tracks = tuple(
        Track(
            number,
            SubjectKind.FACE,
            np.arange(COUNT, dtype=np.int64),
            np.array(box, np.float32) + steps * (number < 3),
            np.ones(COUNT, np.float32),
            (Source.DETECTED,) * COUNT,
        )
        for number, box in BOXES.items()
    )
    return Analysis(
        source_sha256=SHA, width=FORM.width, height=FORM.height, frame_count=COUNT, tracks=tracks, unreadable=(6,)
    )


@pytest.fixture(scope="module", params=list(CoverStyle))
def plan(request):
    return Plan(source_sha256=SHA, style=request.param)


@pytest.fixture(scope="module")
def covered(source, analysis, plan, tmp_path_factory):
    """The covered file and the record of the pass that made it."""
    output = tmp_path_factory.mktemp("covered") / "covered.mp4"
    return output, cover(source, analysis, plan, output)


def pictures(path):
    with open_reader(path) as reader:
        return [frame.picture for frame in reader.frames()]


def rewritten(path, spoil, *, times=TIMES):
    """The file again, each picture through ``spoil`` (frame, pictures) -> picture or None to leave it out."""
    made = pictures(path)
    again = path.with_name("spoiled.mp4")
    form = replace(FORM, width=made[0].width, height=made[0].height, colours=made[0].colours, crf=2)
    with open_writer(again, form) as writer:
        for frame, time in enumerate(times):
            picture = spoil(frame, made)
            if picture is not None:
                writer.picture(picture, time)
    return again


def test_only_the_covers_change_the_picture():
    before = Picture.of_bgr(scene(0), FORM.colours)
    picture = Picture.of_bgr(scene(0), FORM.colours)
    paint(picture, [Cover((20, 30, 62, 82)), Cover((310, 170, 330, 190))])
    assert (picture.y[30:82, 20:62] == FILL_LUMA).all()
    assert (picture.y[170:, 310:] == FILL_LUMA).all()
    for plane, whole in ((picture.u, before.u), (picture.v, before.v)):
        assert (plane[15:41, 10:31] == NEUTRAL).all()
        assert (plane[85:, 155:] == NEUTRAL).all()
        plane[15:41, 10:31], plane[85:, 155:] = whole[15:41, 10:31], whole[85:, 155:]
        assert np.array_equal(plane, whole)
    picture.y[30:82, 20:62], picture.y[170:, 310:] = before.y[30:82, 20:62], before.y[170:, 310:]
    assert np.array_equal(picture.y, before.y)


def test_the_fill_is_the_named_grey():
    picture = Picture.of_bgr(scene(0), FORM.colours)
    paint(picture, [Cover((0, 0, 322, 182))])
    assert np.abs(picture.bgr().astype(int) - FILL).max() <= 1


def test_a_good_output_passes_and_keeps_every_time(source, analysis, plan, covered):
    output, record = covered
    not_needed = source.with_name("absent.mkv")
    assert verify(not_needed, output, analysis, plan, record, ()) == ()
    with av.open(str(output)) as container:
        assert [f.pts * f.time_base for f in container.decode(video=0)] == [t * TIME_BASE for t in TIMES]
    for frame, picture in enumerate(pictures(output)):
        for x0, y0, x1, y1 in fill_areas(covers(analysis, plan).filled.boxes(frame)[:2]):
            assert np.abs(picture.u[y0 // 2 + 4 : y1 // 2 - 4, x0 // 2 + 4 : x1 // 2 - 4].astype(int) - 128).max() < 6


def test_frames_that_cannot_be_trusted_are_covered_whole_and_named(covered):
    output, record = covered
    assert record.whole == (6,)
    inner = pictures(output)[6].bgr()[:180, :320].astype(int)
    assert np.abs(inner - FILL).max() < 12


def test_the_same_input_gives_the_same_bytes(source, analysis, plan, covered, tmp_path):
    again = tmp_path / "again.mp4"
    cover(source, analysis, plan, again)
    assert again.read_bytes() == covered[0].read_bytes()


def uncovered(frame, source):
    return lambda i, made: cut_in(made[i], pictures(source)[i], (44, 40, 104, 110)) if i == frame else made[i]


def cut_in(picture, other, area):
    """``picture`` with the part of ``other`` in ``area``."""
    x0, y0, x1, y1 = area
    picture.y[y0:y1, x0:x1] = other.y[y0:y1, x0:x1]
    for mine, theirs in ((picture.u, other.u), (picture.v, other.v)):
        mine[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2] = theirs[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2]
    return picture


def coloured(frame, source):
    def spoil(i, made):
        if i == frame:
            made[i].u[20:50, 25:50] = pictures(source)[i].u[20:50, 25:50]
        return made[i]

    return spoil


def shown_at_the_corner(frame, source):
    return lambda i, made: cut_in(made[i], pictures(source)[i], (4, 4, 14, 14)) if i == frame else made[i]


def negative(frame, _source):
    def spoil(i, made):
        if i == frame:
            made[i].y[:] = 255 - made[i].y
        return made[i]

    return spoil


def frozen(frame, _source):
    return lambda i, made: made[frame - 1] if i == frame else made[i]


def shifted(frame, _source):
    def spoil(i, made):
        if i == frame:
            made[i].y[:] = np.roll(made[i].y, 6, axis=1)
        return made[i]

    return spoil


def shows_behind_the_whole_cover(_frame, source):
    return lambda i, made: cut_in(made[i], pictures(source)[i], (200, 60, 260, 120)) if i == 6 else made[i]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (uncovered, "frame 3"),
        (coloured, "frame 3"),
        (shown_at_the_corner, "frame 3"),
        (negative, "frame 3"),
        (frozen, "frame 3"),
        (shifted, "frame 3"),
        (shows_behind_the_whole_cover, "frame 6"),
    ],
)
def test_a_fault_in_one_frame_is_seen(source, analysis, plan, covered, fault, told):
    output, record = covered
    bad = rewritten(output, fault(3, source))
    with pytest.raises(RedactionIncomplete, match=told):
        verify(source, bad, analysis, plan, record, ())


def test_encoding_once_more_is_no_fault(source, analysis, plan, covered):
    output, record = covered
    again = rewritten(output, lambda i, made: made[i])
    assert verify(source, again, analysis, plan, record, ()) == ()


@pytest.mark.parametrize("left_out", [0, 3, COUNT - 1])
def test_a_frame_left_out_is_seen(source, analysis, plan, covered, left_out):
    output, record = covered
    bad = rewritten(output, lambda i, made: None if i == left_out else made[i])
    with pytest.raises(RedactionIncomplete, match=str(COUNT - 1)):
        verify(source, bad, analysis, plan, record, ())


def test_a_frame_at_another_time_is_seen(source, analysis, plan, covered):
    output, record = covered
    times = (*TIMES[:4], TIMES[4] + 3, *TIMES[5:])
    bad = rewritten(output, lambda i, made: made[i], times=times)
    with pytest.raises(RedactionIncomplete, match="frame 4"):
        verify(source, bad, analysis, plan, record, ())


def test_the_other_style_than_planned_is_seen(source, analysis, plan, covered):
    output, record = covered
    other = replace(plan, style=next(s for s in CoverStyle if s is not plan.style))
    with pytest.raises(RedactionIncomplete, match="cover is missing"):
        verify(source, output, analysis, other, record, ())


def test_the_footage_itself_is_refused(source, analysis, plan, covered):
    with pytest.raises(RedactionIncomplete):
        verify(source, source, analysis, plan, covered[1], ())


def test_records_of_parts_make_the_record_of_the_whole(covered):
    record = covered[1]

    def part(first, last):
        whole = tuple(f - first for f in record.whole if first <= f < last)
        return replace(record, pts=record.pts[first:last], marks=record.marks[first:last], whole=whole)

    again = joined([part(0, 3), part(3, 5), part(5, COUNT)])
    assert np.array_equal(again.pts, record.pts)
    assert np.array_equal(again.marks, record.marks)
    assert again.whole == record.whole


def test_a_record_of_a_long_video_is_small():
    marks = mark(np.zeros((1080, 1920), np.uint8))
    assert marks.size * 25 * 60 * 20 < 27 * 2**20
    assert mark(np.zeros((1920, 1080), np.uint8)).size <= 900
    assert mark(np.full((1, 3), 9, np.uint8)).tolist() == [[9]]


def painted(*planned):
    picture = Picture.of_bgr(scene(0), FORM.colours)
    paint(picture, planned)
    return picture


@pytest.mark.parametrize("cells", [None, mosaic(SHA, 1)])
def test_nothing_but_cover_is_no_person_and_a_strip_of_source_is(cells):
    planned = (Cover((20, 20, 80, 80), cells),)
    picture = painted(*planned)
    assert is_all_cover(picture, np.array([30, 30, 70, 70], np.float32), planned)
    assert not is_all_cover(picture, np.array([30, 30, 84, 70], np.float32), planned)
    assert not is_all_cover(picture, np.array([330, 30, 340, 70], np.float32), planned)
    assert not is_all_cover(picture, np.array([30, 30, 70, 70], np.float32), ())


def test_only_what_no_decision_shows_is_a_hit():
    seen = {SubjectKind.FACE: Detections(np.array([[40, 40, 80, 80]], np.float32), np.array([0.8], np.float32))}
    nobody = np.zeros((0, 4), np.float32)
    (hit,) = unexplained(7, painted(), seen, nobody, ())
    assert (hit.frame, hit.kind, hit.box) == (7, SubjectKind.FACE, (40, 40, 80, 80))
    assert RescanHit.from_dict(json.loads(json.dumps(hit.to_dict()))) == replace(hit, score=pytest.approx(hit.score))
    assert list(unexplained(7, painted(), seen, np.array([[30, 30, 90, 90]], np.float32), ())) == []
    hidden = (Cover((36, 36, 84, 84)),)
    assert list(unexplained(7, painted(*hidden), seen, nobody, hidden)) == []
    assert list(unexplained(7, painted(), {SubjectKind.FACE: Detections.empty()}, nobody, ())) == []


def test_a_hit_counts_where_the_source_shows_something_beside_the_covers():
    hit = RescanHit(frame=7, kind=SubjectKind.FACE, box=(40, 40, 80, 80), score=0.6)
    source, hidden = painted(), (Cover((20, 20, 64, 90)),)

    def there(*boxes):
        return {SubjectKind.FACE: Detections(np.array(boxes, np.float32).reshape(-1, 4), np.ones(len(boxes)))}

    assert list(also_there([hit], there([30, 40, 62, 80]), (), source)) == [hit]
    assert list(also_there([hit], there([30, 40, 62, 80]), hidden, source)) == []
    assert list(also_there([hit], there([30, 40, 62, 80], [34, 40, 74, 80]), hidden, source)) == [hit]
    assert list(also_there([hit], there([34, 40, 74, 80]), (*hidden, Cover((64, 60, 90, 90))), source)) == [hit]
    assert list(also_there([hit], there([120, 40, 160, 80]), (), source)) == []
    assert list(also_there([hit], there(), hidden, source)) == []
    assert list(also_there([hit], {}, hidden, source)) == []
