"""What every detector offers, and how their ONNX models are found, checked and loaded."""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from vrijgave.domain.tracks import BoxArray, Detections, Image, ModelInfo, SubjectKind
from vrijgave.errors import ActionRequired
from vrijgave.i18n import _
from vrijgave.redaction.geometry import clipped, covered_shares, overlaps

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SILENT = 4  # ONNX Runtime's severity "fatal": its warnings about unused weights are of no use to a person
INSIDE = 0.8  # share of a box inside another one above which both mean the same subject
STRIDE = 32  # both networks halve the picture five times
Region = tuple[int, int, int, int]
"""Left, top, right, bottom of a part of a picture, in its pixels; right and bottom not included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Which frames are looked at: each ``every``-th one, or with ``between`` all others. Tracking fills the rest."""

    every: int = 1
    between: bool = False

    def includes(self, frame: int) -> bool:
        """Whether ``frame`` is looked at."""
        return (frame % self.every == 0) is not self.between

    def thinned(self) -> Cadence:
        """Half as often, for the second look: what shows, shows for longer than a frame or two."""
        return self if self.between else Cadence(every=self.every * 2)

    def __str__(self) -> str:
        return f"{'not ' if self.between else ''}every {self.every}"


EVERY_FRAME = Cadence()


class Detector(Protocol):
    """Finds one kind of subject in one picture."""

    @property
    def kind(self) -> SubjectKind:
        """What it finds."""

    @property
    def info(self) -> ModelInfo:
        """Model, its hash and the parameters in use."""

    @property
    def cadence(self) -> Cadence:
        """The frames it wants to see."""

    def detect(self, image: Image, region: Region | None = None) -> Detections:
        """Boxes in pixels of ``image`` (BGR, ``(H, W, 3)``), lowest useful scores included.

        With ``region`` only that part of the picture is looked at, at the scale that it has in the whole.
        """

    def rest(self) -> None:
        """Give back memory until the next picture."""

    def second_look(self) -> Detector:
        """Another scale, and scores that mean a recognisable subject: for the re-scan of a covered output."""


@contextmanager
def at_work(detectors: Sequence[Detector]) -> Iterator[None]:
    """Afterwards the detectors take no more memory than before."""
    try:
        yield
    finally:
        for detector in detectors:
            detector.rest()


def packaged_model(package: str, relative: str) -> Path:
    """Path of a model file inside an installed package, without importing that package.

    Raises ``ActionRequired`` when the package or the file is missing.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / relative
        if path.is_file():
            return path
    raise ActionRequired(
        "administrator",
        _("The model {file} is missing; install the package {package} again.").format(file=relative, package=package),
    )


def verified_bytes(path: Path, expected_sha256: str) -> bytes:
    """Content of a model file, refused with ``ActionRequired`` when its SHA-256 is not the pinned one."""
    content = path.read_bytes()
    if sha256(content).hexdigest() != expected_sha256:
        raise ActionRequired(
            "administrator",
            _("The model {file} is not the one that was tested; install the pinned package again.").format(
                file=path.name
            ),
        )
    return content


def with_free_size(content: bytes) -> bytes:
    """The model with batch, height and width left open and with its weights no longer listed as inputs."""
    model = onnx.load_model_from_string(content)
    graph = model.graph
    weights = {initializer.name for initializer in graph.initializer}
    for listed in [value for value in graph.input if value.name in weights]:
        graph.input.remove(listed)
    for values, suffix in ((graph.input, "in"), (graph.output, "out")):
        for value in values:
            dimensions = value.type.tensor_type.shape.dim
            for axis, name in ((0, "batch"), (2, f"height_{suffix}"), (3, f"width_{suffix}")):
                dimensions[axis].dim_param = name
    del graph.value_info[:]
    return bytes(model.SerializeToString())


class Network:
    """One ONNX Runtime session on all cores of the processor."""

    def __init__(self, content: bytes) -> None:
        onnxruntime.set_default_logger_severity(SILENT)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = SILENT
        options.intra_op_num_threads = usable_cores()
        options.inter_op_num_threads = 1
        # A plan of all intermediate results for each picture size takes twice the memory and saves no time.
        options.enable_mem_pattern = False
        # Between two frames the cores belong to decoding and tracking.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, blob: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """All outputs for ``blob`` float32 ``(1, 3, H, W)``, in the model's order."""
        outputs: list[Any] = self._session.run(None, {self._input: blob})
        return outputs

    def rest(self) -> None:
        """Give back the memory of past runs, which is kept for the next: several hundred MiB for a large picture."""
        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._session.run(None, {self._input: np.zeros((1, 3, STRIDE, STRIDE), np.float32)}, options)


@cache
def shared_network(package: str, relative: str, expected_sha256: str, *, free_size: bool) -> Network:
    """The network of a packaged model, loaded once for all detectors that use it."""
    content = verified_bytes(packaged_model(package, relative), expected_sha256)
    return Network(with_free_size(content) if free_size else content)


def usable_cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0))


def parameters(settings: DataclassInstance) -> dict[str, float | int | str]:
    """The settings of a detector as plain values, for the record of a run."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: value if isinstance(value, (int, float)) else str(value) for name, value in values.items()}


def input_size(width: int, height: int, scale: float) -> tuple[int, int]:
    """Width and height of the network's input for a picture enlarged by ``scale``: multiples of the stride."""
    return (
        max(STRIDE, round(width * scale / STRIDE) * STRIDE),
        max(STRIDE, round(height * scale / STRIDE) * STRIDE),
    )


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a network gets to see of a picture: ``image`` (BGR) with its top left corner at ``corner`` (x, y) of the
    whole picture brought to ``size`` (width, height)."""

    image: Image
    corner: tuple[int, int]
    size: tuple[int, int]

    def blob(self, *, scale: float, mean: float, rgb: bool) -> NDArray[np.float32]:
        """float32 ``(1, 3, H, W)``: (value - mean) × scale."""
        means = (mean, mean, mean)
        blob = cv2.dnn.blobFromImage(self.image, scale, mean=means, swapRB=rgb, crop=False)
        return np.asarray(blob, np.float32)

    def in_picture(self, xyxy: BoxArray, picture: Image) -> BoxArray:
        """Boxes in pixels of the view as boxes in pixels of the picture, cut to it."""
        height, width = picture.shape[:2]
        ratio = np.array([width / self.size[0], height / self.size[1]] * 2, np.float32)
        shifted = (xyxy + np.array(self.corner * 2, np.float32)) * ratio
        return clipped(shifted, width, height)


def view(picture: Image, scale: float, region: Region | None) -> View:
    """``picture``, or the part of it around ``region``, enlarged by ``scale`` to multiples of the stride."""
    height, width = picture.shape[:2]
    size = input_size(width, height, scale)
    whole = picture
    if (width, height) != size:
        kind = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
        whole = np.asarray(cv2.resize(picture, size, interpolation=kind), np.uint8)
    if region is None:
        return View(whole, (0, 0), size)
    # On the grid of the whole picture, so that a part gives what the whole gives there.
    x0, x1 = (v * size[0] / width / STRIDE for v in region[::2])
    y0, y1 = (v * size[1] / height / STRIDE for v in region[1::2])
    left, top, right, bottom = (int(v) * STRIDE for v in (x0, y0, math.ceil(x1), math.ceil(y1)))
    return View(np.ascontiguousarray(whole[top:bottom, left:right]), (left, top), size)


def non_maximum_suppression(xyxy: BoxArray, scores: NDArray[np.float32], overlap: float) -> NDArray[np.int64]:
    """Indices of the boxes that stay, best first.

    Of two that overlap by more than ``overlap`` (IoU) the better one stays, and a box that lies inside a better one
    goes: covering the better one covers it.
    """
    order = np.argsort(-scores, kind="stable")
    alike = (overlaps(xyxy, xyxy) > overlap) | (covered_shares(xyxy, xyxy) > INSIDE)
    kept: list[int] = []
    for i in order:
        if not alike[i, kept].any():
            kept.append(int(i))
    return np.asarray(kept, np.int64)
