"""Train the plate detector: `python -m training.plates.train OUT`. It goes on where a former run in OUT ended."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.plates.export import exported
from training.plates.network import PlateNetwork
from training.plates.sample import make_sample
from training.plates.scenery import Scenery
from training.plates.targets import Targets, loss, targets

WARM_UP = 400  # steps
DECAY_FROM = 0.65  # share of the steps after which the rate falls
AVERAGE = 0.999  # of the weights over the steps
CLIP = 5.0
CHECKPOINT_EVERY = 250
LOG_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that decides which weights come out, besides the pictures."""

    seed: int = 20261122
    steps: int = 8000
    batch: int = 16
    size: int = 320
    rate: float = 1.5e-3
    weight_decay: float = 0.02
    pool: int = 2400
    """Samples that are drawn at a time ..."""
    passes: int = 3
    """... and how often each is shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Samples of one drawing: ``images`` (N, S, S, 3), and what they should give."""

    images: NDArray[np.uint8]
    wanted: list[tuple[NDArray[np.float32], NDArray[np.float32]]]


def draw(recipe: Recipe, scenery: Scenery, number: int, first: int, count: int) -> Pool:
    """``count`` samples of drawing ``number``, from ``first`` on; the same wherever they are drawn."""
    cv2.setNumThreads(1)
    samples = [make_sample((recipe.seed, number, first + i), scenery, recipe.size) for i in range(count)]
    return Pool(np.stack([s.image for s in samples]), [(s.quads, s.ignore) for s in samples])


def pools(recipe: Recipe, scenery: Scenery, first: int, workers: int) -> Iterator[Pool]:
    """Drawings from number ``first`` on; the next one is made while one is used."""
    share = -(-recipe.pool // (4 * workers))
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=os.nice, initargs=(5,)) as executor:

        def ordered(number: int) -> list[Future[Pool]]:
            starts = range(0, recipe.pool, share)
            return [executor.submit(draw, recipe, scenery, number, at, min(share, recipe.pool - at)) for at in starts]

        coming = ordered(first)
        while True:
            parts = [future.result() for future in coming]
            first += 1
            coming = ordered(first)
            yield Pool(np.concatenate([p.images for p in parts]), [wanted for p in parts for wanted in p.wanted])


def rate_at(step: int, recipe: Recipe) -> float:
    """Learning rate: up, level, down to a hundredth."""
    falling = max(0.0, (step / recipe.steps - DECAY_FROM) / (1 - DECAY_FROM))
    return recipe.rate * min(1.0, (step + 1) / WARM_UP) * max(0.01, 1 - falling)


class Run:
    """A training with all that has to be kept to go on with it."""

    def __init__(self, recipe: Recipe, folder: Path) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.folder, self.step = recipe, folder, 0
        self.network = PlateNetwork().to(memory_format=torch.channels_last)
        self.average = deepcopy(self.network)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), recipe.rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.99)
        )
        self.path = folder / "checkpoint.pt"
        if self.path.exists():
            self._restore(torch.load(self.path, weights_only=True))

    def _restore(self, kept: dict[str, Any]) -> None:
        self.step = kept["step"]
        self.network.load_state_dict(kept["network"])
        self.average.load_state_dict(kept["average"])
        self.optimizer.load_state_dict(kept["optimizer"])

    def keep(self) -> None:
        """Write a checkpoint and the ONNX file of the averaged weights; a stop halfway leaves the former ones."""
        kept = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(kept, self.path.with_suffix(".part"))
        self.path.with_suffix(".part").replace(self.path)
        onnx_file = self.folder / "plates.onnx"
        onnx_file.with_suffix(".part").write_bytes(exported(deepcopy(self.average), f"step {self.step}, {self.recipe}"))
        onnx_file.with_suffix(".part").replace(onnx_file)

    def learn(self, images: NDArray[np.uint8], wanted: Targets) -> tuple[float, float]:
        """One step; the losses of heat and sides."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate_at(self.step, self.recipe)
        pictures = torch.from_numpy(images).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        self.network.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            heat, sides = self.network(pictures)
        of_heat, of_sides = loss(heat.float(), sides.float(), wanted)
        self.optimizer.zero_grad()
        (of_heat + of_sides).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimizer.step()
        self.step += 1
        self._average()
        return float(of_heat.detach()), float(of_sides.detach())

    @torch.no_grad()
    def _average(self) -> None:
        share = min(AVERAGE, (1 + self.step) / (10 + self.step))
        for kept, new in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - share)
            else:
                kept.copy_(new)


def batches(recipe: Recipe, pool: Pool, number: int) -> Iterator[tuple[NDArray[np.uint8], Targets]]:
    """All passes over ``pool``: shuffled, in other light each time."""
    rng = np.random.default_rng((recipe.seed, number))
    for _pass in range(recipe.passes):
        order = rng.permutation(len(pool.images))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            chosen = order[start : start + recipe.batch]
            images = np.stack([_relit(pool.images[i], rng) for i in chosen])
            parts = [targets(quads, ignore, recipe.size) for quads, ignore in (pool.wanted[i] for i in chosen)]
            yield (
                images,
                Targets(*(np.stack([getattr(p, f) for p in parts]) for f in ("heat", "sides", "inner", "counted"))),
            )


def _relit(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    gain, lift = rng.uniform(0.8, 1.2, 3) * rng.uniform(0.8, 1.2), rng.uniform(-12, 12)
    table = np.clip(np.arange(256)[:, None] * gain + lift, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)


def train(recipe: Recipe, folder: Path, images: Path | None, workers: int) -> None:
    """Up to ``recipe.steps`` steps, with a line in ``folder/log.jsonl`` now and then."""
    folder.mkdir(parents=True, exist_ok=True)
    run = Run(recipe, folder)
    each = recipe.pool // recipe.batch * recipe.passes
    number = run.step // each
    began, losses = time.monotonic(), []
    for pool in pools(recipe, Scenery(images), number, workers):
        for i, (pictures, wanted) in enumerate(batches(recipe, pool, number)):
            if number * each + i < run.step:
                continue
            losses.append(run.learn(pictures, wanted))
            if run.step % LOG_EVERY == 0:
                _log(folder, run, losses, time.monotonic() - began)
                losses = []
            if run.step % CHECKPOINT_EVERY == 0 or run.step >= recipe.steps:
                run.keep()
            if run.step >= recipe.steps:
                return
        number += 1


def _log(folder: Path, run: Run, losses: list[tuple[float, float]], seconds: float) -> None:
    heat, sides = np.mean(losses, axis=0)
    line = {"step": run.step, "heat": round(float(heat), 4), "sides": round(float(sides), 4), "seconds": round(seconds)}
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder for checkpoints, the log and plates.onnx")
    parser.add_argument(
        "--images", type=Path, help="folder of photographs, as `python -m training.plates.gather` makes"
    )
    parser.add_argument("--steps", type=int, default=Recipe().steps)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="processes that draw")
    given = parser.parse_args()
    train(Recipe(steps=given.steps, seed=given.seed), given.out, given.images, given.workers)


if __name__ == "__main__":
    main()
