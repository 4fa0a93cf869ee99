"""The networks' files: found inside installed packages, checked against their pinned hash, made fit for any size."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _

PICTURES = "vrijgave.pictures"
"""Name of the input of every network: uint8 ``(N, H, W, 3)``."""


class Loadable(Protocol):
    """A network's file, wherever it lies."""

    def __hash__(self) -> int:
        """The same for the same file, so that it is loaded once."""

    def load(self) -> bytes:
        """The checked file, made to take pictures. Raises ``ActionRequired`` when it is missing or altered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An ONNX file that an installed package carries."""

    name: str
    package: str
    file: str
    """Path within the package."""
    sha256: str
    outputs: int
    """How many of its outputs are used, from the first on; the others are not computed."""
    mean: float = 0.0
    """Taken off the grey levels ..."""
    scale: float = 1.0
    """... which are then multiplied by this."""
    measured: bool = False
    """Whether it can run in 8-bit integers: the values inside it were measured (``integers.py``)."""

    def load(self) -> bytes:
        """The checked file, for pictures of any size. Raises ``ActionRequired`` when it is missing or altered."""
        model = onnx.load_model_from_string(verified_bytes(packaged_model(self.package, self.file), self.sha256))
        list_pictures_only(model.graph)
        _free_size(model.graph, self.outputs)
        take_pictures(model.graph, self.mean, self.scale)
        return bytes(model.SerializeToString())


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


def _free_size(graph: onnx.GraphProto, outputs: int) -> None:
    """Leave batch, height and width open, and keep the first ``outputs`` outputs only."""
    del graph.output[outputs:]
    for values, suffix in ((graph.input, "in"), (graph.output, "out")):
        for value in values:
            dimensions = value.type.tensor_type.shape.dim
            for axis, name in ((0, "batch"), (2, f"height_{suffix}"), (3, f"width_{suffix}")):
                dimensions[axis].dim_param = name
    del graph.value_info[:]


def list_pictures_only(graph: onnx.GraphProto) -> None:
    """Take the weights out of the list of the graph's inputs, where older files have them too."""
    weights = {initializer.name for initializer in graph.initializer}
    for listed in [value for value in graph.input if value.name in weights]:
        graph.input.remove(listed)


def take_pictures(graph: onnx.GraphProto, mean: ArrayLike, scale: ArrayLike) -> None:
    """Let a graph of one input, float32 ``(N, 3, H, W)``, take uint8 pictures ``(N, H, W, 3)``: it then computes its
    numbers, (level - ``mean``) × ``scale``, itself, which costs less than handing them over."""
    (given,) = graph.input
    nodes = [helper.make_node("Transpose", [PICTURES], ["vrijgave.planes"], perm=[0, 3, 1, 2])]
    nodes.append(helper.make_node("Cast", nodes[-1].output, ["vrijgave.levels"], to=TensorProto.FLOAT))
    for kind, value, idle in (("Sub", mean, 0), ("Mul", scale, 1)):
        if np.any(np.asarray(value) != idle):
            channels = np.broadcast_to(np.asarray(value, np.float32), 3).reshape(1, 3, 1, 1)
            graph.initializer.append(numpy_helper.from_array(channels, f"vrijgave.{kind}.by"))
            nodes.append(helper.make_node(kind, [nodes[-1].output[0], f"vrijgave.{kind}.by"], [f"vrijgave.{kind}"]))
    nodes[-1].output[0] = given.name
    for i, node in enumerate(nodes):
        graph.node.insert(i, node)
    taken = helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, [None, None, None, 3])
    for axis, of in ((0, 0), (1, 2), (2, 3)):
        taken.type.tensor_type.shape.dim[axis].CopyFrom(given.type.tensor_type.shape.dim[of])
    graph.input.remove(given)
    graph.input.append(taken)
