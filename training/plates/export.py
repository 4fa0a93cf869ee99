"""From a trained network to the ONNX file that the service runs: normalisation folded into the convolutions."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from training.plates.network import CELL, LONGEST, Block, PlateNetwork, Step

OPSET = 17


class Graph:
    """Collects the steps of an ONNX graph; each method answers with the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, value: NDArray[Any]) -> str:
        """A fixed tensor."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """One operation."""
        name = output or f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def convolution(self, x: str, weight: torch.Tensor, bias: torch.Tensor, stride: int) -> str:
        """With as much padding as keeps the size."""
        size = weight.shape[-1]
        names = [self.constant(tensor.detach().float().numpy()) for tensor in (weight, bias)]
        return self.node("Conv", x, *names, kernel_shape=[size, size], strides=[stride, stride], pads=[size // 2] * 4)

    def answer(self, x: str, layer: nn.Conv2d) -> str:
        """A last convolution, without normalisation."""
        return self.convolution(x, layer.weight, cast(torch.Tensor, layer.bias), 1)

    def step(self, x: str, step: Step) -> str:
        """A convolution with its normalisation, and the rectifier if there is one."""
        convolution, norm = cast(nn.Conv2d, step[0]), cast(nn.BatchNorm2d, step[1])
        mean, variance = cast(torch.Tensor, norm.running_mean), cast(torch.Tensor, norm.running_var)
        factor = norm.weight / torch.sqrt(variance + norm.eps)
        made = self.convolution(
            x, convolution.weight * factor[:, None, None, None], norm.bias - mean * factor, convolution.stride[0]
        )
        return self.node("Relu", made) if len(step) > 2 else made

    def block(self, x: str, block: Block) -> str:
        """Two convolutions beside a shortcut."""
        return self.node("Relu", self.node("Add", x, self.step(self.step(x, block.first), block.second)))

    def stage(self, x: str, stage: nn.Sequential) -> str:
        """A step, then blocks."""
        for part in stage:
            x = self.step(x, part) if isinstance(part, Step) else self.block(x, cast(Block, part))
        return x

    def doubled(self, x: str) -> str:
        """Twice as high and as wide."""
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.node(
            "Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )


def exported(network: PlateNetwork, note: str) -> bytes:
    """The network as an ONNX file for pictures of any size in multiples of 32.

    Input ``image`` float32 ``(1, 3, H, W)``, BGR, 0..255; outputs ``heat`` ``(1, 1, H/4, W/4)`` in 0..1 and ``sides``
    ``(1, 4, H/4, W/4)``: pixels from a cell's centre to left, top, right and bottom. ``note`` says how it was made.
    """
    g, n = Graph(), network.eval()
    # Zeros beyond the picture's edge mean mid-grey to the trained network: so the input is shifted before, not folded.
    middle, contrast = g.constant(np.array(127.5, np.float32)), g.constant(np.array(1 / 64, np.float32))
    x = g.node("Mul", g.node("Sub", "image", middle), contrast)
    c4 = g.stage(g.step(x, n.stem), n.quarter)
    c8 = g.stage(c4, n.eighth)
    c16 = g.stage(c8, n.sixteenth)
    c32 = g.stage(c16, n.thirtysecond)
    p16 = g.step(
        g.node("Add", g.step(c16, n.from_sixteenth), g.doubled(g.step(c32, n.from_thirtysecond))), n.join_sixteenth
    )
    p8 = g.step(g.node("Add", g.step(c8, n.from_eighth), g.doubled(p16)), n.join_eighth)
    p4 = g.step(g.step(g.node("Add", g.step(c4, n.from_quarter), g.doubled(p8)), n.join_quarter), n.head)
    g.node("Sigmoid", g.convolution(p4, n.heat.weight, cast(torch.Tensor, n.heat.bias), 1), output="heat")
    longest = g.constant(np.array(LONGEST, np.float32))
    distances = g.node(
        "Exp", g.node("Min", g.convolution(p4, n.sides.weight, cast(torch.Tensor, n.sides.bias), 1), longest)
    )
    g.node("Mul", distances, g.constant(np.array(CELL, np.float32)), output="sides")
    return _file(g, note)


def _file(g: Graph, note: str) -> bytes:
    def ends(name: str, channels: int, side: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(
            name, TensorProto.FLOAT, ["batch", channels, f"height_{side}", f"width_{side}"]
        )

    graph = helper.make_graph(
        g.nodes, "plates", [ends("image", 3, "in")], [ends("heat", 1, "out"), ends("sides", 4, "out")], g.weights
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="vrijgave", doc_string=note
    )
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
