"""Measure which values a network's convolutions read, so that it can run in 8-bit integers.

    python -m benchmarks.ranges centerface

writes the file beside the network (``vrijgave/redaction/detectors/ranges``). The pictures are those that installed
packages carry and those that the practice clip draws; no footage with truth is among them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13
from skimage import data

from benchmarks.common import note
from training.plates.sample import make_sample
from training.plates.scenery import Scenery
from vrijgave.domain.tracks import Image
from vrijgave.media import open_reader
from vrijgave.practice.footage import make_practice_clip
from vrijgave.redaction.detectors import centerface, plates
from vrijgave.redaction.detectors.integers import Range, Ranges, Values, inputs_of_convolutions
from vrijgave.redaction.detectors.models import Model
from vrijgave.redaction.detectors.views import view

SIZE = (640, 384)
"""Width and height of the scenes."""
SCENES = 300
GROUNDS = (
    "brick", "camera", "chelsea", "coffee", "coins", "grass", "gravel", "moon", "page", "rocket", "text",
)  # fmt: skip
HEAD = (slice(0, 240), slice(110, 340))
"""Of the portrait of the astronaut Eileen Collins (NASA, public domain)."""
NARROWEST, WIDEST = 10, 300
"""Pixels that a head is wide."""
CLIP_SCALES = (1.0, 1.5)
EVERY = 10


def face_pictures() -> Iterator[Image]:
    """Scenes with heads of many sizes, and frames of the practice clip at the scales of both looks."""
    rng = np.random.default_rng(1)
    for _scene in range(SCENES):
        yield view(_scene_of_heads(rng), 1.0, None).pixels(rgb=True)
    for frame in _practice_frames():
        for scale in CLIP_SCALES:
            yield view(frame, scale, None).pixels(rgb=True)


def plate_pictures() -> Iterator[Image]:
    """Scenes as those that the plate detector learned from, with other seeds and without photographs of its sources."""
    for number in range(SCENES):
        yield make_sample((2, number), Scenery(None)).image


MODELS: Mapping[str, tuple[Model, Callable[[], Iterator[Image]]]] = {
    centerface.MODEL.name: (centerface.MODEL, face_pictures),
    plates.MODEL.name: (plates.MODEL, plate_pictures),
}


def measure(model: Model, pictures: Iterator[Image]) -> dict[str, Range]:
    """The greatest magnitude of each channel of each tensor that a convolution reads, in float32, over ``pictures``
    ``(H, W, 3)`` as the network takes them."""
    network = openvino.Core().read_model(model.load())
    names = list(inputs_of_convolutions(network))
    sources = [readers[0].input_value(0) for readers in inputs_of_convolutions(network).values()]
    every_pixel = opset13.constant(np.array([0, 2, 3]))
    ends = [end(source, every_pixel) for source in sources for end in (opset13.reduce_min, opset13.reduce_max)]
    probe = openvino.Model([opset13.result(end) for end in ends], network.get_parameters())
    run = openvino.Core().compile_model(probe, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    seen = [[np.array(value, np.float32) for value in run({0: picture[None]}).to_tuple()] for picture in pictures]
    least = [np.min(values, axis=0) for values in list(zip(*seen, strict=True))[0::2]]
    most = [np.max(values, axis=0) for values in list(zip(*seen, strict=True))[1::2]]
    return {name: _range(low, high) for name, low, high in zip(names, least, most, strict=True)}


def _range(least: Values, most: Values) -> Range:
    return Range(np.maximum(most, np.abs(least)), bool((least < 0).any()))


def _scene_of_heads(rng: np.random.Generator) -> Image:
    """Up to 14 heads before a photograph, in some light, with noise, often compressed."""
    scene = _ground(rng).astype(np.float32)
    for _head in range(rng.integers(2, 15)):
        _put_head(rng, scene)
    scene = _in_some_light(rng, scene) + rng.normal(0, rng.uniform(0, 10), scene.shape)
    picture = np.clip(scene, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))]
        picture = np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR), np.uint8)
    return picture


def _ground(rng: np.random.Generator) -> Image:
    """A part of a photograph, enlarged or shrunk to the scene."""
    photograph = getattr(data, GROUNDS[rng.integers(len(GROUNDS))])()
    picture = cv2.cvtColor(photograph, cv2.COLOR_GRAY2BGR) if photograph.ndim == 2 else photograph[..., 2::-1]
    rows, columns = picture.shape[:2]
    height = int(rows * rng.uniform(0.25, 1))
    width = min(columns, height * SIZE[0] // SIZE[1])
    y, x = rng.integers(0, rows - height + 1), rng.integers(0, columns - width + 1)
    part = np.ascontiguousarray(picture[y : y + height, x : x + width])
    return np.asarray(cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA if width > SIZE[0] else cv2.INTER_LINEAR))


def _put_head(rng: np.random.Generator, scene: NDArray[np.float32]) -> None:
    """Turned, in other light and colours, cut out or with what is around it."""
    head = np.ascontiguousarray(data.astronaut()[HEAD][..., ::-1])
    rows, columns = head.shape[:2]
    if rng.random() < 0.5:
        head = np.ascontiguousarray(head[:, ::-1])
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), rng.uniform(-35, 35), 1)
    head = np.asarray(cv2.warpAffine(head, turn, (columns, rows), borderMode=cv2.BORDER_REFLECT))
    width = int(np.exp(rng.uniform(np.log(NARROWEST), np.log(WIDEST))))
    height = width * rows // columns
    small = cv2.resize(head, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = small * rng.uniform(0.4, 1.3) * rng.uniform(0.8, 1.2, 3) + rng.uniform(-20, 20)
    weight = np.ones((height, width), np.float32)
    if rng.random() < 0.5:
        weight[:] = 0
        cv2.ellipse(weight, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 1.0, cv2.FILLED)
    x, y = rng.integers(0, SIZE[0] - width), rng.integers(0, SIZE[1] - height)
    part = scene[y : y + height, x : x + width]
    part += (small - part) * weight[..., None]


def _in_some_light(rng: np.random.Generator, scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """Dark, bright, out of focus, without colour, or as it is."""
    match rng.integers(5):
        case 0:
            return scene * np.float32(rng.uniform(0.15, 0.5))
        case 1:
            return scene * np.float32(rng.uniform(1.1, 1.7)) + np.float32(rng.uniform(0, 40))
        case 2:
            return np.asarray(cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.6, 2.5)), np.float32)
        case 3:
            return scene.mean(axis=2, keepdims=True).repeat(3, axis=2)
        case _:
            return scene


def _practice_frames() -> Iterator[Image]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "practice.mp4"
        make_practice_clip(path)
        with open_reader(path) as reader:
            for number, frame in enumerate(reader):
                if number % EVERY == 0 and frame.image is not None:
                    yield frame.image


def main() -> None:
    """Measure one model and write its file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=sorted(MODELS))
    model, pictures = MODELS[parser.parse_args().model]
    note(f"written: {Ranges.save(model.name, measure(model, pictures()))}")


if __name__ == "__main__":
    main()
