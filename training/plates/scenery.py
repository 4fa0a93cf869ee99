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

MEMORY = 1_500_000_000  # bytes of decoded pictures that one process keeps
LONGEST = 2000  # pixels: larger pictures are shrunk when they are read
_INSIDE_PACKAGES = ("astronaut", "brick", "camera", "chelsea", "coffee", "grass", "gravel", "motorcycle_left", "rocket")

Image = NDArray[np.uint8]
Quads = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture on disk and what is known in it; quads (N, 4, 2) and ignore (M, 4) xyxy, in its pixels."""

    file: Path
    car: bool
    plates: Quads
    ignore: Quads


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A decoded picture: (H, W, 3) BGR, each level of `levels` half the one before; marks in pixels of the first."""

    levels: tuple[Image, ...]
    plates: Quads
    ignore: Quads
    car: bool


@dataclass
class Scenery:
    """Pictures of one split. Only the path travels to another process; pictures are read when first needed.

    `folder` holds index.json: a list of {"file", "kind": "background" | "car", "split": "train" | "validation",
    "plates": [quad], "ignore": [[x0, y0, x1, y1]]}. Without a folder, or with an empty one, surroundings are drawn
    or come from the photographs inside installed packages.
    """

    folder: Path | None = None
    split: str = "train"
    _kept: OrderedDict[int, Photograph] = field(default_factory=OrderedDict, init=False, repr=False)
    _bytes: int = field(default=0, init=False, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "split": self.split}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["folder"], state["split"])  # type: ignore[misc]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The pictures of this split in the order of the index."""
        if self.folder is None or not (self.folder / "index.json").is_file():
            return tuple(_entry(file, {}) for file in _package_pictures())
        rows = json.loads((self.folder / "index.json").read_text())
        found = tuple(_entry(self._path(row["file"]), row) for row in rows if row["split"] == self.split)
        return found or tuple(_entry(file, {}) for file in _package_pictures())

    @cached_property
    def cars(self) -> tuple[int, ...]:
        """Which entries are pictures of vehicles."""
        return tuple(number for number, entry in enumerate(self.entries) if entry.car)

    @cached_property
    def marked(self) -> tuple[int, ...]:
        """Which entries hold labelled plates."""
        return tuple(number for number, entry in enumerate(self.entries) if len(entry.plates))

    def photograph(self, number: int) -> Photograph | None:
        """The decoded picture of an entry, None where the file cannot be read."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return self._kept[number]
        picture = _read(self.entries[number])
        if picture is None:
            return None
        self._kept[number] = picture
        self._bytes += _size(picture)
        while self._bytes > MEMORY and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        return picture

    def _path(self, file: str) -> Path:
        assert self.folder is not None
        direct = self.folder / file
        return direct if direct.is_file() else self.folder / "images" / file


def _size(picture: Photograph) -> int:
    return sum(level.nbytes for level in picture.levels)


def _entry(file: Path, row: dict[str, Any]) -> Entry:
    return Entry(
        file,
        row.get("kind") == "car",
        np.asarray(row.get("plates", []), np.float32).reshape(-1, 4, 2),
        np.asarray(row.get("ignore", []), np.float32).reshape(-1, 4),
    )


def _package_pictures() -> list[Path]:
    found = find_spec("skimage")
    if found is None or found.origin is None:
        return []
    files = (Path(found.origin).parent / "data" / name for name in _INSIDE_PACKAGES)
    return [match for file in files for match in sorted(file.parent.glob(f"{file.name}.*"))]


def _read(entry: Entry) -> Photograph | None:
    image = cv2.imread(str(entry.file), cv2.IMREAD_COLOR)
    if image is None:
        return None
    scale = min(1.0, LONGEST / max(image.shape[:2]))
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    levels = [np.asarray(image, np.uint8)]
    while min(levels[-1].shape[:2]) >= 240 and len(levels) < 4:
        levels.append(np.asarray(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8))
    return Photograph(tuple(levels), entry.plates * scale, entry.ignore * scale, entry.car)


def drawn(rng: np.random.Generator, width: int, height: int) -> Image:
    """A made-up background: patches, bars and speckle in a few muted colours."""
    base = rng.uniform(20, 200, 3) * 0.3 + rng.uniform(20, 200) * 0.7
    coarse = base + rng.normal(0, rng.uniform(4, 40), (int(rng.integers(2, 9)), int(rng.integers(2, 9)), 3))
    image = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    for _ in range(int(rng.integers(0, 14))):
        shade = base * rng.uniform(0.2, 1.9) + rng.normal(0, 14, 3)
        box = rng.random((2, 2)) * (width, height)
        box[1] = box[0] + rng.uniform(0.03, 0.6, 2) * (width, height)
        corners = cv2.boxPoints((box.mean(axis=0).tolist(), np.abs(box[1] - box[0]).tolist(), rng.normal(0, 15)))
        cv2.fillPoly(image, [corners.astype(np.int32)], shade.tolist(), cv2.LINE_AA)
    if rng.random() < 0.6:
        grain = rng.normal(0, rng.uniform(2, 25), (height // 2, width // 2)).astype(np.float32)
        image += cv2.resize(grain, (width, height))[..., None]
    return np.clip(image, 0, 255).astype(np.uint8)
