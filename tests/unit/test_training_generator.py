"""The generator of drawn samples: plates where the truth says, nothing else labelled, the same for the same seed."""

import json
import pickle
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.plates import geometry, painting, sheet
from training.plates.camera import Camera, shoot
from training.plates.formats import DUTCH_LETTERS, FORMATS, SIDECODES, registration
from training.plates.geometry import Lens, Pose
from training.plates.painting import Scene, put_clutter, put_plate
from training.plates.sample import Sample, finish, make_sample
from training.plates.scenery import Scenery
from training.plates.trials import Light, trial
from training.plates.truth import ignored, is_visible
from training.plates.view import View, any_view

SIZE = 320
GREEN = (0.0, 1.0, 0.0)


def grey_scene(lens: Lens | None = None, level: float = 0.2) -> Scene:
    return Scene(View(np.full((SIZE, SIZE, 3), level, np.float32), 0.0), lens)


def mask_of(polygons: NDArray[np.float32]) -> NDArray[np.bool_]:
    finer = np.zeros((8 * SIZE, 8 * SIZE), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(finer, [np.round(polygon * 8 - 0.5).astype(np.int32)], 255)
    return np.asarray(cv2.resize(finer, (SIZE, SIZE), interpolation=cv2.INTER_AREA) > 127)


def boxes_mask(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    mask = np.zeros((SIZE, SIZE), bool)
    for x0, y0, x1, y1 in boxes:
        mask[int(np.floor(y0)) : int(np.ceil(y1)), int(np.floor(x0)) : int(np.ceil(x1))] = True
    return mask


def greenest(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    light = (image / 255.0) ** 2
    cover = light[..., 1] - light[..., 0]
    return np.asarray(cover > cover.max() / 2)


def folder_with(tmp_path: Path, image: NDArray[np.uint8], **row: object) -> Scenery:
    (tmp_path / "images").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "one.png"), image)
    rows = [{"file": "one.png", "kind": "car", "split": split, **row} for split in ("train", "validation")]
    (tmp_path / "index.json").write_text(json.dumps(rows))
    return Scenery(tmp_path)


def test_the_same_seed_gives_the_same_sample() -> None:
    for number in range(12):
        first, second = (make_sample((4, number), Scenery(None)) for _ in range(2))
        assert np.array_equal(first.image, second.image)
        assert np.array_equal(first.quads, second.quads)
        assert np.array_equal(first.ignore, second.ignore)


def test_other_seeds_give_other_samples() -> None:
    pictures = {make_sample((4, number), Scenery(None)).image.tobytes() for number in range(6)}
    assert len(pictures) == 6


def test_samples_keep_to_their_types() -> None:
    scenery = Scenery(None)
    samples = [make_sample((1, number), scenery, 192) for number in range(40)]
    for sample in samples:
        assert sample.image.shape == (192, 192, 3)
        assert sample.image.dtype == np.uint8
        assert sample.quads.shape[1:] == (4, 2)
        assert sample.quads.dtype == sample.ignore.dtype == np.float32
        assert (sample.ignore[:, :2] < sample.ignore[:, 2:]).all()
        assert all(geometry.along(quad) >= 11 for quad in sample.quads)
        assert all(geometry.area(quad) > 0 for quad in sample.quads)
    without = sum(len(sample.quads) == 0 for sample in samples)
    assert 4 <= without <= 24


@pytest.mark.parametrize("lens", [None, Lens.fitted(0.6, (60.0, 40.0), SIZE, SIZE)])
@pytest.mark.parametrize(("roll", "yaw"), [(0.0, 0.0), (35.0, -40.0), (-120.0, 20.0)])
def test_a_quad_is_the_outline_of_its_plate(
    monkeypatch: pytest.MonkeyPatch, lens: Lens | None, roll: float, yaw: float
) -> None:
    plate = np.full((44, 200, 3), GREEN, np.float32)
    monkeypatch.setattr(painting, "_any_plate", lambda _rng, _width: plate)
    # What a bent panel adds or a tow bar takes is not the outline's.
    monkeypatch.setattr(painting, "mounted", lambda image, _rng: painting.bare(image))
    monkeypatch.setattr(painting, "_FINEST_VEHICLE", 0.0)
    scene = grey_scene(lens)
    pose = Pose(80, roll, yaw, 10.0)
    assert put_plate(scene, pose, np.random.default_rng(2), np.array((150.0, 170.0)), (0.0, 0.0))
    sample = finish(scene, Camera(), np.random.default_rng(2))
    seen, told = greenest(sample.image), mask_of(sample.quads)
    assert (seen & told).sum() / (seen | told).sum() > 0.93
    assert geometry.along(sample.quads[0]) == pytest.approx(80, rel=0.05)
    top_edge = sample.quads[0][1] - sample.quads[0][0]
    if lens is None and yaw == 0:
        assert np.degrees(np.arctan2(top_edge[1], top_edge[0])) == pytest.approx(roll, abs=0.5)


def test_what_a_plate_changes_lies_around_its_quad() -> None:
    rng = np.random.default_rng(8)
    scene = grey_scene()
    before = scene.view.light.copy()
    put_plate(scene, Pose(120, 20), rng, np.array((160.0, 160.0)), (0.0, 0.0))
    changed = np.abs(scene.view.light - before).max(axis=2) > 0.02
    quad, _ = scene.plates[0]
    assert changed[mask_of(np.asarray([quad], np.float32))].mean() > 0.8
    x0, y0, x1, y1 = geometry.bounds(quad)
    assert not changed[: max(0, int(y0) - 160)].any()
    assert x0 < 160 < x1
    assert y0 < 160 < y1


def test_motion_of_a_plate_smears_around_its_quad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(painting, "_any_plate", lambda _rng, _width: np.full((44, 200, 3), GREEN, np.float32))
    monkeypatch.setattr(painting, "mounted", lambda image, _rng: painting.bare(image))
    monkeypatch.setattr(painting, "_FINEST_VEHICLE", 0.0)
    scene = grey_scene()
    put_plate(scene, Pose(80), np.random.default_rng(2), np.array((160.0, 160.0)), (20.0, 0.0))
    cover = scene.view.light[160, :, 1] - scene.view.light[160, :, 2]
    columns = np.flatnonzero(cover > 0.02 * cover.max())
    assert columns[0] == pytest.approx(160 - 50, abs=3)
    assert columns[-1] == pytest.approx(160 + 50, abs=3)
    assert geometry.along(scene.plates[0][0]) == pytest.approx(80, abs=0.5)


def test_what_is_no_plate_gets_no_label() -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scene = grey_scene()
        before = scene.view.light.copy()
        for _ in range(6):
            put_clutter(scene, rng)
        sample = finish(scene, Camera(overlay=True), rng)
        assert len(sample.quads) == 0
        assert np.abs(scene.view.light - before).max() > 0.01


def test_plates_do_not_cover_one_another() -> None:
    rng = np.random.default_rng(1)
    scene = grey_scene()
    here = np.array((160.0, 160.0))
    assert put_plate(scene, Pose(90), rng, here)
    assert not put_plate(scene, Pose(90), rng, here)
    assert len(scene.plates) == 1


@pytest.mark.parametrize("number", range(len(SIDECODES)))
def test_dutch_sidecodes(number: int) -> None:
    text = registration(SIDECODES[number], DUTCH_LETTERS, np.random.default_rng(number))
    pattern = SIDECODES[number].replace("A", f"[{DUTCH_LETTERS}]").replace("9", "[0-9]")
    assert re.fullmatch(pattern, text)
    assert len(text.replace("-", "")) == 6
    assert not set("AEIOUCMQWY") & set(text)


def test_dutch_formats_cover_all_sidecodes() -> None:
    series = {code.replace("/", "-") for kind in FORMATS if kind.name.startswith("Dutch") for code in kind.series}
    assert set(SIDECODES) <= series


@pytest.mark.parametrize(
    ("width", "roll", "blur", "light"),
    [(14, 0.0, 0.0, "day"), (40, 35.0, 0.0, "dusk"), (40, 0.0, 0.2, "night"), (120, -20.0, 0.1, "infrared")],
)
def test_a_trial_shows_one_plate_as_asked(width: float, roll: float, blur: float, light: Light) -> None:
    for number in range(3):
        sample = trial((3, number), Scenery(None, "validation"), width, roll, blur, light)
        assert sample.image.shape == (544, 960, 3)
        assert len(sample.quads) == 1
        quad = sample.quads[0]
        assert geometry.along(quad) == pytest.approx(width, rel=0.02)
        edge = quad[1] - quad[0] + quad[2] - quad[3]
        assert np.degrees(np.arctan2(edge[1], edge[0])) == pytest.approx(roll, abs=8)
        assert geometry.inside(quad, 960, 544) == pytest.approx(1, abs=1e-3)
        grey = np.ptp(sample.image.astype(int), axis=2)
        assert (grey.mean() < 3) == (light == "infrared")


def test_trials_repeat() -> None:
    first, second = (trial((9,), Scenery(None, "validation"), size=(480, 272)) for _ in range(2))
    assert np.array_equal(first.image, second.image)


@pytest.mark.parametrize("roll", [0.0, 30.0, -45.0, 170.0])
def test_an_ignore_area_of_a_picture_turns_with_it(tmp_path: Path, roll: float) -> None:
    image = np.full((600, 900, 3), 90, np.uint8)
    image[100:500, 200:700] = (0, 255, 0)
    scenery = folder_with(tmp_path, image, ignore=[[200, 100, 700, 500]])
    for seed in range(6):
        rng = np.random.default_rng(seed)
        view = any_view(scenery, rng, (SIZE, SIZE), roll, None)
        if not view.ignore:
            continue  # one in thirty surroundings is drawn
        left_out = boxes_mask(ignored(view.ignore, [], (SIZE, SIZE)))
        green = view.light[..., 0] < 0.02  # whatever the balance of colours made of it
        assert not (green & ~cv2.dilate(left_out.astype(np.uint8), np.ones((17, 17), np.uint8)).astype(bool)).any()
        swallowed = left_out & ~cv2.dilate(green.astype(np.uint8), np.ones((27, 27), np.uint8)).astype(bool)
        assert not swallowed.any()


def test_a_plate_inside_an_ignore_area_counts() -> None:
    area, quad = geometry.rectangle(0, 0, 200, 200), geometry.rectangle(80, 90, 140, 110)
    left_out = boxes_mask(ignored([area], [quad], (SIZE, SIZE)))
    assert not left_out[92:108, 82:138].any()
    assert left_out[:60, :200].all()
    assert not left_out[210:].any()


def test_a_real_plate_becomes_a_quad(tmp_path: Path) -> None:
    image = np.full((600, 900, 3), 90, np.uint8)
    image[280:310, 380:520] = (0, 255, 0)
    quad = [[380, 280], [520, 280], [520, 310], [380, 310]]
    scenery = folder_with(tmp_path, image, plates=[quad])
    view = any_view(scenery, np.random.default_rng(3), (SIZE, SIZE), 33.0, 70.0)
    sample = finish(Scene(view), Camera(), np.random.default_rng(0))
    seen, told = greenest(sample.image), mask_of(sample.quads)
    assert (seen & told).sum() / (seen | told).sum() > 0.9
    assert geometry.along(sample.quads[0]) == pytest.approx(70, rel=0.03)


def test_pictures_of_the_other_split_are_not_used(tmp_path: Path) -> None:
    folder_with(tmp_path, np.zeros((300, 300, 3), np.uint8))
    assert [len(Scenery(tmp_path, split).entries) for split in ("train", "validation")] == [1, 1]
    rows = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps(rows[:1]))
    assert Scenery(tmp_path, "train").entries[0].file.name == "one.png"
    assert all(entry.file.name != "one.png" for entry in Scenery(tmp_path, "validation").entries)


def test_an_empty_folder_works(tmp_path: Path) -> None:
    assert make_sample((1, 2), Scenery(tmp_path)).image.shape == (SIZE, SIZE, 3)


def test_scenery_travels_as_a_path(tmp_path: Path) -> None:
    folder_with(tmp_path, np.full((400, 400, 3), 128, np.uint8))
    scenery = Scenery(tmp_path, "validation")
    make_sample((1, 1), scenery)
    packed = pickle.dumps(scenery)
    assert len(packed) < 500
    other = pickle.loads(packed)  # noqa: S301
    assert (other.folder, other.split) == (tmp_path, "validation")


def test_faint_plates_do_not_count() -> None:
    quad = geometry.rectangle(100, 100, 160, 114)
    image = np.full((SIZE, SIZE, 3), 100, np.uint8)
    assert not is_visible(image, quad, 0.0)
    image[100:114, 100:160] = 130
    assert is_visible(image, quad, 0.0)
    assert not is_visible(image, quad, 80.0)


def test_small_cut_off_and_smeared_plates_are_left_out() -> None:
    cases = ((Pose(9.5), (160.0, 160.0), 0.0), (Pose(80), (2.0, 160.0), 0.0), (Pose(60), (160.0, 160.0), 50.0))
    for pose, spot, motion in cases:
        scene = grey_scene()
        put_plate(scene, pose, np.random.default_rng(0), np.array(spot), (motion, 0.0))
        sample: Sample = finish(scene, Camera(), np.random.default_rng(0))
        assert len(sample.quads) == 0
        assert boxes_mask(sample.ignore)[160, max(4, int(spot[0]) - 2)]


def test_a_lens_and_its_inverse() -> None:
    points = np.random.default_rng(0).uniform(0, SIZE, (50, 2))
    for k, centre in ((0.9, (-100.0, 400.0)), (0.3, (160.0, 160.0)), (-0.08, (0.0, 0.0))):
        lens = Lens.fitted(k, centre, SIZE, SIZE)
        source = lens.source(points)
        assert np.allclose(lens.seen(source), points, atol=1e-3)
        assert (source > -0.5).all()
        assert (source < SIZE + 0.5).all()


def test_a_camera_that_does_nothing_changes_nothing() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (61, 47, 3))
    light = (levels / 255).astype(np.float32) ** 2
    assert np.array_equal(shoot(light, Camera(), np.random.default_rng(0)), levels)


def test_compressed_pictures_stay_in_place() -> None:
    image = np.full((61, 47, 3), 60, np.uint8)
    image[20:40, 10:30] = 200
    light = (image / 255).astype(np.float32) ** 2
    for camera in (Camera(h264=30, h264_moved=(2, -3)), Camera(jpeg=40), Camera(shrink=1.7), Camera(noise=0.05)):
        made = shoot(light, camera, np.random.default_rng(0))
        assert made.shape == image.shape
        assert not np.array_equal(made, image)
        assert np.abs(cv2.blur(made, (5, 5)).astype(int) - cv2.blur(image, (5, 5))).max() < 60


def test_the_contact_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet.main([str(tmp_path / "sheet.png"), "--columns", "2", "--rows", "1", "--seed", "3"])
    made = cv2.imread(str(tmp_path / "sheet.png"))
    assert made is not None
    assert made.shape == (SIZE, 2 * SIZE, 3)
    assert "ms a sample" in capsys.readouterr().out
