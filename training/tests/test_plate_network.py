"""The plate network's training: what it should answer, that it learns, and that the exported file says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; `make train-tests` installs it")

from training.plates.export import exported  # noqa: E402 - torch has to be there first
from training.plates.network import CELL, PlateNetwork  # noqa: E402
from training.plates.sample import make_sample  # noqa: E402
from training.plates.scenery import Scenery  # noqa: E402
from training.plates.targets import Targets, loss, targets  # noqa: E402
from training.plates.train import Pool, Recipe, Run, batches, draw, rate_at, train  # noqa: E402

TINY = Recipe(seed=5, steps=4, batch=4, size=96, pool=8, passes=1)
NOTHING = np.zeros((0, 4), np.float32)


def upright(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float32)


def boxes(wanted: Targets) -> np.ndarray:
    """The boxes that all cells with a say about the sides give."""
    rows, columns = np.nonzero(wanted.inner[0])
    distances = np.exp(wanted.sides[:, rows, columns])
    centres = np.stack([columns + 0.5, rows + 0.5])
    return np.concatenate([centres - distances[:2], centres + distances[2:]]).T * CELL


def test_every_cell_that_learns_the_sides_gives_the_plates_box() -> None:
    wanted = targets(upright(100, 60, 180, 84), NOTHING, 320)
    found = boxes(wanted)
    assert len(found) > 1
    assert np.allclose(found, [100, 60, 180, 84], atol=0.01)
    assert wanted.heat.max() == 1
    assert np.unravel_index(wanted.heat[0].argmax(), wanted.heat[0].shape) == (18, 35)


def test_a_plate_lower_than_a_cell_is_contained() -> None:
    found = boxes(targets(upright(100, 61, 112, 63.5), NOTHING, 320))
    assert (found[:, :2] <= [100.01, 61.01]).all()
    assert (found[:, 2:] >= [111.99, 63.49]).all()


def test_areas_that_nobody_judged_count_neither_way() -> None:
    wanted = targets(upright(100, 60, 180, 84), np.array([[200, 200, 240, 220]], np.float32), 320)
    heat, sides = (torch.zeros((1, channels, 80, 80)) for channels in (1, 4))
    batch = Targets(*(values[None] for values in (wanted.heat, wanted.sides, wanted.inner, wanted.counted)))
    before, _sides = loss(heat, sides, batch)
    heat[:, :, 50:55, 50:60] = 9
    same, _sides = loss(heat, sides, batch)
    heat[:, :, 70, 10] = 9
    worse, _sides = loss(heat, sides, batch)
    assert same == pytest.approx(float(before), rel=1e-3) or same < before
    assert worse > same + 1


def test_a_plate_beside_an_ignored_one_is_still_learned() -> None:
    wanted = targets(upright(100, 60, 180, 84), np.array([[90, 50, 190, 90]], np.float32), 320)
    assert (wanted.counted[0][wanted.inner[0] > 0] == 1).all()


def test_the_exported_file_answers_as_the_network() -> None:
    from vrijgave.redaction.detectors.engines import _session

    torch.manual_seed(3)
    network = PlateNetwork().eval()
    for norm in (layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)):
        norm.running_mean.uniform_(-0.5, 0.5)
        norm.running_var.uniform_(0.5, 2)
        torch.nn.init.uniform_(norm.bias, -0.2, 0.2)
    picture = np.random.default_rng(1).uniform(0, 255, (1, 3, 96, 160)).astype(np.float32)
    heat, sides = _session(exported(network, "a test"), 1, on_card=False).run(None, {"image": picture})
    with torch.no_grad():
        logits, logarithms = network(torch.from_numpy(picture))
    assert heat.shape == (1, 1, 24, 40)
    assert np.allclose(heat, logits.sigmoid().numpy(), atol=1e-5)
    assert np.allclose(sides, CELL * logarithms.exp().numpy(), rtol=1e-4)


def test_the_file_is_small_enough() -> None:
    assert len(exported(PlateNetwork(), "")) < 5_000_000


def test_it_learns_one_plate(tmp_path: Path) -> None:
    run = Run(Recipe(seed=1, steps=60, batch=4, rate=5e-3), tmp_path)
    image = np.full((4, 96, 96, 3), 90, np.uint8)
    image[:, 40:52, 24:72] = (0, 200, 250)
    wanted = targets(upright(24, 40, 72, 52), NOTHING, 96)
    batch = Targets(*(np.stack([v] * 4) for v in (wanted.heat, wanted.sides, wanted.inner, wanted.counted)))
    first, *_between, last = [sum(run.learn(image, batch)) for _ in range(60)]
    assert last < first / 4


def test_a_run_that_goes_on_ends_as_one_that_was_not_stopped(tmp_path: Path) -> None:
    pool = draw(TINY, Scenery(None), 0, 0, 8)
    steps = list(batches(TINY, pool, 0))
    whole = Run(TINY, tmp_path / "whole")
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    for images, wanted in steps:
        whole.learn(images, wanted)
    begun = Run(TINY, tmp_path / "parts")
    begun.learn(*steps[0])
    begun.keep()
    resumed = Run(TINY, tmp_path / "parts")
    assert resumed.step == 1
    resumed.learn(*steps[1])
    for kept, new in zip(whole.average.state_dict().values(), resumed.average.state_dict().values(), strict=True):
        assert torch.allclose(kept.float(), new.float(), atol=1e-5)


def test_samples_do_not_depend_on_where_they_are_drawn() -> None:
    together, apart = draw(TINY, Scenery(None), 2, 0, 3), draw(TINY, Scenery(None), 2, 2, 1)
    assert (together.images[2] == apart.images[0]).all()
    assert (make_sample((TINY.seed, 2, 2), Scenery(None), 96).image == apart.images[0]).all()


def test_the_rate_rises_stays_and_falls() -> None:
    recipe = Recipe(steps=4000)
    assert rate_at(0, recipe) < recipe.rate / 100
    assert rate_at(1000, recipe) == rate_at(2000, recipe) == recipe.rate
    assert rate_at(3999, recipe) < recipe.rate / 50


def test_a_short_training_leaves_log_checkpoint_and_model(tmp_path: Path) -> None:
    train(TINY, tmp_path, None, workers=1)
    assert (tmp_path / "checkpoint.pt").is_file()
    assert (tmp_path / "plates.onnx").stat().st_size > 1_000_000


def test_pools_hold_what_batches_show() -> None:
    pool = Pool(np.zeros((8, 96, 96, 3), np.uint8), [(np.zeros((0, 4, 2), np.float32), NOTHING)] * 8)
    shown = [images.shape for images, _wanted in batches(TINY, pool, 0)]
    assert shown == [(4, 96, 96, 3)] * 2
