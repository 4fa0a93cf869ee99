"""Networks in 8-bit integers: OpenVINO computes convolutions in them where it is told which values to expect.

The values were measured once, by ``python -m benchmarks.ranges``; see docs/adr/0014-faces-in-8-bit-integers.md.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "ranges"
LEVELS = 256
LOWEST = -128 / 127
"""The least signed number as a share of the greatest."""
LEAST = 0.02
"""Share of the strongest channel that every channel is held to reach at least: some are weak in the pictures that were
measured and not in others."""
BALANCE = 0.6
"""How much of a channel's strength goes into its weights; 1: all of it, so that all channels have as many levels."""
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """Greatest magnitude of each channel of a tensor, ``(C,)``, and whether some values are below zero."""

    greatest: Values
    signed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """The values that the inputs of convolutions take, by name. Convolutions of other inputs stay as they are."""

    tensors: Mapping[str, Range]
    sha256: str
    """Of the file, for the record of a run."""

    @classmethod
    def load(cls, name: str) -> Ranges:
        """Those of the model ``name``, from the file beside this module."""
        content = (FOLDER / f"{name}.json").read_bytes()
        tensors = {
            tensor: Range(np.array(told["greatest"], np.float32), told["signed"])
            for tensor, told in json.loads(content).items()
        }
        return cls(tensors, sha256(content).hexdigest())

    @staticmethod
    def save(name: str, tensors: Mapping[str, Range]) -> Path:
        """Write what was measured, to three digits; returns the file."""
        told = {
            tensor: {"signed": r.signed, "greatest": [float(f"{v:.3g}") for v in r.greatest]}
            for tensor, r in tensors.items()
        }
        path = FOLDER / f"{name}.json"
        lines = [f"{json.dumps(tensor)}:{json.dumps(value, separators=(',', ':'))}" for tensor, value in told.items()]
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        return path


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a convolution's weights lie: their axis of input channels, and that of output channels."""

    given: int
    made: int


KINDS = {
    "Convolution": _Kind(given=1, made=0),
    "GroupConvolution": _Kind(given=0, made=0),  # depthwise: each channel for itself
    "ConvolutionBackpropData": _Kind(given=0, made=1),
}


def inputs_of_convolutions(model: Any) -> dict[str, list[Any]]:
    """The convolutions of an OpenVINO model by the name of the tensor that they read."""
    found: dict[str, list[Any]] = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() in KINDS:
            found.setdefault(min(node.input_value(0).get_names()), []).append(node)
    return found


def put_in_integers(model: Any, ranges: Ranges) -> None:
    """Round what the convolutions of an OpenVINO model read, and their weights, to 8 bits, so that it compiles them to
    sums of integers.

    A tensor that one convolution alone reads gets a step for each channel; the weights take up the difference.
    """
    for name, readers in inputs_of_convolutions(model).items():
        if name in ranges.tensors:
            _round(readers, ranges.tensors[name])
    model.validate_nodes_and_infer_types()


def _round(readers: list[Any], values: Range) -> None:
    source = readers[0].input_value(0)
    targets = list(source.get_target_inputs())
    # Grey levels are whole numbers already: they stay what they are.
    levels = source.get_node().get_type_name() == "Convert"
    alone = len(targets) == 1 and not levels
    greatest = np.float32(values.greatest.max())
    steps = _steps(readers[0], values.greatest) if alone else np.ones_like(values.greatest)
    # What is rounded has each channel's own range; what is read has one for all, the true one where others read it.
    given, told = (steps.reshape(1, -1, 1, 1), np.float32(1)) if alone else (greatest, greatest)
    lowest = np.float32(LOWEST if values.signed else 0)
    rounded = _quantised(source, (given * lowest, given), (told * lowest, told), LEVELS)
    for target in targets:
        target.replace_source_output(rounded)
    for reader in readers:
        _round_weights(reader, steps)


def _steps(reader: Any, greatest: Values) -> Values:
    """For each channel what it is divided by, at least its greatest value.

    Depthwise each channel can have all levels. Elsewhere strong weights ask for small values, and the other way round
    (Nagel et al. 2019, Xiao et al. 2023).
    """
    reach: Values = np.maximum(greatest, LEAST * greatest.max())
    if reader.get_type_name() == "GroupConvolution":
        return reach
    weights = np.abs(_weights(reader))
    strength: Values = weights.max(axis=_all_but(weights, KINDS[reader.get_type_name()].given))
    strength = np.maximum(strength, LEAST * strength.max())
    steps = reach**BALANCE / strength ** (1 - BALANCE)
    return np.asarray(steps * (reach / steps).max(), np.float32)


def _round_weights(reader: Any, steps: Values) -> None:
    """Weights times the steps of what they are multiplied with, in 255 levels for each output channel."""
    kind, weights = KINDS[reader.get_type_name()], _weights(reader)
    shape = [1] * weights.ndim
    shape[kind.given] = -1
    scaled = weights * steps.reshape(shape)
    most = np.abs(scaled).max(axis=_all_but(scaled, kind.made), keepdims=True)
    most = np.maximum(most, np.finfo(np.float32).tiny)
    opset = importlib.import_module("openvino.opset13")
    rounded = _quantised(opset.constant(scaled).output(0), (-most, most), (-most, most), LEVELS - 1)
    reader.input(1).replace_source_output(rounded)


def _weights(reader: Any) -> Values:
    node = reader.input_value(1).get_node()
    values = node if node.get_type_name() == "Constant" else node.input_value(0).get_node()
    return np.array(values.data, np.float32).reshape(node.get_output_shape(0))


def _all_but(values: Values, axis: int) -> tuple[int, ...]:
    return tuple(i for i in range(values.ndim) if i != axis)


def _quantised(source: Any, given: tuple[Any, Any], told: tuple[Any, Any], levels: int) -> Any:
    """The output that has ``source``, from ``given`` (least, greatest) to ``told``, in so many levels."""
    opset = importlib.import_module("openvino.opset13")
    ends = [opset.constant(np.asarray(end, np.float32)) for end in (*given, *told)]
    return opset.fake_quantize(source, *ends, levels).output(0)
