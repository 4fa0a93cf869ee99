"""Builds the folder of real pictures that the plate detector is taught with, from local copies of their sources.

The repository holds no picture: ``sources.toml`` names where each comes from and under what licence, ``labels.json``
holds our own labels with the SHA-256 of every original file. ``python -m training.plates.gather FOLDER --clones DIR``
takes git directories (with or without a work tree) or unpacked packages, one a source, ``DIR/NAME-OF-THE-SOURCE``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from vrijgave.domain.tracks import Image
from vrijgave.errors import ActionRequired, UnreadableMedia, VrijgaveError

HERE = Path(__file__).parent
SOURCES = HERE / "sources.toml"
LABELS = HERE / "labels.json"
LONGEST = 1920
"""Longest side of a copy, in pixels; what is larger is scaled down, its labels are in the copy's pixels."""
QUALITY = 95
WHO = "developer"

Quad = tuple[tuple[float, float], ...]
"""Four points (x, y), clockwise from the plate's own top left."""
Area = tuple[float, float, float, float]
"""x0, y0, x1, y1."""


class Split(StrEnum):
    """What a source's pictures are for; a source is never in both."""

    TRAIN = "train"
    VALIDATION = "validation"


class Kind(StrEnum):
    """What a picture shows."""

    BACKGROUND = "background"
    CAR = "car"


class Form(StrEnum):
    """What a source's local copy is."""

    GIT = "git"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Source:
    """One place that pictures come from, and why they may be used."""

    name: str
    form: Form
    where: str
    version: str
    """Commit of a repository, version of a package."""
    licence: str
    split: Split
    images: int
    trust: str
    """Why the licence is believed to cover the pictures."""
    clone: str = ""
    """Folder under ``--clones``; the source's name if empty."""

    def at(self, path: str) -> str:
        """How the index names one of its files."""
        return f"{self.where}@{self.version}:{path}"


@dataclass(frozen=True, slots=True)
class Label:
    """One picture: a file of a source, or a frame of such a video, with what we marked on it."""

    file: str
    source: str
    path: str
    sha256: str
    """Of the original file's bytes."""
    kind: Kind
    seconds: float | None
    """Time of the frame, for a video: the first frame shown then or later."""
    plates: tuple[Quad, ...]
    ignore: tuple[Area, ...]


def read_sources(file: Path = SOURCES) -> dict[str, Source]:
    """All sources by name."""
    rows = tomllib.loads(file.read_text("utf-8"))["source"]
    sources = [Source(**{**row, "form": Form(row["form"]), "split": Split(row["split"])}) for row in rows]
    return {source.name: source for source in sources}


def read_labels(file: Path = LABELS) -> list[Label]:
    """All labels, in the file's order."""
    return [_label(row) for row in json.loads(file.read_text("utf-8"))]


def _label(row: dict[str, Any]) -> Label:
    quads = tuple(tuple((float(x), float(y)) for x, y in quad) for quad in row.get("plates", []))
    areas = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in row.get("ignore", []))
    return Label(
        row["file"], row["source"], row["path"], row["sha256"], Kind(row["kind"]), row.get("seconds"), quads, areas
    )


def original(source: Source, path: str, clones: Path) -> bytes:
    """The bytes of a source's file, from its local copy.

    Raises:
        ActionRequired: the copy, the commit or the file is not there.
    """
    folder = clones / (source.clone or source.name)
    if not folder.is_dir():
        raise ActionRequired(WHO, f"Put a copy of {source.where} into {folder}.")
    if source.form is Form.PACKAGE:
        file = folder / path
        if not file.is_file():
            raise ActionRequired(WHO, f"{file} is missing: unpack {source.where} {source.version} into {folder}.")
        return file.read_bytes()
    command = ["git", "-C", str(folder), "cat-file", "blob", f"{source.version}:{path}"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise ActionRequired(WHO, f"Fetch commit {source.version} of {source.where} into {folder}: it lacks {path}.")
    return done.stdout


def checked(label: Label, content: bytes) -> bytes:
    """The same bytes, if they are the ones that were labelled.

    Raises:
        ActionRequired: they are others.
    """
    if hashlib.sha256(content).hexdigest() != label.sha256:
        raise ActionRequired(WHO, f"{label.path} of {label.source} is not the file that was labelled; label it anew.")
    return content


def copy_of(label: Label, content: bytes) -> bytes:
    """The file for the folder: a JPEG of at most ``LONGEST`` pixels, the original's own bytes where they are that.

    Raises:
        UnreadableMedia: the original cannot be decoded, or the video ends before the wanted time.
    """
    picture = _still(label, content) if label.seconds is None else _frame(label, content, label.seconds)
    if label.seconds is None and content[:3] == b"\xff\xd8\xff" and max(picture.shape[:2]) <= LONGEST:
        return content
    return bytes(cv2.imencode(".jpg", _fitted(picture), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def _still(label: Label, content: bytes) -> Image:
    radiance = content.startswith(b"#?RADIANCE")
    flags = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR if radiance else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    if picture is None:
        raise UnreadableMedia(f"{label.path} of {label.source} is no picture that can be read.")
    return _exposed(picture) if radiance else np.asarray(picture, np.uint8)


def _exposed(radiance: NDArray[Any]) -> Image:
    """A photograph of linear light ``(H, W, 3)``: its brightest twentieth is white, gamma 2.2."""
    light = np.clip(radiance / max(float(np.percentile(radiance, 95)), 1e-6), 0, 1)
    return np.asarray(light ** (1 / 2.2) * 255, np.uint8)


def _frame(label: Label, content: bytes, seconds: float) -> Image:
    try:
        with av.open(io.BytesIO(content), "r") as video:
            for frame in video.decode(video=0):
                if frame.time is not None and frame.time >= seconds - 1e-3:
                    return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    except av.FFmpegError as error:
        raise UnreadableMedia(f"{label.path} of {label.source} is no video that can be read: {error}.") from error
    raise UnreadableMedia(f"{label.path} of {label.source} ends before {seconds} s.")


def _fitted(picture: Image) -> Image:
    height, width = picture.shape[:2]
    scale = LONGEST / max(height, width)
    if scale >= 1:
        return picture
    return np.asarray(cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA))


def entry(label: Label, source: Source, copy: bytes) -> dict[str, Any]:
    """The picture's row in the folder's ``index.json``."""
    row: dict[str, Any] = {
        "file": label.file,
        "source": source.at(label.path),
        "licence": source.licence,
        "sha256": hashlib.sha256(copy).hexdigest(),
        "kind": label.kind.value,
        "split": source.split.value,
        "plates": [[list(point) for point in quad] for quad in label.plates],
        "ignore": [list(area) for area in label.ignore],
    }
    return row if label.seconds is None else {**row, "seconds": label.seconds}


def gather(
    folder: Path,
    clones: Path,
    sources: dict[str, Source],
    labels: Iterable[Label],
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Writes ``folder/images`` and, last and at once, ``folder/index.json``. Returns the number of pictures."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    kept: tuple[tuple[str, str], bytes] | None = None
    for label in labels:
        source = sources.get(label.source)
        if source is None:
            raise ActionRequired(WHO, f"Add {label.source} to sources.toml: {label.file} comes from it.")
        key = (label.source, label.path)
        if kept is None or kept[0] != key:
            kept = key, original(source, label.path, clones)
        copy = copy_of(label, checked(label, kept[1]))
        (folder / "images" / label.file).write_bytes(copy)
        rows.append(entry(label, source, copy))
    part = folder / "index.json.part"
    part.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n", "utf-8")
    part.replace(folder / "index.json")
    tell(f"{len(rows)} pictures in {folder}")
    return len(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; an error is one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m training.plates.gather", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clones", type=Path, required=True, help="holds a folder for each source")
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--labels", type=Path, default=LABELS)
    given = parser.parse_args(arguments)
    try:
        gather(given.folder, given.clones, read_sources(given.sources), read_labels(given.labels), _say)
    except VrijgaveError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
