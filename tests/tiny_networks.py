"""Tiny networks that find what is painted red, with their answer in any layout that a description can name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, numpy_helper

HEAD = '<ir_version: 8, opset_import: ["": 17]>\ntiny (float[1,3,{height},{width}] image) => ({outputs})\n{{{nodes}}}'
FIND = """
  redness = Conv(image, weights)
  mask_b = Greater(redness, half)
  mask = Cast<to = 1>(mask_b)
  across = ReduceMax<axes = [1, 2], keepdims = 0>(mask)
  down = ReduceMax<axes = [1, 3], keepdims = 0>(mask)
  score = ReduceMax<axes = [1], keepdims = 1>(across)
  none = Sub(score, score)
  one = Add(none, unit)
  middling = Mul(score, half)
"""
# Both sides follow from counting the pixels up to and from each one: the largest count under the mask.
EDGES = """
  same_{a} = Equal({m}, {m})
  ones_{a} = Cast<to = 1>(same_{a})
  upto_{a} = CumSum(ones_{a}, axis)
  from_{a} = CumSum<reverse = 1>(ones_{a}, axis)
  all_{a} = ReduceMax<axes = [1], keepdims = 1>(upto_{a})
  far_{a} = Mul({m}, upto_{a})
  near_{a} = Mul({m}, from_{a})
  {a}1 = ReduceMax<axes = [1], keepdims = 1>(far_{a})
  rest_{a} = ReduceMax<axes = [1], keepdims = 1>(near_{a})
  {a}0 = Sub(all_{a}, rest_{a})
  s{a}0 = Div({a}0, all_{a})
  s{a}1 = Div({a}1, all_{a})
  e{a} = Sub({a}1, {a}0)
  sum_{a} = Add({a}0, {a}1)
  c{a} = Div(sum_{a}, two)
"""
# Three rows: one of noughts, what was found, and one of noughts.
TABLE = """
  found_{name} = Concat<axis = 1>({columns})
  blank_{name} = Mul(found_{name}, nought)
  rows_{name} = Concat<axis = 0>(blank_{name}, found_{name}, blank_{name})
  {finish}
"""


@dataclass(frozen=True)
class Tiny:
    """A network that answers with tables. ``tables``: the columns of each output, of x0 y0 x1 y1, cx cy ex ey (centre
    and extent), sx0 sy0 sx1 sy1 (shares of the input), score, none, one and nan."""

    tables: Mapping[str, Sequence[str]]
    columns_first: bool = False
    flat: bool = False
    """``(rows, columns)``, and ``(rows,)`` for one column, as networks that suppress by themselves answer."""
    size: tuple[int, int] | None = None
    rgb: bool = True
    levels: float = 1.0
    """What white is given as."""

    def write(self, path: Path) -> str:
        """Write it as ONNX; gives the SHA-256."""
        nodes = FIND + EDGES.format(a="x", m="across") + EDGES.format(a="y", m="down")
        nodes += "\n  nan = Div(none, none)\n" + "".join(self._table(name) for name in self.tables)
        outputs = ", ".join(f"float[{self._dimensions(columns)}] {name}" for name, columns in self.tables.items())
        weights = np.array([1, -0.5, -0.5] if self.rgb else [-0.5, -0.5, 1], np.float32) / self.levels
        constants = {
            "weights": weights.reshape(1, 3, 1, 1), "half": np.float32(0.5), "two": np.float32(2),
            "nought": np.float32(0), "unit": np.float32(1), "axis": np.int64(1), "first": np.array([0], np.int64),
            "minus": np.array([-1], np.int64),
        }  # fmt: skip
        return save(nodes, outputs, constants, path, self.size)

    def _table(self, name: str) -> str:
        columns = self.tables[name]
        if self.flat:
            last = f"{name} = Reshape(rows_{name}, minus)" if len(columns) == 1 else f"{name} = Identity(rows_{name})"
        elif self.columns_first:
            last = f"turned_{name} = Transpose<perm = [1, 0]>(rows_{name})\n  {name} = Unsqueeze(turned_{name}, first)"
        else:
            last = f"{name} = Unsqueeze(rows_{name}, first)"
        return TABLE.format(name=name, columns=", ".join(columns), finish=last)

    def _dimensions(self, columns: Sequence[str]) -> str:
        if self.flat:
            return "N" if len(columns) == 1 else f"N,{len(columns)}"
        return f"1,{len(columns)},N" if self.columns_first else f"1,N,{len(columns)}"


def write_cells(path: Path, sides: Sequence[float], rgb: bool = False, levels: float = 255.0, cell: int = 4) -> str:
    """A network with ``heat``, the redness of each cell, and the same ``sides`` everywhere; gives the SHA-256."""
    nodes = f"""
      red = Conv<strides = [{cell}, {cell}]>(image, weights)
      heat = Clip(red, nought, unit)
      sides = Conv<strides = [{cell}, {cell}]>(image, nothing, lengths)
    """
    channels = np.array([1, -0.5, -0.5] if rgb else [-0.5, -0.5, 1], np.float32).reshape(1, 3, 1, 1)
    constants = {
        "weights": np.tile(channels, (1, 1, cell, cell)) / np.float32(levels * cell * cell),
        "nothing": np.zeros((4, 3, cell, cell), np.float32), "lengths": np.array(sides, np.float32),
        "nought": np.float32(0), "unit": np.float32(1),
    }  # fmt: skip
    return save(nodes, "float[1,1,h,w] heat, float[1,4,h,w] sides", constants, path, None)


def save(
    nodes: str, outputs: str, constants: Mapping[str, np.ndarray], path: Path, size: tuple[int, int] | None
) -> str:
    """Write the network of ``nodes`` and ``constants``; gives the SHA-256."""
    width, height = size or ("W", "H")
    model = onnx.parser.parse_model(HEAD.format(height=height, width=width, outputs=outputs, nodes=nodes))
    model.graph.initializer.extend(numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items())
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())
    return sha256(path.read_bytes()).hexdigest()


def external(path: Path) -> str:
    """Say in the file at ``path`` that its weights lie in another one; gives the SHA-256."""
    model = onnx.load(path)
    tensor = next(t for t in model.graph.initializer if t.name == "weights")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    path.write_bytes(model.SerializeToString())
    return sha256(path.read_bytes()).hexdigest()
