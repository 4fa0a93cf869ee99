"""The networks' files: found inside installed packages, checked against their pinned hash, made fit for any size."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import onnx

from vrijgave.errors import ActionRequired
from vrijgave.i18n import _


class Loadable(Protocol):
    """A network's file, wherever it lies."""

    def __hash__(self) -> int:
        """The same for the same file, so that it is loaded once."""

    def load(self) -> bytes:
        """The checked file. Raises ``ActionRequired`` when it is missing or altered."""


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

    def load(self) -> bytes:
        """The checked file, for pictures of any size. Raises ``ActionRequired`` when it is missing or altered."""
        return with_free_size(verified_bytes(packaged_model(self.package, self.file), self.sha256), self.outputs)


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


def with_free_size(content: bytes, outputs: int) -> bytes:
    """The model with batch, height and width left open, with its weights no longer listed as inputs and with its first
    ``outputs`` outputs only."""
    model = onnx.load_model_from_string(content)
    graph = model.graph
    list_pictures_only(graph)
    del graph.output[outputs:]
    for values, suffix in ((graph.input, "in"), (graph.output, "out")):
        for value in values:
            dimensions = value.type.tensor_type.shape.dim
            for axis, name in ((0, "batch"), (2, f"height_{suffix}"), (3, f"width_{suffix}")):
                dimensions[axis].dim_param = name
    del graph.value_info[:]
    return bytes(model.SerializeToString())


def list_pictures_only(graph: onnx.GraphProto) -> None:
    """Take the weights out of the list of the graph's inputs, where older files have them too."""
    weights = {initializer.name for initializer in graph.initializer}
    for listed in [value for value in graph.input if value.name in weights]:
        graph.input.remove(listed)
