"""Where the surroundings come from: a folder of photographs, those inside installed packages, or drawn ones."""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

MEMORY = 1_300_000_000  # bytes of decoded pictures that one process keeps
_INSIDE_PACKAGES = ("astronaut", "brick", "camera", "chelsea", "coffee", "grass", "gravel", "motorcycle_left", "rocket")
# Decoding a JPEG at a half, a quarter or an eighth costs far less than decoding it whole.
_READING = (
    cv2.IMREAD_COLOR,
    cv2.IMREAD_REDUCED_COLOR_2,
    cv2.IMREAD_REDUCED_COLOR_4,
    cv2.IMREAD_REDUCED_COLOR_8,
)
_ORIENTATION, _ON_ITS_SIDE = 274, (5, 6, 7, 8)  # the EXIF tag, and its values that exchange width and height

Image = NDArray[np.uint8]
Quads = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A picture on disk and what is known in it; quads (N, 4, 2) and ignore (M, 4) xyxy, in its pixels."""

    file: Path
    car: bool
    plates: Quads
    ignore: Quads

    @property
    def is_marked(self) -> bool:
        """Whether it shows plates, known or not."""
        return bool(len(self.plates) or len(self.ignore))


@dataclass(eq=False)
class Scenery:
    """Pictures of one split. Only the path travels to another process; pictures are read when first needed.

    `folder` holds index.json: a list of {"file", "kind": "background" | "car", "split": "train" | "validation",
    "plates": [quad], "ignore": [[x0, y0, x1, y1]]}, the files beside it or in images/. Without a folder, or with an
    empty one, surroundings are drawn or come from the photographs inside installed packages.
    """

    folder: Path | None = None
    split: str = "train"
    photographs: bool = True
    """False: everything is drawn, as for pictures that anybody may be shown."""
    _kept: OrderedDict[tuple[int, int], Image] = field(default_factory=OrderedDict, init=False, repr=False)
    _bytes: int = field(default=0, init=False, repr=False)
    _sizes: dict[int, tuple[int, int]] = field(default_factory=dict, init=False, repr=False)

    def __reduce__(self) -> tuple[type["Scenery"], tuple[Path | None, str, bool]]:
        return Scenery, (self.folder, self.split, self.photographs)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The pictures of this split in the order of the index."""
        found: tuple[Entry, ...] = ()
        if not self.photographs:
            return found
        if self.folder is not None and (self.folder / "index.json").is_file():
            rows = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
            found = tuple(_entry(_path(self.folder, row["file"]), row) for row in rows if row["split"] == self.split)
        return found or tuple(_entry(file, {}) for file in _package_pictures())

    @cached_property
    def cars(self) -> tuple[int, ...]:
        """Which entries are pictures of vehicles."""
        return tuple(number for number, entry in enumerate(self.entries) if entry.car)

    @cached_property
    def with_plates(self) -> tuple[int, ...]:
        """Which entries hold labelled plates."""
        return tuple(number for number, entry in enumerate(self.entries) if len(entry.plates))

    @cached_property
    def plain(self) -> tuple[int, ...]:
        """Which entries show no plate at all."""
        return tuple(number for number, entry in enumerate(self.entries) if not entry.is_marked)

    def size(self, number: int) -> tuple[int, int]:
        """Width and height of an entry's picture, from the head of its file."""
        if number not in self._sizes:
            with Pillow.open(self.entries[number].file) as picture:
                turned = picture.getexif().get(_ORIENTATION) in _ON_ITS_SIDE
                self._sizes[number] = picture.size[::-1] if turned else picture.size
        return self._sizes[number]

    def picture(self, number: int, halvings: int) -> Image:
        """An entry's picture (H, W, 3) BGR, halved up to three times. OSError where it cannot be read."""
        key = number, min(halvings, len(_READING) - 1)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        image = cv2.imread(str(self.entries[number].file), _READING[key[1]])
        if image is None:
            raise OSError(f"{self.entries[number].file} is no picture")
        self._kept[key] = np.asarray(image, np.uint8)
        self._bytes += image.nbytes
        while self._bytes > MEMORY and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return self._kept[key]


def _path(folder: Path, file: str) -> Path:
    return folder / file if (folder / file).is_file() else folder / "images" / file


def _entry(file: Path, row: dict[str, Any]) -> Entry:
    return Entry(
        file,
        row.get("kind") == "car",
        np.asarray(row.get("plates", []), float).reshape(-1, 4, 2),
        np.asarray(row.get("ignore", []), float).reshape(-1, 4),
    )


def _package_pictures() -> list[Path]:
    found = find_spec("skimage")
    if found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent / "data"
    return [match for name in _INSIDE_PACKAGES for match in sorted(folder.glob(f"{name}.*"))]


def drawn(rng: np.random.Generator, width: int, height: int) -> Image:
    """A made-up background: patches, bars and speckle in a few muted colours."""
    base = rng.uniform(20, 200, 3) * 0.3 + rng.uniform(20, 200) * 0.7
    tints = (int(rng.integers(2, 9)), int(rng.integers(2, 9)), 1)
    coarse = base + rng.normal(0, rng.uniform(4, 40), tints) + rng.normal(0, 5, (*tints[:2], 3))
    image = np.asarray(cv2.resize(coarse.astype(np.float32), (width, height)), np.float32)
    for _ in range(int(rng.integers(0, 14))):
        shade = base * rng.uniform(0.2, 1.9) + rng.normal(0, 14, 3)
        middle, extent = rng.random(2) * (width, height), rng.uniform(0.03, 0.6, 2) * (width, height)
        corners = cv2.boxPoints((middle.tolist(), extent.tolist(), float(rng.normal(0, 15))))
        cv2.fillPoly(image, [corners.astype(np.int32)], shade.tolist(), cv2.LINE_AA)
    if rng.random() < 0.6:
        grain = rng.normal(0, rng.uniform(2, 25), (height // 2 + 1, width // 2 + 1)).astype(np.float32)
        image += np.asarray(cv2.resize(grain, (width, height)), np.float32)[..., None]
    return np.clip(image, 0, 255).astype(np.uint8)
