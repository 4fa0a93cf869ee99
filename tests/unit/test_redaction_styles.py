"""How covers look: which areas, which greys, and what is refused."""

from datetime import UTC, datetime

import numpy as np
import pytest

from vrijgave.domain.tracks import Action, Analysis, CoverStyle, Decision, Plan, Source, SubjectKind, Track
from vrijgave.errors import Rejected
from vrijgave.i18n import Language, use_language
from vrijgave.redaction.plan_file import read_plan_file
from vrijgave.redaction.styles import CELLS, GREYS, Cover, covers, fill_areas, mosaic, paint_luma, style_named

SHA = "a" * 64


def track(number, box, kind=SubjectKind.FACE, frames=range(5)):
    count = len(frames)
    return Track(
        number,
        kind,
        np.array(frames, np.int64),
        np.tile(np.array(box, np.float32), (count, 1)),
        np.ones(count, np.float32),
        (Source.DETECTED,) * count,
    )


def analysis(*tracks):
    return Analysis(source_sha256=SHA, width=320, height=240, frame_count=50, tracks=tracks)


def plan(style=CoverStyle.MOSAIC, *decisions):
    return Plan(source_sha256=SHA, style=style, decisions=decisions)


def test_areas_end_on_whole_chroma_samples():
    boxes = np.array([[20.4, 30.2, 61.5, 80.9], [-3.0, 0, 4, 4]], np.float32)
    assert fill_areas(boxes) == [(20, 30, 62, 82), (-4, 0, 4, 4)]
    assert fill_areas(np.zeros((0, 4), np.float32)) == []


def test_a_mosaic_has_few_large_greys_of_its_own():
    cells = mosaic(SHA, 7)
    assert cells.shape == (CELLS, CELLS)
    assert CELLS <= 5
    assert set(np.unique(cells)) <= set(GREYS.tolist())
    assert len(np.unique(cells)) > 1
    assert np.array_equal(cells, mosaic(SHA, 7))
    assert not np.array_equal(cells, mosaic(SHA, 8))
    assert not np.array_equal(cells, mosaic("b" * 64, 7))


def test_the_greys_of_mosaics_say_nothing_of_the_cell():
    mean = np.mean([mosaic(SHA, number) for number in range(2000)], axis=0)
    assert np.abs(mean - GREYS.mean()).max() < 4


def test_cells_tile_the_area_and_are_cut_at_the_edge_of_the_picture():
    cells = mosaic(SHA, 1)
    tiles = np.kron(cells, np.ones((12, 10), np.uint8))
    picture = np.zeros((240, 320), np.uint8)
    paint_luma(picture, [Cover((10, 20, 60, 80), cells), Cover((-20, 100, 30, 160), cells)])
    assert np.array_equal(picture[20:80, 10:60], tiles)
    assert np.array_equal(picture[100:160, :30], tiles[:, 20:])
    picture[20:80, 10:60] = picture[100:160, :30] = 0
    assert not picture.any()


def test_what_lies_beside_the_picture_paints_nothing():
    picture = np.zeros((240, 320), np.uint8)
    for area in ((-40, 20, -4, 80), (330, 20, 350, 80), (20, -60, 60, -2), (20, 240, 60, 280)):
        paint_luma(picture, [Cover(area), Cover(area, mosaic(SHA, 1))])
    assert not picture.any()


def test_a_mosaic_keeps_its_cells_as_long_as_its_track_lasts():
    compiled = covers(analysis(track(1, (10, 10, 60, 70))), plan())
    drawn = [[c.cells for c in compiled.at(frame) if c.cells is not None] for frame in range(5)]
    assert all(len(cells) == 1 and np.array_equal(cells[0], drawn[0][0]) for cells in drawn)
    assert list(compiled.at(5)) == []


def test_only_faces_get_a_mosaic_and_only_when_it_was_chosen():
    found = analysis(track(1, (10, 10, 60, 70)), track(2, (100, 10, 160, 40), SubjectKind.PLATE))
    assert [c.cells is None for c in covers(found, plan()).at(0)] == [True, True, False]
    assert [c.cells is None for c in covers(found, plan(CoverStyle.OPAQUE)).at(0)] == [True, True]


def test_whatever_a_mosaic_covers_is_filled_below_it_too():
    found = analysis(track(1, (10, 10, 60, 70)), track(2, (40, 30, 90, 90)))
    areas = [(c.area, c.cells is None) for c in covers(found, plan()).at(3)]
    assert areas[:2] == [((10, 10, 60, 70), True), ((40, 30, 90, 90), True)]
    assert [area for area, _opaque in areas[2:]] == [area for area, _opaque in areas[:2]]


def test_a_shown_face_gets_no_mosaic():
    shown = Decision(
        track_id=1, action=Action.SHOW, reason="suspect", actor="bo", at=datetime(2026, 3, 1, tzinfo=UTC), anchor=2
    )
    compiled = covers(analysis(track(1, (10, 10, 60, 70))), plan(CoverStyle.MOSAIC, shown))
    assert list(compiled.at(2)) == []


@pytest.mark.parametrize(("name", "style"), [("opaque", CoverStyle.OPAQUE), (" Mosaic ", CoverStyle.MOSAIC)])
def test_a_style_has_a_name(name, style):
    assert style_named(name) is style


@pytest.mark.parametrize("name", ["blur", "Gaussian", "box", "pixelate"])
def test_a_blur_is_refused_with_the_reason(name, tmp_path):
    use_language(Language.ENGLISH)
    with pytest.raises(Rejected, match="recognised by software") as refusal:
        style_named(name)
    assert refusal.value.by == "style"
    path = tmp_path / "plan.json"
    path.write_text(f'{{"style":"{name}"}}')
    with pytest.raises(Rejected, match="recognised by software"):
        read_plan_file(path)


@pytest.mark.parametrize("text", ['{"style":"glitter"}', '{"style":3}'])
def test_an_unknown_style_is_refused(text, tmp_path):
    use_language(Language.ENGLISH)
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(Rejected, match="style"):
        read_plan_file(path)


def test_a_plan_file_chooses_the_style(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text('{"style":"mosaic"}')
    assert read_plan_file(path).style is CoverStyle.MOSAIC
